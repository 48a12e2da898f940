// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/linear_candidates.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/method_choice.hpp>
#include <ermine/solvers/recommended.hpp>
#include <ermine/solvers/relative_gap.hpp>

#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace ermine {

/// The method that suits the objective, chosen when the run starts and changed while it runs where
/// the evidence says so: `minimize(risk + L2{λ}, x0, Auto{}, RelativeGap{1e-6})`.
///
/// For linear models the candidates follow from model, loss and penalty, and the first of them from
/// examples, features and stored entries (LinearCandidates). A method that finds no better point,
/// or has not halved its duality gap in `patience` rounds, hands its point on to the next candidate
/// that has not been tried. What is no linear model takes `recommended(f, x0)`.
/// `explain(f)` says what is chosen, and why, before anything is run.
struct Auto {
    double accuracy = 0;  ///< the relative gap that will be asked for; 0: not known
    int patience = 50;    ///< rounds in which the gap must halve

    static constexpr bool repeats = true;
    using Stop = FirstOf<RelativeGap, MaxIterations>;

    /// The candidate that begins on f.
    template <class F>
    static MethodChoice choose(const F& f) {
        if constexpr (HasLinearCandidates<F>)
            return choose_linear(f);
        else
            return {.method = "recommended(f, x0)",
                    .reason = "no linear model with a method of its own"};
    }

    template <class Methods, class Runs>
    struct State {
        Methods methods;
        Runs run;  // of the method with the same index
        Clock clock = {};
        std::size_t tried = 0;  // bit k: candidate k has had its turn, or may have none
        double mark = std::numeric_limits<double>::infinity();  // the gap to halve
        int rounds = 0;                                         // since it was halved
    };

    /// Throws std::invalid_argument for patience < 1 or a negative accuracy, and what the chosen
    /// method throws.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(accuracy, "Auto.accuracy");
        require_count(patience, "Auto.patience");
        const auto methods = candidates(f, x);
        return std::apply(
            [&](const auto&... method) {
                using Runs = std::variant<decltype(method.start(f, x))...>;
                const MethodChoice choice = choose(f);
                const std::size_t first = choice.candidate;
                State<std::remove_const_t<decltype(methods)>, Runs> state{
                    methods, begin<Runs>(methods, first, f, x)};
                state.tried = std::size_t{1} << first | ~choice.allowed;
                return state;
            },
            methods);
    }

    template <class F, class S>
    Outcome advance(const F& f, S& state) const {
        const Outcome outcome = visit(state, [&](const auto& method, auto& run) {
            const Clock before = run.clock;
            const Outcome end = method.advance(f, run);
            state.clock.iteration += run.clock.iteration - before.iteration;
            state.clock.epoch += run.clock.epoch - before.epoch;
            return end;
        });
        ++state.rounds;
        const DualityGap now = gap(f, state);
        if (now.absolute() <= state.mark / 2) {
            state.mark = now.absolute();
            state.rounds = 0;
        }
        const bool stuck = outcome != Outcome::advanced || state.rounds >= patience;
        if (stuck && now.relative() > attainable && hand_on(f, state)) return Outcome::advanced;
        return outcome;
    }

    const auto& point(const auto& state) const {
        using V =
            std::remove_cvref_t<decltype(std::get<0>(state.methods).point(std::get<0>(state.run)))>;
        return *visit(state, [](const auto& method, const auto& run) -> const V* {
            return &method.point(run);
        });
    }

    double value(const auto& f, const auto& state) const {
        return visit(state, [&](const auto& method, const auto& run) {
            return static_cast<double>(method.value(f, run));
        });
    }

    /// Of the method that runs; nothing is known of one that keeps no dual point.
    DualityGap gap(const auto& f, const auto& state) const {
        return visit(state, [&](const auto& method, const auto& run) -> DualityGap {
            if constexpr (requires { method.gap(f, run); }) return method.gap(f, run);
            return {};
        });
    }

    std::optional<Status> ended(const auto& state) const {
        return visit(state, [&](const auto& method, const auto& run) -> std::optional<Status> {
            if constexpr (requires { method.ended(run); }) return method.ended(run);
            return {};
        });
    }

    void note(const auto& state, Notes& notes) const {
        visit(state, [&](const auto& method, const auto& run) {
            if constexpr (requires { method.note(run, notes); }) method.note(run, notes);
        });
    }

    template <class F, class V>
    static consteval bool check() {
        constexpr bool in_double =
            !HasLinearCandidates<F> || std::same_as<typename V::Scalar, double>;
        static_assert(in_double,
                      "Auto keeps the parameters of linear models in double: take "
                      "risk.in_double() and begin at its zero()");
        return in_double;
    }

private:
    /// What rounding leaves of a gap: it is no reason to try another method.
    static constexpr double attainable = 1e-11;

    template <class F, class V>
    auto candidates(const F& f, const V& x) const {
        if constexpr (HasLinearCandidates<F>)
            return linear_candidates<F>(accuracy);
        else
            return std::tuple{recommended(f, x)};
    }

    template <class Runs, std::size_t k = 0>
    static Runs begin(const auto& methods, std::size_t which, const auto& f, const auto& x) {
        if constexpr (k + 1 < std::variant_size_v<Runs>)
            if (which != k) return begin<Runs, k + 1>(methods, which, f, x);
        return Runs(std::in_place_index<k>, std::get<k>(methods).start(f, x));
    }

    /// Calls f(method, run) for the one that runs.
    template <std::size_t k = 0, class S, class Act>
    static decltype(auto) visit(S& state, const Act& act) {
        if constexpr (k + 1 < std::tuple_size_v<std::remove_cvref_t<decltype(state.methods)>>)
            if (state.run.index() != k) return visit<k + 1>(state, act);
        return act(std::get<k>(state.methods), *std::get_if<k>(&state.run));
    }

    /// Whether there was a candidate left, which now runs from the point that is reached.
    template <class F, class S>
    bool hand_on(const F& f, S& state) const {
        using Runs = std::remove_cvref_t<decltype(state.run)>;
        for (std::size_t k = 0; k < std::variant_size_v<Runs>; ++k) {
            if ((state.tried >> k & 1) != 0) continue;
            state.tried |= std::size_t{1} << k;
            const auto x = point(state);
            state.run = begin<Runs>(state.methods, k, f, x);
            state.rounds = 0;
            return true;
        }
        return false;
    }
};

/// What `Auto` begins with on f, and why: `std::cout << explain(f)`.
template <class F>
MethodChoice explain(const F& f) {
    return Auto::choose(f);
}

}  // namespace ermine
