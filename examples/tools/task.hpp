// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/data/data_error.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/targets.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

/// What is to be predicted.
enum class Task { binary, multiclass, regression };

inline const char* name(Task task) {
    return task == Task::binary ? "binary" : task == Task::multiclass ? "multiclass" : "regression";
}

/// The classes of a training file: the targets that stand for them, increasing, and their names.
struct Classes {
    std::vector<double> values;
    std::vector<std::string> names;

    template <class Rows>
    static Classes of(const ermine::Dataset<Rows>& data) {
        Classes classes{ermine::distinct_targets(data), {}};
        classes.names = ermine::target_names(data, classes.values);
        return classes;
    }
};

/// What the targets look like, with the reason in words: two distinct ones are two classes; text,
/// or at most 20 different integers, are many; all else is a number to be predicted.
template <class Rows>
std::pair<Task, std::string> infer_task(const ermine::Dataset<Rows>& data) {
    constexpr std::size_t most = 20;
    const std::vector<double> values = ermine::distinct_targets(data);
    if (values.size() == 2) return {Task::binary, "the targets have two different values"};
    const std::string count = std::to_string(values.size());
    if (!data.class_names().empty()) return {Task::multiclass, count + " classes have names"};
    const bool integers =
        std::all_of(values.begin(), values.end(), [](double y) { return y == std::floor(y); });
    if (integers && values.size() > 2 && values.size() <= most)
        return {Task::multiclass, "the targets are " + count + " different integers"};
    return {Task::regression, "the targets are numbers, " + count + " different ones"};
}

/// The data with the targets that the losses of the task expect: -1 and +1, or 0, …, K - 1, or the
/// numbers as they are. Throws DataError for a target that is no class.
template <class Rows>
ermine::Dataset<Rows> with_task_targets(const ermine::Dataset<Rows>& data, Task task,
                                        const Classes& classes, const std::string& path) {
    if (task == Task::regression) return data;
    Eigen::VectorXd targets(data.examples());
    for (ermine::Index i = 0; i < data.examples(); ++i) {
        const double y = data.targets()[i];
        const auto found = std::lower_bound(classes.values.begin(), classes.values.end(), y);
        if (found == classes.values.end() || *found != y) {
            std::string known;
            for (const std::string& text : classes.names)
                known += (known.empty() ? "" : ", ") + (known.size() < 60 ? text : "…");
            throw ermine::DataError(path, "example " + std::to_string(i + 1) + " has the target " +
                                              ermine::target_names(data, {y}).front() +
                                              ", which is no class of the training data (" + known +
                                              ")");
        }
        const auto k = static_cast<double>(found - classes.values.begin());
        targets[i] = task == Task::binary ? 2 * k - 1 : k;
    }
    return data.with_targets(targets).with_class_names(classes.names);
}

/// Throws DataError for a target that is no count and no rate.
template <class Rows>
void check_counts(const ermine::Dataset<Rows>& data, const std::string& path) {
    for (ermine::Index i = 0; i < data.examples(); ++i)
        if (const double y = data.targets()[i]; !(y >= 0))
            throw ermine::DataError(path, "example " + std::to_string(i + 1) + " has the target " +
                                              ermine::target_names(data, {y}).front() +
                                              ", but --loss poisson takes counts or rates: "
                                              "numbers >= 0");
}
