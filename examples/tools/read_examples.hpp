// SPDX-License-Identifier: MIT
#pragma once

#include "saved_model.hpp"
#include "train_options.hpp"

#include <ermine/data/read.hpp>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

/// The examples of a file: dense rows of CSV, sparse ones of LIBSVM.
struct ExamplesFile {
    std::variant<ermine::Dataset<ermine::DenseRows<double>>,
                 ermine::Dataset<ermine::SparseRows<double>>>
        data;
    std::optional<ermine::CsvSchema> schema = std::nullopt;  ///< of CSV
    ermine::Index dropped = 0;                               ///< rows with missing cells
    bool has_targets = true;
};

/// LIBSVM or CSV. Throws DataError for a pipe, of which what was looked at would be lost.
inline ermine::FileFormat format_of(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_fifo(path, ignored))
        throw ermine::DataError(path,
                                "a pipe cannot be read twice, first for its format; give a file");
    return ermine::detect_format(path);
}

/// Reads the training file by its content and the flags. Throws std::invalid_argument for flags
/// that don't fit the format.
inline ExamplesFile read_training_file(const TrainOptions& o) {
    if (format_of(o.data) == ermine::FileFormat::libsvm) {
        for (const auto& [flag, given] : {std::pair{"--target-column", !o.target_column.empty()},
                                          {"--drop-columns", !o.drop_columns.empty()},
                                          {"--categorical", !o.categorical.empty()},
                                          {"--missing", !o.missing.empty()}})
            if (given)
                throw std::invalid_argument(std::string(flag) + " is for CSV files, but " + o.data +
                                            " is in LIBSVM format");
        return {ermine::read_libsvm(o.data, {.features = o.features.value_or(0)})};
    }
    if (o.features)
        throw std::invalid_argument("--features is for LIBSVM files, but " + o.data +
                                    " is CSV: its columns say how many features there are");
    ermine::CsvFormat format;
    if (!o.target_column.empty()) format.target = o.target_column;
    format.drop = o.drop_columns;
    format.categorical = o.categorical;
    if (!o.missing.empty())
        format.missing = static_cast<ermine::Missing>(place_of(o.missing, missing_names));
    auto table = ermine::read_csv(o.data, format);
    return {std::move(table.data), std::move(table.schema), table.dropped};
}

/// Reads another file into the features of the training file: CSV by its schema, LIBSVM with its
/// number of features.
inline ExamplesFile read_alike(const std::string& path,
                               const std::optional<ermine::CsvSchema>& schema,
                               ermine::Index features, ermine::Targets targets) {
    const bool libsvm = format_of(path) == ermine::FileFormat::libsvm;
    if (libsvm && schema)
        throw ermine::DataError(path, "the file is in LIBSVM format, the training file was CSV");
    if (schema) {
        auto table = ermine::read_csv(path, *schema, targets);
        return {std::move(table.data), schema, table.dropped, table.has_targets};
    }
    if (!libsvm)
        throw ermine::DataError(path, "the file is CSV, the training file was in LIBSVM format");
    return {ermine::read_libsvm(path, {.features = features})};
}
