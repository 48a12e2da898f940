// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>

namespace ermine {

/// What a minimizer of a cubic model in a Krylov space is like.
struct CubicStep {
    double reduction = 0;  ///< of the model, the cubic term included
    double length = 0;     ///< ‖p‖
    double lambda = 0;     ///< σ‖p‖
    bool finite = true;    ///< whether all products were
};

/// Minimizes gᵀp + ½ pᵀHp + σ/3 ‖p‖³ over the Krylov spaces of H and g, by products with H alone,
/// until the gradient of the model is no longer than asked (Cartis, Gould & Toint, "Adaptive cubic
/// regularisation methods", part I, Math. Program. 127, 2011, section 6.2). Lanczos' method with
/// full reorthogonalization gives a basis in which H is tridiagonal: a minimizer there costs O(k)
/// for each trial multiplier. The basis is kept while g and H stay: for another σ it is reused, and
/// only lengthened. All memory, n × (most + 1) numbers, is of construction.
template <Vector V>
class CubicLanczos {
public:
    using Scalar = typename V::Scalar;

    /// In spaces of at most `most` dimensions.
    CubicLanczos(Index n, Index most)
        : most_(std::min(n, most)),
          basis_(Basis::Zero(n, most_ + 1)),
          next_(V::Zero(n)),
          overlap_(Column::Zero(most_ + 1)) {
        for (auto* const numbers : {&diagonal_, &off_, &pivot_, &solution_})
            *numbers = Eigen::VectorXd::Zero(most_ + 1);
    }

    /// Forgets the basis, and begins one for a model with gradient g.
    void begin(const V& g) {
        built_ = 0;
        complete_ = false;
        size_ = static_cast<double>(g.stableNorm());
        if (size_ > 0) basis_.col(0) = g / static_cast<Scalar>(size_);
    }

    /// gᵀHg / ‖g‖², after one product with H.
    template <std::invocable<const V&, V&> Operator>
    double curvature_along_gradient(const Operator& apply) {
        if (built_ == 0) lengthen(apply);
        return diagonal_[0];
    }

    /// The minimizer p; apply(v, Hv) fills Hv. p is zero where g is.
    template <std::invocable<const V&, V&> Operator>
    CubicStep step(const Operator& apply, double sigma, double tolerance, V& p) {
        p.setZero();
        CubicStep found;
        if (!(size_ > 0)) {
            found.finite = size_ == 0;
            return found;
        }
        while (true) {
            if (built_ == 0) lengthen(apply);
            if (!std::isfinite(diagonal_[built_ - 1]) || !std::isfinite(off_[built_ - 1])) {
                found.finite = false;
                return found;
            }
            minimize_in_basis(sigma);
            const double left = off_[built_ - 1] * std::abs(solution_[built_ - 1]);
            if (left <= tolerance || complete_ || built_ == most_) break;
            lengthen(apply);
        }
        found.length = length_;
        found.lambda = lambda_;
        // (T + λI) u = −‖g‖ e₁
        found.reduction = -size_ * solution_[0] / 2 + lambda_ * length_ * length_ / 2 -
                          sigma * length_ * length_ * length_ / 3;
        overlap_.head(built_) = solution_.head(built_).template cast<Scalar>();
        p.noalias() = basis_.leftCols(built_) * overlap_.head(built_);
        return found;
    }

private:
    using Basis = Eigen::Matrix<Scalar, V::RowsAtCompileTime, Eigen::Dynamic>;
    using Column = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

    /// One step of Lanczos' method.
    void lengthen(const auto& apply) {
        const Index k = built_++;
        next_ = basis_.col(k);
        direction_ = next_;
        apply(direction_, next_);
        diagonal_[k] = static_cast<double>(basis_.col(k).dot(next_));
        const double before = static_cast<double>(next_.stableNorm());
        for (int pass = 0; pass < 2; ++pass) {  // twice is enough (Kahan, Parlett)
            overlap_.head(built_).noalias() = basis_.leftCols(built_).transpose() * next_;
            next_.noalias() -= basis_.leftCols(built_) * overlap_.head(built_);
        }
        off_[k] = static_cast<double>(next_.stableNorm());
        complete_ = off_[k] <= 10 * double{std::numeric_limits<Scalar>::epsilon()} * before;
        if (complete_) off_[k] = 0;
        if (!complete_) basis_.col(built_) = next_ / static_cast<Scalar>(off_[k]);
    }

    /// (T + λI) u = −‖g‖ e₁ with T + λI positive definite; false if that is not.
    bool solve(double lambda) {
        for (Index j = 0; j < built_; ++j) {
            pivot_[j] =
                diagonal_[j] + lambda - (j > 0 ? off_[j - 1] * off_[j - 1] / pivot_[j - 1] : 0);
            if (!(pivot_[j] > 0)) return false;
        }
        double z = -size_;
        for (Index j = 0; j < built_; ++j) {
            solution_[j] = z / pivot_[j];
            z *= -off_[j] / pivot_[j];
        }
        for (Index j = built_ - 2; j >= 0; --j)
            solution_[j] -= off_[j] / pivot_[j] * solution_[j + 1];
        return true;
    }

    /// uᵀ (T + λI)⁻¹ u for the last solution.
    double bend() const {
        double sum = 0;
        double w = 0;
        for (Index j = 0; j < built_; ++j) {
            w = solution_[j] - (j > 0 ? off_[j - 1] / pivot_[j - 1] * w : 0);
            sum += w * w / pivot_[j];
        }
        return sum;
    }

    /// Solves ‖u(λ)‖ = λ/σ: 1/‖u‖ − σ/λ is concave and increasing in λ.
    void minimize_in_basis(double sigma) {
        double bottom = std::numeric_limits<double>::infinity();  // Gershgorin's
        for (Index j = 0; j < built_; ++j)
            bottom = std::min(
                bottom, diagonal_[j] - (j > 0 ? off_[j - 1] : 0) - (j + 1 < built_ ? off_[j] : 0));
        const double root = std::hypot(bottom, 2 * std::sqrt(sigma) * std::sqrt(size_));
        double low = 0;
        double high = bottom > 0 ? 2 * sigma * size_ / (bottom + root) : (root - bottom) / 2;
        double lambda = high;
        for (int iteration = 0; iteration < 100; ++iteration) {
            double next = 0;
            if (solve(lambda)) {
                length_ = solution_.head(built_).norm();
                const double wanted = lambda / sigma;
                if (std::abs(length_ - wanted) <= 1e-12 * wanted) break;
                (length_ > wanted ? low : high) = lambda;
                next = lambda -
                       (1 / length_ - 1 / wanted) /
                           (bend() / (length_ * length_ * length_) + 1 / (sigma * wanted * wanted));
            } else {
                low = lambda;
            }
            if (!(next > low && next < high))
                next = low > 0 ? std::sqrt(low) * std::sqrt(high) : high / 1024;
            if (!(next > low && next < high)) {
                if (lambda != high) solve(lambda = high);
                break;  // there is no number between them
            }
            lambda = next;
        }
        length_ = solution_.head(built_).norm();
        lambda_ = lambda;
    }

    Index most_;
    Basis basis_;
    V next_;
    V direction_ = next_;
    Column overlap_;
    Eigen::VectorXd diagonal_, off_, pivot_, solution_;
    Index built_ = 0;
    bool complete_ = false;
    double size_ = 0;
    double length_ = 0;
    double lambda_ = 0;
};

}  // namespace ermine
