// SPDX-License-Identifier: MIT
// When a run stops, who may watch, and which options are refused.
#include "../laws/known_minima.hpp"
#include "ermine_catch.hpp"

#include <cstring>
#include <vector>

#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/clip_by_value.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/losses/accuracy.hpp>
#include <ermine/losses/auc.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/rmse.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/solvers/time_limit.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/steps/exponential.hpp>
#include <ermine/steps/inverse_time.hpp>
#include <ermine/steps/stepwise.hpp>
#include <ermine/steps/warmup.hpp>
#include <ermine/tails/average.hpp>
#include <ermine/tails/nesterov.hpp>

using namespace ermine;
using Eigen::VectorXd;

namespace {

const Interpolated& sum() {
    static const Interpolated problem = interpolated(40, 3);
    return problem;
}

const VectorXd& origin() {
    static const VectorXd x = VectorXd::Zero(3);
    return x;
}

/// A validation risk that says what is written, and keeps what it was asked about.
struct Scripted {
    std::vector<double> risks;
    bool higher = false;
    mutable std::vector<VectorXd> asked = {};

    bool higher_is_better() const { return higher; }
    double value(const VectorXd& x) const {
        asked.push_back(x);
        return risks[std::min(asked.size(), risks.size()) - 1];
    }
};

/// Never stops; counts how often it is asked.
struct Asked {
    int* times;
    struct State {};
    State start(const auto&) const { return {}; }
    std::optional<Status> check(const auto&, State&) const {
        ++*times;
        return std::nullopt;
    }
};

}  // namespace

TEST_CASE("patience looks once an epoch, from before the first") {
    const Scripted target{{5, 4, 3, 6, 3, 7, 2}};
    const auto result = minimize(sum().f, origin(), sgd(0.01, {.size = 10}),
                                 first_of(MaxEpochs{50}, patience(target, {.epochs = 3})));
    // the lowest was at epoch 2, an equal one at 4 is none: epoch 5 ends it
    CHECK(result.status == Status::early_stopped);
    CHECK_FALSE(result.converged());
    CHECK(result.epochs == Approx(5));
    REQUIRE(target.asked.size() == 6);
    CHECK(target.asked[0] == origin());
    CHECK(result.x == target.asked[2]);
    CHECK(result.counts.examples == 5 * 40);
    CHECK(result.value == Approx(sum().f.value(result.x)));
}

TEST_CASE("patience keeps the best point, unless it is told not to") {
    const Scripted rising{{1, 2, 3, 4, 5}};
    const auto kept = minimize(sum().f, origin(), sgd(0.01), patience(rising, {.epochs = 2}));
    CHECK(kept.status == Status::early_stopped);
    CHECK(kept.x == origin());
    CHECK(kept.epochs == Approx(2));

    const Scripted again{{1, 2, 3, 4, 5}};
    const auto last = minimize(sum().f, origin(), sgd(0.01),
                               patience(again, {.epochs = 2, .restore_best = false}));
    CHECK(last.x == again.asked[2]);
    CHECK_FALSE(last.x == origin());

    const Scripted score{{1, 2, 3, 2, 1}, true};
    const auto best = minimize(sum().f, origin(), sgd(0.01), patience(score, {.epochs = 2}));
    CHECK(best.x == score.asked[2]);

    // budgets that end the run first also answer with the best point
    const Scripted dip{{5, 1, 3, 3}};
    const auto budget = minimize(sum().f, origin(), sgd(0.01),
                                 first_of(MaxEpochs{3}, patience(dip, {.epochs = 9})));
    CHECK(budget.status == Status::max_epochs);
    CHECK(budget.x == dip.asked[1]);

    const Scripted unknown{{std::numeric_limits<double>::quiet_NaN()}};
    const auto blind = minimize(sum().f, origin(), sgd(0.01), patience(unknown, {.epochs = 2}));
    CHECK(blind.status == Status::early_stopped);
    CHECK(blind.x.allFinite());

    static_assert(std::is_invocable_v<decltype([](auto& t) { return patience(t); }), Scripted&>);
    CHECK_THROWS_WITH(patience(dip, {.epochs = 0}), contains("patience of 0 epochs"));
    CHECK_THROWS_WITH(patience(dip, {.epochs = -3}), contains("must be at least 1"));
}

TEST_CASE("patience takes a measure the way that is good") {
    // one feature that tells the classes apart: each score is perfect after a few steps
    const Eigen::MatrixXd x{{-2.0}, {-1.0}, {1.0}, {2.0}};
    const Dataset data{x, VectorXd{{-1, -1, 1, 1}}};
    const Linear model{.features = 1};
    const EmpiricalRisk risk{model, LogisticLoss{}, data};
    const VectorXd wrong{{-1.0, 0.0}};
    const auto run = [&](const auto& target) {
        return minimize(risk, wrong, gradient_descent(0.5),
                        first_of(patience(target, {.epochs = 3}), MaxIterations{40}));
    };
    const EmpiricalRisk accuracy{model, Accuracy{}, data};
    const EmpiricalRisk auc{model, Auc{}, data};
    const EmpiricalRisk rmse{model, Rmse{}, data};
    const EmpiricalRisk errors{model, ZeroOneLoss{}, data};
    static_assert(accuracy.higher_is_better() && auc.higher_is_better());
    static_assert(!rmse.higher_is_better() && !errors.higher_is_better());
    REQUIRE(accuracy.value(wrong) == 0);
    REQUIRE(auc.value(wrong) == 0);

    for (const auto& result : {run(accuracy), run(auc), run(errors)}) {
        CHECK(result.status == Status::early_stopped);
        CHECK(accuracy.value(result.x) == 1);
        CHECK(auc.value(result.x) == 1);
    }
    CHECK(run(accuracy).x == run(errors).x);
    CHECK(rmse.value(run(rmse).x) < rmse.value(wrong));
}

TEST_CASE("patience goes with any method") {
    const auto problem = bowl<VectorXd>(3, 10);
    for (const double risk : {0.0, 1.0}) {
        const Scripted target{{risk, 1, 1, 1, 1, 1, 1, 1}};
        const auto result =
            minimize(problem.f, problem.start, newton(),
                     first_of(GradientNorm{0}, patience(target, {.epochs = 3}), MaxIterations{50}));
        CHECK((result.status == Status::early_stopped || result.converged() ||
               result.status == Status::no_progress));
        CHECK(result.x == problem.start);
    }
}

TEST_CASE("first_of asks every rule each time, and reports the first as written") {
    int times = 0;
    const auto result = minimize(sum().f, origin(), sgd(0.01),
                                 first_of(MaxIterations{7}, Asked{&times}, MaxEpochs{0.1}));
    CHECK(result.status == Status::max_epochs);
    CHECK(times == 2);
    const auto both = minimize(sum().f, origin(), sgd(0.01, {.size = 40}),
                               first_of(MaxIterations{3}, MaxEpochs{3}, Asked{&times}));
    CHECK(both.status == Status::max_iterations);
    CHECK(times == 6);
    const Scripted target{{1, 2, 3, 4, 5, 6}};
    CHECK(minimize(sum().f, origin(), sgd(0.01, {.size = 40}),
                   first_of(MaxIterations{1}, patience(target, {.epochs = 1})))
              .status == Status::max_iterations);
    CHECK(target.asked.size() == 2);
}

TEST_CASE("a callable is a rule") {
    const auto stop = [](const auto& p) { return p.iteration() == 4; };
    const auto result = minimize(sum().f, origin(), gradient_descent(), stop);
    CHECK(result.status == Status::stopped);
    CHECK(result.iterations == 4);
    CHECK(minimize(sum().f, origin(), gradient_descent(), first_of(MaxIterations{9}, stop))
              .iterations == 4);
    const auto low = minimize(sum().f, origin(), gradient_descent(),
                              [](const auto& p) { return p.value() < 1e-3; });
    CHECK(low.value < 1e-3);
}

TEST_CASE("a time limit ends the run") {
    CHECK(minimize(sum().f, origin(), sgd(0.01), TimeLimit{0}).iterations == 0);
    const auto result = minimize(sum().f, origin(), sgd(0.01), TimeLimit{0.02});
    CHECK(result.status == Status::time_limit);
    CHECK(result.iterations > 0);
    CHECK(result.seconds >= 0.02);
}

TEST_CASE("observers see every round, and change nothing") {
    const auto each = [](const auto& f, const auto& method, const auto& stop) {
        const auto alone = minimize(f, origin(), method, stop);
        std::vector<std::int64_t> rounds;
        double seen = 0;
        int stopping = 0;
        const auto curious = [&](const auto& p) {
            rounds.push_back(p.iteration());
            seen += p.stationarity_at_point() + p.value() + p.step() + p.point().norm();
            stopping += p.stopping.has_value();
        };
        const auto watched = minimize(f, origin(), method, stop, curious, curious);
        CHECK(std::memcmp(alone.x.data(), watched.x.data(), 3 * sizeof(double)) == 0);
        CHECK(std::memcmp(&alone.value, &watched.value, sizeof(double)) == 0);
        CHECK(alone.status == watched.status);
        CHECK(alone.iterations == watched.iterations);
        CHECK(alone.counts.gradients == watched.counts.gradients);
        CHECK(alone.counts.examples == watched.counts.examples);
        CHECK(rounds.size() == 2 * std::size_t(alone.iterations + 1));
        CHECK(rounds.front() == 0);
        CHECK(rounds.back() == alone.iterations);
        CHECK(stopping == 2);
    };
    each(sum().f, gradient_descent(), MaxIterations{9});
    each(sum().f, FullGradient{} | Backtracking{} | Nesterov{}, MaxIterations{9});
    each(sum().f, Minibatch{.size = 7} | Momentum{} | Constant{0.01} | Average{}, MaxEpochs{4});
    each(Penalized{sum().f, L1{0.1}}, sgd(0.01), MaxEpochs{4});
}

TEST_CASE("GradientNorm counts at the answer") {
    const auto accelerated = minimize(sum().f, origin(), gradient_descent() | Nesterov{},
                                      first_of(GradientNorm{1e-8}, MaxIterations{5000}));
    VectorXd g(3);
    sum().f.value_and_gradient(accelerated.x, g);
    CHECK(accelerated.converged());
    CHECK(g.cwiseAbs().maxCoeff() <= 1e-8);
    const auto sampled = minimize(sum().f, origin(), sgd(0.1, {.size = 8}),
                                  first_of(GradientNorm{1e-6}, MaxEpochs{500}));
    CHECK(sampled.converged());
    CHECK(sampled.gradient_norm <= 1e-6);
    CHECK(sampled.counts.monitoring <= std::int64_t(sampled.epochs) + 3);
}

TEST_CASE("what is out of range is refused by name, before any work") {
    const auto refused = [](const auto& method, const std::string& name) {
        CHECK_THROWS_WITH(minimize(sum().f, origin(), method, MaxIterations{3}), contains(name));
    };
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const FullGradient e;
    for (const double bad : {0.0, -1.0, unknown, infinity}) {
        refused(e | Constant{bad}, "Constant.size is ");
        refused(e | ClipByNorm{bad} | Constant{1}, "ClipByNorm.norm is ");
        refused(e | ClipByValue{bad} | Constant{1}, "ClipByValue.limit is ");
        refused(e | Cosine{.initial = bad}, "Cosine.initial is ");
        refused(e | Cosine{.epochs = bad}, "Cosine.epochs is ");
        refused(e | Exponential{.initial = bad}, "Exponential.initial is ");
        refused(e | Exponential{.decay = bad}, "Exponential.decay is ");
        refused(e | InverseTime{.initial = bad}, "InverseTime.initial is ");
        refused(e | Stepwise{.initial = bad}, "Stepwise.initial is ");
        refused(e | Stepwise{.decay = bad}, "Stepwise.decay is ");
        refused(e | Stepwise{.every = bad}, "Stepwise.every is ");
        refused(e | Backtracking{.initial = bad}, "Backtracking.initial is ");
        refused(e | Backtracking{.shrink = bad}, "Backtracking.shrink is ");
        refused(e | Backtracking{.sufficient_decrease = bad}, "Backtracking.sufficient_decrease ");
    }
    for (const double bad : {-1.0, unknown, infinity}) {
        refused(e | Cosine{.final = bad}, "Cosine.final is ");
        refused(e | InverseTime{.decay = bad}, "InverseTime.decay is ");
        refused(e | Momentum{bad} | Constant{1}, "Momentum.decay is ");
        const auto stops = [](const auto& rule, const std::string& name) {
            CHECK_THROWS_WITH(minimize(sum().f, origin(), gradient_descent(), rule),
                              contains(name));
        };
        stops(GradientNorm{bad}, "GradientNorm.tolerance is ");
        stops(MaxEpochs{bad}, "MaxEpochs.epochs is ");
        stops(first_of(MaxIterations{3}, TimeLimit{bad}), "TimeLimit.seconds is ");
        stops(MaxIterations{-1}, "MaxIterations.iterations is -1");
    }
    refused(e | Momentum{1} | Constant{1}, "Momentum.decay is 1");
    refused(e | Backtracking{.shrink = 1}, "Backtracking.shrink is 1");
    refused(e | Backtracking{.trials = 0}, "Backtracking.trials is 0");
    refused(e | Warmup{0} | Constant{1}, "Warmup.iterations is 0");
    refused(e | Constant{1} | Average{-1}, "Average.skip is -1");
    refused(sgd(0.1, {.size = 0}), "Minibatch.size is 0");
    refused(sgd(0.1, {.size = 41}), "the number of examples, 40");
    refused(Minibatch{} | Constant{}, "theory names no constant step for Minibatch");
    const auto same = interpolated(40, 3).f;
    struct Bare {
        const MeanSquares& f;
        double value(const VectorXd& x) const { return f.value(x); }
        double value_and_gradient(const VectorXd& x, VectorXd& g) const {
            return f.value_and_gradient(x, g);
        }
    };
    CHECK_THROWS_WITH(minimize(Bare{same}, origin(), gradient_descent()),
                      contains("does not know its smoothness()"));
    CHECK(minimize(same, origin(), gradient_descent()).notes.natural_step.value() ==
          Approx(1 / same.smoothness()));
}
