// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ermine/data/csv_format.hpp>
#include <ermine/data/csv_records.hpp>
#include <ermine/data/csv_schema.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/data/parse_number.hpp>

namespace ermine {

/// The columns of a CSV file as its first lines and a CsvFormat tell them; categories and fill
/// values are not learnt yet.
struct CsvPlan {
    CsvSchema schema;
    std::size_t target = 0;       ///< Number of the target column, from 0.
    bool target_is_text = false;  ///< The target was listed as categorical.
};

/// Whether a cell is one of those that Missing lists.
inline bool is_missing_cell(std::string_view text) {
    const auto is = [text](std::string_view word) {
        return std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) {
            return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
        });
    };
    return text.empty() ||
           (text.size() <= 4 && (is("?") || is("na") || is("n/a") || is("nan") || is("null")));
}

/// Whether the first line of a CSV file names its columns. With Header::automatic it does if it
/// holds a name that the format gives, or if some column is text there and a number in the first
/// cell below that is not missing.
inline bool has_csv_header(const std::string& path, const CsvFormat& format) {
    if (format.header != Header::automatic) {
        return format.header == Header::present;
    }
    CsvRecords records(path, format.separator);
    if (!records.next()) {
        return false;
    }
    const auto is_text = [&](std::size_t k) {
        double ignored = 0;
        return !is_missing_cell(records[k]) &&
               parse_number(records[k], ignored) == Parsed::not_a_number;
    };
    const auto is_given = [&](std::size_t k) {
        const auto among = [&](const std::vector<std::string>& names) {
            return std::find(names.begin(), names.end(), records[k]) != names.end();
        };
        return records[k] == format.target || among(format.drop) || among(format.categorical);
    };
    std::vector<std::size_t> open;  // text in the first line, so far only missing cells below
    for (std::size_t k = 0; k < records.size(); ++k) {
        if (is_text(k)) {
            if (is_given(k)) {
                return true;
            }
            open.push_back(k);
        }
    }
    while (!open.empty() && records.next()) {
        for (std::size_t at = open.size(); at-- > 0;) {
            const std::size_t k = open[at];
            if (k < records.size() && is_missing_cell(records[k])) {
                continue;
            }
            if (k < records.size() && !is_text(k)) {
                return true;
            }
            open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
        }
    }
    return false;
}

/// Number, from 0, of the column that `wanted` names, or gives by its position from 1 or -1.
/// `option` is what it was wanted for. Throws DataError if there is no such column, or two.
inline std::size_t find_csv_column(const std::string& path, const CsvSchema& schema,
                                   const std::string& wanted, const std::string& option) {
    constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    std::size_t found = none;
    for (std::size_t k = 0; k < schema.columns.size(); ++k) {
        if (schema.columns[k].name == wanted) {
            if (found != none) {
                throw DataError(path, option + ": two columns are called " + in_quotes(wanted) +
                                          "; give the position, from 1");
            }
            found = k;
        }
    }
    if (found != none) {
        return found;
    }
    const auto count = static_cast<std::int64_t>(schema.columns.size());
    std::int64_t position = 0;
    const char* const last = wanted.data() + wanted.size();
    const auto [end, error] = std::from_chars(wanted.data(), last, position);
    if (wanted.empty() || end != last || error != std::errc{}) {
        throw DataError(path, option + ": no column is called " + in_quotes(wanted) +
                                  (schema.header ? "" : "; the file has no header line"));
    }
    if (position == 0 || position > count || position < -count) {
        throw DataError(path, option + ": there is no column " + wanted +
                                  "; the first is 1, the last " + std::to_string(count) + " or -1");
    }
    return static_cast<std::size_t>(position > 0 ? position - 1 : count + position);
}

/// Reads the first lines of a CSV file and applies the format to its columns. Throws DataError for
/// a file without examples or with one column, and for columns that do not exist or are given for
/// two ends.
inline CsvPlan plan_csv_columns(const std::string& path, const CsvFormat& format) {
    CsvRecords records(path, format.separator);
    CsvPlan plan;
    CsvSchema& schema = plan.schema;
    schema.separator = records.separator();
    schema.header = has_csv_header(path, format);
    schema.missing = format.missing;
    if (!records.next()) {
        throw DataError(path, "the file has no examples");
    }
    for (std::size_t k = 0; k < records.size(); ++k) {
        const bool named = schema.header && !records[k].empty();
        schema.columns.push_back(
            {.name = named ? std::string(records[k]) : "column " + std::to_string(k + 1)});
    }
    if (schema.columns.size() < 2) {
        throw DataError(path, "the file has one column only; name the separator if it has more");
    }
    using Kind = CsvColumn::Kind;
    plan.target = find_csv_column(path, schema, format.target, "target");
    schema.columns[plan.target].kind = Kind::target;
    for (const std::string& name : format.drop) {
        CsvColumn& column = schema.columns[find_csv_column(path, schema, name, "drop")];
        if (column.kind == Kind::target) {
            throw DataError(path, "drop: " + in_quotes(name) + " is the target");
        }
        column.kind = Kind::dropped;
    }
    for (const std::string& name : format.categorical) {
        CsvColumn& column = schema.columns[find_csv_column(path, schema, name, "categorical")];
        if (column.kind == Kind::dropped) {
            throw DataError(path, "categorical: " + in_quotes(name) + " is dropped");
        }
        plan.target_is_text = plan.target_is_text || column.kind == Kind::target;
        column.kind = column.kind == Kind::target ? Kind::target : Kind::category;
    }
    if (std::none_of(schema.columns.begin(), schema.columns.end(), [](const CsvColumn& column) {
            return column.kind == Kind::number || column.kind == Kind::category;
        })) {
        throw DataError(path, "every column but the target is dropped");
    }
    return plan;
}

}  // namespace ermine
