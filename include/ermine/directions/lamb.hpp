// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/model.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/directions/block_list.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

namespace ermine {

/// LAMB (You et al., "Large batch optimization for deep learning", 2020, algorithm 2): Adam's
/// direction r = m̂ / (√v̂ + ε), and the decay λ x, which in each block b of the parameters gets the
/// length of the block itself:
///
///     d_b = (‖x_b‖ / ‖r_b + λ x_b‖) (r_b + λ x_b)
///
/// so that a step changes each layer by the same share of what it is, which is what lets batches,
/// and steps with them, grow large. φ of the paper is the identity. Where either norm is 0 the
/// factor is 1, as in the authors' program.
struct LAMB {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool accumulates = true;
    static constexpr bool keeps_metric = false;

    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-6;
    double weight_decay = 0;  ///< λ
    /// by name or by place; all of the objective's if empty. Numbers in none move by Adam's r
    /// alone, without decay: leave out the intercepts.
    std::vector<ParameterBlock> blocks = {};

    template <class V>
    struct State {
        BlockList blocks;
        V mean;                  // m
        V square;                // v
        double first_left = 1;   // β₁ᵗ
        double second_left = 1;  // β₂ᵗ
        auto fields() { return std::tie(mean, square, first_left, second_left); }
    };

    /// Throws std::invalid_argument unless 0 <= beta1, beta2 < 1, epsilon is positive and
    /// weight_decay not negative, and for blocks that the objective has not, that do not lie within
    /// the vector, or overlap.
    template <class V>
    State<V> start(const auto& f, const V& x) const {
        for (const auto& [beta, option] : {std::pair{beta1, "LAMB.beta1"}, {beta2, "LAMB.beta2"}})
            if (!(beta >= 0 && beta < 1))
                refuse(option, std::to_string(beta), "it must lie in [0, 1)");
        require_positive(epsilon, "LAMB.epsilon");
        require_nonnegative(weight_decay, "LAMB.weight_decay");
        return {BlockList(f, x.size(), blocks, "LAMB.blocks"), V::Zero(x.size()),
                V::Zero(x.size())};
    }

    template <class V>
    void direct(const auto&, const V& x, V& d, State<V>& state) const {
        using Scalar = typename V::Scalar;
        state.first_left *= beta1;
        state.second_left *= beta2;
        const double root = std::sqrt(1 - state.second_left);
        const auto scale = static_cast<Scalar>(root / (1 - state.first_left));
        const auto small = static_cast<Scalar>(epsilon * root);
        const auto keep1 = static_cast<Scalar>(beta1);
        const auto keep2 = static_cast<Scalar>(beta2);
        const auto take1 = static_cast<Scalar>(1 - beta1);
        const auto take2 = static_cast<Scalar>(1 - beta2);
        for (Index i = 0; i < d.size(); ++i) {
            const Scalar g = d[i];
            const Scalar m = state.mean[i] = keep1 * state.mean[i] + take1 * g;
            const Scalar v = state.square[i] = keep2 * state.square[i] + take2 * g * g;
            // 0 · v is NaN where the square has overflown: that must end the run
            d[i] = scale * m / (std::sqrt(v) + (small + Scalar{0} * v));
        }
        for (const auto& block : state.blocks) {
            auto part = d.segment(block.offset, block.size());
            const auto point = x.segment(block.offset, block.size());
            part += static_cast<Scalar>(weight_decay) * point;
            const double trust =
                ratio(point.template cast<double>().norm(), part.template cast<double>().norm());
            part *= static_cast<Scalar>(trust);
        }
    }

private:
    static double ratio(double weights, double step) {
        if (!std::isfinite(weights) || !std::isfinite(step))
            return std::numeric_limits<double>::quiet_NaN();
        return weights > 0 && step > 0 ? weights / step : 1;
    }
};

}  // namespace ermine
