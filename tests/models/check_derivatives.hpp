// SPDX-License-Identifier: MIT
#pragma once

// Derivatives of an empirical risk of a network against central differences.

#include "../ermine_catch.hpp"

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string_view>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/numerics/random.hpp>

namespace {

using namespace ermine;
using Eigen::ArrayXd;
using Eigen::MatrixXd;
using Eigen::VectorXd;

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

VectorXd normal_vector(Index size, std::uint64_t seed, double scale = 1) {
    Random random(seed);
    VectorXd v(size);
    for (double& x : v) x = scale * random.normal();
    return v;
}

[[maybe_unused]] Dataset<DenseRows<double>> normal_data(Index examples, Index features) {
    Rows x(examples, features);
    VectorXd y(examples);
    Random random(11);
    for (Index i = 0; i < examples; ++i) {
        for (Index j = 0; j < features; ++j) x(i, j) = random.normal();
        y[i] = static_cast<double>(random.below(3));
    }
    return {x, y};
}

std::vector<std::int32_t> first(std::int32_t count) {
    std::vector<std::int32_t> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
}

bool ends_with(std::string_view name, std::string_view end) {
    return name.size() >= end.size() && name.substr(name.size() - end.size()) == end;
}

/// 1, but 0 where a block is a statistic, in which slopes are zero by definition.
template <class Risk>
ArrayXd learned(const Risk& risk) {
    ArrayXd mask = ArrayXd::Ones(risk.parameters());
    for (const auto& block : risk.blocks())
        if (ends_with(block.name, ".mean") || ends_with(block.name, ".variance"))
            mask.segment(block.offset, block.rows).setZero();
    return mask;
}

template <class Risk>
VectorXd some_parameters(const Risk& risk, std::uint64_t seed) {
    VectorXd theta = normal_vector(risk.parameters(), seed, 0.6);
    for (const auto& block : risk.blocks())
        if (ends_with(block.name, ".variance"))
            theta.segment(block.offset, block.rows).array() =
                0.5 + theta.segment(block.offset, block.rows).array().square();
    return theta;
}

struct Derivatives {
    std::function<double(const VectorXd&, VectorXd&)> gradient;
    std::function<void(const VectorXd&, const VectorXd&, VectorXd&)> hessian, gauss_newton;
    std::function<MatrixXd(const VectorXd&)> root;  // G = rootᵀ root / n, by differences; or empty
};

void check_derivatives(const Derivatives& f, const VectorXd& theta, const ArrayXd& mask) {
    const Index n = theta.size();
    const double h = 1e-5;
    VectorXd g;
    VectorXd other;
    f.gradient(theta, g);
    VectorXd differences(n);
    for (Index j = 0; j < n; ++j) {
        VectorXd up = theta;
        VectorXd down = theta;
        up[j] += h;
        down[j] -= h;
        differences[j] = mask[j] * (f.gradient(up, other) - f.gradient(down, other)) / (2 * h);
    }
    CHECK((g - differences).norm() < 1e-6 * g.norm());

    const VectorXd u = (normal_vector(n, 21).array() * mask).matrix();
    const VectorXd v = (normal_vector(n, 22).array() * mask).matrix();
    VectorXd up;
    VectorXd down;
    VectorXd Hu;
    VectorXd Hv;
    f.gradient(theta + h * v, up);
    f.gradient(theta - h * v, down);
    f.hessian(theta, v, Hv);
    f.hessian(theta, u, Hu);
    CHECK((Hv - (up - down) / (2 * h)).norm() < 1e-6 * Hv.norm());
    CHECK(std::abs(Hu.dot(v) - Hv.dot(u)) < 1e-11 * Hv.norm() * u.norm());

    VectorXd Gu;
    VectorXd Gv;
    f.gauss_newton(theta, u, Gu);
    f.gauss_newton(theta, v, Gv);
    CHECK(std::abs(Gu.dot(v) - Gv.dot(u)) < 1e-11 * Gv.norm() * u.norm());
    CHECK(Gu.dot(u) >= 0);
    CHECK(Gv.dot(v) >= 0);
    if (!f.root) return;
    const MatrixXd J = (f.root(theta + h * v) - f.root(theta - h * v)) / (2 * h);
    CHECK(J.squaredNorm() == Approx(Gv.dot(v)).epsilon(1e-6));
}

/// At inference over all examples, and in training over a batch with what is drawn held.
template <class Risk>
void check_risk(const Risk& risk, std::uint64_t seed) {
    static const auto batch = first(9);
    const VectorXd theta = some_parameters(risk, seed);
    const ArrayXd mask = learned(risk);
    const auto n = static_cast<double>(risk.predictions(theta).rows());
    if constexpr (requires { risk.curvature_at(theta); }) {
        const auto retained = risk.curvature_at(theta);
        for (const std::uint64_t draw : {21U, 22U, 21U}) {  // a product leaves nothing behind
            const VectorXd v = (normal_vector(theta.size(), draw).array() * mask).matrix();
            VectorXd product;
            VectorXd again;
            risk.hessian_product(theta, v, product);
            retained.hessian_product(v, again);
            CHECK((product - again).norm() <= 1e-13 * product.norm());
        }
    }
    Derivatives whole{
        [&](const VectorXd& x, VectorXd& g) { return risk.value_and_gradient(x, g); },
        [&](const VectorXd& x, const VectorXd& v, VectorXd& p) { risk.hessian_product(x, v, p); },
        [&](const VectorXd& x, const VectorXd& v, VectorXd& p) {
            risk.gauss_newton_product(x, v, p);
        },
        {}};
    if (risk.model().outputs() == 1)  // ∇²ℓ = 1 for the squared loss
        whole.root = [&](const VectorXd& x) {
            return MatrixXd(risk.predictions(x).matrix() / std::sqrt(n));
        };
    INFO("inference");
    check_derivatives(whole, theta, mask);
    const Risk held = risk.with_draw(5);
    INFO("training");
    check_derivatives(
        {[&](const VectorXd& x, VectorXd& g) { return held.value_and_gradient(x, batch, g); },
         [&](const VectorXd& x, const VectorXd& v, VectorXd& p) {
             held.hessian_product(x, batch, v, p);
         },
         [&](const VectorXd& x, const VectorXd& v, VectorXd& p) {
             held.gauss_newton_product(x, batch, v, p);
         },
         {}},
        theta, ArrayXd::Ones(theta.size()));
}

}  // namespace
