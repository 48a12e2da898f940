// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// A bounded convex set of points of type `R::Point`: `region.draw(random, x)` fills x, of the
/// right size, with a point drawn uniformly, `region.contains(x)` says whether x is one,
/// `region.size()` is how many numbers a point has, and `region.check()` throws
/// std::invalid_argument where the set is empty or not bounded.
template <class R>
concept Region =
    Vector<typename R::Point> && requires(const R& region, Random& random, typename R::Point& x) {
        region.draw(random, x);
        { region.size() } -> std::convertible_to<Index>;
        region.check();
    };

}  // namespace ermine
