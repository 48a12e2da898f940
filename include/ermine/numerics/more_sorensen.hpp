// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/secular_equation.hpp>
#include <ermine/numerics/symmetric_eigen.hpp>

#include <Eigen/Cholesky>

#include <cmath>
#include <limits>

namespace ermine {

/// Exact minimizers of quadratic models gᵀp + ½ pᵀHp, of any inertia, over a ball, ‖p‖ <= Δ, or
/// with a cubic term, σ/3 ‖p‖³. For the ball p is a minimizer if and only if there is a λ >= 0 with
/// (H + λI) p = −g, λ (Δ − ‖p‖) = 0, and H + λI without negative eigenvalues (Moré & Sorensen,
/// "Computing a trust region step", SIAM J. Sci. Stat. Comput. 4, 1983, theorem 2.4); for the cubic
/// λ = σ‖p‖ (Cartis, Gould & Toint, "Adaptive cubic regularisation methods", Math. Program. 127,
/// 2011, theorem 3.1).
///
/// Where H is positive definite and the ball holds the Newton step, its Cholesky factor is all that
/// is computed (n³/3 operations): that is every step near a minimum. Otherwise the eigenvalues and
/// eigenvectors are (about 9n³), once for each H and not once for each radius: there is no hard
/// case in the eigenbasis, no multiplier to iterate on by factorizations, and the number of
/// negative eigenvalues is known. No memory is allocated after construction, but for transient
/// buffers in Eigen's factorization of large matrices.
template <class Matrix>
class MoreSorensen {
public:
    using Scalar = typename Matrix::Scalar;
    using Vector = Eigen::Matrix<Scalar, Matrix::RowsAtCompileTime, 1>;

    explicit MoreSorensen(Index n)
        : h_(Matrix::Zero(n, n)),
          cholesky_(Matrix::Identity(n, n)),  // copied before it is used
          eigen_(n),
          gamma_(Vector::Zero(n)),
          newton_(Vector::Zero(n)) {}

    /// Takes the model's H, reading its lower triangle, and g; false if they are not finite.
    bool compute(const Matrix& h, const Vector& g) {
        h_ = h;
        decomposed_ = false;
        newton_ = g;
        positive_ = false;
        if (!g.allFinite() || !h.allFinite()) return false;
        positive_ = try_cholesky();
        if (positive_) {
            cholesky_.solveInPlace(newton_);
            newton_length_ = static_cast<double>(newton_.stableNorm());
            newton_ = -newton_;
        }
        gamma_ = g;
        return positive_ || decompose();
    }

    /// The minimizer over the ball of radius Δ.
    SecularSolution in_ball(double radius, Vector& p) {
        if (positive_ && newton_length_ <= radius) {
            p = newton_;
            return {.interior = true};
        }
        return along_spectrum({.cubic = false, .size = radius}, p);
    }

    /// The minimizer with the cubic term σ/3 ‖p‖³.
    SecularSolution with_cubic(double sigma, Vector& p) {
        return along_spectrum({.cubic = true, .size = sigma}, p);
    }

    /// Whether the last H could be factored.
    [[nodiscard]] bool known() const { return positive_ || decomposed_; }

    /// Negative eigenvalues of the last H.
    [[nodiscard]] Index negative_eigenvalues() const { return positive_ ? 0 : eigen_.negative(); }

    /// The condition number of the last H in the 2-norm; estimated in the 1-norm where there is a
    /// Cholesky factor alone.
    [[nodiscard]] double condition_number() const {
        return decomposed_ ? eigen_.condition_number() : 1 / static_cast<double>(cholesky_.rcond());
    }

private:
    /// Whether each pivot stands out of the rounding error of its diagonal entry.
    bool try_cholesky() {
        const Index n = h_.rows();
        const Scalar noise = static_cast<Scalar>(2 * n) * std::numeric_limits<Scalar>::epsilon();
        cholesky_.compute(h_);
        if (cholesky_.info() != Eigen::Success) return false;
        const auto& factor = cholesky_.matrixLLT();
        for (Index i = 0; i < n; ++i)
            if (!(factor(i, i) * factor(i, i) > noise * h_(i, i))) return false;
        return true;
    }

    bool decompose() {
        if (decomposed_) return true;
        decomposed_ = eigen_.compute(h_);
        eigen_.to_eigenbasis(gamma_);
        return decomposed_;
    }

    SecularSolution along_spectrum(const SecularLength& length, Vector& p) {
        if (!decompose()) {
            p.setConstant(std::numeric_limits<Scalar>::quiet_NaN());
            return {.interior = true};
        }
        const SecularSolution found = solve_secular(eigen_.eigenvalues(), gamma_, length, p);
        eigen_.from_eigenbasis(p);
        return found;
    }

    Matrix h_;
    Eigen::LLT<Matrix> cholesky_;
    SymmetricEigen<Matrix> eigen_;
    Vector gamma_;  // the gradient; in the eigenbasis, once there is one
    Vector newton_;
    double newton_length_ = 0;
    bool positive_ = false;
    bool decomposed_ = false;
};

}  // namespace ermine
