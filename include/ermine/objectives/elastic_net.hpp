// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/positive_part.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>

namespace ermine {

/// l1 ‖w‖₁ + ½ l2 ‖w‖² (Zou & Hastie 2005): sparse as L1, and l2-strongly convex.
struct ElasticNet {
    double l1 = 1;
    double l2 = 1;

    static constexpr const char* name = "ElasticNet";
    static constexpr bool separable = true;

    double value(const auto& w) const { return L1{l1}.value(w) + L2{l2}.value(w); }

    /// The proximal map of t l1 ‖·‖₁, then division by 1 + t l2 (Parikh & Boyd, "Proximal
    /// algorithms", 2014, section 6.5.3).
    void prox(auto&& w, double t) const {
        L1{l1}.prox(w, t);
        L2{l2}.prox(w, t);
    }

    /// k proximal steps on one number, whose curvature l2 is the step's.
    template <class X, class Step>
    void drift(X& x, double slope, Index k, const Step& step) const {
        L1{l1}.drift(x, slope, k, step);
    }

    double strong_convexity() const { return l2; }

    /// Σ max(|vᵢ| − l1, 0)² / 2 l2; with l2 = 0 that of L1.
    double conjugate(const auto& v) const {
        if (l2 == 0) return L1{l1}.conjugate(v);
        const auto excess = positive_part(v.array().template cast<double>().abs() - l1);
        return 0.5 * excess.square().sum() / l2;
    }

    /// 1: the conjugate is finite everywhere, unless l2 = 0.
    double shrink(const auto& v) const { return l2 > 0 ? 1 : L1{l1}.shrink(v); }

    /// Throws std::invalid_argument unless both are finite and >= 0.
    void check() const {
        require_nonnegative(l1, "ElasticNet: l1");
        require_nonnegative(l2, "ElasticNet: l2");
    }
};

}  // namespace ermine
