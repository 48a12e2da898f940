// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <ermine/concepts/number.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/scratch.hpp>

namespace ermine {

/// λ Σ |wᵢ₊₁ − wᵢ|, total variation along a line (Rudin, Osher & Fatemi 1992; the fused lasso of
/// Tibshirani et al. 2005): convex, and makes neighbours exactly equal, so that w is constant
/// between few jumps. The memory that prox works in belongs to each copy.
struct TotalVariation {
    double lambda = 1;
    Scratch<std::vector<double>> memory = {};

    static constexpr const char* name = "TotalVariation";
    static constexpr bool separable = false;

    /// λ Σ |wᵢ₊₁ − wᵢ|, summed in double.
    double value(const auto& w) const {
        double sum = 0;
        for (Index i = 0; i + 1 < w.size(); ++i)
            sum += std::abs(static_cast<double>(w[i + 1]) - static_cast<double>(w[i]));
        return lambda * sum;
    }

    /// The exact minimizer of t λ Σ |uᵢ₊₁ − uᵢ| + ½ ‖u − w‖², in O(n) whatever w is, by dynamic
    /// programming (Johnson, "A dynamic programming algorithm for the fused lasso and
    /// L0-segmentation", 2013, section 2). A vector that is not finite comes back as NaN.
    ///
    /// With f_k(b) the least cost of u₁, …, u_k = b, the derivative is
    /// f_k'(b) = b − w_k + clip(f_{k−1}'(b), −tλ, tλ): increasing and piecewise linear. It is kept
    /// as its leftmost and rightmost line and the knots between, each with the change of slope and
    /// intercept there. A clip takes knots away at both ends for good and adds one at each.
    void prox(auto&& w, double t) const {
        using T = Number<decltype(w)>;
        const Index n = w.size();
        const double limit = t * lambda;
        if (limit == 0) return;
        if (!w.allFinite()) {
            w.setConstant(std::numeric_limits<T>::quiet_NaN());
            return;
        }
        if (n < 2) return;
        const double mean = w.template cast<double>().mean();
        if (limit >= largest_dual(w, mean)) {
            w.setConstant(static_cast<T>(mean));
            return;
        }
        const auto centred = [&](Index k) { return static_cast<double>(w[k]) - mean; };

        memory->resize(static_cast<std::size_t>(8 * n));
        const Knots knots{memory->data(), memory->data() + 2 * n, memory->data() + 4 * n};
        double* const low = memory->data() + 6 * n;  // where f_k' is −limit, and
        double* const high = low + n;                // where it is limit
        Index first = n;                             // the knots are first, …, end − 1
        Index end = n;
        Ray left{1, -centred(0)};
        Ray right = left;
        for (Index k = 0; k + 1 < n; ++k) {
            low[k] = reach_from_left(-limit, left, knots, first, end);
            knots.set(--first, low[k], left.slope, left.intercept + limit);
            high[k] = reach_from_right(limit, right, knots, first + 1, end);
            knots.set(end++, high[k], -right.slope, limit - right.intercept);
            left = {1, -limit - centred(k + 1)};
            right = {1, limit - centred(k + 1)};
        }
        double u = reach_from_left(0, left, knots, first, end);
        w[n - 1] = static_cast<T>(mean + u);
        for (Index k = n - 1; k-- > 0;) {
            u = clamp(u, low[k], high[k]);
            w[k] = static_cast<T>(mean + u);
        }
    }

    /// Throws std::invalid_argument unless λ is finite and >= 0.
    void check() const { require_nonnegative(lambda, "TotalVariation: lambda"); }

private:
    /// The largest |Σ_{i <= k} (wᵢ − mean)|: from this limit on the minimizer is constant.
    static double largest_dual(const auto& w, double mean) {
        double dual = 0;
        double largest = 0;
        for (Index k = 0; k < w.size(); ++k) {
            dual += static_cast<double>(w[k]) - mean;
            largest = std::max(largest, std::abs(dual));
        }
        return largest;
    }

    /// The line slope · b + intercept.
    struct Ray {
        double slope;
        double intercept;
        [[nodiscard]] double at(double b) const { return slope * b + intercept; }
        [[nodiscard]] double where(double level) const { return (level - intercept) / slope; }
    };

    struct Knots {
        double* place;
        double* slope;
        double* intercept;

        void set(Index i, double b, double more_slope, double more_intercept) const {
            place[i] = b;
            slope[i] = more_slope;
            intercept[i] = more_intercept;
        }
    };

    /// Where the derivative takes the level, walking right from the leftmost line; the knots that
    /// are passed are gone, and `ray` is the line met there.
    static double reach_from_left(double level, Ray& ray, const Knots& knots, Index& first,
                                  Index end) {
        for (; first < end && ray.at(knots.place[first]) < level; ++first) {
            ray.slope += knots.slope[first];
            ray.intercept += knots.intercept[first];
        }
        return ray.where(level);
    }

    static double reach_from_right(double level, Ray& ray, const Knots& knots, Index first,
                                   Index& end) {
        for (; end > first && ray.at(knots.place[end - 1]) > level; --end) {
            ray.slope -= knots.slope[end - 1];
            ray.intercept -= knots.intercept[end - 1];
        }
        return ray.where(level);
    }
};

}  // namespace ermine
