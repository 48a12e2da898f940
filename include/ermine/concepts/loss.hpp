// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/vector.hpp>

#include <concepts>

/// What a loss may offer. A loss is a plain value: prediction and target in, number out. A user's
/// own needs `double value(double p, double y) const`, and to be minimized
/// `double derivative(double p, double y) const`, the derivative in p; at a kink, a stated
/// subgradient. `using form = Elementwise` says that both also take Eigen arrays of one size.
///
/// What is known of a loss are members, all optional: presence is the capability.
///
///     static constexpr const char* name;      // for messages
///     static constexpr bool convex;           // in the prediction, for every target
///     static constexpr bool calibrated;       // see is_calibrated
///     static constexpr bool natural;          // see is_natural_likelihood
///     using argument = Margin;                // or Residual: see there
///     double lipschitz() const;               // of the value in p: see LipschitzContinuous
///     double smoothness() const;              // of the derivative in p: see Smooth
///     double strong_convexity() const;        // in p, where > 0: see StronglyConvex
///     bool accepts(double target) const;      // is this a legal target?
///     static constexpr const char* targets;   // the legal targets in words
///     void check() const;                     // throws std::invalid_argument for bad options
namespace ermine {

/// Says that a loss is a nonincreasing function of the margin y p alone, with targets y = ±1.
struct Margin {};

/// Says that a loss is a function of the residual p − y alone.
struct Residual {};

/// `loss.value(p, y)` is the loss of predicting the number p where the target is y.
template <class L>
concept ScalarLoss = requires(const L& loss, double p, double y) {
    { loss.value(p, y) } -> std::convertible_to<double>;
};

/// A scalar loss whose functions also take Eigen array expressions of one size, of doubles or of
/// floats, and return one.
template <class L>
concept ElementwiseLoss = ScalarLoss<L> && std::same_as<typename L::form, Elementwise>;

/// A row-major block of predictions: one row an example, one column an output.
using PredictionBlock = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A loss of several predictions an example. `loss.value(p, y, values)` fills the B numbers
/// `values` from the B × K predictions p and the B targets y (class numbers 0, …, K − 1).
template <class L>
concept ManyOutputLoss =
    requires(const L& loss, const PredictionBlock& p, const Eigen::ArrayXd& y, Eigen::ArrayXd& v) {
        { loss.value(p, y, v) } -> std::same_as<void>;
    };

/// What an empirical risk averages over examples.
template <class L>
concept Loss = ScalarLoss<L> || ManyOutputLoss<L>;

/// A loss with a derivative in the prediction: what may be minimized. With many outputs,
/// `loss.value_and_derivative(p, y, values, d)` fills the B × K block d.
template <class L>
concept SurrogateLoss =
    (ScalarLoss<L> &&
     requires(const L& loss, double p, double y) {
         { loss.derivative(p, y) } -> std::convertible_to<double>;
     }) ||
    (ManyOutputLoss<L> && requires(const L& loss, const PredictionBlock& p, const Eigen::ArrayXd& y,
                                   Eigen::ArrayXd& v, PredictionBlock& d) {
        { loss.value_and_derivative(p, y, v, d) } -> std::same_as<void>;
    });

/// A surrogate with a second derivative, as Newton's method needs. With many outputs,
/// `loss.curvature_product(p, y, u, hu)` fills the B × K block hu: row by row, the second
/// derivative at p applied to u.
template <class L>
concept TwiceDifferentiableLoss =
    SurrogateLoss<L> && ((ScalarLoss<L> &&
                          requires(const L& loss, double p, double y) {
                              { loss.second_derivative(p, y) } -> std::convertible_to<double>;
                          }) ||
                         (ManyOutputLoss<L> &&
                          requires(const L& loss, const PredictionBlock& p, const Eigen::ArrayXd& y,
                                   const PredictionBlock& u, PredictionBlock& hu) {
                              { loss.curvature_product(p, y, u, hu) } -> std::same_as<void>;
                          }));

/// A convex loss whose conjugate is known, which makes the dual problem: ℓ*(u; y) = sup_p u p −
/// ℓ(p, y) is `loss.conjugate(u, y)`, +∞ where the supremum is, and at the ends of where it is not,
/// its limit. `loss.nearest_slope(u, y)` is the u nearest to the given one for which it is finite:
/// the projection to the interval of the loss's slopes, closed. By Fenchel and Young
///
///     ℓ(p, y) + ℓ*(u; y) >= u p,  with equality where u is a subgradient at p.
///
/// Both take arrays where the loss does. With many outputs, `loss.conjugate(u, y, values)` fills
/// the B numbers `values` and `loss.nearest_slope(u, y, nearest)` the B × K block `nearest`, row by
/// row (Rockafellar, "Convex analysis", 1970, sections 12 and 23).
template <class L>
concept ConjugateLoss =
    (ScalarLoss<L> &&
     requires(const L& loss, double u, double y) {
         { loss.conjugate(u, y) } -> std::convertible_to<double>;
         { loss.nearest_slope(u, y) } -> std::convertible_to<double>;
     }) ||
    (ManyOutputLoss<L> && requires(const L& loss, const PredictionBlock& u, const Eigen::ArrayXd& y,
                                   Eigen::ArrayXd& v, PredictionBlock& nearest) {
        { loss.conjugate(u, y, v) } -> std::same_as<void>;
        { loss.nearest_slope(u, y, nearest) } -> std::same_as<void>;
    });

/// A figure of merit over a whole set of predictions that is no average of losses, such as the
/// area under the ROC curve: `measure.value(p, y, weights)`, with an array of weights of size 0
/// where all examples count the same. `higher_is_better` says which way is good.
template <class M>
concept Measure = std::same_as<typename M::form, Whole> &&
                  requires(const M& measure, const Eigen::ArrayXd& p, const Eigen::ArrayXd& y,
                           const Eigen::ArrayXd& weights) {
                      { measure.value(p, y, weights) } -> std::same_as<double>;
                      { M::higher_is_better } -> std::convertible_to<bool>;
                  };

/// Whether the loss is known to be convex in the prediction. False where it does not say.
template <class L>
inline constexpr bool is_convex = [] {
    if constexpr (requires { L::convex; })
        return bool{L::convex};
    else
        return false;
}();

/// Whether the loss is known to be, up to what does not depend on the prediction p, the negative
/// logarithm of the density of the target, of an exponential family with natural parameter p. Then
/// its second derivative in p does not depend on the target and is the covariance of its first
/// derivative, so that the generalized Gauss–Newton matrix of a model is its Fisher matrix
/// (Martens, "New insights and perspectives on the natural gradient method", JMLR 21, 2020, section
/// 9.2). False where the loss does not say.
template <class L>
inline constexpr bool is_natural_likelihood = [] {
    if constexpr (requires { L::natural; })
        return bool{L::natural};
    else
        return false;
}();

/// A loss that can draw a target from the distribution that a prediction p, or a vector of many,
/// stands for: `loss.draw(p, random)`, by a generator of random numbers.
template <class L, class Generator>
concept GenerativeLoss = requires(const L& loss, double p, Generator& random) {
    { loss.draw(p, random) } -> std::convertible_to<double>;
} || requires(const L& loss, const Eigen::VectorXd& p, Generator& random) {
    { loss.draw(p, random) } -> std::convertible_to<double>;
};

/// Whether the loss is known to be classification-calibrated: for every distribution, its best
/// prediction has the sign (with many outputs, the largest entry) that the 0–1 loss asks for, so
/// that minimizing one minimizes the other (Bartlett, Jordan & McAuliffe, "Convexity,
/// classification, and risk bounds", JASA 101, 2006). A convex loss φ(y p) of the margin is
/// calibrated if and only if φ is differentiable at 0 and φ'(0) < 0 (their Theorem 2).
/// False where the loss does not say.
template <class L>
inline constexpr bool is_calibrated = [] {
    if constexpr (requires { L::calibrated; })
        return bool{L::calibrated};
    else
        return false;
}();

}  // namespace ermine
