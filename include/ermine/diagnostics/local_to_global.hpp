// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <ostream>
#include <string>

#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/loss_along_line.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/require_same_size.hpp>
#include <ermine/solvers/minimize.hpp>

namespace ermine {

/// Options of `local_to_global`.
struct LocalToGlobalOptions {
    Index points = 25;   ///< on the line to the goal
    double near = 0.01;  ///< descent arrives within this share of the distance at the beginning
};

/// Whether descent from a point leads towards a goal, as the best point known. Made by
/// `local_to_global`.
struct LocalToGlobal {
    double cosine = 0;     ///< of −∇f(x) and the way to the goal
    double distance = 0;   ///< ‖goal − x‖
    double barrier = 0;    ///< of the line to the goal, see LossAlongLine
    double left = 0;       ///< ‖goal − end of the descent‖
    double value = 0;      ///< f(x)
    double end_value = 0;  ///< f(end of the descent)
    double goal_value = 0;
    bool arrives = false;  ///< the descent ends near the goal, or as low

    /// Whether the first step goes nearer to the goal.
    [[nodiscard]] bool points_there() const { return cosine > 0; }

    friend std::ostream& operator<<(std::ostream& out, const LocalToGlobal& l) {
        char text[400];
        std::snprintf(
            text, sizeof text,
            "%s: the gradient points %s (cosine %.2f), a barrier of %.2g lies on the line, and "
            "descent ended at the value %.4g, %.2g times as far from the goal as it began (the "
            "goal has %.4g)\n",
            l.arrives ? "descent from here leads to the goal"
                      : "descent from here does not lead to the goal",
            l.points_there() ? "towards it" : "away from it", l.cosine, l.barrier, l.end_value,
            l.left / l.distance, l.goal_value);
        return out << text;
    }
};

/// Does the best local move at x go where the function is low at large (Goodfellow, Bengio &
/// Courville, "Deep learning", 2016, section 8.2.7)? The angle between −∇f(x) and the way to
/// `goal`, the barrier on the straight line there, and where the descent by `method`, until `rule`
/// ends it, arrives:
///
///     local_to_global(f, x, best.x, lbfgs(), GradientNorm{1e-8})
///
/// Throws std::invalid_argument for points of different sizes, and where they are one.
template <class F, Vector V, class Method, class Rule>
[[nodiscard]] LocalToGlobal local_to_global(const F& f, const V& x, const V& goal,
                                            const Method& method, const Rule& rule,
                                            const LocalToGlobalOptions& options = {}) {
    require_same_size(x.size(), "numbers in x", goal.size(), "numbers in the goal");
    require_positive(options.near, "LocalToGlobalOptions.near");
    LocalToGlobal result;
    const Eigen::VectorXd way = goal.template cast<double>() - x.template cast<double>();
    result.distance = way.norm();
    require_positive(result.distance, "local_to_global: the distance to the goal");
    V g(x.size());
    smooth_part(f).value_and_gradient(x, g);
    result.value = static_cast<double>(f.value(x));
    const auto length = static_cast<double>(g.norm());
    result.cosine =
        length > 0 ? -way.dot(g.template cast<double>()) / (length * result.distance) : 0;
    result.barrier = loss_along_line(f, x, goal, options.points).barrier();
    result.goal_value = static_cast<double>(f.value(goal));
    const auto end = minimize(f, x, method, rule);
    result.end_value = end.value;
    result.left = (goal.template cast<double>() - end.x.template cast<double>()).norm();
    const double range =
        std::max(result.value - result.goal_value, std::numeric_limits<double>::min());
    result.arrives = result.left <= options.near * result.distance ||
                     end.value - result.goal_value <= options.near * range;
    return result;
}

}  // namespace ermine
