// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <limits>
#include <tuple>

namespace ermine {

/// Sharpness-aware minimization (Foret, Kleiner, Mobahi & Neyshabur 2021, algorithm 1): the
/// gradient is taken at x + ρ g/‖g‖₂, near the highest point of a ball of radius ρ around x (eq.
/// 2), of the same function, with minibatches the same batch. So a minimum is preferred around
/// which all is low. It costs a second gradient a step, which counts as work; values and the
/// gradient that stop rules look at are those at x itself. Where g = 0 the gradient is taken at x.
///
/// What it goes to is no minimum of f: with a constant step it comes to rest in a neighbourhood of
/// one that shrinks with ρ.
struct Sam {
    static constexpr Role role = Role::probe;

    double radius = 0.05;  ///< ρ

    template <class V>
    struct Place {
        V x;  // x + ρ g/‖g‖: room for it, nothing to remember
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument unless radius is positive and finite.
    template <class V>
    Place<V> start(const auto&, const V& x) const {
        require_positive(radius, "Sam.radius");
        return {x};
    }

    template <class V>
    void probe(const auto& f, const V& x, V& g, Place<V>& place) const {
        using Scalar = typename V::Scalar;
        const double squared_norm = g.template cast<double>().squaredNorm();
        if (squared_norm == 0) return;
        // a norm that overflows must end the run: with a scale of zero it would be plain descent
        const double scale = std::isfinite(squared_norm) ? radius / std::sqrt(squared_norm)
                                                         : std::numeric_limits<double>::quiet_NaN();
        place.x = x + static_cast<Scalar>(scale) * g;
        f.value_and_gradient(place.x, g);
    }
};

}  // namespace ermine
