// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/models/initializer.hpp>
#include <ermine/numerics/orthonormalize.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// gain times a matrix with orthonormal columns, or rows where it is wider than high, every such
/// matrix equally likely: all singular values of a layer are `gain`, and of a deep linear network,
/// too, so that how long it learns does not grow with depth (Saxe, McClelland & Ganguli, "Exact
/// solutions to the nonlinear dynamics of learning in deep linear neural networks", ICLR 2014,
/// section 3). √2 is the gain for ReLU.
struct Orthogonal {
    static constexpr const char* name = "Orthogonal";

    double gain = 1;

    void fill(WeightMatrix& weights, Random& random) const {
        const bool wide = weights.cols() > weights.rows();
        // Columns that Gram and Schmidt make of normal ones have Haar's distribution.
        Eigen::MatrixXd columns(wide ? weights.cols() : weights.rows(),
                                wide ? weights.rows() : weights.cols());
        for (Index k = 0; k < columns.size(); ++k) columns.data()[k] = random.normal();
        orthonormalize(columns);
        if (wide)
            weights = columns.transpose();
        else
            weights = columns;
        weights *= gain;
    }
    void check() const { require_positive(gain, "Orthogonal.gain"); }
};

static_assert(Initializer<Orthogonal>);

}  // namespace ermine
