// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace ermine {

/// Nonlinear conjugate gradients: d⁺ = ∇f⁺ + β d, where the last step was along d, y = ∇f⁺ − ∇f,
/// and β is
/// - of Polak & Ribière (1969), kept from being negative (Gilbert & Nocedal 1992):
///   max(0, ∇f⁺ᵀy / ‖∇f‖²);
/// - of Hager & Zhang ("A new conjugate gradient method with guaranteed descent and an efficient
///   line search", SIAM J. Optim. 16, 2005, eqs. 1.3–1.6): (y − 2 p ‖y‖²/pᵀy)ᵀ∇f⁺ / pᵀy with p =
///   −d, not below −1/(‖p‖ min(0.01, ‖∇f‖)).
/// It starts over from the gradient where d⁺ would not point downhill. On a quadratic with exact
/// steps it ends after n of them. It needs a line search with a tight curvature condition:
/// `ConjugateGradient{} | StrongWolfe{.curvature = 0.1}`, or HagerZhang{}.
struct ConjugateGradient {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool learns = true;
    static constexpr bool keeps_metric = false;

    enum class Beta { hager_zhang, polak_ribiere };

    Beta beta = Beta::hager_zhang;

    template <class V>
    struct Last {
        V direction;
        double beta = 0;
        auto fields() { return std::tie(direction, beta); }
    };

    template <class V>
    Last<V> start(const auto&, const V& x) const {
        return {V::Zero(x.size())};
    }

    template <class V>
    void direct(const auto&, const V&, V& d, Last<V>& state) const {
        if (state.beta != 0) {
            const auto squared = d.squaredNorm();
            const auto slope = d.dot(state.direction);
            const auto push = static_cast<typename V::Scalar>(state.beta);
            if (squared + push * slope > 0)
                d += push * state.direction;
            else
                state.beta = 0;
        }
        state.direction = d;
    }

    template <class V>
    void learn(const Evaluation<V>& before, const Evaluation<V>& after, Last<V>& state) const {
        const auto y = after.gradient - before.gradient;
        const V& d = state.direction;
        const auto dot = [](const auto& a, const auto& b) { return static_cast<double>(a.dot(b)); };
        double push = 0;
        if (beta == Beta::polak_ribiere) {
            push = std::max(0.0, dot(after.gradient, y) / dot(before.gradient, before.gradient));
        } else {
            const double dy = -dot(d, y);  // pᵀy
            push = (dot(y, after.gradient) + 2 * dot(d, after.gradient) * dot(y, y) / dy) / dy;
            const double floor = -1 / (static_cast<double>(d.norm()) *
                                       std::min(0.01, static_cast<double>(before.gradient.norm())));
            push = std::max(push, floor);
        }
        state.beta = std::isfinite(push) ? push : 0;
    }

    template <class V>
    bool forget(Last<V>& state) const {
        return std::exchange(state.beta, 0) != 0;
    }
};

}  // namespace ermine
