// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/csv_format.hpp>

namespace ermine {

/// What became of one column of a CSV file.
struct CsvColumn {
    enum class Kind {
        dropped,
        number,    ///< One feature.
        category,  ///< One 0/1 feature for each of the categories.
        target,
    };

    std::string name;  ///< From the header; "column 3" without one.
    Kind kind = Kind::number;
    /// Sorted. Of a target: the names of the classes 0, …, K - 1; empty if the target is a number.
    std::vector<std::string> categories = {};
    /// What stands for a missing cell: a number, or the position of a category. Learnt by
    /// Missing::mean and median only.
    double fill = 0;

    bool operator==(const CsvColumn&) const = default;
};

/// All that was learnt from the columns of a CSV file: enough to read another file into the same
/// features. A plain value, to be kept with the model.
struct CsvSchema {
    char separator = ',';
    bool header = false;
    Missing missing = Missing::refuse;
    std::vector<CsvColumn> columns =
        {};  ///< All of them, in the order of the file, one the target.

    bool operator==(const CsvSchema&) const = default;

    /// Number of features: one for each number column, K for a column of K categories.
    Index features() const {
        std::size_t count = 0;
        for (const CsvColumn& column : columns) {
            count += column.kind == CsvColumn::Kind::number     ? 1
                     : column.kind == CsvColumn::Kind::category ? column.categories.size()
                                                                : 0;
        }
        return static_cast<Index>(count);
    }

    /// "age" for a number, "sea=near bay" for a category.
    std::vector<std::string> feature_names() const {
        std::vector<std::string> names;
        for (const CsvColumn& column : columns) {
            if (column.kind == CsvColumn::Kind::number) {
                names.push_back(column.name);
            } else if (column.kind == CsvColumn::Kind::category) {
                for (const std::string& category : column.categories) {
                    names.push_back(column.name + '=' + category);
                }
            }
        }
        return names;
    }

    /// Names of the classes 0, …, K - 1, if the target is text; otherwise none.
    std::vector<std::string> class_names() const {
        for (const CsvColumn& column : columns) {
            if (column.kind == CsvColumn::Kind::target) {
                return column.categories;
            }
        }
        return {};
    }
};

}  // namespace ermine
