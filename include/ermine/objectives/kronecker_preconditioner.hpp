// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cstddef>
#include <vector>

#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/gram_product.hpp>
#include <ermine/objectives/linear_problem.hpp>

namespace ermine {

/// An approximate inverse of the Hessian of multinomial logistic regression, for conjugate
/// gradients: the Hessian (1/n) Σ (x xᵀ) ⊗ (diag(π) − π πᵀ) + λ I with the mean of the second
/// factor in the place of each is A ⊗ C + λ I, and in the eigenvectors of C falls apart into K
/// systems cₖ A + λ I. A is the second moment of a sample of 8 d examples (of all where there are
/// fewer); eigenvalues within a factor 1.5 share a Cholesky factor. Beyond `dense_up_to` features A
/// is a diagonal.
class KroneckerPreconditioner {
public:
    static constexpr Index dense_up_to = 1500;

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
        const double stride = static_cast<double>(n) / static_cast<double>(count);
        for (Index first = 0; first < count; first += panel) {
            const Index some = std::min(panel, count - first);
            for (Index k = 0; k < some; ++k) {
                const auto i = static_cast<Index>(stride * static_cast<double>(first + k));
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
    }
};

}  // namespace ermine
