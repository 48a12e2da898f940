// SPDX-License-Identifier: MIT
// Training a deep network of sigmoids from small random weights goes nowhere for long: each layer
// takes a factor off the slope (σ' ≤ 1/4, and small weights), so the first layers hardly hear of
// the loss. Layers that were trained before, one by one, each to encode what the one before it
// hands on, start where slopes get through: in the same passes over the data, those of pretraining
// counted, the network then reaches a loss that it does not from random weights (Bengio, Lamblin,
// Popovici & Larochelle, "Greedy layer-wise training of deep networks", NIPS 2006).
#include <ermine/data/blobs.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/activation.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/normal.hpp>
#include <ermine/numerics/sigmoid.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/pretrain.hpp>
#include <ermine/steps/constant.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <limits>

using namespace ermine;

/// 1 / (1 + exp(−x)), an activation of one's own: value, slope and bend from the value y alone.
struct Logistic {
    static constexpr const char* name = "logistic";
    auto value(const auto& x) const { return sigmoid(x); }
    auto slope(const auto& y) const { return y * (1 - y); }
    auto bend(const auto& y) const { return 1 - 2 * y; }
};

int main() {
    const Activation<Logistic> sigmoids;
    constexpr double pretraining = 12;  // epochs a layer
    constexpr double epochs = 100;      // in all
    std::cout << "seed   random weights, best of 4 rates   after pretraining   guessing\n";
    bool claim = true;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const auto data =
            blobs({.examples = 1000, .features = 20, .classes = 4, .distance = 3, .seed = seed});
        const EmpiricalRisk risk{
            network(20, dense(20), sigmoids, dense(20), sigmoids, dense(20), sigmoids, dense(20),
                    sigmoids, dense(20), sigmoids, dense(20), sigmoids, dense(4)),
            SoftmaxCrossEntropy{}, data};
        const auto small = initialize(risk, Normal{.deviation = 0.1}, seed);
        const auto learn = [&](double rate) {
            return Minibatch{.size = 20, .seed = seed} | Momentum{.decay = 0.9} | Constant{rate};
        };
        double best = std::numeric_limits<double>::infinity();
        for (const double rate : {0.03, 0.1, 0.3, 1.0})
            best = std::min(best, minimize(risk, small, learn(rate), MaxEpochs{epochs}).value);
        const auto start = pretrain(risk, small, learn(0.1), MaxEpochs{pretraining}, seed);
        const auto trained = minimize(risk, start.x, learn(0.3), MaxEpochs{epochs - start.epochs});
        std::cout << std::setw(4) << seed << std::setw(26) << best << std::setw(25) << trained.value
                  << std::setw(15) << std::log(4.0) << '\n';
        claim &= start.epochs + trained.epochs <= epochs && best > 1.3 && trained.value < 0.1;
    }
    return claim ? 0 : 1;
}
