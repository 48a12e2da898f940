// SPDX-License-Identifier: MIT
#pragma once

#include "saved_model.hpp"
#include "text_of.hpp"

#include <ermine/data/atomic_file.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/data/parse_number.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A linear model in the text format of LIBLINEAR's `train` and `predict` (Fan, Chang, Hsieh, Wang
/// & Lin, "LIBLINEAR: a library for large linear classification", JMLR 9, 2008):
///
///     solver_type L2R_LR
///     nr_class 2
///     label 1 -1
///     nr_feature 123
///     bias 1
///     w
///     0.25                        a line a feature; behind them one for the bias, if bias >= 0
///
/// Two classes have one column, positive for the first label; K classes, and two of MCSVM_CS, a
/// column each. A regression has no labels. The intercept is the weight of a feature that is always
/// `bias`.
struct LiblinearModel {
    /// Why a model cannot be written so; empty if it can.
    static std::string obstacle(Task task, const std::string& loss, const Classes& classes) {
        const std::string name = LossChoice::of(loss).facts.name.data();
        if (name == "poisson")
            return "the model of poisson is the mean e^p, for which LIBLINEAR has no place";
        if (task == Task::regression) return {};
        for (const std::string& label : classes.names)
            if (!whole_number(label))
                return "its labels are whole numbers, and there is a class \"" + label + "\"";
        return {};
    }

    /// Writes the file, whole or not at all, with weights for the features as they are in the data.
    /// Losses that LIBLINEAR does not know are written as the nearest one with the same
    /// predictions. `sparse`: there is a penalty l1.
    static void write(SavedModel model, bool sparse, const std::string& path);

    /// Throws DataError with the line for a file that is no such model, or not a whole one.
    static SavedModel read(const std::string& path);

    static bool recognizes(std::string_view beginning) {
        return beginning.starts_with("solver_type");
    }

private:
    static constexpr const char* many = "MCSVM_CS";

    static std::optional<std::int64_t> whole_number(const std::string& text) {
        double number = 0;
        const bool read = ermine::parse_number(text, number) == ermine::Parsed::number;
        const bool fits = std::abs(number) <= std::numeric_limits<std::int32_t>::max();
        if (!read || !fits || number != std::floor(number)) return {};
        return static_cast<std::int64_t>(number);
    }

    static const char* solver_type(const SavedModel& model, bool sparse) {
        const LossChoice loss = LossChoice::of(model.loss);
        if (model.task == Task::multiclass) return many;
        if (model.task == Task::regression)
            return loss.is("epsilon_insensitive") ? "L2R_L1LOSS_SVR_DUAL" : "L2R_L2LOSS_SVR";
        if (loss.is("logistic")) return sparse ? "L1R_LR" : "L2R_LR";
        if (loss.is("hinge")) return "L2R_L1LOSS_SVC_DUAL";
        return sparse ? "L1R_L2LOSS_SVC" : "L2R_L2LOSS_SVC";
    }

    /// The loss of ermine that a model of LIBLINEAR was made with.
    static std::string loss_of(const std::string& type, bool one_vs_rest) {
        const bool logistic = type.find("_LR") != std::string::npos;
        const std::string loss = type == many                                   ? "crammer_singer"
                                 : type.find("SVR") != std::string::npos        ? "squared"
                                 : logistic                                     ? "logistic"
                                 : type.find("L1LOSS_SVC") != std::string::npos ? "hinge"
                                                                                : "squared_hinge";
        return one_vs_rest ? loss + " one-vs-rest" : loss;
    }
};

inline void LiblinearModel::write(SavedModel model, bool sparse, const std::string& path) {
    if (model.standardization)
        model.standardization->unstandardize(model.weights, model.intercepts);
    const bool bias = !model.intercepts.isZero(0);
    ermine::AtomicFile file(path);
    const auto line = [&](const std::string& key, std::int64_t number) {
        file.write(key + ' ');
        file.write_number(number);
        file.write("\n");
    };
    file.write(std::string("solver_type ") + solver_type(model, sparse) + '\n');
    line("nr_class", model.task == Task::multiclass ? model.outputs() : 2);
    if (model.task != Task::regression) {
        std::vector<std::string> labels = model.classes.names;
        if (model.task == Task::binary) std::swap(labels[0], labels[1]);
        file.write("label");
        for (const std::string& label : labels) {
            file.write(" ");
            file.write_number(whole_number(label).value());
        }
        file.write("\n");
    }
    line("nr_feature", model.features());
    line("bias", bias ? 1 : -1);
    file.write("w\n");
    const auto row = [&](const auto& weights) {
        for (const double weight : weights) {
            file.write_number(weight);
            file.write(" ");
        }
        file.write("\n");
    };
    for (ermine::Index j = 0; j < model.features(); ++j) row(model.weights.row(j));
    if (bias) row(model.intercepts);
    file.commit();
}

inline SavedModel LiblinearModel::read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string type;
    std::int64_t line = 0;
    std::string text;
    const auto refuse = [&](const std::string& sentence) {
        return ermine::DataError(path, line, 0, sentence);
    };
    const auto numbers = [&](std::string_view list) {
        std::vector<double> result;
        for (;;) {
            const std::size_t begin = list.find_first_not_of(" \t\r");
            if (begin == std::string_view::npos) return result;
            list.remove_prefix(begin);
            const std::string_view word = list.substr(0, list.find_first_of(" \t\r"));
            double number = 0;
            const ermine::Parsed parsed = ermine::parse_number(word, number);
            if (parsed != ermine::Parsed::number)
                throw refuse(ermine::in_quotes(word) + ' ' + std::string(ermine::explain(parsed)));
            result.push_back(number);
            list.remove_prefix(word.size());
        }
    };
    const auto next = [&] {
        ++line;
        return static_cast<bool>(std::getline(file, text));
    };
    constexpr double most = std::numeric_limits<std::int32_t>::max();
    double classes = 0;
    double features = -1;
    double bias = -1;
    std::vector<double> labels;
    for (;;) {
        if (!next()) throw refuse("the model ends before its weights, the line \"w\"");
        const std::size_t blank = std::min(text.find_first_of(" \t\r"), text.size());
        const std::string key = text.substr(0, blank);
        const std::string_view rest = std::string_view(text).substr(blank);
        if (key == "w") break;
        if (key == "solver_type") {
            const std::size_t begin = rest.find_first_not_of(" \t\r");
            if (begin != std::string_view::npos)
                type = rest.substr(begin, rest.find_last_not_of(" \t\r") + 1 - begin);
            continue;
        }
        if (key == "label") {
            labels = numbers(rest);
            continue;
        }
        double* const known = key == "nr_class"     ? &classes
                              : key == "nr_feature" ? &features
                              : key == "bias"       ? &bias
                                                    : nullptr;
        if (known == nullptr)
            throw refuse(ermine::in_quotes(key) +
                         " is no entry of a linear model for classes or regression");
        const std::vector<double> values = numbers(rest);
        if (values.size() != 1) throw refuse("behind " + key + " stands one number");
        *known = values.front();
    }
    const bool regression = type.ends_with("SVR") || type.ends_with("SVR_DUAL");
    const bool whole = classes == std::floor(classes) && features == std::floor(features);
    if (type.empty() || type == "ONECLASS_SVM")
        throw refuse("solver_type is " + ermine::in_quotes(type) +
                     ": a model of classes or a regression was expected");
    if (!whole || classes < 2 || classes > 100000 || features < 0 || features > most)
        throw refuse("nr_class or nr_feature is missing or out of its range");
    if (!regression && static_cast<double>(labels.size()) != classes)
        throw refuse("there are " + std::to_string(labels.size()) + " labels for " +
                     text_of(classes) + " classes");

    SavedModel model;
    const bool one_column = regression || (classes == 2 && type != many);
    const auto columns = one_column ? ermine::Index{1} : static_cast<ermine::Index>(classes);
    model.task = regression ? Task::regression : one_column ? Task::binary : Task::multiclass;
    model.loss = loss_of(type, !one_column && type != many);
    model.weights.resize(static_cast<ermine::Index>(features), columns);
    model.intercepts = Eigen::VectorXd::Zero(columns);
    const auto row = [&] {
        if (!next()) throw refuse("the model ends before its last weight");
        const std::vector<double> values = numbers(text);
        if (static_cast<ermine::Index>(values.size()) != columns)
            throw refuse("a line of weights has " + std::to_string(values.size()) +
                         " numbers, not " + std::to_string(columns));
        return Eigen::VectorXd(Eigen::Map<const Eigen::VectorXd>(values.data(), columns));
    };
    for (ermine::Index j = 0; j < model.features(); ++j) model.weights.row(j) = row();
    if (bias >= 0) model.intercepts = bias * row();
    if (regression) return model;

    std::vector<std::size_t> order(labels.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return labels[a] < labels[b]; });
    const SavedModel as_written = model;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const double label = labels[order[k]];
        if (k > 0 && label == model.classes.values.back())
            throw refuse("the label " + text_of(label) + " is there twice");
        model.classes.values.push_back(label);
        model.classes.names.push_back(text_of(label));
        if (one_column) continue;
        const auto from = static_cast<ermine::Index>(order[k]);
        const auto to = static_cast<ermine::Index>(k);
        model.weights.col(to) = as_written.weights.col(from);
        model.intercepts[to] = as_written.intercepts[from];
    }
    if (one_column && order.front() == 0) {  // positive is the lesser label
        model.weights = -model.weights;
        model.intercepts = -model.intercepts;
        model.at_zero = 1;
    }
    return model;
}

/// Reads a model that train has written, in either format, by its content.
inline SavedModel read_model(const std::string& path) {
    std::string beginning(16, ' ');
    std::ifstream(path, std::ios::binary).read(beginning.data(), 16);
    return LiblinearModel::recognizes(beginning) ? LiblinearModel::read(path)
                                                 : SavedModel::read(path);
}
