// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <tuple>

#include <ermine/models/dense.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/require_parameters.hpp>

namespace ermine {

/// What `calibrate` returns.
template <class V>
struct Calibration {
    V x;  ///< parameters whose outputs are those before, divided by the temperature
    double temperature = 1;  ///< above 1: the network was too sure of itself
    double loss = 0;         ///< of the held-out examples with x
    double before = 0;       ///< their loss at the temperature 1
};

/// Divides the outputs of a network by the temperature T, of 1/4 to 4, with the least loss on
/// held-out examples, to within a percent: a network that is fitted closely to its training
/// examples is surer of its answers than they are right, and its cross-entropy suffers while its
/// zero–one loss does not (Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural
/// networks", ICML 2017, section 4.2). The last layer is divided, so that the answer is parameters
/// as others. With a loss that is convex in the outputs, that of T has one valley in 1/T, and
/// golden sections find it: 15 values of the risk.
///
/// Throws std::invalid_argument for an x of another size and for a loss that is not finite.
template <class... Layers, class Risk, class V>
[[nodiscard]] Calibration<V> calibrate(const Network<Layers...>& model, const Risk& held_out,
                                       const V& x) {
    using Last = std::tuple_element_t<sizeof...(Layers) - 1, std::tuple<Layers...>>;
    static_assert(std::derived_from<Last, Dense>,
                  "calibrate divides what a network hands on through its last layer: end it with "
                  "dense(...)");
    require_parameters(model, x, "calibrate");
    const auto divided = [&](double temperature) {
        V moved = x;
        const auto& blocks = model.blocks();
        for (std::size_t k = blocks.size() - std::size_t{Last::parts}; k < blocks.size(); ++k)
            moved.segment(blocks[k].offset, blocks[k].rows * blocks[k].columns) /=
                static_cast<typename V::Scalar>(temperature);
        return moved;
    };
    const auto loss = [&](double log) {
        return static_cast<double>(held_out.value(divided(std::exp(log))));
    };
    const double before = loss(0);
    if (!std::isfinite(before))
        throw std::invalid_argument(
            "calibrate: the loss of the held-out examples is not finite at x");
    const double golden = (std::sqrt(5.0) - 1) / 2;
    double from = -std::log(4.0);
    double to = std::log(4.0);
    double left = to - golden * (to - from);
    double right = from + golden * (to - from);
    double at_left = loss(left);
    double at_right = loss(right);
    while (to - from > 0.01) {
        if (at_left < at_right) {
            to = right;
            right = left;
            at_right = at_left;
            left = to - golden * (to - from);
            at_left = loss(left);
        } else {
            from = left;
            left = right;
            at_left = at_right;
            right = from + golden * (to - from);
            at_right = loss(right);
        }
    }
    const double log = at_left < at_right ? left : right;
    const double after = std::min(at_left, at_right);
    if (!(after < before)) return {x, 1, before, before};
    return {divided(std::exp(log)), std::exp(log), after, before};
}

}  // namespace ermine
