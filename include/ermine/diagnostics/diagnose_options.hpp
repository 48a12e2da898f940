// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <limits>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// From where on `diagnose` reports a difficulty, and how much work it may take. Each threshold is
/// a factor by which something is lost.
struct DiagnoseOptions {
    /// max|λ| / min|λ|: gradient descent takes of the order of this many steps for each digit.
    double condition = 1000;
    /// A saddle point is near where negative curvature makes more gradient, within this share of
    /// ‖x‖ (see `usual_length`), than there is.
    double saddle = 0.01;
    double cliff = 10;     ///< the gradient norm, in units of its median over twenty looks before
    double plateau = 0.1;  ///< the share of a run in which the value stands still
    double depth = 1000;   ///< by which slopes shrink or grow from one layer to another
    double growth = 10;    ///< of the gradient norm along a run whose value does not fall
    double order = 0.1;    ///< lag-1 autocorrelation of the targets as they are drawn
    double noise_scale = 50;  ///< in units of the batch: so much further a step without noise goes
    double excess = 0.1;      ///< what noise adds to the value, in units of the fall of the run
    double rise = 0.05;       ///< of the validation risk above its lowest, in units of that
    double signal = 100;      ///< by which signals shrink or grow through an untrained network
    double saturated =
        0.75;  ///< share of the numbers of a layer behind which less than 1 % of the slope is left
    double above_chance = 10;  ///< the loss of an untrained network, in units of that of no network
    double dead = 0.25;        ///< share of the units of a layer

    Index batch = 0;  ///< of `diagnose(f, x)`: the size of the batches that are to be used, if any
    /// of `diagnose(f, x)`: the step that is to be used with these batches
    double step = std::numeric_limits<double>::quiet_NaN();

    Index examples = 256;    ///< that are looked at one by one, or layer by layer
    Index exact_size = 200;  ///< variables up to which all eigenvalues are computed
    Index products = 300;    ///< with the Hessian beyond that, at most
    std::uint64_t seed = 1;  ///< of random starts and of the examples that are looked at

    /// Throws std::invalid_argument for what makes no sense.
    void check() const {
        const auto above_one = [](double value, const char* option) {
            if (!(value > 1)) refuse(option, value, "it must be above 1");
        };
        above_one(condition, "DiagnoseOptions.condition");
        require_fraction(saddle, "DiagnoseOptions.saddle");
        above_one(cliff, "DiagnoseOptions.cliff");
        require_fraction(plateau, "DiagnoseOptions.plateau");
        above_one(depth, "DiagnoseOptions.depth");
        above_one(growth, "DiagnoseOptions.growth");
        require_fraction(order, "DiagnoseOptions.order");
        require_positive(noise_scale, "DiagnoseOptions.noise_scale");
        require_positive(excess, "DiagnoseOptions.excess");
        require_positive(rise, "DiagnoseOptions.rise");
        above_one(signal, "DiagnoseOptions.signal");
        require_fraction(saturated, "DiagnoseOptions.saturated");
        above_one(above_chance, "DiagnoseOptions.above_chance");
        require_fraction(dead, "DiagnoseOptions.dead");
        require_not_negative(batch, "DiagnoseOptions.batch");
        if (!(step > 0) && step == step)
            refuse("DiagnoseOptions.step", step,
                   "it must be positive, or NaN where it is not known");
        if (examples < 2)
            refuse("DiagnoseOptions.examples", std::int64_t{examples}, "it must be at least 2");
        require_count(exact_size, "DiagnoseOptions.exact_size");
        require_count(products, "DiagnoseOptions.products");
    }
};

}  // namespace ermine
