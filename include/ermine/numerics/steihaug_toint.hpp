// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>

namespace ermine {

/// What truncated conjugate gradients have done.
struct TruncatedStep {
    double reduction = 0;   ///< −(gᵀp + ½ pᵀHp)
    double length = 0;      ///< ‖p‖
    bool boundary = false;  ///< ‖p‖ = Δ
    bool negative = false;  ///< a direction of negative curvature was met
    bool finite = true;
    Index products = 0;
};

/// Conjugate gradients on the model gᵀp + ½ pᵀHp from p = 0, until the model's gradient is no
/// longer than `tolerance`, or the path leaves the ball ‖p‖ <= Δ, or a direction of curvature
/// <= 0 is met, which is followed to the boundary (Conn, Gould & Toint, "Trust-region methods",
/// 2000, algorithm 7.5.1; Steihaug 1983; Toint 1981). ‖p‖ grows all the while, and p decreases the
/// model by at least as much as the Cauchy point, if H is convex by at least half of what the exact
/// minimizer does (theorem 7.5.9).
template <Vector V>
class SteihaugToint {
public:
    explicit SteihaugToint(Index n)
        : residual_(V::Zero(n)), direction_(V::Zero(n)), product_(V::Zero(n)) {}

    /// apply(v, Hv) fills Hv. At most `most` products.
    template <std::invocable<const V&, V&> Operator>
    TruncatedStep step(const Operator& apply, const V& g, double radius, double tolerance,
                       Index most, V& p) {
        using Scalar = typename V::Scalar;
        TruncatedStep found;
        p.setZero();
        residual_ = g;
        direction_ = -g;
        double square = norm2(residual_);
        while (std::sqrt(square) > tolerance && found.products < most) {
            apply(direction_, product_);
            ++found.products;
            const auto bend = static_cast<double>(direction_.dot(product_));
            if (!std::isfinite(bend)) {
                found.finite = false;
                return found;
            }
            const double along = bend > 0 ? square / bend : 0;
            const double exit = to_boundary(p, radius);
            if (bend <= 0 || along >= exit) {
                p += static_cast<Scalar>(exit) * direction_;
                found.negative = bend <= 0;
                found.boundary = true;
                // the model along the direction: its slope there is −‖r‖²
                found.reduction += exit * (square - exit * bend / 2);
                break;
            }
            p += static_cast<Scalar>(along) * direction_;
            residual_ += static_cast<Scalar>(along) * product_;
            found.reduction += along * square / 2;
            const double next = norm2(residual_);
            direction_ = static_cast<Scalar>(next / square) * direction_ - residual_;
            square = next;
        }
        found.length = static_cast<double>(p.stableNorm());
        return found;
    }

private:
    static double norm2(const V& v) { return static_cast<double>(v.squaredNorm()); }

    /// The t >= 0 at which ‖p + t d‖ = Δ.
    double to_boundary(const V& p, double radius) const {
        const double a = norm2(direction_);
        const auto b = static_cast<double>(p.dot(direction_));
        const double inside = std::max(0.0, radius * radius - norm2(p));
        const double root = std::sqrt(b * b + a * inside);
        return b > 0 ? inside / (b + root) : (root - b) / a;
    }

    V residual_;
    V direction_;
    V product_;
};

}  // namespace ermine
