// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

namespace ermine {

/// The factors L D Lᵀ of a symmetric quasi-definite matrix, [−A Bᵀ; B C] with A and C positive
/// definite: they exist for every order of the rows, so that none has to be sought (Vanderbei,
/// "Symmetric quasidefinite matrices", SIAM J. Optim. 5, 1995). For the small matrices of compact
/// quasi-Newton formulas; memory is made once, for the largest size.
class QuasiDefinite {
public:
    explicit QuasiDefinite(Eigen::Index largest = 0)
        : factors_(Eigen::MatrixXd::Zero(largest, largest)) {}

    /// Where to write the lower triangle, in the first `size` rows and columns, before factor().
    Eigen::MatrixXd& lower() { return factors_; }

    /// Factors the first `size` rows, of which the first `negative` belong to −A; false where a
    /// pivot has the wrong sign, or is no number: the matrix is not what it should be.
    bool factor(Eigen::Index size, Eigen::Index negative) {
        size_ = size;
        for (Eigen::Index j = 0; j < size; ++j) {
            for (Eigen::Index k = 0; k < j; ++k) {
                const double scaled = factors_(j, k) * factors_(k, k);
                for (Eigen::Index i = j; i < size; ++i) factors_(i, j) -= factors_(i, k) * scaled;
            }
            const double pivot = factors_(j, j);
            if (!(j < negative ? pivot < 0 : pivot > 0)) return false;
            for (Eigen::Index i = j + 1; i < size; ++i) factors_(i, j) /= pivot;
        }
        return true;
    }

    /// Replaces the first `size` numbers of v by the solution of L D Lᵀ u = v.
    void solve(Eigen::VectorXd& v) const {
        for (Eigen::Index j = 0; j < size_; ++j)
            for (Eigen::Index i = j + 1; i < size_; ++i) v[i] -= factors_(i, j) * v[j];
        for (Eigen::Index j = size_; j-- > 0;) {
            v[j] /= factors_(j, j);
            for (Eigen::Index i = j + 1; i < size_; ++i) v[j] -= factors_(i, j) * v[i];
        }
    }

private:
    Eigen::MatrixXd factors_;  // L below the diagonal, D on it
    Eigen::Index size_ = 0;
};

}  // namespace ermine
