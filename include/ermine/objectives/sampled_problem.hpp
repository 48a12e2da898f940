// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/dense_rows.hpp>
#include <ermine/data/sparse_rows.hpp>
#include <ermine/objectives/linear_problem.hpp>

namespace ermine {

/// The k-th example of a sample that takes one of every `stride`, now from its beginning, now from
/// its end (by the golden ratio), so that no order of the data with a period is met in step.
inline Index place_in_sample(double stride, Index k) {
    const double at = static_cast<double>(k);
    const double turn = 0.6180339887498949 * at;
    return static_cast<Index>(stride * (at + turn - std::floor(turn)));
}

/// A copy of one of every n / count examples of a linear problem: a smaller problem of the same
/// kind, whose rows lie together in memory.
template <class Problem>
class SampledProblem {
public:
    SampledProblem(const Problem& whole, Index count) : problem_(whole) {
        const double stride = static_cast<double>(whole.examples()) / static_cast<double>(count);
        targets_.resize(count);
        if (whole.weights != nullptr) weights_.resize(count);
        for (Index k = 0; k < count; ++k) {
            const Index i = place_in_sample(stride, k);
            targets_[k] = whole.targets[i];
            if (whole.weights != nullptr) weights_[k] = whole.weights[i];
            rows_.add(whole.rows, i, count);
        }
        problem_.rows = rows_.view(whole.rows, count);
        problem_.targets = targets_.data();
        if (whole.weights != nullptr) {
            const double sum = weights_.sum();
            problem_.weights = sum > 0 ? weights_.data() : nullptr;
            problem_.weight_scale = sum > 0 ? static_cast<double>(count) / sum : 1;
        }
    }

    SampledProblem(const SampledProblem&) = delete;
    SampledProblem& operator=(const SampledProblem&) = delete;

    [[nodiscard]] const Problem& problem() const { return problem_; }

private:
    template <class Rows>
    struct Copy;

    template <class T>
    struct Copy<DenseRows<T>> {
        std::vector<T> values;

        void add(const DenseRows<T>& from, Index i, Index count) {
            values.reserve(static_cast<std::size_t>(count * from.features));
            values.insert(values.end(), from.row(i), from.row(i) + from.features);
        }
        DenseRows<T> view(const DenseRows<T>& from, Index count) const {
            return {values.data(), count, from.features, from.features};
        }
    };

    template <class T>
    struct Copy<SparseRows<T>> {
        std::vector<T> values;
        std::vector<std::int32_t> columns;
        std::vector<std::int64_t> offsets = {0};

        void add(const SparseRows<T>& from, Index i, Index) {
            const auto row = from.row_values(i);
            const auto places = from.row_columns(i);
            values.insert(values.end(), row.begin(), row.end());
            columns.insert(columns.end(), places.begin(), places.end());
            offsets.push_back(static_cast<std::int64_t>(values.size()));
        }
        SparseRows<T> view(const SparseRows<T>& from, Index count) const {
            return {values.data(), columns.data(), offsets.data(), count, from.features};
        }
    };

    Problem problem_;
    Eigen::VectorXd targets_;
    Eigen::VectorXd weights_;
    Copy<typename Problem::Rows> rows_;
};

}  // namespace ermine
