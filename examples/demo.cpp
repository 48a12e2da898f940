// SPDX-License-Identifier: MIT
// Two noisy spirals that no line can part. Random cosines of the two coordinates make 600 features
// of them, in which a linear classifier can: trained by minibatches with clipping and momentum, and
// stopped when the 0-1 loss on held-out points has not improved for ten epochs.
#include <ermine/data/spirals.hpp>
#include <ermine/data/split.hpp>
#include <ermine/data/targets.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/estimate_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/observers/progress_bar.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/steps/inverse_time.hpp>

#include <cmath>
#include <iostream>
#include <numbers>

using namespace ermine;

/// √(2/D) cos(Ω x + φ) with normal Ω and uniform φ: their inner products approximate a Gaussian
/// kernel (Rahimi & Recht, "Random features for large-scale kernel machines", 2007).
static Dataset<DenseRows<double>> random_cosines(const Dataset<DenseRows<double>>& data,
                                                 Index count, double width) {
    Random random(1);
    const Index d = data.features();
    Eigen::MatrixXd directions(d, count);
    Eigen::RowVectorXd phases(count);
    for (Index k = 0; k < count; ++k) {
        for (Index j = 0; j < d; ++j) directions(j, k) = random.normal() / width;
        phases[k] = 2 * std::numbers::pi * random.uniform();
    }
    Eigen::MatrixXd features = data.rows().matrix() * directions;
    features.rowwise() += phases;
    features = std::sqrt(2.0 / static_cast<double>(count)) * features.array().cos();
    return Dataset{features, data.targets()};
}

int main() {
    const auto points =
        spirals({.examples = 40000, .classes = 2, .turns = 1.5, .noise = 0.07, .seed = 7});
    const auto data = binary_targets(random_cosines(points, 600, 0.15));
    const auto [rest, test] = split(data, {.holdout = 0.25, .seed = 1});
    const auto [train, held_out] = split(rest, {.holdout = 0.2, .seed = 2});
    std::cout << "Two spirals: " << train.examples() << " points to learn from, "
              << held_out.examples() << " to stop by, " << test.examples() << " to judge by; "
              << train.features() << " features.\n"
              << std::flush;

    const Linear model{train.features()};
    const auto surrogate = EmpiricalRisk{model, LogisticLoss{}, train} + L2{1e-6};
    const auto target = EmpiricalRisk{model, ZeroOneLoss{}, held_out};
    const auto method = Minibatch{.size = 16, .seed = 7} | ClipByNorm{1.0} |
                        Momentum{.decay = 0.9} | InverseTime{.initial = 0.5, .decay = 0.1};
    constexpr double epochs = 200;
    const auto result = minimize(surrogate, surrogate.zero(), method,
                                 first_of(MaxEpochs{epochs}, patience(target, {.epochs = 10})),
                                 ProgressBar{.epochs = epochs});

    const auto judged = EmpiricalRisk{model, ZeroOneLoss{}, test};
    std::cout << result << "validation error: " << estimate_risk(target, result.x)
              << "\ntest error:       " << estimate_risk(judged, result.x) << '\n';
    const bool learned = result.status == Status::early_stopped && judged.value(result.x) < 0.1;
    if (!learned) std::cout << "this is not what the demo is to show\n";
    return learned ? 0 : 1;
}
