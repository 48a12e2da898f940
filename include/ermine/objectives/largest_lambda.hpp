// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <stdexcept>

#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/group_lasso.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/objectives/linear_problem.hpp>

namespace ermine {

/// A linear problem whose best constant is known how to find: one prediction, a loss with
/// curvature.
template <class Problem>
concept HasBestConstant = std::same_as<typename Problem::Model, Linear> &&
                          TwiceDifferentiableLoss<typename Problem::Loss>;

/// The best point of a linear problem among those whose penalized weights are 0: 0, and where there
/// is an intercept the constant b with Σ ŵᵢ ℓ'(b, yᵢ) = 0, by bisection and Newton's method. Throws
/// std::invalid_argument where there is none, as for a logistic loss with all labels alike.
template <HasBestConstant Problem>
Eigen::VectorXd best_constant(const Problem& problem) {
    Eigen::VectorXd x = Eigen::VectorXd::Zero(problem.parameters());
    if (!problem.intercept()) return x;
    Eigen::VectorXd p(problem.examples());
    Eigen::VectorXd slopes(problem.examples());
    Eigen::VectorXd curvatures(problem.examples());
    double curvature = 0;
    const auto slope = [&](double b) {
        p.setConstant(b);
        LinearPass<Problem>::slopes(problem, p, slopes, curvatures);
        curvature = curvatures.mean();
        return slopes.mean();
    };
    const double first = slope(0);
    const double way = first > 0 ? -1 : 1;
    double near = 0;  // the slope still falls that way
    double far = 0;   // no longer
    for (double reach = 1; first != 0; reach *= 2) {
        const double there = slope(way * reach);
        far = way * reach;
        if (!(way * there < 0)) break;
        near = far;
        if (!(std::abs(there) > 1e-14 * std::abs(first) && reach < 1e150))
            throw std::invalid_argument(
                "best_constant: the loss has no best constant, for it falls for ever: are all "
                "labels alike?");
    }
    double b = 0;
    for (int k = 0; k < 200 && near != far; ++k) {
        const double now = slope(b);
        if (now == 0) break;
        (way * now < 0 ? near : far) = b;
        double next = b - now / curvature;
        if (!(next > std::min(near, far) && next < std::max(near, far)))
            next = near + (far - near) / 2;
        const bool still = std::abs(next - b) <= 1e-15 * std::abs(b);
        b = next;
        if (still) break;
    }
    x[problem.parameters() - 1] = b;
    return x;
}

/// A penalty times a number.
inline L2 scaled(const L2& penalty, double by) { return {by * penalty.lambda}; }
inline L1 scaled(const L1& penalty, double by) { return {by * penalty.lambda}; }
inline ElasticNet scaled(const ElasticNet& penalty, double by) {
    return {by * penalty.l1, by * penalty.l2};
}
inline GroupLasso scaled(GroupLasso penalty, double by) {
    penalty.lambda *= by;
    return penalty;
}

/// The least λ for which λ · penalty keeps weights at 0 where the slopes there are g.
inline double least_to_hold(const L1& penalty, const Eigen::VectorXd& g) {
    const double most = g.size() > 0 ? g.cwiseAbs().maxCoeff() : 0;
    return most / penalty.lambda;
}
inline double least_to_hold(const ElasticNet& penalty, const Eigen::VectorXd& g) {
    return least_to_hold(L1{penalty.l1}, g);
}
inline double least_to_hold(const GroupLasso& penalty, const Eigen::VectorXd& g) {
    // the shrinkage is that into the ball, and 1 only within it
    const double size = g.stableNorm();
    if (size == 0) return 0;
    const double share = 1e-3 / (1 + std::sqrt(static_cast<double>(g.size())));
    const double small = size * share / penalty.lambda;
    return small / scaled(penalty, small).shrink(g);
}

}  // namespace ermine
