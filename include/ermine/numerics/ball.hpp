// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <stdexcept>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// The region ‖x − center‖ <= radius: `Ball{center, 2}`.
template <Vector V>
struct Ball {
    using Point = V;

    V center;
    double radius;

    [[nodiscard]] Index size() const { return center.size(); }

    [[nodiscard]] bool contains(const V& x) const {
        return static_cast<double>((x - center).norm()) <= radius;
    }

    /// A normal vector scaled to the length radius · u^(1/n), u uniform (Muller 1959).
    void draw(Random& random, V& x) const {
        using Scalar = typename V::Scalar;
        for (Index i = 0; i < x.size(); ++i) x[i] = static_cast<Scalar>(random.normal());
        const double length =
            radius * std::pow(random.uniform(), 1 / static_cast<double>(x.size()));
        x = center + x * static_cast<Scalar>(length / static_cast<double>(x.norm()));
    }

    /// Throws std::invalid_argument unless the center is finite and has a number at least, and the
    /// radius is positive and finite.
    void check() const {
        require_positive(radius, "Ball: radius");
        if (center.size() == 0 || !center.allFinite())
            throw std::invalid_argument("Ball: the center is empty or not finite");
    }
};

template <class C, class R>
Ball(const C&, R) -> Ball<PlainVector<C>>;

}  // namespace ermine
