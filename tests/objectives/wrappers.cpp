// SPDX-License-Identifier: MIT
// Functions made of functions: wrappers offer what the wrapped function offers and no more, and
// functions made Lipschitz or smooth have the values, derivatives and constants that they state.

#include "ermine_catch.hpp"

#include <Eigen/Core>
#include <Eigen/SparseCore>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <ermine/numerics/check_gradient.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/with_lipschitz.hpp>
#include <ermine/solvers/counted.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

// Half the mean square of xᵢ − i, with everything that an objective may offer.
struct Everything {
    using Hessian = Eigen::SparseMatrix<double>;

    double value(const VectorXd& x) const {
        VectorXd r;
        residuals(x, r);
        return r.squaredNorm() / 2;
    }
    double value(const VectorXd& x, Batch) const { return value(x); }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        residuals(x, g);
        const double value = g.squaredNorm() / 2;
        g /= std::sqrt(static_cast<double>(x.size()));
        return value;
    }
    double value_and_gradient(const VectorXd& x, Batch, VectorXd& g) const {
        return value_and_gradient(x, g);
    }
    void hessian(const VectorXd& x, Hessian& h) const {
        h.resize(x.size(), x.size());
        h.setIdentity();
        h /= static_cast<double>(x.size());
    }
    void hessian_product(const VectorXd& x, const VectorXd& v, VectorXd& hv) const {
        hv = v / static_cast<double>(x.size());
    }
    double partial(const VectorXd& x, Index i) const {
        return (x[i] - static_cast<double>(i)) / static_cast<double>(x.size());
    }
    void residuals(const VectorXd& x, VectorXd& r) const {
        r = x - VectorXd::LinSpaced(x.size(), 0, static_cast<double>(x.size() - 1));
        r /= std::sqrt(static_cast<double>(x.size()));
    }
    void jacobian(const VectorXd& x, MatrixXd& j) const {
        j = MatrixXd::Identity(x.size(), x.size()) / std::sqrt(static_cast<double>(x.size()));
    }
    Index examples() const { return 7; }
    Index parameters() const { return 4; }
    Index penalized() const { return 3; }
    VectorXd zero() const { return VectorXd::Zero(4); }
    double lipschitz() const { return 1; }
    double smoothness() const { return 0.25; }
    double smoothness_per_example() const { return 5; }
    double strong_convexity(double shift = 0) const { return 0.25 + shift / 2; }
};

struct ValueAlone {
    double value(const VectorXd& x) const { return x.sum(); }
};

template <class F>
concept GivesBatchValues = requires(const F& f, const VectorXd& x, Batch b) { f.value(x, b); };
template <class F>
concept GivesSparseHessians =
    requires(const F& f, const VectorXd& x, typename F::Hessian& h) { f.hessian(x, h); };
template <class F>
concept GivesPartials = requires(const F& f, const VectorXd& x) { f.partial(x, 0); };
template <class F>
concept GivesResiduals = requires(const F& f, const VectorXd& x, VectorXd& r, MatrixXd& j) {
    f.residuals(x, r);
    f.jacobian(x, j);
};
template <class F>
concept KnowsItsVariables = requires(const F& f) {
    f.parameters();
    f.penalized();
    f.zero();
    f.examples();
};

// What a wrapper of all of `Everything` but least squares offers.
template <class F>
constexpr bool offers_evaluations =
    Differentiable<F> && !TwiceDifferentiable<F> && CurvatureProducts<F> && FiniteSum<F> &&
    GivesBatchValues<F> && GivesSparseHessians<F> && GivesPartials<F> && KnowsItsVariables<F> &&
    Smooth<F> && StronglyConvex<F> && requires(const F& f) { f.smoothness_per_example(); };
// What any wrapper of `ValueAlone` offers.
template <class F>
constexpr bool offers_value_alone =
    Objective<F> && !Differentiable<F> && !TwiceDifferentiable<F> && !CurvatureProducts<F> &&
    !FiniteSum<F> && !GivesBatchValues<F> && !GivesSparseHessians<F> && !GivesPartials<F> &&
    !GivesResiduals<F> && !StronglyConvex<F> && !requires(const F& f) { f.examples(); } &&
    !requires(const F& f) { f.parameters(); } && !requires(const F& f) { f.penalized(); } &&
    !requires(const F& f) { f.zero(); } && !requires(const F& f) { f.smoothness_per_example(); } &&
    !requires { F::template explain<int>(); } && !requires { typename F::Hessian; } &&
    !requires(const F& f) { f.strong_convexity(1.0); };

template <class F>
using Ridge = decltype(std::declval<F>() + L2{});
template <class F>
using Lasso = decltype(std::declval<F>() + L1{});

static_assert(offers_evaluations<Everything> && GivesResiduals<Everything>);
static_assert(offers_evaluations<Counted<Everything>> && GivesResiduals<Counted<Everything>>);
static_assert(LipschitzContinuous<Counted<Everything>>);
static_assert(offers_evaluations<WithLipschitz<Everything>>);
static_assert(GivesResiduals<WithLipschitz<Everything>>);
static_assert(offers_evaluations<Ridge<Everything>> &&
              offers_evaluations<Ridge<Ridge<Everything>>>);
static_assert(!GivesResiduals<Ridge<Everything>> && !LipschitzContinuous<Ridge<Everything>>);
static_assert(Composite<Lasso<Everything>> && KnowsItsVariables<Lasso<Everything>>);
static_assert(!Differentiable<Lasso<Everything>> && !GivesPartials<Lasso<Everything>>);
static_assert(Composite<Counted<Lasso<Everything>>>);
static_assert(!Differentiable<Counted<Lasso<Everything>>>);
static_assert(offers_evaluations<SmoothPart<Counted<Lasso<Everything>>>>);
static_assert(offers_value_alone<ValueAlone> && offers_value_alone<Counted<ValueAlone>>);
static_assert(offers_value_alone<Ridge<ValueAlone>> && offers_value_alone<Lasso<ValueAlone>>);
static_assert(offers_value_alone<WithLipschitz<ValueAlone>>);
static_assert(!Smooth<Counted<ValueAlone>> && !LipschitzContinuous<Counted<ValueAlone>>);
static_assert(!Composite<Counted<ValueAlone>>);

}  // namespace

TEST_CASE("Each evaluation of a counted objective is counted, under its name, once") {
    const Everything f;
    Counts counts;
    const Counted counted(f, counts);
    const VectorXd x = VectorXd::Constant(4, 2);
    const std::vector<std::int32_t> rows{3, 4, 5};
    VectorXd g(4);
    VectorXd r;
    MatrixXd j;
    Everything::Hessian h;
    CHECK(counted.value(x) == f.value(x));
    CHECK(counted.value(x, Batch{rows}) == f.value(x));
    CHECK(counts.values == 2);
    CHECK(counted.value_and_gradient(x, g) == f.value(x));
    CHECK((counts.gradients == 1 && counts.examples == 7));
    CHECK(counted.value_and_gradient(x, Batch{rows}, g) == f.value(x));
    CHECK((counts.gradients == 2 && counts.examples == 10));
    counted.hessian(x, h);
    CHECK((counts.hessians == 1 && h.coeff(2, 2) == 0.25));
    counted.hessian_product(x, x, g);
    CHECK((counts.products == 1 && g[0] == 0.5));
    CHECK(counted.partial(x, 3) == -0.25);
    CHECK(counts.partials == 1);
    counted.residuals(x, r);
    CHECK((counts.values == 3 && r.squaredNorm() / 2 == Approx(f.value(x))));
    counted.jacobian(x, j);
    CHECK((counts.gradients == 3 && counts.examples == 10 && j(1, 1) == 0.5));
    CHECK((counted.lipschitz() == 1 && counted.smoothness() == 0.25));
    CHECK((counted.strong_convexity() == 0.25 && counted.strong_convexity(1) == 0.75));
    CHECK((counts.values == 3 && counts.hessians == 1 && counts.monitoring == 0));

    const auto lasso = f + L1{0.5};
    Counts of_sum;
    const Counted sum(lasso, of_sum);
    CHECK(sum.value(x) == lasso.value(x));
    sum.smooth_part().value_and_gradient(x, g);
    CHECK(sum.penalty(x) == 3);
    sum.prox(r, 1);
    CHECK((of_sum.values == 1 && of_sum.gradients == 1 && of_sum.examples == 7));
}

TEST_CASE(
    "A quadratic penalty reaches sparse Hessians and single coordinates, intercepts excepted") {
    const Everything f;
    const auto ridge = f + L2{0.5} + L2{1.5};
    const VectorXd x = VectorXd::Constant(4, 3);
    VectorXd g;
    ridge.value_and_gradient(x, g);
    Everything::Hessian h;
    ridge.hessian(x, h);
    for (Index i = 0; i < 4; ++i) {
        CHECK(ridge.partial(x, i) == Approx(g[i]));
        CHECK(h.coeff(i, i) == (i < 3 ? 2.25 : 0.25));
    }
    CHECK(check_gradient(ridge, x).ok());
    CHECK(ridge.smoothness() == 2.25);
    CHECK(ridge.strong_convexity() == 1.25);
    CHECK(with_lipschitz(f, {.gradient = 3}).smoothness() == 3);
    CHECK((with_lipschitz(f, {.gradient = 3}) + L2{2}).strong_convexity() == 1.25);
}
