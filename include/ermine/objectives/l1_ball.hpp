// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>
#include <ermine/concepts/number.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/simplex_threshold.hpp>

namespace ermine {

/// 0 where ‖w‖₁ <= radius, otherwise +∞: the lasso in the form of a constraint (Tibshirani 1996,
/// eq. 1), which makes entries exactly 0.
struct L1Ball {
    double radius = 1;

    static constexpr const char* name = "L1Ball";
    static constexpr bool separable = false;
    static constexpr bool indicator = true;

    /// 0 in the ball, up to the rounding of a sum (4 (n + 4) ε radius); +∞ outside, and where an
    /// entry is NaN.
    double value(const auto& w) const {
        using T = Number<decltype(w)>;
        const double room =
            4 * (static_cast<double>(w.size()) + 4) * double{std::numeric_limits<T>::epsilon()};
        return norm(w) <= radius * (1 + room) ? 0 : std::numeric_limits<double>::infinity();
    }

    /// The nearest point of the ball, for every t: the absolute values are projected to the
    /// simplex, and keep their signs (Duchi et al. 2008, section 4). A vector that is not finite
    /// comes back as NaN.
    void prox(auto&& w, double) const {
        using T = Number<decltype(w)>;
        if (!w.allFinite()) {
            w.setConstant(std::numeric_limits<T>::quiet_NaN());
            return;
        }
        if (norm(w) <= radius) return;
        const auto top = static_cast<double>(w.cwiseAbs().maxCoeff());
        const double s = simplex_threshold(w.cwiseAbs(), top, radius);
        for (Index i = 0; i < w.size(); ++i) {
            const auto entry = static_cast<double>(w[i]);
            w[i] = static_cast<T>(std::copysign(std::max(std::abs(entry) - top - s, 0.0), entry));
        }
    }

    /// radius · max |vᵢ|.
    double conjugate(const auto& v) const {
        if (v.size() == 0) return 0;
        return radius * static_cast<double>(v.cwiseAbs().template maxCoeff<Eigen::PropagateNaN>());
    }

    /// 1: the conjugate is finite everywhere.
    double shrink(const auto&) const { return 1; }

    /// Throws std::invalid_argument unless the radius is positive and finite.
    void check() const { require_positive(radius, "L1Ball: radius"); }

private:
    static double norm(const auto& w) { return w.template cast<double>().template lpNorm<1>(); }
};

}  // namespace ermine
