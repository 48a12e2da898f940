// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/quadratic_lasso.hpp>
#include <ermine/solvers/gram_step.hpp>

namespace ermine {

/// The Gram matrix (1/n) X_Wᵀ diag(c) X_W of some columns of a linear problem, kept while c changes
/// and mended by what is seen of its products: scaled by the mean of c, and updated as Broyden,
/// Fletcher, Goldfarb and Shanno do, which leaves it positive semidefinite. A new one is formed
/// once the rounds that the old one has cost would have paid for it.
class KeptGram {
public:
    /// Of W.
    [[nodiscard]] const std::vector<Index>& columns() const { return columns_; }

    /// Whether column j is in it.
    [[nodiscard]] bool has(Index j) const {
        return !in_.empty() && in_[static_cast<std::size_t>(j)] != 0;
    }

    void forget() { in_.clear(); }

    /// Whether it does for the curvatures c.
    template <class Problem>
    [[nodiscard]] bool fits(const Problem& problem, const Eigen::VectorXd& c) const {
        if (in_.empty()) return false;
        const double mean = formed_.sum();
        return spent_ <= price(problem) || !(mean > 0) ||
               (c - formed_ * (c.sum() / mean)).cwiseAbs().sum() <= 1e-3 * c.sum();
    }

    /// A new one, of the columns that `joins` says.
    template <class Problem, class F>
    void form(const Problem& problem, const Eigen::VectorXd& c, const F& joins) {
        columns_.clear();
        in_.assign(static_cast<std::size_t>(problem.parameters()), 0);
        for (Index j = 0; j < problem.parameters(); ++j) {
            if (!joins(j)) continue;
            columns_.push_back(j);
            in_[static_cast<std::size_t>(j)] = 1;
        }
        gram_ = grams_.form(problem.shifted(-problem.l2), c, columns_);
        formed_ = c;
        mean_ = c.sum();
        spent_ = 0;
    }

    /// Moves w to the minimum of ½ dᵀ(G + l2 I) d + gᵀ d + Σ λⱼ |wⱼ|, where d is the step.
    template <class Problem>
    void solve(const Problem& problem, const Eigen::VectorXd& c, const Eigen::VectorXd& g,
               const Eigen::VectorXd& lambda, double tolerance, Eigen::VectorXd& w) {
        const double mean = c.sum();
        if (mean != mean_ && mean > 0 && mean_ > 0) gram_ *= mean / mean_;
        mean_ = mean;
        shift(problem, problem.l2);
        linear_ = g;
        for (Index k = 0; k < w.size(); ++k)
            if (w[k] != 0) linear_ -= w[k] * gram_.col(k);
        lasso_.minimize(gram_, linear_, lambda, tolerance, w);
        support_ = static_cast<double>((w.array() != 0).count());
        shift(problem, -problem.l2);
    }

    /// G d is h, both with a number for each parameter; `again` if a better G would have spared it.
    template <class Problem>
    void learn(const Problem& problem, const Eigen::VectorXd& d, const Eigen::VectorXd& h,
               bool again) {
        if (again) spent_ += price_of_round(problem);
        const auto size = static_cast<Index>(columns_.size());
        step_.resize(size);
        seen_.resize(size);
        for (Index k = 0; k < size; ++k) {
            step_[k] = d[columns_[static_cast<std::size_t>(k)]];
            seen_[k] = h[columns_[static_cast<std::size_t>(k)]];
        }
        linear_.noalias() = gram_ * step_;
        const double thought = step_.dot(linear_);
        const double truth = step_.dot(seen_);
        if (!(thought > 0 && truth > 1e-8 * thought)) return;
        gram_.noalias() += (seen_ / truth) * seen_.transpose();
        gram_.noalias() -= (linear_ / thought) * linear_.transpose();
    }

private:
    GramStep grams_;
    Eigen::MatrixXd gram_;
    Eigen::VectorXd formed_, linear_, step_, seen_;
    double mean_ = 0;
    double spent_ = 0;
    double support_ = 0;
    std::vector<Index> columns_;
    std::vector<char> in_;
    QuadraticLasso lasso_;

    /// About how many nanoseconds a new one takes.
    template <class Problem>
    [[nodiscard]] double price(const Problem& problem) const {
        const auto size = static_cast<double>(columns_.size());
        const auto n = static_cast<double>(problem.examples());
        double dense = n * size * (1 + size / 30);
        if constexpr (requires { problem.rows.columns; }) {
            const double a_row = static_cast<double>(problem.rows.nonzeros()) / n;
            dense = std::min(dense, 1.5 * n * a_row * (1 + a_row));
        }
        return dense;
    }

    /// And a round: a gradient, a product and the quadratic problem.
    template <class Problem>
    [[nodiscard]] double price_of_round(const Problem& problem) const {
        const auto numbers = static_cast<double>(problem.rows.nonzeros());
        const auto n = static_cast<double>(problem.examples());
        const double system = support_ * support_ * support_ / 15;
        if constexpr (requires { problem.rows.columns; }) return 3 * numbers + 20 * n + system;
        return numbers + 20 * n + system;
    }

    /// Adds to the diagonal, but for an intercept.
    void shift(const auto& problem, double by) {
        if (by == 0) return;
        for (std::size_t k = 0; k < columns_.size(); ++k)
            if (columns_[k] < problem.penalized())
                gram_(static_cast<Index>(k), static_cast<Index>(k)) += by;
    }
};

}  // namespace ermine
