// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include <ermine/concepts/vector.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/objectives/mean_squares.hpp>

namespace ermine {

/// The step of a proximal Newton method on some columns W of a linear problem by conjugate
/// gradients in the orthant that the weights and, where they are 0, the slopes point into (Byrd,
/// Chin, Nocedal & Wu, "Sample size selection in optimization methods for machine learning",
/// Math. Program. 134, 2012, section 5): there λ ‖w‖₁ is linear, and what leaves the orthant is set
/// to 0. An iteration is one pass over the data, so that it takes any number of threads.
class OrthantStep {
public:
    /// Moves w, the weights of the columns W, by conjugate gradients on the model with the gradient
    /// g of the smooth part, until an iteration adds less than `forcing` of the mean gain of those
    /// before and no slope in W is off by more than `tolerance`. The number of iterations.
    template <class Problem>
    int solve(const Problem& problem, LinearPass<Problem>& pass, const Eigen::VectorXd& c,
              std::span<const Index> columns, const Eigen::VectorXd& g,
              const Eigen::VectorXd& lambda, double forcing, double tolerance, int iterations,
              Eigen::VectorXd& w) {
        prepare(problem, c, columns, g, lambda, w);
        const Index m = problem.penalized();
        scale();
        direction_ = -scaled_;
        double length = residual_.dot(scaled_);
        double total = 0;
        int k = 0;
        while (k < iterations && length > 0) {
            pass.curve(problem, c, direction_, moved_, bent_);
            bent_.head(m) += problem.l2 * direction_.head(m);
            const double curvature = direction_.dot(bent_);
            if (!(curvature > 0)) break;
            const double t = length / curvature;
            step_ += t * direction_;
            image_ += t * moved_;
            product_ += t * bent_;
            double worst = 0;
            for (const Index j : columns) {
                residual_[j] += t * bent_[j];
                if (sign_[j] != 0 || j >= m) worst = std::max(worst, std::abs(residual_[j]));
            }
            const double gain = 0.5 * t * length;
            total += gain;
            ++k;
            if (k * gain <= forcing * total && worst <= tolerance) break;
            scale();
            const double next = residual_.dot(scaled_);
            direction_ = next / length * direction_ - scaled_;
            length = next;
        }
        crossed_ = false;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const Index j = columns[i];
            double& weight = w[static_cast<Index>(i)];
            const double to = weight + step_[j];
            const bool leaves = j < m && to * sign_[j] <= 0 && lambda[static_cast<Index>(i)] > 0;
            crossed_ = crossed_ || (leaves && (weight != 0 || step_[j] != 0));
            weight = leaves ? 0 : to;
        }
        return k;
    }

    /// Whether a weight left the orthant; otherwise the step is that of conjugate gradients.
    [[nodiscard]] bool crossed() const { return crossed_; }

    /// [X 1] d and H d of the step d of conjugate gradients.
    [[nodiscard]] const Eigen::VectorXd& image() const { return image_; }
    [[nodiscard]] const Eigen::VectorXd& product() const { return product_; }

private:
    bool crossed_ = false;
    Eigen::VectorXd squares_;  // (1/n) Σᵢ xᵢⱼ²
    Eigen::VectorXd sign_, inverse_, residual_, scaled_, direction_, step_, bent_, product_;
    Eigen::VectorXd moved_, image_;

    template <class Problem>
    void prepare(const Problem& problem, const Eigen::VectorXd& c, std::span<const Index> columns,
                 const Eigen::VectorXd& g, const Eigen::VectorXd& lambda,
                 const Eigen::VectorXd& w) {
        const Index size = problem.parameters();
        if (squares_.size() == 0) squares_ = mean_squares(problem);
        for (Eigen::VectorXd* v :
             {&sign_, &inverse_, &residual_, &scaled_, &direction_, &step_, &bent_, &product_})
            v->setZero(size);
        for (Eigen::VectorXd* v : {&moved_, &image_}) v->setZero(problem.examples());
        const double mean = c.sum() / static_cast<double>(problem.examples());
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const Index j = columns[i];
            const auto k = static_cast<Index>(i);
            if (lambda[k] > 0) sign_[j] = std::copysign(1.0, w[k] != 0 ? w[k] : -g[k]);
            residual_[j] = g[k] + lambda[k] * sign_[j];
            const double curvature =
                squares_[j] * mean + (j < problem.penalized() ? problem.l2 : 0);
            inverse_[j] = curvature > 0 ? 1 / curvature : 0;
        }
    }

    void scale() { scaled_ = residual_.cwiseProduct(inverse_); }
};

}  // namespace ermine
