// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/draw_kept.hpp>
#include <ermine/numerics/for_each_run.hpp>

namespace ermine {

/// Weights of which each is 0 in a pass of training with some probability, and divided by the
/// probability of the other case otherwise: DropConnect (Wan et al., "Regularization of neural
/// networks using DropConnect", ICML 2013).
template <class T>
struct DroppedWeights {
    Activations<T> kept;     ///< 0 or 1 / (1 − rate), of each weight
    Activations<T> left;     ///< what the last weights became
    Activations<T> earlier;  ///< see put_aside

    /// Draws anew for so many weights; what is drawn follows from `seed` and the place alone.
    void draw(Index size, double rate, std::uint64_t seed) {
        kept.resize(size, 1);
        for_each_run(size, [&](Index first, Index count) {
            draw_kept(seed, rate, first, count, kept.data() + first);
        });
    }

    /// The weights, or a tangent of theirs, where some are left out: those that `drawn` says.
    const T* of(const T* weights, const Activations<T>& drawn) {
        left = drawn.cwiseProduct(
            Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(weights, drawn.size()));
        return left.data();
    }

    /// Before a slope is written over one that it is to be added to.
    void put_aside(const T* slope) {
        earlier = Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(slope, kept.size());
    }

    /// Makes the slope in what `of` gave that in the weights; with `add`, to what was put aside.
    void mask(T* slope, bool add) const {
        Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>> all(slope, kept.size());
        all.array() *= kept.array();
        if (add) all += earlier;
    }
};

}  // namespace ermine
