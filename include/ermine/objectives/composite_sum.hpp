// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/objectives/penalized_part.hpp>

#include <utility>

namespace ermine {

/// F(x) = f(x) + p(w) with a penalty p that has no gradient but a proximal map (L1, ElasticNet,
/// Box) on the penalized part w of x: a Composite. Made by `f + L1{λ}`. It has no gradient of its
/// own; methods take that of `smooth_part()` and apply `prox` after the step.
template <class F, ProximalPenalty P>
class CompositeSum {
public:
    /// Throws std::invalid_argument for a penalty that makes no sense.
    CompositeSum(F f, P penalty) : f_(std::move(f)), penalty_(std::move(penalty)) {
        penalty_.check();
    }

    [[nodiscard]] const F& smooth_part() const { return f_; }
    [[nodiscard]] const P& penalty() const { return penalty_; }

    template <class V>
    double value(const V& x) const
        requires Objective<F, V>
    {
        return static_cast<double>(f_.value(x)) + penalty(x);
    }

    /// p(w).
    template <class V>
    double penalty(const V& x) const {
        return penalty_.value(x.head(penalized_size(f_, x.size())));
    }

    /// Replaces w by argmin_u p(u) + ‖u − w‖² / 2t, and leaves the rest of x.
    template <class V>
    void prox(V& x, double t) const {
        penalty_.prox(x.head(penalized_size(f_, x.size())), t);
    }

    [[nodiscard]] auto zero() const
        requires requires(const F& f) { f.zero(); }
    {
        return f_.zero();
    }

    [[nodiscard]] Index parameters() const
        requires requires(const F& f) { f.parameters(); }
    {
        return f_.parameters();
    }

    [[nodiscard]] Index penalized() const
        requires requires(const F& f) { f.penalized(); }
    {
        return f_.penalized();
    }

private:
    F f_;
    P penalty_;
};

}  // namespace ermine
