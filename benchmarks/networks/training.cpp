// SPDX-License-Identifier: MIT
// Compiled twice: with ermine::blas it is a library of its own, which shares no template with the
// other.

#include "training.hpp"

#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/constant.hpp>

namespace networks {

namespace {

Training begin(const Task& task, const auto& network) {
    using namespace ermine;
    const auto method = Minibatch{.size = task.work.batch} | Momentum{.decay = double{decay}} |
                        Constant{.size = double{rate}};
    auto risk = std::make_shared<EmpiricalRisk<std::remove_cvref_t<decltype(network)>,
                                               SoftmaxCrossEntropy, DenseRows<float>, float>>(
        network, SoftmaxCrossEntropy{}, Dataset{task.features, task.classes});
    auto state = std::make_shared<decltype(method.start(*risk, task.start))>(
        method.start(*risk, task.start));
    return [method, risk, state](Eigen::Index steps) {
        double sum = 0;
        for (Eigen::Index k = 0; k < steps; ++k) {
            if (method.advance(*risk, *state) != Outcome::advanced) std::abort();
            sum += state->here.value;
        }
        return sum / static_cast<double>(steps);
    };
}

}  // namespace

#ifdef NETWORKS_BY_BLAS
[[gnu::visibility("default")]] Training train_by_blas(const Task& task) {
#else
Training train(const Task& task) {
#endif
    using namespace ermine;
    const auto& widths = task.work.widths;
    if (widths.size() == 3)
        return begin(task, network(widths[0], dense(widths[1]), relu(), dense(widths[2])));
    if (widths.size() == 4)
        return begin(task, network(widths[0], dense(widths[1]), relu(), dense(widths[2]), relu(),
                                   dense(widths[3])));
    throw std::invalid_argument("networks of two or three layers are compiled in: " +
                                task.work.name());
}

}  // namespace networks
