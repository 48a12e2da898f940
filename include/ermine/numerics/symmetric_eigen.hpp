// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <Eigen/Eigenvalues>

#include <cmath>
#include <limits>

namespace ermine {

/// The eigenvalues of a symmetric matrix H, and the change to its eigenbasis and back. H is reduced
/// to a tridiagonal matrix by reflections, H = Q T Qᵀ, and T = Z Λ Zᵀ by implicit QR (Golub & Van
/// Loan 2013, section 8.3). Q stays a product of reflections: that saves an n³ product, and, other
/// than Eigen::SelfAdjointEigenSolver::compute, nothing is allocated after construction.
template <class Matrix>
class SymmetricEigen {
public:
    using Scalar = typename Matrix::Scalar;
    using Vector = Eigen::Matrix<Scalar, Matrix::RowsAtCompileTime, 1>;

    explicit SymmetricEigen(Index n)
        : reflections_(n),
          ritz_(Matrix::Identity(n, n)),  // copied before it is used
          diagonal_(Vector::Zero(n)),
          eigenvalues_(Vector::Zero(n)),
          rotated_(Vector::Zero(n)) {
        off_diagonal_.setZero(n > 1 ? n - 1 : 1);
    }

    /// Factors H, reading its lower triangle; false if it is not finite.
    bool compute(const Matrix& h) {
        const Index n = h.rows();
        if (n == 1) {
            eigenvalues_[0] = h(0, 0);
            return std::isfinite(h(0, 0));
        }
        scale_ = h.cwiseAbs().maxCoeff();
        if (!h.allFinite()) return false;
        if (scale_ == Scalar{0}) scale_ = 1;
        reflections_.compute(h);
        diagonal_ = reflections_.diagonal() / scale_;
        off_diagonal_ = reflections_.subDiagonal() / scale_;
        ritz_.computeFromTridiagonal(diagonal_, off_diagonal_);
        eigenvalues_ = scale_ * ritz_.eigenvalues();
        return ritz_.info() == Eigen::Success && eigenvalues_.allFinite();
    }

    /// In increasing order.
    [[nodiscard]] const Vector& eigenvalues() const { return eigenvalues_; }

    /// Replaces v by its coordinates along the eigenvectors.
    void to_eigenbasis(Vector& v) {
        if (v.size() == 1) return;
        const auto q = reflections_.matrixQ();
        q.transpose().applyThisOnTheLeft(v);
        rotated_.noalias() = ritz_.eigenvectors().transpose() * v;
        v = rotated_;
    }

    /// The inverse of to_eigenbasis.
    void from_eigenbasis(Vector& v) {
        if (v.size() == 1) return;
        rotated_.noalias() = ritz_.eigenvectors() * v;
        v = rotated_;
        const auto q = reflections_.matrixQ();
        q.applyThisOnTheLeft(v);
    }

    /// How many eigenvalues are below zero by more than their rounding error.
    [[nodiscard]] Index negative() const {
        const Scalar noise = rounding();
        return (eigenvalues_.array() < -noise).count();
    }

    /// max|λ| / min|λ|: infinite for a singular matrix.
    [[nodiscard]] double condition_number() const {
        const auto sizes = eigenvalues_.cwiseAbs();
        return static_cast<double>(sizes.maxCoeff()) / static_cast<double>(sizes.minCoeff());
    }

    /// What an eigenvalue may be wrong by.
    [[nodiscard]] Scalar rounding() const {
        return static_cast<Scalar>(eigenvalues_.size()) * std::numeric_limits<Scalar>::epsilon() *
               eigenvalues_.cwiseAbs().maxCoeff();
    }

private:
    Eigen::Tridiagonalization<Matrix> reflections_;
    Eigen::SelfAdjointEigenSolver<Matrix> ritz_;
    Vector diagonal_;
    Vector eigenvalues_;
    Vector rotated_;
    typename Eigen::Tridiagonalization<Matrix>::SubDiagonalType off_diagonal_;
    Scalar scale_ = 1;
};

}  // namespace ermine
