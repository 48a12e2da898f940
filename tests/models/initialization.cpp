// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"

#include <Eigen/Core>

#include <cmath>
#include <stdexcept>
#include <string>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/reconstruction.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/he.hpp>
#include <ermine/models/identity.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/le_cun.hpp>
#include <ermine/models/lsuv.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/normal.hpp>
#include <ermine/models/orthogonal.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/sparse_initialization.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/models/uniform.hpp>
#include <ermine/models/zero.hpp>
#include <ermine/objectives/network_risk.hpp>

namespace {

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

RowMatrix normal_rows(Index rows, Index columns, std::uint64_t seed) {
    Random random(seed);
    RowMatrix x(rows, columns);
    for (Index k = 0; k < x.size(); ++k) x.data()[k] = random.normal();
    return x;
}

Dataset<DenseRows<double>> some_data(Index examples, Index features) {
    VectorXd y(examples);
    for (Index i = 0; i < examples; ++i) y[i] = static_cast<double>(i % 3);
    return {normal_rows(examples, features, 5), y};
}

const auto wide = network(300, dense(200), relu(), dense(100));

/// The weights of wide's first layer.
RowMatrix first_weights(const auto& how) {
    return Eigen::Map<const RowMatrix>(VectorXd(initialize(wide, how, 7)).data(), 200, 300);
}

/// What 50 layers of 256 ReLUs leave of the mean square of a signal of size 1.
double left_after_fifty(const auto& how, std::uint64_t run) {
    const auto layer = network(256, dense(256), relu());
    typename decltype(layer)::template Memory<double> memory;
    MatrixXd signal = normal_rows(20, 256, 11).transpose();
    for (std::uint64_t k = 1; k <= 50; ++k) {
        memory.in.value = signal;
        layer.forward(Pass{.examples = 20}, initialize(layer, how, 100 * run + k).data(), memory);
        signal = memory.out->value;
    }
    return 2 * signal.squaredNorm() / static_cast<double>(signal.size());  // before the last ReLU
}

}  // namespace

TEST_CASE("Weights have the variance that the papers give them") {
    const auto variance = [](const auto& how) {
        const RowMatrix w = first_weights(how);
        CHECK(std::abs(w.mean()) < 5 * std::sqrt(w.squaredNorm() / 6e4 / 6e4));
        return w.squaredNorm() / 6e4;
    };
    // The mean of 60 000 squares has a standard error of at most 0.6 %.
    CHECK(variance(LeCun{}) == Approx(1 / 300.0).epsilon(0.03));
    CHECK(variance(Glorot{}) == Approx(2 / 500.0).epsilon(0.03));
    CHECK(variance(Glorot{.gain = 4, .draw = Draw::normal}) == Approx(32 / 500.0).epsilon(0.03));
    CHECK(variance(He{}) == Approx(2 / 300.0).epsilon(0.03));
    CHECK(variance(He{.slope = 1}) == Approx(1 / 300.0).epsilon(0.03));
    CHECK(variance(He{.fan = He::Fan::out, .draw = Draw::uniform}) ==
          Approx(2 / 200.0).epsilon(0.03));
    CHECK(variance(Uniform{}) == Approx(1 / 900.0).epsilon(0.03));
    CHECK(variance(Normal{.deviation = 0.1}) == Approx(0.01).epsilon(0.03));
    CHECK(first_weights(Uniform{0.2}).cwiseAbs().maxCoeff() <= 0.2);
    CHECK(first_weights(Uniform{0.2}).cwiseAbs().maxCoeff() > 0.199);
    CHECK(first_weights(Glorot{}).cwiseAbs().maxCoeff() <= std::sqrt(6 / 500.0));

    const VectorXd theta = initialize(wide, He{}, 7);
    CHECK(theta.tail(300).isZero(0));  // biases
    CHECK(theta == initialize(wide, He{}, 7));
    CHECK(theta.head(60000) != VectorXd(initialize(wide, He{}, 8)).head(60000));
    CHECK(initialize<float>(wide, He{}, 7) == theta.cast<float>());
    CHECK_THROWS_AS(initialize(wide, He{.gain = 0}), std::invalid_argument);
}

TEST_CASE("Orthogonal, identity and sparse weights are what they say") {
    const RowMatrix w = first_weights(Orthogonal{.gain = 2});
    CHECK((w * w.transpose() - 4 * MatrixXd::Identity(200, 200)).cwiseAbs().maxCoeff() < 1e-13);
    Random random(2);
    WeightMatrix high(90, 40);
    Orthogonal{}.fill(high, random);
    CHECK((high.transpose() * high - MatrixXd::Identity(40, 40)).cwiseAbs().maxCoeff() < 1e-14);
    // Haar's measure: every entry has variance 1/rows, and signs are free.
    CHECK(std::abs(high.mean()) < 5 / std::sqrt(90.0 * 3600));
    // The first numbers for good, on every platform.
    WeightMatrix tiny(2, 2);
    Random again(1);
    Orthogonal{}.fill(tiny, again);
    CHECK(tiny(0, 0) == 0x1.990a4c7b0b2dcp-1);
    CHECK(tiny(1, 0) == 0x1.33f1e8132d94dp-1);

    const RowMatrix sparse = first_weights(SparseInitialization{});
    for (Index unit = 0; unit < 200; ++unit) CHECK((sparse.row(unit).array() != 0).count() == 15);
    CHECK(sparse.squaredNorm() / 3000 == Approx(1).epsilon(0.15));
    // Every input is as likely: 10 of the units each, in the mean.
    const Eigen::ArrayXd drawn = (sparse.array() != 0).cast<double>().colwise().sum();
    CHECK(drawn.square().mean() - 100 == Approx(200 * 0.05 * 0.95).epsilon(0.3));
    CHECK((first_weights(SparseInitialization{.incoming = 999}).array() != 0).all());

    VectorXd theta = initialize(wide, Normal{.deviation = 1e-3});
    const VectorXd before = theta;
    initialize_block(wide, theta, "dense2.weights", Identity{.gain = 0.5});
    const Eigen::Map<const RowMatrix> last(theta.data() + 60000, 100, 200);
    CHECK(last == 0.5 * MatrixXd::Identity(100, 200));
    CHECK(theta.head(60000) == before.head(60000));
    CHECK_THROWS_WITH(initialize_block(wide, theta, "dense3.weights", Identity{}),
                      contains("dense1.weights, dense1.bias, dense2"));
}

TEST_CASE("He keeps a signal's size through 50 ReLU layers, uniform on ± 1/√n does not") {
    // Its mean over the weights is 1, its logarithm spreads by about √(5 · 50 / 256) = 1.
    double he = 0;
    for (std::uint64_t run = 1; run <= 8; ++run)
        he += left_after_fifty(He{.draw = Draw::uniform}, run) / 8;
    CHECK(he > 0.5);
    CHECK(he < 2);
    const double uniform = left_after_fifty(Uniform{}, 1);
    CHECK(uniform < 1e-30);  // a factor 6 a layer
}

TEST_CASE("LSUV makes every layer's variance 1, whatever the activation") {
    const auto data = some_data(400, 20);
    const auto model = network(20, dense(60), tanh(), dense(20));
    const EmpiricalRisk risk{model, reconstruction(SquaredLoss{}), data};
    const VectorXd theta = initialize(risk, LSUV{.tolerance = 0.01, .examples = 400}, 2);
    const auto variance = [](const auto& p) { return (p.array() - p.mean()).square().mean(); };
    CHECK(variance(risk.predictions(theta)) == Approx(1).epsilon(0.011));
    const Eigen::Map<const RowMatrix> first(theta.data(), 60, 20);
    const MatrixXd sums = first * data.rows().matrix().transpose();
    CHECK(variance(sums) == Approx(1).epsilon(0.011));
    // Still orthogonal, each by a factor.
    CHECK((first.transpose() * first * 20 / first.squaredNorm() - MatrixXd::Identity(20, 20))
              .cwiseAbs()
              .maxCoeff() < 1e-13);
    CHECK_THROWS_WITH(initialize(model, LSUV{}, MatrixXd::Zero(20, 9)), contains("dense1"));
    CHECK_THROWS_WITH(initialize(model, LSUV{}, MatrixXd::Zero(9, 20)), contains("9 x 20"));
}

TEST_CASE("From zero, hidden units never differ") {
    const auto data = some_data(60, 4);
    const auto units_differ = [&](const auto& model, VectorXd theta, int steps = 200) {
        const EmpiricalRisk risk{model, reconstruction(SquaredLoss{}), data};
        VectorXd g;
        for (int step = 0; step < steps; ++step) {
            risk.value_and_gradient(theta, g);
            theta -= 0.5 * g;
        }
        const Eigen::Map<const RowMatrix> w(theta.data(), 6, 4);
        return (w.rowwise() - w.row(0)).cwiseAbs().maxCoeff();
    };
    const auto model = network(4, dense(6), tanh(), dense(4));
    const VectorXd zero = initialize(model, Zero{});
    CHECK(zero.isZero(0));
    CHECK(units_differ(model, zero) == 0);
    // Nor from any other equal weights, until rounding errors have grown.
    VectorXd equal = zero;
    equal.head(24) =
        RowMatrix(VectorXd::Ones(6) * normal_rows(1, 4, 9)).reshaped<Eigen::RowMajor>();
    equal.segment(24, 24).setConstant(0.3);
    CHECK(units_differ(model, equal, 10) < 1e-12);
    CHECK(units_differ(model, initialize(model, Glorot{})) > 0.1);
}

TEST_CASE("An autoencoder is compared with its inputs") {
    const auto data = some_data(30, 5);
    const EmpiricalRisk risk{network(5, dense(2), tanh(), dense(5)), reconstruction(SquaredLoss{}),
                             data};
    const VectorXd theta = initialize(risk, Glorot{}, 4);
    const auto p = risk.predictions(theta);
    const double mean = (p.matrix() - data.rows().matrix()).squaredNorm() / 60;
    CHECK(risk.value(theta) == Approx(mean).epsilon(1e-13));
    VectorXd g;
    VectorXd up;
    VectorXd Hv;
    risk.value_and_gradient(theta, g);
    const VectorXd v = VectorXd::LinSpaced(theta.size(), -1, 1);
    const double h = 1e-6;
    CHECK((risk.value(theta + h * v) - risk.value(theta - h * v)) / (2 * h) ==
          Approx(g.dot(v)).epsilon(1e-7));
    risk.hessian_product(theta, v, Hv);
    risk.value_and_gradient(theta + h * v, up);
    CHECK((Hv - (up - g) / h).norm() < 1e-5 * Hv.norm());
    CHECK_THROWS_WITH((EmpiricalRisk{network(5, dense(4)), reconstruction(SquaredLoss{}), data}),
                      contains("end the network with dense(5)"));
}
