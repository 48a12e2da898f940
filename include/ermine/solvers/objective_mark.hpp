// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>

namespace ermine {

/// Tells one objective from another: its value at a point, and its gradient along a direction that
/// no symmetry favours; of a sum, over at most 32 examples that lie evenly in the data.
struct ObjectiveMark {
    double value = 0;
    double slope = 0;  ///< Σ wᵢ gᵢ, ...
    double size = 0;   ///< ... and Σ |wᵢ gᵢ|, which says what a difference weighs

    auto fields() { return std::tie(value, slope, size); }

    /// Whether making it costs an evaluation of the whole objective.
    template <class F, class V>
    static constexpr bool costs = !FiniteSum<SmoothPart<F>, V>;

    template <class F, class V>
    static ObjectiveMark of(const F& f, const V& x) {
        ObjectiveMark mark;
        auto&& smooth = smooth_part(f);
        V g = V::Zero(x.size());
        if constexpr (FiniteSum<SmoothPart<F>, V>) {
            const Index n = smooth.examples();
            const Index count = std::min<Index>(n, 32);
            std::array<std::int32_t, 32> rows{};
            for (Index k = 0; k < count; ++k)
                rows[static_cast<std::size_t>(k)] = static_cast<std::int32_t>(k * n / count);
            const Batch some{rows.data(), static_cast<std::size_t>(count)};
            mark.value = static_cast<double>(smooth.value_and_gradient(x, some, g));
        } else if constexpr (Differentiable<SmoothPart<F>, V>) {
            mark.value = static_cast<double>(smooth.value_and_gradient(x, g));
        } else {
            mark.value = static_cast<double>(f.value(x));
        }
        for (Index i = 0; i < g.size(); ++i) {
            const double golden = 0.6180339887498949 * static_cast<double>(i);
            const double term = (1 + golden - std::floor(golden)) * static_cast<double>(g[i]);
            mark.slope += term;
            mark.size += std::abs(term);
        }
        return mark;
    }

    /// Whether both may be of one objective: another compiler may round in another way.
    template <class Scalar>
    bool agrees(const ObjectiveMark& other) const {
        const double rounding = std::sqrt(double{std::numeric_limits<Scalar>::epsilon()});
        const auto near = [&](double a, double b, double weight) {
            return a == b || (std::isnan(a) && std::isnan(b)) ||
                   std::abs(a - b) <= rounding * weight;
        };
        return near(value, other.value, std::max(std::abs(value), std::abs(other.value))) &&
               near(slope, other.slope, std::max(size, other.size));
    }
};

}  // namespace ermine
