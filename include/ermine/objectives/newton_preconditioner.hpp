// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/gram_product.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/mean_squares.hpp>
#include <ermine/objectives/sampled_problem.hpp>

namespace ermine {

/// An approximate inverse of the Hessian (1/n) [X 1]ᵀ diag(c) [X 1] + λ I of a linear problem, for
/// conjugate gradients:
/// - of few features (`dense_up_to`), the Cholesky factor of the Hessian over a sample of
///   max(8 d, 2048) examples, in float products;
/// - otherwise the diagonal, with the mean of c in the place of each: it takes a look at the data
///   once.
class NewtonPreconditioner {
public:
    static constexpr Index dense_up_to = 1500;

    /// Examples of the sample, where there are so many.
    static Index sample_size(Index parameters) { return std::max<Index>(8 * parameters, 2048); }

    /// Gets ready for curvatures c, after a step that took so many iterations: a factor that was
    /// good for a few iterations is kept, since a new one costs as much.
    template <class Problem>
    void look(const Problem& problem, const Eigen::VectorXd& c, int iterations) {
        if (problem.parameters() > dense_up_to)
            take_diagonal(problem, c);
        else if (!factored_ || iterations > 5)
            factor_sample(problem, c);
    }

    /// z ≈ H⁻¹ r.
    void solve(const Eigen::VectorXd& r, Eigen::VectorXd& z) const {
        if (factored_) {
            z = r;
            factor_.solveInPlace(z);
        } else {
            z = r.cwiseProduct(inverse_);
        }
    }

private:
    bool factored_ = false;
    Eigen::LLT<Eigen::MatrixXd> factor_;
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> sample_;
    Eigen::MatrixXf product_;
    Eigen::MatrixXd hessian_;
    Eigen::VectorXd squares_;
    Eigen::VectorXd inverse_;

    template <class Problem>
    void factor_sample(const Problem& problem, const Eigen::VectorXd& c) {
        const Index n = problem.examples();
        const Index d = problem.features();
        const Index size = problem.parameters();
        const Index count = std::min(n, sample_size(size));
        constexpr Index panel = 1024;
        hessian_.setZero(size, size);
        product_.resize(size, size);
        sample_.resize(std::min(panel, count), size);
        const double stride = static_cast<double>(n) / static_cast<double>(count);
        for (Index first = 0; first < count; first += panel) {
            const Index some = std::min(panel, count - first);
            for (Index k = 0; k < some; ++k) {
                const Index i = place_in_sample(stride, first + k);
                const auto root = static_cast<float>(std::sqrt(c[i]));
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
            hessian_ += product_.template cast<double>();
        }
        hessian_ /= static_cast<double>(count);
        hessian_.diagonal().head(problem.penalized()).array() += problem.l2;
        // in the measure of each column, above what products in float round away
        for (double& entry : hessian_.diagonal()) entry = entry > 0 ? (1 + 1e-6) * entry : 1;
        factor_.compute(hessian_);
        factored_ = factor_.info() == Eigen::Success;
        if (!factored_) inverse_ = hessian_.diagonal().cwiseInverse();
    }

    template <class Problem>
    void take_diagonal(const Problem& problem, const Eigen::VectorXd& c) {
        if (squares_.size() == 0) squares_ = mean_squares(problem);
        const double mean = c.sum() / static_cast<double>(problem.examples());
        inverse_ = squares_ * mean;
        inverse_.head(problem.penalized()).array() += problem.l2;
        inverse_ = (inverse_.array() > 0).select(inverse_.cwiseInverse(), 1.0);
    }
};

}  // namespace ermine
