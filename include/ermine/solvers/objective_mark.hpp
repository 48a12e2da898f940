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

/// Tells one objective from another: its value beside a point, penalties included, and its gradient
/// along a direction that no symmetry favours; of a sum, over at most 32 examples that lie evenly
/// in the data. Beside it, because at 0, where most runs begin, penalties are 0 whatever their
/// rates.
struct ObjectiveMark {
    double value = 0;
    double slope = 0;  ///< Σ wᵢ gᵢ, ...
    double size = 0;   ///< ... and Σ |wᵢ gᵢ|, which says what a difference weighs

    auto fields() { return std::tie(value, slope, size); }

    /// Whether making it costs an evaluation of the whole objective.
    template <class F, class V>
    static constexpr bool costs = !FiniteSum<SmoothPart<F>, V>;

    /// `start` is the starting point of the run.
    template <class F, class V>
    static ObjectiveMark of(const F& f, const V& start) {
        ObjectiveMark mark;
        auto&& smooth = smooth_part(f);
        V x = start;
        for (Index i = 0; i < x.size(); ++i) {
            // in proportion, so that signs stay: a logarithm must not leave its domain
            const double scale = x[i] == 0 ? 1 : static_cast<double>(x[i]);
            x[i] += static_cast<typename V::Scalar>((golden(i + 1) - 0.5) * scale);
        }
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
            mark.value = static_cast<double>(smooth.value(x));
        }
        if constexpr (Composite<F, V>) {
            const double penalty = static_cast<double>(f.penalty(x));
            if (std::isfinite(penalty)) mark.value += penalty;  // not outside of a set
        }
        for (Index i = 0; i < g.size(); ++i) {
            const double term = (1 + golden(i)) * static_cast<double>(g[i]);
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

private:
    /// The fractional part of i times the golden ratio: numbers in [0, 1) without a pattern.
    static double golden(Index i) {
        const double multiple = 0.6180339887498949 * static_cast<double>(i);
        return multiple - std::floor(multiple);
    }
};

}  // namespace ermine
