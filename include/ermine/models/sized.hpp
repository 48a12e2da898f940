// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/dense.hpp>

namespace ermine {

/// A layer that says as a constant how many numbers it takes and hands on: two such layers of a
/// network that do not meet do not compile, where only layers that keep the number stand between
/// them. Made by `sized` and by `dense` with two numbers; checked by `network`.
template <Index in, Index out, Layer L>
struct Sized : L {
    static constexpr Index takes = in;
    static constexpr Index hands_on = out;

    /// Throws std::invalid_argument for other inputs, and for a layer of another number of units.
    Index outputs(Index inputs, const std::string& where) const {
        if (inputs != in)
            throw std::invalid_argument(where + " takes " + std::to_string(in) +
                                        " numbers, and is given " + std::to_string(inputs));
        const Index given = L::outputs(inputs, where);
        if (given != out)
            throw std::invalid_argument(where + " hands on " + std::to_string(given) +
                                        " numbers, and was said to hand on " + std::to_string(out));
        return given;
    }
};

/// The layer, checked at compile time: sized<32, 128>(lstm(128)).
template <Index in, Index out, Layer L>
Sized<in, out, L> sized(L layer) {
    static_assert(in > 0 && out > 0, "a layer takes and hands on at least one number");
    return {std::move(layer)};
}

/// y = W x + b from `in` numbers to `out`, checked at compile time:
///
///     network(784, dense<784, 256>(), relu(), dense<256, 10>())
template <Index in, Index out>
Sized<in, out, Dense> dense() {
    return sized<in, out>(Dense{.units = out});
}

}  // namespace ermine
