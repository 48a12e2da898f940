// SPDX-License-Identifier: MIT
// Every layer, alone and in compositions: gradients and products with the curvature against
// differences.
#include <cmath>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <Eigen/Core>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/dropout.hpp>
#include <ermine/models/elu.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/layer_norm.hpp>
#include <ermine/models/leaky_relu.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/normal.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/residual_block.hpp>
#include <ermine/models/sigmoid.hpp>
#include <ermine/models/softplus.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/network_risk.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

constexpr Index features = 4;

VectorXd normal_vector(Index size, std::uint64_t seed) {
    Random random(seed);
    VectorXd v(size);
    for (double& x : v) x = random.normal();
    return v;
}

Dataset<DenseRows<double>> data(Index examples, Index classes) {
    Random random(3);
    DenseRows<double>::Matrix x(examples, features);
    VectorXd y(examples);
    for (double& entry : x.reshaped()) entry = random.normal();
    for (double& target : y) target = static_cast<double>(random.below(std::uint64_t(classes)));
    return {x, y};
}

/// Done when 1 of the library's promise on networks: 1e-6 by central differences.
template <class M, class L>
void check_products(const M& model, const L& loss, Index classes) {
    const EmpiricalRisk risk{model, loss, data(30, classes)};
    VectorXd theta = initialize(risk, Normal{.deviation = 0.5}, 5);
    theta += 0.1 * normal_vector(theta.size(), 6);
    const VectorXd u = normal_vector(theta.size(), 7).normalized();
    const VectorXd v = normal_vector(theta.size(), 8).normalized();
    VectorXd g, up, down, Hu, Hv, Gu, Gv;
    CHECK(risk.value_and_gradient(theta, g) == Approx(risk.value(theta)).epsilon(1e-13));
    const double h = 1e-5;
    const double above = risk.value_and_gradient(theta + h * v, up);
    const double below = risk.value_and_gradient(theta - h * v, down);
    CHECK(std::abs((above - below) / (2 * h) - g.dot(v)) <= 1e-6 * g.norm());
    risk.hessian_product(theta, v, Hv);
    CHECK((Hv - (up - down) / (2 * h)).norm() <= 1e-6 * Hv.norm());
    risk.hessian_product(theta, u, Hu);
    CHECK(std::abs(Hu.dot(v) - Hv.dot(u)) <= 1e-12 * (Hu.norm() + Hv.norm()));
    risk.gauss_newton_product(theta, u, Gu);
    risk.gauss_newton_product(theta, v, Gv);
    CHECK(std::abs(Gu.dot(v) - Gv.dot(u)) <= 1e-12 * (Gu.norm() + Gv.norm()));
    CHECK(Gu.dot(u) >= 0);
    CHECK(Gv.dot(v) >= 0);
}

template <class... Layers>
void check_layers(const Layers&... layers) {
    check_products(network(features, layers..., dense(3)), SoftmaxCrossEntropy{}, 3);
}

}  // namespace

TEST_CASE("Products with every layer agree with differences") {
    check_layers(dense(5), leaky_relu(0.1));
    check_layers(dense(5), elu());
    check_layers(dense(5), sigmoid());
    check_layers(dense(5), softplus());
    check_layers(layer_norm(), dense(5), layer_norm(), tanh());
    check_layers(residual(dense(5), tanh(), dense(features)), softplus());
}

TEST_CASE("... and those of compositions") {
    check_layers(tanh(), dense(6), tanh(), tanh(), dense(5), sigmoid());
    check_layers(dense(5), residual(tanh(), dense(4), elu(), dense(5)), layer_norm(), softplus());
    check_layers(residual(residual(dense(features), tanh()), dense(features)), dropout(0.5), elu());
    check_products(network(features, dense(6), layer_norm(), elu(),
                           Dense{.units = 4, .bias = false}, sigmoid(), dense(1)),
                   SquaredLoss{}, 5);
}

TEST_CASE("A residual block whose ends differ is refused with both widths") {
    CHECK_THROWS_WITH(network(4, residual(dense(3))), contains("3 numbers of 4"));
    CHECK_THROWS_WITH(network(4, dropout(1)), contains("rate"));
    CHECK_THROWS_AS(network(4, leaky_relu(2)), std::invalid_argument);
}

TEST_CASE("Dropout keeps the mean, draws by batch and point, and is off at inference") {
    const auto examples = data(400, 3);
    const EmpiricalRisk kept{network(features, dense(3)), SoftmaxCrossEntropy{}, examples};
    const EmpiricalRisk drawn{network(features, dropout(0.5), dense(3)), SoftmaxCrossEntropy{},
                              examples};
    std::vector<std::int32_t> all(400);
    std::iota(all.begin(), all.end(), 0);
    const VectorXd theta = 1e-4 * normal_vector(drawn.parameters(), 9);
    CHECK(drawn.value(theta) == kept.value(theta));
    VectorXd g, other, mean = VectorXd::Zero(theta.size());
    const double value = drawn.value_and_gradient(theta, Batch(all), g);
    CHECK(drawn.value_and_gradient(theta, Batch(all), other) == value);
    CHECK(g == other);
    // near θ = 0 the gradient is linear in the inputs: its mean is that without dropout
    constexpr int draws = 400;
    for (int k = 0; k < draws; ++k) {
        VectorXd near = theta;
        near[0] += 1e-12 * k;
        drawn.value_and_gradient(near, Batch(all), other);
        mean += other / draws;
    }
    kept.value_and_gradient(theta, other);
    CHECK((mean - other).norm() < 4 * (g - other).norm() / std::sqrt(double(draws)));
    CHECK((g - other).norm() > 1e-3);
}
