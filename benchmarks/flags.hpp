// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <string>
#include <vector>

/// The flags of a benchmark, each with the variable that it sets:
///
///     if (!Flags{}.flag("--quick", quick).text("--json", "FILE", json).read(count, words)) return
///     2;
class Flags {
public:
    Flags& flag(const char* name, bool& set) {
        flags_.push_back({name, nullptr, &set, nullptr});
        return *this;
    }

    /// One that is followed by a word: `what` it is.
    Flags& text(const char* name, const char* what, std::string& value) {
        flags_.push_back({name, what, nullptr, &value});
        return *this;
    }

    /// Whether all words are understood; if not, the usage is printed.
    bool read(int count, char** words) const {
        for (int i = 1; i < count; ++i) {
            const Flag* const found = find(words[i]);
            if (found != nullptr && found->set != nullptr) {
                *found->set = true;
            } else if (found != nullptr && i + 1 < count) {
                *found->value = words[++i];
            } else {
                print_usage(words[0]);
                return false;
            }
        }
        return true;
    }

private:
    struct Flag {
        std::string name;
        const char* what;
        bool* set;
        std::string* value;
    };

    std::vector<Flag> flags_;

    const Flag* find(const std::string& name) const {
        for (const Flag& flag : flags_)
            if (flag.name == name) return &flag;
        return nullptr;
    }

    void print_usage(const char* program) const {
        std::fprintf(stderr, "usage: %s", program);
        for (const Flag& flag : flags_)
            std::fprintf(stderr, flag.what != nullptr ? " [%s %s]" : " [%s]", flag.name.c_str(),
                         flag.what);
        std::fprintf(stderr, "\n");
    }
};
