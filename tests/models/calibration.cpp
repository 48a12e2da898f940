// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"

#include <Eigen/Core>

#include <cmath>
#include <limits>
#include <stdexcept>

#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/calibrate.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/sized.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/network_risk.hpp>

namespace {

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const auto model = network(2, dense(4), tanh(), dense(3));

/// Examples whose classes are drawn from the probabilities that the network gives, and θ.
struct Drawn {
    MatrixXd features;
    VectorXd classes;
    VectorXd theta;
};

Drawn drawn(Index examples) {
    Random random(5);
    Drawn all{MatrixXd(examples, 2), VectorXd(examples), VectorXd(model.parameters())};
    for (double& w : all.theta) w = 1.5 * random.normal();
    for (Index k = 0; k < all.features.size(); ++k) all.features(k) = random.normal();
    const MatrixXd first = all.theta.head(8).reshaped<Eigen::RowMajor>(4, 2);
    const MatrixXd last = all.theta.segment(8, 12).reshaped<Eigen::RowMajor>(3, 4);
    for (Index i = 0; i < examples; ++i) {
        const VectorXd hidden =
            (first * all.features.row(i).transpose() + all.theta.segment(20, 4)).array().tanh();
        const VectorXd odds = (last * hidden + all.theta.tail(3)).array().exp();
        double left = random.uniform() * odds.sum();
        Index k = 0;
        while (k < 2 && left > odds[k]) left -= odds[k++];
        all.classes[i] = static_cast<double>(k);
    }
    return all;
}

}  // namespace

TEST_CASE("calibrate finds by how much a network is too sure of itself, or not sure enough") {
    const Drawn all = drawn(20000);
    const EmpiricalRisk risk{model, SoftmaxCrossEntropy{}, Dataset{all.features, all.classes}};
    const double least = risk.value(all.theta);
    for (const double factor : {0.5, 1.0, 2.5}) {
        VectorXd x = all.theta;
        x.segment(8, 12) *= factor;
        x.tail(3) *= factor;
        const auto calibrated = calibrate(model, risk, x);
        CAPTURE(factor);
        // of 20 000 examples, a standard error of 1.3 %
        CHECK(calibrated.temperature == Approx(factor).epsilon(0.04));
        CHECK(calibrated.loss <= risk.value(x));
        CHECK(calibrated.loss == Approx(least).margin(1e-3));
        CHECK(risk.value(calibrated.x) == calibrated.loss);
        CHECK(calibrated.x.head(8) == x.head(8));
        CHECK(calibrated.x.segment(20, 4) == x.segment(20, 4));
    }
}

TEST_CASE("calibrate leaves a network alone that could not be better, and refuses nonsense") {
    const MatrixXd features = MatrixXd::Zero(2, 2);
    const EmpiricalRisk risk{model, SoftmaxCrossEntropy{},
                             Dataset{features, VectorXd(Eigen::Vector2d(0, 1))}};
    const VectorXd zero = VectorXd::Zero(model.parameters());
    // sizes that the compiler checks are no hindrance
    const auto same = calibrate(network<2>(dense<2, 4>(), tanh(), dense<4, 3>()), risk, zero);
    CHECK(same.temperature == 1);
    CHECK(same.x == zero);
    CHECK(same.loss == Approx(std::log(3.0)));

    VectorXd wrong = zero;
    wrong[3] = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH(calibrate(model, risk, wrong), contains("not finite"));
    CHECK_THROWS_AS(calibrate(model, risk, VectorXd::Zero(3).eval()), std::invalid_argument);
}
