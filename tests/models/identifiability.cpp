// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/diagnostics/loss_along_line.hpp>
#include <ermine/diagnostics/match_hidden.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/canonical_form.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/he.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/orthogonal.hpp>
#include <ermine/models/permute_hidden.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/rescale_unit.hpp>
#include <ermine/models/symmetry_count.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/optimal_assignment.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/shuffle.hpp>
#include <ermine/objectives/network_risk.hpp>

namespace {

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd normal_numbers(Index rows, Index columns, std::uint64_t seed) {
    Random random(seed);
    MatrixXd x(rows, columns);
    for (Index k = 0; k < x.size(); ++k) x.data()[k] = random.normal();
    return x;
}

VectorXd with_biases(const auto& model, std::uint64_t seed) {
    VectorXd theta = initialize(model, He{}, seed);
    const Index biases = model.parameters() - model.penalized();
    theta.tail(biases) = 0.3 * normal_numbers(biases, 1, seed + 100);
    return theta;
}

MatrixXd outputs(const auto& model, const VectorXd& theta, const MatrixXd& x) {
    typename std::remove_cvref_t<decltype(model)>::template Memory<double> memory;
    memory.in.value = x;
    model.forward(Pass{.examples = x.cols()}, theta.data(), memory);
    return memory.out->value;
}

std::vector<Index> random_order(Index n, std::uint64_t seed) {
    std::vector<Index> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), Index{0});
    Random random(seed);
    shuffle(std::span{order}, random);
    return order;
}

const auto relus = network(5, dense(8), relu(), dense(7), relu(), dense(3));
const auto tanhs = network(2, dense(3), tanh(), dense(2));

/// The largest of some linear functions, as any layer of stacked matrices may be; its bias begins
/// at 1.
struct Largest {
    static constexpr const char* name = "largest";
    static constexpr Index parts = 2;
    static constexpr bool fully_connected = true;
    Index units = 1;
    Index pieces = 2;

    template <class T>
    struct Memory {
        Wire<T> out;
    };
    Index outputs(Index, const std::string&) const { return units; }
    void list(Index inputs, auto&& add) const {
        add("weights", pieces * units, inputs, true, pieces);
        add("bias", pieces * units, Index{1}, false, pieces);
    }
    template <class T>
    void starting_values(Index, LayerParameters<T> theta) const {
        VectorXd::Map(theta[1], pieces * units).setOnes();
    }
    template <class T>
    Wire<T>& forward(const Pass&, LayerParameters<const T> theta, Wire<T>& in,
                     Memory<T>& memory) const {
        const Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>
            weights(theta[0], pieces * units, in.value.rows());
        const MatrixXd all =
            (weights * in.value).colwise() + VectorXd(VectorXd::Map(theta[1], pieces * units));
        memory.out.value = all.topRows(units);
        for (Index k = 1; k < pieces; ++k)
            memory.out.value = memory.out.value.cwiseMax(all.middleRows(k * units, units));
        return memory.out;
    }
};

/// The same function by other parameters: both layers shuffled, every unit rescaled.
VectorXd disguised(const VectorXd& theta) {
    VectorXd other = permute_hidden(relus, theta, 0, random_order(8, 1));
    other = permute_hidden(relus, other, 1, random_order(7, 2));
    Random random(3);
    for (Index layer : {0, 1})
        for (Index unit = 0; unit < 8 - layer; ++unit)
            other = rescale_unit(relus, other, layer, unit, std::exp(random.normal()));
    return other;
}

}  // namespace

TEST_CASE("The optimal assignment is the best of all") {
    Random random(4);
    for (Index n = 1; n <= 7; ++n)
        for (const bool ties : {false, true}) {
            MatrixXd cost = normal_numbers(n, n, random.bits());
            if (ties) cost = (2 * cost).array().round();
            const auto sum = [&](const std::vector<Index>& p) {
                double total = 0;
                for (Index i = 0; i < n; ++i) total += cost(i, p[static_cast<std::size_t>(i)]);
                return total;
            };
            std::vector<Index> p(static_cast<std::size_t>(n));
            std::iota(p.begin(), p.end(), Index{0});
            double best = sum(p);
            while (std::next_permutation(p.begin(), p.end())) best = std::min(best, sum(p));
            auto found = optimal_assignment(cost);
            CHECK(sum(found) == Approx(best).epsilon(1e-12).margin(1e-12));
            std::sort(found.begin(), found.end());
            CHECK(std::next_permutation(found.begin(), found.end()) == (n > 1));
        }
    CHECK_THROWS_WITH(optimal_assignment(MatrixXd::Zero(2, 3)), contains("2 x 3"));
    CHECK_THROWS_AS(optimal_assignment(MatrixXd::Constant(2, 2, NAN)), std::invalid_argument);
}

TEST_CASE("Permuted and rescaled units compute the same, and are found again") {
    const VectorXd theta = with_biases(relus, 1);
    const MatrixXd x = normal_numbers(5, 200, 7);
    const MatrixXd y = outputs(relus, theta, x);
    const VectorXd other = disguised(theta);
    CHECK((other - theta).norm() > theta.norm());
    CHECK((outputs(relus, other, x) - y).cwiseAbs().maxCoeff() < 1e-13 * y.cwiseAbs().maxCoeff());
    const VectorXd twice = rescale_unit(relus, theta, 0, 3, 4);
    CHECK(twice != theta);
    CHECK(outputs(relus, twice, x) == y);  // a power of 2: to the last bit

    CHECK((match_hidden(relus, theta, other).aligned - theta).norm() < 1e-13 * theta.norm());
    const auto by_signals = match_hidden(relus, theta, other, x);
    CHECK((by_signals.aligned - theta).norm() < 1e-13 * theta.norm());
    CHECK((canonical_form(relus, other) - canonical_form(relus, theta)).norm() < 1e-13);
    CHECK((outputs(relus, canonical_form(relus, theta), x) - y).norm() < 1e-13 * y.norm());
    // Unit k of theta is unit permutation[k] of the other: undone by itself.
    const auto back = permute_hidden(
        relus, permute_hidden(relus, theta, 1, random_order(7, 2)), 1,
        match_hidden(relus, theta, permute_hidden(relus, theta, 1, random_order(7, 2)))
            .permutations[1]);
    CHECK(back == theta);

    const VectorXd t = with_biases(tanhs, 2);
    const MatrixXd u = normal_numbers(2, 9, 8);
    const VectorXd turned = permute_hidden(tanhs, rescale_unit(tanhs, t, 0, 1, -1), 0, {2, 0, 1});
    CHECK((outputs(tanhs, turned, u) - outputs(tanhs, t, u)).cwiseAbs().maxCoeff() < 1e-15);
    CHECK(canonical_form(tanhs, turned) == canonical_form(tanhs, t));
    CHECK_THROWS_WITH(rescale_unit(tanhs, t, 0, 1, 2), contains("dense1"));
    CHECK_THROWS_WITH(rescale_unit(relus, theta, 0, 0, -1), contains("alpha is -1"));
    CHECK_THROWS_WITH(rescale_unit(relus, theta, 1, 7, 1), contains("it has 7"));
    CHECK_THROWS_WITH(permute_hidden(relus, theta, 2, {}), contains("the network has 2"));
    CHECK_THROWS_WITH(permute_hidden(tanhs, t, 0, {0, 1, 1}), contains("dense1"));
    CHECK_THROWS_WITH(canonical_form(relus, t), contains("numbers, the network 135"));
}

TEST_CASE("Layers of stacked matrices begin, and keep their units together") {
    const auto model = network(4, Largest{.units = 3, .pieces = 2}, dense(2));
    VectorXd theta = initialize(model, Orthogonal{}, 5);
    const Eigen::Map<const Eigen::Matrix<double, 6, 4, Eigen::RowMajor>> w(theta.data());
    for (Index k : {0, 3})
        CHECK((w.middleRows(k, 3) * w.middleRows(k, 3).transpose())
                  .isApprox(Eigen::Matrix3d::Identity(), 1e-14));
    CHECK(theta.segment(model.penalized(), 6) == VectorXd::Ones(6));
    CHECK(theta.tail(2).isZero(0));
    theta.tail(8) = normal_numbers(8, 1, 3);
    VectorXd other = rescale_unit(model, permute_hidden(model, theta, 0, {2, 0, 1}), 0, 1, 3);
    other = rescale_unit(model, other, 0, 2, 0.1);
    const MatrixXd x = normal_numbers(4, 50, 9);
    CHECK((outputs(model, other, x) - outputs(model, theta, x)).norm() < 1e-13);
    CHECK((match_hidden(model, theta, other).aligned - theta).norm() < 1e-14);
    CHECK((canonical_form(model, theta) - canonical_form(model, other)).norm() < 1e-14);
    CHECK_THROWS_WITH(rescale_unit(model, theta, 0, 1, -1), contains("largest1"));
    CHECK(symmetry_count(model).permutations == 6);
}

TEST_CASE("As many symmetries as a search among all signed permutations finds") {
    const VectorXd theta = with_biases(tanhs, 5);
    const MatrixXd x = normal_numbers(2, 6, 6);
    const MatrixXd y = outputs(tanhs, theta, x);
    std::uint64_t same = 0;
    std::uint64_t same_without_signs = 0;
    std::vector<Index> order{0, 1, 2};
    do {
        for (int signs = 0; signs < 64; ++signs) {  // what comes in and what goes out, on its own
            VectorXd other = permute_hidden(tanhs, theta, 0, order);
            for (Index k = 0; k < 3; ++k) {
                if ((signs >> k & 1) != 0) {
                    other.segment(2 * k, 2) *= -1;
                    other[12 + k] *= -1;
                }
                if ((signs >> (3 + k) & 1) != 0) {
                    other[6 + k] *= -1;
                    other[9 + k] *= -1;
                }
            }
            if ((outputs(tanhs, other, x) - y).norm() < 1e-12) {
                ++same;
                if (signs == 0) ++same_without_signs;
            }
        }
    } while (std::next_permutation(order.begin(), order.end()));
    const SymmetryCount count = symmetry_count(tanhs);
    CHECK(count.permutations == same_without_signs);
    CHECK(*count.permutations << count.sign_flips == same);
    CHECK(count.rescalings == 0);

    const SymmetryCount two = symmetry_count(relus);
    CHECK(two.permutations == 40320 * 5040);
    CHECK(two.log_permutations == Approx(std::log(40320 * 5040.0)).epsilon(1e-14));
    CHECK(two.rescalings == 15);
    CHECK(symmetry_count(network(2, dense(20), tanh(), dense(1))).permutations ==
          2432902008176640000U);
    const SymmetryCount many =
        symmetry_count(network(2, dense(21), relu(), dense(500), relu(), dense(1)));
    CHECK(!many.permutations);
    CHECK(many.log_permutations == Approx(std::lgamma(22.0) + std::lgamma(501.0)).epsilon(1e-13));
}

TEST_CASE("At a minimum each ReLU unit can be rescaled: a flat direction that a penalty closes") {
    // A network's own outputs with noise: its minimum lies near that network, away from kinks.
    const auto model = network(2, dense(3), relu(), dense(1));
    VectorXd teacher(model.parameters());
    teacher << 1, 0.2, -0.5, 1, -0.4, -1, 1, -1.5, 1.2, 0.3, 0.2, 0.4, 0.1;
    const MatrixXd x = normal_numbers(2, 120, 6);
    const VectorXd y = outputs(model, teacher, x).transpose() + 0.01 * normal_numbers(120, 1, 7);
    const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows =
        x.transpose();
    const EmpiricalRisk risk{model, SquaredLoss{}, Dataset{rows, y}};
    const Index n = risk.parameters();
    const auto hessian = [&](const VectorXd& theta) {
        MatrixXd H(n, n);
        VectorXd column;
        for (Index k = 0; k < n; ++k) {
            risk.hessian_product(theta, VectorXd::Unit(n, k), column);
            H.col(k) = column;
        }
        return H;
    };
    // Newton's method, kept downhill: H + μ I with the penalty's share, a step that is halved.
    const auto minimum = [&](double lambda) {
        VectorXd theta = teacher;
        VectorXd weight = VectorXd::Zero(n);
        weight.head(model.penalized()).setConstant(lambda);
        VectorXd g;
        VectorXd unused;
        const auto value = [&](const VectorXd& at) {
            return risk.value(at) + 0.5 * weight.dot(at.cwiseProduct(at));
        };
        for (int step = 0; step < 100; ++step) {
            risk.value_and_gradient(theta, g);
            g += weight.cwiseProduct(theta);
            if (g.norm() < 1e-13) break;
            const Eigen::SelfAdjointEigenSolver<MatrixXd> spectrum(hessian(theta) +
                                                                   MatrixXd(weight.asDiagonal()));
            const VectorXd length = spectrum.eigenvalues().cwiseAbs().cwiseMax(1e-6);
            const VectorXd d = -(spectrum.eigenvectors() *
                                 (spectrum.eigenvectors().transpose() * g).cwiseQuotient(length));
            double t = 1;
            while (t > 1e-8 && value(theta + t * d) > value(theta)) t /= 2;
            theta += t * d;
        }
        CHECK(g.norm() < 1e-10);
        const Eigen::SelfAdjointEigenSolver<MatrixXd> spectrum(hessian(theta) +
                                                               MatrixXd(weight.asDiagonal()));
        CHECK(spectrum.eigenvalues()[0] > -1e-9);  // a minimum
        return spectrum.eigenvalues();
    };
    const VectorXd free = minimum(0);
    CHECK((free.array().abs() < 1e-9).count() == 3);
    CHECK(free[3] > 1e-4);
    const VectorXd penalized = minimum(1e-3);
    CHECK(penalized[0] > 1e-4);
}

TEST_CASE("The line between two networks of one function has a barrier, unless they are matched") {
    const VectorXd theta = with_biases(relus, 1);
    const MatrixXd x = normal_numbers(5, 200, 7);
    struct Distance {
        const MatrixXd& x;
        MatrixXd y;
        double value(const VectorXd& at) const { return (outputs(relus, at, x) - y).squaredNorm(); }
    };
    const Distance distance{x, outputs(relus, theta, x)};
    const VectorXd other = disguised(theta);
    const auto before = loss_along_line(distance, theta, other);
    const auto after = loss_along_line(distance, theta, match_hidden(relus, theta, other).aligned);
    CHECK(before.values[0] == 0);
    CHECK(before.values[24] < 1e-20);
    CHECK(before.barrier() > 100);
    CHECK(after.barrier() < 1e-20);
    CHECK_THROWS_AS(loss_along_line(distance, theta, other, 1), std::invalid_argument);
    CHECK_THROWS_AS(loss_along_line(distance, theta, other.head(9)), std::invalid_argument);
}
