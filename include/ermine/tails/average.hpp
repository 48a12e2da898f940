// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// Answers with the average of the iterates that come after the first `skip` of them
/// (Polyak & Juditsky 1992): it takes the noise out of minibatch steps that are longer than a
/// converging schedule's.
struct Average {
    static constexpr Role role = Role::tail;

    std::int64_t skip = 0;

    template <class V>
    struct Mean {
        V mean;
        std::int64_t seen = 0;
        auto fields() { return std::tie(mean, seen); }
    };

    /// Throws std::invalid_argument for skip < 0.
    template <class V>
    Mean<V> start(const auto&, const V& x) const {
        if (skip < 0)
            throw std::invalid_argument("Average.skip is " + std::to_string(skip) +
                                        ": it must not be negative");
        return {x};
    }

    template <class V>
    void follow(V& x, Mean<V>& state) const {
        using Scalar = typename V::Scalar;
        const auto averaged = ++state.seen - skip;
        if (averaged <= 1)
            state.mean = x;
        else
            state.mean += (x - state.mean) / static_cast<Scalar>(averaged);
    }

    template <class V>
    const V& report(const V&, const Mean<V>& state) const {
        return state.mean;
    }
};

}  // namespace ermine
