// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <cstdint>
#include <string>
#include <tuple>

namespace ermine {

/// k steps forward, one step back (Zhang, Lucas, Hinton & Ba 2019, algorithm 1): after every
/// `every` steps of the method in front, slow weights move a part of the way to where it has come,
/// φ ← φ + α (x − φ), and the method goes on from there, with what its parts remember. The slow
/// weights are the answer: they vary less than the iterates (section 3, proposition 2).
struct Lookahead {
    static constexpr Role role = Role::tail;
    static constexpr bool moves = true;

    std::int64_t every = 5;  ///< k, the steps between two synchronizations
    double rate = 0.5;       ///< α, in (0, 1]

    template <class V>
    struct Slow {
        V point;  // φ
        std::int64_t ahead = 0;
        auto fields() { return std::tie(point, ahead); }
    };

    /// Throws std::invalid_argument unless every >= 1 and 0 < rate <= 1.
    template <class V>
    Slow<V> start(const auto&, const V& x) const {
        require_count(every, "Lookahead.every");
        if (!(rate > 0 && rate <= 1)) refuse("Lookahead.rate", rate, "it must lie in (0, 1]");
        return {x};
    }

    /// Whether x was moved, to the slow weights.
    template <class V>
    bool follow(V& x, double, Slow<V>& state) const {
        if (++state.ahead < every) return false;
        state.ahead = 0;
        state.point += static_cast<typename V::Scalar>(rate) * (x - state.point);
        x = state.point;
        return true;
    }

    template <class V>
    const V& report(const V&, const Slow<V>& state) const {
        return state.point;
    }
};

}  // namespace ermine
