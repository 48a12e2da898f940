// SPDX-License-Identifier: MIT
#include "solve.hpp"

#include "method_parts.hpp"
#include "run_method.hpp"

#include <ermine/data/data_error.hpp>
#include <ermine/solvers/methods.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

using namespace ermine;
using Kind = StepRequest::Kind;

static const AnyRisk& smooth_risk(const Problem& problem) {
    return std::visit([](const auto& f) -> const AnyRisk& { return smooth_part(f); },
                      problem.objective);
}

static void require_curvature(const Problem& problem, const TrainOptions& o) {
    if (!std::isfinite(problem.curvature_per_example))
        throw DataError(o.data,
                        "the features are so large that their squares overflow, so that there is "
                        "no step to choose; scale them, or give a step");
}

/// A cosine from the longest step that no batch makes diverge: none has more curvature than its
/// most curved example.
static Cosine usual_cosine(const Problem& problem, double momentum, double epochs) {
    const double curvature = std::max(problem.curvature_per_example, 1e-300);
    return {.initial = (1 - momentum) / curvature, .epochs = epochs};
}

/// Refuses what a method cannot do with the problem at hand.
static void check_fit(const AnyMethod& sentence, const Problem& problem, const std::string& loss) {
    const bool smooth = static_cast<bool>(smooth_risk(problem).smoothness);
    const bool kinked = std::holds_alternative<AnyCompositeRisk>(problem.objective);
    if (!sentence.whole.empty()) {
        if (kinked)
            throw sentence.whole_place.error(sentence.whole +
                                             " needs a smooth penalty, and there is --l1: use "
                                             "\"full_gradient | nesterov\", or --l2");
        if (problem.kinked)
            throw sentence.whole_place.error(sentence.whole + " needs a smooth loss, and " + loss +
                                             " is not smooth");
    }
    const std::string not_so = loss + (problem.kinked ? " is not smooth" : " grows exponentially");
    if (!smooth && sentence.natural_step)
        throw sentence.step.place.error("--loss " + not_so +
                                        ", so that theory names no step: give one, such as "
                                        "inverse_time(0.1)");
    if (!smooth && std::holds_alternative<Katyusha>(sentence.estimator.choice))
        throw sentence.estimator.place.error("katyusha needs a smooth loss, and " + not_so);
    if (!kinked) return;
    for (const auto& [choice, place] : sentence.directions.all)
        std::visit(
            [&]<class D>(const D&) {
                if (!keeps_metric<D>)
                    throw place.error(
                        "behind a direction that rescales the gradient there is no proximal map "
                        "for --l1: take momentum or clip_by_norm, or --l2");
            },
            choice);
    if (std::holds_alternative<ScheduleFree>(sentence.tail.choice))
        throw sentence.tail.place.error(
            "schedule_free steps from another point than the "
            "gradient's, which does not go with --l1: use average");
    if (std::holds_alternative<StochasticPolyak>(sentence.step.choice.choice))
        throw sentence.step.place.error(
            "stochastic_polyak needs the gradient of the whole objective, and --l1 has none");
}

/// The step where the text names none.
static void choose_step(AnyMethod& sentence, const Problem& problem, double epochs,
                        const TrainOptions& o, Method& method) {
    auto& step = sentence.step.choice.choice;
    const bool averaged = std::holds_alternative<ScheduleFree>(sentence.tail.choice);
    const auto remark = [&](const std::string& text) {
        method.remark = "step: " + text + ", as --method names none\n";
    };
    const auto& choice = sentence.estimator.choice;
    const bool by_theory =
        std::holds_alternative<FullGradient>(choice) || std::holds_alternative<Saga>(choice) ||
        std::holds_alternative<Sag>(choice) || std::holds_alternative<Svrg>(choice) ||
        std::holds_alternative<LooplessSvrg>(choice) || std::holds_alternative<Katyusha>(choice);
    if (sentence.usual_step) {
        step = PlainStep{Constant{.size = sentence.usual_step}};
        remark("constant(" + text_of(*sentence.usual_step) + "), usual with this direction");
    } else if (by_theory && smooth_risk(problem).smoothness) {
        sentence.natural_step = true;
        step = PlainStep{Constant{}};
        remark("constant, from theory");
    } else {
        require_curvature(problem, o);
        double momentum = 0;
        for (const auto& [direction, place] : sentence.directions.all)
            if (const auto* heavy = std::get_if<Momentum>(&direction)) momentum = heavy->decay;
        const Cosine cosine = usual_cosine(problem, momentum, epochs);
        if (averaged) {
            step = PlainStep{Constant{.size = cosine.initial}};
            remark("constant(" + text_of(cosine.initial) + ")");
        } else {
            step = PlainStep{cosine};
            remark("cosine(" + text_of(cosine.initial) + ")");
        }
    }
}

static MethodContext context_of(const TrainOptions& o, double epochs) {
    return {.epochs = o.epochs.value_or(epochs), .seed = o.seed};
}

void check_method(const TrainOptions& o) {
    if (!o.method.empty()) read_method(o.method, context_of(o, 30));
}

static Method choose_by_text(const Problem& problem, const std::string& loss,
                             const TrainOptions& o) {
    Method method;
    method.as_stored = o.as_stored;
    MethodContext context = context_of(o, 30);
    context.as_stored = o.as_stored;
    context.batch = std::min<Index>(32, problem.examples);
    // without the data, from which samplers are made: only to see what the epochs depend on
    const AnyMethod draft = read_method(o.method, context);
    context.targets = &problem.targets;
    context.example_smoothness = smooth_risk(problem).example_smoothness;
    const bool repeats = draft.whole.empty() && draft.repeats();
    if (!draft.whole.empty())
        context.epochs = o.epochs.value_or(500);
    else if (repeats)
        context.epochs = o.epochs.value_or(10000);
    method.epochs = context.epochs;
    method.sentence = read_method(o.method, context);
    AnyMethod& sentence = method.sentence;
    method.solver = sentence.whole.empty() ? o.method : sentence.whole;
    // with a free intercept the risk itself is not known to be strongly convex
    if (auto* katyusha = std::get_if<Katyusha>(&sentence.estimator.choice))
        if (!katyusha->strong_convexity && o.l2 > 0) katyusha->strong_convexity = o.l2;
    if (sentence.whole.empty() && !sentence.step_given)
        choose_step(sentence, problem, method.epochs, o, method);
    check_fit(sentence, problem, loss);
    if (sentence.natural_step) require_curvature(problem, o);
    method.batch = 1;
    if (const auto* batch = std::get_if<AnyEstimator::Minibatch>(&sentence.estimator.choice))
        method.batch = batch->size;
    if (!sentence.whole.empty() || repeats)
        method.tolerance = method.solver == "newton" ? 1e-10 : 1e-6;
    return method;
}

/// What the flags --solver, --batch, --clip, --momentum and --step stand for.
static AnyMethod sentence_of(const Method& method, double momentum) {
    AnyMethod sentence;
    if (method.solver == "sgd")
        sentence.estimator.choice =
            AnyEstimator::Minibatch{random_order(method.seed, method.as_stored), method.batch};
    else
        sentence.estimator.choice = FullGradient{};
    if (method.clip) sentence.directions.all.push_back({ClipByNorm{*method.clip}});
    if (momentum > 0) sentence.directions.all.push_back({Momentum{.decay = momentum}});
    std::visit([&](const auto& step) { sentence.step.choice.choice = PlainStep{step}; },
               method.step.choice.schedule);
    if (method.solver == "fista") sentence.tail.choice = Nesterov{};
    return sentence;
}

static Method choose_by_flags(const Problem& problem, const std::string& loss,
                              const TrainOptions& o) {
    const bool curved = static_cast<bool>(smooth_risk(problem).hessian);
    const bool smooth = static_cast<bool>(smooth_risk(problem).smoothness);
    const StepRequest::Kind step = parse_step(o.step, 1).kind;
    Method method;
    method.as_stored = o.as_stored;
    method.seed = o.seed;
    method.solver = o.solver;
    if (o.solver == "auto") {
        // Newton's method costs n d² + d³ / 3 a step and takes few; beyond that, gradients.
        constexpr Index most = 1000;
        const bool stochastic =
            o.range_test || o.batch || o.clip || (o.momentum && *o.momentum > 0) || problem.kinked;
        if (stochastic && step != Kind::natural)
            method.solver = "sgd";
        else if (o.l1 == 0 && curved && o.step.empty() && problem.start.size() <= most)
            method.solver = "newton";
        else
            method.solver = o.step.empty() && smooth ? "fista" : "gd";
    }
    if (method.solver == "newton" && !curved)
        throw std::invalid_argument("--solver newton with --loss " + loss +
                                    ": the loss has no second derivative; use --solver gd or sgd");
    // without a bound of the curvature a line search finds the step
    const bool searched = o.step.empty() && o.solver == "auto" && method.solver == "gd";
    const bool searches = step == Kind::backtracking || method.solver == "newton" || searched;
    if (!smooth && method.solver != "sgd" && step != Kind::schedule && !(searches && curved))
        throw std::invalid_argument("--loss " + loss + " with --solver " + method.solver + ": " +
                                    loss + (curved ? " grows exponentially" : " is not smooth") +
                                    ", so that there is no step 1/L; give a schedule, or use " +
                                    (curved ? "--step backtracking" : "--solver sgd"));
    const bool sgd = method.solver == "sgd";
    method.epochs = o.epochs.value_or(sgd ? 30 : method.solver == "newton" ? 500 : 10000);
    method.batch = o.batch.value_or(std::min<std::int64_t>(32, problem.examples));
    if (method.batch > problem.examples)
        throw std::invalid_argument("--batch is " + std::to_string(method.batch) +
                                    ": there are only " + std::to_string(problem.examples) +
                                    " training examples");
    const double momentum = o.momentum.value_or(0);
    method.clip = o.clip;
    method.step = parse_step(o.step, method.epochs);
    if (searched) method.step.kind = Kind::backtracking;
    const bool by_curvature =
        method.step.kind == Kind::automatic || method.step.kind == Kind::natural;
    if (by_curvature && method.solver != "newton") require_curvature(problem, o);
    if (by_curvature && (method.solver == "gd" || method.solver == "fista") &&
        problem.curvature_per_example == 0)
        throw DataError(o.data, "all features are zero, so that there is nothing to fit");
    if (method.step.kind == Kind::automatic) {
        if (sgd) {
            method.step.choice = {usual_cosine(problem, momentum, method.epochs)};
        } else {
            method.step.choice = {Constant{}};
        }
    }
    // Minibatches look at the gradient over all examples, once an epoch, only if that is asked for.
    if (!sgd) method.tolerance = method.solver == "newton" ? 1e-10 : 1e-6;
    method.sentence = sentence_of(method, momentum);
    return method;
}

Method choose_method(const Problem& problem, const std::string& loss, const TrainOptions& o) {
    Method method =
        o.method.empty() ? choose_by_flags(problem, loss, o) : choose_by_text(problem, loss, o);
    if (o.tolerance) method.tolerance = o.tolerance;
    method.patience = o.patience;
    method.seed = o.seed;
    method.quiet = o.quiet;
    method.checkpoint = o.checkpoint;
    method.checkpoint_seconds = o.checkpoint_seconds.value_or(60);
    method.resume = o.resume;
    method.lazy = !o.method.empty() && runs_lazily(problem, method.sentence);
    method.sentence.directions.measures = !o.trace.empty() || !o.report.empty();
    return method;
}

Result<Eigen::VectorXd> solve(const Problem& problem, const Method& m, Watchers& watch) {
    const bool searches = m.step.kind == Kind::backtracking;
    if (m.solver == "newton" || m.solver == "lbfgs") {
        // what has a proximal penalty is refused before
        const auto& f = std::get<AnyRisk>(problem.objective);
        if (m.solver == "newton") return run_method(problem, m, watch, f, newton());
        return run_method(problem, m, watch, f, lbfgs(m.sentence.memory));
    }
    if (m.lazy) return solve_lazily(problem, m, watch);
    if (!searches) return solve_by_sentence(problem, m, watch);
    const ClipByNorm clip{m.clip.value_or(1e150)};  // the latter cuts nothing
    return std::visit(
        [&](const auto& f) {
            if (m.solver == "gd")
                return run_method(problem, m, watch, f, FullGradient{} | Backtracking{});
            const auto batch = minibatch(random_order(m.seed, m.as_stored), {.size = m.batch});
            return run_method(problem, m, watch, f, batch | clip | Backtracking{});
        },
        problem.objective);
}
