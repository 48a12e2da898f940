// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/solvers/reduction_ratio.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace ermine {

/// The step that a model of the function proposes.
struct ModelStep {
    double reduction = 0;  ///< what the model says that f falls by
    double length = 0;     ///< in the norm of the method; NaN where the model is not finite
    bool limited = false;  ///< whether it would be longer in a larger region
};

/// Throws std::invalid_argument, naming the option and its value, unless it is at least 1.
inline void require_trials(int trials, const char* option) {
    if (trials < 1)
        throw std::invalid_argument(std::string(option) + " is " + std::to_string(trials) +
                                    ": it must be at least 1");
}

/// What a method remembers that minimizes, each round, a model of f in a region that it trusts:
/// TrustRegion, CubicRegularization and their kin. `size` is the method's own measure of the
/// region: a radius Δ, or σ.
template <class V, class Model>
struct ModelRun {
    Evaluation<V> here;
    Evaluation<V> there;  // the last trial
    V step;
    Model model;
    double size = 0;
    bool known = false;  // whether the model is that of f at here
    Clock clock = {};
    double length = 0;  // of the last step that was taken
    auto fields() { return std::tie(here, model, size, clock, length); }
    /// The model is not saved: it is made anew.
    void resumed() { known = false; }

    /// Evaluates f at x, and the model there: so a run that ends at once can say what the Hessian
    /// was like, and one that goes on has evaluated nothing in vain.
    template <class F>
    ModelRun(const F& f, const V& x, auto&& make_model)
        : here{x, 0, V::Zero(x.size())}, there(here), step(V::Zero(x.size())), model(make_model()) {
        here.value =
            static_cast<double>(f.value_and_gradient(std::as_const(here.x), here.gradient));
        if (std::isfinite(here.value) && here.gradient.size() == x.size())
            known = model.look(f, here);
    }

    /// One round: trials of ever smaller regions until one is accepted, where the reduction is at
    /// least 1e-4 of what the model has said. `adjust(ratio, step)` changes `size` after each
    /// trial; ratio is NaN where f is not finite, which is no failure: the region shrinks. A trial
    /// is evaluated once, and the model is kept until a step is taken.
    template <class F>
    Outcome advance(const F& f, int trials, auto&& adjust) {
        if (!known) known = model.look(f, here);
        if (!known) return Outcome::non_finite;
        for (int trial = 0; trial < trials; ++trial) {
            const ModelStep proposed = model.propose(f, here, size, step);
            if (!std::isfinite(proposed.length)) return Outcome::non_finite;
            if (!(proposed.reduction > 0)) return Outcome::no_progress;
            there.x = here.x + step;
            if (there.x == here.x) return Outcome::no_progress;
            there.value =
                static_cast<double>(f.value_and_gradient(std::as_const(there.x), there.gradient));
            clock.epoch += 1;
            const bool bottomless = there.value == -std::numeric_limits<double>::infinity();
            const double ratio =
                bottomless ? 1 : reduction_ratio(here, there, step, proposed.reduction);
            adjust(ratio, proposed);
            if (!(ratio > 1e-4)) continue;
            std::swap(here, there);
            known = false;
            length = static_cast<double>(step.stableNorm());
            ++clock.iteration;
            return bottomless ? Outcome::non_finite : Outcome::advanced;
        }
        return Outcome::no_progress;
    }
};

}  // namespace ermine
