// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ermine/data/data_error.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/line_reader.hpp>
#include <ermine/data/parse_number.hpp>
#include <ermine/data/sparse_rows.hpp>

namespace ermine {

/// How to read a LIBSVM file.
struct LibsvmFormat {
    /// Number of features d; an index above it is refused. 0: the largest index in the file.
    Index features = 0;
    /// Ranking files put `qid:7` behind the label. They are refused unless it may be left out.
    bool skip_query_ids = false;
};

/// Reads a file of LIBSVM (svmlight) format, plain or gzip:
///
///     label index:value index:value …   # comment
///
/// Indices count from 1 and increase within a line; index i becomes column i - 1. Zeros that are
/// written are stored. A line may have a label alone; empty lines and comments are skipped.
/// Labels are numbers and become the targets as they are. Chang & Lin, "LIBSVM: a library for
/// support vector machines", ACM TIST 2, 2011.
///
/// Throws DataError with line and column for anything else: a label or value that is no finite
/// number, an index that is 0, above 2^31 - 1, repeated or out of order; for a file without
/// examples, or one that cannot be read.
template <class T = double>
Dataset<SparseRows<T>> read_libsvm(const std::string& path, const LibsvmFormat& format = {}) {
    struct Memory {
        std::vector<T> values;
        std::vector<std::int32_t> columns;
        std::vector<std::int64_t> offsets{0};
        std::vector<double> targets;
    };
    constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();
    if (format.features < 0 || format.features > largest) {
        throw std::invalid_argument("LibsvmFormat: features = " + std::to_string(format.features) +
                                    "; give 0 (take the largest index) to 2147483647");
    }
    const std::int64_t limit = format.features > 0 ? format.features : largest;

    LineReader reader(path);
    auto memory = std::make_shared<Memory>();
    std::int64_t features = format.features;
    std::string_view line;
    const auto fail = [&](const char* where, const std::string& sentence) {
        throw DataError(path, reader.line(), where - line.data() + 1, sentence);
    };
    while (reader.next(line)) {
        const char* at = line.data();
        const char* const end = at + line.size();
        const auto skip_blanks = [&] {
            while (at != end && (*at == ' ' || *at == '\t')) {
                ++at;
            }
            return at != end && *at != '#';
        };
        const auto word = [&] {
            const char* const first = at;
            while (at != end && *at != ' ' && *at != '\t' && *at != '#') {
                ++at;
            }
            return std::string_view(first, static_cast<std::size_t>(at - first));
        };
        if (!skip_blanks()) {
            continue;
        }
        double target = 0;
        const std::string_view label = word();
        if (const Parsed parsed = parse_number(label, target); parsed != Parsed::number) {
            fail(label.data(),
                 "the label " + in_quotes(label) + ' ' + std::string(explain(parsed)));
        }
        std::int64_t previous = 0;
        while (skip_blanks()) {
            const char* const start = at;
            std::int64_t index = 0;
            while (at != end && *at >= '0' && *at <= '9') {
                index = std::min(index * 10 + (*at - '0'), 2 * largest);
                ++at;
            }
            if (at == start || at == end || *at != ':') {
                at = start;
                const std::string_view pair = word();
                if (!pair.starts_with("qid:")) {
                    fail(start, in_quotes(pair) + " is not of the form index:value");
                }
                if (!format.skip_query_ids) {
                    fail(start,
                         "qid marks the queries of a ranking, which is not supported; "
                         "skip_query_ids = true reads the file without them");
                }
                continue;
            }
            const std::string_view index_text(start, static_cast<std::size_t>(at - start));
            if (index == 0) {
                fail(start, "the index is 0; LIBSVM indices count from 1");
            }
            if (index > limit) {
                fail(start, "the index " + in_quotes(index_text) + " is above " +
                                std::to_string(limit) +
                                (format.features > 0 ? ", the number of features that was given"
                                                     : ", the largest of 32 bits"));
            }
            if (index <= previous) {
                fail(start, "the index " + in_quotes(index_text) +
                                (index == previous ? " is there twice"
                                                   : " follows " + std::to_string(previous) +
                                                         "; indices must increase"));
            }
            ++at;
            T value = 0;
            const std::string_view text = word();
            if (const Parsed parsed = parse_number(text, value); parsed != Parsed::number) {
                fail(text.data(), "the value " + in_quotes(text) + " of index " +
                                      in_quotes(index_text) + ' ' + std::string(explain(parsed)));
            }
            memory->columns.push_back(static_cast<std::int32_t>(index - 1));
            memory->values.push_back(value);
            previous = index;
        }
        features = std::max(features, previous);
        memory->targets.push_back(target);
        memory->offsets.push_back(static_cast<std::int64_t>(memory->values.size()));
    }
    if (memory->targets.empty()) {
        throw DataError(path, "the file has no examples");
    }
    const SparseRows<T> rows{memory->values.data(), memory->columns.data(), memory->offsets.data(),
                             static_cast<Index>(memory->targets.size()), features};
    const double* const targets = memory->targets.data();
    return Dataset<SparseRows<T>>::view(rows, targets, nullptr, std::move(memory));
}

}  // namespace ermine
