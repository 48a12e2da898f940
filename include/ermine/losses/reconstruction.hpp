// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>

namespace ermine {

/// A loss whose target is the input itself: each output of the network is compared with the feature
/// of the same number, and the losses of an example are added up. The targets of the data count
/// nothing. Made by `reconstruction`.
template <ScalarLoss L>
struct Reconstruction {
    using form = std::conditional_t<ElementwiseLoss<L>, Elementwise, void>;
    static constexpr const char* name = "reconstruction";
    static constexpr const char* targets = "any";
    static constexpr bool convex = is_convex<L>;
    static constexpr bool natural = is_natural_likelihood<L>;
    static constexpr bool of_inputs = true;  ///< for whoever fills the targets

    L loss;

    auto value(const auto& p, const auto& x) const { return loss.value(p, x); }
    auto derivative(const auto& p, const auto& x) const
        requires SurrogateLoss<L>
    {
        return loss.derivative(p, x);
    }
    auto second_derivative(const auto& p, const auto& x) const
        requires TwiceDifferentiableLoss<L>
    {
        return loss.second_derivative(p, x);
    }

    double draw(double p, auto& random) const
        requires requires(const L& l) { l.draw(p, random); }
    {
        return loss.draw(p, random);
    }

    bool accepts(double) const { return true; }
    void check() const {
        if constexpr (requires { loss.check(); }) loss.check();
    }
};

/// Whether a loss compares outputs with inputs.
template <class L>
inline constexpr bool reconstructs = requires { requires L::of_inputs; };

/// The loss of an autoencoder, a network with as many outputs as features:
///
///     const EmpiricalRisk risk{network(784, dense(30), tanh(), dense(784)),
///                              reconstruction(SquaredLoss{}), images};
template <ScalarLoss L>
Reconstruction<L> reconstruction(L loss) {
    return {loss};
}

}  // namespace ermine
