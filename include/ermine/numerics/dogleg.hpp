// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/modified_cholesky.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ermine {

/// Powell's dogleg: along −g to the minimum of the model gᵀp + ½ pᵀBp in that direction, from there
/// straight to the Newton point −B⁻¹g, and no farther than ‖p‖ = Δ (Powell, "A hybrid method for
/// nonlinear equations", 1970; Nocedal & Wright 2006, section 4.1). B is H where that is positive
/// definite. Where it is not, B is H with its diagonal raised until it is (ModifiedCholesky): B >=
/// H in every direction, so that the path decreases the true model by at least as much, and its far
/// end goes a long way along directions of negative curvature. One factorization for each H, n³/3
/// operations; a shorter radius costs O(n²).
template <class Matrix>
class Dogleg {
public:
    using Scalar = typename Matrix::Scalar;
    using Vector = Eigen::Matrix<Scalar, Matrix::RowsAtCompileTime, 1>;

    explicit Dogleg(Index n)
        : h_(Matrix::Zero(n, n)),
          b_(Matrix::Zero(n, n)),
          cholesky_(n),
          newton_(Vector::Zero(n)),
          cauchy_(Vector::Zero(n)) {}

    /// Takes the model's H, both triangles, and g; false if they are not finite.
    bool compute(const Matrix& h, const Vector& g) {
        h_ = h;
        b_ = h;
        if (!g.allFinite()) return false;
        definite_ = cholesky_.compute(b_);
        if (definite_ == Definiteness::not_finite) return false;
        newton_ = -g;
        cholesky_.solve_in_place(newton_);
        // ModifiedCholesky reads the lower triangle, and changes the diagonal alone
        cauchy_.noalias() = b_ * g;
        const auto bend = static_cast<double>(cauchy_.dot(g));
        const auto square = static_cast<double>(g.squaredNorm());
        cauchy_ = static_cast<Scalar>(square > 0 ? -square / bend : 0) * g;
        return newton_.allFinite() && cauchy_.allFinite();
    }

    /// The point of the path within the radius; true if it lies on the boundary.
    bool step(double radius, Vector& p) const {
        const auto far = static_cast<double>(newton_.stableNorm());
        if (far <= radius) {
            p = newton_;
            return false;
        }
        const auto near = static_cast<double>(cauchy_.stableNorm());
        if (near >= radius) {
            p = static_cast<Scalar>(radius / near) * cauchy_;
            return true;
        }
        // ‖(1 − t) cauchy + t newton‖ = Δ, in units of Δ
        p = newton_ - cauchy_;
        const auto a = static_cast<double>((p / static_cast<Scalar>(radius)).squaredNorm());
        const double b =
            static_cast<double>((p / static_cast<Scalar>(radius)).dot(cauchy_)) / radius;
        const double c = (near / radius - 1) * (near / radius + 1);
        const double root = std::sqrt(std::max(0.0, b * b - a * c));
        const double t = b > 0 ? -c / (b + root) : (root - b) / a;
        p = cauchy_ + static_cast<Scalar>(std::clamp(t, 0.0, 1.0)) * p;
        return true;
    }

    /// Whether H had to be changed.
    [[nodiscard]] bool regularized() const { return definite_ == Definiteness::regularized; }

    /// The condition number of B, estimated in the 1-norm.
    [[nodiscard]] double condition_number() const { return cholesky_.condition_number(b_); }

    [[nodiscard]] const Matrix& hessian() const { return h_; }

private:
    Matrix h_;
    Matrix b_;
    ModifiedCholesky<Matrix> cholesky_;
    Vector newton_;
    Vector cauchy_;
    Definiteness definite_ = Definiteness::not_finite;
};

}  // namespace ermine
