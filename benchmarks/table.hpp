// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

/// A number as a cell, in the format of printf.
inline std::string text(const char* format, double number) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, format, number);
    return buffer;
}

/// A table that is aligned on the screen, and in Markdown, too.
class Table {
public:
    using Row = std::vector<std::string>;

    explicit Table(Row head) : rows_{std::move(head)} {}

    /// As many cells as the head has.
    void add(Row row) { rows_.push_back(std::move(row)); }

    void print() const {
        std::vector<std::size_t> widths(rows_.front().size());
        for (const Row& row : rows_)
            for (std::size_t k = 0; k < row.size(); ++k)
                widths[k] = std::max(widths[k], characters(row[k]));
        for (const Row& row : rows_) {
            for (std::size_t k = 0; k < row.size(); ++k)
                std::printf("| %s%s ", row[k].c_str(),
                            std::string(widths[k] - characters(row[k]), ' ').c_str());
            std::printf("|\n");
            if (&row != &rows_.front()) continue;
            for (const std::size_t width : widths)
                std::printf("|%s", std::string(width + 2, '-').c_str());
            std::printf("|\n");
        }
    }

private:
    std::vector<Row> rows_;

    /// Of UTF-8: all bytes but those that continue a character.
    static std::size_t characters(const std::string& text) {
        return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
            return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
        }));
    }
};
