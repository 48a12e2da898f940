// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/row_block.hpp>
#include <ermine/data/weighted_gram.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/newton_preconditioner.hpp>
#include <ermine/objectives/sampled_problem.hpp>

namespace ermine {

/// Makes up for the residual r = (1/n) [X 1]ᵀ a + λ w of a dual point by its slopes at a sample of
/// m examples, that of a NewtonPreconditioner: aᵢ ← aᵢ + (n/m) cᵢ x̃ᵢᵀ e changes r by K e, where K =
/// (1/m) Σ cᵢ x̃ᵢx̃ᵢᵀ is the Hessian over the sample, and adds ½ (n/m) eᵀ K e to the Fenchel–Young
/// residual. The sum of that and ½ ‖r + K e‖² / λ is least for (K + λ n/m) e = −r, where it is
/// about n/m times what r costs in the objective, in place of the conditioning times that. No pass
/// over the data.
class SampledCorrection {
public:
    /// Changes a and r, the residual of a, given the predictions and the curvatures c of all
    /// examples. Returns how much the Fenchel–Young residual grows.
    template <class Problem>
    double correct(const Problem& problem, const NewtonPreconditioner& preconditioner,
                   const Eigen::VectorXd& p, const Eigen::VectorXd& c, Eigen::VectorXd& a,
                   Eigen::VectorXd& r) {
        if (preconditioner.count() == 0) return 0;
        factor(problem, preconditioner);
        solve(problem, c, r);
        const double n = static_cast<double>(problem.examples());
        const double share = n / static_cast<double>(count_);
        double growth = 0;
        for (Index k = 0; k < count_; ++k) {
            const Index i = rows_[static_cast<std::size_t>(k)];
            const double w = problem.weight(i);
            const double before = a[i];
            double after = before + share * c[i] * image_[k];
            if (!(w > 0) || after == before) {
                image_[k] = 0;
                continue;
            }
            const double y = problem.targets[i];
            const auto near = static_cast<double>(problem.loss.nearest_slope(after / w, y));
            after = w * near;
            growth += w * (static_cast<double>(problem.loss.conjugate(near, y)) -
                           static_cast<double>(problem.loss.conjugate(before / w, y))) -
                      (after - before) * p[i];
            a[i] = after;
            image_[k] = (after - before) / n;
        }
        over_sample(problem, product_, [&](const auto& block, Space& space, double* sum) {
            problem.model.add_gradient(block, image_.data() + block.first, sum, space.model);
        });
        r += product_;
        return growth / n;
    }

private:
    struct Space {
        GramWorkspace model;
    };

    Index count_ = 0;
    Index made_ = 0;
    std::vector<std::int32_t> rows_;
    Eigen::LLT<Eigen::MatrixXd> factor_;
    Eigen::VectorXd image_, moved_, bent_;                 // a number an example of the sample
    Eigen::VectorXd left_, scaled_, direction_, product_;  // a number a parameter
    PartialSums<double> sums_;
    std::vector<Space> spaces_;

    template <class Problem>
    void factor(const Problem& problem, const NewtonPreconditioner& preconditioner) {
        if (made_ == preconditioner.made()) return;
        made_ = preconditioner.made();
        count_ = preconditioner.count();
        const double share = static_cast<double>(problem.examples()) / static_cast<double>(count_);
        rows_.resize(static_cast<std::size_t>(count_));
        for (Index k = 0; k < count_; ++k)
            rows_[static_cast<std::size_t>(k)] =
                static_cast<std::int32_t>(place_in_sample(share, k));
        for (Eigen::VectorXd* v : {&image_, &moved_, &bent_}) v->resize(count_);
        for (Eigen::VectorXd* v : {&left_, &scaled_, &direction_, &product_})
            v->resize(problem.parameters());
        Eigen::MatrixXd shifted = preconditioner.hessian();
        shifted.diagonal().head(problem.penalized()).array() += (share - 1) * problem.l2;
        factor_.compute(shifted);
    }

    /// A few conjugate gradients, preconditioned by the Hessian of an earlier point: image = [X 1]
    /// e of the sample.
    template <class Problem>
    void solve(const Problem& problem, const Eigen::VectorXd& c, const Eigen::VectorXd& r) {
        const Index m = problem.penalized();
        const double more =
            problem.l2 * static_cast<double>(problem.examples()) / static_cast<double>(count_);
        image_.setZero();
        if (factor_.info() != Eigen::Success) return;
        left_ = r;
        precondition();
        direction_ = -scaled_;
        double length = left_.dot(scaled_);
        const double begun = length;
        for (int k = 0; k < 6 && length > 1e-6 * begun; ++k) {
            over_sample(problem, product_, [&](const auto& block, Space& space, double* sum) {
                double* const u = moved_.data() + block.first;
                double* const b = bent_.data() + block.first;
                problem.model.predict(block, direction_.data(), u, space.model);
                for (Index j = 0; j < block.count; ++j)
                    b[j] = c[block.example(j)] * u[j] / static_cast<double>(count_);
                problem.model.add_gradient(block, b, sum, space.model);
            });
            product_.head(m) += more * direction_.head(m);
            const double curvature = direction_.dot(product_);
            if (!(curvature > 0)) break;
            const double t = length / curvature;
            image_ += t * moved_;
            left_ += t * product_;
            precondition();
            const double next = left_.dot(scaled_);
            direction_ = next / length * direction_ - scaled_;
            length = next;
        }
    }

    void precondition() {
        scaled_ = left_;
        factor_.solveInPlace(scaled_);
    }

    template <class Problem, class F>
    void over_sample(const Problem& problem, Eigen::VectorXd& out, const F& f) {
        const Chunks chunks = chunks_for(count_, 512, 8);
        if (static_cast<Index>(spaces_.size()) < chunks.count())
            spaces_.resize(static_cast<std::size_t>(chunks.count()));
        parallel_sum(chunks, sums_, out, [&](Index begin, Index end, auto& sum) {
            Space& space = spaces_[static_cast<std::size_t>(begin / chunks.size)];
            for_each_row_block(problem.rows, {rows_, {}}, begin, end, 16,
                               [&](const auto& block) { f(block, space, sum.data()); });
            return 0.0;
        });
    }
};

}  // namespace ermine
