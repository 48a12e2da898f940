// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>

#include <Eigen/Cholesky>

#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>

namespace ermine {

/// Newton's direction: d ← H⁻¹ d with the Hessian H, by its Cholesky factor. Where H is not
/// positive definite to working precision, a multiple of its diagonal is added until it is
/// (Nocedal & Wright 2006, algorithm 3.3, with the scaling of Marquardt 1963), and the result says
/// how often: near a saddle that is a descent, but not a fast one.
struct Newton {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool keeps_metric = false;
    static constexpr bool unit_length = true;  // the step to try first is 1

    template <class V>
    struct Factorization {
        SquareMatrix<V> hessian;
        Eigen::LLT<SquareMatrix<V>> cholesky;
        V damping;
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
        return {SquareMatrix<V>::Zero(n, n), Eigen::LLT<SquareMatrix<V>>(n), V::Zero(n)};
    }

    template <class V>
    void direct(const auto& f, const V& x, V& d, Factorization<V>& state) const {
        f.hessian(x, state.hessian);
        state.cholesky.compute(state.hessian);
        if (!positive_definite(state) && !regularize(state)) {
            d.setConstant(std::numeric_limits<typename V::Scalar>::quiet_NaN());
            return;
        }
        state.cholesky.solveInPlace(d);
    }

    /// The condition number of the last Hessian (in the 1-norm, by the estimate of Higham 1988) and
    /// the number of Hessians that had to be regularized.
    template <class V>
    void note(const Factorization<V>& state, Notes& notes) const {
        notes.regularized_hessians = state.regularized;
        if (state.hessian.size() > 0 && state.cholesky.info() == Eigen::Success)
            notes.condition_number = 1 / static_cast<double>(state.cholesky.rcond());
    }

 private:
    /// Each pivot must stand out of the rounding error of its diagonal entry.
    template <class V>
    static bool positive_definite(const Factorization<V>& state) {
        using Scalar = typename V::Scalar;
        if (state.cholesky.info() != Eigen::Success) return false;
        const Index n = state.hessian.rows();
        const Scalar noise = Scalar(2 * n) * std::numeric_limits<Scalar>::epsilon();
        const auto& factor = state.cholesky.matrixLLT();
        for (Index i = 0; i < n; ++i)
            if (!(factor(i, i) * factor(i, i) > noise * state.hessian(i, i))) return false;
        return true;
    }

    /// Adds more and more of the diagonal; false if the Hessian is not finite.
    template <class V>
    static bool regularize(Factorization<V>& state) {
        using Scalar = typename V::Scalar;
        constexpr Scalar epsilon = std::numeric_limits<Scalar>::epsilon();
        if (!state.hessian.allFinite()) return false;
        ++state.regularized;
        const Scalar largest = state.hessian.cwiseAbs().maxCoeff();
        const Scalar floor = largest > 0 ? largest / 1000 : Scalar{1};
        state.damping = state.hessian.diagonal().cwiseAbs().cwiseMax(floor);
        Scalar added = 0;
        for (Scalar shift = std::sqrt(epsilon); shift < 1 / epsilon; shift *= 10) {
            state.hessian.diagonal() += (shift - added) * state.damping;
            added = shift;
            state.cholesky.compute(state.hessian);
            if (positive_definite(state)) return true;
        }
        return false;
    }
};

}  // namespace ermine
