// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ermine {

/// How long the solution of a secular equation is, as a function of its multiplier λ: the radius Δ
/// of a trust region, or λ/σ with cubic regularization.
struct SecularLength {
    bool cubic = false;
    double size = 1;  ///< Δ, or σ

    [[nodiscard]] double at(double lambda) const { return cubic ? lambda / size : size; }
    [[nodiscard]] double slope() const { return cubic ? 1 / size : 0; }

    /// The ν at which c / (above + ν) is as long as the solution for λ = base + ν.
    [[nodiscard]] double reach(double c, double above, double base) const {
        if (!cubic) return c / size - above;
        const double middle = (above + base) / 2;
        const double root = std::hypot((above - base) / 2, std::sqrt(size) * std::sqrt(c));
        return (size * c - above * base) / (middle + root);
    }
};

/// What the solution was found to be.
struct SecularSolution {
    double lambda = 0;      ///< the multiplier
    bool interior = false;  ///< λ = 0, and shorter than the radius
    bool hard = false;      ///< the part along the lowest eigenvector was free to choose
};

/// Solves (λᵢ + λ) yᵢ = −γᵢ with ‖y‖ = length(λ) and λ >= max(0, −λ₁), for eigenvalues
/// λ₁ <= … <= λₙ; λ = 0 where that makes y shorter than the radius. So y minimizes
/// γᵀy + ½ Σ λᵢ yᵢ² over the ball ‖y‖ <= Δ (Moré & Sorensen 1983, lemma 2.1), or with the term
/// σ/3 ‖y‖³ added (Cartis, Gould & Toint 2011, part I, theorem 3.1).
///
/// The unknown is ν = λ − max(0, −λ₁), so that the nearly hard case, where λ is −λ₁ to all digits,
/// is solved as precisely as any. 1/‖y‖ − 1/length is concave and increasing in ν: Newton's method
/// from the left converges monotonically; a bracket guards it from rounding. In the hard case,
/// where γ has no part along the lowest eigenvectors, the missing length is taken along the first.
template <class Vector>
SecularSolution solve_secular(const Vector& eigenvalues, const Vector& gamma,
                              const SecularLength& length, Vector& y) {
    using Scalar = typename Vector::Scalar;
    const Index n = gamma.size();
    const auto lowest = static_cast<double>(eigenvalues[0]);
    const double base = std::max(0.0, -lowest);
    const auto above = [&](Index i) { return static_cast<double>(eigenvalues[i]) + base; };
    // in radii, so that the square of what is as long as the radius neither over- nor underflows
    const double unit = length.cubic ? 1 : length.size;
    const auto part = [&](Index i, double nu) {
        const auto c = static_cast<double>(gamma[i]);
        return c == 0 ? 0 : -c / (above(i) + nu) / unit;
    };
    const auto fill = [&](double nu) {
        for (Index i = 0; i < n; ++i) y[i] = static_cast<Scalar>(unit * part(i, nu));
    };

    double square = 0;
    for (Index i = 0; i < n; ++i) square += part(i, 0) * part(i, 0);
    const double most = length.at(base) / unit;
    if (std::sqrt(square) <= most) {
        fill(0);
        const bool hard = lowest < 0;
        if (hard) y[0] += static_cast<Scalar>(unit * std::sqrt(most * most - square));
        return {base, !hard, hard};
    }

    const double size = static_cast<double>(gamma.stableNorm());
    double low = 0;
    double high = length.reach(size, above(0), base);
    double nu = std::max({low, length.reach(size, above(n - 1), base),
                          length.reach(std::abs(static_cast<double>(gamma[0])), above(0), base)});
    for (int iteration = 0; iteration < 200; ++iteration) {
        square = 0;
        double bend = 0;
        for (Index i = 0; i < n; ++i) {
            const double p = part(i, nu);
            if (p == 0) continue;
            square += p * p;
            bend += p * p / (above(i) + nu);
        }
        const double found = std::sqrt(square);
        const double wanted = length.at(base + nu) / unit;
        if (std::abs(found - wanted) <= 4 * std::numeric_limits<double>::epsilon() * wanted) break;
        (found > wanted ? low : high) = nu;
        const double excess = 1 / found - 1 / wanted;
        const double slope = bend / (square * found) + length.slope() / unit / (wanted * wanted);
        double next = nu - excess / slope;
        if (!(next > low && next < high))
            next = low > 0 ? std::sqrt(low) * std::sqrt(high) : high / 1024;
        if (!(next > low && next < high)) break;  // there is no number between them
        nu = next;
    }
    fill(nu);
    return {base + nu, false, false};
}

}  // namespace ermine
