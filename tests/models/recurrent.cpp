// SPDX-License-Identifier: MIT
#include "check_derivatives.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/data/sequences.hpp>
#include <ermine/data/windows.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/gru.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/lstm.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/rnn.hpp>
#include <ermine/numerics/autodiff.hpp>
#include <ermine/objectives/sequence_risk.hpp>

namespace {

const std::vector<Index> lengths{3, 5, 1, 4, 5, 2, 3, 5, 1, 4, 2};

/// Sequences of these lengths, with a target a step or one each.
Sequences<double> some_sequences(const std::vector<Index>& of, bool each_step = true) {
    const Index total = std::accumulate(of.begin(), of.end(), Index{0});
    const Rows x = normal_vector(2 * total, 1).reshaped(total, 2);
    const auto targets = each_step ? total : static_cast<Index>(of.size());
    return {x, normal_vector(targets, 2), of};
}

/// All kinds of layers, of units that are no multiple of a register's lanes.
const auto all_kinds = network(2, rnn(3), rnn(2, Squash::relu), gru(3), lstm(3), dense(1));

using Risk =
    EmpiricalRisk<std::remove_cvref_t<decltype(all_kinds)>, SquaredLoss, Sequences<double>, double>;

Risk risk_of(const Sequences<double>& data) { return {all_kinds, SquaredLoss{}, data}; }

std::vector<std::int32_t> from(std::int32_t begin, std::int32_t count) {
    std::vector<std::int32_t> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), begin);
    return rows;
}

}  // namespace

TEST_CASE("Derivatives of recurrent layers agree with differences, with unequal lengths") {
    check_risk(risk_of(some_sequences(lengths)), 3);
}

TEST_CASE("Derivatives agree with differences where recurrent weights are left out") {
    const auto dropping =
        network(2, rnn(3), rnn(2, Squash::relu), Gru{.units = 3, .recurrent_dropout = 0.4},
                lstm(3, {.recurrent_dropout = 0.3}), dense(1));
    const auto data = some_sequences(lengths);
    const Risk risk{dropping, SquaredLoss{}, data};
    check_risk(risk, 3);
    const VectorXd theta = some_parameters(risk, 3);
    CHECK(risk.value(theta) == risk_of(data).value(theta));
    CHECK(risk.value(theta, from(0, 3)) != risk_of(data).value(theta, from(0, 3)));
    CHECK_THROWS_WITH(network(2, lstm(3, {.recurrent_dropout = 1})),
                      contains("lstm1.recurrent_dropout is 1"));
}

TEST_CASE("Derivatives agree with differences where there is one target a sequence") {
    check_risk(risk_of(some_sequences(lengths, false)), 4);
}

TEST_CASE("Derivatives in a window agree with differences from the state that is carried in") {
    const auto whole = some_sequences({24});
    const Risk risk = risk_of(windows(whole.steps(), {.steps = 4, .streams = 3}));
    const VectorXd theta = some_parameters(risk, 5);
    const auto before = from(0, 3);
    const auto batch = from(3, 3);
    VectorXd g;
    VectorXd fresh;
    risk.value_and_gradient(theta, batch, fresh);  // not behind the window before: from zero
    risk.value(theta, before);
    risk.value_and_gradient(theta, batch, g);
    CHECK((g - fresh).norm() > 1e-2 * g.norm());
    check_derivatives(
        {[&](const VectorXd& x, VectorXd& to) { return risk.value_and_gradient(x, batch, to); },
         [&](const VectorXd& x, const VectorXd& v, VectorXd& to) {
             risk.hessian_product(x, batch, v, to);
         },
         [&](const VectorXd& x, const VectorXd& v, VectorXd& to) {
             risk.gauss_newton_product(x, batch, v, to);
         },
         {}},
        theta, ArrayXd::Ones(theta.size()));
    VectorXd again;
    risk.value_and_gradient(theta, batch, again);  // the state was kept for all of these
    CHECK(again == g);
}

TEST_CASE("Values over windows carry the state, whose gradient is cut") {
    const auto whole = some_sequences({24});
    const auto two = some_sequences({12, 12});
    const VectorXd theta = some_parameters(risk_of(two), 6);
    VectorXd full;
    VectorXd cut;
    const double value = risk_of(two).value_and_gradient(theta, full);
    const auto by_windows = [&](Index steps) {
        return risk_of(windows(whole.steps(), {.steps = steps, .streams = 2}))
            .value_and_gradient(theta, cut);
    };
    CHECK(by_windows(12) == Approx(value).epsilon(1e-14));  // one window: nothing is cut
    CHECK((cut - full).norm() < 1e-13 * full.norm());
    CHECK(by_windows(5) == Approx(value).epsilon(1e-14));  // the last window has 2 steps
    CHECK((cut - full).norm() > 1e-3 * full.norm());
    const Risk anew = risk_of(windows(whole.steps(), {.steps = 4}));
    CHECK(anew.examples() == 6);
    CHECK(anew.value(theta) != Approx(value).epsilon(1e-4));
}

TEST_CASE("A mean over sequences is one over their steps, and padding counts nothing") {
    const auto data = some_sequences({3, 5, 1});
    const Risk together = risk_of(data);
    const VectorXd theta = some_parameters(together, 7);
    VectorXd g;
    const double value = together.value_and_gradient(theta, g);
    double sum = 0;
    VectorXd gradients = VectorXd::Zero(theta.size());
    for (const std::int32_t i : {0, 1, 2}) {
        const Risk alone = risk_of(data.select(std::vector<std::int32_t>{i}));
        VectorXd own;
        const double steps = static_cast<double>(data.length(i));
        sum += steps * alone.value_and_gradient(theta, own);
        gradients += steps * own;
    }
    CHECK(value == Approx(sum / 9).epsilon(1e-14));
    CHECK((g - gradients / 9).norm() < 1e-14 * g.norm());
    CHECK(together.losses(theta).size() == 9);
    CHECK(together.losses(theta).mean() == Approx(value).epsilon(1e-14));
    CHECK((together.predictions(theta).col(0) - data.steps().targets().array()).square().mean() ==
          Approx(2 * value).epsilon(1e-14));

    // Whatever stands behind the ends.
    typename decltype(all_kinds)::Memory<double> memory;
    const Index ends[] = {1, 3};
    const Pass pass{.examples = 2, .steps = 3, .lengths = ends};
    MatrixXd x = MatrixXd::Ones(2, 6);
    memory.in.value = x;
    all_kinds.forward(pass, theta.data(), memory);
    const MatrixXd clean = memory.out->value;
    for (const Index padding : {2, 4}) x.col(padding).setConstant(std::nan(""));
    memory.in.value = x;
    all_kinds.forward(pass, theta.data(), memory);
    CHECK(memory.out->value == clean);
}

TEST_CASE("The empirical Fisher matrix is of the gradients of sequences, not of steps") {
    const Risk risk = risk_of(some_sequences({3, 5, 1}));
    const VectorXd theta = some_parameters(risk, 10);
    const VectorXd v = normal_vector(theta.size(), 11);
    VectorXd expected = VectorXd::Zero(theta.size());
    for (const std::int32_t i : {0, 1, 2}) {
        VectorXd g;
        risk.value_and_gradient(theta, std::vector<std::int32_t>{i}, g);
        expected += g * g.dot(v) / 3;
    }
    VectorXd product;
    risk.empirical_fisher_product(theta, v, product);
    CHECK((product - expected).norm() < 1e-13 * expected.norm());
}

TEST_CASE("An LSTM is its formulas, unrolled") {
    const auto data = some_sequences({3, 2});
    const auto model = network(2, lstm(2), dense(1));
    const EmpiricalRisk risk{model, SquaredLoss{}, data};
    // θ: W 8 × 2, U 8 × 2, w 1 × 2, then the biases 8 and 1
    const auto unrolled = autodiff([&](const auto& x) {
        using S = typename std::remove_cvref_t<decltype(x)>::Scalar;
        const auto logistic = [](const S& z) { return S(1) / (S(1) + exp(-z)); };
        S sum(0);
        for (Index i = 0; i < 2; ++i) {
            S h[2] = {S(0), S(0)};
            S c[2] = {S(0), S(0)};
            for (Index t = 0; t < data.length(i); ++t) {
                const Index row = data.begin(i) + t;
                const double* features = data.steps().rows().row(row);
                S a[8];
                for (Index j = 0; j < 8; ++j)
                    a[j] = x[2 * j] * features[0] + x[2 * j + 1] * features[1] +
                           x[16 + 2 * j] * h[0] + x[17 + 2 * j] * h[1] + x[34 + j];
                for (Index u = 0; u < 2; ++u) {
                    c[u] = logistic(a[2 + u]) * c[u] + logistic(a[u]) * tanh(a[4 + u]);
                    h[u] = logistic(a[6 + u]) * tanh(c[u]);
                }
                const S error = x[32] * h[0] + x[33] * h[1] + x[42] - data.steps().targets()[row];
                sum += error * error / 2;
            }
        }
        return sum / S(5);
    });
    const VectorXd theta = normal_vector(risk.parameters(), 8);
    REQUIRE(theta.size() == 43);
    VectorXd g;
    VectorXd expected;
    CHECK(risk.value_and_gradient(theta, g) ==
          Approx(unrolled.value_and_gradient(theta, expected)).epsilon(1e-14));
    CHECK((g - expected).norm() < 1e-13 * g.norm());
}

TEST_CASE("The forget gate begins open") {
    const auto model = network(2, lstm(3), lstm(3, {.forget_bias = 0.5}), dense(1));
    const VectorXd theta = initialize(model, Glorot{}, 3);
    for (const auto& block : model.blocks()) {
        const auto values = theta.segment(block.offset, block.rows * block.columns);
        if (block.name == "lstm1.bias" || block.name == "lstm2.bias") {
            CHECK(block.stacked == 4);
            VectorXd expected = VectorXd::Zero(12);
            expected.segment(3, 3).setConstant(block.name == "lstm1.bias" ? 1 : 0.5);
            CHECK(values == expected);
        }
        if (block.name == "lstm1.recurrent_weights") {
            CHECK(block.rows == 12);
            CHECK(block.columns == 3);
            CHECK(block.offset + block.rows * block.columns <= model.penalized());
        }
    }
}

#ifdef _OPENMP
namespace {

/// Derivatives on one, two and three threads have the same bits.
void check_threads(const auto& risk) {
    const VectorXd theta = some_parameters(risk, 9);
    const VectorXd v = normal_vector(theta.size(), 5);
    const int threads = omp_get_max_threads();
    VectorXd g[3];
    VectorXd Hv[3];
    for (const int count : {1, 2, 3}) {
        omp_set_num_threads(count);
        risk.value_and_gradient(theta, g[count - 1]);
        risk.hessian_product(theta, v, Hv[count - 1]);
    }
    omp_set_num_threads(threads);
    for (const int more : {1, 2}) {
        CHECK(g[0] == g[more]);
        CHECK(Hv[0] == Hv[more]);
    }
}

}  // namespace

TEST_CASE("Recurrent layers have the same bits on any number of threads") {
    check_threads(risk_of(some_sequences(std::vector<Index>(40, 6))));
}

TEST_CASE("And so they have where threads share the rows of large weights") {
    const auto large = network(2, gru(230), lstm(190), dense(1));
    for (const std::size_t examples : {1U, 5U})
        check_threads(
            EmpiricalRisk{large, SquaredLoss{}, some_sequences(std::vector<Index>(examples, 4))});
}
#endif

TEST_CASE("Sequences refuse what makes no sense, in words") {
    const Rows x = Rows::Ones(4, 2);
    const VectorXd y = VectorXd::Ones(4);
    const auto sequences = [&](const std::vector<Index>& of) { return Sequences(x, y, of); };
    CHECK_THROWS_WITH(sequences({4, 0}), contains("sequence 1 has length 0"));
    CHECK_THROWS_WITH(sequences({4, 1}), contains("X has 4 rows") && contains("sum to 5"));
    CHECK_THROWS_WITH(Sequences(x, VectorXd(VectorXd::Ones(3)), {2, 2}), contains("3 targets"));
    CHECK_THROWS_WITH(windows(sequences({4}).steps(), {.steps = 0}), contains("steps is 0"));
    CHECK_THROWS_WITH(windows(sequences({4}).steps(), {.streams = 5}), contains("5 streams"));
    CHECK_THROWS_WITH(network(2, lstm(0)), contains("lstm1.units is 0"));
    const Rows wide = Rows::Ones(4, 3);
    CHECK_THROWS_WITH(risk_of(Sequences(wide, y, {4})),
                      contains("takes 2 features") && contains("4 x 3"));

    const Risk streams = risk_of(windows(sequences({4}).steps(), {.steps = 1, .streams = 2}));
    const VectorXd theta = some_parameters(streams, 1);
    CHECK_THROWS_WITH(streams.value(theta, from(1, 2)), contains("one window of each of 2"));
    CHECK_THROWS_WITH(streams.value(theta, from(0, 4)), contains("one window of each of 2"));
    typename decltype(all_kinds)::Memory<double> memory;
    memory.in.value = MatrixXd::Ones(2, 5);
    const Pass uneven{.examples = 2, .steps = 3};
    CHECK_THROWS_WITH(all_kinds.forward(uneven, theta.data(), memory),
                      contains("rnn: 5 columns come in, not 3 steps of 2 examples"));
}
