// SPDX-License-Identifier: MIT
#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <ermine/numerics/lanczos.hpp>
#include <ermine/numerics/random.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;
using Eigen::VectorXf;

namespace {

struct Spectrum {
    std::string name;
    VectorXd eigenvalues;
};

// What defeats a Ritz value plus its residual: a top eigenvalue that the first steps don't see.
std::vector<Spectrum> spectra(Index n) {
    const auto from = [n](auto f) {
        VectorXd e(n);
        for (Index i = 0; i < n; ++i) e[i] = f(static_cast<double>(i));
        return e;
    };
    const auto m = static_cast<double>(n);
    return {
        {"zero", VectorXd::Zero(n)},
        {"identity", VectorXd::Ones(n)},
        {"negative", from([](double i) { return i == 0 ? -2.9 : -3; })},
        {"rank one", from([](double i) { return i == 0 ? 5 : 0; })},
        {"linear", from([](double i) { return i + 1; })},
        {"inverse squares", from([](double i) { return 1 / ((i + 1) * (i + 1)); })},
        {"Chebyshev", from([m](double i) { return std::cos(std::numbers::pi * (i + 0.5) / m); })},
        {"close top", from([](double i) { return i == 0 ? 1.0001 : 1; })},
        {"huge top", from([](double i) { return i == 0 ? 1e8 : 1; })},
        {"hidden top", from([](double i) { return i == 0 ? 1.05 : 1 + 1e-3 * std::fmod(i, 7); })},
        {"two clusters", from([](double i) { return i < 3 ? 1 + 1e-9 * i : 0.99; })},
        {"tiny", VectorXd::Constant(n, 1e-300)}};
}

}  // namespace

TEST_CASE("Lanczos' bounds hold over random starts and bad spectra") {
    for (const Index n : {1, 2, 3, 10, 100, 500}) {
        for (const auto& [name, e] : spectra(n)) {
            INFO(name << ", n = " << n);
            const double size = e.cwiseAbs().maxCoeff();
            for (std::uint64_t seed = 0; seed < 20; ++seed) {
                const auto result =
                    lanczos(n, [&](const VectorXd& v, VectorXd& Av) { Av = e.cwiseProduct(v); },
                            {.tolerance = 0.05, .seed = seed});
                CHECK(result.upper_bound >= e.maxCoeff());
                CHECK(result.lower_bound <= e.minCoeff());
                CHECK(result.value <= e.maxCoeff() + 1e-13 * size);
                CHECK(result.smallest >= e.minCoeff() - 1e-13 * size);
                CHECK(result.converged);
                CHECK(result.upper_bound - e.maxCoeff() <= 0.051 * size);
                CHECK(result.iterations <= n);
            }
        }
    }
}

TEST_CASE("Lanczos' bounds hold for dense matrices") {
    Random random{1};
    for (const Index n : {5, 40, 120}) {
        MatrixXd X(n / 2 + 1, n);
        for (double& x : X.reshaped()) x = random.normal();
        for (const MatrixXd& A :
             {MatrixXd(X.transpose() * X),
              MatrixXd(MatrixXd(X.transpose() * X) - 3 * MatrixXd::Identity(n, n))}) {
            const VectorXd e = Eigen::SelfAdjointEigenSolver<MatrixXd>(A).eigenvalues();
            const auto result =
                lanczos(n, [&](const VectorXd& v, VectorXd& Av) { Av.noalias() = A * v; });
            CHECK(result.upper_bound >= e[n - 1]);
            CHECK(result.upper_bound <= e[n - 1] * 1.05);
            CHECK(result.lower_bound <= e[0]);
            CHECK(result.converged);
        }
    }
}

TEST_CASE("few products give a loose bound that still holds") {
    const VectorXd e = VectorXd::LinSpaced(1000, 0, 1);
    double before = std::numeric_limits<double>::infinity();
    for (const Index products : {1, 2, 5, 10, 20, 40, 80}) {
        const auto result =
            lanczos(1000, [&](const VectorXd& v, VectorXd& Av) { Av = e.cwiseProduct(v); },
                    {.tolerance = 1e-6, .max_iterations = products});
        CHECK(result.iterations == products);
        CHECK_FALSE(result.converged);
        CHECK(result.upper_bound >= 1);
        CHECK(result.upper_bound < before);
        before = result.upper_bound;
    }
    CHECK(before < 1.05);
}

TEST_CASE("Lanczos in float bounds the eigenvalue of the float operator") {
    Random random{2};
    MatrixXf X(300, 100);
    for (float& x : X.reshaped()) x = static_cast<float>(random.normal());
    const MatrixXd A = X.cast<double>().transpose() * X.cast<double>();
    const double top = Eigen::SelfAdjointEigenSolver<MatrixXd>(A).eigenvalues()[99];
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto result = lanczos<VectorXf>(
            100, [&](const VectorXf& v, VectorXf& Av) { Av = X.transpose() * (X * v); },
            {.seed = seed});
        CHECK(result.upper_bound >= top);
        CHECK(result.upper_bound <= 1.05 * top);
    }
}

TEST_CASE("Lanczos is the same for the same seed, and works in fixed size") {
    const Eigen::Vector3d e{1, 4, 2};
    const auto apply = [&](const Eigen::Vector3d& v, Eigen::Vector3d& Av) {
        Av = e.cwiseProduct(v);
    };
    const auto a = lanczos<Eigen::Vector3d>(3, apply);
    const auto b = lanczos<Eigen::Vector3d>(3, apply);
    CHECK(a.upper_bound == b.upper_bound);
    CHECK(a.value == Approx(4));
    CHECK(a.smallest == Approx(1));
    CHECK(a.upper_bound >= 4);
}

TEST_CASE("Lanczos says when a product is not finite, and refuses wrong options") {
    VectorXd e = VectorXd::LinSpaced(100, 0, 1);
    e[40] = std::numeric_limits<double>::quiet_NaN();
    const auto apply = [&](const VectorXd& v, VectorXd& Av) { Av = e.cwiseProduct(v); };
    const auto result = lanczos(100, apply);
    CHECK(std::isnan(result.value));
    CHECK(result.upper_bound == std::numeric_limits<double>::infinity());
    CHECK(result.lower_bound == -std::numeric_limits<double>::infinity());
    CHECK_FALSE(result.converged);
    CHECK_THROWS_WITH(lanczos(0, apply), contains("size 0"));
    CHECK_THROWS_WITH(lanczos(100, apply, {.tolerance = 0}), contains("tolerance = 0"));
    CHECK_THROWS_WITH(lanczos(100, apply, {.max_iterations = 0}), contains("max_iterations = 0"));
}
