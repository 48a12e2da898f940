// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/sparse_columns.hpp>

namespace ermine {

/// The step of a proximal Newton method on some columns W of a sparse linear problem by coordinate
/// descent (Yuan, Ho & Lin, "An improved GLMNET for l1-regularized logistic regression", JMLR 13,
/// 2012): c ∘ X d is kept, in float beside c, so that a coordinate costs two passes over its
/// column. Coordinates that rest at 0 well inside their interval are left out of the sweeps that
/// follow.
template <class T>
class ColumnStep {
public:
    /// Moves w, the weights of the columns W, towards the minimum of the model with the gradient g
    /// there, until no slope is off by more than `tolerance`, in at most so many sweeps.
    template <class Problem>
    void solve(const Problem& problem, const Eigen::VectorXd& c, std::span<const Index> columns,
               const Eigen::VectorXd& g, const Eigen::VectorXd& lambda, double tolerance,
               int sweeps, Eigen::VectorXd& w) {
        prepare(problem, c, columns, w);
        bool whole = true;
        double margin = std::numeric_limits<double>::infinity();
        for (int sweep = 0; sweep < sweeps; ++sweep) {
            double worst = 0;
            std::size_t kept = 0;
            for (const Index k : active_) {
                const double off = move(problem, k, columns[place(k)], g, lambda, margin, w);
                if (off < -margin) continue;
                active_[kept++] = k;
                worst = std::max(worst, off);
            }
            active_.resize(kept);
            margin = worst;
            if (worst > tolerance) {
                whole = false;
                continue;
            }
            if (whole) return;
            // those that were left out have to agree
            take_all(static_cast<Index>(columns.size()));
            margin = std::numeric_limits<double>::infinity();
            whole = true;
        }
    }

private:
    struct Row {
        float bent;  // of c ∘ X d
        float c;
    };

    SparseColumns<T> columns_;
    std::vector<Row> rows_;
    Eigen::VectorXd start_;
    Eigen::VectorXd curvature_;
    std::vector<Index> active_;

    static std::size_t place(Index k) { return static_cast<std::size_t>(k); }

    void take_all(Index size) {
        active_.resize(place(size));
        for (Index k = 0; k < size; ++k) active_[place(k)] = k;
    }

    template <class Problem>
    void prepare(const Problem& problem, const Eigen::VectorXd& c, std::span<const Index> columns,
                 const Eigen::VectorXd& w) {
        if (columns_.offsets.empty()) columns_ = SparseColumns<T>(problem.rows);
        rows_.resize(place(problem.examples()));
        for (Index i = 0; i < problem.examples(); ++i)
            rows_[place(i)] = {0.0F, static_cast<float>(c[i])};
        const double n = static_cast<double>(problem.examples());
        const auto size = static_cast<Index>(columns.size());
        start_ = w;
        curvature_.resize(size);
        take_all(size);
        for (Index k = 0; k < size; ++k) {
            const Index j = columns[place(k)];
            double sum = 0;
            each(problem, j,
                 [&](std::size_t i, double x) { sum += static_cast<double>(rows_[i].c) * x * x; });
            curvature_[k] = sum / n + (j < problem.penalized() ? problem.l2 : 0);
        }
    }

    /// Moves one weight to the minimum along it. By how much its slope was off: below 0 by how much
    /// it may still change while the weight stays at 0.
    template <class Problem>
    double move(const Problem& problem, Index k, Index j, const Eigen::VectorXd& g,
                const Eigen::VectorXd& lambda, double margin, Eigen::VectorXd& w) {
        const double curvature = curvature_[k];
        if (!(curvature > 0)) return -std::numeric_limits<double>::infinity();
        double sum = 0;
        each(problem, j,
             [&](std::size_t i, double x) { sum += x * static_cast<double>(rows_[i].bent); });
        double slope = g[k] + sum / static_cast<double>(problem.examples());
        if (j < problem.penalized()) slope += problem.l2 * (w[k] - start_[k]);
        const double off = w[k] == 0 ? std::abs(slope) - lambda[k]
                                     : std::abs(slope + std::copysign(lambda[k], w[k]));
        if (off < -margin) return off;
        const double target = curvature * w[k] - slope;
        const double to = std::abs(target) <= lambda[k]
                              ? 0.0
                              : (target - std::copysign(lambda[k], target)) / curvature;
        const auto by = static_cast<float>(to - w[k]);
        w[k] = to;
        if (by != 0)
            each(problem, j, [&](std::size_t i, double x) {
                Row& row = rows_[i];
                row.bent += by * row.c * static_cast<float>(x);
            });
        return off;
    }

    template <class Problem, class F>
    void each(const Problem& problem, Index j, const F& f) const {
        if (j == problem.features()) {
            for (std::size_t i = 0; i < rows_.size(); ++i) f(i, 1.0);
            return;
        }
        const T* const values = columns_.values.data();
        const std::int32_t* const rows = columns_.rows.data();
        const Index end = columns_.end(j);
        for (Index e = columns_.begin(j); e < end; ++e)
            f(place(rows[e]), static_cast<double>(values[e]));
    }
};

}  // namespace ermine
