// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/model.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/stretch.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/directions/block_list.hpp>
#include <ermine/directions/moments.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <limits>
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
        Moments<V> moments;
        auto fields() { return moments.fields(); }
    };

    /// Throws std::invalid_argument unless 0 <= beta1, beta2 < 1, epsilon is positive and
    /// weight_decay not negative, and for blocks that the objective has not, that do not lie within
    /// the vector, or overlap.
    template <class V>
    State<V> start(const auto& f, const V& x) const {
        require_decay(beta1, "LAMB.beta1");
        require_decay(beta2, "LAMB.beta2");
        require_positive(epsilon, "LAMB.epsilon");
        require_nonnegative(weight_decay, "LAMB.weight_decay");
        return {BlockList(f, x.size(), blocks, "LAMB.blocks"), Moments<V>::zero(x.size())};
    }

    template <class V>
    void direct(const auto&, const V& x, V& d, State<V>& state) const {
        using Scalar = typename V::Scalar;
        state.moments.begin(beta1, beta2);
        const auto correction = state.moments.correction(epsilon);
        const Stretch<> all{0, d.size()};
        state.moments.add(d, beta1, beta2, all);
        d.array() = static_cast<Scalar>(correction.scale) * state.moments.mean.array() /
                    state.moments.root(correction.small, all);
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
