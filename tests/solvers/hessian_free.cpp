// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/QR>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include <ermine/data/spirals.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/relative_progress_cg.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/hessian_free.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>

// last: it replaces functions that the others declare
#include "counting_malloc.hpp"

namespace {

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// ½ xᵀAx − bᵀx.
struct Bowl {
    MatrixXd A;
    VectorXd b;

    /// With eigenvalues from 0.01 to 100.
    static Bowl of(Index n) {
        Random random(4);
        MatrixXd m(n, n);
        for (double& x : m.reshaped()) x = random.normal();
        const MatrixXd q = Eigen::HouseholderQR<MatrixXd>(m).householderQ();
        const VectorXd d =
            VectorXd::LinSpaced(n, -2, 2).unaryExpr([](double e) { return std::pow(10.0, e); });
        return {q * d.asDiagonal() * q.transpose(), q.rowwise().sum()};
    }

    double value(const VectorXd& x) const { return x.dot(A * x) / 2 - b.dot(x); }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = A * x - b;
        return value(x);
    }
    void gauss_newton_product(const VectorXd&, const VectorXd& v, VectorXd& Gv) const {
        Gv.noalias() = A * v;
    }
};

/// Not a number where x₀ > 1, and less there, says the gradient.
struct Cliff {
    double value(const VectorXd& x) const {
        if (x[0] > 1) return std::numeric_limits<double>::quiet_NaN();
        return (x.array() - 2).square().sum();
    }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = 2 * (x.array() - 2).matrix();
        if (x[0] > 1) g.setConstant(std::numeric_limits<double>::quiet_NaN());
        return value(x);
    }
    void gauss_newton_product(const VectorXd&, const VectorXd& v, VectorXd& Gv) const {
        Gv = 2 * v;
    }
};

auto small_risk() {
    return EmpiricalRisk{network(2, dense(12), tanh(), dense(8), tanh(), dense(2)),
                         SoftmaxCrossEntropy{}, spirals({.examples = 200, .seed = 3})};
}

}  // namespace

TEST_CASE("Conjugate gradients by relative progress") {
    const Bowl bowl = Bowl::of(30);
    const VectorXd g = -bowl.b;
    const VectorXd exact = bowl.A.llt().solve(bowl.b);
    const auto apply = [&](const VectorXd& v, VectorXd& Av) { Av = bowl.A * v; };
    const auto phi = [&](const VectorXd& p) { return g.dot(p) + p.dot(bowl.A * p) / 2; };
    RelativeProgressCG<VectorXd> cg(30, 400);
    VectorXd p = VectorXd::Zero(30);
    REQUIRE(cg.solve(apply, g, 0, p));
    CHECK((p - exact).norm() < 1e-8 * exact.norm());

    // it ends early where that is asked, and every iterate that it kept has the value that it says
    p.setZero();
    REQUIRE(cg.solve(apply, g, 1e-2, p));
    CHECK(cg.products() > 10);
    CHECK(cg.products() < 60);
    CHECK(cg.kept() == 8);
    CHECK(cg.iterate(0) == p);
    for (Index k = 0; k < cg.kept(); ++k) {
        CHECK(cg.value(k) == Approx(phi(cg.iterate(k))).epsilon(1e-9));
        if (k > 0) CHECK(cg.value(k) > cg.value(k - 1));
    }

    // a start that is worse than 0 is not taken
    p = 1e3 * exact;
    REQUIRE(cg.solve(apply, g, 0, p));
    CHECK((p - exact).norm() < 1e-8 * exact.norm());
    p = 0.9 * exact;
    REQUIRE(cg.solve(apply, g, 0, p));
    CHECK((p - exact).norm() < 1e-8 * exact.norm());
}

TEST_CASE("Hessian-free optimization is exact on a quadratic") {
    const Bowl bowl = Bowl::of(20);
    const VectorXd exact = bowl.A.llt().solve(bowl.b);
    const HessianFree one{.damping = 1e-12, .progress = 0, .iterations = 400};
    auto state = one.start(bowl, VectorXd::Zero(20).eval());
    REQUIRE(one.advance(bowl, state) == Outcome::advanced);
    CHECK((state.here.x - exact).norm() < 1e-7 * exact.norm());
    CHECK(state.damping == Approx(2e-12 / 3));

    const auto result = minimize(bowl, VectorXd::Zero(20).eval(), HessianFree{},
                                 first_of(GradientNorm{1e-8}, MaxIterations{100}));
    CHECK(result.status == Status::converged);
    CHECK((result.x - exact).norm() < 1e-5 * exact.norm());
    CHECK(result.counts.products > 20);
}

TEST_CASE("Hessian-free optimization descends on a network, and a copied state goes on alike") {
    const auto risk = small_risk() + L2{1e-4};
    const VectorXd x0 = initialize(small_risk(), Glorot{}, 7);
    for (const Index batch : {0, 60}) {
        const HessianFree method{.curvature = batch};
        auto state = method.start(risk, x0);
        double before = method.value(risk, state);
        CHECK(before > 0.6);
        bool falls = true;
        for (int k = 0; k < 40; ++k) {
            REQUIRE(method.advance(risk, state) == Outcome::advanced);
            falls = falls && method.value(risk, state) <= before;
            before = method.value(risk, state);
        }
        CHECK(falls);
        CHECK(before < (batch == 0 ? 0.05 : 0.3));
        auto copy = method.start(risk, x0);
        REQUIRE(method.advance(risk, copy) == Outcome::advanced);
        auto again = copy;
        REQUIRE(method.advance(risk, copy) == Outcome::advanced);
        REQUIRE(method.advance(risk, again) == Outcome::advanced);
        CHECK(copy.here.x == again.here.x);
    }
}

TEST_CASE("Hessian-free optimization allocates nothing after its first round") {
    const auto risk = small_risk();
    const VectorXd x0 = initialize(risk, Glorot{}, 7);
    const HessianFree method{.curvature = 60};
    auto state = method.start(risk, x0);
    REQUIRE(method.advance(risk, state) == Outcome::advanced);
    const long before = small_allocations + large_allocations;
    bool advanced = true;
    for (int k = 0; k < 10; ++k)
        advanced = advanced && method.advance(risk, state) == Outcome::advanced;
    const long after = small_allocations + large_allocations;
    CHECK(advanced);
    CHECK(after == before);
}

TEST_CASE("Hessian-free optimization refuses what it cannot take") {
    const VectorXd x0 = VectorXd::Zero(3);
    const auto cliff = minimize(Cliff{}, x0, HessianFree{}, MaxIterations{200});
    CHECK(cliff.x[0] <= 1);
    CHECK(cliff.x[0] > 0.99);
    CHECK(cliff.value < Cliff{}.value(x0));
    const VectorXd beyond = VectorXd::Constant(3, 1.5);
    CHECK(minimize(Cliff{}, beyond, HessianFree{}).status == Status::non_finite);

    const auto message = [&](const HessianFree& method, const auto& f, const VectorXd& x) {
        try {
            method.start(f, x);
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(message({.damping = 0}, Cliff{}, x0).find("HessianFree.damping is 0") == 0);
    CHECK(message({.iterations = 0}, Cliff{}, x0).find("HessianFree.iterations is 0") == 0);
    CHECK(message({.curvature = 5}, Cliff{}, x0).find("HessianFree.curvature is 5") == 0);
    const auto risk = small_risk();
    const VectorXd start = risk.zero();
    CHECK(message({.curvature = 201}, risk, start).find("HessianFree.curvature") == 0);
    CHECK(message({}, risk, start).empty());
}
