// SPDX-License-Identifier: MIT
// The derivative of a recurrent layer's last state by its earlier ones, in closed form and against
// differences.
#include <Eigen/Core>
#include <Eigen/QR>

#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <ermine/data/sequences.hpp>
#include <ermine/data/windows.hpp>
#include <ermine/diagnostics/state_gradients.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/gru.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/lstm.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/rnn.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/sequence_risk.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Verdict = GradientFlow::Verdict;

namespace {

MatrixXd normal_matrix(Index rows, Index columns, std::uint64_t seed) {
    Random random{seed};
    MatrixXd a(rows, columns);
    for (Index i = 0; i < a.size(); ++i) a.data()[i] = random.normal();
    return a;
}

Sequences<double> sequences(const std::vector<Index>& lengths, Index features = 2) {
    Index total = 0;
    for (const Index length : lengths) total += length;
    return {normal_matrix(total, features, 1), VectorXd(normal_matrix(total, 1, 2)), lengths};
}

/// Puts a matrix into a block, row by row.
void put(const auto& model, VectorXd& theta, const std::string& name, const MatrixXd& a) {
    for (const ParameterBlock& block : model.blocks())
        if (block.name == name)
            theta.segment(block.offset, a.size()) = MatrixXd(a.transpose()).reshaped();
}

MatrixXd turn(Index n) {
    return Eigen::HouseholderQR<MatrixXd>(normal_matrix(n, n, 7)).householderQ();
}

const auto linear = network(2, rnn(5, Squash::identity), dense(1));

}  // namespace

TEST_CASE("in a linear recurrent layer that turns and scales by ρ the gradient is ρ^t") {
    const EmpiricalRisk risk{linear, SquaredLoss{}, sequences({12, 30, 3, 30, 31})};
    for (const double rho : {0.5, 0.98, 1.0, 1.6}) {
        VectorXd theta = initialize(risk, Glorot{}, 3);
        put(linear, theta, "rnn1.recurrent_weights", rho * turn(5));
        const auto s = state_gradients(risk + L2{1e-3}, theta, {.examples = 3});
        INFO("factor " << rho);
        REQUIRE(s.layers.size() == 1);
        const LayerStateGradients& layer = s.layers[0];
        CHECK(layer.name == "rnn1");
        CHECK(layer.exact);
        CHECK(s.examples == 3);
        REQUIRE(layer.norm.size() == 30);  // the three longest have 30 steps in common
        for (std::size_t k = 0; k < 30; ++k) {
            CHECK(layer.norm[k].value ==
                  Approx(std::pow(rho, static_cast<double>(k))).epsilon(1e-12));
            CHECK(layer.norm[k].error < 1e-10 * layer.norm[k].value);
        }
        CHECK(layer.flow.ratio == Approx(rho).epsilon(1e-12));
        CHECK(layer.flow.verdict == (rho == 0.5   ? Verdict::vanishing
                                     : rho == 1.6 ? Verdict::exploding
                                                  : Verdict::neither));
        if (rho == 0.5) CHECK(layer.flow.horizon() == Approx(std::log(0.01) / std::log(0.5)));
        // of a part of the directions, drawn at random: of a turn all are alike
        const auto drawn = state_gradients(risk, theta, {.steps = 9, .probes = 2});
        CHECK_FALSE(drawn.layers[0].exact);
        CHECK(drawn.layers[0].norm.size() == 3);  // one of the five has 3 steps
        CHECK(drawn.layers[0].norm[2].value == Approx(rho * rho).epsilon(1e-12));
    }
}

TEST_CASE("for any matrix it is the root mean square of the singular values of its powers") {
    const EmpiricalRisk risk{linear, SquaredLoss{}, sequences({8, 8, 8, 8, 8, 8, 8, 8})};
    VectorXd theta = initialize(risk, Glorot{}, 3);
    const MatrixXd u = 0.4 * normal_matrix(5, 5, 9);
    put(linear, theta, "rnn1.recurrent_weights", u);
    const auto exact = state_gradients(risk, theta).layers[0];
    MatrixXd power = MatrixXd::Identity(5, 5);
    for (std::size_t k = 0; k < 8; ++k) {
        CHECK(exact.norm[k].value == Approx(power.norm() / std::sqrt(5)).epsilon(1e-12));
        power = u * power;
    }
    // random directions have the right mean, and say how wrong they may be
    int within = 0;
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto drawn = state_gradients(risk, theta, {.probes = 4, .seed = seed}).layers[0];
        const double truth = exact.norm[5].value;
        if (std::abs(drawn.norm[5].value - truth) <= drawn.norm[5].error) ++within;
        sum += drawn.norm[5].value * drawn.norm[5].value / (truth * truth);
    }
    CHECK(sum / 200 == Approx(1).epsilon(0.05));
    CHECK(within >= 180);  // of 190 expected; the error is that of 8 skew means
}

namespace {

/// ‖∂h_T/∂(h, state)_{T−k}‖_F / √units by differences: forward to T − k, a push, and on.
template <class L>
double by_differences(const L& layer, const VectorXd& theta, const std::vector<Index>& at,
                      const MatrixXd& x, Index k) {
    using Cell = decltype(layer.cell);
    const Index units = layer.units;
    const LayerParameters<const double> own{theta.data(), at.data()};
    const auto end = [&](Index unit, bool state, double push) {
        typename L::template Memory<double> memory;
        Wire<double> in;
        in.value = x.leftCols(x.cols() - k);
        layer.forward(Pass{.examples = 1, .steps = x.cols() - k}, own, in, memory);
        auto& pushed = state ? memory.value.extras : memory.out.value;
        pushed(unit, pushed.cols() - 1) += push;
        in.value = x.rightCols(k);
        const Pass on{.examples = 1, .steps = k, .state = InitialState::carried};
        return VectorXd(layer.forward(on, own, in, memory).value.col(k - 1));
    };
    double sum = 0;
    for (const bool state : {false, true}) {
        if (state && !Cell::has_state) continue;
        for (Index unit = 0; unit < units; ++unit)
            sum += ((end(unit, state, 1e-5) - end(unit, state, -1e-5)) / 2e-5).squaredNorm();
    }
    return std::sqrt(sum / static_cast<double>(units));
}

template <class Model>
void check_layers(const Model& model) {
    const auto data = sequences({7});
    const EmpiricalRisk risk{model, SquaredLoss{}, data};
    const VectorXd theta = 0.8 * normal_matrix(risk.parameters(), 1, 4);
    const auto s = state_gradients(risk, theta);
    REQUIRE(s.layers.size() == std::tuple_size_v<decltype(model.layers().layers)> - 1);
    MatrixXd x(2, 7);
    for (Index t = 0; t < 7; ++t)
        for (Index j = 0; j < 2; ++j) x(j, t) = data.steps().rows().row(t)[j];
    std::size_t place = 0;
    model.layers().each_shape(2, [&](const auto& layer, const std::string& label, Index, Index,
                                     Index earlier) {
        if constexpr (requires { layer.cell; }) {
            std::vector<Index> at;
            for (std::size_t b = static_cast<std::size_t>(earlier); b < model.blocks().size(); ++b)
                at.push_back(model.blocks()[b].offset);
            for (const Index k : {1, 3, 6}) {
                INFO(label << ", " << k << " steps");
                CHECK(s.layers[place].norm[static_cast<std::size_t>(k)].value ==
                      Approx(by_differences(layer, theta, at, x, k)).epsilon(1e-6));
            }
            ++place;
            Wire<double> in;
            in.value = x;
            typename std::remove_cvref_t<decltype(layer)>::template Memory<double> memory;
            const LayerParameters<const double> own{theta.data(), at.data()};
            x = layer.forward(Pass{.examples = 1, .steps = 7}, own, in, memory).value;
        }
    });
}

}  // namespace

TEST_CASE("for all cells, one above the other, it agrees with differences") {
    check_layers(network(2, rnn(3), gru(5), lstm(6), dense(1)));
}

TEST_CASE("streams are looked at over their first window") {
    const auto steps = sequences({24}).steps();
    const EmpiricalRisk risk{linear, SquaredLoss{}, windows(steps, {.steps = 4, .streams = 3})};
    VectorXd theta = initialize(risk, Glorot{}, 3);
    put(linear, theta, "rnn1.recurrent_weights", 0.01 * turn(5));
    const auto s = state_gradients(risk, theta);
    CHECK(s.examples == 3);
    REQUIRE(s.layers[0].norm.size() == 4);
    CHECK(s.layers[0].norm[3].value == Approx(1e-6).epsilon(1e-12));
    CHECK(s.layers[0].flow.verdict == Verdict::vanishing);
    std::ostringstream text;
    text << s;
    CHECK(text.str().find("vanishing, times 1e-06 over 3 steps, times 0.01 a step") !=
          std::string::npos);
    CHECK(text.str().find("1 % is left after 1 steps") != std::string::npos);
}

TEST_CASE("state gradients refuse what has no states, in a sentence") {
    const EmpiricalRisk risk{linear, SquaredLoss{}, sequences({1, 1})};
    const VectorXd theta = initialize(risk, Glorot{}, 3);
    CHECK_THROWS_WITH(state_gradients(risk, theta), contains("a single step"));
    CHECK_THROWS_WITH(state_gradients(risk, VectorXd(VectorXd::Zero(2))),
                      contains("the parameter vector has 2 numbers"));
    CHECK_THROWS_WITH(
        state_gradients(risk, VectorXd(theta * std::numeric_limits<double>::quiet_NaN())),
        contains("not finite"));
    CHECK_THROWS_WITH(state_gradients(risk, theta, {.examples = 0}),
                      contains("StateGradientOptions.examples is 0"));
    CHECK_THROWS_WITH(state_gradients(risk, theta, {.probes = 0}),
                      contains("StateGradientOptions.probes is 0"));
    CHECK_THROWS_WITH(state_gradients(risk, theta, {.steps = 0}),
                      contains("StateGradientOptions.steps is 0"));
    const auto still = network(2, dense(3), dense(1));
    const EmpiricalRisk flat{still, SquaredLoss{}, sequences({4, 4})};
    CHECK_THROWS_WITH(state_gradients(flat, initialize(flat, Glorot{}, 3)),
                      contains("no recurrent layer"));
}
