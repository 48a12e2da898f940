// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/gram_product.hpp>
#include <ermine/objectives/linear_problem.hpp>

namespace ermine {

/// An approximate inverse of the Hessian (1/n) Σ ŵᵢ x̃ᵢx̃ᵢᵀ ⊗ Cᵢ + λ I of a multinomial problem, Cᵢ =
/// diag(πᵢ) − πᵢπᵢᵀ, for conjugate gradients: that of A ⊗ C + λ I with
///
///     C = (1/n) Σ ŵᵢ Cᵢ = Q diag(γ) Qᵀ,   A = Σ tᵢ x̃ᵢx̃ᵢᵀ / Σ tᵢ,   tᵢ = ŵᵢ tr Cᵢ
///
/// which is exact where all Cᵢ are a multiple of one another, as they are at θ = 0. In the basis Q
/// it falls apart into K systems γₖ A + λ I. Of few features (`dense_up_to`), A is taken over a
/// sample of max(8 d, 2048) examples and each system has its Cholesky factor; otherwise A is the
/// diagonal.
class KroneckerPreconditioner {
public:
    static constexpr Index dense_up_to = 1500;

    /// Examples of the sample, where there are so many.
    static Index sample_size(Index inputs) { return std::max<Index>(8 * inputs, 2048); }

    /// Gets ready for probabilities Π (n × K), after a step that took so many iterations: factors
    /// that were good for a few are kept.
    template <class Problem>
    void look(const Problem& problem, const auto& probabilities, int iterations) {
        const Index inputs = problem.parameters() / problem.model.classes;
        const bool dense = inputs <= dense_up_to;
        if (dense && ready_ && iterations <= 8) return;
        take_classes(problem, probabilities);
        if (dense)
            factor(problem, probabilities, inputs);
        else
            take_diagonal(problem, inputs);
        ready_ = true;
    }

    /// z ≈ H⁻¹ r.
    void solve(const Eigen::VectorXd& r, Eigen::VectorXd& z) {
        const Index classes = basis_.rows();
        const Index inputs = r.size() / classes;
        const Eigen::Map<const ClassMatrix> rows(r.data(), inputs, classes);
        turned_.noalias() = rows * basis_;
        // A shift of all classes by the same number changes nothing where there is no penalty:
        // what is left of its slope is rounding.
        turned_.col(0).tail(inputs - free_).setZero();
        if (factors_.empty()) {
            turned_.array() *= inverse_;
        } else {
            for (Index k = 0; k < classes; ++k) {
                auto column = turned_.col(k);
                factors_[static_cast<std::size_t>(k)].solveInPlace(column);
            }
        }
        Eigen::Map<ClassMatrix>(z.data(), inputs, classes).noalias() = turned_ * basis_.transpose();
    }

    /// Moves the intercepts, the last K of a step, so that the residual r of theirs vanishes: by
    /// the Hessian of them alone, C.
    template <class Problem>
    static void settle_intercepts(const Problem& problem, const auto& probabilities,
                                  const Eigen::VectorXd& r, Eigen::VectorXd& step) {
        const Index classes = problem.model.classes;
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(
            mean_curvature(problem, probabilities));
        const double least = 1e-12 * eigen.eigenvalues()[classes - 1];
        for (Index k = 0; k < classes; ++k) {
            const double curvature = eigen.eigenvalues()[k];
            const auto along = eigen.eigenvectors().col(k);
            if (curvature > least)
                step.tail(classes) -= along * (along.dot(r.tail(classes)) / curvature);
        }
    }

private:
    using ClassMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    bool ready_ = false;
    Eigen::MatrixXd basis_;     // Q
    Eigen::VectorXd spectrum_;  // γ
    Index free_ = 0;            // the first row without a penalty
    Eigen::MatrixXd turned_;
    Eigen::ArrayXXd inverse_;
    Eigen::VectorXd squares_;
    std::vector<Eigen::LLT<Eigen::MatrixXd>> factors_;
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> sample_;
    Eigen::MatrixXf product_;
    Eigen::MatrixXd gram_, system_;

    /// C = (1/n) Σ ŵᵢ (diag(πᵢ) − πᵢπᵢᵀ).
    template <class Problem>
    static Eigen::MatrixXd mean_curvature(const Problem& problem, const auto& probabilities) {
        const Index classes = problem.model.classes;
        Eigen::MatrixXd mean = Eigen::MatrixXd::Zero(classes, classes);
        for (Index i = 0; i < problem.examples(); ++i) {
            const double w = problem.weight(i);
            for (Index a = 0; a < classes; ++a) {
                const double own = w * probabilities(i, a);
                for (Index b = 0; b < classes; ++b) mean(b, a) -= own * probabilities(i, b);
                mean(a, a) += own;
            }
        }
        return mean / static_cast<double>(problem.examples());
    }

    template <class Problem>
    void take_classes(const Problem& problem, const auto& probabilities) {
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(
            mean_curvature(problem, probabilities));
        basis_ = eigen.eigenvectors();
        spectrum_ = eigen.eigenvalues().cwiseMax(1e-6 * eigen.eigenvalues().maxCoeff());
        free_ = problem.l2 > 0 ? problem.features() : 0;
    }

    template <class Problem>
    void factor(const Problem& problem, const auto& probabilities, Index inputs) {
        const Index n = problem.examples();
        const Index d = problem.features();
        const Index classes = problem.model.classes;
        const Index count = std::min(n, sample_size(inputs));
        constexpr Index panel = 1024;
        gram_.setZero(inputs, inputs);
        product_.resize(inputs, inputs);
        sample_.resize(std::min(panel, count), inputs);
        double traces = 0;
        const double stride = static_cast<double>(n) / static_cast<double>(count);
        for (Index first = 0; first < count; first += panel) {
            const Index some = std::min(panel, count - first);
            for (Index k = 0; k < some; ++k) {
                const auto i = static_cast<Index>(stride * static_cast<double>(first + k));
                const double trace =
                    problem.weight(i) * std::max(0.0, 1 - probabilities.row(i).square().sum());
                traces += trace;
                const auto root = static_cast<float>(std::sqrt(trace));
                auto out = sample_.row(k);
                if constexpr (requires { problem.rows.columns; }) {
                    out.setZero();
                    for (Index e = problem.rows.offsets[i]; e < problem.rows.offsets[i + 1]; ++e)
                        out[problem.rows.columns[e]] =
                            root * static_cast<float>(problem.rows.values[e]);
                } else {
                    for (Index j = 0; j < d; ++j)
                        out[j] = root * static_cast<float>(problem.rows.row(i)[j]);
                }
                if (problem.intercept()) out[d] = root;
            }
            product_.setZero();
            add_gram_product(sample_.topRows(some), product_);
            gram_ += product_.template cast<double>();
        }
        if (traces > 0) gram_ /= traces;
        factors_.resize(static_cast<std::size_t>(classes));
        turned_.resize(inputs, classes);
        for (Index k = 0; k < classes; ++k) {
            system_ = spectrum_[k] * gram_;
            system_.diagonal().head(d).array() += problem.l2;
            const double top = system_.diagonal().maxCoeff();
            system_.diagonal().array() += top > 0 ? 1e-10 * top : 1;
            auto& own = factors_[static_cast<std::size_t>(k)];
            own.compute(system_);
            if (own.info() == Eigen::Success) continue;
            system_ = system_.diagonal().cwiseAbs().cwiseMax(1e-300).asDiagonal();
            own.compute(system_);
        }
    }

    template <class Problem>
    void take_diagonal(const Problem& problem, Index inputs) {
        if (squares_.size() == 0) sum_squares(problem, inputs);
        const Index classes = problem.model.classes;
        inverse_.resize(inputs, classes);
        turned_.resize(inputs, classes);
        for (Index k = 0; k < classes; ++k)
            for (Index j = 0; j < inputs; ++j) {
                const double own =
                    squares_[j] * spectrum_[k] + (j < problem.features() ? problem.l2 : 0);
                inverse_(j, k) = own > 0 ? 1 / own : 1;
            }
    }

    template <class Problem>
    void sum_squares(const Problem& problem, Index inputs) {
        const auto& rows = problem.rows;
        squares_.setZero(inputs);
        for (Index i = 0; i < rows.examples; ++i) {
            const double w = problem.weight(i);
            if constexpr (requires { rows.columns; }) {
                for (Index e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e) {
                    const double x = static_cast<double>(rows.values[e]);
                    squares_[rows.columns[e]] += w * x * x;
                }
            } else {
                for (Index j = 0; j < rows.features; ++j) {
                    const double x = static_cast<double>(rows.row(i)[j]);
                    squares_[j] += w * x * x;
                }
            }
        }
        squares_ /= static_cast<double>(rows.examples);
        if (problem.intercept()) squares_[rows.features] = 1;
    }
};

}  // namespace ermine
