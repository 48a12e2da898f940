// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>

#include <ermine/concepts/number.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// λ ‖w‖₁ (lasso, Tibshirani 1996): convex, with a kink at 0 that makes entries exactly 0.
struct L1 {
    double lambda = 1;

    static constexpr const char* name = "L1";
    static constexpr bool separable = true;

    /// λ Σ |wᵢ|, summed in double.
    double value(const auto& w) const {
        return lambda * w.template cast<double>().template lpNorm<1>();
    }

    /// Soft thresholding: sign(wᵢ) max(|wᵢ| − t λ, 0), written as w less its projection to
    /// [−t λ, t λ], which is exactly 0 inside and keeps NaN.
    void prox(auto&& w, double t) const {
        const auto threshold = static_cast<Number<decltype(w)>>(t * lambda);
        w.array() -= clamp(w.array(), -threshold, threshold);
    }

    /// k proximal steps on one number with the same slope, see RepeatedStep: on either side of 0
    /// the kink adds ±λ to the slope, so that there are three stretches at most, and a step between
    /// them.
    template <class X, class Step>
    void drift(X& x, double slope, Index k, const Step& step) const {
        while (k > 0) {
            const double from = Step::position(x);
            if (from == 0 && std::abs(slope) <= lambda) return step.hold(x, k);
            const bool above = from == 0 ? slope < 0 : from > 0;
            const double side = above ? slope + lambda : slope - lambda;
            const auto inside = [&](double z) { return above ? z > 0 : z < 0; };
            if (inside(step.at(x, side, k))) return step.go(x, side, k);
            const Index before = step.last_inside(x, side, k, inside);
            step.go(x, side, before);
            const double past = Step::position(x) - step.length() * slope;
            if (std::abs(past) <= step.length() * lambda) {
                step.put(x, 0);
                step.hold(x, 1);
            } else {
                step.go(x, past > 0 ? slope + lambda : slope - lambda, 1);
            }
            k -= before + 1;
        }
    }

    /// 0 for max |vᵢ| <= λ, up to the rounding of one number (4 ε λ); otherwise +∞.
    double conjugate(const auto& v) const {
        const double room = 4 * double{std::numeric_limits<Number<decltype(v)>>::epsilon()};
        return largest(v) <= lambda * (1 + room) ? 0 : std::numeric_limits<double>::infinity();
    }

    /// min(1, λ / max |vᵢ|), and NaN where an entry is.
    double shrink(const auto& v) const {
        const double size = largest(v);
        return size <= lambda ? 1 : lambda / size;
    }

    /// Of n numbers: λ √n.
    double lipschitz(Index n) const { return lambda * std::sqrt(static_cast<double>(n)); }

    /// Throws std::invalid_argument unless λ is finite and >= 0.
    void check() const { require_nonnegative(lambda, "L1: lambda"); }

private:
    static double largest(const auto& v) {
        if (v.size() == 0) return 0;
        return static_cast<double>(v.cwiseAbs().template maxCoeff<Eigen::PropagateNaN>());
    }
};

}  // namespace ermine
