// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <cstdint>
#include <tuple>
#include <utility>

namespace ermine {

/// A batch that is held for some steps, made by `held(Minibatch{.size = 512}, {.steps = 10})`:
/// inner steps on one function before the next is drawn, which repays where drawing or loading a
/// batch costs more than a step. With a line search behind it, directions that learn curvature
/// (LBFGS, ConjugateGradient) are allowed: they learn from two gradients of one batch. Each step
/// counts the batch anew.
template <Estimator E>
struct Held {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;
    static constexpr bool holds = true;

    E batch;
    std::int64_t steps;

    template <class Inner>
    struct State {
        Inner batch;
        std::int64_t left = 0;
        double share = 0;
        auto fields() { return std::tie(batch, left, share); }
    };

    template <class F, class V>
    static consteval bool check() {
        return part_fits<E, F, V>();
    }

    /// Throws std::invalid_argument for steps < 1, and what the batch throws.
    auto start(const auto& f, const auto& x) const {
        require_count(steps, "held: steps");
        return State<decltype(batch.start(f, x))>{batch.start(f, x)};
    }

    double draw(const auto& f, auto& state) const {
        if (state.left == 0) {
            state.share = batch.draw(f, state.batch);
            state.left = steps;
        }
        --state.left;
        return state.share;
    }

    decltype(auto) sample(const auto& f, const auto& state) const {
        return batch.sample(f, state.batch);
    }

    double natural_step(const auto& f) const { return batch.natural_step(f); }
};

/// Options of `held`.
struct HeldFor {
    std::int64_t steps = 10;
};

/// The batches of an estimator, each held for so many steps.
template <Estimator E>
constexpr Held<E> held(E batch, HeldFor length = {}) {
    constexpr bool has_batches = !E::repeats && !requires { E::estimates; };
    static_assert(has_batches,
                  "held takes an estimator that draws batches: held(Minibatch{.size = 128}, "
                  "{.steps = 10})");
    return {std::move(batch), length.steps};
}

}  // namespace ermine
