// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// Answers with an average of the iterates in which each counts `decay` times what the next does:
/// that of the last 1/(1 − decay) or so. m ← decay · m + (1 − decay) · x from m = 0, divided by
/// 1 − decayᵗ as Adam's moments are (Kingma & Ba 2015, section 3; section 7.2 for the average), so
/// that early answers are averages, too. Average forgets nothing; this one follows a moving target.
struct ExponentialAverage {
    static constexpr Role role = Role::tail;

    double decay = 0.999;

    template <class V>
    struct Mean {
        V mean;
        double weight = 0;  // Σ decayᵏ over the iterates so far, the last one's counting 1
        auto fields() { return std::tie(mean, weight); }
    };

    /// Throws std::invalid_argument unless 0 <= decay < 1.
    template <class V>
    Mean<V> start(const auto&, const V& x) const {
        if (!(decay >= 0 && decay < 1))
            throw std::invalid_argument("ExponentialAverage.decay is " + std::to_string(decay) +
                                        ": it must lie in [0, 1)");
        return {x};
    }

    template <class V>
    void follow(V& x, Mean<V>& state) const {
        state.weight = decay * state.weight + 1;
        state.mean += static_cast<typename V::Scalar>(1 / state.weight) * (x - state.mean);
    }

    template <class V>
    const V& report(const V&, const Mean<V>& state) const {
        return state.mean;
    }
};

}  // namespace ermine
