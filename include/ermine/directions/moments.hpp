// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <cmath>
#include <tuple>

namespace ermine {

/// Exponential averages of the gradient and of its square, the memory of Adam and its kin:
/// m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g². Both begin at 0, and the share of that
/// beginning that is left after t steps is βᵗ: divided by 1 − βᵗ they are averages of what was seen
/// (Kingma & Ba 2015, section 3).
template <class V>
struct Moments {
    using Scalar = typename V::Scalar;

    V mean;                  ///< m
    V square;                ///< v
    double first_left = 1;   ///< β₁ᵗ
    double second_left = 1;  ///< β₂ᵗ

    auto fields() { return std::tie(mean, square, first_left, second_left); }

    static Moments zero(Index size) { return {V::Zero(size), V::Zero(size)}; }

    /// One step further: before the first block of its pass.
    void begin(double beta1, double beta2) {
        first_left *= beta1;
        second_left *= beta2;
    }

    /// What takes out the share of the beginning: m̂ / (√v̂ + ε) is scale · m / (√v + small).
    struct Correction {
        double scale = 1;  // √(1 − β₂ᵗ) / (1 − β₁ᵗ)
        double small = 0;  // ε √(1 − β₂ᵗ)
    };
    [[nodiscard]] Correction correction(double epsilon) const {
        const double root = std::sqrt(1 - second_left);
        return {root / (1 - first_left), epsilon * root};
    }

    /// Takes up a block of the gradient.
    void add(const auto& g, double beta1, double beta2, const auto& at) {
        auto m = at(mean).array();
        auto v = at(square).array();
        m = static_cast<Scalar>(beta1) * m + static_cast<Scalar>(1 - beta1) * g.array();
        v = static_cast<Scalar>(beta2) * v + static_cast<Scalar>(1 - beta2) * g.array().square();
    }

    /// √v + ε for a block, NaN where v is not finite: a square that overflows must end the run, not
    /// stop its coordinate silently.
    auto root(double epsilon, const auto& at) const {
        const auto v = at(square).array();
        return v.sqrt() + (static_cast<Scalar>(epsilon) + Scalar{0} * v);
    }
};

}  // namespace ermine
