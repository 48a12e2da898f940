// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/repeated_step.hpp>

#include <cstddef>
#include <vector>

namespace ermine {

/// One coordinate of the three points of Katyusha.
struct Coupled {
    double z = 0;  ///< takes the proximal steps
    double y = 0;  ///< follows z
    double w = 0;  ///< the snapshot, which holds both back
};

/// RepeatedStep for z, with y in its wake: after each step y ← θ₁ z + θ₂ w + (1 − θ₁ − θ₂) y. Both
/// recursions are linear, so that k of them are a few numbers of a table.
class CoupledStep {
public:
    /// Steps of that length, up to `most` of them.
    void prepare(double length, double curvature, double theta1, double theta2, Index most) {
        const auto size = static_cast<std::size_t>(most) + 1;
        if (table_.size() == size && length == plain_.length() && curvature == curvature_ &&
            theta1 == theta1_ && theta2 == theta2_)
            return;
        plain_.prepare(length, curvature, most);
        curvature_ = curvature;
        theta1_ = theta1;
        theta2_ = theta2;
        table_.resize(size);
        table_[0] = {1, 0, 0, 0};
        const double rest = 1 - theta1 - theta2;
        for (std::size_t k = 1; k < size; ++k) {
            const Entry& last = table_[k - 1];
            const auto steps = static_cast<Index>(k);
            table_[k] = {rest * last.own, rest * last.held + 1,
                         rest * last.power + theta1 * plain_.at(1, 0, steps),
                         rest * last.way - theta1 * plain_.at(0, 1, steps)};
        }
    }

    [[nodiscard]] double length() const { return plain_.length(); }

    static double position(const Coupled& c) { return c.z; }

    /// The point where Katyusha takes its gradient.
    [[nodiscard]] double seen(const Coupled& c) const {
        return theta1_ * c.z + theta2_ * c.w + (1 - theta1_ - theta2_) * c.y;
    }

    [[nodiscard]] double at(const Coupled& c, double slope, Index k) const {
        return plain_.at(c.z, slope, k);
    }

    void go(Coupled& c, double slope, Index k) const {
        const Entry& entry = table_[static_cast<std::size_t>(k)];
        c.y = entry.own * c.y + theta2_ * entry.held * c.w + entry.power * c.z - slope * entry.way;
        c.z = plain_.at(c.z, slope, k);
    }

    void push(Coupled& c, double by) const { c.z -= by; }
    void put(Coupled& c, double place) const { c.z = place; }

    void hold(Coupled& c, Index k) const {
        const Entry& entry = table_[static_cast<std::size_t>(k)];
        c.y = entry.own * c.y + (theta2_ * c.w + theta1_ * c.z) * entry.held;
    }

    template <class F>
    Index last_inside(const Coupled& c, double slope, Index k, const F& inside) const {
        return plain_.last_inside(c.z, slope, k, inside);
    }

private:
    struct Entry {
        double own;    // what is left of y
        double held;   // of w and of a z that stays, in units of their weights
        double power;  // of the first z
        double way;    // of the slope
    };
    RepeatedStep plain_;
    std::vector<Entry> table_;
    double curvature_ = 0;
    double theta1_ = 0;
    double theta2_ = 0;
};

}  // namespace ermine
