// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/sparse_columns.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/shuffle.hpp>
#include <ermine/numerics/sparse_row_products.hpp>

namespace ermine {

/// The step of a proximal Newton method on some columns W of a sparse linear problem by coordinate
/// descent (Yuan, Ho & Lin, "An improved GLMNET for l1-regularized logistic regression", JMLR 13,
/// 2012): c ∘ X d is kept, in float, so that a coordinate costs two passes over its column. Each
/// sweep takes the columns in another random order: columns that agree in sign, as the frequencies
/// of words do, make errors travel in waves along a fixed order, and a sweep then gains a tenth.
/// Coordinates that rest at 0 well inside their interval are left out of the sweeps that follow.
template <class T>
class ColumnStep {
public:
    /// Moves w, the weights of the columns W, towards the minimum of the model with the gradient g
    /// there, until no slope is off by more than `tolerance`, in at most so many sweeps. Whether
    /// they were enough.
    template <class Problem>
    bool solve(const Problem& problem, const Eigen::VectorXd& c, std::span<const Index> columns,
               const Eigen::VectorXd& g, const Eigen::VectorXd& lambda, double tolerance,
               int sweeps, Eigen::VectorXd& w) {
        prepare(problem, c, columns, w);
        double margin = std::numeric_limits<double>::infinity();
        for (int sweep = 0; sweep < sweeps; ++sweep) {
            const bool whole = active_.size() == columns.size();
            shuffle(std::span{active_}, random_);
            double worst = 0;
            std::size_t kept = 0;
            for (const Index k : active_) {
                const Index j = columns[place(k)];
                if (sweep == 0) curvature_[k] = curvature(problem, j);
                const double off = move(problem, k, j, g, lambda, margin, w);
                if (off < -margin) continue;
                active_[kept++] = k;
                worst = std::max(worst, off);
            }
            active_.resize(kept);
            margin = worst;
            if (worst > tolerance) continue;
            if (whole) return true;
            // those that were left out have to agree
            take_all(columns.size());
            margin = std::numeric_limits<double>::infinity();
        }
        return false;
    }

private:
    SparseColumns<T> columns_;
    Eigen::VectorXf c_, bent_;  // bent = c ∘ X d
    Eigen::VectorXd start_, curvature_;
    double largest_ = 0;  // of c
    std::vector<Index> active_;
    Random random_{7};

    static std::size_t place(Index k) { return static_cast<std::size_t>(k); }

    void take_all(std::size_t size) {
        active_.resize(size);
        std::iota(active_.begin(), active_.end(), Index{0});
    }

    template <class Problem>
    void prepare(const Problem& problem, const Eigen::VectorXd& c, std::span<const Index> columns,
                 const Eigen::VectorXd& w) {
        if (columns_.offsets.empty()) columns_ = SparseColumns<T>(problem.rows);
        c_ = c.cast<float>();
        largest_ = c.size() > 0 ? c.maxCoeff() : 0;
        bent_.setZero(c.size());
        start_ = w;
        curvature_.resize(w.size());
        take_all(columns.size());
    }

    /// (1/n) Σᵢ cᵢ xᵢⱼ² + l2. Where all these cᵢ are 0, as those of the squared hinge are beyond
    /// the margin, the model says nothing of how far it holds: then with the largest of all c.
    template <class Problem>
    double curvature(const Problem& problem, Index j) const {
        const double n = static_cast<double>(problem.examples());
        if (j == problem.features()) return static_cast<double>(c_.sum()) / n;
        float sum[4] = {};
        Index e = columns_.begin(j);
        const Index end = columns_.end(j);
        const auto term = [&](Index at) {
            const auto x = static_cast<float>(columns_.values[place(at)]);
            return x * x * c_[columns_.rows[place(at)]];
        };
        for (; e + 4 <= end; e += 4)
            for (Index k = 0; k < 4; ++k) sum[k] += term(e + k);
        for (; e < end; ++e) sum[0] += term(e);
        double all = static_cast<double>((sum[0] + sum[1]) + (sum[2] + sum[3]));
        if (all == 0)
            for (e = columns_.begin(j); e < end; ++e) {
                const auto x = static_cast<double>(columns_.values[place(e)]);
                all += x * x * largest_;
            }
        return all / n + problem.l2;
    }

    /// Moves one weight to the minimum along it. By how much its slope was off: below 0 by how much
    /// it may still change while the weight stays at 0.
    template <class Problem>
    double move(const Problem& problem, Index k, Index j, const Eigen::VectorXd& g,
                const Eigen::VectorXd& lambda, double margin, Eigen::VectorXd& w) {
        const double curvature = curvature_[k];
        const bool intercept = j == problem.features();
        const std::size_t first = intercept ? 0 : place(columns_.begin(j));
        const Index count = intercept ? 0 : columns_.end(j) - columns_.begin(j);
        const T* const values = columns_.values.data() + first;
        const std::int32_t* const rows = columns_.rows.data() + first;
        const double sum = intercept ? bent_.cast<double>().sum()
                                     : SparseRowProducts::dot(values, rows, count, bent_.data());
        double slope = g[k] + sum / static_cast<double>(problem.examples());
        if (!intercept) slope += problem.l2 * (w[k] - start_[k]);
        const double off = w[k] == 0 ? std::abs(slope) - lambda[k]
                                     : std::abs(slope + std::copysign(lambda[k], w[k]));
        if (off < -margin) return off;
        const double target = curvature * w[k] - slope;
        double to = 0;
        if (!(std::abs(target) <= lambda[k]))  // NaN stays NaN
            to = curvature == 0 ? w[k] : (target - std::copysign(lambda[k], target)) / curvature;
        const auto by = static_cast<float>(to - w[k]);
        w[k] = to;
        if (by == 0) return off;
        if (intercept) bent_ += by * c_;
        for (Index e = 0; e < count; ++e)
            bent_[rows[e]] += by * c_[rows[e]] * static_cast<float>(values[e]);
        return off;
    }
};

}  // namespace ermine
