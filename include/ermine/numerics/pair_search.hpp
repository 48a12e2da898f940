// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include <ermine/numerics/random.hpp>
#include <ermine/numerics/region.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// How much is tried where a property of a function is looked for by sampling.
struct SamplingOptions {
    std::int64_t pairs = 2000;
    std::uint64_t seed = 0;

    /// Throws std::invalid_argument unless there is a pair at least.
    void check() const { require_count(pairs, "SamplingOptions::pairs"); }
};

/// Draws pairs of points of a region, for properties of pairs: far ones, and near ones as
/// derivatives need them. Nine of ten pairs are drawn around the best so far, at all
/// distances from it, which climbs where sampling alone would not get near the worst pair in many
/// dimensions.
template <Region R>
class PairSearch {
public:
    using V = typename R::Point;

    /// Throws std::invalid_argument for a region that is empty or not bounded, and for options that
    /// make no sense.
    PairSearch(const R& region, const SamplingOptions& options)
        : region_(region), random_(options.seed) {
        region.check();
        options.check();
        x = y = best_x = best_y = move_ = V::Zero(region.size());
    }

    /// Draws x and y anew, at different points. Throws std::invalid_argument where rounding leaves
    /// one point of the region.
    void next() {
        ++drawn_;
        for (int attempt = 0; attempt < 100; ++attempt) {
            region_.draw(random_, x);
            region_.draw(random_, y);
            const bool near = found() && drawn_ % 10 != 0 && attempt < 50;
            if (near)
                vary();
            else
                y = x + shrinkage() * (y - x);
            if (near && !(region_.contains(x) && region_.contains(y))) continue;
            const auto apart = static_cast<double>((x - y).norm());
            widest_ = std::max(widest_, apart);
            if (near && apart < 1e-4 * widest_) continue;  // differences would be all rounding
            if (x != y) return;
        }
        throw std::invalid_argument("the region is so small that its points round to one");
    }

    /// Takes the pair in hand for the best if `score` is higher than all before.
    bool offer(double score) {
        if (!(score > best)) return false;
        best = score;
        best_x = x;
        best_y = y;
        return true;
    }

    [[nodiscard]] bool found() const { return best > -std::numeric_limits<double>::infinity(); }

    V x;
    V y;
    V best_x;
    V best_y;
    double best = -std::numeric_limits<double>::infinity();

private:
    /// Moves the best pair by a part of x − y, and turns and stretches it by another.
    void vary() {
        move_ = x - y;
        region_.draw(random_, x);
        region_.draw(random_, y);
        const auto length = (best_y - best_x).norm() / std::max((x - y).norm(), smallest);
        y = (best_y - best_x) + (shrinkage() * length) * (x - y);
        x = best_x + shrinkage() * move_;
        y += x;
    }

    /// 10^(−3u), u uniform: all sizes down to a thousandth alike.
    auto shrinkage() {
        return static_cast<typename V::Scalar>(std::pow(10, -3 * random_.uniform()));
    }

    static constexpr auto smallest = std::numeric_limits<typename V::Scalar>::min();

    const R& region_;
    Random random_;
    V move_;
    double widest_ = 0;
    std::int64_t drawn_ = 0;
};

}  // namespace ermine
