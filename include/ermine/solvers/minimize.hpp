// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/observer.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/all_finite.hpp>
#include <ermine/numerics/check_gradient.hpp>
#include <ermine/numerics/seconds_now.hpp>
#include <ermine/solvers/callable_rule.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/counted.hpp>
#include <ermine/solvers/progress.hpp>
#include <ermine/solvers/refuge.hpp>
#include <ermine/solvers/result.hpp>
#include <ermine/solvers/usual_stop.hpp>
#include <ermine/solvers/whole_run.hpp>

#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>

namespace ermine {

/// Whether method M can minimize F from a point of type V; prints one sentence if it cannot.
template <class F, class V, class M>
consteval bool fits() {
    if constexpr (std::same_as<M, Refused>) {
        return false;
    } else {
        constexpr bool is_a_sentence = !Part<M>;
        static_assert(is_a_sentence,
                      "a method is a sentence of parts: FullGradient{} | Newton{} | "
                      "Backtracking{}, or a ready name such as newton(), sgd(0.1)");
        if constexpr (!is_a_sentence)
            return false;
        else if constexpr (requires { M::template check<F, V>(); })
            return M::template check<F, V>();
        else
            return true;
    }
}

/// The value at the result's point and, where there is one, the gradient of the smooth part.
template <class F, class V>
void evaluate_answer(const F& f, Result<V>& result, V& gradient) {
    ++result.counts.monitoring;
    if constexpr (Differentiable<SmoothPart<F>, V>) {
        auto&& smooth = smooth_part(f);
        result.value = static_cast<double>(smooth.value_and_gradient(result.x, gradient));
        if constexpr (Composite<F, V>) result.value += f.penalty(result.x);
    } else {
        result.value = static_cast<double>(f.value(result.x));
    }
}

/// Throws std::invalid_argument: two sizes that should be the same are not.
[[noreturn, gnu::cold]] inline void refuse_size(const char* first, Index size, const char* second,
                                                Index other) {
    std::string text = "minimize: ";
    text += first;
    text += std::to_string(size);
    text += " numbers";
    text += second;
    text += std::to_string(other);
    throw std::invalid_argument(text);
}

/// Throws std::invalid_argument for a starting point that f cannot take: of another size, where f
/// tells its own, or not finite.
template <class F, class V>
void check_start(const F& f, const V& x) {
    if constexpr (requires {
                      { f.parameters() } -> std::convertible_to<Index>;
                  })
        if (x.size() != f.parameters())
            refuse_size("the starting point has ", x.size(), ", and the objective takes ",
                        f.parameters());
    if (!all_finite(x)) throw std::invalid_argument("minimize: the starting point is not finite");
}

/// Where a method found no better point although the gradient is not small, the gradient may be
/// wrong: the report of `check_gradient` if it is. Of more than a thousand variables, which would
/// take long, nothing is said.
template <class F, class V>
[[gnu::cold]] std::optional<DerivativeReport> find_wrong_gradient(const F& f,
                                                                  const Result<V>& result) {
    if constexpr (Differentiable<F, V>) {
        if (result.status != Status::no_progress || !(result.gradient_norm > 0) ||
            result.x.size() > 1000)
            return {};
        const DerivativeReport report = check_gradient(f, result.x);
        if (!report.ok()) return report;
    }
    return {};
}

/// The duality gap at the answer, of a method that keeps one at its point: then value and bound are
/// known, and no further look at f is needed. +∞ otherwise.
template <class F, class M, class S, class V>
double certified_gap(const F& f, const M& method, const S& state, const V& answer) {
    if constexpr (requires { method.gap(f, state); })
        if (&answer == &method.point(state)) return method.gap(f, state).absolute();
    return std::numeric_limits<double>::infinity();
}

/// Minimizes f from x0 by a method, until a rule says stop: the one loop of the library.
/// `watch` are observers: callables that take a progress, or values with `see(progress)`; they are
/// called before the first round and after each. x0 may be `resume(path, x0)`.
/// What is returned is finite wherever f is finite at x0: a run that goes wrong ends with a status
/// and its last good point (with minibatches at most one epoch old), or, if it diverged, the lowest
/// point seen.
/// Throws std::invalid_argument for an x0 that is not finite or of a size that f does not take, a
/// gradient of another size than x0, and options that make no sense, before any work is done; never
/// for what happens on the way.
template <class F, class X0, class M, class Stop = UsualStop<M>, class... Observers>
Result<PlainVector<X0>> minimize(const F& f, const X0& x0, const M& method, Stop stop = {},
                                 Observers&&... watch) {
    using V = PlainVector<X0>;
    if constexpr (!fits<F, V, M>()) {
        return {};
    } else {
        double begin = seconds_now();
        Result<V> result{.x = x0};
        check_start(f, result.x);
        Counts& counts = result.counts;
        const Counted<F> metered(f, counts);
        const auto rule = as_rule(std::move(stop));
        auto memory = rule.start(result.x);
        auto state = method.start(metered, result.x);
        if constexpr (requires { state.here.gradient.size(); })
            if (state.here.gradient.size() != result.x.size())
                refuse_size("the gradient that f fills has ", state.here.gradient.size(),
                            ", and the starting point ", result.x.size());
        Lookout<F, V> scratch;
        Refuge<V> refuge(method.point(state));
        if constexpr (M::repeats) refuge.begin(method.value(f, state));
        if constexpr (requires { X0::resumes; })
            x0.go_on(WholeRun{f, method, rule, result.x, state, memory, refuge, counts, begin});

        bool failed = M::repeats && !std::isfinite(refuge.value());
        if (failed)
            result.status = refuge.value() == -std::numeric_limits<double>::infinity()
                                ? Status::unbounded
                                : Status::non_finite;
        while (!failed) {
            Progress progress(f, method, state, counts, scratch);
            std::optional<Status> why = rule.check(progress, memory);
            if constexpr (requires { method.ended(state); })
                if (!why) why = method.ended(state);
            if constexpr (requires { rule.validation(memory); })
                progress.validation = rule.validation(memory);
            progress.stopping = why;
            if constexpr ((keeps_runs<Observers> || ...)) {
                const WholeRun run{f, method, rule, result.x, state, memory, refuge, counts, begin};
                (observe(watch, progress, run), ...);
            } else {
                (observe(watch, progress), ...);
            }
            if (why) {
                result.status = *why;
                break;
            }
            const Outcome outcome = method.advance(metered, state);
            if (outcome == Outcome::no_progress) {
                result.status = Status::no_progress;
                break;
            }
            failed = !refuge.accept(method, f, state, outcome, result.status);
        }

        const V* answer = &method.point(state);
        if constexpr (requires { rule.keep(*answer, memory); })
            answer = &rule.keep(*answer, memory);
        if (failed && answer == &method.point(state)) answer = &refuge.point();
        // reached, but not at the answer, which a validation set prefers
        const V& own = method.point(state);
        if (result.status == Status::converged && answer != &own && *answer != own)
            result.status = Status::early_stopped;
        result.x = *answer;
        result.iterations = state.clock.iteration;
        result.epochs = state.clock.epoch;
        if constexpr (requires { method.note(state, result.notes); })
            method.note(state, result.notes);

        if (const double gap = certified_gap(f, method, state, *answer); std::isfinite(gap)) {
            result.value = method.value(f, state);
            result.certificate = {Certificate::Kind::gap, gap};
            if constexpr (Differentiable<SmoothPart<F>, V> && requires { state.here.gradient; })
                if (answer == &state.here.x)
                    result.gradient_norm =
                        stationarity(f, result.x, state.here.gradient, scratch.moved);
            result.seconds = seconds_now() - begin;
            return result;
        }
        scratch.gradient.resize(result.x.size());
        const bool known = [&] {
            if constexpr (M::repeats && requires { state.here.gradient; }) {
                if (answer != &state.here.x) return false;
                scratch.gradient = state.here.gradient;
                result.value = method.value(f, state);
                return true;
            } else {
                return false;
            }
        }();
        if (!known) evaluate_answer(f, result, scratch.gradient);
        if (answer != &refuge.point() && refuge.template beats<M>(result.value)) {
            // a budget that ends a diverging run is no excuse to answer with its last point
            result.status = std::isfinite(refuge.value()) ? Status::diverged : Status::non_finite;
            result.x = refuge.point();
            evaluate_answer(f, result, scratch.gradient);
        }
        if constexpr (Differentiable<SmoothPart<F>, V>)
            result.gradient_norm = stationarity(f, result.x, scratch.gradient, scratch.moved);
        result.wrong_gradient = find_wrong_gradient(f, result);
        result.certificate = certify(f, scratch.gradient);
        if (scratch.gap_iteration == state.clock.iteration && result.x == method.point(state))
            if (const double gap = scratch.gap.absolute(); std::isfinite(gap))
                result.certificate = {Certificate::Kind::gap, gap};
        result.seconds = seconds_now() - begin;
        return result;
    }
}

}  // namespace ermine
