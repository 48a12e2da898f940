// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/directions/chain.hpp>
#include <ermine/numerics/all_finite.hpp>
#include <ermine/solvers/ask_estimator.hpp>
#include <ermine/solvers/follow.hpp>
#include <ermine/solvers/pipe_state.hpp>
#include <ermine/steps/length_of.hpp>
#include <ermine/steps/line.hpp>

#include <cmath>
#include <cstdint>
#include <tuple>
#include <utility>

namespace ermine {

/// A method as a sentence of parts, made by `|`:
/// `estimator | probe? | direction* | factor* | step | tail?`. Left of the step the gradient flows,
/// right of it the iterate. A value; all memory of a run is in the state that `start` makes.
///
/// With an estimator that repeats, the state's `here` is evaluated at its point between two rounds,
/// so that rules and observers see value and gradient for free. Otherwise a round draws its
/// examples first, so that no batch is evaluated that no step uses.
template <class E = Absent, class C = Chain<>, class Fs = std::tuple<>, class S = Absent,
          class T = Absent, class P = Absent>
struct Pipe {
    E estimator;
    C directions;
    Fs factors;
    S step;
    T tail;
    [[no_unique_address]] P probe;

    static constexpr bool repeats = E::repeats;
    static constexpr bool searching = S::searches;
    static constexpr bool learning = C::learns || learns<S>;
    /// Whether the point before a step is kept beside the one after it.
    static constexpr bool keeps_both = searching || learning;
    static constexpr bool keeps_best = requires { S::keeps_best; };
    static constexpr bool has_estimator = !std::same_as<E, Absent>;
    static constexpr bool has_step = !std::same_as<S, Absent>;
    static constexpr bool answers_elsewhere = !std::same_as<T, Absent>;
    static constexpr bool probing = !std::same_as<P, Absent>;

    /// Asks every part, in order, whether it can work on F. Prints one sentence at most.
    template <class F, class V>
    static consteval bool check() {
        static_assert(has_estimator,
                      "a method begins with an estimator: FullGradient{} | ... or "
                      "Minibatch{.size = 128} | ...");
        if constexpr (has_estimator) {
            static_assert(has_step,
                          "a method needs a step: ... | Constant{.size = 0.1}, Backtracking{}, "
                          "Cosine{.initial = 0.1}");
            if constexpr (has_step) return check_parts<F, V>();
        }
        return false;
    }

    /// Makes all memory of a run; evaluates f at x if the estimator repeats.
    /// Throws std::invalid_argument for an option that makes no sense.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        auto&& smooth = smooth_part(f);
        std::apply([&](const auto&... factor) { (factor.start(smooth, x), ...); }, factors);
        Evaluation<V> here{x, 0, V::Zero(x.size())};
        if constexpr (Composite<F, V>) f.prox(here.x, 0);  // into the box, if the penalty is one
        const V& start = here.x;
        PipeState<V, keeps_both, keeps_best, decltype(estimator.start(smooth, start)),
                  decltype(directions.start(smooth, start)),
                  decltype(step.start(smooth, start, estimator)),
                  decltype(tail.start(smooth, start)), decltype(probe.start(smooth, start))>
            state{here,
                  {},
                  {},
                  {},
                  estimator.start(smooth, start),
                  directions.start(smooth, start),
                  step.start(smooth, start, estimator),
                  tail.start(smooth, start),
                  probe.start(smooth, start)};
        if constexpr (keeps_both) {
            state.direction = here.gradient;
            if constexpr (keeps_best) state.best = here;
            state.there = std::move(here);
        }
        if constexpr (repeats) evaluate(smooth, state.here, state.estimator);
        return state;
    }

    /// One step, or a sweep.
    template <class F>
    Outcome advance(const F& f, auto& state) const {
        using V = std::remove_cvref_t<decltype(state.here.x)>;
        auto&& smooth = smooth_part(f);
        if constexpr (sweeps<E, C, Fs, S, F, V> && !answers_elsewhere) {
            state.length = scheduled_length(f, state);
            const Clock after = sweep(estimator, f, smooth, state);
            average_value(state);
            state.clock = after;
            return std::isfinite(state.here.value) && all_finite(state.here.x)
                       ? Outcome::advanced
                       : Outcome::non_finite;
        }
        if constexpr (requires { estimator.renew(smooth, state.estimator); })
            estimator.renew(smooth, state.estimator);
        double share = 0;
        if constexpr (!repeats) {
            share = estimator.draw(smooth, state.estimator);
            evaluate(smooth, state.here, state.estimator);
            average_value(state);
            if (!std::isfinite(state.here.value)) return Outcome::non_finite;
        }
        const double drawn = repeats ? 1 : share;
        if constexpr (searching) {
            const Outcome outcome = search(f, smooth, share, state);
            if (outcome != Outcome::advanced) return outcome;
        } else {
            state.length = scheduled_length(f, state);
            if constexpr (probing) {
                probe.probe(estimator.sample(smooth, state.estimator), std::as_const(state.here.x),
                            state.here.gradient, state.probe);
                share += repeats ? 1 : share;  // the same examples once more
            }
            if (!move(f, sample(estimator, smooth, state.estimator), state))
                return Outcome::non_finite;
            if constexpr (learning) {
                share += estimator.draw(smooth, state.estimator);
                evaluate(smooth, state.there, state.estimator);
                if (!std::isfinite(state.there.value)) {
                    go_on(state);
                    return Outcome::non_finite;
                }
            }
        }
        if constexpr (keeps_both) {
            learn(state);
            go_on(state);
        }
        constexpr bool evaluates = repeats && !keeps_both;
        if constexpr (evaluates) share += estimator.draw(smooth, state.estimator);
        ++state.clock.iteration;
        state.clock.epoch += share + drawn * directions.passes(state.directions);
        const bool moved = follow(f, state);
        if constexpr (evaluates) {
            evaluate(smooth, state.here, state.estimator);
        } else if constexpr (repeats && moves<T>) {
            if (moved) {
                state.clock.epoch += estimator.draw(smooth, state.estimator);
                evaluate(smooth, state.here, state.estimator);
            }
        }
        return std::isfinite(state.here.value) ? Outcome::advanced : Outcome::non_finite;
    }

    /// The answer so far.
    const auto& point(const auto& state) const {
        if constexpr (answers_elsewhere)
            return tail.report(state.here.x, state.tail);
        else
            return state.here.x;
    }

    /// The value where the gradient was taken, penalty included; with batches, the mean of their
    /// values over the epoch.
    double value(const auto& f, const auto& state) const {
        double value = repeats ? state.here.value : state.batch_value;
        // the point, not where the gradient was taken: that may lie outside a box
        if constexpr (requires { f.penalty(state.here.x); }) value += f.penalty(point(state));
        return value;
    }

    void note(const auto& state, Notes& notes) const {
        directions.note(state.directions, notes);
        if constexpr (requires { step.note(state.step, notes); }) step.note(state.step, notes);
    }

private:
    template <class F, class V>
    static consteval bool check_parts() {
        constexpr bool has_gradient = Differentiable<SmoothPart<F>, V> || gradient_free<E>;
        if constexpr (!has_gradient) {
            if constexpr (requires { SmoothPart<F>::template explain<V>(); })
                return SmoothPart<F>::template explain<V>();
            else
                static_assert(
                    has_gradient,
                    "this method needs f.value_and_gradient(x, g) beside f.value(x), both "
                    "const, for x of the starting point's type: write it, or wrap f in "
                    "autodiff(f) or finite_difference(f)");
            return false;
        } else if constexpr (!part_fits<E, F, V>()) {
            return false;
        } else {
            constexpr bool metric_kept = C::metric_kept || !Composite<F, V>;
            static_assert(metric_kept,
                          "a proximal penalty (L1, ElasticNet, Box) cannot stand behind a "
                          "direction that rescales the gradient (Newton, Adam, ClipByValue): use "
                          "FullGradient{} | Constant{} | Nesterov{}, or the penalty L2");
            constexpr bool one_function = repeats || !learning || (searching && holds<E>);
            static_assert(one_function,
                          "a part that learns curvature from pairs of gradients (LBFGS, "
                          "ConjugateGradient, BarzilaiBorwein) needs both of the same function, "
                          "and a minibatch changes it: use FullGradient{}, or Momentum with "
                          "Minibatch");
            constexpr bool plain_gradient = C::learns_first;
            static_assert(plain_gradient,
                          "a direction that learns (LBFGS, BFGS, ConjugateGradient) stands first: "
                          "behind clipping or momentum it would mistake the change they make for "
                          "curvature; put them behind it, or drop them");
            constexpr bool plain_step = !measures_gradient<S> || std::same_as<C, Chain<>>;
            constexpr bool has_sample = !((searching || probing) && estimates<E>);
            static_assert(
                has_sample,
                "a line search or a probe tries points of one function, and Saga, Sag, Svrg, "
                "LooplessSvrg, Katyusha and Spsa have none, only an estimate of the "
                "gradient: use Constant{}, or Minibatch with the search");
            static_assert(plain_step,
                          "BarzilaiBorwein, MalitskyMishchenko, Polyak and StochasticPolyak "
                          "measure plain gradient steps: no direction may stand before them");
            constexpr bool unprobed = !probing || !(searching || learning || measures_gradient<S>);
            static_assert(
                unprobed,
                "a probe (Sam) takes the gradient elsewhere: a line search, LBFGS, Polyak "
                "or BarzilaiBorwein would take it for that of the point; use a schedule "
                "such as Constant{.size = 0.1}");
            if constexpr (!(metric_kept && one_function && plain_gradient && plain_step &&
                            unprobed && has_sample))
                return false;
            else
                return part_fits<P, F, V>() && C::template check<F, V>() && part_fits<S, F, V>() &&
                       part_fits<T, F, V>();
        }
    }

    /// Finds the step and the point after it, which is `there`. A direction that has learnt and
    /// leads nowhere gets a second chance without what it learnt.
    template <class F>
    Outcome search(const F& f, const auto& smooth, double& share, auto& state) const {
        using V = std::remove_cvref_t<decltype(state.here.x)>;
        auto&& phi = estimator.sample(smooth, state.estimator);
        std::int64_t trials = 0;
        for (;;) {
            state.direction = state.here.gradient;
            directions.run(phi, state.here.x, state.direction, state.directions, state.clock);
            Line<std::remove_cvref_t<decltype(phi)>, F, V> line{
                .phi = phi,
                .f = f,
                .here = state.here,
                .there = state.there,
                .direction = state.direction,
                .gain = directions.gain(state.directions),
                .unit_length = C::unit_length,
                .trials = trials};
            if constexpr (requires { tail.resting(state.tail); }) {
                line.majorizes = line.majorizes || std::same_as<C, Chain<>>;
                line.may_grow = tail.resting(state.tail);
            }
            if constexpr (keeps_best) line.best = &state.best;
            state.length = step.search(line, state.step);
            trials = line.trials;
            if (state.length != 0) break;
            if constexpr (C::learns)
                if (directions.forget(state.directions)) continue;
            return all_finite(state.direction) ? Outcome::no_progress : Outcome::non_finite;
        }
        share = repeats ? static_cast<double>(trials) : share * static_cast<double>(1 + trials);
        return Outcome::advanced;
    }

    void learn(auto& state) const {
        if constexpr (C::learns) directions.learn(state.here, state.there, state.directions);
        if constexpr (learns<S>) step.learn(state.here, state.there, state.step);
    }

    /// Hands the new point on to the tail; whether that moved it.
    bool follow(const auto& f, auto& state) const {
        const auto value = [&]() -> double {
            const auto& x = std::as_const(state.here.x);
            if constexpr (!keeps_both)
                return static_cast<double>(f.value(x));
            else if constexpr (requires { f.penalty(x); })
                return state.here.value + f.penalty(x);
            else
                return state.here.value;
        };
        if constexpr (answers_elsewhere)
            return ermine::follow<repeats>(tail, state.here.x, state.length, value, state.clock,
                                           state.tail);
        else
            return false;
    }

    void go_on(auto& state) const {
        if constexpr (std::remove_cvref_t<decltype(state.here.x)>::SizeAtCompileTime ==
                      Eigen::Dynamic)
            swap(state.here, state.there);
        else
            state.here = state.there;  // a few registers: swapping would touch both
    }

    void evaluate(const auto& smooth, auto& place, auto& examples) const {
        take_gradient(estimator, smooth, place, examples);
    }

    void average_value(auto& state) const {
        const double epoch = state.clock.whole_epochs();
        if (epoch != state.epoch) {
            state.epoch = epoch;
            state.batch_value = 0;
            state.batches = 0;
        }
        state.batch_value += (state.here.value - state.batch_value) / ++state.batches;
    }

    double scheduled_length(const auto& f, auto& state) const {
        const auto value = [&]() -> double {
            if constexpr (requires { f.penalty(state.here.x); })
                return state.here.value + f.penalty(state.here.x);
            else
                return state.here.value;
        };
        const double length = length_of(step, state.here, value, state.clock, state.step);
        return std::apply(
            [&](const auto&... factor) { return (length * ... * factor.scale(state.clock)); },
            factors);
    }

    /// Turns the gradient into the direction and moves the point along it, block by block, in place
    /// where the point before is not needed again; false if the direction is not finite.
    bool move(const auto& f, const auto& phi, auto& state) const {
        const auto& from = state.here.x;
        auto& x = destination(state);
        auto& direction = buffer(state);
        using Scalar = typename std::remove_cvref_t<decltype(x)>::Scalar;
        const auto length = static_cast<Scalar>(state.length);
        const double poison =  // 0 · d is NaN where d is not finite
            directions.run(phi, from, direction, state.directions, state.clock,
                           [&](const auto& d, const auto& at) {
                               if constexpr (keeps_both)
                                   at(x) = at(from) - length * d;
                               else
                                   at(x) -= length * d;
                               return static_cast<double>((Scalar{0} * d).sum());
                           });
        if constexpr (requires { f.prox(x, 1.0); })
            f.prox(x, state.length * directions.gain(state.directions));
        return poison == 0;
    }

    static auto& destination(auto& state) {
        if constexpr (keeps_both)
            return state.there.x;
        else
            return state.here.x;
    }

    /// The gradient, to be turned into the direction: a copy where the gradient is needed again.
    static auto& buffer(auto& state) {
        if constexpr (keeps_both)
            return state.direction = state.here.gradient;
        else
            return state.here.gradient;
    }
};

}  // namespace ermine
