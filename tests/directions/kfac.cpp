// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/LU>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/data/spirals.hpp>
#include <ermine/directions/adam.hpp>
#include <ermine/directions/kfac.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/dropout.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/definite_inverse.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

// last: it replaces functions that the others declare
#include "../solvers/counting_malloc.hpp"

namespace {

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Factors = KroneckerFactors<double>;

auto spiral_risk() {
    return EmpiricalRisk{network(2, dense(10), tanh(), dropout(0.0), dense(7), tanh(), dense(2)),
                         SoftmaxCrossEntropy{}, spirals({.examples = 600, .seed = 3})};
}

/// The direction of one step, by hand.
template <class F>
VectorXd direction(const F& f, const KFac& kfac, const VectorXd& x, KFac::State<VectorXd>& state) {
    VectorXd d;
    f.value_and_gradient(x, d);
    kfac.direct(f, x, d, state);
    return d;
}

/// Of one matrix in a state: the dense layer's part of what K-FAC takes for the Fisher matrix,
/// damped, for [W b] column by column.
MatrixXd damped(const KroneckerBlock& block, Eigen::VectorXd& averages, double lambda) {
    const MatrixXd A = Factors::inputs(block, averages);
    const MatrixXd G = Factors::slopes(block, averages);
    const auto rows = [](const MatrixXd& m) { return static_cast<double>(m.rows()); };
    const double pi = std::sqrt(A.trace() / rows(A) / (G.trace() / rows(G)));
    const double gamma = std::sqrt(lambda);
    const MatrixXd a = A + pi * gamma * MatrixXd::Identity(A.rows(), A.rows());
    const MatrixXd g = G + gamma / pi * MatrixXd::Identity(G.rows(), G.rows());
    MatrixXd product(a.rows() * g.rows(), a.rows() * g.rows());
    for (Index i = 0; i < a.rows(); ++i)
        for (Index j = 0; j < a.rows(); ++j)
            product.block(i * g.rows(), j * g.rows(), g.rows(), g.rows()) = a(i, j) * g;
    return product;
}

/// The numbers of a layer in a flat vector, as the columns of [W b] one below the other.
VectorXd columns_of(const KroneckerBlock& block, const VectorXd& v) {
    MatrixXd all(block.units, block.columns());
    all.leftCols(block.inputs) =
        Eigen::Map<const Rows>(v.data() + block.weights, block.units, block.inputs);
    if (block.bias >= 0) all.col(block.inputs) = v.segment(block.bias, block.units);
    return all.reshaped();
}

}  // namespace

TEST_CASE("The inverse of a definite matrix") {
    Random random(1);
    DefiniteInverse inverse(200);
    for (const Index n : {1, 2, 63, 64, 65, 130, 200}) {
        MatrixXd x(n, n + 3);
        for (double& number : x.reshaped()) number = random.normal();
        const MatrixXd a = x * x.transpose();
        MatrixXd found(n, n);
        REQUIRE(inverse.compute(a, 0.5, found));
        const MatrixXd exact = (a + 0.5 * MatrixXd::Identity(n, n)).inverse();
        CHECK((found - exact).norm() < 1e-10 * exact.norm());
        CHECK(found == found.transpose());
        Eigen::MatrixXf narrow(n, n);
        REQUIRE(inverse.compute(a, 0.5, narrow));
        CHECK(narrow == found.cast<float>());
    }
    MatrixXd bad = MatrixXd::Identity(70, 70);
    MatrixXd to = bad;
    bad(66, 66) = -1;
    CHECK_FALSE(inverse.compute(bad, 0, to));
    bad(66, 66) = std::numeric_limits<double>::quiet_NaN();
    CHECK_FALSE(inverse.compute(bad, 0, to));
    CHECK(to == MatrixXd::Identity(70, 70));
}

TEST_CASE("Kronecker factors are the sums that they stand for") {
    const auto data = spirals({.examples = 700, .classes = 3, .seed = 3});  // more than a piece
    VectorXd weights(700);
    for (Index i = 0; i < 700; ++i) weights[i] = static_cast<double>(i % 4);
    for (const bool weighted : {false, true}) {
        const EmpiricalRisk risk{network(2, dense(4), tanh(), dense(3)), SoftmaxCrossEntropy{},
                                 weighted ? data.with_weights(weights) : data};
        const VectorXd theta = initialize(risk, Glorot{}, 5);
        Factors factors(risk.kronecker_blocks());
        risk.kronecker_factors(theta, FactorTargets{.empirical = true}, factors);
        const Eigen::Map<const Rows> W1(theta.data(), 4, 2);
        const Eigen::Map<const Rows> W2(theta.data() + 8, 3, 4);
        MatrixXd A1 = MatrixXd::Zero(3, 3);
        MatrixXd A2 = MatrixXd::Zero(5, 5);
        MatrixXd G1 = MatrixXd::Zero(4, 4);
        MatrixXd G2 = MatrixXd::Zero(3, 3);
        double total = 0;
        for (Index i = 0; i < 700; ++i) {
            const double w = weighted ? weights[i] : 1;
            VectorXd a1(3);
            a1 << data.rows().row(i)[0], data.rows().row(i)[1], 1;
            VectorXd a2 = VectorXd::Ones(5);
            a2.head(4) = (W1 * a1.head(2) + theta.segment(20, 4)).array().tanh();
            VectorXd g2 = (W2 * a2.head(4) + theta.segment(24, 3)).array().exp();
            g2 /= g2.sum();
            g2[static_cast<Index>(data.targets()[i])] -= 1;
            const VectorXd g1 = (1 - a2.head(4).array().square()) * (W2.transpose() * g2).array();
            A1 += w * a1 * a1.transpose();
            A2 += w * a2 * a2.transpose();
            G1 += w * g1 * g1.transpose();
            G2 += w * g2 * g2.transpose();
            total += w;
        }
        REQUIRE(factors.blocks.size() == 2);
        CHECK((Factors::inputs(factors.blocks[0], factors.values) - A1 / total).norm() < 1e-12);
        CHECK((Factors::inputs(factors.blocks[1], factors.values) - A2 / total).norm() < 1e-12);
        CHECK((Factors::slopes(factors.blocks[0], factors.values) - G1 / total).norm() < 1e-12);
        CHECK((Factors::slopes(factors.blocks[1], factors.values) - G2 / total).norm() < 1e-12);
    }
}

TEST_CASE("K-FAC's direction solves with the damped Kronecker products") {
    const auto risk = spiral_risk();
    const VectorXd theta = initialize(risk, Glorot{}, 5);
    VectorXd gradient;
    risk.value_and_gradient(theta, gradient);
    const auto compare = [&](const auto& f, double lambda, const VectorXd& g) {
        const KFac kfac{.damping = lambda};
        auto state = kfac.start(f, theta);
        const VectorXd d = direction(f, kfac, theta, state);
        double along = 0;
        for (const auto& block : state.batch.blocks) {
            const MatrixXd F = damped(block, state.averages, lambda + block.curvature);
            const VectorXd exact = F.llt().solve(columns_of(block, g));
            CHECK((columns_of(block, d) - exact).norm() < 1e-10 * exact.norm());
            along += exact.dot(columns_of(block, g));
        }
        // with a bound it is shorter, so that ½ dᵀFd is the bound
        const KFac bounded{.damping = lambda, .kl = 1e-4};
        auto other = bounded.start(f, theta);
        const VectorXd shorter = direction(f, bounded, theta, other);
        CHECK((shorter - std::sqrt(2e-4 / along) * d).norm() < 1e-10 * shorter.norm());
        CHECK(other.clips.shortened == 1);
    };
    compare(risk, 0.1, gradient);
    compare(risk, 1e-4, gradient);
    const auto penalized = risk + L2{0.01};
    penalized.value_and_gradient(theta, gradient);
    compare(penalized, 0.03, gradient);
}

TEST_CASE("The exact model gives the length of K-FAC's steps and their momentum") {
    const auto risk = spiral_risk();
    const double lambda = 0.2;
    VectorXd x = initialize(risk, Glorot{}, 5);
    const KFac plain{.damping = lambda};
    const KFac kfac{.damping = lambda, .exact = true};
    auto state = kfac.start(risk, x);
    auto other = plain.start(risk, x);
    VectorXd last = VectorXd::Zero(x.size());
    for (int step = 0; step < 4; ++step) {  // λ stays for five
        VectorXd gradient;
        risk.value_and_gradient(x, gradient);
        const VectorXd delta = direction(risk, plain, x, other);
        const VectorXd d = direction(risk, kfac, x, state);
        // the model's slope in d along Δ and the last step is 0: d is its minimum there
        VectorXd slope;
        risk.gauss_newton_product(x, d, slope);
        slope += lambda * d - gradient;
        CHECK(std::abs(slope.dot(delta)) < 1e-9 * gradient.norm() * delta.norm());
        CHECK(std::abs(slope.dot(last)) <= 1e-9 * gradient.norm() * last.norm());
        const MatrixXd span = (MatrixXd(x.size(), 2) << delta, last).finished();
        CHECK((span * span.fullPivLu().solve(d) - d).norm() <=
              1e-9 * d.norm() + 1e300 * (step == 0));
        if (step == 0) CHECK((d / d.norm() - delta / delta.norm()).norm() < 1e-9);
        last = d;
        x -= d;
    }
}

TEST_CASE("K-FAC trains a network, alike on any number of threads") {
    const auto risk = spiral_risk();
    const VectorXd x0 = initialize(risk, Glorot{}, 7);
    const Minibatch batches{.size = 100, .seed = 1};
    const auto by = [&](const auto& method, double epochs) {
        return minimize(risk, x0, method, MaxEpochs{epochs});
    };
    const auto plain = by(batches | KFac{} | Momentum{.decay = 0.9} | Constant{0.03}, 100);
    CHECK(plain.value < 0.15);
    CHECK(plain.iterations == 300);  // half of the passes are those for the factors
    for (const double rate : {0.003, 0.01, 0.03})
        CHECK(by(batches | Adam{} | Constant{rate}, 100).value > 3 * plain.value);
    const auto exact = Minibatch{.size = 200, .seed = 1} |
                       KFac{.damping = 1e-3, .examples = 100, .exact = true} | Constant{1};
    CHECK(by(exact, 100).value < 0.5);
    CHECK(by(FullGradient{} | KFac{.inverses_every = 5, .exact = true} | Constant{1}, 300).value <
          0.05);
    const auto penalized = risk + L2{1e-4};
    const auto regular = minimize(
        penalized, x0, FullGradient{} | KFac{.inverses_every = 5, .exact = true} | Constant{1},
        MaxEpochs{300});
    CHECK(regular.value < 0.2);
#ifdef _OPENMP
    const int threads = omp_get_max_threads();
    for (const int some : {1, 3}) {
        omp_set_num_threads(some);
        CHECK(by(exact, 10).x == by(exact, 10).x);
        auto state = exact.start(risk, x0);
        for (int k = 0; k < 5; ++k) exact.advance(risk, state);
        static VectorXd first = state.here.x;
        CHECK(state.here.x == first);
    }
    omp_set_num_threads(threads);
#endif
    CHECK(by(batches | KFac{.seed = 2} | Constant{0.1}, 2).x !=
          by(batches | KFac{} | Constant{0.1}, 2).x);
}

TEST_CASE("K-FAC allocates nothing after its first step") {
    const auto risk = spiral_risk();
    const auto method = Minibatch{.size = 200, .seed = 1} | KFac{.examples = 100, .exact = true} |
                        Constant{.size = 1};
    auto state = method.start(risk, VectorXd(initialize(risk, Glorot{}, 7)));
    REQUIRE(method.advance(risk, state) == Outcome::advanced);
    REQUIRE(method.advance(risk, state) == Outcome::advanced);  // the first with momentum
    const long before = small_allocations + large_allocations;
    bool advanced = true;
    for (int k = 0; k < 25; ++k)
        advanced = advanced && method.advance(risk, state) == Outcome::advanced;
    const long after = small_allocations + large_allocations;
    CHECK(advanced);
    CHECK(after == before);
}

TEST_CASE("K-FAC refuses options that make no sense") {
    const auto risk = spiral_risk();
    const VectorXd x = risk.zero();
    const auto message = [&](const KFac& kfac) {
        try {
            kfac.start(risk, x);
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(message({}).empty());
    CHECK(message({.damping = 0}).find("KFac.damping is 0") == 0);
    CHECK(message({.decay = 1}).find("KFac.decay is 1") == 0);
    CHECK(message({.inverses_every = 0}).find("KFac.inverses_every is 0") == 0);
    CHECK(message({.examples = -1}).find("KFac.examples is -1") == 0);
    CHECK(message({.kl = -1}).find("KFac.kl is -1") == 0);
    VectorXd d = VectorXd::Constant(x.size(), std::numeric_limits<double>::quiet_NaN());
    auto state = KFac{}.start(risk, x);
    KFac{}.direct(risk, x, d, state);
    CHECK(d.hasNaN());  // which ends a run
    CHECK(state.averages.isZero());
}
