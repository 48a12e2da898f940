// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/modified_cholesky.hpp>

#include <cstdint>
#include <limits>
#include <tuple>

namespace ermine {

/// Newton's direction: d ← H⁻¹ d with the Hessian H, by its Cholesky factor, never an inverse.
/// Where H is not positive definite it is regularized (ModifiedCholesky), and the result says how
/// often: the direction is then still one of descent, but at a saddle no longer a fast one.
struct Newton {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool keeps_metric = false;
    static constexpr bool unit_length = true;  // the step to try first is 1

    template <class V>
    struct Factorization {
        SquareMatrix<V> hessian;
        ModifiedCholesky<SquareMatrix<V>> cholesky;
        bool factored = false;
        std::int64_t regularized = 0;
        auto fields() { return std::tie(regularized); }
    };

    template <class F, class V>
    static consteval bool check() {
        static_assert(TwiceDifferentiable<SmoothPart<F>, V>,
                      "Newton needs f.hessian(x, H): write it, wrap f in autodiff(f) or "
                      "finite_difference(f), or use a method that needs gradients alone, such as "
                      "gradient_descent()");
        return TwiceDifferentiable<SmoothPart<F>, V>;
    }

    template <class V>
    Factorization<V> start(const auto&, const V& x) const {
        const Index n = x.size();
        return {SquareMatrix<V>::Zero(n, n), ModifiedCholesky<SquareMatrix<V>>(n)};
    }

    template <class V>
    void direct(const auto& f, const V& x, V& d, Factorization<V>& state) const {
        f.hessian(x, state.hessian);
        const Definiteness found = state.cholesky.compute(state.hessian);
        state.factored = found != Definiteness::not_finite;
        state.regularized += found == Definiteness::regularized;
        if (state.factored)
            state.cholesky.solve_in_place(d);
        else
            d.setConstant(std::numeric_limits<typename V::Scalar>::quiet_NaN());
    }

    /// The condition number of the last Hessian and the number of those that were regularized.
    template <class V>
    void note(const Factorization<V>& state, Notes& notes) const {
        notes.regularized_hessians = state.regularized;
        if (state.factored) notes.condition_number = state.cholesky.condition_number(state.hessian);
    }
};

}  // namespace ermine
