// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <concepts>

/// What a penalty may offer. A penalty sees the penalized stretch w of the parameters alone, as an
/// Eigen vector expression of doubles or floats; who adds it to a risk leaves the intercept out.
/// Optional members: `double strong_convexity() const` where it is > 0, and
/// `static constexpr const char* name`.
namespace ermine {

/// `p.value(w)` is the penalty, and `p.check()` throws std::invalid_argument for bad options.
template <class P>
concept Penalty = requires(const P& p, const Eigen::VectorXd& w) {
    { p.value(w) } -> std::same_as<double>;
    { p.check() } -> std::same_as<void>;
};

/// A quadratic penalty: `p.add_gradient(w, g)` adds its gradient to g, and its Hessian is
/// `p.curvature()` times the identity.
template <class P>
concept SmoothPenalty =
    Penalty<P> && requires(const P& p, const Eigen::VectorXd& w, Eigen::VectorXd& g) {
        { p.add_gradient(w, g) } -> std::same_as<void>;
        { p.curvature() } -> std::same_as<double>;
    };

/// A penalty with an easy proximal map: `p.prox(w, t)` replaces w by
/// argmin_u p(u) + ‖u − w‖² / 2t. `separable` says that it acts on each number alone, so that it
/// may be called stretch by stretch.
template <class P>
concept ProximalPenalty = Penalty<P> && requires(const P& p, Eigen::VectorXd& w, double t) {
    { p.prox(w, t) } -> std::same_as<void>;
    { P::separable } -> std::convertible_to<bool>;
};

/// A convex penalty whose conjugate is known, as a dual problem needs it: `p.conjugate(v)` is
/// p*(v) = sup_w vᵀw − p(w), +∞ where the supremum is, and `p.shrink(v)` is the largest s in [0, 1]
/// for which p*(s v) is finite. With the proximal map it obeys Moreau's identity
/// prox_p(v) + prox_p*(v) = v (Rockafellar, "Convex analysis", 1970, sections 12 and 31).
template <class P>
concept ConjugatePenalty = Penalty<P> && requires(const P& p, const Eigen::VectorXd& v) {
    { p.conjugate(v) } -> std::same_as<double>;
    { p.shrink(v) } -> std::same_as<double>;
};

/// A separable penalty with `p.drift(x, slope, k, step)`: k proximal steps on one number x with the
/// same slope in O(log k), step by step the same as `prox`. `step` is a RepeatedStep, whose
/// curvature includes the penalty's `strong_convexity()`, or one with its verbs. Methods that are
/// lazy on sparse data need it.
template <class P, class Step>
concept DriftingPenalty = Penalty<P> && requires(const P& p, double& x, Index k, const Step& step) {
    { p.drift(x, 0.0, k, step) } -> std::same_as<void>;
};

/// Whether the penalty is 0 in a convex set and +∞ outside, so that its proximal map is the
/// projection to the set. False where it does not say.
template <class P>
inline constexpr bool is_indicator = [] {
    if constexpr (requires { P::indicator; })
        return bool{P::indicator};
    else
        return false;
}();

/// Whether that set is a box: a lower and an upper bound on each number alone.
template <class P>
inline constexpr bool bounds_each = [] {
    if constexpr (requires { P::bounds_each; })
        return bool{P::bounds_each};
    else
        return false;
}();

}  // namespace ermine
