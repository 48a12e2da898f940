// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/concepts/weighted_batch.hpp>

/// What an objective may know of itself. A problem says what it knows; a method asks for no more
/// than it needs. A type of one's own states its capabilities by
/// `static_assert(TwiceDifferentiable<MyFunction>)` and gets the error in its own file.
/// The second parameter is the type of the point: VectorXd unless said otherwise.
namespace ermine {

/// `f.value(x)` is the number to be minimized.
template <class F, class V = Eigen::VectorXd>
concept Objective = requires(const F& f, const V& x) {
    { f.value(x) } -> std::convertible_to<double>;
};

/// `f.value_and_gradient(x, g)` returns f(x) and fills g with ∇f(x); where f has a kink, with a
/// stated subgradient.
template <class F, class V = Eigen::VectorXd>
concept Differentiable = Objective<F, V> && requires(const F& f, const V& x, V& g) {
    { f.value_and_gradient(x, g) } -> std::convertible_to<double>;
};

/// The matrix that an objective's Hessian is written to: dense where F does not say otherwise, ...
template <class F, class V>
struct HessianOf {
    using type = SquareMatrix<V>;
};

/// ... and what F says by `using Hessian = Eigen::SparseMatrix<double>`.
template <class F, class V>
    requires requires { typename F::Hessian; }
struct HessianOf<F, V> {
    using type = typename F::Hessian;
};

template <class F, class V>
using HessianMatrix = typename HessianOf<std::remove_cvref_t<F>, V>::type;

/// `f.hessian(x, H)` fills the n × n matrix H with ∇²f(x), both triangles. A sparse H is filled
/// with the same pattern each time, explicit zeros included, and compressed.
template <class F, class V = Eigen::VectorXd>
concept TwiceDifferentiable =
    Differentiable<F, V> &&
    requires(const F& f, const V& x, HessianMatrix<F, V>& H) { f.hessian(x, H); };

/// `f.hessian_product(x, v, Hv)` fills Hv with ∇²f(x) v, without forming the Hessian.
template <class F, class V = Eigen::VectorXd>
concept CurvatureProducts =
    Differentiable<F, V> &&
    requires(const F& f, const V& x, const V& v, V& Hv) { f.hessian_product(x, v, Hv); };

/// `f.gauss_newton_product(x, v, Gv)` fills Gv with G v, where G stands in for the Hessian and is
/// positive semidefinite: of a network, the generalized Gauss–Newton matrix.
template <class F, class V = Eigen::VectorXd>
concept GaussNewtonProducts =
    Differentiable<F, V> &&
    requires(const F& f, const V& x, const V& v, V& Gv) { f.gauss_newton_product(x, v, Gv); };

/// A sum of squares of m residuals: `f.residuals(x, r)` fills r with them and gives it its size,
/// `f.jacobian(x, J)` fills the m × n matrix J with their derivatives. The value is Σ rᵢ², the
/// residual sum of squares, without a factor ½ (some programs minimize half of it), and the
/// gradient therefore 2 Jᵀ r. `sum_of_squares(residuals)` makes one that keeps to this.
template <class F, class V = Eigen::VectorXd>
concept LeastSquares = Objective<F, V> && requires(const F& f, const V& x, ResidualVector<V>& r,
                                                   JacobianMatrix<V>& J) {
    f.residuals(x, r);
    f.jacobian(x, J);
};

/// An average over `f.examples()` examples, of which any batch can be taken alone:
/// `f.value_and_gradient(x, batch, g)` returns the average over the batch and fills g with its
/// gradient. Over a batch of all examples that is f itself.
template <class F, class V = Eigen::VectorXd>
concept FiniteSum = requires(const F& f, const V& x, Batch batch, V& g) {
    { f.examples() } -> std::convertible_to<Index>;
    { f.value_and_gradient(x, batch, g) } -> std::convertible_to<double>;
};

/// A FiniteSum that takes batches with weights, too: `f.value_and_gradient(x, batch, g)` returns
/// (1/|batch|) Σ wₖ fₖ(x) and fills g with its gradient. A penalty that f adds is not weighted.
template <class F, class V = Eigen::VectorXd>
concept WeightedFiniteSum =
    FiniteSum<F, V> && requires(const F& f, const V& x, WeightedBatch batch, V& g) {
        { f.value_and_gradient(x, batch, g) } -> std::convertible_to<double>;
    };

/// A FiniteSum with such products over any batch, too: `f.gauss_newton_product(x, batch, v, Gv)`.
template <class F, class V = Eigen::VectorXd>
concept BatchGaussNewtonProducts = GaussNewtonProducts<F, V> && FiniteSum<F, V> &&
                                   requires(const F& f, const V& x, Batch batch, const V& v,
                                            V& Gv) { f.gauss_newton_product(x, batch, v, Gv); };

/// Derivatives by one coordinate that cost less than a gradient: `f.partial(x, i)` is ∂f/∂xᵢ, and
/// `f.coordinate_smoothness(i)` is Lᵢ, its Lipschitz constant along that coordinate:
/// |∂f/∂xᵢ(x + d eᵢ) − ∂f/∂xᵢ(x)| ≤ Lᵢ |d|.
template <class F, class V = Eigen::VectorXd>
concept CoordinateDifferentiable = Objective<F, V> && requires(const F& f, const V& x, Index i) {
    { f.partial(x, i) } -> std::convertible_to<double>;
    { f.coordinate_smoothness(i) } -> std::convertible_to<double>;
};

/// `f.smoothness()` is L, the Lipschitz constant of the gradient: ‖∇f(x) − ∇f(y)‖ ≤ L ‖x − y‖.
template <class F>
concept Smooth = requires(const F& f) {
    { f.smoothness() } -> std::convertible_to<double>;
};

/// `f.lipschitz()` is G, the Lipschitz constant of the value: |f(x) − f(y)| ≤ G ‖x − y‖.
template <class F>
concept LipschitzContinuous = requires(const F& f) {
    { f.lipschitz() } -> std::convertible_to<double>;
};

/// `f.strong_convexity()` is μ ≥ 0, the largest known number for which f − μ/2 ‖x‖² is convex;
/// 0 where none is known.
template <class F>
concept StronglyConvex = requires(const F& f) {
    { f.strong_convexity() } -> std::convertible_to<double>;
};

/// A smooth function plus a nonsmooth penalty p with an easy proximal map:
/// `f.smooth_part()` is a Differentiable objective, `f.penalty(x)` is p(x), and `f.prox(x, t)`
/// replaces x by argmin_u p(u) + ‖u − x‖² / 2t, and for t = 0 by the nearest point where p is
/// finite. Its `value(x)` is the sum of both.
template <class F, class V = Eigen::VectorXd>
concept Composite = Objective<F, V> && requires(const F& f, const V& x, V& u, double t) {
    f.smooth_part();
    { f.penalty(x) } -> std::convertible_to<double>;
    f.prox(u, t);
};

/// The part of f that gradients are taken of: f.smooth_part() of a Composite, otherwise f.
template <class F>
constexpr decltype(auto) smooth_part(const F& f) {
    if constexpr (requires { f.smooth_part(); })
        return f.smooth_part();
    else
        return (f);
}

/// The type of smooth_part(f).
template <class F>
using SmoothPart = std::remove_cvref_t<decltype(smooth_part(std::declval<const F&>()))>;

}  // namespace ermine
