// SPDX-License-Identifier: MIT
// Profiles of networks whose weights are known, against sums by hand.
#include <Eigen/Core>
#include <Eigen/QR>

#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/diagnostics/network_profile.hpp>
#include <ermine/losses/reconstruction.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/batch_norm.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/he.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/normal.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/sigmoid.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/regularized.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;
using Verdict = GradientFlow::Verdict;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace {

Dataset<DenseRows<double>> normal_data(Index n, Index d) {
    Random random{3};
    Rows x(n, d);
    VectorXd y(n);
    for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < d; ++j) x(i, j) = random.normal();
        y[i] = random.normal();
    }
    return {x, y};
}

/// ρ times an orthogonal matrix into each block of weights.
VectorXd turns(const auto& model, double rho) {
    Random random{5};
    VectorXd theta = VectorXd::Zero(model.parameters());
    for (const ParameterBlock& block : model.blocks()) {
        if (block.columns != block.rows) continue;
        Eigen::MatrixXd a(block.rows, block.rows);
        for (Index i = 0; i < a.size(); ++i) a.data()[i] = random.normal();
        const Eigen::MatrixXd q = Eigen::HouseholderQR<Eigen::MatrixXd>(a).householderQ();
        theta.segment(block.offset, a.size()) = rho * q.reshaped();
    }
    return theta;
}

}  // namespace

TEST_CASE("all that a profile says of a small network is what a sum by hand gives") {
    // dense1: x₁, −x₂ + 1 and a unit that is always below zero; dense2: 2 h₁ + 3 h₂ + 5 h₃
    const auto model = network(2, dense(3), relu(), dense(1));
    const Rows x = (Rows(2, 2) << 1, 2, 3, -3).finished();
    const VectorXd y = (VectorXd(2) << 0, 10).finished();
    const EmpiricalRisk risk{model, SquaredLoss{}, Dataset{x, y}};
    VectorXd theta(13);
    theta << 1, 0, 0, -1, 0, 0, /**/ 2, 3, 5, /**/ 0, 1, -1, /**/ 0;
    // dense1 (1, −1, −1) and (3, 4, −1); relu (1, 0, 0) and (3, 4, 0); dense2 2 and 18
    const double first = SquaredLoss{}.derivative(2.0, 0.0);
    const double second = SquaredLoss{}.derivative(18.0, 10.0);
    const NetworkProfile p = network_profile(risk, theta, {.step = 0.5});
    REQUIRE(p.layers.size() == 3);
    CHECK(p.examples == 2);
    CHECK(p.inputs.units == 2);
    CHECK(p.inputs.activation == Approx(std::sqrt((1 + 4 + 9 + 9) / 4.0)));
    CHECK(p.inputs.spread == Approx(std::sqrt((2 * 1 + 2 * 2.5 * 2.5) / 4)));

    const LayerProfile& one = p.layers[0];
    CHECK(one.name == "dense1");
    CHECK(one.units == 3);
    CHECK(one.parameters == 9);
    CHECK(one.weighted);
    CHECK(one.activation == Approx(std::sqrt((1 + 1 + 1 + 9 + 16 + 1) / 6.0)));
    CHECK(one.spread == Approx(std::sqrt((2 * 1 + 2 * 2.5 * 2.5) / 6)));
    CHECK(one.slope == Approx(std::sqrt((first * first * 4 + second * second * (4 + 9)) / 6)));
    CHECK(one.slope_norm() ==
          Approx(std::sqrt((first * first * 4 + second * second * (4 + 9)) / 2)));
    CHECK(one.weights == Approx(std::sqrt(1 + 1 + 1 + 1)));
    CHECK(one.lipschitz == Approx(1).epsilon(1e-6));

    const LayerProfile& gate = p.layers[1];
    CHECK(gate.name == "relu1");
    CHECK_FALSE(gate.weighted);
    CHECK(gate.activation == Approx(std::sqrt((1 + 9 + 16) / 6.0)));
    CHECK(gate.slope == Approx(std::sqrt((first * first + second * second) * (4 + 9 + 25) / 6)));
    CHECK(gate.dead == Approx(1.0 / 3));
    CHECK(gate.closed == Approx(3.0 / 6));
    CHECK(std::isnan(gate.weights));
    CHECK(gate.lipschitz == 1);
    CHECK(p.dead() == gate.dead);

    const LayerProfile& last = p.layers[2];
    CHECK(last.slope == Approx(std::sqrt((first * first + second * second) / 2)));
    // the mean of slope · (h, 1)
    VectorXd g(4);
    g << first * 1 + second * 3, second * 4, 0, first + second;
    g /= 2;
    CHECK(last.gradient == Approx(g.norm()));
    CHECK(last.weights == Approx(std::sqrt(4 + 9 + 25)));
    CHECK(last.update == Approx(0.5 * g.norm() / std::sqrt(38)));
    CHECK(p.find("dense2") == &p.layers[2]);
    CHECK(p.find("dense3") == nullptr);

    // the Lipschitz bound of the whole is the product
    CHECK(p.lipschitz == Approx(std::sqrt(38)).epsilon(1e-6));
    CHECK(p.backward.links == 1);
    CHECK(p.backward.total == Approx(one.slope_norm() / last.slope));
    CHECK(p.forward.total == Approx(8 / one.spread));
    CHECK(p.backward.sound());

    // all layers' gradients are the risk's, and a step is what it was
    VectorXd whole(13);
    risk.value_and_gradient(theta, whole);
    CHECK(std::hypot(one.gradient, last.gradient) == Approx(whole.norm()));
    const NetworkProfile stepped = network_profile(risk, theta, VectorXd(theta - 0.5 * whole));
    CHECK(stepped.layers[0].update == Approx(one.update));
    CHECK(stepped.layers[2].update == Approx(last.update));
    CHECK(std::isnan(stepped.layers[1].update));
    CHECK(std::isnan(network_profile(risk, theta).layers[0].update));

    std::ostringstream text;
    text << p;
    CHECK(text.str().find("relu1: 1 of 3 units are dead") != std::string::npos);
    CHECK(text.str().find("33%") != std::string::npos);
}

TEST_CASE("through orthogonal layers signals and gradients change by their factor, exactly") {
    const auto model = network(6, dense(6), dense(6), dense(6), dense(6), dense(6), dense(6));
    // more examples than one piece has
    const auto data = normal_data(1100, 6);
    const EmpiricalRisk risk{model, reconstruction(SquaredLoss{}), data};
    const auto check = [&](double rho, Verdict verdict) {
        const auto p = network_profile(risk, turns(model, rho));
        INFO("factor " << rho);
        CHECK(p.forward.links == 5);
        CHECK(p.forward.ratio == Approx(rho).epsilon(1e-10));
        CHECK(p.backward.ratio == Approx(rho).epsilon(1e-10));
        CHECK(p.backward.total == Approx(std::pow(rho, 5)).epsilon(1e-10));
        CHECK(p.lipschitz == Approx(std::pow(rho, 6)).epsilon(1e-5));
        CHECK(p.forward.verdict == verdict);
        CHECK(p.backward.verdict == verdict);
    };
    check(1, Verdict::neither);
    check(0.9, Verdict::neither);
    check(0.2, Verdict::vanishing);
    check(5, Verdict::exploding);
    // past what a double holds
    const auto none = network_profile(risk, turns(model, 1e-80));
    CHECK(none.forward.verdict == Verdict::vanishing);
    CHECK(none.backward.total == 0);
    const auto all = network_profile(risk, turns(model, 1e80));
    CHECK(all.forward.verdict == Verdict::exploding);
    CHECK(all.backward.verdict == Verdict::exploding);
    CHECK(all.explain().find("gradients backward: exploding, times inf") == 0);
    // other limits
    const auto strict =
        network_profile(risk, turns(model, 0.9), {.flow = {.vanishing = 0.6, .exploding = 2}});
    CHECK(strict.backward.verdict == Verdict::vanishing);  // 0.9⁵ = 0.59
    CHECK(strict.backward.horizon(0.9 * 0.9) == Approx(2).epsilon(1e-8));
}

TEST_CASE(
    "seven layers of sigmoids vanish under weights for linear units, of ReLU under theirs not") {
    const auto sigmoids =
        network(8, dense(16), sigmoid(), dense(16), sigmoid(), dense(16), sigmoid(), dense(16),
                sigmoid(), dense(16), sigmoid(), dense(16), sigmoid(), dense(1));
    const auto data = normal_data(200, 8);
    const EmpiricalRisk flat{sigmoids, SquaredLoss{}, data};
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const auto p = network_profile(flat, initialize(flat, Glorot{}, seed));
        INFO("seed " << seed << '\n' << p);
        // σ' <= 1/4, and the weights turn without stretching much
        CHECK(p.backward.verdict == Verdict::vanishing);
        CHECK(p.backward.ratio > 0.1);
        CHECK(p.backward.ratio < 0.3);
        CHECK(p.forward.verdict == Verdict::vanishing);
        // what comes out is about ½ all the same: only the spread tells
        CHECK(p.layers[11].activation > 0.3);
    }
    const auto rectified =
        network(8, dense(16), relu(), dense(16), relu(), dense(16), relu(), dense(16), relu(),
                dense(16), relu(), dense(16), relu(), dense(1));
    const EmpiricalRisk good{rectified, SquaredLoss{}, data};
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const auto p = network_profile(good, initialize(good, He{}, seed));
        INFO("seed " << seed << '\n' << p);
        CHECK(p.backward.sound());
        CHECK(p.forward.sound());
        CHECK(p.layers[1].closed == Approx(0.5).margin(0.15));
        // a hundredth of the weights, a hundredth a layer; the loss weighs examples otherwise
        const auto small = network_profile(good, VectorXd(0.01 * initialize(good, He{}, seed)));
        CHECK(small.backward.ratio == Approx(0.01 * p.backward.ratio).epsilon(0.1));
        CHECK(small.backward.verdict == Verdict::vanishing);
    }
}

TEST_CASE("in training the batch normalizes, and a penalty counts nothing") {
    const auto model = network(3, dense(4), batch_norm(), relu(), dense(1));
    const EmpiricalRisk risk{model, SquaredLoss{}, normal_data(513, 3)};
    VectorXd theta = initialize(risk, He{}, 2);
    const auto scaled = [&](double by) {
        VectorXd result = theta;
        result.head(12) *= by;
        return result;
    };
    const NetworkProfileOptions batch{.training = true};
    // whatever the scale before it, what it hands on has variance 1
    for (const double by : {1.0, 100.0}) {
        const auto p = network_profile(risk, scaled(by), batch);
        CHECK(p.layers[1].name == "batch_norm1");
        CHECK(p.layers[1].spread == Approx(1).epsilon(1e-2));
        CHECK(p.layers[0].slope > 0);
    }
    CHECK(network_profile(risk, scaled(100)).layers[1].spread > 50);
    const auto with = network_profile(risk + L2{0.1}, theta, {.step = 1});
    CHECK(with.layers[0].update == network_profile(risk, theta, {.step = 1}).layers[0].update);
}

TEST_CASE("a profile refuses what it cannot look at, in a sentence") {
    const auto model = network(3, dense(4), batch_norm(), relu(), dense(1));
    const EmpiricalRisk risk{model, SquaredLoss{}, normal_data(10, 3)};
    const VectorXd theta = initialize(risk, He{}, 2);
    CHECK_THROWS_WITH(network_profile(risk, VectorXd(VectorXd::Zero(3))),
                      contains("the parameter vector has 3 numbers, the network 37"));
    CHECK_THROWS_WITH(
        network_profile(risk, VectorXd(theta * std::numeric_limits<double>::infinity())),
        contains("not finite"));
    CHECK_THROWS_WITH(network_profile(risk, theta, VectorXd(VectorXd::Zero(3))),
                      contains("the point after the step: the parameter vector has 3"));
    CHECK_THROWS_WITH(network_profile(risk, theta, {.step = -1}),
                      contains("NetworkProfileOptions.step is -1"));
    CHECK_THROWS_WITH(network_profile(risk, theta, {.flow = {.vanishing = 2}}),
                      contains("FlowOptions.vanishing is 2"));
    CHECK_THROWS_WITH(network_profile(risk, theta, {.flow = {.exploding = 1}}),
                      contains("FlowOptions.exploding is 1"));
    CHECK_THROWS_WITH(GradientFlow{}.horizon(0), contains("share is 0"));
}
