// SPDX-License-Identifier: MIT
#pragma once

#include "method_text.hpp"
#include "text_of.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

/// Sets the options of a part from its text, or, where there is none, tells their names and
/// defaults: whoever reads a part goes through its options once, and so the help says what the
/// parser takes. Numbers without a key go to the options in their order.
class PartOptions {
public:
    /// To tell the options.
    PartOptions() = default;
    /// To read them; the text and the part outlive it.
    PartOptions(std::string_view text, const TextPart& part)
        : text_(text), part_(&part), used_(part.arguments.size(), false) {}

    void number(const char* name, double& value) {
        const std::string otherwise = text_of(value);
        if (const TextArgument* given = take(name, otherwise, true))
            value = number_of(*given, name);
    }

    /// A number that may be left out; `otherwise` says what is done then.
    void number(const char* name, std::optional<double>& value, const char* otherwise) {
        if (const TextArgument* given = take(name, otherwise, true))
            value = number_of(*given, name);
    }

    /// A whole number.
    template <class Whole>
    void count(const char* name, Whole& value, const std::string& otherwise = {}) {
        const TextArgument* given =
            take(name, otherwise.empty() ? std::to_string(value) : otherwise, true);
        if (given == nullptr) return;
        const double wanted = number_of(*given, name);
        if (wanted != std::floor(wanted) ||
            std::abs(wanted) > static_cast<double>(std::numeric_limits<Whole>::max() / 2))
            throw error(given->at, std::string(name) + " is " + text_of(wanted) +
                                       ": a whole number is expected");
        value = static_cast<Whole>(wanted);
    }

    /// `name`, `name=true` or `name=false`.
    void flag(const char* name, bool& value) {
        tell(name, value ? "true" : "false");
        if (part_ == nullptr) return;
        for (std::size_t i = 0; i < used_.size(); ++i) {
            const TextArgument& given = part_->arguments[i];
            if (used_[i] || (given.key != name && !given.is_word(name))) continue;
            used_[i] = true;
            const std::string& word = given.part.name;
            const bool plain = !given.number && given.part.arguments.empty();
            if (given.key.empty() || (plain && word == "true"))
                value = true;
            else if (plain && word == "false")
                value = false;
            else
                throw error(given.at, std::string(name) + " is either true or false");
            return;
        }
    }

    /// A word, or a part in the part: null where it is not given.
    const TextPart* part(const char* name, const std::string& otherwise, bool by_key = true) {
        tell(by_key ? name : otherwise, by_key ? otherwise : "");
        if (part_ == nullptr) return nullptr;
        for (std::size_t i = 0; i < used_.size(); ++i) {
            const TextArgument& given = part_->arguments[i];
            if (used_[i] || given.key != (by_key ? name : "")) continue;
            if (given.number) {
                if (!by_key) continue;
                throw error(given.at, std::string(name) + " takes a name, not a number");
            }
            used_[i] = true;
            return &given.part;
        }
        return nullptr;
    }

    /// Refuses what is left over.
    void finish() const {
        for (std::size_t i = 0; i < used_.size(); ++i) {
            if (used_[i]) continue;
            const TextArgument& left = part_->arguments[i];
            const std::string& word = left.key.empty() ? left.part.name : left.key;
            const std::string listed =
                names_.empty() ? "it has none" : "its options are " + joined(names_);
            if (left.number && left.key.empty())
                throw error(left.at, part_->name + " takes fewer numbers; " + listed);
            for (const std::string& name : names_)
                if (name == word) throw error(left.at, "the option " + word + " is given twice");
            throw error(left.at, part_->name + " has no option \"" + word + "\"; " + listed);
        }
    }

    [[nodiscard]] std::invalid_argument error(std::size_t at, const std::string& message) const {
        return error_at(text_, at, message);
    }

    /// The options as one would write them: `beta1=0.9, beta2=0.999`.
    [[nodiscard]] const std::string& told() const { return told_; }

    /// The place of the part, to blame.
    [[nodiscard]] TextPlace place() const {
        return part_ == nullptr ? TextPlace{} : TextPlace{std::string(text_), part_->at};
    }

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] bool telling() const { return part_ == nullptr; }

    static std::string joined(const std::vector<std::string>& names) {
        std::string list;
        for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
        return list;
    }

private:
    std::string_view text_;
    const TextPart* part_ = nullptr;
    std::vector<bool> used_;
    std::vector<std::string> names_;
    std::string told_;

    void tell(const std::string& name, const std::string& otherwise) {
        names_.push_back(name);
        told_ += (told_.empty() ? "" : ", ") + name + (otherwise.empty() ? "" : "=" + otherwise);
    }

    /// The argument with the key, else the next number without one.
    const TextArgument* take(const char* name, const std::string& otherwise, bool by_place) {
        tell(name, otherwise);
        if (part_ == nullptr) return nullptr;
        for (std::size_t i = 0; by_place && i < used_.size(); ++i)
            if (!used_[i] && part_->arguments[i].key.empty() && part_->arguments[i].number)
                return use(i);
        for (std::size_t i = 0; i < used_.size(); ++i)
            if (!used_[i] && part_->arguments[i].key == name) return use(i);
        return nullptr;
    }

    const TextArgument* use(std::size_t i) {
        used_[i] = true;
        return &part_->arguments[i];
    }

    double number_of(const TextArgument& given, const char* name) const {
        if (!given.number)
            throw error(given.part.at,
                        std::string(name) + " takes a number, not \"" + given.part.name + "\"");
        return *given.number;
    }
};
