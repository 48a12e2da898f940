// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>

#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/balance_slopes.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/objectives/newton_preconditioner.hpp>

namespace ermine {

/// Follows the minimizers of F(w) = R(w) + ½ λ ‖w‖² from one λ to the next, with what was found for
/// one kept for the other: predictions, slopes and the preconditioner. It begins at the straight
/// line through the two solutions before, which takes no look at the data, and goes on by
/// LinearNewtonCG's steps, whose dual point it takes. Where the line is good enough, a gradient is
/// all that a λ costs.
template <class Problem>
class RidgePath {
public:
    /// From x, for any λ.
    RidgePath(const Problem& problem, const Eigen::VectorXd& x) : pass_(problem) {
        for (Eigen::VectorXd* v :
             {&p_, &s_, &c_, &dual_, &image_, &moved_, &fresh_, &before_p_, &scratch_})
            v->setZero(problem.examples());
        for (Eigen::VectorXd* v :
             {&g_, &step_, &residual_, &direction_, &bent_, &scaled_, &slopes_})
            v->setZero(x.size());
        put(problem, x);
    }

    /// Goes on from x, which another method has found.
    void put(const Problem& problem, const Eigen::VectorXd& x) {
        x_ = x;
        pass_.predict(problem, x_, p_);
        known_ = 0;
    }

    /// To the minimum of the problem, whose λ may be another one than before, until the gap is
    /// relatively so small, in at most so many rounds. Whether that was reached.
    bool follow(const Problem& problem, double gap, int rounds) {
        bounds_ = {};
        if (!(problem.l2 > 0)) return false;
        predict(problem);
        for (int round = 0; round < rounds; ++round) {
            pass_.transpose(problem, s_, g_);
            if (!std::isfinite(bounds_.primal) || !g_.allFinite()) return false;
            residual_ = g_;
            residual_.head(problem.penalized()) += problem.l2 * x_.head(problem.penalized());
            const double enough = gap * bounds_.primal;
            if (round == 0 && residual_.squaredNorm() <= 2 * problem.l2 * enough) {
                dual_ = s_;
                slopes_ = g_;
                bound_below(problem);
                if (bounds_.relative() <= gap) return true;
            }
            preconditioner_.look(problem, c_, last_ > 4 ? 6 : last_);
            solve(problem, 0.1 * enough);
            dual_ = s_;
            direction_ = c_.cwiseProduct(image_);  // the size of examples from here on
            const double t = search(problem);
            if (!(t > 0)) return false;
            dual_ += t * direction_;
            slopes_ = g_ + t * slopes_;
            bound_below(problem);
            if (bounds_.relative() <= gap) return true;
        }
        return false;
    }

    [[nodiscard]] const Eigen::VectorXd& x() const { return x_; }
    [[nodiscard]] const DualityGap& bounds() const { return bounds_; }

private:
    LinearPass<Problem> pass_;
    NewtonPreconditioner preconditioner_;
    Eigen::VectorXd x_, g_, step_, residual_, bent_, scaled_, before_x_;
    Eigen::VectorXd slopes_;  // of the risk's part of the model: (1/n) [X 1]ᵀ(c ∘ X d)
    Eigen::VectorXd direction_;
    Eigen::VectorXd p_, s_, c_, dual_, image_, moved_, fresh_, before_p_, scratch_;
    double lambda_ = 0;
    double before_lambda_ = 0;
    int known_ = 0;  // solutions in a row
    int last_ = 0;   // iterations of conjugate gradients
    DualityGap bounds_;

    static double penalty(const Problem& problem, const Eigen::VectorXd& x) {
        return 0.5 * problem.l2 * x.head(problem.penalized()).squaredNorm();
    }

    /// Where the solution is thought to be, on a line in log λ.
    void predict(const Problem& problem) {
        if (known_ >= 2 && before_lambda_ != lambda_) {
            const double ahead =
                std::log(problem.l2 / lambda_) / std::log(lambda_ / before_lambda_);
            before_x_ = x_ + ahead * (x_ - before_x_);
            before_p_ = p_ + ahead * (p_ - before_p_);
            x_.swap(before_x_);
            p_.swap(before_p_);
        } else {
            before_x_ = x_;
            before_p_ = p_;
        }
        ++known_;
        before_lambda_ = lambda_;
        lambda_ = problem.l2;
        bounds_.primal = pass_.slopes(problem, p_, s_, c_) + penalty(problem, x_);
    }

    /// Conjugate gradients on H d = −∇F until ‖residual‖² / 2λ is so small.
    void solve(const Problem& problem, double enough) {
        const Index m = problem.penalized();
        step_.setZero();
        image_.setZero();
        slopes_.setZero(x_.size());
        preconditioner_.solve(residual_, scaled_);
        direction_ = -scaled_;
        double length = residual_.dot(scaled_);
        double total = 0;
        for (last_ = 0; last_ < 100;) {
            pass_.curve(problem, c_, direction_, moved_, bent_);
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

    /// How far along the step: the first of 1, ½, ¼, … that does not raise F; point, predictions,
    /// slopes and curvatures are those found. 0 if there is none.
    double search(const Problem& problem) {
        const double before = bounds_.primal;
        const double noise = 4 * std::numeric_limits<double>::epsilon() * std::abs(before);
        double t = 1;
        for (int trial = 0; trial < 20; ++trial, t /= 2) {
            moved_ = p_ + t * image_;
            const double risk = pass_.slopes(problem, moved_, s_, fresh_);
            scaled_ = x_ + t * step_;
            const double value = risk + penalty(problem, scaled_);
            if (value <= before + noise) {
                c_.swap(fresh_);
                p_.swap(moved_);
                x_.swap(scaled_);
                bounds_.primal = value;
                return t;
            }
        }
        return 0;
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
