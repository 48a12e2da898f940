// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <Eigen/Cholesky>

#include <cmath>
#include <limits>

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

    explicit ModifiedCholesky(Index n) : llt_(n), scaling_(Vector::Zero(n)) {
        if constexpr (small) factor_.setZero();
    }

    /// Factors H, reading its lower triangle; changes its diagonal where it must be regularized.
    Definiteness compute(Matrix& hessian) {
        if (try_factor(hessian)) return Definiteness::positive;
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

    /// The condition number of the matrix that was factored last, in the 1-norm; estimated (Higham
    /// 1988) but for small fixed sizes.
    double condition_number(const Matrix& hessian) const {
        if constexpr (small) {
            Matrix inverse = Matrix::Identity();
            for (Index j = 0; j < size; ++j) {
                Vector column = inverse.col(j);
                solve_in_place(column);
                inverse.col(j) = column;
            }
            return static_cast<double>(norm1(inverse)) *
                   static_cast<double>(
                       norm1(hessian.template selfadjointView<Eigen::Lower>().toDenseMatrix()));
        } else {
            return 1 / static_cast<double>(llt_.rcond());
        }
    }

private:
    static constexpr Index size = Matrix::RowsAtCompileTime;
    static constexpr bool small = size != Eigen::Dynamic && size <= 4;

    static Scalar norm1(const Matrix& a) { return a.cwiseAbs().colwise().sum().maxCoeff(); }

    /// Each pivot must stand out of the rounding error of its diagonal entry.
    bool try_factor(const Matrix& hessian) {
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
            const auto& factor = llt_.matrixLLT();
            for (Index i = 0; i < n; ++i)
                if (!(factor(i, i) * factor(i, i) > noise * hessian(i, i))) return false;
            return true;
        }
    }

    bool regularize(Matrix& hessian) {
        constexpr Scalar epsilon = std::numeric_limits<Scalar>::epsilon();
        if (!hessian.allFinite()) return false;
        const Scalar largest = hessian.cwiseAbs().maxCoeff();
        const Scalar floor = largest > 0 ? largest / 1000 : Scalar{1};
        scaling_ = hessian.diagonal().cwiseAbs().cwiseMax(floor);
        Scalar added = 0;
        for (Scalar shift = std::sqrt(epsilon); shift < 1 / epsilon; shift *= 10) {
            hessian.diagonal() += (shift - added) * scaling_;
            added = shift;
            if (try_factor(hessian)) return true;
        }
        return false;
    }

    Matrix factor_;
    Eigen::LLT<Matrix> llt_;
    Vector scaling_;
};

}  // namespace ermine
