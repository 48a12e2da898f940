// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

namespace ermine {

/// The number s in [−r, 0) with Σ max(vᵢ − top − s, 0) = r, where top = max v and r > 0: a vector
/// is projected to the simplex of radius r by vᵢ ↦ max(vᵢ − top − s, 0). Taken relative to the
/// largest entry, differences as small as r keep their digits however large the entries are.
/// Newton's method on that sum, which is convex and piecewise linear in s, from the left (Michelot,
/// "A finite algorithm for finding the projection of a point onto the canonical simplex of Rⁿ",
/// 1986): exact after finitely many passes, as each leaves entries out for good, and a few in
/// practice. Needs no memory and no order. The entries must be finite.
template <class Derived>
double simplex_threshold(const Eigen::DenseBase<Derived>& v, double top, double r) {
    double s = -r;  // with this one, the largest entry alone contributes r
    while (true) {
        double sum = 0;
        Eigen::Index count = 0;
        for (Eigen::Index i = 0; i < v.size(); ++i) {
            const double below = static_cast<double>(v.derived().coeff(i)) - top;
            const bool counts = below > s;
            sum += counts ? below : 0;
            count += counts;
        }
        const double next = (sum - r) / static_cast<double>(count);
        if (!(next > s)) return s;
        s = next;
    }
}

}  // namespace ermine
