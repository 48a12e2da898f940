// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <cstddef>
#include <vector>

namespace ermine {

/// What k equal proximal steps on one number come to: x ← ρ (x − t s), k times, with ρ = 1/(1 + t
/// c) for a penalty of curvature c, is ρᵏ x − t s (ρ + … + ρᵏ), two numbers of a table (the "just
/// in time" updates of Schmidt, Le Roux & Bach 2017, section 4.1, and of Langford, Li & Zhang
/// 2009). A step says where a number would be (`at`), takes it there (`go`), to a place (`put`), or
/// lets it stay while time passes (`hold`): from these a penalty makes its `drift`.
class RepeatedStep {
public:
    /// Steps of that length, up to `most` of them.
    void prepare(double length, double curvature, Index most) {
        if (length == length_ && curvature == curvature_ && most == most_) return;
        length_ = length;
        curvature_ = curvature;
        most_ = most;
        const double ratio = 1 / (1 + length * curvature);
        table_.resize(static_cast<std::size_t>(most) + 1);
        table_[0] = {1, 0};
        for (std::size_t k = 1; k < table_.size(); ++k)
            table_[k] = {ratio * table_[k - 1].power, ratio * (table_[k - 1].way + length)};
    }

    [[nodiscard]] double length() const { return length_; }
    [[nodiscard]] Index most() const { return most_; }

    static double position(double x) { return x; }
    static double seen(double x) { return x; }  // by who takes the gradient

    /// Where x is after k steps with slope s.
    [[nodiscard]] double at(double x, double slope, Index k) const {
        const Entry& entry = table_[static_cast<std::size_t>(k)];
        return entry.power * x - slope * entry.way;
    }

    void go(double& x, double slope, Index k) const { x = at(x, slope, k); }
    void push(double& x, double by) const { x -= by; }
    void put(double& x, double place) const { x = place; }
    void hold(double&, Index) const {}

    /// The largest number of steps below k after which x is still where `inside` says; 0 if none.
    template <class F>
    Index last_inside(double x, double slope, Index k, const F& inside) const {
        Index low = 0;
        while (k - low > 1) {
            const Index middle = low + (k - low) / 2;
            (inside(at(x, slope, middle)) ? low : k) = middle;
        }
        return low;
    }

private:
    struct Entry {
        double power;  // ρᵏ
        double way;    // t (ρ + … + ρᵏ)
    };
    std::vector<Entry> table_;
    double length_ = 0;
    double curvature_ = 0;
    Index most_ = -1;
};

}  // namespace ermine
