// SPDX-License-Identifier: MIT
// Methods are held to the numbers of iterations that theory allows them.

#include "ermine_catch.hpp"

#include <Eigen/Core>
#include <Eigen/QR>

#include <cmath>
#include <limits>
#include <string>

#include <ermine/data/logistic_data.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/moreau_envelope.hpp>
#include <ermine/objectives/quadratic.hpp>
#include <ermine/objectives/with_lipschitz.hpp>
#include <ermine/solvers/convergence_bound.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

VectorXd numbers(Index n, std::uint64_t seed) {
    Random random{seed};
    return VectorXd::NullaryExpr(n, [&] { return random.normal(); });
}

// ½ (x − x*)ᵀ A (x − x*) with eigenvalues from 1/κ to 1 and random eigenvectors.
auto quadratic(Index n, double condition) {
    Random random{11};
    const MatrixXd any = MatrixXd::NullaryExpr(n, n, [&] { return random.normal(); });
    const MatrixXd q = Eigen::HouseholderQR<MatrixXd>(any).householderQ();
    const VectorXd exponents = VectorXd::LinSpaced(n, -std::log(condition), 0);
    const MatrixXd a = q * exponents.array().exp().matrix().asDiagonal() * q.transpose();
    return Quadratic<VectorXd>::around((a + a.transpose()) / 2, numbers(n, 12));
}

// F(x_k) − F* after exactly as many iterations.
template <class F, class M>
double gap_after(std::int64_t iterations, const F& f, const VectorXd& x0, const M& method,
                 double best) {
    return minimize(f, x0, method, MaxIterations{iterations}).value - best;
}

template <class F, class M>
void keeps_its_bound(const F& f, const VectorXd& x0, const M& method, double best, double epsilon,
                     const ProblemFacts& facts) {
    const ConvergenceBound bound = convergence_bound(method, f, epsilon, facts);
    CAPTURE(bound.iterations, bound.theorem, epsilon);
    CHECK(bound.iterations > 0);
    // the bound may be far beyond what is needed: more iterations do no harm
    const auto enough = std::min<std::int64_t>(bound.iterations, 500'000);
    CHECK(gap_after(enough, f, x0, method, best) <= epsilon * (1 + 1e-9) + 1e-14);
}

// Without adaptive restart, of which theory says nothing.
const auto accelerated = []<class Tail = Nesterov>(auto... size) {
    Tail tail;
    if constexpr (requires { Tail::Restart::never; }) tail.restart = Tail::Restart::never;
    return FullGradient{} | Constant{size...} | tail;
};

}  // namespace

TEST_CASE("The bound of gradient descent is attained by the worst function") {
    // Drori & Teboulle 2014: Huber's function of slope L R / (2N + 1), which is an envelope
    for (const int n : {1, 7, 100}) {
        const double L = 3;
        const double R = 2;
        const auto f = moreau_envelope(L1{L * R / (2 * n + 1)}, 1 / L);
        const VectorXd x0 = VectorXd::Constant(1, R);
        const double epsilon = L * R * R / (4 * n + 2);
        const ProblemFacts facts{.distance = R};
        CHECK(gap_after(n, f, x0, gradient_descent(), 0) == Approx(epsilon).epsilon(1e-12));
        const auto bound = convergence_bound(gradient_descent(), f, epsilon * (1 + 1e-12), facts);
        CHECK(bound.iterations == n);
        CHECK(std::string(bound.theorem).find("Drori") == 0);
        // a shorter step is slower, and so is its bound
        CHECK(convergence_bound(gradient_descent(0.5 / L), f, epsilon, facts).iterations == 2 * n);
    }
}

TEST_CASE("First-order methods keep their bounds on quadratics") {
    for (const double condition : {1.0, 30.0, 1e4}) {
        const auto f = quadratic(8, condition);
        const VectorXd x0 = VectorXd::Zero(8);
        const VectorXd minimum = numbers(8, 12);
        const double distance = (x0 - minimum).norm();
        for (const double epsilon : {1e-2, 1e-7}) {
            for (const double step : {0.3, 1.0, 1.6}) {
                const auto method = gradient_descent(step);
                keeps_its_bound(f, x0, method, 0, epsilon, {.distance = distance});
                keeps_its_bound(f, x0, method, 0, epsilon, {.gap = f.value(x0)});
                keeps_its_bound(f, x0, method, 0, epsilon,
                                {.distance = distance, .gap = f.value(x0)});
            }
            keeps_its_bound(f, x0, gradient_descent(), 0, epsilon, {.gap = f.value(x0)});
            keeps_its_bound(f, x0, accelerated(), 0, epsilon, {.distance = distance});
            keeps_its_bound(f, x0, accelerated(), 0, epsilon, {.gap = f.value(x0)});
            keeps_its_bound(f, x0, newton(), 0, epsilon, {.hessian_lipschitz = 0});
        }
        // strong convexity is used where it helps: the logarithm of 1/ε, not 1/ε
        const auto near = convergence_bound(gradient_descent(), f, 1e-5, {.distance = distance});
        const auto far = convergence_bound(gradient_descent(), f, 1e-10, {.distance = distance});
        CHECK(far.iterations <= 3 * near.iterations + 1);
        CHECK(convergence_bound(gradient_descent(), f, 1e6, {.distance = distance}).iterations ==
              0);
    }
    CHECK(
        convergence_bound(newton(), quadratic(4, 10), 1e-8, {.hessian_lipschitz = 0}).iterations ==
        1);
}

TEST_CASE("Nesterov's strongly convex form keeps the bound of the root of the condition number") {
    []<class Tail = Nesterov>() {
        if constexpr (requires { Tail::Form::strongly_convex; }) {
            Tail strong;
            strong.form = Tail::Form::strongly_convex;
            strong.restart = Tail::Restart::never;
            for (const double condition : {1.0, 30.0, 1e4}) {
                const auto f = quadratic(8, condition);
                const VectorXd x0 = VectorXd::Zero(8);
                const double distance = numbers(8, 12).norm();
                for (const double epsilon : {1e-2, 1e-7}) {
                    for (const double step : {0.3, 1.0}) {
                        const auto method = FullGradient{} | Constant{step} | strong;
                        keeps_its_bound(f, x0, method, 0, epsilon, {.distance = distance});
                        keeps_its_bound(f, x0, method, 0, epsilon, {.gap = f.value(x0)});
                    }
                }
            }
            CHECK_THROWS_WITH(convergence_bound(FullGradient{} | Constant{} | Tail{},
                                                quadratic(3, 10), 1e-3, {.distance = 1}),
                              contains("adaptive restart"));
        }
    }();
}

TEST_CASE("Methods keep their bounds on logistic risks, with and without a penalty") {
    const auto [data, truth] = logistic_data(
        {.examples = 200, .features = 5, .condition = 20, .label_noise = 0.1, .seed = 3});
    const Linear model{.features = 5, .intercept = false};
    const EmpiricalRisk risk{model, LogisticLoss{}, data};
    const VectorXd x0 = risk.zero();
    const auto to_the_end = first_of(GradientNorm{1e-13}, MaxIterations{200});
    {
        const auto best = minimize(risk, x0, newton(), to_the_end);
        const ProblemFacts facts{.distance = (best.x - x0).norm(),
                                 .gap = risk.value(x0) - best.value};
        for (const double epsilon : {1e-2, 1e-4}) {
            keeps_its_bound(risk, x0, gradient_descent(), best.value, epsilon, facts);
            keeps_its_bound(risk, x0, accelerated(), best.value, epsilon, facts);
        }
    }
    const auto ridge = risk + L2{0.05};
    const auto best = minimize(ridge, x0, newton(), to_the_end);
    // |ℓ'''| <= 1 / (6 √3), so that the Hessian is (mean ‖x‖³) / (6 √3)-Lipschitz
    const double cubes = data.rows().matrix().rowwise().norm().array().cube().mean();
    const ProblemFacts facts{.distance = (best.x - x0).norm(),
                             .gap = ridge.value(x0) - best.value,
                             .hessian_lipschitz = cubes / (6 * std::sqrt(3.0))};
    for (const double epsilon : {1e-3, 1e-8}) {
        keeps_its_bound(ridge, x0, gradient_descent(), best.value, epsilon, facts);
        keeps_its_bound(ridge, x0, accelerated(), best.value, epsilon, facts);
        keeps_its_bound(ridge, x0, newton(), best.value, epsilon, facts);
    }
    // so near that the quadratic phase is all: the bound is that of doubling digits
    const VectorXd close = best.x + VectorXd::Constant(5, 1e-4);
    ProblemFacts small = facts;
    small.gap = 1e-300;
    const auto bound = convergence_bound(newton(), ridge, 1e-13, small);
    CHECK(bound.iterations <= 7);
    CHECK(gap_after(bound.iterations, ridge, close, newton(), best.value) <= 2e-13);
    CHECK(std::string(bound.theorem).find("9.5.3") != std::string::npos);
    CHECK(convergence_bound(newton(), ridge, 1e-8, {.gap = 1, .self_concordant = true}).iterations >
          0);
}

TEST_CASE("Proximal gradient and FISTA keep their bounds on a lasso") {
    const MatrixXd x = numbers(180, 5).reshaped(30, 6);
    const EmpiricalRisk risk{Linear{6}, SquaredLoss{}, Dataset{x, numbers(30, 6)}};
    const auto lasso = risk + L1{0.1};
    const VectorXd x0 = VectorXd::Ones(7);
    const auto best = minimize(lasso, x0, gradient_descent(),
                               first_of(GradientNorm{1e-13}, MaxIterations{100'000}));
    const ProblemFacts facts{.distance = (best.x - x0).norm()};
    for (const double epsilon : {1e-2, 1e-6, 1e-10}) {
        keeps_its_bound(lasso, x0, gradient_descent(), best.value, epsilon, facts);
        keeps_its_bound(lasso, x0, accelerated(), best.value, epsilon, facts);
    }
    CHECK_THROWS_WITH(convergence_bound(gradient_descent(1e3), lasso, 1e-6, facts),
                      contains("a step of at most 1/L"));
}

TEST_CASE("A bound that theory cannot give is refused, with what is missing") {
    const auto f = quadratic(3, 10);
    CHECK_THROWS_WITH(convergence_bound(gradient_descent(), f, 0, {.distance = 1}),
                      contains("epsilon is 0"));
    CHECK_THROWS_WITH(convergence_bound(gradient_descent(), f, 1e-3, {}),
                      contains("the distance to the minimizer"));
    CHECK_THROWS_WITH(convergence_bound(gradient_descent(2.5), f, 1e-3, {.distance = 1}),
                      contains("a step below 2/L"));
    CHECK_THROWS_WITH(convergence_bound(accelerated(), f, 1e-3, {}),
                      contains("the distance to the minimizer"));
    CHECK_THROWS_WITH(convergence_bound(accelerated(1.5), f, 1e-3, {.distance = 1}),
                      contains("at most 1/L"));
    CHECK_THROWS_WITH(convergence_bound(newton(), f, 1e-3, {.gap = 1}),
                      contains("hessian_lipschitz"));
    CHECK_THROWS_WITH(
        convergence_bound(FullGradient{} | Newton{} | Backtracking{.sufficient_decrease = 0.6}, f,
                          1e-3, {.gap = 1, .hessian_lipschitz = 1}),
        contains("sufficient_decrease < 1/2"));
    const auto unknown = with_lipschitz(f, {.gradient = std::numeric_limits<double>::infinity()});
    CHECK_THROWS_WITH(convergence_bound(gradient_descent(), unknown, 1e-3, {.distance = 1}),
                      contains("smoothness() is inf"));
}
