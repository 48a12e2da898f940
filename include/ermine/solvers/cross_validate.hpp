// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/folds.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>

namespace ermine {

/// What cross-validation says of each strength of a penalty.
struct [[nodiscard]] CrossValidated {
    std::vector<double> lambdas;  ///< from the largest to the smallest
    Eigen::MatrixXd scores;       ///< of each fold (row) and λ (column), on what was held out
    Eigen::VectorXd means;        ///< over the folds
    Eigen::VectorXd errors;       ///< standard errors of the means: s / √folds
    std::size_t best = 0;         ///< the λ of the best mean, the larger one of equals
    /// The largest λ whose mean is within a standard error of the best, that of the best (Hastie,
    /// Tibshirani & Friedman, "The elements of statistical learning", 2009, section 7.10).
    std::size_t one_standard_error = 0;
    Index unconverged = 0;  ///< fits that ended without reaching the accuracy asked for

    [[nodiscard]] double best_lambda() const { return lambdas[best]; }
    [[nodiscard]] double one_standard_error_lambda() const { return lambdas[one_standard_error]; }

    /// From the scores, a column a λ, of λs that decrease. A λ with a score that is not finite is
    /// never chosen. Throws std::invalid_argument where that leaves none, and for tables of fewer
    /// than 2 folds or another number of λs.
    static CrossValidated of(std::vector<double> lambdas, Eigen::MatrixXd scores,
                             bool higher_is_better = false) {
        if (scores.rows() < 2 || scores.cols() == 0 ||
            scores.cols() != static_cast<Index>(lambdas.size()))
            throw std::invalid_argument("CrossValidated: a table of " +
                                        std::to_string(scores.rows()) + " x " +
                                        std::to_string(scores.cols()) + " scores for " +
                                        std::to_string(lambdas.size()) + " penalties");
        CrossValidated result{std::move(lambdas), std::move(scores), {}, {}};
        const double folds = static_cast<double>(result.scores.rows());
        result.means = result.scores.colwise().mean();
        result.errors.resize(result.means.size());
        Index best = -1;
        const double sign = higher_is_better ? -1 : 1;
        for (Index k = 0; k < result.means.size(); ++k) {
            const double square = (result.scores.col(k).array() - result.means[k]).square().sum();
            result.errors[k] = std::sqrt(square / ((folds - 1) * folds));
            if (std::isfinite(result.means[k]) &&
                (best < 0 || sign * result.means[k] < sign * result.means[best]))
                best = k;
        }
        if (best < 0)
            throw std::invalid_argument(
                "cross_validate: no penalty has a finite score on all folds");
        Index simple = 0;
        const double most = sign * result.means[best] + result.errors[best];
        while (!(sign * result.means[simple] <= most)) ++simple;
        result.best = static_cast<std::size_t>(best);
        result.one_standard_error = static_cast<std::size_t>(simple);
        return result;
    }
};

/// How many of so many folds run beside each other, a thread each: all, but for a last turn that
/// would leave half of the threads or more without one.
inline Index folds_apart(Index folds) {
    const Index threads = threads_at_hand();
    const Index left = folds % threads;
    return 2 * left <= threads ? folds - left : folds;
}

/// Cross-validation over strengths λ of a penalty: for each fold, `model` is fitted with `loss` to
/// the examples outside of it, for one λ after the other from the largest to the smallest, each
/// from the solution before, and judged by the mean of `judge` (a loss or a measure) on the fold.
///
///     const auto cv = cross_validate(Linear{d}, LogisticLoss{}, data, lambdas, ZeroOneLoss{},
///         [](const auto& f, const auto& x0) { return minimize(f, x0, LinearNewtonCG{}); });
///
/// `solve(f, x0)` gives a Result; f has its parameters in double, whatever the data is in.
/// `penalty(λ)` makes the penalty: L2{λ}, or what is given last. Folds run in parallel, each on one
/// thread, and those that are left over, where they are few, one after the other on all threads:
/// the same bits on any number of threads. A fold copies its training rows once, for all λ.
/// `solve`, `judge` and `penalty` are called from several threads at a time. Throws
/// std::invalid_argument for no λ, one that is negative or not finite, and what `folds` refuses.
template <Model M, SurrogateLoss L, class Rows, class Judge, class Solve,
          class Penalty = decltype([](double lambda) { return L2{lambda}; })>
CrossValidated cross_validate(const M& model, const L& loss, const Dataset<Rows>& data,
                              std::vector<double> lambdas, const Judge& judge, const Solve& solve,
                              const FoldOptions& options = {}, const Penalty& penalty = {}) {
    if (lambdas.empty()) throw std::invalid_argument("cross_validate: give at least one lambda");
    for (const double lambda : lambdas) require_nonnegative(lambda, "cross_validate: a lambda");
    std::sort(lambdas.begin(), lambdas.end(), std::greater<>());
    const auto parts = folds(data, options);
    const auto count = static_cast<Index>(parts.size());
    const auto penalties = static_cast<Index>(lambdas.size());
    Eigen::MatrixXd scores(count, penalties);
    std::vector<Index> unconverged(parts.size());
    const auto fit = [&](Index fold) {
        const auto& out = parts[static_cast<std::size_t>(fold)];
        std::vector<std::int32_t> rest;
        rest.reserve(static_cast<std::size_t>(data.examples()) - out.size());
        auto next = out.begin();
        for (std::int32_t i = 0; i < data.examples(); ++i) {
            if (next != out.end() && *next == i)
                ++next;
            else
                rest.push_back(i);
        }
        const auto risk = EmpiricalRisk{model, loss, data.select(rest)}.in_double();
        const auto held_out = EmpiricalRisk{model, judge, data.select(out)}.in_double();
        Eigen::VectorXd x = risk.zero();
        for (Index k = 0; k < penalties; ++k) {
            const auto result = solve(risk + penalty(lambdas[static_cast<std::size_t>(k)]), x);
            if (!result.converged()) ++unconverged[static_cast<std::size_t>(fold)];
            if (result.x.allFinite()) x = result.x;
            scores(fold, k) = result.x.allFinite() ? held_out.value(result.x)
                                                   : std::numeric_limits<double>::quiet_NaN();
        }
    };
    const Index apart = folds_apart(count);
    for_each_chunk(apart, fit);
    for (Index fold = apart; fold < count; ++fold) fit(fold);
    constexpr bool higher = EmpiricalRisk<M, Judge, Rows>::higher_is_better();
    auto result = CrossValidated::of(std::move(lambdas), std::move(scores), higher);
    for (const Index some : unconverged) result.unconverged += some;
    return result;
}

}  // namespace ermine
