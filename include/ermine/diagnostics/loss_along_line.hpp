// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// A function along the line from one point to another.
struct LossAlongLine {
    Eigen::ArrayXd t;       ///< from 0 to 1
    Eigen::ArrayXd values;  ///< f((1 − t) a + t b)

    /// How far the function rises above the straight line between its values at the ends: 0 for
    /// convex functions (Frankle, Dziugaite, Roy & Carbin, "Linear mode connectivity and the
    /// lottery ticket hypothesis", ICML 2020, section 2). NaN where a value is.
    [[nodiscard]] double barrier() const {
        return (values - (1 - t) * values[0] - t * values[values.size() - 1])
            .template maxCoeff<Eigen::PropagateNaN>();
    }
};

/// The values of f at `points` points from a to b, both included. Throws std::invalid_argument for
/// fewer than 2, and for a and b of different sizes.
template <class F, class X, class Y>
[[nodiscard]] LossAlongLine loss_along_line(const F& f, const Eigen::MatrixBase<X>& a,
                                            const Eigen::MatrixBase<Y>& b, Index points = 25) {
    using T = typename X::Scalar;
    if (points < 2) refuse("points", points, "a line has two ends, give at least 2");
    if (a.size() != b.size())
        throw std::invalid_argument("loss_along_line: the ends have " + std::to_string(a.size()) +
                                    " and " + std::to_string(b.size()) + " numbers");
    LossAlongLine line{Eigen::ArrayXd::LinSpaced(points, 0, 1), Eigen::ArrayXd(points)};
    Eigen::Matrix<T, Eigen::Dynamic, 1> x(a.size());
    for (Index k = 0; k < points; ++k) {
        x = static_cast<T>(1 - line.t[k]) * a + static_cast<T>(line.t[k]) * b;
        line.values[k] = f.value(x);
    }
    return line;
}

}  // namespace ermine
