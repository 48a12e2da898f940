// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/wrapping.hpp>

namespace ermine {

/// A smooth function f plus a penalty p with a kink or a bound, made by `f + L1{λ}`: a Composite
/// objective, for methods with a proximal step. It has no gradient. The penalty and its proximal
/// map apply to the penalized stretch of the parameters alone.
template <class F, ProximalPenalty P>
class CompositeSum : public Wrapping<F> {
public:
    /// Throws std::invalid_argument for options that the penalty refuses.
    CompositeSum(F f, P penalty) : Wrapping<F>(std::move(f)), penalty_(std::move(penalty)) {
        penalty_.check();
    }

    /// f(x) + p(x).
    template <class V>
        requires Objective<F, V>
    double value(const V& x) const {
        return static_cast<double>(f_.value(x)) + penalty(x);
    }

    [[nodiscard]] const F& smooth_part() const { return f_; }
    [[nodiscard]] const P& nonsmooth_part() const { return penalty_; }

    /// That of f with the penalty.
    [[nodiscard]] auto linear_problem() const
        requires LinearObjective<F>
    {
        return f_.linear_problem().with(penalty_);
    }

    /// p(x).
    template <class V>
    double penalty(const V& x) const {
        return penalty_.value(x.head(penalized_size(f_, x)));
    }

    /// Replaces x by argmin_u p(u) + ‖u − x‖² / 2t.
    template <class V>
    void prox(V& x, double t) const {
        penalty_.prox(x.head(penalized_size(f_, x)), t);
    }

    /// Of the sum: that of f with the penalty's curvature added on the penalized stretch.
    [[nodiscard]] double strong_convexity() const
        requires StronglyConvex<F>
    {
        if constexpr (requires { penalty_.strong_convexity(); }) {
            const double more = penalty_.strong_convexity();
            if constexpr (requires { f_.strong_convexity(more); })
                return f_.strong_convexity(more);
            else if constexpr (!requires { f_.penalized(); })
                return f_.strong_convexity() + more;
        }
        return f_.strong_convexity();
    }

private:
    using Wrapping<F>::f_;
    P penalty_;
};

/// f + L1{λ}, f + Box{…}: a penalty that is not smooth stays beside the smooth function.
template <Penalizable F, ProximalPenalty P>
    requires(!SmoothPenalty<P>)
auto operator+(F f, P penalty) {
    constexpr bool alone = !requires { f.smooth_part(); };
    static_assert(alone,
                  "one nonsmooth penalty is enough: the proximal map of a sum is not known in "
                  "general; for L1 and L2 together write f + ElasticNet{...} or f + L1{} + L2{}");
    return CompositeSum<F, P>(std::move(f), std::move(penalty));
}

/// (f + L1{…}) + L2{…} = (f + L2{…}) + L1{…}.
template <class F, ProximalPenalty P, SmoothPenalty Q>
auto operator+(CompositeSum<F, P> sum, Q penalty) {
    return sum.smooth_part() + std::move(penalty) + sum.nonsmooth_part();
}

}  // namespace ermine
