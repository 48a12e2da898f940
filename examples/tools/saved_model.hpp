// SPDX-License-Identifier: MIT
#pragma once

#include "loss_choice.hpp"
#include "task.hpp"

#include <ermine/data/atomic_file.hpp>
#include <ermine/data/csv_schema.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/data/standardization.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// A linear model as `train` leaves it and `predict` takes it up: JSON, one entry a line. The
/// weights belong to standardized features where there is a standardization.
struct SavedModel {
    Task task = Task::regression;
    std::string loss;            ///< as --loss names it, with its option
    Classes classes;             ///< none for regression
    Eigen::MatrixXd weights;     ///< d × K, a column for each output
    Eigen::VectorXd intercepts;  ///< K; 0 if the model has none
    std::optional<ermine::Standardization> standardization;
    std::optional<ermine::CsvSchema> schema;  ///< none if it was trained on LIBSVM files
    std::size_t at_zero = 0;  ///< the class of a binary model where the prediction is exactly 0

    ermine::Index features() const { return weights.rows(); }
    ermine::Index outputs() const { return weights.cols(); }

    /// Writes the file, whole or not at all. Numbers read back as the same bits.
    void write(const std::string& path) const;

    /// Throws DataError for a file that is no such model, or not a whole one.
    static SavedModel read(const std::string& path);

private:
    using Json = nlohmann::ordered_json;
    static constexpr const char* format = "ermine linear model";
    static constexpr int version = 1;

    template <class Numbers>
    static Json list(const Numbers& numbers) {
        return std::vector<double>(numbers.begin(), numbers.end());
    }

    static Eigen::VectorXd numbers(const Json& json, const std::string& what) {
        const auto list = json.get<std::vector<double>>();
        const Eigen::VectorXd result =
            Eigen::Map<const Eigen::VectorXd>(list.data(), static_cast<ermine::Index>(list.size()));
        if (!result.allFinite())
            throw std::invalid_argument(what + " holds a number that is not finite");
        return result;
    }

    static void require(bool fine, const std::string& sentence) {
        if (!fine) throw std::invalid_argument(sentence);
    }

    static Json to_json(const ermine::CsvSchema& schema);
    static ermine::CsvSchema schema_from(const Json& json);
    static SavedModel from_json(const Json& json);
};

/// Names of what a column may be, in the order of CsvColumn::Kind and Missing.
inline const std::vector<std::string> column_kinds = {"dropped", "number", "category", "target"};
inline const std::vector<std::string> missing_names = {"refuse", "drop", "mean", "median"};

/// The place of a name in a list of them; throws std::invalid_argument if it is none of them.
inline std::size_t place_of(const std::string& name, const std::vector<std::string>& names) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) throw std::invalid_argument("\"" + name + "\" is not known");
    return static_cast<std::size_t>(found - names.begin());
}

inline nlohmann::ordered_json SavedModel::to_json(const ermine::CsvSchema& schema) {
    Json columns = Json::array();
    for (const ermine::CsvColumn& column : schema.columns)
        columns.push_back({{"name", column.name},
                           {"kind", column_kinds[static_cast<std::size_t>(column.kind)]},
                           {"categories", column.categories},
                           {"fill", column.fill}});
    return {{"separator", std::string(1, schema.separator)},
            {"header", schema.header},
            {"missing", missing_names[static_cast<std::size_t>(schema.missing)]},
            {"columns", columns}};
}

inline ermine::CsvSchema SavedModel::schema_from(const Json& json) {
    ermine::CsvSchema schema;
    const auto separator = json.at("separator").get<std::string>();
    require(separator.size() == 1, "the separator of the schema is not one character");
    schema.separator = separator.front();
    schema.header = json.at("header").get<bool>();
    schema.missing = static_cast<ermine::Missing>(
        place_of(json.at("missing").get<std::string>(), missing_names));
    std::size_t targets = 0;
    for (const Json& entry : json.at("columns")) {
        ermine::CsvColumn column;
        column.name = entry.at("name").get<std::string>();
        column.kind = static_cast<ermine::CsvColumn::Kind>(
            place_of(entry.at("kind").get<std::string>(), column_kinds));
        column.categories = entry.at("categories").get<std::vector<std::string>>();
        column.fill = entry.at("fill").get<double>();
        targets += column.kind == ermine::CsvColumn::Kind::target ? 1 : 0;
        schema.columns.push_back(std::move(column));
    }
    require(targets == 1, "the schema has " + std::to_string(targets) + " target columns, not one");
    return schema;
}

inline void SavedModel::write(const std::string& path) const {
    Json entries;
    entries["format"] = format;
    entries["version"] = version;
    entries["task"] = name(task);
    entries["loss"] = loss;
    entries["class_values"] = classes.values;
    entries["class_names"] = classes.names;
    entries["features"] = features();
    entries["intercepts"] = list(intercepts);
    entries["weights"] = Json::array();
    for (ermine::Index k = 0; k < outputs(); ++k)
        entries["weights"].push_back(list(weights.col(k)));
    entries["mean"] = standardization ? list(standardization->mean) : Json();
    entries["scale"] = standardization ? list(standardization->scale) : Json();
    entries["schema"] = schema ? to_json(*schema) : Json();
    ermine::AtomicFile file(path);
    std::string before = "{\n";
    for (const auto& [key, value] : entries.items()) {
        file.write(before + Json(key).dump() + ": " +
                   value.dump(-1, ' ', false, Json::error_handler_t::replace));
        before = ",\n";
    }
    file.write("\n}\n");
    file.commit();
}

inline SavedModel SavedModel::from_json(const Json& json) {
    SavedModel model;
    require(json.is_object() && json.value("format", "") == format,
            "this is no model that train has written: it lacks \"format\": \"" +
                std::string(format) + "\"");
    require(json.at("version").get<int>() == version,
            "the model is of version " + json.at("version").dump() +
                ", this program reads version " + std::to_string(version));
    const std::vector<std::string> tasks = {"binary", "multiclass", "regression"};
    model.task = static_cast<Task>(place_of(json.at("task").get<std::string>(), tasks));
    model.loss = json.at("loss").get<std::string>();
    model.classes.values = json.at("class_values").get<std::vector<double>>();
    model.classes.names = json.at("class_names").get<std::vector<std::string>>();
    model.intercepts = numbers(json.at("intercepts"), "intercepts");
    const auto d = json.at("features").get<ermine::Index>();
    const Json& columns = json.at("weights");
    require(d >= 0 && columns.is_array() && !columns.empty(), "there are no weights");
    const auto outputs = static_cast<ermine::Index>(columns.size());
    require(model.intercepts.size() == outputs,
            std::to_string(outputs) + " columns of weights, but " +
                std::to_string(model.intercepts.size()) + " intercepts");
    const std::size_t classes = model.classes.values.size();
    require(model.classes.names.size() == classes, "class_values and class_names differ in length");
    require(std::is_sorted(model.classes.values.begin(), model.classes.values.end()),
            "class_values are not increasing");
    require(model.task == Task::regression ? classes == 0 && outputs == 1
            : model.task == Task::binary   ? classes == 2 && outputs == 1
                                           : std::cmp_equal(classes, outputs),
            std::to_string(classes) + " classes and " + std::to_string(outputs) +
                " columns of weights do not make a model of the task " + name(model.task));
    require(LossChoice::of(model.loss).serves(model.task),
            "the loss " + model.loss + " is not for the task " + name(model.task));
    model.weights.resize(d, outputs);
    for (ermine::Index k = 0; k < outputs; ++k) {
        const Eigen::VectorXd column = numbers(columns[static_cast<std::size_t>(k)], "weights");
        require(column.size() == d, "a column of weights has " + std::to_string(column.size()) +
                                        " numbers for " + std::to_string(d) + " features");
        model.weights.col(k) = column;
    }
    if (!json.at("scale").is_null()) {
        model.standardization = {numbers(json.at("mean"), "mean"),
                                 numbers(json.at("scale"), "scale")};
        require(model.standardization->mean.size() == d && model.standardization->scale.size() == d,
                "mean and scale are not " + std::to_string(d) + " numbers each");
        require((model.standardization->scale.array() > 0).all(),
                "scale has a number that is not positive");
    }
    if (!json.at("schema").is_null()) {
        model.schema = schema_from(json.at("schema"));
        require(model.schema->features() == d,
                "the columns of the schema make " + std::to_string(model.schema->features()) +
                    " features, the weights are for " + std::to_string(d));
    }
    return model;
}

inline SavedModel SavedModel::read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw ermine::DataError(path, "cannot be opened");
    if (file.peek() != '{')  // a wrong file may be large, and /dev/zero has no end
        throw ermine::DataError(path, 1, 0, "the model is damaged: this is not JSON");
    std::ostringstream content;
    content << file.rdbuf();
    if (!file) throw ermine::DataError(path, "cannot be read");
    const std::string text = content.str();
    try {
        return from_json(Json::parse(text));
    } catch (const Json::parse_error& error) {
        const auto end =
            text.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, text.size()));
        const auto line = 1 + std::count(text.begin(), end, '\n');
        throw ermine::DataError(path, line, 0, "the model is damaged: this is not JSON");
    } catch (const Json::exception& error) {
        const std::string what = error.what();
        throw ermine::DataError(path, "the model is damaged: " + what.substr(what.find("] ") + 2));
    } catch (const std::invalid_argument& error) {
        throw ermine::DataError(path, error.what());
    }
}
