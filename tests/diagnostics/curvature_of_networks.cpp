// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <cmath>
#include <sstream>
#include <string>

#include <ermine/data/spirals.hpp>
#include <ermine/diagnostics/block_spectra.hpp>
#include <ermine/diagnostics/extreme_eigenvalues.hpp>
#include <ermine/diagnostics/gauss_newton_split.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/dense_eigen.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/sum_of_squares.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

TEST_CASE("the spectra of a network's Hessian, its parts and its blocks fit together") {
    const auto data = spirals({.examples = 150, .classes = 3, .seed = 7});
    const EmpiricalRisk risk{network(2, dense(6), tanh(), dense(3)), SoftmaxCrossEntropy{}, data};
    const VectorXd theta = 2 * initialize(risk, Glorot{}, 3);
    const Index n = theta.size();
    MatrixXd h(n, n);
    MatrixXd g(n, n);
    VectorXd column(n);
    for (Index j = 0; j < n; ++j) {
        const VectorXd unit = VectorXd::Unit(n, j);
        risk.hessian_product(theta, unit, column);
        h.col(j) = column;
        risk.gauss_newton_product(theta, unit, column);
        g.col(j) = column;
    }
    const auto top = [](const MatrixXd& a) {
        return dense_eigen(0.5 * (a + a.transpose()), false).values;
    };
    const auto split = gauss_newton_split(risk, theta);
    const double norm = h.norm();
    CHECK(std::abs(split.hessian.extremes.largest.values[0] - top(h)[n - 1]) < 1e-10 * norm);
    CHECK(std::abs(split.gauss_newton.extremes.largest.values[1] - top(g)[n - 2]) < 1e-10 * norm);
    CHECK(std::abs(split.rest.extremes.smallest.values[0] - top(h - g)[0]) < 1e-10 * norm);
    CHECK(split.gauss_newton.extremes.smallest.values[0] > -1e-12 * norm);
    CHECK(std::abs(split.hessian.trace.value - h.trace()) <= 2 * split.hessian.trace.error + 1e-9);
    CHECK(std::abs(split.share_of_rest() - (h - g).norm() / h.norm()) < 0.2);
    std::ostringstream text;
    text << split;
    CHECK(text.str().find("Hessian H = G + R") == 0);

    const auto blocks = block_spectra(risk, theta);
    REQUIRE(blocks.blocks.size() == risk.blocks().size());
    double trace = 0;
    for (const BlockSpectrum& b : blocks.blocks) {
        INFO(b.name);
        const Index size = b.extremes.size;
        const VectorXd truth = top(h.block(b.offset, b.offset, size, size));
        CHECK(std::abs(b.extremes.largest.values[0] - truth[size - 1]) < 1e-10 * norm);
        CHECK(std::abs(b.extremes.smallest.values[0] - truth[0]) < 1e-10 * norm);
        trace += b.trace.value;
    }
    CHECK(std::abs(trace - h.trace()) < 1e-9 * norm);  // blocks are small: exact
    text << blocks;
    CHECK(text.str().find(blocks.blocks[0].name) != std::string::npos);

    const auto estimate = extreme_eigenvalues(
        risk, theta, {.count = 3, .by = Exactness::estimate, .max_products = 500});
    for (Index k = 0; k < 3; ++k)
        CHECK(std::abs(estimate.largest.values[k] - top(h)[n - 1 - k]) < 1e-7 * norm);
}

TEST_CASE("a sum of squares splits by its Jacobian") {
    const auto f = sum_of_squares([](const auto& x) {
        using T = std::decay_t<decltype(x[0])>;
        return Eigen::Matrix<T, 2, 1>(x[0] * x[0] - x[1], x[0] - 1.0);
    });
    VectorXd x(2);
    x << 2, 3;
    const auto split = gauss_newton_split(f, x, {.count = 2});
    // H = G + 2 r₁ ∇²r₁ with r₁ = 1, ∇²r₁ = diag(2, 0)
    CHECK(std::abs(split.rest.extremes.largest.values[0] - 4) < 1e-4);
    CHECK(std::abs(split.rest.extremes.smallest.values[0]) < 1e-4);
    CHECK(std::abs(split.gauss_newton.trace.value - 2 * (16 + 1 + 1)) < 1e-8);
}
