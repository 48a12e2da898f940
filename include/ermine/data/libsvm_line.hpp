// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fast_float/fast_float.h>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/parse_number.hpp>
#include <ermine/data/short_decimal.hpp>

namespace ermine {

/// How to read a LIBSVM file.
struct LibsvmFormat {
    /// Number of features d; an index above it is refused. 0: the largest index in the file.
    Index features = 0;
    /// Ranking files put `qid:7` behind the label. They are refused unless it may be left out.
    bool skip_query_ids = false;

    static constexpr std::int64_t largest_index = std::numeric_limits<std::int32_t>::max();

    std::int64_t limit() const { return features > 0 ? features : largest_index; }
};

/// What is wrong with a line, and where: column from 1.
struct LineTrouble {
    std::int64_t column = 0;
    std::string sentence;
};

/// An example read from one line of LIBSVM text into memory that others own: room for a number at
/// `values` and `columns` for each colon of the line. See read_libsvm for the format.
template <class T>
struct LibsvmLine {
    T* values;
    std::int32_t* columns;
    double target = 0;
    std::int64_t entries = 0;
    std::int64_t features = 0;  ///< its last index; 0 without any
    bool blank = false;         ///< no example: an empty line, or a comment alone

    /// Reads the line at `text`, in the usual form alone: single blanks between the words, maybe
    /// one at the end, and nothing that is to be refused. Returns the beginning of the next line; a
    /// null pointer for a line of another form, which `read` takes up. There is a line feed before
    /// `end`, and 8 bytes behind it are readable.
    const char* read_usual(const char* text, const char* end, std::int64_t limit) {
        text = number(text, end, target);
        if (text == nullptr) return nullptr;
        std::int64_t previous = 0;
        std::int64_t count = 0;
        for (;;) {
            if (*text != ' ' && *text != '\t') break;
            ++text;
            const LeadingDigits index = LeadingDigits::of(text);
            if (index.count == 0) break;
            std::int64_t column = index.number;
            text += index.count;
            if (index.count == 8)
                while (*text >= '0' && *text <= '9' && column <= limit)
                    column = column * 10 + (*text++ - '0');
            if (*text != ':' || column <= previous || column > limit) return nullptr;
            text = number(text + 1, end, values[count]);
            if (text == nullptr) return nullptr;
            columns[count++] = static_cast<std::int32_t>(column - 1);
            previous = column;
        }
        text += *text == '\r' ? 1 : 0;
        if (*text != '\n') return nullptr;
        entries = count;
        features = previous;
        return text + 1;
    }

    /// Reads any line, given without its end, or says what is wrong with it.
    std::optional<LineTrouble> read(std::string_view line, const LibsvmFormat& format) {
        const char* at = line.data();
        const char* const end = at + line.size();
        const auto trouble = [&](const char* where, std::string sentence) {
            return LineTrouble{where - line.data() + 1, std::move(sentence)};
        };
        const auto skip_blanks = [&] {
            while (at != end && (*at == ' ' || *at == '\t')) ++at;
            return at != end && *at != '#';
        };
        const auto word = [&] {
            const char* const first = at;
            while (at != end && *at != ' ' && *at != '\t' && *at != '#') ++at;
            return std::string_view(first, static_cast<std::size_t>(at - first));
        };
        entries = features = 0;
        blank = !skip_blanks();
        if (blank) return {};
        const std::string_view label = word();
        if (const Parsed parsed = parse_number(label, target); parsed != Parsed::number)
            return trouble(label.data(),
                           "the label " + in_quotes(label) + ' ' + std::string(explain(parsed)));
        constexpr std::int64_t most = 2 * LibsvmFormat::largest_index;
        while (skip_blanks()) {
            const char* const start = at;
            std::int64_t index = 0;
            while (at != end && *at >= '0' && *at <= '9')
                index = std::min(index * 10 + (*at++ - '0'), most);
            if (at == start || at == end || *at != ':') {
                at = start;
                const std::string_view pair = word();
                if (!pair.starts_with("qid:"))
                    return trouble(start, in_quotes(pair) + " is not of the form index:value");
                if (!format.skip_query_ids)
                    return trouble(start,
                                   "qid marks the queries of a ranking, which is not supported; "
                                   "skip_query_ids = true reads the file without them");
                continue;
            }
            const std::string_view index_text(start, static_cast<std::size_t>(at - start));
            if (index == 0) return trouble(start, "the index is 0; LIBSVM indices count from 1");
            if (index > format.limit())
                return trouble(start,
                               "the index " + in_quotes(index_text) + " is above " +
                                   std::to_string(format.limit()) +
                                   (format.features > 0 ? ", the number of features that was given"
                                                        : ", the largest of 32 bits"));
            if (index <= features)
                return trouble(start,
                               "the index " + in_quotes(index_text) +
                                   (index == features ? " is there twice"
                                                      : " follows " + std::to_string(features) +
                                                            "; indices must increase"));
            ++at;
            const std::string_view text = word();
            if (const Parsed parsed = parse_number(text, values[entries]); parsed != Parsed::number)
                return trouble(text.data(), "the value " + in_quotes(text) + " of index " +
                                                in_quotes(index_text) + ' ' +
                                                std::string(explain(parsed)));
            columns[entries++] = static_cast<std::int32_t>(index - 1);
            features = index;
        }
        return {};
    }

private:
    // The end of a finite number with a blank or the end of the line behind it, else null.
    template <class Number>
    static const char* number(const char* text, const char* end, Number& value) {
        const auto ends = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
        if (text[0] >= '0' && text[0] <= '9' && ends(text[1])) {  // as most are in 0/1 data
            value = static_cast<Number>(text[0] - '0');
            return text + 1;
        }
        if (const char* const last = short_decimal(text, value); last != nullptr && ends(*last))
            return last;
        const auto result = fast_float::from_chars(text, end, value);
        const bool fine = result.ec != std::errc::invalid_argument && std::isfinite(value);
        return fine && ends(*result.ptr) ? result.ptr : nullptr;
    }
};

}  // namespace ermine
