// SPDX-License-Identifier: MIT
// Where a network begins decides whether it learns. From zero all units of a layer are one unit for
// good: the same outputs, so the same gradient, so the same weights after any number of steps. And
// a signal that loses a factor in each layer is gone after fifty: uniform weights on ± 1/√n leave a
// sixth of its square to a layer of ReLUs, weights of variance 2/n keep it (He, Zhang, Ren & Sun,
// "Delving deep into rectifiers", ICCV 2015).
#include <ermine/concepts/layer.hpp>
#include <ermine/data/spirals.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/he.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/models/uniform.hpp>
#include <ermine/models/zero.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstdint>
#include <iomanip>
#include <iostream>

using namespace ermine;

/// The mean square of a random signal before each of fifty layers of 256 ReLUs, and after the last,
/// where it began at 1: what the units add up, in the mean over several networks.
static Eigen::ArrayXd variances(const auto& how) {
    constexpr std::uint64_t networks = 10;
    constexpr Index layers = 50;
    const auto layer = network(256, dense(256));
    typename decltype(layer)::template Memory<float> memory;
    Eigen::ArrayXd mean = Eigen::ArrayXd::Zero(layers + 1);
    Random random(1);
    for (std::uint64_t k = 0; k < networks; ++k) {
        Activations<float>& signal = memory.in.value;
        signal.resize(256, 32);
        for (Index i = 0; i < signal.size(); ++i)
            signal.data()[i] = static_cast<float>(random.normal());
        for (Index depth = 0; depth <= layers; ++depth) {
            mean[depth] +=
                signal.cast<double>().squaredNorm() / static_cast<double>(signal.size()) / networks;
            if (depth == layers) break;
            if (depth > 0) signal = signal.cwiseMax(0);
            const auto weights = initialize<float>(layer, how, 1000 * k + std::uint64_t(depth) + 1);
            layer.forward(Pass{.examples = 32}, weights.data(), memory);
            signal = memory.out->value;
        }
    }
    return mean;
}

int main() {
    // A network of 8 tanh units that is to tell two spirals apart, from zero and from random
    // weights.
    const auto data = spirals({.examples = 400, .seed = 3});
    const EmpiricalRisk risk{network(data.features(), dense(8), tanh(), dense(2)),
                             SoftmaxCrossEntropy{}, data};
    const auto spread = [](const Eigen::VectorXd& theta) {
        const Eigen::Map<const Eigen::Matrix<double, 8, Eigen::Dynamic, Eigen::RowMajor>> weights(
            theta.data(), 8, 2);
        return (weights.rowwise() - weights.row(0)).cwiseAbs().maxCoeff();
    };
    const auto train = [&](const auto& how) {
        return minimize(risk, initialize(risk, how, 7),
                        Minibatch{.size = 20, .seed = 7} | Constant{0.3}, MaxEpochs{100});
    };
    const auto from_zero = train(Zero{});
    const auto from_glorot = train(Glorot{});
    std::cout << "from       risk      largest difference between hidden units\n"
              << "Zero     " << std::setw(8) << from_zero.value << "   " << spread(from_zero.x)
              << "\nGlorot   " << std::setw(8) << from_glorot.value << "   "
              << spread(from_glorot.x) << "\n\nlayer   He          Uniform\n";

    const Eigen::ArrayXd he = variances(He{});
    const Eigen::ArrayXd uniform = variances(Uniform{});
    for (const Index depth : {1, 10, 20, 30, 40, 50})
        std::cout << std::left << std::setw(8) << depth << std::setw(12) << he[depth] / he[1]
                  << uniform[depth] / uniform[1] << '\n';

    const bool one_unit = spread(from_zero.x) == 0;
    const bool many_units = spread(from_glorot.x) > 0.1 && from_glorot.value < from_zero.value;
    const double kept = he[50] / he[1];
    const bool he_keeps = kept > 0.5 && kept < 2;
    const bool uniform_fades = uniform[50] / uniform[1] < 1e-30;
    return one_unit && many_units && he_keeps && uniform_fades ? 0 : 1;
}
