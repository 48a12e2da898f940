// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/absolute_inverse.hpp>
#include <ermine/numerics/bunch_kaufman.hpp>
#include <ermine/numerics/modified_cholesky.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/tridiagonal_form.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

namespace ermine {

/// What Newton does where the Hessian is not positive definite.
enum class Indefinite {
    modify,       ///< adds to its diagonal until it is (ModifiedCholesky): descends
    eigenvalues,  ///< replaces its eigenvalues λ by max(|λ|, floor · max|λ|): descends, and fast
    keep          ///< nothing (LDLᵀ): the step to the nearest stationary point, be it a saddle
};

/// The linear system of a Newton step, by the type of the Hessian: a dense one here, a sparse one
/// in directions/sparse_newton.hpp. Left undefined for others.
template <class Matrix>
struct NewtonSystem;

/// A dense Hessian: Cholesky where it is positive definite, otherwise what Indefinite says.
template <class S, int Size, int Options, int MaxSize>
struct NewtonSystem<Eigen::Matrix<S, Size, Size, Options, MaxSize, MaxSize>> {
    using Matrix = Eigen::Matrix<S, Size, Size, Options, MaxSize, MaxSize>;
    enum class Found { nothing, positive, regularized, absolute, kept };

    struct Fallback {
        BunchKaufman<S> ldlt;
        TridiagonalForm<S> form;
        AbsoluteInverse<S> absolute;
        typename TridiagonalForm<S>::Vector turned;
        Fallback(Index to_keep, Index to_decompose)
            : ldlt(to_keep), form(to_decompose), absolute(to_decompose), turned(to_decompose) {}
    };

    Matrix hessian;
    ModifiedCholesky<Matrix> cholesky;
    std::optional<Fallback> other;  // what an indefinite Hessian needs, unless it is modified
    Found found = Found::nothing;
    std::int64_t regularized = 0;
    auto fields() { return std::tie(regularized); }

    /// Memory for n variables, and for that treatment alone.
    NewtonSystem(Index n, Indefinite treatment) : hessian(Matrix::Zero(n, n)), cholesky(n) {
        if (treatment == Indefinite::keep) other.emplace(n, 0);
        if (treatment == Indefinite::eigenvalues) other.emplace(0, n);
    }

    /// Factors `hessian`; false where it is not finite.
    bool factor(Indefinite treatment) {
        found = Found::positive;
        if (treatment == Indefinite::modify) {
            const Definiteness is = cholesky.compute(hessian);
            if (is == Definiteness::regularized) {
                found = Found::regularized;
                ++regularized;
            }
            if (is == Definiteness::not_finite) found = Found::nothing;
        } else if (!cholesky.factor(hessian)) {
            found = Found::nothing;
            if (!hessian.allFinite()) return false;
            if (treatment == Indefinite::keep) {
                other->ldlt.compute(hessian);
                found = Found::kept;
            } else {
                return factor_absolute();
            }
        }
        return found != Found::nothing;
    }

    /// The same by eigenvalues, whatever their sign.
    bool factor_absolute() {
        other->form.compute(hessian);
        found = Found::nothing;
        if (!other->absolute.compute(other->form.diagonal(), other->form.off_diagonal()))
            return false;
        found = Found::absolute;
        regularized += other->absolute.negative_eigenvalues() > 0;
        return true;
    }

    /// d ← the solution of the factored system; floor and damping are those of AbsoluteInverse.
    template <class V>
    void solve_in_place(V& d, double floor, double damping = 0) {
        if (found == Found::kept) {
            other->ldlt.solve_in_place(d);
        } else if (found == Found::absolute) {
            other->turned = d;
            other->form.to_form(other->turned);
            other->absolute.solve_in_place(other->turned, floor, damping);
            other->form.from_form(other->turned);
            d = other->turned;
        } else {
            cholesky.solve_in_place(d);
        }
    }

    /// Factors `hessian` and solves for d where it is positive definite, the common case; false,
    /// with d untouched, where it is not.
    template <class V>
    bool solve_if_positive(V& d) {
        if (!cholesky.factor(hessian)) return false;
        found = Found::positive;
        cholesky.solve_in_place(d);
        return true;
    }

    void note(Notes& notes) const {
        notes.regularized_hessians = regularized;
        if (found == Found::nothing) return;
        if (found == Found::absolute) {
            notes.negative_eigenvalues = other->absolute.negative_eigenvalues();
            notes.condition_number = other->absolute.condition_number();
        } else if (found == Found::positive) {
            notes.negative_eigenvalues = 0;
            notes.condition_number = cholesky.condition_number(hessian);
        } else if (found == Found::regularized) {
            Matrix original = hessian;
            cholesky.restore(original);
            BunchKaufman<S> factors(hessian.rows());
            factors.compute(original);
            notes.negative_eigenvalues = factors.negative_eigenvalues();
            notes.condition_number = cholesky.condition_number(hessian);
        } else {
            BunchKaufman<S> factors = other->ldlt;
            using V = typename BunchKaufman<S>::Vector;
            notes.negative_eigenvalues = factors.negative_eigenvalues();
            notes.condition_number = ermine::condition_number<V>(
                hessian.rows(), [&](V& v) { v = (hessian * v).eval(); },
                [&](V& v) { factors.solve_in_place(v); });
        }
    }
};

/// Whether NewtonSystem is defined for a type of Hessian.
template <class Matrix>
concept NewtonSolvable = requires(Matrix& hessian) {
    { NewtonSystem<Matrix>(Index{1}, Indefinite::modify).factor(Indefinite::modify) };
};

/// Newton's direction: d ← H⁻¹ d with the Hessian H, by a factorization, never an inverse.
/// Where H is positive definite that is Cholesky's. Where it is not, H is regularized, and the
/// result says how often: the direction is then still one of descent, but at a saddle no longer a
/// fast one; `indefinite` chooses otherwise. `Newton{.indefinite = Indefinite::keep}` is the
/// textbook's step, with `Constant{1}` behind it: it descends nowhere in particular, ends at the
/// nearest saddle as gladly as at a minimum, and is here to be compared with. The result's notes
/// say how many eigenvalues of the last Hessian were negative.
///
/// Sparse Hessians (`using Hessian = Eigen::SparseMatrix<double>` in the objective) are factored
/// by sparse Cholesky, see directions/sparse_newton.hpp.
struct Newton {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool keeps_metric = false;
    static constexpr bool unit_length = true;  // the step to try first is 1

    Indefinite indefinite = Indefinite::modify;
    double floor = 1e-8;  ///< of |λ|, in units of the largest; for Indefinite::eigenvalues

    template <class F, class V>
    static consteval bool check() {
        using Smooth = SmoothPart<F>;
        static_assert(TwiceDifferentiable<Smooth, V>,
                      "Newton needs f.hessian(x, H): write it, wrap f in autodiff(f) or "
                      "finite_difference(f), or use a method that needs gradients alone, such as "
                      "gradient_descent()");
        if constexpr (TwiceDifferentiable<Smooth, V>) {
            constexpr bool solvable = NewtonSolvable<HessianMatrix<Smooth, V>>;
            static_assert(solvable,
                          "Newton with a sparse Hessian needs #include "
                          "<ermine/directions/sparse_newton.hpp>, and the type "
                          "Eigen::SparseMatrix<Scalar> with the scalar of the point");
            return solvable;
        } else {
            return false;
        }
    }

    /// Throws std::invalid_argument for a floor that is not positive, and for a treatment that the
    /// type of the Hessian does not allow.
    template <class F, class V>
    auto start(const F&, const V& x) const {
        require_positive(floor, "Newton.floor");
        return NewtonSystem<HessianMatrix<F, V>>(x.size(), indefinite);
    }

    template <class V>
    void direct(const auto& f, const V& x, V& d, auto& system) const {
        f.hessian(x, system.hessian);
        if constexpr (requires { system.solve_if_positive(d); })
            if (system.solve_if_positive(d)) return;
        if (system.factor(indefinite))
            system.solve_in_place(d, floor);
        else
            d.setConstant(std::numeric_limits<typename V::Scalar>::quiet_NaN());
    }

    /// The condition number of the last Hessian in the 2-norm, how many of its eigenvalues are
    /// negative, and the number of Hessians that were regularized.
    void note(const auto& system, Notes& notes) const { system.note(notes); }
};

}  // namespace ermine
