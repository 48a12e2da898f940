// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>

#include <cmath>
#include <tuple>

namespace ermine {

/// Nesterov's acceleration (1983): after each step to x⁺ the next gradient is taken at
/// y = x⁺ + (θ − 1)/θ⁺ · (x⁺ − x), with θ⁺ = (1 + √(1 + 4θ²))/2, and x⁺ is the answer. With a
/// full gradient, a step of 1/L and an objective that has a proximal part it is FISTA (Beck &
/// Teboulle 2009, eqs. 4.1–4.3): F(x_k) − F* ≤ 2L ‖x₀ − x*‖² / (k + 1)² where F is convex.
struct Nesterov {
    static constexpr Role role = Role::tail;
    static constexpr bool moves = true;  // the next gradient is taken at another point

    template <class V>
    struct Memory {
        V point;
        double theta = 1;
        auto fields() { return std::tie(point, theta); }
    };

    template <class V>
    Memory<V> start(const auto&, const V& x) const {
        return {x};
    }

    template <class V>
    void follow(V& x, Memory<V>& state) const {
        using Scalar = typename V::Scalar;
        const double next = (1 + std::sqrt(1 + 4 * state.theta * state.theta)) / 2;
        const auto push = static_cast<Scalar>((state.theta - 1) / next);
        state.theta = next;
        state.point.swap(x);  // point: the new one, x: the one before
        x = (1 + push) * state.point - push * x;
    }

    template <class V>
    const V& report(const V&, const Memory<V>& state) const {
        return state.point;
    }
};

}  // namespace ermine
