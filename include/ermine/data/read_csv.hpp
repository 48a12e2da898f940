// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ermine/data/csv_cells.hpp>
#include <ermine/data/csv_columns.hpp>
#include <ermine/data/csv_format.hpp>
#include <ermine/data/csv_records.hpp>
#include <ermine/data/csv_schema.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/parse_number.hpp>

namespace ermine {

/// What read_csv gives: the data, and what it takes to read another file alike.
template <class T = double>
struct CsvTable {
    Dataset<DenseRows<T>> data;
    CsvSchema schema;
    Index dropped = 0;        ///< Rows left out by Missing::drop.
    bool has_targets = true;  ///< False: the file has no target column; all targets are 0.
};

/// Whether a file must have the target column.
enum class Targets { required, optional };

/// Reads CSV files into rows of numbers. Used through read_csv.
template <class T>
class CsvReader {
public:
    CsvReader(const std::string& path, const CsvFormat& format)
        : CsvReader(path, plan_csv_columns(path, format)) {}

    CsvReader(const std::string& path, const CsvSchema& schema, Targets targets)
        : path_(path),
          schema_(schema),
          records_(path, schema.separator),
          learning_(false),
          cells_(schema) {
        match_columns(targets);
    }

    CsvTable<T> read() && {
        do {
            take();
        } while (records_.next());
        if (cells_.rows() == 0) {
            throw DataError(path_, "every row has a missing cell and was dropped");
        }
        if (learning_) {
            learn_categories();
            for (std::size_t c = 0; c < schema_.columns.size(); ++c) {
                if (!cells_.learn_fill(schema_, c)) {
                    throw DataError(path_, describe(c) + " has no value to impute from; drop it");
                }
            }
        }
        return {std::move(cells_).expand(schema_), std::move(schema_), dropped_, target_ != none};
    }

private:
    using Kind = CsvColumn::Kind;

    CsvReader(const std::string& path, CsvPlan plan)
        : path_(path),
          schema_(std::move(plan.schema)),
          records_(path, schema_.separator),
          codes_(schema_.columns.size()),
          target_(plan.target),
          target_is_text_(plan.target_is_text),
          cells_(schema_) {
        for (std::size_t c = 0; c < schema_.columns.size(); ++c) {
            columns_.push_back(c);
        }
        if (!records_.next() || (schema_.header && !records_.next())) {
            throw DataError(path_, "the file has no examples");
        }
    }

    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    std::string path_;
    CsvSchema schema_;
    CsvRecords records_;
    bool learning_ = true;
    std::vector<std::size_t> columns_;  // field of the file -> column of the schema
    // Of each column of the schema, the codes of its categories, by first appearance.
    std::vector<std::unordered_map<std::string, std::size_t>> codes_;
    std::size_t target_ = none;       // column of the schema, if the file has it
    bool target_is_text_ = false;     // true: as was asked, or as a text was seen
    std::int64_t target_number_ = 0;  // line of the first number in the target
    std::int64_t target_text_ = 0;    // line of the first text in it, unless text was asked for
    CsvCells<T> cells_;
    Index dropped_ = 0;

    std::string describe(std::size_t column) const {
        const std::string& name = schema_.columns[column].name;
        return schema_.header ? "column " + in_quotes(name) : name;
    }

    // Finds the columns of the schema in this file and stands on the first record of data.
    void match_columns(Targets targets) {
        const std::size_t count = schema_.columns.size();
        for (std::size_t c = 0; c < count; ++c) {
            target_ = schema_.columns[c].kind == Kind::target ? c : target_;
        }
        if (target_ == none) {
            throw std::invalid_argument("read_csv: the schema has no target column");
        }
        if (!records_.next()) {
            throw DataError(path_, "the file has no examples");
        }
        std::vector<bool> there(count, !schema_.header);
        if (schema_.header) {
            for (std::size_t k = 0; k < records_.size(); ++k) {
                std::size_t c = 0;
                const std::string unnamed = "column " + std::to_string(k + 1);
                const std::string_view name = records_[k].empty() ? unnamed : records_[k];
                while (c < count && (there[c] || schema_.columns[c].name != name)) {
                    ++c;
                }
                if (c == count) {
                    records_.fail(k, "the header has " + in_quotes(name) +
                                         ", which is no column of the first file");
                }
                there[c] = true;
                columns_.push_back(c);
            }
        } else {
            there[target_] = records_.size() + 1 != count;
            for (std::size_t c = 0; c < count; ++c) {
                if (there[c]) {
                    columns_.push_back(c);
                }
            }
        }
        for (std::size_t c = 0; c < count; ++c) {
            const bool needed = schema_.columns[c].kind != Kind::dropped &&
                                (c != target_ || targets == Targets::required);
            if (needed && !there[c]) {
                records_.fail(records_.size(), describe(c) + " is missing" +
                                                   (c == target_ ? "; it is the target" : ""));
            }
        }
        if (schema_.header && !records_.next()) {
            throw DataError(path_, "the file has no examples");
        }
        codes_.resize(count);
        for (std::size_t c = 0; c < count; ++c) {
            const auto& names = schema_.columns[c].categories;
            for (std::size_t k = 0; k < names.size(); ++k) {
                codes_[c].emplace(names[k], k);
            }
        }
        target_is_text_ = !schema_.columns[target_].categories.empty();
        target_ = there[target_] ? target_ : none;
    }

    // Takes in the record that records_ stands on.
    void take() {
        if (records_.size() != columns_.size()) {
            records_.fail(columns_.size(), "the row has " + std::to_string(records_.size()) +
                                               " fields, where " + std::to_string(columns_.size()) +
                                               " are expected");
        }
        if (schema_.missing == Missing::drop) {
            for (std::size_t k = 0; k < columns_.size(); ++k) {
                if (schema_.columns[columns_[k]].kind != Kind::dropped &&
                    is_missing_cell(records_[k])) {
                    ++dropped_;
                    return;
                }
            }
        }
        T* const row = cells_.add_row();
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            const std::size_t c = columns_[k];
            switch (schema_.columns[c].kind) {
                case Kind::number:
                    row[cells_.place(c)] = take_number<T>(k);
                    break;
                case Kind::category:
                    row[cells_.place(c)] = take_category(k);
                    break;
                case Kind::target:
                    cells_.set_target(take_target(k));
                    break;
                case Kind::dropped:
                    break;
            }
        }
    }

    template <class Number>
    Number take_number(std::size_t k) {
        const std::string_view text = records_[k];
        Number value = 0;
        const Parsed parsed = parse_number(text, value);
        if (parsed == Parsed::number) {
            return value;
        }
        const std::size_t c = columns_[k];
        if (is_missing_cell(text)) {
            refuse_missing(k);
            return std::numeric_limits<Number>::quiet_NaN();
        }
        if (parsed == Parsed::not_a_number && learning_ && c != target_) {
            records_.fail(k, in_quotes(text) + " in " + describe(c) +
                                 " is not a number; list the column under categorical to make "
                                 "features of its categories, or under drop to leave it out");
        }
        records_.fail(k,
                      in_quotes(text) + " in " + describe(c) + ' ' + std::string(explain(parsed)));
    }

    T take_category(std::size_t k) {
        if (is_missing_cell(records_[k])) {
            refuse_missing(k);
            return std::numeric_limits<T>::quiet_NaN();
        }
        return static_cast<T>(code(k));
    }

    double take_target(std::size_t k) {
        const std::string_view text = records_[k];
        if (is_missing_cell(text)) {
            records_.fail(k, describe(target_) +
                                 ", the target, has a missing cell; targets are "
                                 "not imputed: missing = drop leaves the row out");
        }
        double ignored = 0;
        const bool is_text = parse_number(text, ignored) == Parsed::not_a_number;
        if (learning_ && is_text && !target_is_text_) {
            if (target_number_ > 0) {
                records_.fail(k, in_quotes(text) + " in " + describe(target_) +
                                     ", the target, is text, but line " +
                                     std::to_string(target_number_) +
                                     " has a number there; list the column under categorical if "
                                     "both are names of classes");
            }
            target_is_text_ = true;
            target_text_ = records_.line();
        }
        if (!target_is_text_) {
            target_number_ = target_number_ > 0 ? target_number_ : records_.line();
            return take_number<double>(k);
        }
        if (!is_text && target_text_ > 0) {
            records_.fail(k, in_quotes(text) + " in " + describe(target_) +
                                 ", the target, is a number, but line " +
                                 std::to_string(target_text_) +
                                 " has text there; list the column under categorical if both are "
                                 "names of classes");
        }
        return static_cast<double>(code(k));
    }

    void refuse_missing(std::size_t k) const {
        if (schema_.missing == Missing::refuse) {
            records_.fail(k, describe(columns_[k]) +
                                 " has a missing cell; missing = drop leaves the row out, mean or "
                                 "median fills it");
        }
    }

    std::size_t code(std::size_t k) {
        const std::size_t c = columns_[k];
        auto& codes = codes_[c];
        const std::string text(records_[k]);
        if (const auto found = codes.find(text); found != codes.end()) {
            return found->second;
        }
        if (!learning_) {
            records_.fail(k, in_quotes(text) + " in " + describe(c) +
                                 " was not among the categories that were learnt");
        }
        constexpr std::size_t most = std::size_t{1} << 24;  // that a float counts exactly
        if (codes.size() == most) {
            records_.fail(k, describe(c) + " has more than 16777216 categories");
        }
        return codes.emplace(text, codes.size()).first->second;
    }

    // Puts the categories of each column in order, and their codes likewise.
    void learn_categories() {
        for (std::size_t c = 0; c < schema_.columns.size(); ++c) {
            auto& names = schema_.columns[c].categories;
            for (const auto& [name, first] : codes_[c]) {
                names.push_back(name);
            }
            std::sort(names.begin(), names.end());
            std::vector<std::size_t> rank(names.size());
            for (std::size_t k = 0; k < names.size(); ++k) {
                rank[codes_[c].at(names[k])] = k;
            }
            cells_.recode(schema_, c, rank);
        }
    }
};

/// Reads a CSV file, plain or gzip, into dense rows of numbers and a target for each.
///
/// A target of text becomes 0, …, K - 1 in the order of the names, which are kept; other columns
/// must be numbers, unless CsvFormat lists them as categorical or dropped. The file is opened more
/// than once, so it cannot be a pipe.
///
/// Throws DataError, with line, column and the name of the field, for: a cell that is no finite
/// number, a missing cell (CsvFormat::missing), a row with more or fewer fields, a quote that is
/// not closed, a column that does not exist, a file without examples.
template <class T = double>
CsvTable<T> read_csv(const std::string& path, const CsvFormat& format = {}) {
    return CsvReader<T>(path, format).read();
}

/// Reads another file (a test set, examples to predict) into the same features as the file that
/// the schema was learnt from: same categories, same values for missing cells, same classes.
/// With a header, columns are found by name, in any order; columns that were dropped may lack.
///
/// Throws DataError as above, and for a category or class that was not learnt.
// A schema comes from a file, never from braces: `{.missing = …}` means a CsvFormat.
template <class T = double, std::same_as<CsvSchema> Schema>
CsvTable<T> read_csv(const std::string& path, const Schema& schema,
                     Targets targets = Targets::required) {
    return CsvReader<T>(path, schema, targets).read();
}

}  // namespace ermine
