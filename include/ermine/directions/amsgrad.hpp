// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/directions/moments.hpp>
#include <ermine/numerics/require.hpp>

#include <tuple>

namespace ermine {

/// Adam whose step never grows again: it divides by the largest v so far (Reddi, Kale & Kumar, "On
/// the convergence of Adam and beyond", 2018, algorithm 2), which repairs the gap in Adam's proof.
/// Biases are corrected as in Adam, of which the paper's algorithm does without; PyTorch corrects
/// them, too.
struct AMSGrad {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool accumulates = true;
    static constexpr bool keeps_metric = false;

    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;

    template <class V>
    struct State {
        Moments<V> moments;
        V largest;  // of the v so far
        typename Moments<V>::Correction correction = {};
        auto fields() { return std::tuple_cat(moments.fields(), std::tie(largest)); }
    };

    /// Throws std::invalid_argument unless 0 <= beta1, beta2 < 1 and epsilon is positive.
    template <class V>
    State<V> start(const auto&, const V& x) const {
        require_decay(beta1, "AMSGrad.beta1");
        require_decay(beta2, "AMSGrad.beta2");
        require_positive(epsilon, "AMSGrad.epsilon");
        return {Moments<V>::zero(x.size()), V::Zero(x.size())};
    }

    template <class V>
    void begin(State<V>& state, const Clock&) const {
        state.moments.begin(beta1, beta2);
        state.correction = state.moments.correction(epsilon);
    }

    template <class V>
    void apply(auto&& d, State<V>& state, const auto& at, const Clock&) const {
        using Scalar = typename V::Scalar;
        state.moments.add(d, beta1, beta2, at);
        const auto v = at(state.moments.square).array();
        auto largest = at(state.largest).array();
        largest = largest.max(v) + Scalar{0} * v;  // no square that overflows, nor NaN, is lost
        d.array() = static_cast<Scalar>(state.correction.scale) * at(state.moments.mean).array() /
                    (largest.sqrt() + static_cast<Scalar>(state.correction.small));
    }
};

}  // namespace ermine
