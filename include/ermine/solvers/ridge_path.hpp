// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/balance_slopes.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/objectives/newton_preconditioner.hpp>
#include <ermine/solvers/path_line.hpp>

namespace ermine {

/// Follows the minimizers of F(w) = R(w) + ½ λ ‖w‖² from one λ to the next, with what was found for
/// one kept for the other: predictions, slopes and the preconditioner. It begins where the curve
/// through the solutions before leads (PathLine, in log λ) and goes on by LinearNewtonCG's steps,
/// whose dual point it takes. Where the curve is good enough, a gradient is all that a λ costs.
template <class Problem>
class RidgePath {
public:
    /// From x, for any λ.
    RidgePath(const Problem& problem, const Eigen::VectorXd& x)
        : pass_(problem), line_(problem.examples(), x.size()) {
        for (Eigen::VectorXd* v : {&dual_, &image_, &moved_}) v->setZero(problem.examples());
        for (Eigen::VectorXd* v :
             {&g_, &step_, &residual_, &direction_, &bent_, &scaled_, &slopes_})
            v->setZero(x.size());
        put(problem, x);
    }

    /// Goes on from x, which another method has found.
    void put(const Problem& problem, const Eigen::VectorXd& x) { line_.put(problem, pass_, x); }

    /// To the minimum of the problem, whose λ may be another one than before, until the gap is
    /// relatively so small, in at most so many rounds. Whether that was reached.
    bool follow(const Problem& problem, double gap, int rounds) {
        bounds_ = {};
        if (!(problem.l2 > 0)) return false;
        const auto penalty = [&](const Eigen::VectorXd& x) {
            return 0.5 * problem.l2 * x.head(problem.penalized()).squaredNorm();
        };
        line_.predict(problem, pass_, std::log(problem.l2), penalty);
        for (int round = 0; round < rounds; ++round) {
            bounds_.primal = line_.primal;
            pass_.transpose(problem, line_.s, g_);
            if (!std::isfinite(bounds_.primal) || !g_.allFinite()) return false;
            residual_ = g_;
            residual_.head(problem.penalized()) += problem.l2 * line_.x.head(problem.penalized());
            const double enough = gap * bounds_.primal;
            if (round == 0 && residual_.squaredNorm() <= 2 * problem.l2 * enough) {
                dual_ = line_.s;
                slopes_ = g_;
                bound_below(problem);
                if (bounds_.relative() <= gap) return true;
            }
            preconditioner_.look(problem, line_.c, last_ > 4 ? 6 : last_);
            solve(problem, 0.1 * enough);
            dual_ = line_.s;
            moved_ = line_.c.cwiseProduct(image_);
            scaled_ = line_.x + step_;
            const double t = line_.search(problem, pass_, scaled_, image_, penalty);
            if (!(t > 0)) return false;
            bounds_.primal = line_.primal;
            dual_ += t * moved_;
            slopes_ = g_ + t * slopes_;
            bound_below(problem);
            if (bounds_.relative() <= gap) return true;
        }
        return false;
    }

    [[nodiscard]] const Eigen::VectorXd& x() const { return line_.x; }
    [[nodiscard]] const DualityGap& bounds() const { return bounds_; }

private:
    LinearPass<Problem> pass_;
    PathLine<Problem> line_;
    NewtonPreconditioner preconditioner_;
    Eigen::VectorXd g_, step_, residual_, direction_, bent_, scaled_;  // a number a parameter
    Eigen::VectorXd slopes_;  // of the risk's part of the model: (1/n) [X 1]ᵀ(c ∘ X d)
    Eigen::VectorXd dual_, image_, moved_;  // a number an example
    int last_ = 0;                          // iterations of conjugate gradients
    DualityGap bounds_;

    /// Conjugate gradients on H d = −∇F until ‖residual‖² / 2λ is so small.
    void solve(const Problem& problem, double enough) {
        const Index m = problem.penalized();
        step_.setZero();
        image_.setZero();
        slopes_.setZero();
        preconditioner_.solve(residual_, scaled_);
        direction_ = -scaled_;
        double length = residual_.dot(scaled_);
        double total = 0;
        for (last_ = 0; last_ < 100;) {
            pass_.curve(problem, line_.c, direction_, moved_, bent_);
            const double curvature =
                direction_.dot(bent_) + problem.l2 * direction_.head(m).squaredNorm();
            if (!(curvature > 0)) break;
            const double t = length / curvature;
            step_ += t * direction_;
            image_ += t * moved_;
            slopes_ += t * bent_;
            residual_ += t * bent_;
            residual_.head(m) += t * problem.l2 * direction_.head(m);
            ++last_;
            const double gain = 0.5 * t * length;
            total += gain;
            if (residual_.squaredNorm() <= 2 * problem.l2 * enough) break;
            if (last_ * gain <= 1e-3 * total) break;
            preconditioner_.solve(residual_, scaled_);
            const double next = residual_.dot(scaled_);
            direction_ = next / length * direction_ - scaled_;
            length = next;
        }
    }

    /// The dual value of the slopes dual_, with slopes_ = (1/n) [X 1]ᵀ dual_.
    void bound_below(const Problem& problem) {
        const Index m = problem.penalized();
        bool moved = false;
        double conjugate = pass_.conjugate(problem, dual_, moved);
        if (problem.intercept() && balance_slopes(dual_)) {
            conjugate = pass_.conjugate(problem, dual_, moved);
            moved = true;
        }
        if (moved) pass_.transpose(problem, dual_, slopes_);
        const double dual = -conjugate - slopes_.head(m).squaredNorm() / (2 * problem.l2);
        if (dual == dual) bounds_.dual = std::max(bounds_.dual, dual);
    }
};

}  // namespace ermine
