// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// The region lower <= x <= upper, coordinate by coordinate: `Cuboid{lower, upper}`.
template <Vector V>
struct Cuboid {
    using Point = V;

    V lower;
    V upper;

    [[nodiscard]] Index size() const { return lower.size(); }

    [[nodiscard]] bool contains(const V& x) const {
        return (x.array() >= lower.array()).all() && (x.array() <= upper.array()).all();
    }

    void draw(Random& random, V& x) const {
        for (Index i = 0; i < x.size(); ++i)
            x[i] = lower[i] +
                   static_cast<typename V::Scalar>(random.uniform()) * (upper[i] - lower[i]);
    }

    /// Throws std::invalid_argument, naming the coordinate, unless lower <= upper, both are finite
    /// and of the same size, and somewhere lower < upper.
    void check() const {
        if (lower.size() == 0 || lower.size() != upper.size())
            throw std::invalid_argument("Cuboid: lower has " + std::to_string(lower.size()) +
                                        " numbers, upper " + std::to_string(upper.size()));
        for (Index i = 0; i < size(); ++i)
            if (!(lower[i] <= upper[i]) || !(upper[i] - lower[i] <= most))
                throw std::invalid_argument("Cuboid: coordinate " + std::to_string(i) +
                                            " lies between " + std::to_string(lower[i]) + " and " +
                                            std::to_string(upper[i]) + ": nothing finite does");
        if (lower == upper) throw std::invalid_argument("Cuboid: lower and upper are one point");
    }

private:
    static constexpr auto most = std::numeric_limits<typename V::Scalar>::max();
};

template <class A, class B>
Cuboid(const A&, const B&) -> Cuboid<PlainVector<A>>;

}  // namespace ermine
