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

/// 0 where all wᵢ >= 0 and Σ wᵢ = radius, otherwise +∞: weights, shares, probabilities.
struct Simplex {
    double radius = 1;

    static constexpr const char* name = "Simplex";
    static constexpr bool separable = false;
    static constexpr bool indicator = true;

    /// 0 on the simplex, whose sum may be off by the rounding of its terms (4 (n + 4) ε radius);
    /// +∞ elsewhere, and where an entry is NaN.
    double value(const auto& w) const {
        using T = Number<decltype(w)>;
        const double room = 4 * (static_cast<double>(w.size()) + 4) *
                            double{std::numeric_limits<T>::epsilon()} * radius;
        const bool on_it =
            (w.array() >= T{0}).all() && std::abs(w.template cast<double>().sum() - radius) <= room;
        return on_it ? 0 : std::numeric_limits<double>::infinity();
    }

    /// The nearest point of the simplex, for every t (Duchi, Shalev-Shwartz, Singer & Chandra,
    /// "Efficient projections onto the ℓ1-ball for learning in high dimensions", 2008, eq. 3). A
    /// vector that is not finite comes back as NaN.
    void prox(auto&& w, double) const {
        using T = Number<decltype(w)>;
        if (w.size() == 0) return;
        if (!w.allFinite()) {
            w.setConstant(std::numeric_limits<T>::quiet_NaN());
            return;
        }
        const auto top = static_cast<double>(w.maxCoeff());
        const double s = simplex_threshold(w, top, radius);
        for (Index i = 0; i < w.size(); ++i)
            w[i] = static_cast<T>(std::max(static_cast<double>(w[i]) - top - s, 0.0));
    }

    /// radius · max vᵢ.
    double conjugate(const auto& v) const {
        if (v.size() == 0) return -std::numeric_limits<double>::infinity();
        return radius * static_cast<double>(v.template maxCoeff<Eigen::PropagateNaN>());
    }

    /// 1: the conjugate is finite everywhere.
    double shrink(const auto&) const { return 1; }

    /// Throws std::invalid_argument unless the radius is positive and finite.
    void check() const { require_positive(radius, "Simplex: radius"); }
};

}  // namespace ermine
