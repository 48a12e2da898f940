// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/objectives/pass_plan.hpp>

namespace ermine {

/// (1/n) Σᵢ xᵢⱼ² over the examples of a linear problem for each feature j, and 1 for the intercept
/// where there is one: a look at all of the data, with the same bits on any number of threads.
template <class Problem>
Eigen::VectorXd mean_squares(const Problem& problem) {
    const auto& rows = problem.rows;
    const Index inputs = rows.features + (problem.intercept() ? 1 : 0);
    const auto plan =
        PassPlan::over(rows.examples, rows.nonzeros(), sizeof(*rows.values), 1, inputs);
    Eigen::VectorXd squares(inputs);
    PartialSums<double> sums;
    parallel_sum(chunks_for(rows.examples, plan.grain, plan.most), sums, squares,
                 [&rows](Index begin, Index end, auto& partial) {
                     double* const sum = partial.data();
                     const auto add = [sum](Index j, auto value) {
                         const auto x = static_cast<double>(value);
                         sum[j] += x * x;
                     };
                     for (Index i = begin; i < end; ++i) {
                         if constexpr (requires { rows.columns; }) {
                             for (Index e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e)
                                 add(rows.columns[e], rows.values[e]);
                         } else {
                             for (Index j = 0; j < rows.features; ++j) add(j, rows.row(i)[j]);
                         }
                     }
                     return 0.0;
                 });
    squares /= static_cast<double>(rows.examples);
    if (problem.intercept()) squares[rows.features] = 1;
    return squares;
}

}  // namespace ermine
