// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
<<<<<<< HEAD
#include <cmath>
#include <cstddef>
#include <vector>

=======
#include <cstddef>
#include <vector>

#include <ermine/concepts/loss.hpp>
>>>>>>> multi
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/gram_product.hpp>
#include <ermine/objectives/linear_problem.hpp>

namespace ermine {

<<<<<<< HEAD
/// An approximate inverse of the Hessian (1/n) Σ ŵᵢ x̃ᵢx̃ᵢᵀ ⊗ Cᵢ + λ I of a multinomial problem, Cᵢ =
/// diag(πᵢ) − πᵢπᵢᵀ, for conjugate gradients: that of A ⊗ C + λ I with
///
///     C = (1/n) Σ ŵᵢ Cᵢ = Q diag(γ) Qᵀ,   A = Σ tᵢ x̃ᵢx̃ᵢᵀ / Σ tᵢ,   tᵢ = ŵᵢ tr Cᵢ
///
/// which is exact where all Cᵢ are a multiple of one another, as they are at θ = 0. In the basis Q
/// it falls apart into K systems γₖ A + λ I. Of few features (`dense_up_to`), A is taken over a
/// sample of max(8 d, 2048) examples and each system has its Cholesky factor; otherwise A is the
/// diagonal.
=======
/// An approximate inverse of the Hessian of multinomial logistic regression, for conjugate
/// gradients: the Hessian (1/n) Σ (x xᵀ) ⊗ (diag(π) − π πᵀ) + λ I with the mean of the second
/// factor in the place of each is A ⊗ C + λ I, and in the eigenvectors of C falls apart into K
/// systems cₖ A + λ I. A is the second moment of a sample of 8 d examples (of all where there are
/// fewer); eigenvalues within a factor 1.5 share a Cholesky factor. Beyond `dense_up_to` features A
/// is a diagonal.
>>>>>>> multi
class KroneckerPreconditioner {
public:
    static constexpr Index dense_up_to = 1500;

<<<<<<< HEAD
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
    Eigen::MatrixXd turned_;
    Eigen::ArrayXXd inverse_;
    Eigen::VectorXd squares_;
    std::vector<Eigen::LLT<Eigen::MatrixXd>> factors_;
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> sample_;
    Eigen::MatrixXf product_;
    Eigen::MatrixXd gram_, system_;

    /// Curvature for the intercepts, whose shift by the same number changes nothing: without it
    /// rounding would be taken for a slope.
    [[nodiscard]] double drift() const { return 1e-6 * spectrum_.maxCoeff(); }

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
        spectrum_ = eigen.eigenvalues().cwiseMax(0);
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
=======
    static Index sample_size(Index inputs) { return std::max<Index>(8 * inputs, 2048); }

    template <class Problem>
    void look(const Problem& problem, const PredictionBlock& probabilities) {
        if (moment_.size() == 0 && diagonal_.size() == 0) take_moment(problem);
        take_classes(probabilities);
        const auto size = static_cast<Index>(values_.size());
        factors_.clear();
        factor_of_.assign(static_cast<std::size_t>(size), 0);
        double last = -1;
        for (Index k = size; k-- > 0;) {  // from the largest down
            const double c = std::max(values_[k], 0.0);
            if (factors_.empty() || c < last / 1.5) {
                if (!(c < 1e-3 * values_[size - 1]) || factors_.empty())
                    last = c;
                else
                    last = 0;
                factors_.push_back(factor(problem, last));
            }
            factor_of_[static_cast<std::size_t>(k)] = factors_.size() - 1;
        }
    }

    /// Z ≈ H⁻¹ R, both inputs × K, row by row.
    void solve(const Eigen::VectorXd& r, Eigen::VectorXd& z) {
        const Index classes = values_.size();
        const Index inputs = r.size() / classes;
        turned_.noalias() = Eigen::Map<const RowMajor>(r.data(), inputs, classes) * vectors_;
        for (Index k = 0; k < classes; ++k) {
            const Factor& factor = factors_[factor_of_[static_cast<std::size_t>(k)]];
            if (factor.dense)
                factor.cholesky.solveInPlace(turned_.col(k));
            else
                turned_.col(k).array() *= factor.inverse;
        }
        Eigen::Map<RowMajor>(z.data(), inputs, classes).noalias() = turned_ * vectors_.transpose();
    }

private:
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    struct Factor {
        bool dense = false;
        Eigen::LLT<Eigen::MatrixXd> cholesky;
        Eigen::ArrayXd inverse;
    };

    Eigen::MatrixXd moment_;
    Eigen::VectorXd diagonal_;
    Eigen::VectorXd values_;
    Eigen::MatrixXd vectors_;
    Eigen::MatrixXd turned_;
    std::vector<Factor> factors_;
    std::vector<std::size_t> factor_of_;

    template <class Problem>
    Factor factor(const Problem& problem, double c) const {
        Factor made;
        const Index d = problem.features();
        if (moment_.size() > 0) {
            Eigen::MatrixXd system = c * moment_;
            system.diagonal().head(d).array() += problem.l2;
            system.diagonal().array() += 1e-10 * system.diagonal().maxCoeff() + 1e-300;
            made.cholesky.compute(system);
            made.dense = made.cholesky.info() == Eigen::Success;
            if (!made.dense) made.inverse = system.diagonal().array().inverse();
        } else {
            Eigen::ArrayXd system = c * diagonal_.array();
            system.head(d) += problem.l2;
            made.inverse = (system > 0).select(system.inverse(), 1.0);
        }
        return made;
    }

    void take_classes(const PredictionBlock& probabilities) {
        const Index classes = probabilities.cols();
        const Index n = probabilities.rows();
        const Index step = std::max<Index>(n / 4096, 1);
        Eigen::MatrixXd mean = Eigen::MatrixXd::Zero(classes, classes);
        Index count = 0;
        for (Index i = 0; i < n; i += step, ++count) {
            const auto pi = probabilities.row(i).matrix();
            mean.diagonal() += pi.transpose();
            mean.noalias() -= pi.transpose() * pi;
        }
        mean /= static_cast<double>(count);
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(mean);
        values_ = eigen.eigenvalues();
        vectors_ = eigen.eigenvectors();
    }

    template <class Problem>
    void take_moment(const Problem& problem) {
        const Index n = problem.examples();
        const Index d = problem.features();
        const Index size = d + (problem.intercept() ? 1 : 0);
        const Index count = std::min(n, sample_size(size));
        const bool dense = size <= dense_up_to;
        if (dense)
            moment_.setZero(size, size);
        else
            diagonal_.setZero(size);
        constexpr Index panel = 512;
        Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows(
            std::min(panel, count), size);
        Eigen::MatrixXf product(dense ? size : 0, dense ? size : 0);
>>>>>>> multi
        const double stride = static_cast<double>(n) / static_cast<double>(count);
        for (Index first = 0; first < count; first += panel) {
            const Index some = std::min(panel, count - first);
            for (Index k = 0; k < some; ++k) {
                const auto i = static_cast<Index>(stride * static_cast<double>(first + k));
<<<<<<< HEAD
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
            if (problem.intercept()) system_(d, d) += drift();
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
                    squares_[j] * spectrum_[k] + (j < problem.features() ? problem.l2 : drift());
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
=======
                auto out = rows.row(k);
                if constexpr (requires { problem.rows.columns; }) {
                    out.setZero();
                    for (Index e = problem.rows.offsets[i]; e < problem.rows.offsets[i + 1]; ++e)
                        out[problem.rows.columns[e]] = static_cast<float>(problem.rows.values[e]);
                } else {
                    for (Index j = 0; j < d; ++j)
                        out[j] = static_cast<float>(problem.rows.row(i)[j]);
                }
                if (problem.intercept()) out[d] = 1;
            }
            if (dense) {
                product.setZero();
                add_gram_product(rows.topRows(some), product);
                moment_ += product.template cast<double>();
            } else {
                diagonal_ += rows.topRows(some).template cast<double>().colwise().squaredNorm();
            }
        }
        if (dense)
            moment_ /= static_cast<double>(count);
        else
            diagonal_ /= static_cast<double>(count);
>>>>>>> multi
    }
};

}  // namespace ermine
