// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/data/read_libsvm.hpp>
#include <ermine/numerics/random.hpp>

#include "ermine_catch.hpp"
#include "files.hpp"

using namespace ermine;

namespace {

void on_threads(const std::vector<int>& counts, const auto& act) {
#ifdef _OPENMP
    const int before = omp_get_max_threads();
    for (const int count : counts) {
        omp_set_num_threads(count);
        act();
    }
    omp_set_num_threads(before);
#else
    act();
#endif
}

template <class T>
struct Expected {
    std::vector<T> values;
    std::vector<std::int32_t> columns;
    std::vector<std::int64_t> offsets{0};
    std::vector<double> targets;
};

// By the general reader of lines, one after the other.
template <class T>
Expected<T> line_by_line(const std::string& text) {
    Expected<T> all;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t feed = std::min(text.find('\n', at), text.size());
        const bool carriage = feed > at && text[feed - 1] == '\r';
        const std::string_view line(text.data() + at, feed - at - (carriage ? 1 : 0));
        std::vector<T> values(line.size());
        std::vector<std::int32_t> columns(line.size());
        LibsvmLine<T> example{values.data(), columns.data()};
        const auto trouble = example.read(line, {.skip_query_ids = true});
        REQUIRE_FALSE(trouble);
        at = feed + 1;
        if (example.blank) continue;
        const auto count = static_cast<std::ptrdiff_t>(example.entries);
        all.values.insert(all.values.end(), values.begin(), values.begin() + count);
        all.columns.insert(all.columns.end(), columns.begin(), columns.begin() + count);
        all.offsets.push_back(static_cast<std::int64_t>(all.values.size()));
        all.targets.push_back(example.target);
    }
    return all;
}

template <class T>
bool same(const Dataset<SparseRows<T>>& data, const Expected<T>& all) {
    const auto bytes = [](const auto* a, const auto& b) {
        return b.empty() || std::memcmp(a, b.data(), b.size() * sizeof b[0]) == 0;
    };
    return data.examples() == static_cast<Index>(all.targets.size()) &&
           data.rows().nonzeros() == static_cast<Index>(all.values.size()) &&
           bytes(data.rows().values, all.values) && bytes(data.rows().columns, all.columns) &&
           bytes(data.rows().offsets, all.offsets) && bytes(data.targets().data(), all.targets);
}

// A number in one of the forms that files have: short and long, with and without a point.
std::string number(Random& random) {
    static const char* const odd[] = {
        "1e-5",    "-2.5E+3", "+7",     ".5",       "5.",
        "-0",      "-0.0",    "1e-999", "16777217", "16777216.5",
        "0.1e1",   "+.25",    "007",    "99999999", "123456789012345678",
        "4.9e-324"};
    const auto kind = random.below(8);
    if (kind == 0) return odd[random.below(std::size(odd))];
    std::string text = random.below(3) == 0 ? "-" : "";
    const auto digits = [&](std::uint64_t most) {
        for (std::uint64_t k = 1 + random.below(most); k > 0; --k)
            text += static_cast<char>('0' + random.below(10));
    };
    digits(kind == 1 ? 20 : kind < 4 ? 1 : 8);
    if (random.below(4) != 0) {
        text += '.';
        digits(kind == 2 ? 20 : 9);
    }
    return text;
}

// About 1.2 MB, that is five chunks: comments, empty lines, both line ends, tabs, query ids, lines
// of one word and one of 300 KB.
std::string mixed_lines() {
    Random random(5);
    std::string text;
    for (int i = 0; text.size() < 1200000; ++i) {
        const auto kind = random.below(40);
        const char* const end = random.below(5) == 0 ? "\r\n" : "\n";
        if (kind == 0) {
            text += std::string("# a comment: with 3:4 in it") + end;
            continue;
        }
        if (kind == 1) {
            text += end;
            continue;
        }
        text += number(random);
        std::uint64_t index = 0;
        const std::uint64_t words = i == 900 ? 30000 : random.below(12);
        for (std::uint64_t k = 0; k < words; ++k) {
            index += 1 + random.below(random.below(9) == 0 ? 30000000 / (words + 1) : 20);
            text += random.below(30) == 0 ? "\t" : " ";
            text += std::to_string(index) + ':' + number(random);
        }
        if (kind == 2) text += " qid:7";
        if (kind == 3) text += "  # behind";
        if (kind == 4) text += " ";
        text += end;
    }
    return text;
}

std::string error_of(const std::string& path) {
    try {
        read_libsvm(path);
    } catch (const DataError& error) {
        return std::string(error.what()).substr(path.size());
    }
    return "accepted";
}

}  // namespace

TEST_CASE("A LIBSVM file is read in chunks to the same bits as line by line") {
    const Folder folder;
    const std::string text = mixed_lines();
    const LibsvmFormat format{.skip_query_ids = true};
    const auto expected = line_by_line<double>(text);
    const auto in_float = line_by_line<float>(text);
    const std::string plain = folder.file(text);
    const std::string gzip = folder.file(packed(text));
    on_threads({1, 2, 3}, [&] {
        CHECK(same(read_libsvm(plain, format), expected));
        CHECK(same(read_libsvm<float>(plain, format), in_float));
        CHECK(same(read_libsvm(gzip, format), expected));
    });
    // the end of the file anywhere near the end of a line, and pages that end with it
    for (std::size_t back = 1; back < 30; ++back) {
        const std::string cut = text.substr(0, text.rfind('\n') + 1) + std::string(back, ' ') + "1";
        CHECK(same(read_libsvm(folder.file(cut), format), line_by_line<double>(cut)));
    }
    std::string page = "1 1:0.5\n";
    while (page.size() < 4096) page += "1 1:0.5\n";
    CHECK(read_libsvm(folder.file(page)).examples() == 512);
    page.back() = '1';
    CHECK(read_libsvm(folder.file(page)).rows().values[511] == 0.51);
}

TEST_CASE("A LIBSVM file of several blocks of packed text is joined in order") {
    const Folder folder;
    std::string text = "\xEF\xBB\xBF";
    const std::string line = "1" + std::string(1000, ' ') + "2:1\n";
    while (text.size() < 9000000) text += line;
    text += "-1 3:" + std::string(9000000, '0') + "1 7:5\n-1 1:2";
    const auto data = read_libsvm(folder.file(packed(text)));
    const Index n = data.examples();
    CHECK(n == static_cast<Index>(9000000 / line.size()) + 3);
    CHECK(data.features() == 7);
    CHECK(data.rows().nonzeros() == n + 1);
    CHECK(data.rows().values[n - 2] == 1);
    CHECK(data.rows().values[n - 1] == 5);
    CHECK(data.rows().values[n] == 2);
    CHECK(data.targets()[n - 1] == -1);
    CHECK(data.targets().head(n - 2).minCoeff() == 1);
}

TEST_CASE("The first line that is wrong is told by its number, whatever chunk it is in") {
    const Folder folder;
    std::string lines;
    for (int i = 0; i < 100000; ++i) lines += "1 2:0.5\r\n";
    const auto with = [&](std::size_t line, const std::string& wrong, std::string text) {
        text.replace(9 * line, 7, wrong);
        return text;
    };
    const std::string one = with(60000, "1 0:0.5", lines);
    const std::string two = with(99999, "1 2:x.5", one);
    on_threads({1, 2, 4}, [&] {
        for (const std::string& text : {one, two, packed(two)})
            CHECK_THAT(error_of(folder.file(text)), contains(":60001:3: the index is 0"));
        CHECK_THAT(error_of(folder.file(with(99999, "1 2:x.5", lines))),
                   contains(":100000:5: the value 'x.5' of index '2'"));
        CHECK_THAT(error_of(folder.file(lines + "1 2:1 1:0")), contains(":100001:7: the index"));
    });
    const std::string half = packed(lines + mixed_lines()).substr(0, 2000);
    const std::string error = error_of(folder.file(half));
    CHECK_THAT(error, contains("truncated"));
    CHECK(error[1] != ' ');  // with the line that it is in
}

TEST_CASE("Short decimals are read exactly, or not at all") {
    const auto read = [](std::string text, double& value) {
        text.resize(text.size() + 8, '\0');
        const char* const end = short_decimal(text.c_str(), value);
        return end == nullptr ? -1 : static_cast<int>(end - text.c_str());
    };
    double value = 0;
    CHECK((read("0.1 ", value) == 3 && value == 0.1));
    CHECK((read("-12.5e3", value) == 5 && value == -12.5));
    CHECK((read("+7", value) == 2 && value == 7));
    CHECK((read("1234567.12345678", value) == 16 && value == 1234567.12345678));
    CHECK((read("0.042341108309521", value) == 17 && value == 0.042341108309521));
    CHECK((read("-0", value) == 2 && std::signbit(value)));
    for (const char* text : {"", "-", ".", "+.", "x", "12345678", "0.0423411083095212345",
                             "9999999.99999999999", "--1", " 1"})
        CHECK(read(text, value) == -1);
    std::string longer = "0.1234567";
    longer.resize(20, '\0');
    float single = 0;
    CHECK(short_decimal(longer.c_str(), single) != nullptr);
    CHECK(single == 0.1234567f);
    longer[9] = '8';
    longer[10] = '9';
    CHECK(short_decimal(longer.c_str(), single) == nullptr);
}
