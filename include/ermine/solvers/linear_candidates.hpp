// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/newton_preconditioner.hpp>
#include <ermine/solvers/dual_coordinate_ascent.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/method_choice.hpp>
#include <ermine/solvers/multiclass_newton_cg.hpp>
#include <ermine/solvers/smoothed_hinge_newton.hpp>
#include <ermine/solvers/working_set.hpp>

#include <cstddef>
#include <string>
#include <tuple>

namespace ermine {

/// A linear model for which there are methods of its own.
template <class F>
concept HasLinearCandidates = SmoothLinearObjective<F> || SparseLinearObjective<F> ||
                              SupportVectorObjective<F> || MultinomialObjective<F>;

/// The methods for a linear model that know its loss and penalty, from the usual one on: a tuple.
template <HasLinearCandidates F>
constexpr auto linear_candidates(double accuracy) {
    if constexpr (MultinomialObjective<F>)
        return std::tuple{MulticlassNewtonCG{.accuracy = accuracy}};
    else if constexpr (SparseLinearObjective<F>)
        return std::tuple{WorkingSet{.accuracy = accuracy}};
    else if constexpr (SmoothLinearObjective<F>)
        return std::tuple{LinearNewtonCG{.accuracy = accuracy}};
    else
        return std::tuple{DualCoordinateAscent{.accuracy = accuracy},
                          SmoothedHingeNewton{.accuracy = accuracy}};
}

/// Which of them begins, and why.
template <HasLinearCandidates F>
MethodChoice choose_linear(const F& f) {
    const auto problem = f.linear_problem();
    const std::string shape = std::to_string(problem.examples()) + " examples of " +
                              std::to_string(problem.features()) + " features, " +
                              std::to_string(problem.rows.nonzeros()) + " numbers stored";
    const bool few = problem.parameters() <= NewtonPreconditioner::dense_up_to;
    if constexpr (MultinomialObjective<F>) {
        return {.method = "MulticlassNewtonCG",
                .reason = "a smooth loss of " + std::to_string(problem.model.classes) +
                          " classes; " + shape +
                          (few ? ": few features, so that a Kronecker product of Cholesky factors "
                                 "preconditions the steps"
                               : ": many features, so that a diagonal preconditions the steps")};
    } else if constexpr (SparseLinearObjective<F>) {
        constexpr bool sparse = requires { problem.rows.columns; };
        const bool gram = !sparse || problem.features() <= WorkingSet::gram_up_to;
        return {.method = "WorkingSet",
                .reason = "an l1 penalty, which leaves few weights; " + shape +
                          (gram ? ": Gram matrices of the working set"
                                : ": coordinate descent on the working set")};
    } else if constexpr (SmoothLinearObjective<F>) {
        return {.method = "LinearNewtonCG",
                .reason =
                    "a smooth loss" + std::string(problem.l2 > 0 ? " with an l2 penalty" : "") +
                    "; " + shape +
                    (few ? ": few features, so that the Hessian of a sample preconditions the steps"
                         : ": many features, so that a diagonal preconditions the steps")};
    } else {
        const std::string why =
            "a loss with a kink and an l2 penalty, whose dual is smooth; " + shape;
        const bool fits = problem.parameters() <= SmoothedHingeNewton::most_parameters;
        if (problem.intercept())
            return {1, "SmoothedHingeNewton", why + ", with an intercept, which couples the dual",
                    std::size_t{2}};
        if (problem.features() <= 300)
            return {1, "SmoothedHingeNewton",
                    why + ": few features, so that a Newton step costs little"};
        return {0, "DualCoordinateAscent", why, fits ? std::size_t{3} : std::size_t{1}};
    }
}

}  // namespace ermine
