// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <vector>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Minimizes ½ wᵀ G w + bᵀ w + Σ λⱼ |wⱼ| for a dense positive semidefinite G, of which both
/// triangles are given, from a w that may be near: sweeps of coordinate descent to find the signs,
/// and, where they stay, the solution of the linear system that is left, by Cholesky. A step to it
/// that changes a sign stops there. It keeps its memory.
class QuadraticLasso {
public:
    /// Until no wⱼ can lower the value by a gradient that is off by more than `tolerance`, in at
    /// most `rounds` of sweeps and a solution. Whether that was reached.
    bool minimize(const Eigen::MatrixXd& gram, const Eigen::VectorXd& linear,
                  const Eigen::VectorXd& lambda, double tolerance, Eigen::VectorXd& w,
                  int rounds = 100) {
        const Index n = w.size();
        gradient_ = linear;
        for (Index j = 0; j < n; ++j)
            if (w[j] != 0) gradient_ += w[j] * gram.col(j);
        for (int round = 0; round < rounds; ++round) {
            // as many sweeps as cost about what the system will, few at first where w may have
            // the signs of the minimum already
            const Index nonzeros = (w.array() != 0).count();
            const Index sweeps = round == 0 && nonzeros > 0 ? 4 : 4 + nonzeros / 8;
            for (Index sweep = 0; sweep < sweeps; ++sweep) {
                descend(gram, lambda, w);
                if (sweep % 4 == 3 && violation(lambda, w) <= tolerance) return true;
            }
            polish(gram, lambda, w);
            if (violation(lambda, w) <= tolerance) return true;
        }
        return false;
    }

    /// G w + b at the last w.
    [[nodiscard]] const Eigen::VectorXd& gradient() const { return gradient_; }

private:
    Eigen::VectorXd gradient_;
    std::vector<Index> support_;
    Eigen::MatrixXd system_;
    Eigen::VectorXd right_;
    Eigen::LLT<Eigen::MatrixXd> factor_;

    void descend(const Eigen::MatrixXd& gram, const Eigen::VectorXd& lambda, Eigen::VectorXd& w) {
        for (Index j = 0; j < w.size(); ++j) {
            const double curvature = gram(j, j);
            const double from = w[j];
            const double target = curvature * from - gradient_[j];
            double to = 0;
            if (!(std::abs(target) <= lambda[j]))  // NaN stays NaN
                to =
                    curvature == 0 ? from : (target - std::copysign(lambda[j], target)) / curvature;
            if (to == from) continue;
            w[j] = to;
            gradient_ += (to - from) * gram.col(j);
        }
    }

    [[nodiscard]] double violation(const Eigen::VectorXd& lambda, const Eigen::VectorXd& w) const {
        double worst = 0;
        for (Index j = 0; j < w.size(); ++j) {
            const double g = gradient_[j];
            const double off =
                w[j] == 0 ? std::abs(g) - lambda[j] : std::abs(g + std::copysign(lambda[j], w[j]));
            worst = std::max(worst, off);
        }
        return worst;
    }

    /// A step to the minimum of the quadratic with the present signs, as far as they allow.
    void polish(const Eigen::MatrixXd& gram, const Eigen::VectorXd& lambda, Eigen::VectorXd& w) {
        support_.clear();
        for (Index j = 0; j < w.size(); ++j)
            if (w[j] != 0) support_.push_back(j);
        const auto size = static_cast<Index>(support_.size());
        if (size == 0) return;
        system_.resize(size, size);
        right_.resize(size);
        for (Index a = 0; a < size; ++a) {
            const Index j = support_[static_cast<std::size_t>(a)];
            right_[a] = -gradient_[j] - std::copysign(lambda[j], w[j]);
            for (Index b = a; b < size; ++b)
                system_(b, a) = gram(support_[static_cast<std::size_t>(b)], j);
            system_(a, a) *= 1 + 1e-13;
        }
        factor_.compute(system_);
        if (factor_.info() != Eigen::Success) return;
        factor_.solveInPlace(right_);
        double t = 1;
        Index stops = -1;
        for (Index a = 0; a < size; ++a) {
            const Index j = support_[static_cast<std::size_t>(a)];
            if (lambda[j] == 0) continue;
            const double reach = -w[j] / right_[a];
            if (reach > 0 && reach < t) {
                t = reach;
                stops = j;
            }
        }
        if (!right_.allFinite()) return;
        for (Index a = 0; a < size; ++a) {
            const Index j = support_[static_cast<std::size_t>(a)];
            const double by = j == stops ? -w[j] : t * right_[a];
            w[j] = j == stops ? 0.0 : w[j] + by;
            gradient_ += by * gram.col(j);
        }
    }
};

}  // namespace ermine
