// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/balance_slopes.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/solvers/column_step.hpp>
#include <ermine/solvers/kept_gram.hpp>
#include <ermine/solvers/path_line.hpp>

namespace ermine {

/// Follows the minimizers of F(w) = R(w) + ½ l2 ‖w‖² + λ ‖w‖₁ from one λ to the next, with what was
/// found for one kept for the other: predictions and slopes, the Gram matrix, the columns.
///
/// - It begins where the curve through the solutions before leads: see PathLine.
/// - A round is a gradient, a step of proximal Newton on the columns that may take part, and one
///   pass for X d and Xᵀ(c ∘ X d). With few columns the step is by a Gram matrix that is kept from
///   one λ to the next (KeptGram), else by coordinate descent (ColumnStep).
/// - The columns are the support and those whose slopes come near λ: the strong rule of Tibshirani
///   et al., "Strong rules for discarding predictors in lasso-type problems" (JRSS B 74, 2012). It
///   may err, and the gap, which is over all columns, says so.
/// - The dual point is the linearization of the slopes along the step, of which the pass gives
///   Xᵀa, scaled until ‖Xᵀa‖∞ / n <= λ where l2 = 0. With an intercept Σ a = 0 by a move along the
///   curvatures at the beginning, of which Xᵀc is known.
template <class Problem>
class SparsePath {
public:
    /// From x, for any λ; of so many columns of sparse rows Gram matrices are formed.
    SparsePath(const Problem& problem, const Eigen::VectorXd& x, Index gram_up_to = 1000)
        : gram_up_to_(gram_up_to),
          pass_(problem),
          line_(problem.examples(), x.size()),
          product_(x.size()),
          balance_(x.size()) {
        for (Eigen::VectorXd* v : {&dual_, &image_, &moved_}) v->setZero(problem.examples());
        for (Eigen::VectorXd* v : {&g_, &step_, &bent_, &to_}) v->setZero(x.size());
        put(problem, x);
        if (problem.intercept()) {
            level_.resize(problem.examples());
            pass_.slopes(problem, line_.p, line_.s, level_);
            pass_.transpose(problem, level_, balance_);
        }
    }

    /// Goes on from x, which another method has found.
    void put(const Problem& problem, const Eigen::VectorXd& x) { line_.put(problem, pass_, x); }

    /// To the minimum of the problem, whose λ may be another one than before, until the gap is
    /// relatively so small, in at most so many rounds. Whether that was reached.
    bool follow(const Problem& problem, double gap, int rounds) {
        bounds_ = {};
        const auto penalty = [&](const Eigen::VectorXd& x) {
            const auto w = x.head(problem.penalized());
            return problem.penalty.value(w) + 0.5 * problem.l2 * w.squaredNorm();
        };
        line_.predict(problem, pass_, problem.penalty.lambda, penalty);
        for (int round = 0; round < rounds; ++round) {
            bounds_.primal = line_.primal;
            pass_.transpose(problem, line_.s, g_);
            if (!std::isfinite(bounds_.primal) || !g_.allFinite()) return false;
            if (round == 0 && near(problem, g_, line_.x, 4 * gap)) {
                dual_ = line_.s;
                product_ = g_;
                bound_below(problem);
                if (bounds_.relative() <= gap) return true;
            }
            model(problem, gap);
            moved_ = line_.c.cwiseProduct(image_);
            dual_ = line_.s;
            const double t = line_.search(problem, pass_, to_, image_, penalty);
            if (!(t > 0)) return false;
            bounds_.primal = line_.primal;
            dual_ += t * moved_;
            if (t != 1) product_ = g_ + t * (product_ - g_);
            bound_below(problem);
            if (bounds_.relative() <= gap) return true;
        }
        return false;
    }

    [[nodiscard]] const Eigen::VectorXd& x() const { return line_.x; }
    [[nodiscard]] const DualityGap& bounds() const { return bounds_; }

private:
    Index gram_up_to_;

    LinearPass<Problem> pass_;
    PathLine<Problem> line_;
    Eigen::VectorXd g_, step_, product_, bent_, to_;  // a number a parameter
    Eigen::VectorXd dual_, image_, moved_;            // a number an example
    Eigen::VectorXd level_, balance_;                 // c somewhere, and (1/n) [X 1]ᵀ c
    bool by_gram_ = false;
    DualityGap bounds_;

    KeptGram gram_;
    std::vector<Index> columns_;
    ColumnStep<typename Problem::Rows::Scalar> by_columns_;
    Eigen::VectorXd weights_, slopes_, lambdas_;  // a number a column

    /// Whether the columns that may take part are few enough for a Gram matrix.
    [[nodiscard]] bool takes_gram(const Problem& problem) const {
        if constexpr (requires { problem.rows.columns; }) {
            if (problem.features() <= gram_up_to_) return true;
            Index count = 0;
            for (Index j = 0; j < problem.parameters(); ++j) count += joins(problem, j) ? 1 : 0;
            return count <= gram_up_to_;
        }
        return true;
    }

    /// Whether a column takes part in a new Gram matrix.
    [[nodiscard]] bool joins(const Problem& problem, Index j) const {
        return j >= problem.penalized() || to_[j] != 0 ||
               std::abs(product_[j]) > 0.7 * problem.penalty.lambda;
    }

    /// Whether slopes v at w are off by so little that the gap may be small enough.
    [[nodiscard]] bool near(const Problem& problem, const Eigen::VectorXd& v,
                            const Eigen::VectorXd& w, double enough) const {
        const double lambda = problem.penalty.lambda;
        double sum = 0;
        double worst = 0;
        for (Index j = 0; j < problem.penalized(); ++j) {
            worst = std::max(worst, std::abs(v[j]) - lambda);
            if (w[j] != 0) sum += std::abs(w[j]) * off(problem, v, w, j);
        }
        if (problem.l2 == 0) sum += worst * w.head(problem.penalized()).cwiseAbs().sum();
        return sum <= enough * bounds_.primal;
    }

    /// The quadratic model at the point, minimized as far as the gap asks for: `to_` is the
    /// minimizer, image_ and product_ are X d and the slopes of the model there.
    void model(const Problem& problem, double gap) {
        to_ = line_.x;
        image_.setZero();
        product_ = g_;
        for (int k = 0; k < 6; ++k) {
            step(problem, gap);
            pass_.curve(problem, line_.c, step_, moved_, bent_);
            if (by_gram_) gram_.learn(problem, step_, bent_, k > 0);
            image_ += moved_;
            product_ += bent_;
            for (std::size_t i = 0; i < columns_.size(); ++i) to_[columns_[i]] = weights_[place(i)];
            if (near(problem, product_, to_, 0.5 * gap)) break;
        }
    }

    /// The step d on the columns that may take part, from `to_`.
    void step(const Problem& problem, double gap) {
        const double lambda = problem.penalty.lambda;
        const double size = to_.head(problem.penalized()).cwiseAbs().sum();
        const double wanted =
            size > 0 ? gap * bounds_.primal / size : std::numeric_limits<double>::infinity();
        double worst = 0;
        for (Index j = 0; j < problem.parameters(); ++j)
            worst = std::max(worst, off(problem, product_, to_, j));
        by_gram_ = takes_gram(problem);
        if (by_gram_) {
            if (!covered(problem) || !gram_.fits(problem, line_.c)) {
                const bool all = problem.parameters() <= 200;
                gram_.form(problem, line_.c, [&](Index j) { return all || joins(problem, j); });
            }
            columns_ = gram_.columns();
            take_columns(problem);
            gram_.solve(problem, line_.c, slopes_, lambdas_,
                        std::max(1e-14 * lambda, std::min(0.02 * wanted, 1e-2 * worst)), weights_);
        } else if constexpr (requires { problem.rows.columns; }) {
            gram_.forget();
            columns_.clear();
            for (Index j = 0; j < problem.parameters(); ++j)
                if (j >= problem.penalized() || to_[j] != 0 ||
                    std::abs(product_[j]) > 0.97 * lambda)
                    columns_.push_back(j);
            take_columns(problem);
            by_columns_.solve(problem, line_.c, columns_, slopes_, lambdas_,
                              std::max(1e-14 * lambda, 0.3 * wanted), 100, weights_);
        }
        step_.setZero();
        for (std::size_t k = 0; k < columns_.size(); ++k)
            step_[columns_[k]] = weights_[place(k)] - to_[columns_[k]];
    }

    static Index place(std::size_t k) { return static_cast<Index>(k); }

    /// Of R, of which v are the slopes, and the ℓ2 part.
    static double slope(const Problem& problem, const Eigen::VectorXd& v, const Eigen::VectorXd& w,
                        Index j) {
        return j < problem.penalized() ? v[j] + problem.l2 * w[j] : v[j];
    }

    /// By how much the slope of weight j is not that of a minimum.
    static double off(const Problem& problem, const Eigen::VectorXd& v, const Eigen::VectorXd& w,
                      Index j) {
        const double g = slope(problem, v, w, j);
        if (j >= problem.penalized()) return std::abs(g);
        const double lambda = problem.penalty.lambda;
        return w[j] == 0 ? std::abs(g) - lambda : std::abs(g + std::copysign(lambda, w[j]));
    }

    /// Whether the Gram matrix has all columns that are needed.
    [[nodiscard]] bool covered(const Problem& problem) const {
        for (Index j = 0; j < problem.parameters(); ++j)
            if (!gram_.has(j) && (to_[j] != 0 || std::abs(product_[j]) > problem.penalty.lambda))
                return false;
        return true;
    }

    void take_columns(const Problem& problem) {
        const auto size = static_cast<Index>(columns_.size());
        weights_.resize(size);
        slopes_.resize(size);
        lambdas_.resize(size);
        for (Index k = 0; k < size; ++k) {
            const Index j = columns_[static_cast<std::size_t>(k)];
            weights_[k] = to_[j];
            slopes_[k] = slope(problem, product_, to_, j);
            lambdas_[k] = j < problem.penalized() ? problem.penalty.lambda : 0;
        }
    }

    /// The dual value of the slopes dual_, with product_ = (1/n) [X 1]ᵀ dual_.
    void bound_below(const Problem& problem) {
        const Index m = problem.penalized();
        const double lambda = problem.penalty.lambda;
        if (problem.intercept()) {
            const double sum = balance_[m];
            if (sum > 0) {
                const double by = product_[m] / sum;
                dual_ -= by * level_;
                product_ -= by * balance_;
            }
        }
        bool moved = false;
        double scale = shrink(problem);
        moved_ = scale * dual_;
        double conjugate = pass_.conjugate(problem, moved_, moved);
        if (moved) {
            // into the domain of the conjugate first
            pass_.conjugate(problem, dual_, moved);
            if (problem.intercept()) balance_slopes(dual_);
            pass_.transpose(problem, dual_, product_);
            scale = shrink(problem);
            moved_ = scale * dual_;
            conjugate = pass_.conjugate(problem, moved_, moved);
            if (moved) return;
        }
        double penalty = 0;
        if (problem.l2 > 0)
            penalty =
                (product_.head(m).array().abs() - lambda).max(0).square().sum() / (2 * problem.l2);
        const double dual = -conjugate - penalty;
        if (dual == dual) bounds_.dual = std::max(bounds_.dual, dual);
    }

    /// What makes dual_ feasible.
    [[nodiscard]] double shrink(const Problem& problem) const {
        const double lambda = problem.penalty.lambda;
        if (problem.l2 > 0 || problem.penalized() == 0) return 1;
        const double largest = product_.head(problem.penalized()).cwiseAbs().maxCoeff();
        return largest > lambda ? lambda / largest : 1;
    }
};

}  // namespace ermine
