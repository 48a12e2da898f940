// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/gram_product.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/objectives/linear_problem.hpp>

namespace ermine {

/// A linear model with the squared loss and no penalty.
template <class Problem>
concept LinearLeastSquares = std::same_as<typename Problem::Model, Linear> &&
                             std::same_as<typename Problem::Loss, SquaredLoss>;

/// All that a least-squares problem of n examples says, in d + 1 of them: with Z = [X y], centered
/// where there is an intercept, and G = Zᵀ diag(ŵ) Z / n = Rᵀ R, the mean loss at w (and the best
/// intercept) is ½ ‖R [w; −1]‖². R is the factor of a pivoted Cholesky decomposition, which takes
/// dependent columns, too. Problems for many penalties then cost d² each instead of n d.
struct ReducedLeastSquares {
    Eigen::MatrixXd rows;     ///< R without its last column, times √(d + 1)
    Eigen::VectorXd targets;  ///< the last column, times √(d + 1)
    Eigen::VectorXd means;    ///< of the columns of Z; 0 without an intercept
    Eigen::VectorXd lengths;  ///< √Gⱼⱼ
    double smallness = 0;     ///< of rounding in G, relative to lengthsᵢ lengthsⱼ

    /// Whether it is worth its n d² multiplications where that many passes would be spent.
    template <LinearLeastSquares Problem>
    static bool pays(const Problem& problem, double passes) {
        const auto d = static_cast<double>(problem.features());
        return problem.l2 == 0 && problem.features() > 0 && problem.features() <= 1000 &&
               problem.examples() >= 4 * (problem.features() + 1) &&
               static_cast<double>(problem.examples()) * d * d / 16 <=
                   passes * static_cast<double>(problem.rows.nonzeros());
    }

    /// Whether numbers were not too large for their squares.
    [[nodiscard]] bool finite() const {
        return rows.allFinite() && targets.allFinite() && lengths.allFinite();
    }

    /// The intercept that is best for w.
    [[nodiscard]] double intercept(const Eigen::VectorXd& w) const {
        return means[w.size()] - means.head(w.size()).dot(w);
    }

    /// A bound on what rounding makes of the mean loss at w.
    [[nodiscard]] double error(const Eigen::VectorXd& w) const {
        const double size = lengths.head(w.size()).dot(w.cwiseAbs()) + lengths[w.size()];
        return 0.5 * smallness * size * size;
    }

    template <LinearLeastSquares Problem>
    static ReducedLeastSquares of(const Problem& problem) {
        ReducedLeastSquares reduced;
        const Index size = problem.features() + 1;
        const auto n = static_cast<double>(problem.examples());
        reduced.means.setZero(size);
        if (problem.intercept()) {
            each_panel(problem, [&](const Panel& panel, const Eigen::VectorXd& weights) {
                reduced.means.noalias() += panel.transpose() * weights;
            });
            reduced.means /= n;
        }
        const Index grain = 256;
        const Chunks chunks = chunks_for(problem.examples(), grain, 8);
        std::vector<Eigen::MatrixXd> sums(static_cast<std::size_t>(chunks.count()));
        for_each_chunk(chunks.count(), [&](Index chunk) {
            auto& sum = sums[static_cast<std::size_t>(chunk)];
            sum.setZero(size, size);
            Panel panel;
            for (Index first = chunks.begin(chunk); first < chunks.end(chunk); first += grain) {
                const Index count = std::min(grain, chunks.end(chunk) - first);
                fill(problem, first, count, panel);
                panel.rowwise() -= reduced.means.transpose();
                for (Index k = 0; k < count; ++k)
                    if (problem.weights != nullptr)
                        panel.row(k) *= std::sqrt(problem.weight(first + k));
                add_gram_product(panel, sum);
            }
        });
        Eigen::MatrixXd gram = sums[0];
        for (std::size_t k = 1; k < sums.size(); ++k) gram += sums[k];
        gram /= n;
        reduced.lengths = gram.diagonal().cwiseMax(0).cwiseSqrt();
        reduced.smallness =
            std::numeric_limits<double>::epsilon() * (20 + static_cast<double>(size));
        const Eigen::LDLT<Eigen::MatrixXd> factor(gram);
        Eigen::MatrixXd root = factor.matrixU();
        root = factor.vectorD().cwiseMax(0).cwiseSqrt().asDiagonal() * root;
        const Eigen::MatrixXd order =
            factor.transpositionsP() * Eigen::MatrixXd::Identity(size, size);
        root = root * order;
        root *= std::sqrt(static_cast<double>(size));
        reduced.rows = root.leftCols(size - 1);
        reduced.targets = root.col(size - 1);
        return reduced;
    }

private:
    using Panel = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    /// Some rows of Z.
    static void fill(const auto& problem, Index first, Index count, Panel& panel) {
        const Index d = problem.features();
        const auto& rows = problem.rows;
        panel.setZero(count, d + 1);
        for (Index k = 0; k < count; ++k) {
            const Index i = first + k;
            if constexpr (requires { rows.columns; }) {
                for (Index e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e)
                    panel(k, rows.columns[e]) = static_cast<double>(rows.values[e]);
            } else {
                for (Index j = 0; j < d; ++j) panel(k, j) = static_cast<double>(rows.row(i)[j]);
            }
            panel(k, d) = problem.targets[i];
        }
    }

    static void each_panel(const auto& problem, const auto& f) {
        Panel panel;
        Eigen::VectorXd weights;
        for (Index first = 0; first < problem.examples(); first += 256) {
            const Index count = std::min<Index>(256, problem.examples() - first);
            fill(problem, first, count, panel);
            weights.resize(count);
            for (Index k = 0; k < count; ++k) weights[k] = problem.weight(first + k);
            f(panel, weights);
        }
    }
};

}  // namespace ermine
