// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/models/initializer.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// gain times the identity: unit k hands on input k, and beyond the smaller of the two widths
/// nothing. Meant for the recurrent weights of ReLU units, which then remember (Le, Jaitly &
/// Hinton, "A simple way to initialize recurrent networks of rectified linear units", 2015,
/// section 3): `initialize_block(model, theta, "elman1.recurrent", Identity{})` over small normal
/// numbers in all the others.
struct Identity {
    static constexpr const char* name = "Identity";

    double gain = 1;

    void fill(WeightMatrix& weights, Random&) const {
        weights.setZero();
        weights.diagonal().setConstant(gain);
    }
    void check() const { require_positive(gain, "Identity.gain"); }
};

static_assert(Initializer<Identity>);

}  // namespace ermine
