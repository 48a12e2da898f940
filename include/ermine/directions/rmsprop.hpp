// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <limits>
#include <tuple>

namespace ermine {

/// RMSProp (Tieleman & Hinton, "Neural networks for machine learning", lecture 6.5, 2012):
/// v ← decay · v + (1 − decay) g², and g / (√v + ε) is the direction. `centred` divides by the
/// standard deviation instead, √(v − m²) with the average m of the gradients (Graves, "Generating
/// sequences with recurrent neural networks", 2013, eqs. 38–41).
///
/// `RMSProp{} | Momentum{}` is RMSProp with momentum.
struct RMSProp {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool keeps_metric = false;

    double decay = 0.99;
    double epsilon = 1e-8;
    bool centred = false;

    template <class V>
    struct State {
        V square;
        V mean;  // empty, or 0, if it is not asked for
        auto fields() { return std::tie(square, mean); }
    };

    /// Throws std::invalid_argument unless 0 <= decay < 1 and epsilon is positive.
    template <class V>
    State<V> start(const auto&, const V& x) const {
        require_decay(decay, "RMSProp.decay");
        require_positive(epsilon, "RMSProp.epsilon");
        const bool fixed = V::SizeAtCompileTime != Eigen::Dynamic;
        return {V::Zero(x.size()), V::Zero(centred || fixed ? x.size() : 0)};
    }

    template <class V>
    void apply(auto&& d, State<V>& state, const auto& at, const Clock&) const {
        using Scalar = typename V::Scalar;
        const auto kept = static_cast<Scalar>(decay);
        const auto taken = static_cast<Scalar>(1 - decay);
        auto v = at(state.square).array();
        v = kept * v + taken * d.array().square();
        // 0 · v is NaN where a square has overflowed: that must end the run, not the coordinate
        const auto small = static_cast<Scalar>(epsilon) + Scalar{0} * v;
        if (centred) {
            auto m = at(state.mean).array();
            m = kept * m + taken * d.array();
            // a variance below the rounding of v is not known, and may come out negative
            const auto variance = (v - m.square()).max(rounding<Scalar> * v);
            d.array() /= variance.sqrt() + small;
        } else {
            d.array() /= v.sqrt() + small;
        }
    }

private:
    template <class Scalar>
    static constexpr Scalar rounding = std::numeric_limits<Scalar>::epsilon();
};

}  // namespace ermine
