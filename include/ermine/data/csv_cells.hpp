// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <ermine/data/csv_format.hpp>
#include <ermine/data/csv_schema.hpp>
#include <ermine/data/dataset.hpp>

namespace ermine {

/// The cells of a CSV file while it is read: a row of numbers for each example, one for each
/// number column and one (the code of a category) for each category column, NaN where a cell is
/// missing; and the targets.
template <class T>
class CsvCells {
public:
    /// Lays out the cells of a row in the order of the schema's columns.
    explicit CsvCells(const CsvSchema& schema) {
        for (const CsvColumn& column : schema.columns) {
            const bool kept = column.kind == Kind::number || column.kind == Kind::category;
            place_.push_back(kept ? width_++ : none);
        }
    }

    std::size_t rows() const { return targets_.size(); }

    /// Where column c stands in a row; of number and category columns only.
    std::size_t place(std::size_t c) const { return place_[c]; }

    /// A new row of cells, to be filled in before the next is added. Its target is 0.
    T* add_row() {
        cells_.resize(cells_.size() + width_);
        targets_.push_back(0);
        return cells_.data() + (cells_.size() - width_);
    }

    /// Sets the target of the last row.
    void set_target(double target) { targets_.back() = target; }

    /// Replaces each code in column c by its new one. A target without categories stays.
    void recode(const CsvSchema& schema, std::size_t c, const std::vector<std::size_t>& code) {
        if (schema.columns[c].kind == Kind::target && !code.empty()) {
            for (double& target : targets_) {
                target = static_cast<double>(code[static_cast<std::size_t>(target)]);
            }
        } else if (schema.columns[c].kind == Kind::category) {
            for (std::size_t at = place_[c]; at < cells_.size(); at += width_) {
                if (!std::isnan(cells_[at])) {
                    cells_[at] = static_cast<T>(code[static_cast<std::size_t>(cells_[at])]);
                }
            }
        }
    }

    /// Where the schema asks for means or medians, learns what stands for a missing cell of column
    /// c: of categories, the most frequent, and of several the first. False if no cell has a value.
    bool learn_fill(CsvSchema& schema, std::size_t c) const {
        const bool asked = schema.missing == Missing::mean || schema.missing == Missing::median;
        if (!asked || place_[c] == none) {
            return true;
        }
        std::vector<double> seen;
        for (std::size_t at = place_[c]; at < cells_.size(); at += width_) {
            if (!std::isnan(cells_[at])) {
                seen.push_back(static_cast<double>(cells_[at]));
            }
        }
        if (seen.empty()) {
            return false;
        }
        CsvColumn& column = schema.columns[c];
        column.fill = column.kind == Kind::category ? most_frequent(seen, column.categories.size())
                      : schema.missing == Missing::mean ? mean(seen)
                                                        : median(seen);
        return true;
    }

    /// The features that the schema describes: missing cells filled, categories one-hot.
    Dataset<DenseRows<T>> expand(const CsvSchema& schema) && {
        struct Memory {
            std::vector<T> values;
            std::vector<double> targets;
        };
        bool categories = false;
        std::vector<T> fill(width_);
        for (std::size_t c = 0; c < place_.size(); ++c) {
            categories = categories || schema.columns[c].kind == Kind::category;
            if (place_[c] != none) {
                fill[place_[c]] = static_cast<T>(schema.columns[c].fill);
            }
        }
        for (std::size_t row = 0; row < cells_.size(); row += width_) {
            for (std::size_t k = 0; k < width_; ++k) {
                cells_[row + k] = std::isnan(cells_[row + k]) ? fill[k] : cells_[row + k];
            }
        }
        const Index features = schema.features();
        auto memory = std::make_shared<Memory>();
        if (!categories) {
            memory->values = std::move(cells_);
        } else {
            memory->values.assign(rows() * static_cast<std::size_t>(features), T{0});
            T* row = memory->values.data();
            for (std::size_t at = 0; at < cells_.size();) {
                for (const CsvColumn& column : schema.columns) {
                    if (column.kind == Kind::number) {
                        *row++ = cells_[at++];
                    } else if (column.kind == Kind::category) {
                        row[static_cast<std::size_t>(cells_[at++])] = 1;
                        row += column.categories.size();
                    }
                }
            }
        }
        memory->targets = std::move(targets_);
        const DenseRows<T> view{memory->values.data(), static_cast<Index>(memory->targets.size()),
                                features, features};
        const double* const targets = memory->targets.data();
        return Dataset<DenseRows<T>>::view(view, targets, nullptr, std::move(memory))
            .with_feature_names(schema.feature_names())
            .with_class_names(schema.class_names());
    }

private:
    using Kind = CsvColumn::Kind;

    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    std::vector<std::size_t> place_;
    std::size_t width_ = 0;
    std::vector<T> cells_;
    std::vector<double> targets_;

    static double most_frequent(const std::vector<double>& codes, std::size_t categories) {
        std::vector<std::size_t> count(categories, 0);
        for (const double code : codes) {
            ++count[static_cast<std::size_t>(code)];
        }
        return static_cast<double>(std::max_element(count.begin(), count.end()) - count.begin());
    }

    static double mean(const std::vector<double>& numbers) {
        double mean = 0;
        double count = 0;
        for (const double number : numbers) {
            ++count;
            mean += number / count - mean / count;  // no sum or difference that could overflow
        }
        return mean;
    }

    static double median(std::vector<double>& numbers) {
        const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
        std::nth_element(numbers.begin(), middle, numbers.end());
        return numbers.size() % 2 == 1
                   ? *middle
                   : *middle / 2 + *std::max_element(numbers.begin(), middle) / 2;
    }
};

}  // namespace ermine
