// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace ermine {

/// Simultaneous perturbation (Spall 1992, eq. 2.2): an estimate of the gradient from two values,
/// whatever the number of variables, for objectives that have no gradient or a noisy value,
///
///     g = (f(x + c_k Δ) − f(x − c_k Δ)) / (2 c_k) · Δ,     Δᵢ = ±1 by a coin,
///
/// with c_k = perturbation / (k + 1)^decay in step k. Its bias is O(c_k²), its variance that of as
/// many directions as there are variables; `pairs` averages over several Δ. Spall (1998, section
/// III) advises steps a/(k + 1 + A)^0.602, and a perturbation of about the noise of the values.
/// An evaluation counts as an epoch, two a pair; `value` is the mean of those.
struct Spsa {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;
    static constexpr bool estimates = true;
    static constexpr bool gradient_free = true;

    double perturbation = 1e-3;
    double decay = 0.101;  ///< Spall's, the least that his theorem allows with his steps
    Index pairs = 1;
    std::uint64_t seed = 0;

    template <class V>
    struct State {
        Random random;
        std::int64_t steps = 0;
        V delta;  // scratch
        V moved;  // scratch
        auto fields() { return std::tie(random, steps); }
    };

    template <class F, class V>
    static consteval bool check() {
        static_assert(Objective<SmoothPart<F>, V>, "Spsa needs f.value(x)");
        return Objective<SmoothPart<F>, V>;
    }

    /// Throws std::invalid_argument for a perturbation that is not positive, a negative decay, and
    /// pairs < 1.
    template <class V>
    State<V> start(const auto&, const V& x) const {
        require_positive(perturbation, "Spsa.perturbation");
        require_nonnegative(decay, "Spsa.decay");
        require_count(pairs, "Spsa.pairs");
        return {Random(seed), 0, x, x};
    }

    template <class V>
    double draw(const auto&, State<V>& state) const {
        ++state.steps;
        return 2 * static_cast<double>(pairs);
    }

    template <class V>
    double estimate(const auto& f, const V& x, V& g, State<V>& state) const {
        using Scalar = typename V::Scalar;
        const double c = perturbation / std::pow(static_cast<double>(state.steps), decay);
        const double share = 1 / static_cast<double>(pairs);
        double value = 0;
        g.setZero();
        for (Index pair = 0; pair < pairs; ++pair) {
            for (Scalar& number : state.delta)
                number = state.random.bits() >> 63 != 0 ? Scalar{1} : Scalar{-1};
            state.moved = x + static_cast<Scalar>(c) * state.delta;
            const auto above = static_cast<double>(f.value(std::as_const(state.moved)));
            state.moved = x - static_cast<Scalar>(c) * state.delta;
            const auto below = static_cast<double>(f.value(std::as_const(state.moved)));
            g += static_cast<Scalar>(share * (above - below) / (2 * c)) * state.delta;
            value += share * (above + below) / 2;
        }
        return value;
    }

    double natural_step(const auto&) const {
        throw std::invalid_argument(
            "theory names no constant step for Spsa: give Constant{.size = ...} or a schedule that "
            "falls");
    }
};

}  // namespace ermine
