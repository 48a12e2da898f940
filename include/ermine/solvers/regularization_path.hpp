// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/seconds_now.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/group_lasso.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/largest_lambda.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/objectives/reduced_least_squares.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/unified.hpp>
#include <ermine/solvers/auto.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/relative_gap.hpp>
#include <ermine/solvers/ridge_path.hpp>
#include <ermine/solvers/sparse_path.hpp>
#include <ermine/solvers/status.hpp>
#include <ermine/solvers/working_set.hpp>

namespace ermine {

/// A grid of λ, evenly spaced in log λ, and how well each problem is solved.
struct PathOptions {
    int count = 100;      ///< of λ
    double ratio = 1e-3;  ///< of the least λ to the largest, in (0, 1)
    double gap = 1e-6;    ///< RelativeGap of each
    double largest = 0;   ///< λ to begin at; 0: the one that `regularization_path` finds
    int rounds = 1000;    ///< most of a solver for one λ
};

/// The solution for one λ.
struct PathPoint {
    double lambda = 0;
    std::vector<Index> support;  ///< of the parameters that are not 0, an intercept included
    std::vector<double> values;  ///< theirs
    double value = 0;            ///< of the whole objective
    /// Bound on value − minimum; +∞ where none is known.
    double gap = std::numeric_limits<double>::infinity();
    Index nonzeros = 0;  ///< penalized weights that are not 0
    double seconds = 0;
    Status status = Status::stopped;

    /// All parameters.
    [[nodiscard]] Eigen::VectorXd x(Index parameters) const {
        Eigen::VectorXd full = Eigen::VectorXd::Zero(parameters);
        for (std::size_t k = 0; k < support.size(); ++k) full[support[k]] = values[k];
        return full;
    }
};

/// The methods that a path keeps more of than the solution before.
template <class Method>
concept KeepsPathState = std::same_as<Method, Auto> || std::same_as<Method, WorkingSet> ||
                         std::same_as<Method, LinearNewtonCG>;

/// What follows a path by more than warm starts, from x, where f and the method have such.
template <class Method, class F>
auto start_path(const F& f, const Eigen::VectorXd& x) {
    if constexpr (SparseLinearObjective<F> && KeepsPathState<Method>) {
        const auto problem = unified(f.linear_problem());
        return std::make_unique<SparsePath<std::remove_const_t<decltype(problem)>>>(problem, x);
    } else if constexpr (SmoothLinearObjective<F> && KeepsPathState<Method>) {
        const auto problem = f.linear_problem();
        return std::make_unique<RidgePath<std::remove_const_t<decltype(problem)>>>(problem, x);
    } else {
        return nullptr;
    }
}

/// The solutions for the grid from `largest` down, from x.
template <class Risk, class Penalty, class Method>
std::vector<PathPoint> follow_path(const Risk& risk, const Penalty& penalty,
                                   const PathOptions& options, const Method& method, double largest,
                                   Eigen::VectorXd x) {
    const Index penalized = risk.linear_problem().penalized();
    auto follower = start_path<Method>(risk + scaled(penalty, largest), x);
    const auto follow = [&](const auto& f, PathPoint& point) {
        if constexpr (requires { follower->x(); }) {
            const auto now = unified(f.linear_problem());
            if (!follower->follow(now, options.gap, std::min(options.rounds, 30))) {
                x = follower->x();
                return false;
            }
            x = follower->x();
            point.value = follower->bounds().primal;
            point.gap = follower->bounds().absolute();
            point.status = Status::converged;
            return true;
        }
        return false;
    };
    std::vector<PathPoint> path(static_cast<std::size_t>(options.count));
    for (std::size_t k = 0; k < path.size(); ++k) {
        PathPoint& point = path[k];
        const double begin = seconds_now();
        point.lambda = k == 0 ? largest
                              : largest * std::pow(options.ratio,
                                                   static_cast<double>(k) / (options.count - 1));
        const auto f = risk + scaled(penalty, point.lambda);
        if (!follow(f, point)) {
            const auto result = minimize(
                f, x, method, first_of(RelativeGap{options.gap}, MaxIterations{options.rounds}));
            if (result.x.allFinite()) x = result.x;
            if constexpr (requires { follower->x(); })
                follower->put(unified(f.linear_problem()), x);
            point.value = result.value;
            point.status = result.status;
            if (result.certificate.kind == Certificate::Kind::gap)
                point.gap = result.certificate.value;
        }
        for (Index j = 0; j < x.size(); ++j) {
            if (x[j] == 0) continue;
            point.support.push_back(j);
            point.values.push_back(x[j]);
            if (j < penalized) ++point.nonzeros;
        }
        point.seconds = seconds_now() - begin;
    }
    return path;
}

/// The same for a least-squares problem in the reduced form; empty where rounding would be too
/// large for the gap.
template <class Problem, class Penalty, class Method>
std::vector<PathPoint> reduced_path(const Problem& problem, const Penalty& penalty,
                                    PathOptions options, Method method, double largest) {
    const double begin = seconds_now();
    const auto reduced = ReducedLeastSquares::of(problem);
    if (!reduced.finite()) return {};
    const double gap = options.gap;
    options.gap *= 0.9;
    if constexpr (requires { method.accuracy; }) method.accuracy = options.gap;
    const Index d = problem.features();
    const EmpiricalRisk risk{Linear{d, false}, SquaredLoss{},
                             Dataset{reduced.rows, reduced.targets}};
    auto path = follow_path(risk, penalty, options, method, largest, risk.zero());
    for (PathPoint& point : path) {
        const Eigen::VectorXd w = point.x(d);
        point.gap += 2 * reduced.error(w);
        if (point.status != Status::converged || !(point.gap <= gap * (point.value - point.gap)))
            return {};
        if (!problem.intercept()) continue;
        point.support.push_back(d);
        point.values.push_back(reduced.intercept(w));
    }
    path[0].seconds = seconds_now() - begin;
    for (std::size_t k = 1; k < path.size(); ++k) path[0].seconds -= path[k].seconds;
    return path;
}

/// The solutions of min risk + λ · penalty for a grid of λ from the largest down, each from the one
/// before:
///
///     for (const auto& point : regularization_path(risk, L1{}, {.count = 50})) …
///
/// With a penalty that makes weights 0 (L1{1}, ElasticNet{0.9, 0.1}, GroupLasso) it begins at λmax,
/// the least λ for which all of them are 0 (with the intercept that is best then), as Friedman,
/// Hastie & Tibshirani do ("Regularization paths for generalized linear models", J. Stat. Software
/// 33, 2010, section 2.5); with L2 at 1000 times the largest slope there, as they do. Of losses
/// with a kink or of several predictions, which take L2, the slopes are those at 0. `method`
/// solves each; its `accuracy`, where it has one, is set to the gap.
/// Throws std::invalid_argument for options out of their range, a loss without a best constant, and
/// slopes that are all 0 where λmax is asked for.
template <LinearObjective Risk, class Penalty, class Method = Auto>
std::vector<PathPoint> regularization_path(const Risk& risk, const Penalty& penalty,
                                           const PathOptions& options = {}, Method method = {}) {
    require_count(options.count, "PathOptions.count");
    require_fraction(options.ratio, "PathOptions.ratio");
    require_nonnegative(options.gap, "PathOptions.gap");
    require_nonnegative(options.largest, "PathOptions.largest");
    require_count(options.rounds, "PathOptions.rounds");
    penalty.check();
    if constexpr (requires { method.accuracy; }) method.accuracy = options.gap;

    const auto problem = risk.linear_problem();
    Eigen::VectorXd x = Eigen::VectorXd::Zero(problem.parameters());
    if constexpr (HasBestConstant<decltype(problem)>) x = best_constant(problem);
    double largest = options.largest;
    if (largest == 0) {
        Eigen::VectorXd slopes(x.size());
        risk.value_and_gradient(x, slopes);
        slopes.conservativeResize(problem.penalized());
        if constexpr (std::same_as<Penalty, L2>)
            largest = 1000 * least_to_hold(L1{penalty.lambda}, slopes);
        else
            largest = least_to_hold(penalty, slopes);
        if (!(largest > 0 && std::isfinite(largest)))
            throw std::invalid_argument(
                "regularization_path: all slopes at 0 are 0 or one is not finite, so that there is "
                "no largest lambda: give PathOptions.largest");
    }

    if constexpr (LinearLeastSquares<std::remove_const_t<decltype(problem)>> &&
                  !std::same_as<Penalty, GroupLasso> && KeepsPathState<Method>)
        if (ReducedLeastSquares::pays(problem, 3.0 * options.count)) {
            auto path = reduced_path(problem, penalty, options, method, largest);
            if (!path.empty()) return path;
        }
    return follow_path(risk, penalty, options, method, largest, x);
}

}  // namespace ermine
