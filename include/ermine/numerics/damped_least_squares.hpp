// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Solves min_h ‖J h + r‖² + μ ‖D h‖² for one J (m × n) and several μ > 0, by orthogonal
/// transformations: no digits are lost to JᵀJ. D is diagonal, with the largest length that each
/// column of J has had so far (Moré, "The Levenberg-Marquardt algorithm: implementation and
/// theory", 1978), so that the answer does not depend on the units of the variables; 1 for a column
/// that has always been zero.
///
/// `factor` takes J D⁻¹ P = Q R (Householder, columns by decreasing length) once, `solve` only
/// turns the rows √μ I into R. All memory is made once, for m × n; numbers are doubles.
template <int N = Eigen::Dynamic>
class DampedLeastSquares {
public:
    using Step = Eigen::Matrix<double, N, 1>;

    DampedLeastSquares(Index m, Index n)
        : work_(m, n),
          q_(m),
          scale_(Step::Zero(n)),
          order_(n),
          upper_(n, n),
          damped_(n, n),
          lower_(n, n),
          right_(n),
          below_(n),
          z_(n) {}

    /// Takes in J and r.
    template <class J, class R>
    void factor(const J& jacobian, const R& residuals) {
        const Index m = work_.rows();
        const Index n = work_.cols();
        work_ = jacobian.template cast<double>();
        q_ = residuals.template cast<double>();
        for (Index j = 0; j < n; ++j) {
            scale_[j] = std::max(scale_[j], work_.col(j).stableNorm());
            work_.col(j) /= scale(j);
            order_[j] = j;
        }
        upper_.setZero();
        for (Index k = 0; k < std::min(m, n); ++k) {
            bring_longest(k);
            const Index rest = m - k;
            const double length = work_.col(k).tail(rest).norm();
            const double diagonal = work_(k, k) > 0 ? -length : length;
            if (length > 0) {
                work_(k, k) -= diagonal;
                const auto v = work_.col(k).tail(rest);
                const double factor = 1 / (diagonal * work_(k, k));  // -2 / vᵀv
                for (Index j = k + 1; j < n; ++j)
                    work_.col(j).tail(rest) += (factor * v.dot(work_.col(j).tail(rest))) * v;
                q_.tail(rest) += (factor * v.dot(q_.tail(rest))) * v;
            }
            upper_(k, k) = diagonal;
            for (Index j = k + 1; j < n; ++j) upper_(k, j) = work_(k, j);
        }
    }

    /// The step h for this damping. `predicted()` is then by how much it lowers ‖J h + r‖².
    template <class H>
    void solve(double mu, H& h) {
        const Index n = work_.cols();
        damped_ = upper_;
        lower_.setZero();
        lower_.diagonal().setConstant(std::sqrt(mu));
        right_.setZero();
        const Index rows = std::min(work_.rows(), n);
        right_.head(rows) = q_.head(rows);
        below_.setZero();
        for (Index k = 0; k < n; ++k) {
            // Row k of R and the first k + 1 rows below, where alone column k is not zero.
            auto v = lower_.col(k).head(k + 1);
            const double length = std::hypot(damped_(k, k), v.norm());
            if (!(length > 0)) continue;
            const double diagonal = damped_(k, k) > 0 ? -length : length;
            const double first = damped_(k, k) - diagonal;
            const double factor = 1 / (diagonal * first);
            for (Index j = k + 1; j < n; ++j) {
                const double projection =
                    factor * (first * damped_(k, j) + v.dot(lower_.col(j).head(k + 1)));
                damped_(k, j) += projection * first;
                lower_.col(j).head(k + 1) += projection * v;
            }
            const double projection = factor * (first * right_[k] + v.dot(below_.head(k + 1)));
            right_[k] += projection * first;
            below_.head(k + 1) += projection * v;
            damped_(k, k) = diagonal;
        }
        for (Index k = n; k-- > 0;) {
            double sum = -right_[k];
            for (Index j = k + 1; j < n; ++j) sum -= damped_(k, j) * z_[j];
            z_[k] = sum / damped_(k, k);
        }
        // ‖r‖² − ‖J h + r‖² without the cancellation: ‖J h‖² + 2 μ ‖D h‖² by the normal equations.
        predicted_ = 2 * mu * z_.squaredNorm();
        for (Index k = 0; k < rows; ++k) {
            double row = 0;
            for (Index j = k; j < n; ++j) row += upper_(k, j) * z_[j];
            predicted_ += row * row;
        }
        for (Index k = 0; k < n; ++k)
            h[order_[k]] = static_cast<typename H::Scalar>(z_[k] / scale(order_[k]));
    }

    [[nodiscard]] double predicted() const { return predicted_; }

    /// ‖D⁻¹ g‖: the length of a gradient in the same units.
    template <class G>
    [[nodiscard]] double scaled_norm(const G& g) const {
        double sum = 0;
        for (Index j = 0; j < g.size(); ++j) {
            const double entry = static_cast<double>(g[j]) / scale(j);
            sum += entry * entry;
        }
        return std::sqrt(sum);
    }

    auto fields() { return std::tie(scale_); }  // the rest is made anew by factor and solve

private:
    using Square = Eigen::Matrix<double, N, N>;

    [[nodiscard]] double scale(Index j) const { return scale_[j] > 0 ? scale_[j] : 1; }

    void bring_longest(Index k) {
        const Index rest = work_.rows() - k;
        Index longest = k;
        double most = -1;
        for (Index j = k; j < work_.cols(); ++j) {
            const double length = work_.col(j).tail(rest).squaredNorm();
            if (length > most) {
                most = length;
                longest = j;
            }
        }
        if (longest == k) return;
        work_.col(k).swap(work_.col(longest));
        upper_.col(k).swap(upper_.col(longest));
        std::swap(order_[k], order_[longest]);
    }

    Eigen::Matrix<double, Eigen::Dynamic, N> work_;
    Eigen::VectorXd q_;
    Step scale_;
    Eigen::Matrix<Index, N, 1> order_;
    Square upper_;   // R
    Square damped_;  // R with the damping turned into it
    Square lower_;   // the damping's rows, on the way
    Step right_;
    Step below_;
    Step z_;
    double predicted_ = 0;
};

}  // namespace ermine
