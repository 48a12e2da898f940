// SPDX-License-Identifier: MIT
// Easy examples first: a learner that meets hard and mistaken examples late has learnt more after
// few epochs (Bengio, Louradour, Collobert & Weston, "Curriculum learning", ICML 2009). A fifth of
// the labels is wrong here. How hard an example is, either the truth says, by how far on the wrong
// side of the true plane it lies, or a model trained before on other examples, by its loss. Hard to
// easy is worse than no order; and once all examples are visited alike, nothing of the advantage is
// left.
#include <ermine/data/curriculum.hpp>
#include <ermine/data/logistic_data.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/split.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/estimate_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

#include <cstdint>
#include <iomanip>
#include <iostream>

using namespace ermine;

/// Errors on unseen data after some epochs, one a seed.
struct Errors {
    static constexpr Index seeds = 20;
    Eigen::ArrayXd shuffled = Eigen::ArrayXd(seeds);
    Eigen::ArrayXd by_truth = Eigen::ArrayXd(seeds);    // easy to hard
    Eigen::ArrayXd by_model = Eigen::ArrayXd(seeds);    // easy to hard
    Eigen::ArrayXd hard_first = Eigen::ArrayXd(seeds);  // by truth
};

static Errors learn(double epochs) {
    Errors errors;
    for (Index k = 0; k < Errors::seeds; ++k) {
        const auto seed = static_cast<std::uint64_t>(k + 1);
        const auto [data, truth] = logistic_data({.examples = 4000,
                                                  .features = 50,
                                                  .condition = 10,
                                                  .margin = 10,
                                                  .label_noise = 0.2,
                                                  .seed = seed});
        const auto [rest, test] = split(data, {.holdout = 0.5, .seed = seed});
        const auto [train, others] = split(rest, {.holdout = 0.5, .seed = seed});
        const Linear model{.features = data.features(), .intercept = false};
        const EmpiricalRisk risk{model, LogisticLoss{}, train};

        // what counts is the side of the true plane, not the label that an accident turned around
        const Eigen::VectorXd sides = (test.rows().matrix() * truth).array().sign();
        const EmpiricalRisk unseen{model, ZeroOneLoss{}, test.with_targets(sides)};

        const auto sgd_over = [](const auto& sampler) {
            return minibatch(sampler, {.size = 10}) | Constant{0.1};
        };
        const auto error_in_order = [&](const auto& sampler) {
            const auto result = minimize(risk, risk.zero(), sgd_over(sampler), MaxEpochs{epochs});
            return unseen.value(result.x);
        };
        const Eigen::ArrayXd margins =
            (train.rows().matrix() * truth).cwiseProduct(train.targets());
        const EmpiricalRisk before{model, LogisticLoss{}, others};
        const auto teacher =
            minimize(before, before.zero(), sgd_over(ShuffledEachEpoch{seed}), MaxEpochs{10});

        // a low score is easy; the easiest 70 % first, all from the sixth epoch on
        const CurriculumOptions pace{.initial = 0.7, .epochs = 6, .seed = seed};
        errors.shuffled[k] = error_in_order(ShuffledEachEpoch{seed});
        errors.by_truth[k] = error_in_order(Curriculum{-margins, pace});
        errors.by_model[k] = error_in_order(Curriculum{risk.losses(teacher.x), pace});
        errors.hard_first[k] = error_in_order(Curriculum{margins, pace});
    }
    return errors;
}

/// By how much an order makes more errors than shuffling, on the same data.
static RiskEstimate more(const Eigen::ArrayXd& order, const Errors& errors) {
    return estimate_risk(order - errors.shuffled);
}

int main() {
    std::cout << "errors after   shuffled                easy to hard: truth     "
                 "easy to hard: model     hard to easy\n";
    const auto row = [](double epochs) {
        const Errors errors = learn(epochs);
        std::cout << std::setw(2) << epochs << " epochs    ";
        for (const auto& some :
             {errors.shuffled, errors.by_truth, errors.by_model, errors.hard_first})
            std::cout << "  " << estimate_risk(some);
        std::cout << '\n';
        return errors;
    };
    row(1);
    const Errors few = row(3);
    const Errors many = row(20);

    const RiskEstimate by_truth = more(few.by_truth, few);
    const RiskEstimate by_model = more(few.by_model, few);
    const RiskEstimate hard_first = more(few.hard_first, few);
    const bool helps = by_truth.mean < -4 * by_truth.standard_error &&
                       by_model.mean < -4 * by_model.standard_error;
    const bool harms = hard_first.mean > 4 * hard_first.standard_error;
    const bool gone = more(many.by_truth, many).mean > by_truth.mean / 4 &&
                      more(many.by_model, many).mean > by_model.mean / 4;
    return helps && harms && gone ? 0 : 1;
}
