// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"
#include "../folder.hpp"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <cmath>
#include <filesystem>
#include <limits>
#include <stdexcept>

#include <ermine/data/data_error.hpp>
#include <ermine/data/read_npy.hpp>
#include <ermine/data/write_npy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/lipschitz_bound.hpp>
#include <ermine/models/lipschitz_sample.hpp>
#include <ermine/models/load_weights.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/save_weights.hpp>
#include <ermine/models/spectrally_normalized.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/spectral_norm.hpp>

namespace {

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

MatrixXd normal_numbers(Index rows, Index columns, std::uint64_t seed) {
    Random random(seed);
    MatrixXd x(rows, columns);
    for (Index k = 0; k < x.size(); ++k) x.data()[k] = random.normal();
    return x;
}

double exact_norm(const MatrixXd& a) {
    return std::sqrt(
        Eigen::SelfAdjointEigenSolver<MatrixXd>(a * a.transpose()).eigenvalues().maxCoeff());
}

}  // namespace

TEST_CASE("Spectral norms are bounded from both sides") {
    for (const auto& [rows, columns] : {std::pair{1, 1}, {5, 9}, {9, 5}, {1, 7}, {80, 60}}) {
        const MatrixXd a = normal_numbers(rows, columns, std::uint64_t(rows));
        const double exact = exact_norm(a);
        const SpectralNorm norm = spectral_norm(a);
        CHECK(norm.value <= exact * (1 + 1e-14));
        CHECK(norm.upper_bound >= exact * (1 - 1e-14));
        CHECK(norm.value > 0.999 * exact);
        CHECK(norm.upper_bound < 1.001 * exact);
        CHECK(spectral_norm(a.cast<float>()).value == Approx(exact).epsilon(1e-3));
    }
    CHECK(spectral_norm(MatrixXd::Zero(4, 3)).upper_bound == 0);
    CHECK(spectral_norm(MatrixXd(0, 3)).upper_bound == 0);
    CHECK(std::isnan(spectral_norm(MatrixXd::Constant(3, 3, NAN)).value));
    CHECK(std::isinf(spectral_norm(MatrixXd::Constant(3, 3, NAN)).upper_bound));
}

TEST_CASE("Lipschitz constants: samples lie below, the bound above, both meet for one layer") {
    const auto one = network(6, dense(4));
    const VectorXd theta = initialize(one, Glorot{}, 2);
    const double exact = exact_norm(Eigen::Map<const RowMatrix>(theta.data(), 4, 6));
    CHECK(lipschitz_bound(one, theta) == Approx(exact).epsilon(1e-3));
    CHECK(lipschitz_bound(one, theta) >= exact * (1 - 1e-14));
    const MatrixXd x = normal_numbers(6, 30, 3);
    CHECK(lipschitz_sample(one, theta, x, {.iterations = 200}) == Approx(exact).epsilon(1e-6));

    const auto deep = network(6, dense(12), relu(), dense(9), tanh(), dense(4));
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const VectorXd weights = initialize(deep, Glorot{.gain = 2}, seed);
        const double below = lipschitz_sample(deep, weights, x, {.iterations = 5});
        const double above = lipschitz_bound(deep, weights);
        CHECK(below < above);
        // No pair of inputs is stretched by more than the bound; near an input that was looked
        // at, some pair by as much as the sample.
        typename std::remove_cvref_t<decltype(deep)>::Memory<double> memory;
        memory.in.value = x;
        deep.forward(Pass{.examples = 30}, weights.data(), memory);
        const MatrixXd y = memory.out->value;
        const MatrixXd dx = x.rightCols(29) - x.leftCols(29);
        const MatrixXd dy = y.rightCols(29) - y.leftCols(29);
        CHECK((dy.colwise().norm().array() / dx.colwise().norm().array()).maxCoeff() < above);
        CHECK(lipschitz_sample(deep, weights, x, {.iterations = 40}) >= below);

        const VectorXd tamed = spectrally_normalized(deep, weights);
        CHECK(lipschitz_bound(deep, tamed) == Approx(1).epsilon(2e-3));
        CHECK(lipschitz_sample(deep, tamed, x) < 1);
        CHECK(exact_norm(Eigen::Map<const RowMatrix>(tamed.data(), 12, 6)) ==
              Approx(1).epsilon(1e-3));
    }
    const Eigen::VectorXf small = initialize<float>(deep, Glorot{.gain = 0.01F}, 1);
    CHECK(spectrally_normalized(deep, small, {.only_larger = true}) == small);
    CHECK(std::isnan(lipschitz_sample(one, VectorXd::Constant(28, NAN).eval(), x)));
    CHECK(std::isinf(lipschitz_bound(one, VectorXd::Constant(28, NAN).eval())));
    CHECK_THROWS_WITH(lipschitz_sample(one, theta, x.topRows(5)), contains("5 x 30"));
}

TEST_CASE("Weights go to NumPy files and come back, those of another model are refused") {
    const Folder folder;
    const std::string path = (folder.path / "weights").string();
    const auto model = network(3, dense(5), relu(), dense(2));
    VectorXd theta = normal_numbers(model.parameters(), 1, 4);
    theta[3] = std::numeric_limits<double>::infinity();
    save_weights(model, theta, path);
    CHECK(load_weights(model, path) == theta);
    CHECK(load_weights<float>(model, path) == theta.cast<float>());
    const auto first = read_npy(path + "/dense1.weights.npy");
    CHECK(first == Eigen::Map<const RowMatrix>(theta.data(), 5, 3));
    save_weights(model, theta.cast<float>(), path);
    CHECK(load_weights(model, path) == theta.cast<float>().cast<double>());

    CHECK_THROWS_WITH(
        load_weights(network(3, dense(6), relu(), dense(2)), path),
        contains("the array is 5 x 3") && contains("dense1.weights") && contains("6 x 3"));
    CHECK_THROWS_WITH(load_weights(network(3, dense(5), relu(), dense(2), relu(), dense(2)), path),
                      contains("dense3.weights of the network is 2 x 2"));
    CHECK_THROWS_WITH(load_weights(network(3, dense(5)), path), contains("no block of that name"));
    CHECK_THROWS_AS(load_weights(model, path + "/none"), DataError);
    write_npy(path + "/dense2.bias.npy", MatrixXd::Zero(1, 2));
    CHECK_THROWS_WITH(load_weights(model, path), contains("1 x 2") && contains("is 2 x 1"));
    CHECK_THROWS_AS(save_weights(model, theta.head(3), path), std::invalid_argument);
    CHECK_THROWS_AS(save_weights(model, theta, path + "/dense1.bias.npy"), DataError);
}
