// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"

#include <Eigen/Core>

#include <cmath>
#include <stdexcept>
#include <string>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/network_risk.hpp>

namespace {

using namespace ermine;
using Eigen::ArrayXd;
using Eigen::MatrixXd;
using Eigen::VectorXd;

VectorXd normal_vector(Index size, std::uint64_t seed, double scale = 1) {
    Random random(seed);
    VectorXd v(size);
    for (double& x : v) x = scale * random.normal();
    return v;
}

Dataset<DenseRows<double>> three_classes(Index examples, Index features) {
    Random random(3);
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> x(examples, features);
    VectorXd y(examples);
    for (Index i = 0; i < examples; ++i) {
        y[i] = static_cast<double>(random.below(3));
        for (Index j = 0; j < features; ++j) x(i, j) = random.normal() + (j == Index(y[i]) ? 2 : 0);
    }
    return {x, y};
}

}  // namespace

TEST_CASE("A network of one dense layer is a linear model") {
    const auto data = three_classes(40, 5);
    const EmpiricalRisk risk{network(5, dense(3)), SoftmaxCrossEntropy{}, data};
    const VectorXd theta = normal_vector(risk.parameters(), 1);
    const Eigen::Map<const Eigen::Matrix<double, 3, 5, Eigen::RowMajor>> W(theta.data());
    const MatrixXd p = (data.rows().matrix() * W.transpose()).rowwise() + theta.tail(3).transpose();
    CHECK((risk.predictions(theta).matrix() - p).norm() < 1e-12);
    double mean = 0;
    for (Index i = 0; i < 40; ++i)
        mean += std::log(p.row(i).array().exp().sum()) - p(i, Index(data.targets()[i]));
    CHECK(risk.value(theta) == Approx(mean / 40).epsilon(1e-12));
}

TEST_CASE("Gradient and products of a network agree with differences") {
    const auto data = three_classes(700, 6);  // more than one piece
    const EmpiricalRisk risk{network(6, dense(7), tanh(), dense(5), relu(), dense(3)),
                             SoftmaxCrossEntropy{}, data};
    const VectorXd theta = normal_vector(risk.parameters(), 2, 0.5);
    const VectorXd v = normal_vector(risk.parameters(), 3);
    VectorXd g;
    VectorXd up;
    VectorXd down;
    VectorXd Hv;
    CHECK(risk.value_and_gradient(theta, g) == Approx(risk.value(theta)).epsilon(1e-14));
    const double h = 1e-6;
    const double above = risk.value_and_gradient(theta + h * v, up);
    const double below = risk.value_and_gradient(theta - h * v, down);
    CHECK((above - below) / (2 * h) == Approx(g.dot(v)).epsilon(1e-7));
    risk.hessian_product(theta, v, Hv);
    CHECK((Hv - (up - down) / (2 * h)).norm() < 1e-6 * Hv.norm());

    const VectorXd u = normal_vector(risk.parameters(), 4);
    VectorXd Hu;
    VectorXd Gu;
    VectorXd Gv;
    risk.hessian_product(theta, u, Hu);
    risk.gauss_newton_product(theta, u, Gu);
    risk.gauss_newton_product(theta, v, Gv);
    CHECK(Hu.dot(v) == Approx(Hv.dot(u)).epsilon(1e-10));
    CHECK(Gu.dot(v) == Approx(Gv.dot(u)).epsilon(1e-10));
    CHECK(Gu.dot(u) > 0);
}
