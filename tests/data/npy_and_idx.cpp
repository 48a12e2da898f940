// SPDX-License-Identifier: MIT
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <ermine/data/blobs.hpp>
#include <ermine/data/map_npy.hpp>
#include <ermine/data/read_idx.hpp>
#include <ermine/data/read_npy.hpp>
#include <ermine/data/sequential.hpp>
#include <ermine/data/shuffle_to_npy.hpp>
#include <ermine/data/shuffled_once.hpp>
#include <ermine/data/sparse_power_law.hpp>
#include <ermine/data/targets.hpp>
#include <ermine/data/write_npy.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>

#include "ermine_catch.hpp"
#include "files.hpp"

using namespace ermine;
namespace fs = std::filesystem;

namespace {

// A literal with zeros in it.
template <std::size_t N>
std::string bytes(const char (&text)[N]) {
    return {text, N - 1};
}

// The place and sentence of the DataError that `call` ends with, without the name of the file.
std::string refusal(auto&& call) {
    try {
        call();
    } catch (const DataError& error) {
        const std::string text = error.what();
        REQUIRE(text.starts_with(error.file + ":"));
        CHECK(
            (error.byte < 0 || contains("byte " + std::to_string(error.byte) + ": ").match(text)));
        return text.substr(error.file.size() + 1);
    }
    return "accepted";
}

// Files that NumPy 1.24.2 has written.
const std::string f8_fortran =
    bytes("\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }") +
    std::string(59, ' ') +
    bytes(
        "\n\x00\x00\x00\x00\x00\x00\xf8?\x9a\x99\x99\x99\x99\x99\xb9?\x00\x00\x00\x00\x00\x00"
        "\x00\xc0\x00\x00\x00\x00\x00\x00\x00\x00"
        "5X\x00"
        "f-\xebQ~\x00\x00\x00\x00\x00\x00\x00\x80");
const std::string f4_rows =
    bytes("\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }") +
    std::string(58, ' ') +
    bytes("\n\x00\x00\xc0?\x00\x00\x00\xc0\x00\x00@@\x00\x00\x80>\x00\x00\x00\x00\x00\x00\x80?");
const std::string i4_big_endian_version_2 =
    bytes(
        "\x93NUMPY\x02\x00t\x00\x00\x00{'descr': '>i4', 'fortran_order': False, 'shape': (2, 2), "
        "}") +
    std::string(56, ' ') +
    bytes("\n\x00\x00\x00\x01\xff\xff\xff\xfe\x7f\xff\xff\xff\x80\x00\x00\x00");
const std::string u1_version_3 =
    bytes(
        "\x93NUMPY\x03\x00t\x00\x00\x00{'descr': '|u1', 'fortran_order': False, 'shape': (3,), "
        "}") +
    std::string(58, ' ') + bytes("\n\x00\x07\xff");
const std::string i8_list =
    bytes("\x93NUMPY\x01\x00v\x00{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }") +
    std::string(60, ' ') +
    bytes(
        "\n\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00"
        "\x00\x00\x00");
const std::string f8_big_endian_fortran =
    bytes("\x93NUMPY\x01\x00v\x00{'descr': '>f8', 'fortran_order': True, 'shape': (3, 2), }") +
    std::string(59, ' ') +
    bytes(
        "\n?\xf8\x00\x00\x00\x00\x00\x00@\x08\x00\x00\x00\x00\x00\x00@\x10\x00\x00\x00\x00\x00"
        "\x00\xc0\x00\x00\x00\x00\x00\x00\x00?\xb9\x99\x99\x99\x99\x99\x9a@\x14\x00\x00\x00\x00"
        "\x00\x00");

template <class T>
using Rowwise = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// An IDX file of the given type and dimensions.
std::string idx(char type, const std::vector<std::uint32_t>& dimensions, const std::string& data) {
    std::string text = bytes("\0\0") + type + static_cast<char>(dimensions.size());
    for (const std::uint32_t n : dimensions) {
        for (const int shift : {24, 16, 8, 0}) {
            text += static_cast<char>(n >> shift & 0xff);
        }
    }
    return text + data;
}

template <class Rows>
bool same_examples(const Dataset<Rows>& a, const Dataset<Rows>& b) {
    bool same = a.examples() == b.examples() && a.features() == b.features() &&
                a.targets() == b.targets() && a.weighted() == b.weighted() &&
                a.weights() == b.weights() && a.class_names() == b.class_names() &&
                a.feature_names() == b.feature_names();
    for (Index i = 0; same && i < a.examples(); ++i) {
        if constexpr (requires(const Rows& rows) { rows.columns; }) {
            const auto equal = [](auto x, auto y) { return std::ranges::equal(x, y); };
            same = equal(a.rows().row_values(i), b.rows().row_values(i)) &&
                   equal(a.rows().row_columns(i), b.rows().row_columns(i));
        } else {
            same = std::equal(a.rows().row(i), a.rows().row(i) + a.features(), b.rows().row(i));
        }
    }
    return same;
}

// The examples in the order of ShuffledOnce.
template <class Rows>
Dataset<Rows> shuffled(const Dataset<Rows>& data, std::uint64_t seed) {
    return data.select(ShuffledOnce{seed}.start(data.examples()).epoch.rows);
}

Dataset<DenseRows<float>> dense_floats(Index n = 13) {
    Rowwise<float> x(n, 3);
    Eigen::VectorXd y(n);
    for (Index i = 0; i < n; ++i) {
        const auto t = static_cast<double>(i);
        x.row(i) << static_cast<float>(std::sin(t)), static_cast<float>(t), 0.1f;
        y[i] = i % 2 == 0 ? 1 : -1;
    }
    return Dataset{x, y, Eigen::VectorXd::LinSpaced(n, 0, 2)}
        .with_class_names({"line\nbreak", "back\\slash"})
        .with_feature_names({"a", "", "c d"});
}

// Of four features the last has no entry, of the examples one has none.
Dataset<SparseRows<double>> sparse_doubles() {
    static const std::vector<double> values{0.5, -1e300, 0, 3, 0.1};
    static const std::vector<std::int32_t> columns{0, 2, 1, 0, 1};
    static const std::vector<std::int64_t> offsets{0, 2, 3, 3, 5};
    static const std::vector<double> targets{1, -1, 2.5, 0};
    return Dataset<SparseRows<double>>::view({values.data(), columns.data(), offsets.data(), 4, 4},
                                             targets.data());
}

}  // namespace

TEST_CASE("The checksum is that of gzip") {
    CHECK(Crc32::of("123456789") == 0xCBF43926U);
    std::string text;
    for (int k = 0; k < 70; ++k) {
        const auto theirs =
            ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
        CHECK(Crc32::of(text) == theirs);
        Crc32 parts;
        parts.add(std::string_view(text).substr(0, text.size() / 3));
        parts.add(std::string_view(text).substr(text.size() / 3));
        CHECK(parts.value() == theirs);
        text += static_cast<char>(37 * k + 200);
    }
}

TEST_CASE("Arrays that NumPy has written are read") {
    const Folder folder;
    const double nearest = 0.1f;
    const auto f8 = read_npy(folder.file(f8_fortran));
    CHECK(f8 == (Rowwise<double>(2, 3) << 1.5, -2, 3e300, 0.1, 0, -0.0).finished());
    CHECK(std::signbit(f8(1, 2)));
    CHECK(read_npy<float>(folder.file(f4_rows)) ==
          (Rowwise<float>(2, 3) << 1.5f, -2, 3, 0.25f, 0, 1).finished());
    CHECK(read_npy<float>(folder.file(f8_big_endian_fortran)).cast<double>() ==
          (Rowwise<double>(3, 2) << 1.5, -2, 3, nearest, 4, 5).finished());
    const Rowwise<int> integers =
        (Rowwise<int>(2, 2) << 1, -2, 2147483647, -2147483647 - 1).finished();
    CHECK(read_npy<int>(folder.file(i4_big_endian_version_2)) == integers);
    CHECK(read_npy(folder.file(i4_big_endian_version_2)) == integers.cast<double>());
    CHECK(read_npy(folder.file(u1_version_3)) == Eigen::Vector3d(0, 7, 255));
    CHECK(read_npy<std::int32_t>(folder.file(i8_list)) == Eigen::Vector3i(0, 2, 5));
    const std::string order = "{'shape' :(0,4) ,\"fortran_order\":False,'descr': '=i2'}\n";
    const Rowwise<double> none = read_npy(
        folder.file(bytes("\x93NUMPY\1\0") + static_cast<char>(order.size()) + '\0' + order));
    CHECK(none.rows() == 0);
    CHECK(none.cols() == 4);
}

TEST_CASE("Arrays are written as NumPy writes them") {
    const Folder folder;
    const std::string path = folder / "a.npy";
    const Eigen::MatrixXd columns = read_npy(folder.file(f8_fortran));
    write_npy(path, columns);
    CHECK(content(path) == f8_fortran);
    write_npy(path, read_npy<float>(folder.file(f4_rows)));
    CHECK(content(path) == f4_rows);
    write_npy(path, Eigen::Matrix<std::int64_t, 3, 1>(0, 2, 5));
    CHECK(content(path) == i8_list);
    // blocks, expressions and arrays
    const Eigen::MatrixXd big = Eigen::MatrixXd::Random(70, 90);
    write_npy(path, big.block(3, 4, 60, 80));
    CHECK(read_npy(path) == big.block(3, 4, 60, 80));
    write_npy(path, big.transpose() * 2);
    CHECK(read_npy(path) == 2 * big.transpose());
    write_npy(path, (big.array() > 0));
    CHECK(read_npy<int>(path) == (big.array() > 0).cast<int>().matrix());
    write_npy(path, big.row(5).cast<float>());
    CHECK(read_npy<float>(path) == big.row(5).transpose().cast<float>());
    const double odd = std::numeric_limits<double>::quiet_NaN();
    write_npy(path, Eigen::Vector2d(odd, -std::numeric_limits<double>::infinity()));
    CHECK(std::isnan(read_npy(path)(0, 0)));
    CHECK(std::isinf(read_npy(path)(1, 0)));
    write_npy(path, Eigen::MatrixXd(0, 4));
    CHECK(read_npy(path).cols() == 4);
    // big enough for the header's padding to change
    write_npy(path, Eigen::Matrix<std::uint8_t, -1, -1>::Zero(1000000, 1));
    CHECK(read_npy(path).rows() == 1000000);
    CHECK_THAT(refusal([&] { write_npy(folder / "no/such/a.npy", big); }),
               contains("cannot be written: No such file"));
    NpyWriter<float> unfinished(folder / "short.npy", {3});
    const float number = 1;
    unfinished.write({&number, 1});
    CHECK_THROWS_AS(unfinished.commit(), std::logic_error);
    CHECK(!fs::exists(folder / "short.npy"));
}

TEST_CASE("What is no array of numbers is refused with its byte") {
    const Folder folder;
    const auto refused = [&](const std::string& text) {
        return refusal([&] { read_npy(folder.file(text)); });
    };
    // A header of its own, with enough zeros behind it.
    const auto headed = [&](const std::string& dictionary, const std::string& numbers = {}) {
        std::string text = bytes("\x93NUMPY\1\0");
        text += static_cast<char>(dictionary.size() & 0xff);
        text += static_cast<char>(dictionary.size() >> 8);
        return refused(text + dictionary + numbers);
    };
    const auto shaped = [&](const std::string& shape, const std::string& numbers = {}) {
        return headed("{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }\n",
                      numbers);
    };
    const auto typed = [&](const std::string& type) {
        return headed("{'descr': " + type + ", 'fortran_order': False, 'shape': (1,), }\n");
    };
    CHECK_THAT(refusal([&] { read_npy(folder / "none.npy"); }), contains("cannot be opened"));
    CHECK_THAT(refusal([&] { read_npy(folder.path.string()); }), contains("no regular file"));
    CHECK_THAT(refusal([&] { read_npy("/dev/zero"); }), contains("no regular file"));
    CHECK_THAT(refused(""), contains("byte 0: this is no NumPy array file"));
    CHECK_THAT(refused("1 1:2\n"), contains("byte 0: this is no NumPy array file"));
    CHECK_THAT(refused(packed(f4_rows)), contains("byte 0: this is no NumPy array file"));
    CHECK_THAT(refused(bytes("\x93NUMPY\4\0v\0")), contains("byte 6: the version 4.0"));
    CHECK_THAT(refused(bytes("\x93NUMPY\1\1v\0")), contains("byte 6: the version 1.1"));
    CHECK_THAT(refused(bytes("\x93NUMPY\2\0\xff\xff\xff\xff{}")), contains("4294967295 bytes"));
    for (std::size_t length = 0; length < f8_fortran.size(); ++length) {
        CHECK(refused(f8_fortran.substr(0, length)) != "accepted");
    }
    CHECK_THAT(refused(f8_fortran.substr(0, 175)),
               contains("byte 175: the file is truncated: 48 bytes of numbers are announced, 47"));
    CHECK_THAT(refused(f8_fortran + 'x'), contains("byte 176: the file is too long"));
    CHECK_THAT(shaped("(-3,)"), contains("byte 61: the shape has a negative size, -3"));
    CHECK_THAT(shaped("(99999999999999999999,)"),
               contains("byte 61: the shape has a number beyond"));
    CHECK_THAT(shaped("(4294967296, 4294967296)"), contains("more numbers than any file"));
    CHECK_THAT(shaped("(1152921504606846976,)"), contains("more numbers than any file"));
    CHECK_THAT(shaped("(1000000000,)"), contains("the file is truncated"));
    CHECK_THAT(shaped("(9223372036854775807, 9223372036854775807, 0)"), contains("3 dimensions"));
    CHECK_THAT(shaped("()", std::string(8, '\0')), contains("0 dimensions; 1 and 2 are read"));
    CHECK_THAT(shaped("(1, 1, 1)", std::string(8, '\0')), contains("3 dimensions"));
    CHECK_THAT(shaped("(3)"), contains("a shape of one size is written (3,)"));
    CHECK_THAT(shaped("(3;)"), contains("a shape of one size is written (3,)"));
    CHECK_THAT(shaped("(1, 2; 3)"), contains("here should be )"));
    CHECK_THAT(shaped("(,)"), contains("here should be a size"));
    CHECK_THAT(shaped("3"), contains("here should be ("));
    CHECK_THAT(shaped("(1.5,)"), contains("damaged"));
    CHECK_THAT(typed("'<f2'"), contains("byte 20: elements of type '<f2' are not read"));
    CHECK_THAT(typed("'<c16'"), contains("'<c16' are not read"));
    CHECK_THAT(typed("'|O'"), contains("'|O' are not read"));
    CHECK_THAT(typed("'|f8'"), contains("'|f8' are not read"));
    CHECK_THAT(typed("'<i3'"), contains("'<i3' are not read"));
    CHECK_THAT(typed("'\n\xff!'"), contains("'?\?!' are not read"));
    CHECK_THAT(typed("[('a', '<f4')]"), contains("the array holds records"));
    CHECK_THAT(typed("None"), contains("here should be a text in quotes"));
    CHECK_THAT(headed("{'descr': '<f8', 'shape': (1,), }\n"), contains("it needs descr"));
    CHECK_THAT(headed("{'descr': '<f8', 'descr': '<f8', }\n"), contains("there twice"));
    CHECK_THAT(headed("{'descr': '<f8', 'order': 'C', }\n"), contains("no other key"));
    CHECK_THAT(headed("{'fortran_order': 1, }\n"), contains("here should be False"));
    CHECK_THAT(headed("{'descr': '<f8"), contains("here should be a text in quotes"));
    CHECK_THAT(headed("{'descr' '<f8'}"), contains("here should be :"));
    CHECK_THAT(headed("[]"), contains("byte 10: the header is damaged: here should be {"));
    CHECK_THAT(headed("{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}"),
               contains("behind } there are blanks and one line end"));
    CHECK_THAT(headed("{'descr': '<f8', 'fortran_order': False, 'shape': (0,)} os.system()\n"),
               contains("behind }"));
    // numbers that do not fit
    CHECK_THAT(refusal([&] { read_npy<float>(folder.file(f8_fortran)); }),
               contains("byte 160: 3000"));
    CHECK_THAT(refusal([&] { read_npy<int>(folder.file(f4_rows)); }),
               contains("byte 128: real numbers are not read as integers"));
    CHECK_THAT(refusal([&] { read_npy<std::int8_t>(folder.file(u1_version_3)); }),
               contains("byte 130: 255 does not fit into 8 bits"));
    CHECK_THAT(headed("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}\n", "\1\2"),
               contains("byte 67: a truth value is 0 or 1"));
}

TEST_CASE("IDX files of every type become dense rows") {
    const Folder folder;
    const std::string labels = folder.file(idx(8, {2}, bytes("\7\377")), "labels");
    const Rowwise<double> small = (Rowwise<double>(2, 2) << 1, 2, -3, 4).finished();
    struct Kind {
        char type;
        std::string data;
    };
    for (const auto& [type, data] : std::vector<Kind>{
             {9, bytes("\1\2\375\4")},
             {0x0B, bytes("\0\1\0\2\377\375\0\4")},
             {0x0C, bytes("\0\0\0\1\0\0\0\2\377\377\377\375\0\0\0\4")},
             {0x0D, bytes("\x3f\x80\0\0\x40\0\0\0\xc0\x40\0\0\x40\x80\0\0")},
             {0x0E, bytes("\x3f\xf0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\xc0\x08\0\0\0\0\0\0\x40\x10\0\0\0"
                          "\0\0\0")}}) {
        INFO(static_cast<int>(type));
        const std::string plain = idx(type, {2, 2}, data);
        for (const std::string& text :
             {plain, packed(plain), packed(plain.substr(0, 9)) + packed(plain.substr(9))}) {
            const auto read = read_idx(folder.file(text), labels);
            CHECK(read.rows().matrix() == small);
            CHECK(read.targets() == Eigen::Vector2d(7, 255));
        }
    }
    const std::string images = folder.file(idx(8, {2, 1, 3}, bytes("\0\1\2\377\4\5")), "images");
    CHECK(IdxReader::recognizes(images));
    CHECK(!IdxReader::recognizes(folder.file("1 1:2\n")));
    CHECK(!IdxReader::recognizes(folder.file(bytes("\0\0\10"))));
    CHECK(IdxReader(images).dimensions() == std::vector<std::int64_t>{2, 1, 3});
    const auto scaled = read_idx<float>(images, labels, {.scale = 1.0 / 255});
    CHECK(scaled.features() == 3);
    CHECK(scaled.rows().row(1)[0] == 1);
    CHECK(scaled.rows().row(0)[2] == static_cast<float>(2 * (1.0 / 255)));
    CHECK(read_idx(images, "").targets() == Eigen::Vector2d(0, 0));
    // more than a block of the reader
    std::string many(700001 * 2, '\1');
    const auto wide = read_idx<float>(folder.file(packed(idx(0x0B, {1, 700001}, many))),
                                      folder.file(idx(8, {1}, "\1"), "one"));
    CHECK(wide.features() == 700001);
    CHECK(wide.rows().row(0)[700000] == 257);
}

TEST_CASE("What is no IDX file is refused with its byte") {
    const Folder folder;
    const std::string labels = folder.file(idx(8, {2}, bytes("\0\1")), "labels");
    const auto refused = [&](const std::string& text) {
        return refusal([&] { read_idx(folder.file(text), labels); });
    };
    CHECK_THAT(refusal([&] { read_idx(folder / "none", labels); }), contains("cannot be opened"));
    CHECK_THAT(refusal([&] { read_idx(labels, folder / "none"); }), contains("cannot be opened"));
    CHECK_THAT(refusal([&] { read_idx(folder.path.string(), labels); }),
               contains("Is a directory"));
    CHECK_THAT(refused(""), contains("byte 0: the IDX file is truncated in its header"));
    CHECK_THAT(refused("1 1:2\n"), contains("byte 0: this is no IDX file"));
    CHECK_THAT(refused(bytes("\0\0\12\1\0\0\0\1x")), contains("byte 0: this is no IDX file"));
    CHECK_THAT(refused(bytes("\0\0\10\0x")), contains("byte 0: this is no IDX file"));
    const std::string fine = idx(0x0B, {2, 1, 2}, "abcdefgh");
    for (std::size_t length = 0; length < fine.size(); ++length) {
        for (const std::string& text : {fine.substr(0, length), packed(fine.substr(0, length)),
                                        packed(fine).substr(0, length)}) {
            CHECK(refused(text) != "accepted");
        }
    }
    CHECK_THAT(refused(fine.substr(0, 10)), contains("byte 10: the IDX file is truncated in its"));
    CHECK_THAT(refused(fine.substr(0, 23)), contains("truncated, or dimension 3, 2, is wrong"));
    CHECK_THAT(refused(packed(fine.substr(0, 23))),
               contains("byte 23: the IDX file is truncated: the header announces 4 numbers"));
    CHECK_THAT(refused(fine + '\0'),
               contains("byte 24: the IDX file goes on behind the 4 numbers"));
    CHECK_THAT(refused(packed(fine + '\0')), contains("byte 24: the IDX file goes on"));
    CHECK_THAT(refused(packed(fine).substr(0, 30)), contains("the .gz is truncated"));
    std::string flipped = packed(fine);
    flipped[flipped.size() - 7] ^= 1;
    CHECK_THAT(refused(flipped), contains("the .gz is corrupt: incorrect data check"));
    // dimensions that lie: no memory is taken for them
    CHECK_THAT(refused(idx(8, {0xffffffff, 1}, "ab")),
               contains("byte 4: dimension 1 is 4294967295; at most 2147483647"));
    CHECK_THAT(refused(idx(8, {0x7fffffff, 0x7fffffff, 0x7fffffff}, "ab")),
               contains("byte 4: the dimensions announce more numbers than the file has"));
    CHECK_THAT(refused(packed(idx(0x0E, {2, 0x7fffffff}, "ab"))),
               contains("byte 8: the dimensions announce more"));
    CHECK_THAT(refused(idx(8, {0, 2}, "")), contains("byte 4: the file has no examples"));
    CHECK_THAT(refused(idx(8, {3, 1}, "abc")),
               contains("byte 4: there are 2 labels, but 3 examples"));
    CHECK_THAT(refusal([&] { read_idx(labels, folder.file(fine)); }),
               contains("byte 3: labels have 1 dimension, this file has 3; are images and labels"));
    const std::string number = bytes("\x7f\xc0\0\0") + bytes("\x7f\x80\0\0");
    CHECK_THAT(refused(idx(0x0D, {2, 1}, bytes("\0\0\0\0") + number.substr(0, 4))),
               contains("byte 16: the number is NaN or infinite"));
    CHECK_THAT(refused(idx(0x0D, {2, 1}, number.substr(4) + bytes("\0\0\0\0"))),
               contains("byte 12: the number is NaN or infinite"));
    const std::string huge = idx(0x0E, {2}, bytes("\x7f\xe0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    CHECK_THAT(refusal([&] { read_idx<float>(folder.file(huge), labels); }),
               contains("is too large for a float"));
    CHECK_THROWS_WITH(read_idx(labels, labels, {.scale = 0}), contains("scale = 0"));
    CHECK_THROWS_WITH(read_idx(labels, labels, {.scale = std::nan("")}), contains("scale = "));
}

TEST_CASE("A store has the examples in the order of ShuffledOnce, and NumPy's arrays") {
    const Folder folder;
    const std::string path = folder / "made/for/it";
    const auto dense = dense_floats();
    shuffle_to_npy(dense, path, {.seed = 3});
    const auto mapped = map_npy<DenseRows<float>>(path);
    CHECK(same_examples(mapped, shuffled(dense, 3)));
    CHECK(!same_examples(mapped, shuffled(dense, 4)));
    CHECK(same_examples(std::get<0>(map_npy(path)), mapped));
    CHECK(read_npy<float>(path + "/X.npy") == mapped.rows().matrix());
    CHECK(read_npy(path + "/y.npy") == mapped.targets());
    CHECK(read_npy(path + "/weights.npy") == mapped.weights());
    CHECK(std::distance(fs::directory_iterator(path), {}) == 4);

    // the same folder again, with rows of another kind: the mapped examples stay
    const auto sparse = sparse_doubles();
    shuffle_to_npy(sparse, path, {.seed = 5});
    CHECK(same_examples(mapped, shuffled(dense, 3)));
    const auto csr = map_npy<SparseRows<double>>(path);
    CHECK(same_examples(csr, shuffled(sparse, 5)));
    CHECK(same_examples(std::get<3>(map_npy(path, {.verify = false})), csr));
    CHECK(csr.features() == 4);
    CHECK(read_npy(path + "/data.npy").size() == 5);
    CHECK(read_npy<std::int32_t>(path + "/indices.npy")(0, 0) == csr.rows().columns[0]);
    CHECK(read_npy<std::int64_t>(path + "/indptr.npy")(4, 0) == 5);
    CHECK(!fs::exists(path + "/X.npy"));
    CHECK(!fs::exists(path + "/weights.npy"));
    CHECK_THAT(refusal([&] { map_npy<DenseRows<double>>(path); }),
               contains("the store holds sparse rows of double"));
    CHECK_THAT(refusal([&] { map_npy<SparseRows<float>>(path); }), contains("rows of double"));

    // a store of itself
    shuffle_to_npy(csr, path, {.seed = 6});
    CHECK(same_examples(map_npy<SparseRows<double>>(path), shuffled(csr, 6)));
    const auto chosen = mapped.select(std::vector<std::int32_t>{2, 2});
    CHECK(chosen.rows().row(1)[1] == mapped.rows().row(2)[1]);
}

TEST_CASE("Passes over mapped examples give the same bits as in memory, batch by batch") {
    const Folder folder;
    const auto agree = [&](const auto& data, const auto& memory) {
        using Rows = std::remove_cvref_t<decltype(data.rows())>;
        const EmpiricalRisk here{Linear{data.features()}, LogisticLoss{}, data};
        const EmpiricalRisk there{Linear{data.features()}, LogisticLoss{}, memory};
        using V = Eigen::VectorXd;
        const V x = V::LinSpaced(data.features() + 1, -1, 1);
        V g(x.size());
        V h(x.size());
        CHECK(here.value_and_gradient(x, g) == there.value_and_gradient(x, h));
        CHECK(g == h);
        const auto unordered = std::get<Dataset<Rows>>(map_npy(folder / "store"));
        CHECK(unordered.rows().values != data.rows().values);  // two mappings
        Sequential::State consecutive = Sequential{}.start(data.examples());
        Sequential::State again = Sequential{}.start(data.examples());
        for (int round = 0; round < 40; ++round) {
            CHECK(here.value_and_gradient(x, Sequential{}.draw(consecutive, 64), g) ==
                  there.value_and_gradient(x, Sequential{}.draw(again, 64), h));
            CHECK(g == h);
        }
    };
    const auto points = binary_targets(blobs({.examples = 1000, .features = 7, .classes = 2}));
    shuffle_to_npy(points, folder / "store", {.seed = 11});
    agree(map_npy<DenseRows<double>>(folder / "store"), shuffled(points, 11));
    // consecutive minibatches of the store are those of ShuffledOnce over the original
    const EmpiricalRisk stored{Linear{7}, LogisticLoss{},
                               map_npy<DenseRows<double>>(folder / "store")};
    const EmpiricalRisk original{Linear{7}, LogisticLoss{}, points};
    const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(8, -1, 1);
    Eigen::VectorXd g(8);
    Eigen::VectorXd h(8);
    Sequential::State consecutive = Sequential{}.start(1000);
    ShuffledOnce::State order = ShuffledOnce{11}.start(1000);
    for (int round = 0; round < 20; ++round) {
        CHECK(stored.value_and_gradient(x, Sequential{}.draw(consecutive, 64), g) ==
              Approx(original.value_and_gradient(x, ShuffledOnce{}.draw(order, 64), h))
                  .epsilon(1e-14));
        CHECK((g - h).norm() <= 1e-14);
    }
    const auto words = sparse_power_law({.examples = 500, .features = 300}).data;
    shuffle_to_npy(words, folder / "store", {.seed = 2});
    agree(map_npy<SparseRows<double>>(folder / "store"), shuffled(words, 2));
}

TEST_CASE("A store that was altered in any byte or cut is refused") {
    const Folder folder;
    const std::string path = folder / "store";
    const auto each = [&] {
        std::size_t accepted = 0;
        for (const auto& entry : fs::directory_iterator(path)) {
            const std::string file = entry.path().string();
            const std::string whole = content(file);
            INFO(file);
            const auto is_refused = [&](const std::string& text) {
                std::ofstream(file, std::ios::binary) << text;
                const std::string sentence = refusal([&] { map_npy(path); });
                accepted += sentence == "accepted";
            };
            for (std::size_t k = 0; k < whole.size(); ++k) {
                std::string altered = whole;
                altered[k] = static_cast<char>(altered[k] ^ 1 << (k % 8));
                is_refused(altered);
                if (k % 8 == 0) {
                    is_refused(whole.substr(0, k));
                }
            }
            is_refused(whole + '\0');
            fs::remove(file);
            CHECK(refusal([&] { map_npy(path); }) != "accepted");
            std::ofstream(file, std::ios::binary) << whole;
            CHECK(refusal([&] { map_npy(path); }) == "accepted");
        }
        CHECK(accepted == 0);
    };
    shuffle_to_npy(dense_floats(3), path);
    each();
    std::string x = content(path + "/X.npy");
    x[x.size() - 1] ^= 1;
    std::ofstream(path + "/X.npy", std::ios::binary) << x;
    CHECK_THAT(refusal([&] { map_npy(path); }),
               contains("was altered since the store was written: its checksum is"));
    CHECK(refusal([&] { map_npy(path, {.verify = false}); }) == "accepted");
    std::ofstream(path + "/X.npy", std::ios::binary) << x.substr(1);
    CHECK_THAT(refusal([&] { map_npy(path, {.verify = false}); }),
               contains("was altered: it has 163 bytes, and had 164"));
    fs::remove(path + "/X.npy");
    CHECK_THAT(refusal([&] { map_npy(path); }), contains("cannot be opened: No such file"));
    shuffle_to_npy(sparse_doubles(), path);
    each();

    CHECK_THAT(refusal([&] { map_npy(folder / "none"); }), contains("the folder does not exist"));
    CHECK_THAT(refusal([&] { map_npy(folder.file("")); }), contains("is no folder"));
    CHECK_THAT(refusal([&] { map_npy(folder.path.string()); }), contains("it has no store.txt"));
    std::ofstream(path + "/store.txt") << "ermine store 2\ncrc32 00000000\n";
    CHECK_THAT(refusal([&] { map_npy(path); }), contains("of a later version than 1"));
    std::ofstream(path + "/store.txt") << "words\n";
    CHECK_THAT(refusal([&] { map_npy(path); }), contains("does not describe a store"));
    const auto lines = [&](const std::string& text) {
        const std::string all = "ermine store 1\n" + text;
        std::ofstream(path + "/store.txt")
            << all << "crc32 " << StoreManifest::hex(Crc32::of(all)) << '\n';
        return refusal([&] { map_npy(path); });
    };
    CHECK_THAT(lines("rows dense\nexamples -1\n"), contains("this line is not understood"));
    CHECK_THAT(lines("rows dense\nexamples 99999999999999999999\n"), contains("not understood"));
    CHECK_THAT(lines("rows dense\nexamples 99999999999\n"),
               contains("a store has 1 to 2147483647"));
    CHECK_THAT(lines("rows dense\nexamples 0\n"), contains("a store has 1 to 2147483647"));
    CHECK_THAT(lines("rows dense\nexamples 3\n"), contains("does not list the file X.npy"));
    CHECK_THAT(lines("rows dense\nfeatures -3\n"), contains("not understood"));
    CHECK_THAT(lines("colour red\n"), contains("not understood"));
    CHECK_THAT(lines("complete no\n"), contains("the store was not finished"));
}

TEST_CASE("A store whose files agree with their checksums, but not with one another, is refused") {
    const Folder folder;
    const std::string path = folder / "store";
    shuffle_to_npy(sparse_doubles(), path);
    const StoreManifest before = StoreManifest::read(path);
    const auto replaced = [&](const std::string& name, const auto& array, bool verify = true) {
        shuffle_to_npy(sparse_doubles(), path);
        write_npy(path + '/' + name, array);
        StoreManifest manifest = before;
        const std::string text = content(path + '/' + name);
        for (auto& file : manifest.files) {
            if (file.name == name) {
                file = {name, static_cast<std::int64_t>(text.size()), Crc32::of(text)};
            }
        }
        manifest.write(path);
        return refusal([&] { map_npy(path, {.verify = verify}); });
    };
    using Offsets = Eigen::Matrix<std::int64_t, 5, 1>;
    using Columns = Eigen::Matrix<std::int32_t, 5, 1>;
    CHECK_THAT(replaced("indptr.npy", Offsets(0, 2, 1, 3, 5)), contains("not decrease"));
    CHECK_THAT(replaced("indptr.npy", Offsets(-1, 2, 3, 3, 5), false), contains("begin with 0"));
    CHECK_THAT(replaced("indptr.npy", Offsets(0, 2, 3, 3, 6)), contains("of another shape"));
    CHECK_THAT(replaced("indptr.npy", Eigen::Vector3d(0, 2, 3)), contains("of type <f8"));
    CHECK_THAT(replaced("indices.npy", Columns(0, 1, 2, 3, 4)), contains("entry 4 is column 4"));
    CHECK_THAT(replaced("indices.npy", Columns(0, 1, -2, 3, 1)), contains("column -2"));
    CHECK_THAT(replaced("indices.npy", Columns(0, 1, 2, 3, 1).transpose().replicate(2, 1).eval()),
               contains("of another shape or order"));
    CHECK_THAT(replaced("y.npy", Eigen::Vector4d(1, 2, std::nan(""), 0)),
               contains("targets must be finite"));
    CHECK_THAT(replaced("y.npy", Eigen::Vector3d(1, 2, 0)), contains("of another shape"));
    StoreManifest named = before;
    shuffle_to_npy(sparse_doubles(), path);
    named.feature_names = {"one"};
    named.write(path);
    CHECK_THAT(refusal([&] { map_npy(path); }), contains("1 feature names for 4 features"));
}

TEST_CASE("A store is not written over the files of others, nor left half written") {
    const Folder folder;
    const std::string path = folder / "store";
    fs::create_directory(path);
    std::ofstream(path + "/X.npy") << "mine";
    const auto data = dense_floats();
    CHECK_THAT(refusal([&] { shuffle_to_npy(data, path); }), contains("would be replaced"));
    CHECK(content(path + "/X.npy") == "mine");
    fs::remove(path + "/X.npy");
    CHECK_THAT(refusal([&] { shuffle_to_npy(data, folder.file("text")); }),
               contains("is no folder"));
    CHECK_THAT(refusal([&] { shuffle_to_npy(data, folder / "file/below"); }),
               contains("is no folder"));

    const auto old = shuffled(data, 1);
    shuffle_to_npy(data, path, {.seed = 1});
    Rowwise<double> x = Rowwise<double>::Ones(3, 2);
    x(1, 1) = std::numeric_limits<double>::infinity();
    const Eigen::VectorXd y = Eigen::VectorXd::Ones(3);
    CHECK_THROWS_WITH(shuffle_to_npy(borrow(x, y), path),
                      contains("a feature of example 2 is inf"));
    CHECK(same_examples(map_npy<DenseRows<float>>(path), old));

    // No room on the disk, wherever it ends: the old store stays.
    const auto bigger = blobs({.examples = 3000, .features = 20});
    for (const rlim_t room : {0U, 1000U, 24128U, 300000U, 480127U}) {
        const pid_t child = fork();
        if (child == 0) {
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{room, room};
            setrlimit(RLIMIT_FSIZE, &limit);
            try {
                shuffle_to_npy(bigger, path, {.seed = 2});
            } catch (const DataError&) {
                _exit(17);
            }
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        CHECK(WEXITSTATUS(status) == 17);
        CHECK(std::distance(fs::directory_iterator(path), {}) == 4);
        CHECK(same_examples(map_npy<DenseRows<float>>(path), old));
    }

    // Killed at any moment: the one store, the other, or none; and it can be written again.
    const auto other = shuffled(bigger, 2);
    for (int k = 0; k < 10; ++k) {
        const pid_t child = fork();
        if (child == 0) {
            for (;;) {
                shuffle_to_npy(bigger, path, {.seed = 2});
                shuffle_to_npy(data, path, {.seed = 1});
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(3 + 5 * k));
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        CHECK(WIFSIGNALED(status));
        const std::string sentence = refusal([&] {
            const MappedData found = map_npy(path);
            CHECK((std::holds_alternative<Dataset<DenseRows<float>>>(found)
                       ? same_examples(std::get<0>(found), old)
                       : same_examples(std::get<1>(found), other)));
        });
        CHECK((sentence == "accepted" || contains("the store was not finished").match(sentence)));
    }
    shuffle_to_npy(data, path, {.seed = 1});
    CHECK(same_examples(map_npy<DenseRows<float>>(path), old));
    CHECK(std::distance(fs::directory_iterator(path), {}) == 4);
}

TEST_CASE("MNIST is read, stored and mapped", "[real]") {
    const char* const root = std::getenv("ERMINE_DATA_DIR");
    if (root == nullptr || !fs::exists(fs::path(root) / "mnist")) {
        WARN("skipped: ERMINE_DATA_DIR does not name a folder with mnist/");
        return;
    }
    const auto data =
        read_idx<float>((fs::path(root) / "mnist/t10k-images-idx3-ubyte.gz").string(),
                        (fs::path(root) / "mnist/t10k-labels-idx1-ubyte.gz").string());
    CHECK(data.examples() == 10000);
    CHECK(data.features() == 784);
    // by NumPy: images.sum(), bincount(labels)
    CHECK(data.rows().matrix().cast<double>().sum() == 264923200);
    const std::vector<Index> counts{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};
    for (int digit = 0; digit < 10; ++digit) {
        CHECK((data.targets().array() == digit).count() == counts[static_cast<std::size_t>(digit)]);
    }
    const Folder folder;
    shuffle_to_npy(data, folder.path.string(), {.seed = 7});
    CHECK(same_examples(map_npy<DenseRows<float>>(folder.path.string()), shuffled(data, 7)));
}
