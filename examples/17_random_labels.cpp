// SPDX-License-Identifier: MIT
// A small empirical risk is no small risk. A model with more parameters than examples learns labels
// by heart that a coin has thrown: its error is 0 on the training set, and that of a coin on new
// examples. The same model by the same method learns true labels and predicts well, so neither
// tells the one from the other: only unseen data does (Zhang, Bengio, Hardt, Recht & Vinyals,
// "Understanding deep learning requires rethinking generalization", ICLR 2017).
#include <ermine/data/blobs.hpp>
#include <ermine/data/split.hpp>
#include <ermine/data/targets.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/estimate_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

#include <cmath>
#include <cstdint>
#include <iomanip>
#include <iostream>

using namespace ermine;

/// What training came to: one number a seed.
struct Learned {
    Eigen::ArrayXd training_error;
    Eigen::ArrayXd test_error;
    Eigen::ArrayXd epochs;
};

/// Two clouds in 300 dimensions, 100 examples to learn from, this share of them labelled by a coin.
static Learned learn(double random_share) {
    constexpr Index seeds = 20;
    Learned learned{Eigen::ArrayXd(seeds), Eigen::ArrayXd(seeds), Eigen::ArrayXd(seeds)};
    for (Index k = 0; k < seeds; ++k) {
        const auto seed = static_cast<std::uint64_t>(k + 1);
        const auto data = binary_targets(blobs(
            {.examples = 600, .features = 300, .classes = 2, .distance = 0.15, .seed = seed}));
        const auto [few, test] = split(data, {.holdout = 5.0 / 6, .seed = seed});
        Random coin(100 + seed);
        Eigen::VectorXd labels = few.targets();
        for (double& label : labels)
            if (coin.uniform() < random_share) label = coin.uniform() < 0.5 ? -1 : 1;
        const auto train = few.with_targets(labels);

        const Linear model{.features = data.features()};
        const EmpiricalRisk surrogate{model, LogisticLoss{}, train};
        const EmpiricalRisk training_error{model, ZeroOneLoss{}, train};
        const EmpiricalRisk unseen_error{model, ZeroOneLoss{}, test};
        const auto by_heart = [&](const auto& progress) {
            const bool looks = progress.iteration() % 10 == 0;  // once an epoch
            return looks && training_error.value(progress.point()) == 0;
        };
        const auto result = minimize(surrogate, surrogate.zero(),
                                     Minibatch{.size = 10, .seed = seed} | Constant{0.002},
                                     first_of(by_heart, MaxEpochs{500}));
        learned.training_error[k] = training_error.value(result.x);
        learned.test_error[k] = unseen_error.value(result.x);
        learned.epochs[k] = result.epochs;
    }
    return learned;
}

int main() {
    std::cout << "random labels   training error   test error              epochs until then\n";
    const auto row = [](double share) {
        const Learned learned = learn(share);
        std::cout << std::setw(9) << 100 * share << " %" << std::setw(14)
                  << learned.training_error.mean() << "         "
                  << estimate_risk(learned.test_error) << "   " << estimate_risk(learned.epochs)
                  << '\n';
        return learned;
    };
    const Learned from_truth = row(0);
    row(0.5);
    const Learned from_coins = row(1);

    const bool both_fit =
        from_truth.training_error.maxCoeff() == 0 && from_coins.training_error.maxCoeff() == 0;
    const RiskEstimate chance = estimate_risk(from_coins.test_error);
    const bool no_better_than_a_coin = std::abs(chance.mean - 0.5) < 3 * chance.standard_error;
    const bool truth_is_learned = from_truth.test_error.mean() < 0.1;
    const bool takes_longer = from_coins.epochs.mean() > 2 * from_truth.epochs.mean();
    return both_fit && no_better_than_a_coin && truth_is_learned && takes_longer ? 0 : 1;
}
