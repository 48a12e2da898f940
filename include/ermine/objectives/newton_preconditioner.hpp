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
/// - of few features (`dense_up_to`), the Cholesky factor of the Hessian over a sample, whose size
///   follows from what its products cost beside a pass over all examples, and which grows where it
///   is found wanting;
/// - otherwise the diagonal, with the mean of c in the place of each: it takes a look at the data
///   once.
class NewtonPreconditioner {
public:
    static constexpr Index dense_up_to = 1500;

    /// Examples of the least sample, where there are so many.
    static Index sample_size(Index parameters) { return std::max<Index>(8 * parameters, 2048); }

    /// Gets ready for curvatures c, after a step that took so many iterations: a factor that was
    /// good for a few iterations is kept, since a new one costs as much, unless it was found
    /// `stale`.
    template <class Problem>
    void look(const Problem& problem, const Eigen::VectorXd& c, int iterations,
              bool stale = false) {
        if (problem.parameters() > dense_up_to) {
            take_diagonal(problem, c);
            return;
        }
        const double spent = static_cast<double>(iterations);
        if (iterations > 5 && fresh_ && cost(problem, 4 * count_) <= 2 * spent) growth_ *= 4;
        const Index wanted = wanted_sample(problem);
        const double price = cost(problem, wanted);
        const bool slow = iterations > 3 && price <= 0.6 * spent;
        fresh_ = !factored_ || (stale && price <= 2) || slow || 2 * count_ < wanted;
        if (fresh_) factor_sample(problem, c, wanted);
    }

    /// The next look is on another problem.
    void renew() {
        factored_ = false;
        fresh_ = false;
        growth_ = 1;
    }

    /// Examples of the sample that is factored, 0 if none is.
    [[nodiscard]] Index count() const { return factored_ ? count_ : 0; }

    /// The Hessian that is factored, its lower triangle, and how many there were before.
    [[nodiscard]] const Eigen::MatrixXd& hessian() const { return hessian_; }
    [[nodiscard]] Index made() const { return made_; }

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
    bool fresh_ = false;  // made for the last step
    Index count_ = 0;
    Index growth_ = 1;
    Index made_ = 0;
    Eigen::LLT<Eigen::MatrixXd> factor_;
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> sample_;
    Eigen::MatrixXf product_;
    Eigen::MatrixXd hessian_;
    Eigen::MatrixXd parts_;
    Eigen::VectorXd squares_;
    Eigen::VectorXd inverse_;

    /// Entry by entry, in the few places where the rows of a sample have numbers.
    template <class Problem>
    static bool by_entries(const Problem& problem) {
        if constexpr (requires { problem.rows.columns; }) {
            const double row = static_cast<double>(problem.rows.nonzeros()) /
                               static_cast<double>(problem.examples());
            const double d = static_cast<double>(problem.parameters());
            return 32 * row * row < d * d;
        } else {
            return false;
        }
    }

    /// The Hessian over so many examples in passes over all: a product of d² multiplications runs
    /// at some fifteen times the speed of a pass.
    template <class Problem>
    static double cost(const Problem& problem, Index count) {
        const double n = static_cast<double>(problem.examples());
        const double row = std::max(static_cast<double>(problem.rows.nonzeros()) / n, 1.0);
        const double d = static_cast<double>(problem.parameters());
        return std::min(static_cast<double>(count) / n, 1.0) *
               (by_entries(problem) ? row / 4 : d * d / (20 * row));
    }

    /// What costs three passes, of 2 d to 8 d examples; beyond them what costs a pass or two.
    template <class Problem>
    Index wanted_sample(const Problem& problem) const {
        const Index n = problem.examples();
        const Index d = problem.parameters();
        const double pass = static_cast<double>(n) / cost(problem, n);
        const auto cheap = static_cast<Index>(std::min(1.5 * pass, 1e15));
        const auto dear = static_cast<Index>(std::min(3 * pass, 1e15));
        const Index most = sample_size(d);
        const Index least = std::clamp(dear, std::min(2 * d, most), most);
        return std::min(n, growth_ * std::max(least, std::min(cheap, std::max(64 * d, n / 8))));
    }

    template <class Problem>
    void factor_sample(const Problem& problem, const Eigen::VectorXd& c, Index count) {
        count_ = count;
        ++made_;
        if (by_entries(problem))
            add_entries(problem, c);
        else
            add_products(problem, c);
        hessian_ /= static_cast<double>(count);
        hessian_.diagonal().head(problem.penalized()).array() += problem.l2;
        // in the measure of each column, above what products in float round away
        for (double& entry : hessian_.diagonal()) entry = entry > 0 ? (1 + 1e-6) * entry : 1;
        factor_.compute(hessian_);
        factored_ = factor_.info() == Eigen::Success;
        if (!factored_) inverse_ = hessian_.diagonal().cwiseInverse();
    }

    /// Σ c x̃x̃ᵀ over the sample, by products of matrices in float.
    template <class Problem>
    void add_products(const Problem& problem, const Eigen::VectorXd& c) {
        const Index d = problem.features();
        const Index size = problem.parameters();
        constexpr Index panel = 1024;
        hessian_.setZero(size, size);
        product_.resize(size, size);
        sample_.resize(std::min(panel, count_), size);
        const double stride = static_cast<double>(problem.examples()) / static_cast<double>(count_);
        for (Index first = 0; first < count_; first += panel) {
            const Index some = std::min(panel, count_ - first);
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
    }

    /// The same for rows of few numbers, each pair of them once.
    template <class Problem>
    void add_entries(const Problem& problem, const Eigen::VectorXd& c) {
        const Index size = problem.parameters();
        hessian_.setZero(size, size);
        if constexpr (requires { problem.rows.columns; }) {
            const double stride =
                static_cast<double>(problem.examples()) / static_cast<double>(count_);
            const Chunks chunks = chunks_for(count_, 2048, 4);
            parts_.setZero(size * size, chunks.count());
            for_each_chunk(chunks.count(), [&](Index chunk) {
                double* const sum = parts_.col(chunk).data();
                for (Index k = chunks.begin(chunk); k < chunks.end(chunk); ++k) {
                    const Index i = place_in_sample(stride, k);
                    const auto* const columns = problem.rows.columns + problem.rows.offsets[i];
                    const auto* const values = problem.rows.values + problem.rows.offsets[i];
                    const Index row = problem.rows.offsets[i + 1] - problem.rows.offsets[i];
                    for (Index b = 0; b < row; ++b) {
                        const double scaled = c[i] * static_cast<double>(values[b]);
                        double* const column = sum + columns[b] * size;
                        for (Index a = b; a < row; ++a)
                            column[columns[a]] += scaled * static_cast<double>(values[a]);
                        if (problem.intercept()) column[size - 1] += scaled;
                    }
                    if (problem.intercept()) sum[size * size - 1] += c[i];
                }
            });
            for (Index chunk = 0; chunk < chunks.count(); ++chunk)
                hessian_ += Eigen::Map<const Eigen::MatrixXd>(parts_.col(chunk).data(), size, size);
        }
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
