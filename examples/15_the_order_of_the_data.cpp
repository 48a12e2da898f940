// SPDX-License-Identifier: MIT
// A minibatch stands for the data only if its examples were picked at random, so data that is
// stored in some order is shuffled first. To do it once, and then to read the same consecutive
// minibatches each epoch, costs next to nothing; to leave it sorted costs much (Goodfellow, Bengio
// & Courville 2016, section 8.1.3).
#include <ermine/data/logistic_data.hpp>
#include <ermine/data/sequential.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/shuffled_once.hpp>
#include <ermine/data/split.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/estimate_risk.hpp>
#include <ermine/observers/order_warning.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/inverse_time.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <numeric>
#include <vector>

using namespace ermine;

/// The same examples, all of one class first.
static Dataset<DenseRows<double>> sorted_by_label(const Dataset<DenseRows<double>>& data) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(data.examples()));
    std::iota(order.begin(), order.end(), 0);
    const auto y = data.targets();
    std::stable_sort(order.begin(), order.end(), [&](auto i, auto j) { return y[i] < y[j]; });
    return data.select(order);
}

int main() {
    constexpr Index seeds = 10;
    Eigen::ArrayXd sorted(seeds), once(seeds), each(seeds), drawn(seeds);  // risks on unseen data
    bool warned_rightly = true;
    for (Index k = 0; k < seeds; ++k) {
        const auto seed = static_cast<std::uint64_t>(k + 1);
        const auto [data, truth] = logistic_data(
            {.examples = 6000, .features = 20, .condition = 10, .margin = 3, .seed = seed});
        const auto [chosen, test] = split(data, {.holdout = 0.5, .seed = seed});
        const auto train = sorted_by_label(chosen);
        const Linear model{.features = train.features()};
        const EmpiricalRisk risk{model, LogisticLoss{}, train};
        const EmpiricalRisk unseen{model, LogisticLoss{}, test};

        // five epochs by the same method, only the order differs
        const auto learn = [&](auto sampler, OrderWarning& warning) {
            const auto method =
                minibatch(sampler, {.size = 16}) | InverseTime{.initial = 0.5, .decay = 1};
            const auto result = minimize(risk, risk.zero(), method, MaxEpochs{5}, warning);
            return unseen.value(result.x);
        };
        // the observer's sentence is printed for the first seed alone
        OrderWarning sorts{train.targets(), k == 0 ? stderr : nullptr};
        OrderWarning shuffles{train.targets(), nullptr};
        OrderWarning reshuffles{train.targets(), nullptr};
        OrderWarning draws{train.targets(), nullptr};
        sorted[k] = learn(Sequential{}, sorts);
        once[k] = learn(ShuffledOnce{seed}, shuffles);  // the order that shuffle_to_npy writes
        each[k] = learn(ShuffledEachEpoch{seed}, reshuffles);
        drawn[k] = learn(WithReplacement{seed}, draws);
        warned_rightly = warned_rightly && sorts.correlated() && !shuffles.correlated() &&
                         !reshuffles.correlated() && !draws.correlated();
    }

    // the second column is of differences on the same data, whose standard errors are smaller
    std::cout
        << "order of the examples   risk after 5 epochs         more than shuffled each epoch\n";
    const auto row = [&](const char* name, const Eigen::ArrayXd& risks) {
        const RiskEstimate more = estimate_risk(risks - each);
        std::cout << name << estimate_risk(risks) << "      " << more << '\n';
        return more;
    };
    const RiskEstimate by_label = row("sorted by label         ", sorted);
    const RiskEstimate same = row("shuffled once           ", once);
    row("shuffled each epoch     ", each);
    row("drawn with replacement  ", drawn);

    const bool order_hurts = by_label.mean > 5 * by_label.standard_error;
    const bool once_is_enough = std::abs(same.mean) < 2 * same.standard_error;
    return order_hurts && once_is_enough && warned_rightly ? 0 : 1;
}
