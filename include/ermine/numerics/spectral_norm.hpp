// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/lanczos.hpp>

namespace ermine {

/// Bounds of a matrix's largest singular value.
struct SpectralNorm {
    double value = 0;        ///< at most the norm, ‖A v‖ for some v of length 1
    double upper_bound = 0;  ///< at least the norm, but for the failure probability
};

/// ‖A‖₂ from products with A and Aᵀ: Lanczos' method on the smaller of AᵀA and AAᵀ, which is power
/// iteration that forgets nothing, with a bound from above that fails with the stated probability
/// over the seeds (see lanczos), and allows for rounding. Up to the smaller of the two sizes in
/// products, which makes both bounds the norm itself, to rounding: to √ε of it where it is tiny.
/// A matrix without a number has norm 0; NaN in A gives NaN and an infinite bound.
template <class X>
SpectralNorm spectral_norm(const Eigen::MatrixBase<X>& matrix,
                           const LanczosOptions& options = {.tolerance = 1e-3}) {
    if (matrix.size() == 0) return {};
    // In double: what is bounded is the norm of these very numbers.
    const Eigen::MatrixXd a = matrix.template cast<double>();
    const double largest = a.cwiseAbs().maxCoeff();
    if (largest == 0 && a.isZero(0)) return {};
    const bool wide = a.cols() > a.rows();
    Eigen::VectorXd between(std::max(a.rows(), a.cols()));
    const auto apply = [&](const Eigen::VectorXd& v, Eigen::VectorXd& product) {
        if (wide) {
            between.noalias() = a.transpose() * v;
            product.noalias() = a * between;
        } else {
            between.noalias() = a * v;
            product.noalias() = a.transpose() * between;
        }
    };
    const auto ends = lanczos(std::min(a.rows(), a.cols()), apply, options);
    // AᵀA is computed with an error of about (rows + columns) ε ‖A‖², of either sign.
    const double rounding = 1 + static_cast<double>(a.rows() + a.cols()) * 0x1p-53;
    return {std::sqrt(std::max(ends.value, 0.0)) / rounding,
            std::sqrt(std::max(ends.upper_bound, 0.0)) * rounding};
}

}  // namespace ermine
