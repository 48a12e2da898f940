// SPDX-License-Identifier: MIT
// What one wants small is the 0-1 loss, the share of wrong answers. It is flat almost everywhere,
// so that one minimizes a surrogate, which must be calibrated: its best prediction has the right
// sign. The squared loss is calibrated, too, but points far on the right side pull at it.
#include <ermine/ermine.hpp>

#include <iostream>

using namespace ermine;

static_assert(Loss<ZeroOneLoss> && !SurrogateLoss<ZeroOneLoss>);  // nothing to descend
static_assert(is_calibrated<LogisticLoss> && is_calibrated<SquaredLoss>);

/// A vertical line parts the classes; a fifth of the positives lies far off, on the right side.
static auto far_away_friends() {
    Random random(11);
    Eigen::MatrixXd x(2000, 2);
    Eigen::VectorXd y(2000);
    for (Index i = 0; i < 2000; ++i) {
        y[i] = i % 2 == 0 ? 1 : -1;
        const double far = i % 10 == 0 ? 20 : 0;
        x.row(i) << y[i] + far + 0.4 * random.normal(), random.normal();
    }
    return split(Dataset{x, y}, {.holdout = 0.5, .seed = 3});
}

int main() {
    const auto [train, test] = far_away_friends();
    const Linear model{.features = 2};
    const EmpiricalRisk wrong{model, ZeroOneLoss{}, test};

    // each surrogate by the same method: full gradients and a line search
    const auto error_of = [&](auto loss) {
        const auto risk = EmpiricalRisk{model, loss, train} + L2{1e-4};
        const auto result = minimize(risk, risk.zero(), FullGradient{} | Backtracking{},
                                     first_of(GradientNorm{1e-4}, MaxIterations{500}));
        const RiskEstimate error = estimate_risk(wrong, result.x);
        std::cout << loss.name << ": surrogate " << result.value << ", 0-1 error " << error << '\n';
        return error.mean;
    };
    const double logistic = error_of(LogisticLoss{});
    const double smoothed = error_of(SmoothedHingeLoss{});
    const double squared_hinge = error_of(SquaredHingeLoss{});
    const double squared = error_of(SquaredLoss{});

    const bool margins_do_well = logistic < 0.03 && smoothed < 0.03 && squared_hinge < 0.03;
    return margins_do_well && squared > 2 * logistic ? 0 : 1;
}
