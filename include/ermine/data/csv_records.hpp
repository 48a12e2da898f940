// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ermine/data/data_error.hpp>
#include <ermine/data/line_reader.hpp>

namespace ermine {

/// The records of a CSV file (RFC 4180), plain or gzip, one after the other, cut into fields.
///
/// A field in quotes may hold separators, line breaks and "" for a quote. Blanks around fields are
/// taken off, empty lines skipped. A quote inside an unquoted field is a character like others.
class CsvRecords {
public:
    /// `separator` 0: the one of tab ; | , that cuts the first ten records into the most fields,
    /// the same number in each. Throws DataError if the file cannot be read.
    explicit CsvRecords(const std::string& path, char separator = 0) : lines_(path) {
        separator_ = separator != 0 ? separator : guess_separator();
    }

    /// Reads the next record; false after the last. Throws DataError for a quote that is not
    /// closed, or closed before the end of its field.
    bool next() {
        std::string_view line;
        do {
            if (!next_line(line)) {
                return false;
            }
        } while (std::all_of(line.begin(), line.end(), [this](char c) { return is_blank(c); }));
        record_line_ = line_;
        size_ = 0;
        if (line.find('"') == std::string_view::npos) {
            split(line);
        } else {
            split_quoted(line);
        }
        return true;
    }

    std::size_t size() const { return size_; }

    /// The text of field j, from 0, valid until next().
    std::string_view operator[](std::size_t j) const {
        return text_.substr(fields_[j].begin, fields_[j].size);
    }

    char separator() const { return separator_; }

    /// The line where the record begins.
    std::int64_t line() const { return record_line_; }

    /// Throws DataError with the place of field j; of the end of the record if there is no such.
    [[noreturn]] void fail(std::size_t j, std::string_view sentence) const {
        fail_at(j < size() ? fields_[j].place : raw_.size(), sentence);
    }

private:
    struct Field {
        std::size_t begin;  // in text_
        std::size_t size;
        std::size_t place;  // in raw_
    };

    LineReader lines_;
    char separator_ = ',';
    std::deque<std::string> ahead_;  // lines that were read to guess the separator
    std::string current_;            // the line that was taken from there
    std::int64_t line_ = 0;
    std::int64_t record_line_ = 0;
    std::string_view raw_;   // the record as it stands in the file
    std::string_view text_;  // the fields without quotes
    std::string raw_memory_;
    std::string text_memory_;
    std::vector<Field> fields_;  // the first size_ of them; the rest is room
    std::size_t size_ = 0;

    bool is_blank(char c) const { return (c == ' ' || c == '\t') && c != separator_; }

    bool next_line(std::string_view& line) {
        if (ahead_.empty()) {
            if (!lines_.next(line)) {
                return false;
            }
        } else {
            current_ = std::move(ahead_.front());
            ahead_.pop_front();
            line = current_;
        }
        ++line_;
        return true;
    }

    void add(const Field& field) {
        if (size_ == fields_.size()) {
            fields_.resize(2 * size_ + 16);
        }
        fields_[size_++] = field;
    }

    void add_trimmed(std::size_t begin, std::size_t end, std::size_t place) {
        while (end > begin && is_blank(text_[end - 1])) {
            --end;
        }
        while (begin < end && is_blank(text_[begin])) {
            ++begin;
            ++place;
        }
        add({begin, end - begin, place});
    }

    void split(std::string_view line) {
        raw_ = text_ = line;
        std::size_t begin = 0;
        for (std::size_t at = 0; at < line.size(); ++at) {
            if (line[at] == separator_) {
                add_trimmed(begin, at, begin);
                begin = at + 1;
            }
        }
        add_trimmed(begin, line.size(), begin);
    }

    void split_quoted(std::string_view line) {
        raw_memory_ = line;
        text_memory_.clear();
        std::size_t at = 0;
        const auto skip_blanks = [&] {
            while (at < raw_memory_.size() && is_blank(raw_memory_[at])) {
                ++at;
            }
        };
        for (;; ++at) {
            skip_blanks();
            const std::size_t place = at;
            const std::size_t begin = text_memory_.size();
            if (at < raw_memory_.size() && raw_memory_[at] == '"') {
                at = unquote(at);
                add({begin, text_memory_.size() - begin, place});
                skip_blanks();
                if (at < raw_memory_.size() && raw_memory_[at] != separator_) {
                    raw_ = raw_memory_;
                    fail_at(at, "text after a closing quote; within quotes, write \"\" for \"");
                }
            } else {
                const std::size_t end =
                    std::min(raw_memory_.find(separator_, at), raw_memory_.size());
                text_memory_.append(raw_memory_, at, end - at);
                text_ = text_memory_;
                add_trimmed(begin, text_memory_.size(), place);
                at = end;
            }
            if (at == raw_memory_.size()) {
                break;
            }
        }
        raw_ = raw_memory_;
        text_ = text_memory_;
    }

    // Appends the field whose quote opens at `open` to text_memory_, reading lines as needed;
    // returns the place behind the closing quote.
    std::size_t unquote(std::size_t open) {
        for (std::size_t at = open + 1;; ++at) {
            if (at == raw_memory_.size()) {
                std::string_view more;
                if (!next_line(more)) {
                    raw_ = raw_memory_;
                    fail_at(open, "the quote that opens here is never closed");
                }
                (raw_memory_ += '\n') += more;
                text_memory_ += '\n';
            } else if (raw_memory_[at] != '"') {
                text_memory_ += raw_memory_[at];
            } else if (at + 1 < raw_memory_.size() && raw_memory_[at + 1] == '"') {
                text_memory_ += '"';
                ++at;
            } else {
                return at + 1;
            }
        }
    }

    [[noreturn]] void fail_at(std::size_t place, std::string_view sentence) const {
        const std::string_view before = raw_.substr(0, place);
        const auto breaks = std::count(before.begin(), before.end(), '\n');
        const std::size_t line_start = breaks == 0 ? 0 : before.rfind('\n') + 1;
        throw DataError(lines_.path(), record_line_ + breaks,
                        static_cast<std::int64_t>(place - line_start) + 1, sentence);
    }

    char guess_separator() {
        constexpr std::array candidates{'\t', ';', '|', ','};
        constexpr std::size_t lines_to_see = 10;
        std::array<std::size_t, candidates.size()> first{};
        std::array<bool, candidates.size()> same{true, true, true, true};
        std::array<std::size_t, candidates.size()> count{};
        bool in_quotes = false;
        bool is_first = true;
        std::string_view line;
        while (ahead_.size() < lines_to_see && lines_.next(line)) {
            ahead_.emplace_back(line);
            for (const char c : line) {
                in_quotes = in_quotes != (c == '"');
                for (std::size_t k = 0; k < candidates.size(); ++k) {
                    count[k] += !in_quotes && c == candidates[k] ? 1 : 0;
                }
            }
            if (in_quotes || line.find_first_not_of(' ') == std::string_view::npos) {
                continue;
            }
            for (std::size_t k = 0; k < candidates.size(); ++k) {
                same[k] = same[k] && (is_first || count[k] == first[k]);
            }
            first = is_first ? count : first;
            is_first = false;
            count.fill(0);
        }
        std::size_t best = candidates.size() - 1;
        const auto fields = [&](std::size_t k) {
            return std::pair(same[k] && first[k] > 0, first[k]);
        };
        for (std::size_t k = candidates.size(); k-- > 0;) {
            best = fields(k) >= fields(best) ? k : best;
        }
        return first[best] > 0 ? candidates[best] : ',';
    }
};

}  // namespace ermine
