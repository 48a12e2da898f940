// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/callable_rule.hpp>
#include <ermine/solvers/counts.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/listed_starts.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/progress.hpp>
#include <ermine/solvers/refuge.hpp>
#include <ermine/solvers/status.hpp>
#include <ermine/solvers/usual_stop.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace ermine {

/// A method that runs another one from many starting points and answers with the lowest point that
/// any run ended at: made by `multi_start`. Each run ends by `rule`, which sees that run alone; a
/// round is a round of the run in hand, and the clock adds up all of them. When the last run is
/// over, the status is that of the run that gave the answer. Runs that begin or end where f is not
/// finite are survived. The state's `minima` are the different ends of runs, and the result's notes
/// tell how many there are.
template <class Method, class Starts, class Rule>
struct MultiStart {
    static constexpr bool repeats = true;
    static constexpr bool many_runs = true;
    using Stop = FirstOf<>;

    Method method;
    Starts starts;
    Rule rule;
    double same = 1e-3;  ///< ends nearer than this times max(1, ‖x‖∞) are one minimum

    /// Where runs ended, and how many.
    template <class V>
    struct Minimum {
        V x;
        double value;
        std::int64_t runs;
        auto fields() { return std::tie(x, value, runs); }
    };

    template <class F, class V, class Run, class Memory, class Sequence>
    struct State {
        Run run;
        Memory memory;
        Refuge<V> refuge;
        Lookout<F, V> scratch;
        Sequence sequence;
        V origin;
        V best;
        double best_value = std::numeric_limits<double>::infinity();
        Status best_status = Status::non_finite;
        std::vector<Minimum<V>> minima = {};
        std::int64_t begun = 1;
        std::optional<Status> ended = {};
        Clock clock = {};
        auto fields() {
            return std::tie(run, memory, refuge, sequence, origin, best, best_value, best_status,
                            minima, begun, ended, clock);
        }
    };

    /// Asks the inner method.
    template <class F, class V>
    static consteval bool check() {
        return fits<F, V, Method>();
    }

    /// Begins the first run; goes on to the next starting point while f is not finite.
    /// Throws std::invalid_argument for an option that makes no sense.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_positive(same, "MultiStart.same");
        starts.check();
        State<F, V, decltype(method.start(f, x)), decltype(rule.start(x)), decltype(starts.start())>
            state{method.start(f, x), rule.start(x), Refuge<V>(x), {}, starts.start(), x, x};
        state.minima.reserve(static_cast<std::size_t>(starts.size()));
        if (!begin(f, state) && !state.ended) begin_next(f, state);
        return state;
    }

    /// One round of the run in hand.
    template <class F>
    Outcome advance(const F& f, auto& state) const {
        Counts aside;  // f counts itself
        Progress progress(f, method, state.run, aside, state.scratch);
        std::optional<Status> why = rule.check(progress, state.memory);
        if (!why) {
            const Clock before = state.run.clock;
            const Outcome outcome = method.advance(f, state.run);
            state.clock.iteration += state.run.clock.iteration - before.iteration;
            state.clock.epoch += state.run.clock.epoch - before.epoch;
            Status status = Status::no_progress;
            if (outcome == Outcome::no_progress ||
                !state.refuge.accept(method, f, state.run, outcome, status))
                why = status;
        }
        if (why) {
            end(f, state, *why);
            if (!state.ended) begin_next(f, state);
        }
        return Outcome::advanced;
    }

    /// Why all is over, once it is.
    std::optional<Status> ended(const auto& state) const { return state.ended; }

    /// The lowest point that a run has ended at, or where the run in hand is lower.
    const auto& point(const auto& state) const {
        return leads(state) ? state.refuge.point() : state.best;
    }

    double value(const auto&, const auto& state) const {
        return leads(state) ? state.refuge.value() : state.best_value;
    }

    void note(const auto& state, Notes& notes) const {
        notes.starts = state.begun;
        notes.minima = static_cast<std::int64_t>(state.minima.size());
        if (leads(state)) return;
        for (const auto& minimum : state.minima)
            if (minimum.value <= state.best_value) notes.best_minimum_runs = minimum.runs;
    }

private:
    static bool leads(const auto& state) {
        return Method::repeats && !state.ended && state.refuge.value() < state.best_value;
    }

    /// Sets up what watches over a run; false if it begins where f is not finite.
    bool begin(const auto& f, auto& state) const {
        const auto& x = method.point(state.run);
        state.refuge = Refuge(x);
        state.memory = rule.start(x);
        state.scratch.gap_iteration = -1;
        state.clock.epoch += state.run.clock.epoch;
        if constexpr (Method::repeats) {
            const double value = method.value(f, state.run);
            constexpr double infinity = std::numeric_limits<double>::infinity();
            state.refuge.begin(std::isnan(value) ? infinity : value);
            if (value == -infinity) {
                state.ended = Status::unbounded;
                state.best_value = std::min(state.best_value, value);
                state.best = x;
            }
            return std::isfinite(value);
        } else {
            return true;
        }
    }

    void begin_next(const auto& f, auto& state) const {
        auto x = state.origin;
        while (state.begun < starts.size()) {
            starts.next(state.origin, state.begun++, state.sequence, x);
            state.run = method.start(f, x);
            if (begin(f, state) || state.ended) return;
        }
        state.ended = state.best_status;
    }

    /// Takes down where a run ended.
    template <class F>
    void end(const F& f, auto& state, Status why) const {
        const auto* x = &method.point(state.run);
        if constexpr (requires { rule.keep(*x, state.memory); }) x = &rule.keep(*x, state.memory);
        const bool failed =
            why == Status::diverged || why == Status::non_finite || why == Status::unbounded;
        if (failed) x = &state.refuge.point();
        if (why == Status::unbounded) state.ended = why;
        const double value = value_at(f, state, *x);
        if (!std::isfinite(value)) return;
        if (why == Status::converged || why == Status::no_progress) add(state, *x, value);
        if (value < state.best_value || state.ended) {
            state.best = *x;
            state.best_value = value;
            state.best_status = why;
        }
    }

    /// The value at the end of a run: known where the method took its gradient there.
    template <class F>
    double value_at(const F& f, const auto& state, const auto& x) const {
        if constexpr (Method::repeats && requires { state.run.here.gradient; })
            if (&x == &state.run.here.x) return method.value(f, state.run);
        return static_cast<double>(f.value(x));
    }

    void add(auto& state, const auto& x, double value) const {
        const double size = std::max(1.0, static_cast<double>(x.cwiseAbs().maxCoeff()));
        for (auto& minimum : state.minima) {
            if (!((minimum.x - x).cwiseAbs().maxCoeff() <= same * size)) continue;
            ++minimum.runs;
            if (value < minimum.value) {
                minimum.x = x;
                minimum.value = value;
            }
            return;
        }
        state.minima.push_back({x, value, 1});
    }
};

/// `multi_start(lbfgs(), UniformStarts{.count = 20, .lower = -5, .upper = 5})`, for `minimize`:
/// runs a method from x0 and from the other starts. The rule ends each run; by default it is the
/// one that `minimize` would take for that method.
template <class Method, class Starts, class Rule = UsualStop<Method>>
auto multi_start(Method method, Starts starts, Rule rule = {}) {
    return MultiStart<Method, Starts, decltype(as_rule(rule))>{method, starts, as_rule(rule)};
}

/// From x0 and the points of a list.
template <class Method, Vector V, class Rule = UsualStop<Method>>
auto multi_start(Method method, std::vector<V> points, Rule rule = {}) {
    return multi_start(method, ListedStarts<V>{std::move(points)}, rule);
}

}  // namespace ermine
