// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/numerics/multiple.hpp>
#include <ermine/numerics/sigmoid.hpp>
#include <ermine/numerics/softplus.hpp>

namespace ermine {

/// log(1 + e^p) − y p, the cross-entropy −y log π − (1 − y) log(1 − π) of the probability
/// π = 1 / (1 + e^{−p}) for targets y from 0 to 1: grey values of images, for one. It is least at
/// π = y, where it is the entropy of y. For y of 0 and 1 it is LogisticLoss with targets −1 and 1.
/// Convex, 1-Lipschitz and ¼-smooth; nothing overflows.
struct BinaryCrossEntropy {
    using form = Elementwise;
    static constexpr const char* name = "BinaryCrossEntropy";
    static constexpr const char* targets = "a number from 0 to 1";
    static constexpr bool convex = true;
    static constexpr bool natural = true;  // of 1 with probability π, and 0

    /// y log(1 + e^{−p}) + (1 − y) log(1 + e^p), the same without cancellation.
    auto value(const auto& p, const auto& y) const {
        return multiple(y, softplus(-p)) + multiple(1 - y, softplus(p));
    }

    /// π − y.
    auto derivative(const auto& p, const auto& y) const { return sigmoid(p) - y; }

    /// π (1 − π).
    auto second_derivative(const auto& p, const auto&) const { return sigmoid(p) * sigmoid(-p); }

    /// 1 with probability π, 0 otherwise.
    double draw(double p, auto& random) const { return random.uniform() < sigmoid(p) ? 1 : 0; }

    double lipschitz() const { return 1; }
    double smoothness() const { return 0.25; }
    bool accepts(double target) const { return target >= 0 && target <= 1; }
};

}  // namespace ermine
