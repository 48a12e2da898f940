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

#include <ermine/data/dataset.hpp>
#include <ermine/losses/huber.hpp>
#include <ermine/losses/huberized.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/ball.hpp>
#include <ermine/numerics/check_gradient.hpp>
#include <ermine/numerics/check_hessian.hpp>
#include <ermine/numerics/estimate_lipschitz.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/verify_convexity.hpp>
#include <ermine/numerics/verify_lipschitz.hpp>
#include <ermine/numerics/verify_smoothness.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/moreau_envelope.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/smoothed_max.hpp>
#include <ermine/objectives/with_lipschitz.hpp>
#include <ermine/solvers/counted.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/tails/nesterov.hpp>

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
        return r.squaredNorm();
    }
    double value(const VectorXd& x, Batch) const { return value(x); }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        residuals(x, g);
        const double value = g.squaredNorm();
        g *= 2 / root(x);
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
        r /= root(x);
    }
    void jacobian(const VectorXd& x, MatrixXd& j) const {
        j = MatrixXd::Identity(x.size(), x.size()) / root(x);
    }
    static double root(const VectorXd& x) { return std::sqrt(2 * static_cast<double>(x.size())); }
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
concept KnowsItsVariables = requires(const F& f) {
    f.parameters();
    f.penalized();
    f.zero();
    f.examples();
};

// What a wrapper of all of `Everything` but least squares offers.
template <class F>
constexpr bool offers_evaluations =
    TwiceDifferentiable<F> && CurvatureProducts<F> && FiniteSum<F> && GivesBatchValues<F> &&
    GivesSparseHessians<F> && GivesPartials<F> && KnowsItsVariables<F> && Smooth<F> &&
    StronglyConvex<F> && requires(const F& f) { f.smoothness_per_example(); };
// What any wrapper of `ValueAlone` offers.
template <class F>
constexpr bool offers_value_alone =
    Objective<F> && !Differentiable<F> && !TwiceDifferentiable<F> && !CurvatureProducts<F> &&
    !FiniteSum<F> && !GivesBatchValues<F> && !GivesSparseHessians<F> && !GivesPartials<F> &&
    !LeastSquares<F> && !StronglyConvex<F> && !requires(const F& f) { f.examples(); } &&
    !requires(const F& f) { f.parameters(); } && !requires(const F& f) { f.penalized(); } &&
    !requires(const F& f) { f.zero(); } && !requires(const F& f) { f.smoothness_per_example(); } &&
    !requires { F::template explain<int>(); } && !requires { typename F::Hessian; } &&
    !requires(const F& f) { f.strong_convexity(1.0); };

template <class F>
using Ridge = decltype(std::declval<F>() + L2{});
template <class F>
using Lasso = decltype(std::declval<F>() + L1{});

static_assert(offers_evaluations<Everything> && LeastSquares<Everything>);
static_assert(offers_evaluations<Counted<Everything>> && LeastSquares<Counted<Everything>>);
static_assert(LipschitzContinuous<Counted<Everything>>);
static_assert(offers_evaluations<WithLipschitz<Everything>>);
static_assert(LeastSquares<WithLipschitz<Everything>>);
static_assert(offers_evaluations<Ridge<Everything>> &&
              offers_evaluations<Ridge<Ridge<Everything>>>);
static_assert(!LeastSquares<Ridge<Everything>> && !LipschitzContinuous<Ridge<Everything>>);
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

VectorXd numbers(Index n, Random& random) {
    return VectorXd::NullaryExpr(n, [&] { return random.normal(); });
}

// ‖w‖₂, whose constant does not depend on the number of entries; its proximal map shortens w.
struct Norm {
    static constexpr bool separable = false;
    double value(const auto& w) const { return static_cast<double>(w.norm()); }
    void prox(auto&& w, double t) const {
        const double norm = static_cast<double>(w.norm());
        w *= static_cast<Number<decltype(w)>>(norm > t ? 1 - t / norm : 0);
    }
    double lipschitz() const { return 1; }
    void check() const {}
};

template <class Law>
void for_each_envelope(Law law) {
    for (const double mu : {0.05, 1.0, 7.0}) {
        law(moreau_envelope(L1{0.4}, mu));
        law(moreau_envelope(L2{0.3}, mu));
        law(moreau_envelope(ElasticNet{.l1 = 0.4, .l2 = 0.7}, mu));
        law(moreau_envelope(Box{.lower = -0.5, .upper = 1.25}, mu));
        law(moreau_envelope(Norm{}, mu));
    }
}

constexpr double nan_number = std::numeric_limits<double>::quiet_NaN();

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
    CHECK((counts.residuals == 1 && r.squaredNorm() == Approx(f.value(x))));
    counted.jacobian(x, j);
    CHECK((counts.jacobians == 1 && j(1, 1) == Approx(std::sqrt(0.125))));
    CHECK((counted.lipschitz() == 1 && counted.smoothness() == 0.25));
    CHECK((counted.strong_convexity() == 0.25 && counted.strong_convexity(1) == 0.75));
    CHECK((counts.values == 2 && counts.gradients == 2 && counts.examples == 10));
    CHECK((counts.hessians == 1 && counts.monitoring == 0));

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

TEST_CASE("A Moreau envelope is the minimum that it is said to be") {
    for_each_envelope([](const auto& e) {
        Random random{2};
        for (int k = 0; k < 20; ++k) {
            const VectorXd x = 2 * numbers(3, random);
            VectorXd prox = x;
            e.penalty().prox(prox, e.mu());
            const auto inner = [&](const VectorXd& u) {
                return e.penalty().value(u) + (u - x).squaredNorm() / (2 * e.mu());
            };
            REQUIRE(e.value(x) == Approx(inner(prox)).epsilon(1e-14));
            for (int trial = 0; trial < 200; ++trial) {
                const double reach = std::pow(10, -6 * random.uniform());
                REQUIRE(e.value(x) <= inner(prox + reach * numbers(3, random)) + 1e-14);
            }
        }
    });
    // on a line by a fine grid of u
    for (const double x : {-3.0, -0.2, 0.1, 2.0}) {
        double least = std::numeric_limits<double>::infinity();
        for (int k = -400'000; k <= 400'000; ++k) {
            const double u = k * 1e-5;
            least = std::min(least, 0.4 * std::abs(u) + (u - x) * (u - x) / 3);
        }
        const VectorXd at = VectorXd::Constant(1, x);
        CHECK(moreau_envelope(L1{0.4}, 1.5).value(at) == Approx(least).epsilon(1e-9));
        // Huber's function, over μ
        const HuberLoss huber{.delta = 0.4 * 1.5};
        CHECK(moreau_envelope(L1{0.4}, 1.5).value(at) == Approx(huber.value(x, 0.0) / 1.5));
    }
    const VectorXd outside = VectorXd::Constant(2, 2.25);
    CHECK(moreau_envelope(Box{.lower = 0, .upper = 1.25}, 0.5).value(outside) == Approx(2));
}

TEST_CASE("Moreau envelopes have the gradients and constants that they state") {
    for_each_envelope([](const auto& e) {
        using E = std::remove_cvref_t<decltype(e)>;
        static_assert(Differentiable<E> && Differentiable<E, Eigen::Vector2f> && Smooth<E>);
        Random random{3};
        for (int k = 0; k < 5; ++k) REQUIRE(check_gradient(e, numbers(4, random)).ok());
        const Ball region{VectorXd::Constant(4, 0.2), 3.0};
        CHECK(e.smoothness() == 1 / e.mu());
        CHECK(verify_smoothness(e, region).ok());
        CHECK(verify_convexity(e, region).ok());
        if constexpr (LipschitzContinuous<E>) CHECK(verify_lipschitz(e, region).ok());
        if constexpr (StronglyConvex<E>) CHECK(verify_strong_convexity(e, region).ok());
        if constexpr (requires { e.lipschitz(Index{4}); })
            CHECK(verify_lipschitz(with_lipschitz(e, {.value = e.lipschitz(4)}), region).ok());
    });
    static_assert(!LipschitzContinuous<MoreauEnvelope<Box>>);
    static_assert(!StronglyConvex<MoreauEnvelope<L1>> && !TwiceDifferentiable<MoreauEnvelope<L1>>);
    // tight: near 0 the envelope of a norm is a parabola of curvature 1/μ, far out a cone
    const Ball origin{VectorXd::Zero(2), 0.1};
    const auto e = moreau_envelope(L1{0.4}, 2);
    CHECK(estimate_lipschitz(e, origin).gradient.constant == Approx(0.5).epsilon(1e-6));
    CHECK(estimate_lipschitz(e, Ball{VectorXd::Constant(2, 9), 1.0}).value.constant ==
          Approx(e.lipschitz(2)).epsilon(1e-3));
    const auto strong = moreau_envelope(ElasticNet{.l1 = 0.1, .l2 = 3}, 0.5);
    CHECK(strong.strong_convexity() == Approx(3 / 2.5));
    CHECK(verify_curvature(strong, 1.01 * 3 / 2.5, Ball{VectorXd::Constant(2, 9), 1.0}).broken);

    const auto result = minimize(e, VectorXd(VectorXd::LinSpaced(5, -1, 3)), gradient_descent());
    CHECK(result.converged());
    CHECK(result.notes.natural_step == 2.0);
    CHECK(result.x.isZero(1e-5));

    CHECK_THROWS_WITH(moreau_envelope(L1{}, 0), contains("moreau_envelope: mu is 0"));
    CHECK_THROWS_WITH(moreau_envelope(L1{}, nan_number), contains("mu is nan"));
    CHECK_THROWS_WITH(moreau_envelope(L1{-1}, 1), contains("L1: lambda is -1"));
}

TEST_CASE("A smoothed maximum lies within its gap, with the derivatives that it states") {
    Random random{4};
    const MatrixXd a = MatrixXd::NullaryExpr(7, 3, [&] { return random.normal(); });
    const VectorXd b = numbers(7, random);
    for (const double mu : {1e-3, 0.1, 10.0}) {
        const auto f = smoothed_max(a, b, mu);
        using F = std::remove_cvref_t<decltype(f)>;
        static_assert(TwiceDifferentiable<F> && CurvatureProducts<F>);
        CHECK(f.gap() == Approx(mu * std::log(7.0)));
        for (int k = 0; k < 20; ++k) {
            const VectorXd x = 3 * numbers(3, random);
            const double largest = (a * x + b).maxCoeff();
            REQUIRE(f.maximum(x) == largest);
            REQUIRE(f.value(x) <= largest + 1e-14);
            REQUIRE(f.value(x) >= largest - f.gap() - 1e-14);
            if (mu > 0.01) {
                REQUIRE(check_gradient(f, x).ok());
                REQUIRE(check_hessian(f, x).ok());
            }
        }
        const Ball region{VectorXd::Zero(3), 2.0};
        CHECK(verify_smoothness(f, region).ok());
        CHECK(verify_lipschitz(f, region).ok());
        CHECK(verify_convexity(f, region).ok());
        // far out nothing overflows
        CHECK(std::isfinite(f.value(VectorXd(VectorXd::Constant(3, 1e6)))));
    }
    // |x| as the larger of x and −x: both constants are attained
    const auto roof = smoothed_max(Eigen::Vector2d(2, -2), Eigen::Vector2d(0, 0), 0.5);
    const Ball near_zero{VectorXd::Zero(1), 0.01};
    CHECK(roof.smoothness() == Approx(8));
    CHECK(estimate_lipschitz(roof, near_zero).gradient.constant == Approx(8).epsilon(1e-3));
    CHECK(estimate_lipschitz(roof, Ball{VectorXd::Constant(1, 9), 1.0}).value.constant ==
          Approx(2).epsilon(1e-9));

    // the middle of points in the largest coordinate distance: minimize max |xⱼ − cᵢⱼ|
    MatrixXd stacked(4, 1);
    stacked << 1, 1, -1, -1;
    const auto radius = smoothed_max(stacked, Eigen::Vector4d(-2, -10, 2, 10), 0.01);
    const auto result =
        minimize(radius, VectorXd(VectorXd::Zero(1)), FullGradient{} | Constant{} | Nesterov{},
                 first_of(GradientNorm{1e-9}, MaxIterations{20000}));
    CHECK(result.converged());
    CHECK(result.x[0] == Approx(6));
    CHECK(radius.maximum(result.x) - 4 <= radius.gap());

    CHECK_THROWS_WITH(smoothed_max(a, b, -1), contains("smoothed_max: mu is -1"));
    CHECK_THROWS_WITH(smoothed_max(a, VectorXd(b.head(6)), 1),
                      contains("A is 7 x 3, b has length 6"));
    CHECK_THROWS_WITH(smoothed_max(MatrixXd(0, 3), VectorXd(), 1), contains("A is 0 x 3"));
    CHECK_THROWS_WITH(smoothed_max(a, b, 1).value(VectorXd(VectorXd::Zero(2))),
                      contains("x has 2 numbers"));
}

TEST_CASE("A risk over a huberized loss is that over Huber's, and knows its constants") {
    Random random{5};
    const MatrixXd x = MatrixXd::NullaryExpr(40, 3, [&] { return random.normal(); });
    const VectorXd y = 5 * numbers(40, random);
    const Dataset data{x, y};
    const EmpiricalRisk capped{Linear{3}, huberized(SquaredLoss{}, 0.5), data};
    const EmpiricalRisk huber{Linear{3}, HuberLoss{.delta = 0.5}, data};
    const VectorXd theta = numbers(4, random);
    VectorXd g;
    VectorXd h;
    CHECK(capped.value_and_gradient(theta, g) == Approx(huber.value_and_gradient(theta, h)));
    CHECK((g - h).norm() < 1e-14);
    CHECK(check_hessian(capped, theta).ok());
    CHECK(capped.smoothness() == huber.smoothness());
    CHECK(capped.lipschitz() == huber.lipschitz());
    static_assert(!StronglyConvex<Huberized<SquaredLoss>>);
    CHECK(minimize(capped, capped.zero(), gradient_descent(),
                   first_of(GradientNorm{1e-8}, MaxIterations{5000}))
              .converged());
}
