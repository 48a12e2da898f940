// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>

#include <ermine/numerics/panel_product.hpp>

namespace ermine {

/// Makes a matrix nearly orthogonal by products alone: U Σ Vᵀ becomes about U Vᵀ, the nearest
/// matrix with orthonormal rows or columns. After X ← G / (‖G‖_F + 1e-7), each iteration is the odd
/// quintic X ← a X + (b A + c A²) X with A = X Xᵀ and (a, b, c) = (3.4445, −4.7750, 2.0315), which
/// maps each singular value s to a s + b s³ + c s⁵ (Jordan, "Muon: an optimizer for hidden layers
/// in neural networks", 2024). These coefficients lift small values fastest, at the price of not
/// converging: five iterations bring those of at least 0.01 ‖G‖_F to between 0.68 and 1.14.
///
/// Works for matrices of up to so many numbers and so many rows or columns, whichever are fewer,
/// with the memory that the constructor makes; products of large matrices use Eigen's own besides.
template <class Scalar>
class NewtonSchulz {
public:
    using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    NewtonSchulz(Eigen::Index numbers, Eigen::Index shorter_side)
        : x_(numbers),
          product_(numbers),
          gram_(shorter_side * shorter_side),
          polynomial_(shorter_side * shorter_side) {}

    /// Replaces m; a matrix of zeros stays one.
    void orthogonalize(Eigen::Ref<Matrix, 0, Eigen::OuterStride<>> m, int iterations = 5) {
        const bool wide = m.rows() <= m.cols();
        const Eigen::Index rows = std::min(m.rows(), m.cols());
        const Eigen::Index columns = std::max(m.rows(), m.cols());
        Eigen::Map<Matrix> x(x_.data(), rows, columns);
        Eigen::Map<Matrix> product(product_.data(), rows, columns);
        Eigen::Map<Matrix> gram(gram_.data(), rows, rows);
        Eigen::Map<Matrix> polynomial(polynomial_.data(), rows, rows);

        const double norm = m.template cast<double>().norm();
        // a norm that overflows is no reason to answer with zeros
        const auto scale = static_cast<Scalar>(
            std::isfinite(norm) ? 1 / (norm + 1e-7) : std::numeric_limits<double>::quiet_NaN());
        if (wide)
            x = scale * m;
        else
            x = scale * m.transpose();
        for (int k = 0; k < iterations; ++k) {
            panel_product(gram, x, x.transpose());
            panel_product(polynomial, gram, gram);
            polynomial = static_cast<Scalar>(2.0315) * polynomial;
            polynomial += static_cast<Scalar>(-4.7750) * gram;
            panel_product(product, polynomial, x);
            x = static_cast<Scalar>(3.4445) * x + product;
        }
        if (wide)
            m = x;
        else
            m = x.transpose();
    }

private:
    Eigen::Matrix<Scalar, Eigen::Dynamic, 1> x_;
    Eigen::Matrix<Scalar, Eigen::Dynamic, 1> product_;
    Eigen::Matrix<Scalar, Eigen::Dynamic, 1> gram_;
    Eigen::Matrix<Scalar, Eigen::Dynamic, 1> polynomial_;
};

}  // namespace ermine
