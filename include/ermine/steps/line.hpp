// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/objective.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace ermine {

/// What a line search sees: φ(t) = F(x − t d), or F(prox(x − t d)) where the objective has a
/// proximal part. A trial is evaluated once, value and gradient together, into `there`: the
/// accepted one is the method's next point, and is not evaluated again.
template <class Phi, class F, class V>
struct Line {
    const Phi& phi;             ///< the smooth function, on the examples in hand
    const F& f;                 ///< the objective, for its proximal part
    const Evaluation<V>& here;  ///< the point to leave
    Evaluation<V>& there;       ///< the last trial
    const V& direction;         ///< d: the point moves by −t d
    double gain = 1;            ///< length of d in gradients, for the proximal map
    bool unit_length = false;   ///< t = 1 is the natural step: Newton's
    std::int64_t trials = 0;
    Evaluation<V>* best = nullptr;  ///< memory for a search that may go back to a trial

    static constexpr bool composite = Composite<F, V>;

    bool majorizes = composite;  ///< a parabola of curvature 1/t must lie above f at the step
    bool may_grow = true;        ///< whether the step may be longer than the last one

    void at(double t) {
        using Scalar = typename V::Scalar;
        there.x = here.x - static_cast<Scalar>(t) * direction;
        if constexpr (composite) f.prox(there.x, t * gain);
        there.value = phi.value_and_gradient(there.x, there.gradient);
        ++trials;
    }

    /// −φ'(0) where the objective is smooth.
    double slope_here() const { return static_cast<double>(here.gradient.dot(direction)); }

    /// −φ'(t) at the last trial, where the objective is smooth.
    double slope_there() const { return static_cast<double>(there.gradient.dot(direction)); }

    /// Values that agree to ten digits, with float to five, cannot be trusted to order points.
    bool drowns() const {
        const double noise = std::numeric_limits<typename V::Scalar>::digits > 24 ? 1e-10 : 1e-5;
        return std::abs(there.value - here.value) <= noise * std::abs(here.value);
    }

    /// Goes back to the best trial, where no other was accepted: false if it does not truly lie
    /// below the point to leave, nor is as low with a smaller gradient.
    bool take_best() {
        swap(*best, there);
        return there.value < here.value ||
               (drowns() && there.gradient.squaredNorm() < here.gradient.squaredNorm());
    }

    /// φ(t) − φ(0) at the last trial t. Where the difference drowns in the rounding of the values,
    /// the slopes at both ends say it better, by the trapezoidal rule.
    double change(double t, double slope_here, double slope_there) const {
        return drowns() ? -t * (slope_here + slope_there) / 2 : there.value - here.value;
    }
};

}  // namespace ermine
