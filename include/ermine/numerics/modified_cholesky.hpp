// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/condition_number.hpp>

#include <Eigen/Cholesky>

#include <cmath>
#include <limits>
#include <type_traits>

namespace ermine {

/// What a factorization found: a positive definite matrix, one that it had to change, or one that
/// is NaN or infinite somewhere.
enum class Definiteness { positive, regularized, not_finite };

/// The Cholesky factor of a symmetric matrix H or, where H is not positive definite to working
/// precision, of H + shift · diag(max(|Hᵢᵢ|, max|H|/1000)), with the shift raised tenfold from √ε
/// until that is (Nocedal & Wright 2006, algorithm 3.3, with the scaling of Marquardt 1963).
/// Matrices of fixed size up to 4 are factored as LDLᵀ in registers, all others by Eigen's LLT.
template <class Matrix>
class ModifiedCholesky {
public:
    using Scalar = typename Matrix::Scalar;
    using Vector = Eigen::Matrix<Scalar, Matrix::RowsAtCompileTime, 1>;

    explicit ModifiedCholesky(Index n) : scaling_(Vector::Zero(n)) {
        // factors something, since a decomposition of Eigen's must not be copied before
        if constexpr (small)
            factor_.setZero();
        else
            llt_.compute(Matrix::Identity(n, n));
    }

    /// Factors H, reading its lower triangle; changes its diagonal where it must be regularized.
    Definiteness compute(Matrix& hessian) {
        if (factor(hessian)) return Definiteness::positive;
        return regularize(hessian) ? Definiteness::regularized : Definiteness::not_finite;
    }

    /// Replaces v by the solution of the factored system.
    void solve_in_place(Vector& v) const {
        if constexpr (small) {
            for (Index i = 1; i < size; ++i)
                for (Index k = 0; k < i; ++k) v[i] -= factor_(i, k) * v[k];
            for (Index i = size - 1; i >= 0; --i) {
                v[i] *= factor_(i, i);
                for (Index k = i + 1; k < size; ++k) v[i] -= factor_(k, i) * v[k];
            }
        } else {
            llt_.solveInPlace(v);
        }
    }

    /// The condition number in the 2-norm of the matrix that was factored last: estimated by
    /// power and inverse iteration, at small fixed sizes by fourth powers.
    double condition_number(const Matrix& hessian) const {
        const Index n = hessian.rows();
        if constexpr (small) {
            Matrix inverse = Matrix::Identity();
            for (Index j = 0; j < size; ++j) {
                Vector column = inverse.col(j);
                solve_in_place(column);
                inverse.col(j) = column;
            }
            return norm2(inverse) * norm2(hessian);
        } else {
            Vector product(n);
            return ermine::condition_number<Vector>(
                n,
                [&](Vector& v) {
                    product.noalias() = hessian * v;
                    v.swap(product);
                },
                [&](Vector& v) { solve_in_place(v); });
        }
    }

    /// Puts back what `compute` has added to the diagonal.
    void restore(Matrix& hessian) const { hessian.diagonal() -= added_ * scaling_; }

    /// Factors H, reading its lower triangle; false where a pivot does not stand out of the
    /// rounding error of its diagonal entry.
    bool factor(const Matrix& hessian) {
        const Index n = hessian.rows();
        const Scalar noise = static_cast<Scalar>(2 * n) * std::numeric_limits<Scalar>::epsilon();
        if constexpr (small) {
            // factor_: L below the diagonal, the inverse pivots on it
            Vector pivots;
            for (Index j = 0; j < size; ++j) {
                Scalar pivot = hessian(j, j);
                for (Index k = 0; k < j; ++k) pivot -= factor_(j, k) * factor_(j, k) * pivots[k];
                if (!(pivot > noise * hessian(j, j))) return false;
                pivots[j] = pivot;
                factor_(j, j) = 1 / pivot;
                for (Index i = j + 1; i < size; ++i) {
                    Scalar entry = hessian(i, j);
                    for (Index k = 0; k < j; ++k)
                        entry -= factor_(i, k) * factor_(j, k) * pivots[k];
                    factor_(i, j) = entry * factor_(j, j);
                }
            }
            return true;
        } else {
            llt_.compute(hessian);
            if (llt_.info() != Eigen::Success) return false;
            const auto& lower = llt_.matrixLLT();
            for (Index i = 0; i < n; ++i)
                if (!(lower(i, i) * lower(i, i) > noise * hessian(i, i))) return false;
            return true;
        }
    }

private:
    static constexpr Index size = Matrix::RowsAtCompileTime;
    static constexpr bool small = size != Eigen::Dynamic && size <= 4;

    /// (tr A⁸)^⅛ of a symmetric matrix: between ‖A‖₂ and n^⅛ ‖A‖₂.
    static double norm2(const Matrix& a) {
        const Scalar largest = a.cwiseAbs().maxCoeff();
        if (!(largest > 0) || !(largest <= std::numeric_limits<Scalar>::max()))
            return static_cast<double>(largest);
        Matrix power = a / largest;
        for (int squaring = 0; squaring < 2; ++squaring) power = power.lazyProduct(power).eval();
        return static_cast<double>(largest) *
               std::sqrt(std::sqrt(static_cast<double>(power.norm())));
    }

    bool regularize(Matrix& hessian) {
        constexpr Scalar epsilon = std::numeric_limits<Scalar>::epsilon();
        if (!hessian.allFinite()) return false;
        const Scalar largest = hessian.cwiseAbs().maxCoeff();
        const Scalar floor = largest > 0 ? largest / 1000 : Scalar{1};
        scaling_ = hessian.diagonal().cwiseAbs().cwiseMax(floor);
        added_ = 0;
        for (Scalar shift = std::sqrt(epsilon); shift < 1 / epsilon; shift *= 10) {
            hessian.diagonal() += (shift - added_) * scaling_;
            added_ = shift;
            if (factor(hessian)) return true;
        }
        return false;
    }

    Matrix factor_;
    struct Nothing {};
    std::conditional_t<small, Nothing, Eigen::LLT<Matrix>> llt_;
    Vector scaling_;
    Scalar added_ = 0;
};

}  // namespace ermine
