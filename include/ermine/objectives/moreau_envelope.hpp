// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// The Moreau envelope of a convex penalty p, made by `moreau_envelope`:
///
///     e(x) = min_u p(u) + ‖u − x‖² / 2μ,    ∇e(x) = (x − prox(x)) / μ
///
/// with the proximal map of step μ (Moreau 1965; Parikh & Boyd, "Proximal algorithms", 2014,
/// section 3.1). It has the minimizers and the minimum of p, a 1/μ-Lipschitz gradient, and lies
/// below p: by at most μ G² / 2 where p is G-Lipschitz. Of |·| it is Huber's function over μ, of a
/// box half the squared distance to it over μ.
template <ProximalPenalty P>
class MoreauEnvelope {
public:
    /// Throws std::invalid_argument for options that the penalty refuses, and unless μ is positive
    /// and finite.
    MoreauEnvelope(P penalty, double mu) : penalty_(std::move(penalty)), mu_(mu) {
        penalty_.check();
        require_positive(mu, "moreau_envelope: mu");
    }

    /// p itself.
    [[nodiscard]] const P& penalty() const { return penalty_; }
    [[nodiscard]] double mu() const { return mu_; }

    template <Vector V>
    double value(const V& x) const {
        V nearest = x;
        return value_at(x, nearest);
    }

    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        g = x;
        const double value = value_at(x, g);
        g = (x - g) / static_cast<typename V::Scalar>(mu_);
        return value;
    }

    /// 1/μ.
    [[nodiscard]] double smoothness() const { return 1 / mu_; }

    /// That of p: the gradient is a subgradient of p at prox(x).
    [[nodiscard]] double lipschitz() const
        requires LipschitzContinuous<P>
    {
        return penalty_.lipschitz();
    }

    /// The same, of n numbers.
    [[nodiscard]] double lipschitz(Index n) const
        requires requires(const P& p) { p.lipschitz(n); }
    {
        return penalty_.lipschitz(n);
    }

    /// σ / (1 + σμ) for a σ-strongly convex p (Lemaréchal & Sagastizábal, "Practical aspects of the
    /// Moreau–Yosida regularization", SIAM J. Optim. 7, 1997).
    [[nodiscard]] double strong_convexity() const
        requires StronglyConvex<P>
    {
        const double sigma = penalty_.strong_convexity();
        return sigma / (1 + sigma * mu_);
    }

private:
    P penalty_;
    double mu_;

    /// Turns `u`, which is x, into prox(x).
    template <class V>
    double value_at(const V& x, V& u) const {
        penalty_.prox(u, mu_);
        const double distance = static_cast<double>((x - u).norm());
        return penalty_.value(u) + distance * distance / (2 * mu_);
    }
};

/// The smooth function in the place of a penalty with a kink or a bound:
/// `minimize(moreau_envelope(L1{}, 0.1), x0, gradient_descent())`.
template <ProximalPenalty P>
auto moreau_envelope(P penalty, double mu) {
    return MoreauEnvelope<P>(std::move(penalty), mu);
}

}  // namespace ermine
