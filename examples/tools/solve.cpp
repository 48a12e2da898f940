// SPDX-License-Identifier: MIT
#include "solve.hpp"

#include "epoch_order.hpp"
#include "interrupt.hpp"
#include "maybe.hpp"
#include "stalled.hpp"

#include <ermine/data/data_error.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/observers/progress_bar.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/tails/nesterov.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

using namespace ermine;
using Kind = StepRequest::Kind;

static const AnyRisk& smooth_risk(const Problem& problem) {
    return std::visit([](const auto& f) -> const AnyRisk& { return smooth_part(f); },
                      problem.objective);
}

Method choose_method(const Problem& problem, const std::string& loss, const TrainOptions& o) {
    const bool curved = static_cast<bool>(smooth_risk(problem).hessian);
    const bool smooth = static_cast<bool>(smooth_risk(problem).smoothness);
    const StepRequest::Kind step = parse_step(o.step, 1).kind;
    Method method;
    method.solver = o.solver;
    if (o.solver == "auto") {
        // Newton's method costs n d² + d³ / 3 a step and takes few; beyond that, gradients.
        constexpr Index most = 1000;
        const bool stochastic = o.batch || o.clip || (o.momentum && *o.momentum > 0) || !smooth;
        if (stochastic && step != Kind::natural)
            method.solver = "sgd";
        else if (o.l1 == 0 && curved && o.step.empty() && problem.start.size() <= most)
            method.solver = "newton";
        else
            method.solver = o.step.empty() ? "fista" : "gd";
    }
    if (method.solver == "newton" && !curved)
        throw std::invalid_argument("--solver newton with --loss " + loss +
                                    ": the loss has no second derivative; use --solver gd or sgd");
    if (!smooth && method.solver != "sgd" && step != Kind::schedule)
        throw std::invalid_argument(
            "--loss " + loss + " with --solver " + method.solver +
            ": the loss is not smooth, so that there is no step 1/L; give a "
            "schedule, or use --solver sgd");
    const bool sgd = method.solver == "sgd";
    method.epochs = o.epochs.value_or(sgd ? 30 : method.solver == "newton" ? 500 : 10000);
    method.batch = o.batch.value_or(std::min<std::int64_t>(32, problem.examples));
    if (method.batch > problem.examples)
        throw std::invalid_argument("--batch is " + std::to_string(method.batch) +
                                    ": there are only " + std::to_string(problem.examples) +
                                    " training examples");
    method.momentum = o.momentum.value_or(0);
    method.clip = o.clip;
    method.step = parse_step(o.step, method.epochs);
    const bool by_curvature =
        method.step.kind == Kind::automatic || method.step.kind == Kind::natural;
    if (by_curvature && method.solver != "newton" && !std::isfinite(problem.curvature_per_example))
        throw DataError(o.data,
                        "the features are so large that their squares overflow, so that there is "
                        "no step to choose; scale them, or give --step");
    if (by_curvature && (method.solver == "gd" || method.solver == "fista") &&
        problem.curvature_per_example == 0)
        throw DataError(o.data, "all features are zero, so that there is nothing to fit");
    if (method.step.kind == Kind::automatic) {
        if (sgd) {
            // No batch has more curvature than its most curved example.
            const double curvature = std::max(problem.curvature_per_example, 1e-300);
            const double initial = (1 - method.momentum) / curvature;
            method.step.choice = {Cosine{.initial = initial, .epochs = method.epochs}};
        } else {
            method.step.choice = {Constant{}};
        }
    }
    // Minibatches look at the gradient over all examples, once an epoch, only if that is asked for.
    if (!sgd) method.tolerance = method.solver == "newton" ? 1e-10 : 1e-6;
    if (o.tolerance) method.tolerance = o.tolerance;
    method.patience = o.patience;
    method.seed = o.seed;
    method.quiet = o.quiet;
    return method;
}

Result<Eigen::VectorXd> solve(const Problem& problem, const Method& m, std::optional<Trace>& trace,
                              std::optional<LearningCurve>& curve) {
    struct ValidationRisk {
        const std::function<double(const Eigen::VectorXd&)>& risk;
        double value(const Eigen::VectorXd& x) const { return risk(x); }
    };
    const ValidationRisk validation{problem.validation_risk};
    Maybe<GradientNorm> norm;
    if (m.tolerance) norm.rule = GradientNorm{*m.tolerance};
    Maybe<Patience<ValidationRisk>> early;
    if (m.patience) early.rule = patience(validation, {.epochs = *m.patience});

    Maybe<Stalled> stalled;
    if (m.solver == "newton") stalled.rule = Stalled{};

    const Interrupt interrupt;
    ProgressBar bar{.epochs = m.epochs, .quiet = m.quiet};
    const auto write = [&](const auto& progress) {
        if (trace) trace->see(progress);
        if (curve) curve->see(progress);
    };
    const auto run = [&](const auto& f, const auto& method) {
        return minimize(f, problem.start, method,
                        first_of([](const auto&) { return Interrupt::asked(); }, norm, early,
                                 stalled, MaxEpochs{m.epochs}),
                        bar, write);
    };
    const auto batch =
        minibatch(EpochOrder{.seed = m.seed, .as_stored = m.as_stored}, {.size = m.batch});
    const ClipByNorm clip{m.clip.value_or(1e150)};  // the latter cuts nothing
    const Momentum momentum{.decay = m.momentum};
    const StepChoice step = m.step.choice;
    const bool searches = m.step.kind == Kind::backtracking;
    return std::visit(
        [&]<class F>(const F& f) {
            if constexpr (!Composite<F>) {
                if (m.solver == "newton") return run(f, newton());
            }
            if (m.solver == "fista") return run(f, FullGradient{} | step | Nesterov{});
            if (m.solver == "gd" && searches) return run(f, FullGradient{} | Backtracking{});
            if (m.solver == "gd") return run(f, FullGradient{} | clip | momentum | step);
            if (searches) return run(f, batch | clip | Backtracking{});
            return run(f, batch | clip | momentum | step);
        },
        problem.objective);
}
