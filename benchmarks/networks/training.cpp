// SPDX-License-Identifier: MIT
// Compiled twice: with ermine::blas it is a library of its own, which shares no template with the
// other.

#include "training.hpp"

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <vector>

#include <ermine/data/sequences.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/lstm.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/sequence_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/constant.hpp>

namespace networks {

namespace {

Training begin(const Task& task, const auto& network, const auto& data) {
    using namespace ermine;
    const auto method = Minibatch{.size = task.work.batch} | Momentum{.decay = double{decay}} |
                        Constant{.size = double{rate}};
    using Risk = decltype(EmpiricalRisk{network, SoftmaxCrossEntropy{}, data});
    auto risk = std::make_shared<Risk>(network, SoftmaxCrossEntropy{}, data);
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
    if (task.work.steps > 1)
        return begin(
            task, network(widths[0], lstm(widths[1]), dense(widths[2])),
            Sequences(task.features, task.classes,
                      std::vector(static_cast<std::size_t>(task.examples()), task.work.steps)));
    const Dataset data{task.features, task.classes};
    if (widths.size() == 3)
        return begin(task, network(widths[0], dense(widths[1]), relu(), dense(widths[2])), data);
    if (widths.size() == 4)
        return begin(task,
                     network(widths[0], dense(widths[1]), relu(), dense(widths[2]), relu(),
                             dense(widths[3])),
                     data);
    throw std::invalid_argument("networks of two or three layers are compiled in: " +
                                task.work.name());
}

}  // namespace networks
