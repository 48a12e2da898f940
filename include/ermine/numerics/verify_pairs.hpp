// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <ermine/numerics/claim_report.hpp>
#include <ermine/numerics/pair_search.hpp>
#include <ermine/numerics/region.hpp>

namespace ermine {

/// One pair's case of a claim `left <= right`, and the size of the numbers that were subtracted
/// from each other on the way: their rounding is allowed.
struct PairCase {
    double left;
    double right;
    double scale;
};

/// Tries an inequality on pairs of points of a region, drawn closer and closer to where it is
/// nearest to failing. It counts as broken where left − right is more than rounding explains, or
/// NaN.
template <Region R, class Case>
auto verify_pairs(const Claim& claim, const R& region, const SamplingOptions& options,
                  Case&& of_pair) {
    using V = typename R::Point;
    constexpr auto epsilon =
        static_cast<double>(std::numeric_limits<typename V::Scalar>::epsilon());
    PairSearch<R> pairs(region, options);
    ClaimReport<V> report{.claim = claim, .x = pairs.x, .y = pairs.y};
    for (; report.pairs < options.pairs; ++report.pairs) {
        pairs.next();
        const PairCase found = of_pair(std::as_const(pairs.x), std::as_const(pairs.y));
        const double allowed =
            std::sqrt(epsilon) * std::abs(found.right) + 64 * epsilon * found.scale;
        const double excess = found.left - found.right - allowed;
        const double size = std::abs(found.left) + std::abs(found.right) + allowed;
        const bool broken = !(excess <= 0);
        const double score = std::isfinite(excess)
                                 ? (size > 0 ? excess / size : 0)
                                 : std::numeric_limits<double>::infinity() * (broken ? 1 : -1);
        if (pairs.offer(score)) {
            report.broken = broken;
            report.x = pairs.x;
            report.y = pairs.y;
            report.left = found.left;
            report.right = found.right;
        }
    }
    return report;
}

}  // namespace ermine
