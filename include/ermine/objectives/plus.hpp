// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/penalty.hpp>
#include <ermine/objectives/composite_sum.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/objectives/regularized.hpp>

#include <concepts>

namespace ermine {

template <class>
inline constexpr bool is_composite_sum = false;
template <class F, class P>
inline constexpr bool is_composite_sum<CompositeSum<F, P>> = true;

/// `f + p`: an objective with a penalty on its penalized part. L2 joins the smooth part, wherever
/// it is written: `risk + L1{a} + L2{b}` and `risk + L2{b} + L1{a}` are the same. NoPenalty adds
/// nothing. Throws std::invalid_argument for a penalty that makes no sense, such as λ < 0.
template <class F, Penalty P>
    requires(!Penalty<F>)
auto operator+(const F& f, const P& penalty) {
    if constexpr (std::same_as<P, NoPenalty>) {
        return f;
    } else if constexpr (!SmoothPenalty<P>) {
        constexpr bool one_penalty = !is_composite_sum<F>;
        static_assert(
            one_penalty,
            "two proximal penalties have no common proximal map here: for L1 and L2 write "
            "ElasticNet{.l1, .l2}, or f + L1{...} + L2{...}");
        return CompositeSum<F, P>(f, penalty);
    } else if constexpr (is_composite_sum<F>) {
        return (f.smooth_part() + penalty) + f.penalty();
    } else {
        return Regularized<F, P>(f, penalty);
    }
}

}  // namespace ermine
