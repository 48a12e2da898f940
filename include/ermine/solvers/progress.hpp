// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clip_counts.hpp>
#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/objectives/duality_gap.hpp>
#include <ermine/solvers/ask_estimator.hpp>
#include <ermine/solvers/counts.hpp>
#include <ermine/solvers/status.hpp>

#include <cstdint>
#include <limits>
#include <optional>

namespace ermine {

/// ‖∇f‖∞ at a point where the gradient is known, or ‖x − prox(x − ∇f)‖∞ where f has a proximal
/// part: 0 exactly at a stationary point. `scratch` is memory for the latter.
template <class F, class V>
double stationarity(const F& f, const V& x, const V& gradient, [[maybe_unused]] V& scratch) {
    using Eigen::Infinity;
    if constexpr (Composite<F, V>) {
        scratch = x - gradient;
        f.prox(scratch, 1);
        scratch -= x;
        return static_cast<double>(scratch.template lpNorm<Infinity>());
    } else {
        return static_cast<double>(gradient.template lpNorm<Infinity>());
    }
}

/// The memory of evaluating a duality gap, where F has a dual.
template <class F>
struct GapMemoryOf {
    struct type {};
};
template <DualObjective F>
struct GapMemoryOf<F> {
    using type = DualEvaluation<LinearProblemOf<F>>;
};

/// Memory that looking at a run needs, made once, and the last gap that was evaluated.
template <class F, class V>
struct Lookout {
    V gradient;
    V moved;
    typename GapMemoryOf<F>::type dual;
    DualityGap gap;
    std::int64_t gap_iteration = -1;
};

/// What stop rules and observers see of a run between two rounds. What costs something is computed
/// when it is asked for, at most once, and counted as monitoring.
template <class F, class M, class S, class V>
class Progress {
public:
    Progress(const F& f, const M& method, const S& state, Counts& counts, Lookout<F, V>& scratch)
        : f_(f), method_(method), state_(state), counts_(counts), scratch_(scratch) {}

    /// Whether the method sees the same function each round, so that values can be compared.
    static constexpr bool repeats = M::repeats;

    /// Whether the objective has a gradient, of its smooth part at least.
    static constexpr bool has_gradient = Differentiable<SmoothPart<F>, V>;

    /// Whether the method has a gradient between two rounds, so that looking at it costs nothing.
    static constexpr bool carries_gradient =
        M::repeats && requires(const S& s) { s.here.gradient; };

    /// Whether the method is made of runs from many starting points, with rules of their own.
    static constexpr bool many_runs = requires { M::many_runs; };

    /// Whether the method searches with many points, and says how far apart they lie.
    static constexpr bool has_spread = requires(const M& m, const S& s) { m.spread(s); };

    std::int64_t iteration() const { return state_.clock.iteration; }
    double epoch() const { return state_.clock.epoch; }
    double whole_epochs() const { return state_.clock.whole_epochs(); }
    const Counts& counts() const { return counts_; }
    const S& state() const { return state_; }

    /// Examples that make an epoch; 0 where the objective is no sum over examples.
    Index examples() const {
        if constexpr (requires { f_.examples(); })
            return f_.examples();
        else if constexpr (requires { f_.smooth_part().examples(); })
            return f_.smooth_part().examples();
        else
            return 0;
    }

    /// The answer so far.
    const V& point() const { return method_.point(state_); }

    /// The method's own value, for free: of the objective where it took the gradient, or with
    /// minibatches the mean over the epoch's batches (NaN before the first).
    double value() const {
        if (!M::repeats && iteration() == 0) return std::numeric_limits<double>::quiet_NaN();
        return method_.value(f_, state_);
    }

    /// Whether the method keeps a dual point, so that looking at the gap costs nothing.
    static constexpr bool carries_gap =
        requires(const M& m, const F& f, const S& s) { m.gap(f, s); };

    /// Whether there is a duality gap to look at.
    static constexpr bool has_gap = carries_gap || (DualObjective<F> && !many_runs);

    /// The duality gap at the answer so far: for free where the method keeps it, otherwise two
    /// passes over all examples.
    DualityGap duality_gap() const
        requires has_gap
    {
        if constexpr (carries_gap) {
            return method_.gap(f_, state_);
        } else {
            if (scratch_.gap_iteration != iteration()) {
                ++counts_.monitoring;
                scratch_.gap = scratch_.dual.gap(f_.linear_problem(), point());
                scratch_.gap_iteration = iteration();
            }
            return scratch_.gap;
        }
    }

    /// The step that was taken last; 0 before the first, NaN for methods without.
    double step() const {
        if constexpr (requires { state_.length; })
            return state_.length;
        else
            return std::numeric_limits<double>::quiet_NaN();
    }

    /// How far apart the points lie that the method searches with, and their values; for free.
    auto spread() const
        requires has_spread
    {
        return method_.spread(state_);
    }

    /// Stationarity where the method took its gradient, for free; infinite for minibatches and for
    /// methods that take none.
    double stationarity_here() const {
        if constexpr (carries_gradient)
            return stationarity(f_, state_.here.x, state_.here.gradient, scratch_.moved);
        else
            return std::numeric_limits<double>::infinity();
    }

    /// The norm of the gradient that the method took last, where it still has it: stationarity, or
    /// with minibatches ‖g‖∞ of the last batch's gradient before any direction has turned it. NaN
    /// where it is not known: a direction that works on the whole gradient or measures it behind
    /// another one (ClipByBlockNorm, LAMB, Momentum | ClipByNorm) leaves nothing of it, unless it
    /// stands first and offers `measured_gradient(state)`.
    double gradient_norm_here() const {
        if constexpr (carries_gradient) {
            return stationarity_here();
        } else if constexpr (keeps_gradient<M, F, V>) {
            if (iteration() > 0)
                return static_cast<double>(state_.here.gradient.template lpNorm<Eigen::Infinity>());
        } else if constexpr (requires {
                                 method_.directions.measured_gradient(state_.directions);
                             }) {
            return method_.directions.measured_gradient(state_.directions);
        }
        return std::numeric_limits<double>::quiet_NaN();
    }

    /// How often the gradient was clipped so far.
    ClipCounts clips() const {
        if constexpr (requires { method_.directions.clips(state_.directions); })
            return method_.directions.clips(state_.directions);
        else
            return {};
    }

    /// The point that steps are taken from, which a tail may answer without.
    const auto& iterate() const {
        if constexpr (requires { state_.here.x; })
            return state_.here.x;
        else
            return point();
    }

    /// Stationarity at the answer so far: an evaluation over all examples where the method does not
    /// have its gradient there.
    double stationarity_at_point() const
        requires has_gradient
    {
        if (!stationarity_) {
            if constexpr (carries_gradient) {
                if (&point() == &state_.here.x) return *(stationarity_ = stationarity_here());
            }
            ++counts_.monitoring;
            auto&& smooth = smooth_part(f_);
            scratch_.gradient.resize(point().size());
            smooth.value_and_gradient(point(), scratch_.gradient);
            stationarity_ = stationarity(f_, point(), scratch_.gradient, scratch_.moved);
        }
        return *stationarity_;
    }

    /// The risk on the validation set, where a stop rule looks at one; set by the loop.
    std::optional<double> validation;

    /// Why the run ends here, if a stop rule says so; set by the loop.
    std::optional<Status> stopping;

private:
    const F& f_;
    const M& method_;
    const S& state_;
    Counts& counts_;
    Lookout<F, V>& scratch_;
    mutable std::optional<double> stationarity_;
};

}  // namespace ermine
