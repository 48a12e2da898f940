// SPDX-License-Identifier: MIT
#pragma once

#include "saved_model.hpp"
#include "train_options.hpp"

#include <ermine/data/map_npy.hpp>
#include <ermine/data/read.hpp>
#include <ermine/data/read_idx.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// The examples of a file: dense rows of CSV or IDX, sparse ones of LIBSVM, or either of a store.
struct ExamplesFile {
    std::variant<ermine::Dataset<ermine::DenseRows<double>>,
                 ermine::Dataset<ermine::SparseRows<double>>>
        data;
    std::optional<ermine::CsvSchema> schema = std::nullopt;  ///< of CSV
    ermine::Index dropped = 0;                               ///< rows with missing cells
    bool has_targets = true;
    std::vector<double> groups = {};  ///< of the rows, if --groups names a column
    bool shuffled = false;            ///< already in random order: a store
};

/// What a path names.
enum class Source { libsvm, csv, idx, store };

/// As a predicate: "it IS …".
inline const char* name(Source source) {
    return source == Source::libsvm ? "in LIBSVM format"
           : source == Source::csv  ? "CSV"
           : source == Source::idx  ? "an IDX file"
                                    : "a folder of shuffled examples";
}

/// By the content, not by the name. Throws DataError for a pipe, of which what was looked at would
/// be lost, and for a single NumPy array.
inline Source source_of(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return Source::store;
    if (std::filesystem::is_fifo(path, ignored))
        throw ermine::DataError(path,
                                "a pipe cannot be read twice, first for its format; give a file");
    ermine::ByteReader reader(path);
    std::string first(6, ' ');
    first.resize(reader.fill(first.data(), first.size()));
    if (first == "\x93NUMPY")
        throw ermine::DataError(path,
                                "is a NumPy array alone; give the folder of a store, which "
                                "shuffle_to_npy writes");
    if (ermine::IdxReader::recognizes(path)) return Source::idx;
    return ermine::detect_format(path) == ermine::FileFormat::libsvm ? Source::libsvm : Source::csv;
}

/// The file of the labels: as `given`, or else the one beside the images whose name has `labels`
/// for `images` and `idx1` for `idx3`, if there is one; otherwise empty.
inline std::string labels_of(const std::string& images, const std::string& given) {
    if (!given.empty()) return given;
    const std::filesystem::path path = images;
    std::string file = path.filename().string();
    for (const auto& [from, to] : {std::pair{"images", "labels"}, {"idx3", "idx1"}})
        if (const std::size_t at = file.rfind(from); at != std::string::npos)
            file.replace(at, std::string(from).size(), to);
    std::error_code ignored;
    const std::filesystem::path labels = path.parent_path() / file;
    const bool found = labels != path && std::filesystem::exists(labels, ignored);
    return found ? labels.string() : std::string();
}

/// The same examples in double; those that are stay as they are, mapped or in memory.
inline ermine::Dataset<ermine::DenseRows<double>> in_double(
    const ermine::Dataset<ermine::DenseRows<float>>& data) {
    using Matrix = ermine::DenseRows<double>::Matrix;
    struct Memory {
        ermine::Dataset<ermine::DenseRows<float>> original;
        Matrix values;
    };
    const auto memory =
        std::make_shared<const Memory>(Memory{data, Matrix(data.rows().matrix().cast<double>())});
    return ermine::Dataset<ermine::DenseRows<double>>::view(
        {memory->values.data(), data.examples(), data.features(), data.features()},
        data.targets().data(), data.weighted() ? data.weights().data() : nullptr, memory);
}
inline ermine::Dataset<ermine::SparseRows<double>> in_double(
    const ermine::Dataset<ermine::SparseRows<float>>& data) {
    struct Memory {
        ermine::Dataset<ermine::SparseRows<float>> original;
        std::vector<double> values;
    };
    const float* const values = data.rows().values;
    const auto memory =
        std::make_shared<const Memory>(Memory{data, {values, values + data.rows().nonzeros()}});
    return ermine::Dataset<ermine::SparseRows<double>>::view(
        {memory->values.data(), data.rows().columns, data.rows().offsets, data.examples(),
         data.features()},
        data.targets().data(), data.weighted() ? data.weights().data() : nullptr, memory);
}

/// Maps a folder that shuffle_to_npy has written.
inline ExamplesFile read_store(const std::string& folder) {
    return std::visit(
        []<class Rows>(const ermine::Dataset<Rows>& data) {
            ExamplesFile file{[&] {
                if constexpr (std::is_same_v<typename Rows::Scalar, double>)
                    return data;
                else
                    return in_double(data)
                        .with_class_names(data.class_names())
                        .with_feature_names(data.feature_names());
            }()};
            file.shuffled = true;
            return file;
        },
        ermine::map_npy(folder));
}

/// The column of --groups, read as if it were the target: a number for each text in it.
inline std::vector<double> groups_of(const TrainOptions& o, ermine::CsvFormat format,
                                     const ermine::CsvSchema& schema) {
    if (format.missing == ermine::Missing::drop)
        throw std::invalid_argument("--groups with --missing drop: fill the cells, or refuse them");
    format.target = o.groups;
    format.drop = o.drop_columns;
    for (std::size_t k = 0; k < schema.columns.size(); ++k)
        if (schema.columns[k].kind == ermine::CsvColumn::Kind::target)
            format.drop.push_back(std::to_string(k + 1));
    const auto table = ermine::read_csv(o.data, format);
    return {table.data.targets().begin(), table.data.targets().end()};
}

/// Reads the training data by their content and the flags. Throws std::invalid_argument for flags
/// that don't fit the format.
inline ExamplesFile read_training_file(const TrainOptions& o) {
    const Source source = source_of(o.data);
    const auto only_for = [&](Source fit, const char* files, const char* flag, bool given) {
        if (given && source != fit)
            throw std::invalid_argument(std::string(flag) + " is for " + files + ", but " + o.data +
                                        " is " + name(source));
    };
    only_for(Source::csv, "CSV files", "--target-column", !o.target_column.empty());
    only_for(Source::csv, "CSV files", "--drop-columns", !o.drop_columns.empty());
    only_for(Source::csv, "CSV files", "--categorical", !o.categorical.empty());
    only_for(Source::csv, "CSV files", "--missing", !o.missing.empty());
    only_for(Source::csv, "CSV files", "--groups", !o.groups.empty());
    only_for(Source::libsvm, "LIBSVM files", "--features", o.features.has_value());
    only_for(Source::idx, "IDX files", "--labels", !o.labels.empty());
    if (source == Source::store) return read_store(o.data);
    if (source == Source::libsvm)
        return {ermine::read_libsvm(o.data, {.features = o.features.value_or(0)})};
    if (source == Source::idx) {
        const std::string labels = labels_of(o.data, o.labels);
        if (labels.empty())
            throw ermine::DataError(o.data, "is an IDX file; name that of its labels: --labels");
        return {ermine::read_idx(o.data, labels)};
    }
    ermine::CsvFormat format;
    if (!o.target_column.empty()) format.target = o.target_column;
    format.drop = o.drop_columns;
    format.categorical = o.categorical;
    if (!o.missing.empty())
        format.missing = static_cast<ermine::Missing>(place_of(o.missing, missing_names));
    if (!o.groups.empty()) format.drop.push_back(o.groups);
    auto table = ermine::read_csv(o.data, format);
    ExamplesFile file{std::move(table.data), std::move(table.schema), table.dropped};
    if (!o.groups.empty()) file.groups = groups_of(o, format, *file.schema);
    return file;
}

/// Reads other data into the features of the training data: CSV by its schema, LIBSVM with its
/// number of features. `labels`: of IDX, empty for those that labels_of finds.
inline ExamplesFile read_alike(const std::string& path,
                               const std::optional<ermine::CsvSchema>& schema,
                               ermine::Index features, ermine::Targets targets,
                               const std::string& labels = {}) {
    const Source source = source_of(path);
    if (!labels.empty() && source != Source::idx)
        throw std::invalid_argument("labels of their own are for IDX files, but " + path + " is " +
                                    name(source));
    if (schema && source != Source::csv)
        throw ermine::DataError(path,
                                std::string("is ") + name(source) + ", the training file was CSV");
    if (!schema && source == Source::csv)
        throw ermine::DataError(path, "the file is CSV, the training file was not");
    if (schema) {
        auto table = ermine::read_csv(path, *schema, targets);
        return {std::move(table.data), schema, table.dropped, table.has_targets};
    }
    if (source == Source::libsvm) return {ermine::read_libsvm(path, {.features = features})};
    ExamplesFile file = [&]() -> ExamplesFile {
        if (source == Source::store) return read_store(path);
        const std::string found = labels_of(path, labels);
        if (found.empty() && targets == ermine::Targets::required)
            throw ermine::DataError(path, "is an IDX file; name that of its labels: --test-labels");
        return {ermine::read_idx(path, found), {}, 0, !found.empty()};
    }();
    const ermine::Index count =
        std::visit([](const auto& data) { return data.features(); }, file.data);
    if (count != features)
        throw ermine::DataError(path, "has " + std::to_string(count) +
                                          " features, the training data had " +
                                          std::to_string(features));
    return file;
}
