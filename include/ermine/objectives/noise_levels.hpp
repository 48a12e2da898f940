// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <stdexcept>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// What is wrong with a vector that is computed: with z standard normal in each place and u a fixed
/// unit vector, g becomes g + multiplicative · g ∘ z + additive · z + bias · u, and then each
/// number the nearest multiple of `quantum`.
struct NoiseLevels {
    double additive = 0;        ///< σ of each number
    double multiplicative = 0;  ///< σ of each number, relative to it
    double bias = 0;            ///< length of an error that is always the same
    double quantum = 0;         ///< 0: not rounded

    [[nodiscard]] bool any() const {
        return additive > 0 || multiplicative > 0 || bias > 0 || quantum > 0;
    }

    /// Throws std::invalid_argument for a level that is negative or not finite.
    void check() const {
        require_nonnegative(additive, "NoiseLevels.additive");
        require_nonnegative(multiplicative, "NoiseLevels.multiplicative");
        require_nonnegative(bias, "NoiseLevels.bias");
        require_nonnegative(quantum, "NoiseLevels.quantum");
    }
};

/// How far above the minimum gradient descent ends on average for each kind of error.
struct NoiseFloor {
    double variance = 0;  ///< from `additive`: shrinks with the step
    double bias = 0;      ///< from `bias`: no step helps
    double rounding = 0;  ///< from `quantum`: no step helps
    double total = 0;     ///< of all, at most; infinite where the step is too long to settle
};

/// The floor that errors in the gradient put under f(x) − f* for gradient descent with a constant
/// step ε < 2/L on n variables, curvatures between μ and L. On a quadratic the iterates settle
/// about the minimum with Σ ε σ² / 2(2 − ε λᵢ), at most n ε σ² / 2(2 − ε L) with σ the additive
/// level (compare Bottou, Curtis & Nocedal, "Optimization methods for large-scale machine
/// learning", SIAM Review 60, 2018, theorem 4.6); where the biased gradient vanishes, f is ½ bᵀH⁻¹b
/// ≤ ‖b‖²/2μ above the minimum; where all rounded gradients do, n (q/2)²/2μ at most. Errors in
/// proportion to the gradient vanish with it: they put no floor, but ε must be below 2/L(1 +
/// multiplicative²). Throws std::invalid_argument unless step, L and μ are positive.
[[nodiscard]] inline NoiseFloor noise_floor(const NoiseLevels& levels, Index n, double step,
                                            double smoothness, double strong_convexity) {
    levels.check();
    require_positive(step, "noise_floor: step");
    require_positive(smoothness, "noise_floor: smoothness");
    require_positive(strong_convexity, "noise_floor: strong_convexity");
    const auto size = static_cast<double>(n);
    const double relative = levels.multiplicative * levels.multiplicative;
    NoiseFloor floor;
    const double left = 2 - step * smoothness * (1 + relative);
    if (left > 0)
        floor.variance = size * step * levels.additive * levels.additive / (2 * left);
    else
        floor.variance = std::numeric_limits<double>::infinity();
    floor.bias = levels.bias * levels.bias / (2 * strong_convexity);
    floor.rounding = size * levels.quantum * levels.quantum / (8 * strong_convexity);
    // The two that are fixed add as vectors do, in the same direction at worst.
    const double fixed = std::sqrt(floor.bias) + std::sqrt(floor.rounding);
    floor.total = floor.variance + fixed * fixed;
    return floor;
}

}  // namespace ermine
