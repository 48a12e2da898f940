// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/losses/hinge.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/numerics/sigmoid.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ermine {

/// One coordinate of the dual of a linear model with an ℓ2 penalty: with C = ŵ / λn, the margin
/// m = y ⟨w, x⟩ and q = ‖x‖² of an example, the terms of the dual that move with its α are
///
///     α ↦ C ℓ*(−α / C) + (m − q α₀) α + ½ q α²,   α₀ the present α,
///
/// which `maximum` says where is least, that is where the dual is greatest. `residual` is the part
/// C (ℓ(m) + ℓ*(−α / C)) + α m of the duality gap, or close to it near the solution.
template <class Loss>
struct DualCoordinate;

/// ℓ*(−s) = −s for s in [0, 1].
template <>
struct DualCoordinate<HingeLoss> {
    static constexpr bool rests = true;  ///< at 0 or at C
    double c;
    double q;

    double most() const { return c; }
    double slope(double, double m) const { return m - 1; }
    double residual(double alpha, double m) const {
        return c * std::max(1 - m, 0.0) + alpha * (m - 1);
    }
    double maximum(double alpha, double m) const {
        if (q > 0) return std::clamp(alpha - slope(alpha, m) / q, 0.0, c);
        return m < 1 ? c : 0;  // of an example of zeros the dual is a line
    }
};

/// ℓ*(−s) = s²/4 − s for s >= 0.
template <>
struct DualCoordinate<SquaredHingeLoss> {
    static constexpr bool rests = true;
    double c;
    double q;

    double most() const { return std::numeric_limits<double>::infinity(); }
    double slope(double alpha, double m) const { return m - 1 + 0.5 * alpha / c; }
    double residual(double alpha, double m) const {
        const double short_of = std::max(0.0, 1 - m);
        return c * short_of * short_of + alpha * (m - 1 + 0.25 * alpha / c);
    }
    double maximum(double alpha, double m) const {
        return std::max(alpha - slope(alpha, m) / (q + 0.5 / c), 0.0);
    }
};

/// ℓ*(−s) = s log s + (1 − s) log(1 − s) for s in [0, 1]: the maximum is α = C σ(−z) where
/// z = m + q (α − α₀), an equation in z that Newton's method solves in a step or two (in α, whose
/// ends are poles, it is slow: Yu, Huang & Lin, "Dual coordinate descent methods for logistic
/// regression and maximum entropy models", Machine Learning 85, 2011).
template <>
struct DualCoordinate<LogisticLoss> {
    static constexpr bool rests = false;
    double c;
    double q;

    double most() const { return c; }
    double residual(double alpha, double m) const {
        const double s = sigmoid(-m);
        const double off = s - alpha / c;
        return 0.5 * c * off * off / std::max(s * (1 - s), std::abs(off));
    }
    double maximum(double alpha, double m) const {
        double low = m - q * alpha;
        double high = m + q * (c - alpha);
        double z = m;
        double s = sigmoid(-z);
        for (int k = 0; k < 50; ++k) {
            const double off = z - m + q * (alpha - c * s);
            const double bend = c * s * (1 - s);
            const double step = off / (1 + q * bend);
            // what s would still change, where its slope is that of here
            if (std::abs(step) <= 1 && bend * std::abs(step) <= 0.02 * std::abs(c * s - alpha))
                break;
            (off > 0 ? high : low) = z;
            z = z - step > low && z - step < high ? z - step : 0.5 * (low + high);
            s = sigmoid(-z);
        }
        return c * s;
    }
};

}  // namespace ermine
