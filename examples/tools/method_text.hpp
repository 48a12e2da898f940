// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

struct TextArgument;

/// A part of a method as it is written: `name(argument, key=argument)`, and where.
struct TextPart {
    std::string name;
    std::size_t at = 0;
    std::vector<TextArgument> arguments;
};

/// What stands between the commas of a part: a number, or a word, which may be a part itself.
struct TextArgument {
    std::string key;  ///< empty where none is given
    std::size_t at = 0;
    std::optional<double> number;
    TextPart part;  ///< where it is no number

    /// Whether it is a word without key and parentheses.
    [[nodiscard]] bool is_word(std::string_view word) const {
        return key.empty() && !number && part.name == word && part.arguments.empty();
    }
};

/// The message, and under it the text with a caret under the place.
inline std::invalid_argument error_at(std::string_view text, std::size_t at,
                                      const std::string& message) {
    std::string line(text);
    for (char& c : line)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    std::size_t column = 0;  // characters, of which some have several bytes
    for (std::size_t i = 0; i < at && i < line.size(); ++i)
        if ((static_cast<unsigned char>(line[i]) & 0xC0) != 0x80) ++column;
    return std::invalid_argument("--method: " + message + "\n  " + line + "\n  " +
                                 std::string(column, ' ') + '^');
}

/// A place in the text of a method, for errors that are found later.
struct TextPlace {
    std::string text = {};
    std::size_t at = 0;

    [[nodiscard]] std::invalid_argument error(const std::string& message) const {
        return error_at(text, at, message);
    }

    /// What `work` returns; its complaint about an option gets the place.
    auto blamed(const auto& work) const {
        try {
            return work();
        } catch (const std::invalid_argument& problem) {
            if (text.empty() || std::string_view(problem.what()).starts_with("--method: ")) throw;
            throw error(problem.what());
        }
    }
};

/// Of the words the one that was probably meant; empty if none is near.
inline std::string nearest(const std::string& word, const std::vector<std::string>& words) {
    // the least insertions, deletions and substitutions (Levenshtein 1966)
    const auto distance = [](const std::string& a, const std::string& b) {
        std::vector<std::size_t> row(b.size() + 1);
        for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
        for (std::size_t i = 1; i <= a.size(); ++i) {
            std::size_t diagonal = std::exchange(row[0], i);
            for (std::size_t j = 1; j <= b.size(); ++j) {
                const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
            }
        }
        return row[b.size()];
    };
    std::string best;
    std::size_t least = word.size() / 3 + 1;
    for (const std::string& candidate : words)
        if (const std::size_t d = distance(word, candidate);
            d <= least && (d < least || best.empty())) {
            least = d;
            best = candidate;
        }
    return best;
}

/// Reads `part | part | …`. Throws std::invalid_argument with a caret under the place for what does
/// not parse. What the names mean is not asked here.
class MethodParser {
public:
    static std::vector<TextPart> parse(std::string_view text) {
        MethodParser parser(text);
        std::vector<TextPart> parts;
        do parts.push_back(parser.part());
        while (parser.accept('|'));
        if (!parser.at_end())
            throw parser.error("here a | or the end is expected, not " + parser.found());
        return parts;
    }

private:
    explicit MethodParser(std::string_view text) : text_(text) { skip(); }

    static constexpr int deepest = 8;

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;

    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    [[nodiscard]] char here() const { return at_end() ? '\0' : text_[at_]; }
    static bool digit(char c) { return c >= '0' && c <= '9'; }
    static bool letter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    }

    [[nodiscard]] std::invalid_argument error(const std::string& message) const {
        return error_at(text_, at_, message);
    }

    [[nodiscard]] std::string found() const {
        return at_end() ? "the end" : "\"" + std::string(1, here()) + "\"";
    }

    void skip() {
        while (!at_end() && (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r'))
            ++at_;
    }

    bool accept(char c) {
        if (here() != c || at_end()) return false;
        ++at_;
        skip();
        return true;
    }

    std::string word() {
        const std::size_t begin = at_;
        while (letter(here()) || digit(here())) ++at_;
        std::string name(text_.substr(begin, at_ - begin));
        skip();
        return name;
    }

    TextPart part() {
        if (!letter(here())) throw error("here the name of a part is expected, not " + found());
        TextPart part;
        part.at = at_;
        part.name = word();
        const std::size_t open = at_;
        if (!accept('(')) return part;
        if (++depth_ > deepest) throw error_at(text_, open, "parentheses are nested too deeply");
        while (!accept(')')) {
            if (!part.arguments.empty() && !accept(',')) throw unclosed(open);
            part.arguments.push_back(argument(open));
        }
        --depth_;
        return part;
    }

    [[nodiscard]] std::invalid_argument unclosed(std::size_t open) const {
        if (at_end() || here() == '|')
            return error_at(text_, open, "this parenthesis is not closed");
        return error("here a comma or ) is expected, not " + found());
    }

    TextArgument argument(std::size_t open) {
        TextArgument argument;
        argument.at = at_;
        if (letter(here())) {
            const std::size_t begin = at_;
            const std::string name = word();
            if (accept('=')) {
                argument.key = name;
            } else {
                at_ = begin;
            }
        }
        if (letter(here())) {
            argument.part = part();
        } else if (digit(here()) || here() == '-' || here() == '+' || here() == '.') {
            argument.number = number();
        } else {
            if (at_end() && argument.key.empty()) throw unclosed(open);
            throw error("here a value is expected, not " + found());
        }
        return argument;
    }

    double number() {
        const std::size_t begin = at_;
        while (digit(here()) || letter(here()) || here() == '.' ||
               ((here() == '-' || here() == '+') &&
                (at_ == begin || text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E')))
            ++at_;
        std::string_view digits = text_.substr(begin, at_ - begin);
        const std::string shown(digits);
        if (digits.starts_with('+')) digits.remove_prefix(1);
        double value = 0;
        const char* const end = digits.data() + digits.size();
        const auto [stop, problem] = std::from_chars(digits.data(), end, value);
        if (problem == std::errc::result_out_of_range)
            throw error_at(text_, begin, "the number " + shown + " is too large or too small");
        if (problem != std::errc{} || stop != end)
            throw error_at(text_, begin, "\"" + shown + "\" is not a number");
        skip();
        return value;
    }
};
