// SPDX-License-Identifier: MIT
// Difficulties injected into networks, and healthy runs of them: see diagnose.cpp.
#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <ermine/diagnostics/diagnose.hpp>
#include <ermine/directions/adam.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/he.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>
#include <ermine/steps/cosine.hpp>

#include "trials.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

/// Three classes about centers of their own.
auto clusters(Index n, double spread, std::uint64_t seed, std::uint64_t examples = 0) {
    Random random{seed};
    Eigen::MatrixXd centers(3, 6);
    for (double& z : centers.reshaped()) z = random.normal();
    random = Random{seed + 1000 * (examples + 1)};
    Eigen::MatrixXd x(n, 6);
    VectorXd y(n);
    for (Index i = 0; i < n; ++i) {
        y[i] = static_cast<double>(random.below(3));
        for (Index j = 0; j < 6; ++j)
            x(i, j) = centers(static_cast<Index>(y[i]), j) + spread * random.normal();
    }
    return Dataset{x, y};
}

auto deep(const Dataset<DenseRows<double>>& data) {
    return EmpiricalRisk{
        network(6, dense(12), relu(), dense(12), relu(), dense(12), relu(), dense(12), relu(),
                dense(12), relu(), dense(12), relu(), dense(12), relu(), dense(3)),
        SoftmaxCrossEntropy{}, data};
}
auto wide(const Dataset<DenseRows<double>>& data) {
    return EmpiricalRisk{network(6, dense(24), relu(), dense(24), relu(), dense(3)),
                         SoftmaxCrossEntropy{}, data};
}
auto smooth(const Dataset<DenseRows<double>>& data) {
    return EmpiricalRisk{network(6, dense(16), tanh(), dense(16), tanh(), dense(3)),
                         SoftmaxCrossEntropy{}, data};
}

constexpr auto sgd_of(double step) { return Minibatch{.size = 32, .seed = 5} | Constant{step}; }

/// The biases of so large a share of the second layer's units far below 0.
VectorXd with_dead(const auto& risk, VectorXd x, double share) {
    for (const ParameterBlock& block : risk.blocks())
        if (block.name == std::string_view("dense2.bias"))
            for (Index i = 0; i < block.rows; ++i)
                if (static_cast<double>(i) < share * static_cast<double>(block.rows))
                    x[block.offset + i] = -100;
    return x;
}

}  // namespace

std::vector<Trial> trials_of_networks(std::uint64_t seed) {
    std::vector<Trial> all;
    const auto data = clusters(300, 0.7, seed);
    const auto d = deep(data);
    const auto w = wide(data);
    const auto t = smooth(data);
    for (int s = 0; s < 3; ++s) {
        const auto at = static_cast<std::size_t>(s);
        const auto add = [&](Difficulty what, Found found) {
            all.push_back(injected(what, s + 1, seed, std::move(found)));
        };
        const double small[] = {0.7, 0.25, 0.1};
        add(Difficulty::vanishing_gradient,
            watched(d, initialize(d, He{.gain = small[at]}, seed), sgd_of(0.05), MaxEpochs{5}));
        const double large[] = {1.5, 6, 15};
        add(Difficulty::exploding_gradient,
            watched(d, initialize(d, He{.gain = large[at]}, seed), sgd_of(1e-12), MaxEpochs{5}));
        const double gain[] = {3, 20, 0};
        VectorXd start = initialize(t, Glorot{}, seed);
        start.head(t.penalized()) *= gain[at];
        add(Difficulty::bad_initialization, watched(t, start, sgd_of(0.01), MaxEpochs{5}));
        const double dead[] = {0.12, 0.5, 0.9};
        add(Difficulty::dead_units, watched(w, with_dead(w, initialize(w, He{}, seed), dead[at]),
                                            sgd_of(0.05), MaxEpochs{5}));
    }
    const auto healthy = [&](const char* name, Found found) {
        all.push_back(
            {name, std::nullopt, 0, seed, std::move(found.diagnosis), std::move(found.by_record)});
    };
    const auto dx = initialize(d, He{}, seed);
    const auto wx = initialize(w, He{}, seed);
    const auto tx = initialize(t, Glorot{}, seed);
    const auto momentum =
        Minibatch{.size = 32} | Momentum{} | Cosine{.initial = 0.02, .epochs = 20};
    healthy("eight layers of ReLU, SGD", watched(d, dx, sgd_of(0.05), MaxEpochs{20}));
    healthy("three layers of ReLU, SGD", watched(w, wx, sgd_of(0.1), MaxEpochs{20}));
    healthy("three layers of ReLU, momentum", watched(w, wx, momentum, MaxEpochs{20}));
    healthy("three layers of ReLU, a few steps", watched(w, wx, sgd_of(0.1), MaxEpochs{1}));
    healthy("three layers of tanh, SGD", watched(t, tx, sgd_of(0.1), MaxEpochs{20}));
    healthy("three layers of tanh, Adam",
            watched(t, tx, Minibatch{.size = 32} | Adam{} | Constant{0.005}, MaxEpochs{20}));
    healthy("three layers of tanh, gradient descent",
            watched(t, tx, FullGradient{} | Constant{0.2}, MaxIterations{150}));
    const auto hard = smooth(clusters(1000, 1.5, seed));
    const auto held_out = smooth(clusters(300, 1.5, seed, 1));
    Diagnostics watch(held_out);
    (void)minimize(hard, tx, sgd_of(0.1), MaxEpochs{10}, watch);
    healthy("three layers of tanh, validated", {diagnose(hard, watch), diagnose(watch.record())});
    return all;
}
