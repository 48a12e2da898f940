// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// An estimate of ‖A‖₂ for a symmetric operator of size n: apply(v) replaces v by A v. The power
/// method from a random start of fixed seed: never above ‖A‖₂ but for rounding, and below it by a
/// factor of (2n / πδ²)^(1/2k) after k steps at most, with a probability of 1 − δ; 20 steps are
/// less than 1.5 for n = 50 and δ = 0.01 (compare Kuczyński & Woźniakowski 1992). NaN or infinite
/// where A is.
template <Vector V>
double spectral_norm(Index n, const auto& apply) {
    constexpr int steps = 20;
    Random random{1};
    V v(n);
    for (Index i = 0; i < n; ++i) v[i] = static_cast<typename V::Scalar>(random.normal());
    v /= v.norm();
    double norm = 0;
    for (int step = 0; step < steps; ++step) {
        apply(v);
        norm = static_cast<double>(v.norm());
        if (!(norm > 0) || !std::isfinite(norm)) return norm;
        v /= static_cast<typename V::Scalar>(norm);
    }
    return norm;
}

/// An estimate of the condition number ‖A‖₂ ‖A⁻¹‖₂ of a symmetric operator from products with it
/// and solves with a factorization: both replace a vector. It is not above but for rounding, and
/// hardly ever below by a factor of 3 (see spectral_norm).
template <Vector V>
double condition_number(Index n, const auto& multiply, const auto& solve) {
    return spectral_norm<V>(n, multiply) * spectral_norm<V>(n, solve);
}

}  // namespace ermine
