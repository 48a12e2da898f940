// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/data/row_block.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/pass_plan.hpp>

namespace ermine {

/// A linear problem whose dual is known: the loss is convex, and it and the penalty know their
/// conjugates.
template <class F>
concept DualObjective = LinearObjective<F> && is_convex<typename LinearProblemOf<F>::Loss> &&
                        ConjugateLoss<typename LinearProblemOf<F>::Loss> &&
                        (std::same_as<typename LinearProblemOf<F>::Penalty, NoPenalty> ||
                         (ConjugatePenalty<typename LinearProblemOf<F>::Penalty> &&
                          ProximalPenalty<typename LinearProblemOf<F>::Penalty>));

/// A primal and a dual point of a LinearProblem P, and the room to work in, kept so that nothing is
/// allocated after the first gap:
///
///     D(a) = −(1/n) Σᵢ ŵᵢ ℓ*(aᵢ; yᵢ) − Ω*(v),   v = −(1/n) Σᵢ ŵᵢ aᵢ xᵢ,   Ω = ½ l2 ‖·‖² + p,
///
/// with Σᵢ ŵᵢ aᵢ = 0 where there is an intercept. For all a and θ, D(a) <= F(θ) (Fenchel 1949;
/// Rockafellar, "Convex analysis", 1970, theorem 31.1). The dual point is that of the slopes at θ,
/// made feasible:
/// - aᵢ is the slope ℓ'(pᵢ) or the nearest for which ℓ* is finite;
/// - the slopes of the sign that weighs more are scaled down to balance the others; those of K
///   classes are mixed with q − e_y, which is feasible for any distribution q over the classes, the
///   least of which that balances all;
/// - with l2 > 0, Ω* is finite, and the supremum that it is lies at prox_{p/l2}(v/l2) (Moreau
///   1965); without, all slopes are scaled down until p* is finite (Mairal, "Sparse coding for
///   machine learning", thesis, 2010, appendix D). Where no share but none will do, as without a
///   penalty, nothing is proven.
/// All sums are in double whatever the data is in, and the dual value is rounded down by a few
/// units in the last place of its terms. Same bits on any number of threads.
template <class P>
class DualEvaluation {
public:
    /// The gap between θ and the dual point made of it: two passes over the data.
    template <class V>
    DualityGap gap(const P& problem, const Eigen::MatrixBase<V>& theta) {
        prepare(problem, theta);
        const auto n = static_cast<double>(problem.examples());
        const auto w = theta_.head(problem.penalized());
        const double losses = losses_and_slopes(problem) / n;
        DualityGap gap;
        gap.primal = losses + 0.5 * problem.l2 * w.squaredNorm() + problem.penalty.value(w);
        if (problem.intercept()) balance(problem);
        correlate(problem);
        const auto v = sum_.head(problem.penalized());
        double share = 1;
        if (!(problem.l2 > 0)) share = problem.penalty.shrink(v);
        if (!(share > 0)) return gap;
        const double conjugates = mean_conjugate(problem, share);
        sum_ *= share;
        const double penalty = penalty_conjugate(problem, v);
        constexpr double room = 8 * std::numeric_limits<double>::epsilon();
        const double dual = -conjugates - penalty -
                            room * (std::abs(losses) + std::abs(conjugates) + std::abs(penalty));
        if (std::isfinite(dual)) gap.dual = dual;
        return gap;
    }

private:
    using M = typename P::Model;
    static constexpr bool many = ManyOutputModel<M>;
    static constexpr Index most = 64;  // of the examples of a block
    using Numbers = Eigen::Array<double, Eigen::Dynamic, 1, 0, most, 1>;
    using Column = Eigen::Map<const Eigen::ArrayXd>;

    struct Space {
        typename M::Workspace model;
        PredictionBlock derivatives;
        Eigen::ArrayXd weighted;
    };

    Chunks chunks_;
    Index block_ = 16;
    Eigen::VectorXd theta_;
    Eigen::ArrayXd slopes_;  // a row an example
    Eigen::VectorXd sum_;    // v, and behind it the balance of the slopes
    Eigen::VectorXd class_weights_;
    Eigen::VectorXd excess_;
    std::vector<Space> spaces_;
    PartialSums<double> partial_;

    void prepare(const P& problem, const auto& theta) {
        const Index outputs = problem.model.outputs();
        const PassPlan plan =
            PassPlan::over(problem.examples(), problem.rows.nonzeros(),
                           sizeof(*problem.rows.values), outputs, problem.parameters());
        chunks_ = chunks_for(problem.examples(), plan.grain, plan.most);
        block_ = std::min(plan.block, most);
        theta_ = theta.template cast<double>();
        slopes_.resize(problem.examples() * outputs);
        sum_.resize(problem.parameters());
        const auto count = static_cast<std::size_t>(chunks_.count());
        if (spaces_.size() < count) spaces_.resize(count);
        for (Space& space : spaces_) {
            if constexpr (many) space.derivatives.resize(block_, outputs);
            space.weighted.resize(block_ * outputs);
        }
    }

    Space& space_of(Index begin) { return spaces_[static_cast<std::size_t>(begin / chunks_.size)]; }

    // Σ ŵᵢ f(i), where a weight of 0 counts nothing.
    static double weigh(const P& problem, Index first, const auto& values) {
        double total = 0;
        for (Index k = 0; k < values.size(); ++k) {
            const double weight = problem.weight(first + k);
            if (weight != 0) total += weight * values[k];
        }
        return total;
    }

    // Σ ŵᵢ ℓᵢ, and the nearest feasible slopes into slopes_.
    double losses_and_slopes(const P& problem) {
        double total = 0;
        const Index outputs = problem.model.outputs();
        partial_.values.resize(std::max(chunks_.count(), partial_.values.size()));
        for_each_chunk(chunks_.count(), [&](Index chunk) {
            const Index begin = chunks_.begin(chunk);
            Space& space = space_of(begin);
            double sum = 0;
            for_each_row_block(problem.rows, {}, begin, chunks_.end(chunk), block_,
                               [&](const auto& block) {
                                   double* const out = slopes_.data() + block.first * outputs;
                                   problem.model.predict(block, theta_.data(), out, space.model);
                                   const Column y(problem.targets + block.first, block.count);
                                   Numbers values(block.count);
                                   slopes_of(problem.loss, out, y, values, space);
                                   sum += weigh(problem, block.first, values);
                               });
            partial_.values[chunk] = sum;
        });
        total = pairwise_sum(partial_.values, chunks_.count());
        return total;
    }

    // In place of the predictions, the slopes; and the losses.
    static void slopes_of(const auto& loss, double* p, const Column& y, Numbers& values,
                          Space& space) {
        const Index count = y.size();
        if constexpr (many) {
            const Index outputs = space.derivatives.cols();
            Eigen::Map<PredictionBlock> rows(p, count, outputs);
            auto derivatives = space.derivatives.topRows(count);
            loss.value_and_derivative(rows, y, values, derivatives);
            loss.nearest_slope(derivatives, y, rows);
        } else if constexpr (ElementwiseLoss<std::remove_cvref_t<decltype(loss)>>) {
            Eigen::Map<Eigen::ArrayXd> numbers(p, count);
            values = loss.value(numbers, y);
            const Numbers derivatives = loss.derivative(numbers, y);
            numbers = loss.nearest_slope(derivatives, y);
        } else {
            for (Index k = 0; k < count; ++k) {
                values[k] = static_cast<double>(loss.value(p[k], y[k]));
                const auto slope = static_cast<double>(loss.derivative(p[k], y[k]));
                p[k] = static_cast<double>(loss.nearest_slope(slope, y[k]));
            }
        }
    }

    // Σᵢ ŵᵢ term(i), in fixed order.
    double total_of(const P& problem, auto&& term) const {
        return parallel_sum(problem.examples(), [&](Index begin, Index end) {
            double sum = 0;
            for (Index i = begin; i < end; ++i) sum += problem.weight(i) * term(i);
            return sum;
        });
    }

    // Makes Σ ŵᵢ aᵢ = 0, up to rounding.
    void balance(const P& problem) {
        if constexpr (many) {
            balance_classes(problem);
        } else {
            if constexpr (requires {
                              requires std::same_as<typename P::Loss::argument, Residual>;
                          }) {
                // what is missing is shared out first, as far as the slopes allow it
                const auto n = static_cast<double>(problem.examples());
                const double mean = total_of(problem, [&](Index i) { return slopes_[i]; }) / n;
                for_each_chunk(chunks_.count(), [&](Index chunk) {
                    for (Index i = chunks_.begin(chunk); i < chunks_.end(chunk); ++i)
                        slopes_[i] = static_cast<double>(
                            problem.loss.nearest_slope(slopes_[i] - mean, problem.targets[i]));
                });
            }
            const double up = total_of(problem, [&](Index i) { return std::max(slopes_[i], 0.0); });
            const double down =
                total_of(problem, [&](Index i) { return std::max(-slopes_[i], 0.0); });
            if (!(up > down) && !(down > up)) return;
            const double share = std::min(up, down) / std::max(up, down);
            for_each_chunk(chunks_.count(), [&](Index chunk) {
                for (Index i = chunks_.begin(chunk); i < chunks_.end(chunk); ++i)
                    if (slopes_[i] > 0 ? up > down : down > up) slopes_[i] *= share;
            });
        }
    }

    void balance_classes(const P& problem) {
        const Index classes = problem.model.outputs();
        excess_.resize(classes);
        class_weights_.resize(classes);
        const auto add_up = [&](Eigen::VectorXd& out, auto&& add) {
            parallel_sum(chunks_, partial_, out, [&](Index begin, Index end, auto& sum) {
                for (Index i = begin; i < end; ++i) add(i, problem.weight(i), sum);
                return 0.0;
            });
        };
        add_up(excess_, [&](Index i, double weight, auto& sum) {
            sum += weight * Eigen::Map<const Eigen::VectorXd>(&slopes_[i * classes], classes);
        });
        add_up(class_weights_, [&](Index i, double weight, auto& sum) {
            sum[static_cast<Index>(problem.targets[i])] += weight;
        });
        double ratio = 0;  // of the excess to the weight of a class, the largest
        for (Index k = 0; k < classes; ++k)
            if (excess_[k] > 0) ratio = std::max(ratio, excess_[k] / class_weights_[k]);
        if (!(ratio > 0)) return;
        const double kept = 1 / (1 + ratio);
        const double mixed = 1 - kept;
        // q: the mixed parts of all rows make up for the excess in the kept
        const double all = class_weights_.sum();
        excess_ =
            ((class_weights_ - excess_ * (std::isinf(ratio) ? 0 : 1 / ratio)) / all).cwiseMax(0.0);
        for_each_chunk(chunks_.count(), [&](Index chunk) {
            for (Index i = chunks_.begin(chunk); i < chunks_.end(chunk); ++i) {
                Eigen::Map<Eigen::VectorXd> row(&slopes_[i * classes], classes);
                row = kept * row + mixed * excess_;
                row[static_cast<Index>(problem.targets[i])] -= mixed;
            }
        });
    }

    // sum_ = −(1/n) Σ ŵᵢ aᵢ [xᵢ; 1].
    void correlate(const P& problem) {
        const Index outputs = problem.model.outputs();
        const double scale = -1 / static_cast<double>(problem.examples());
        parallel_sum(chunks_, partial_, sum_, [&](Index begin, Index end, auto& sum) {
            Space& space = space_of(begin);
            for_each_row_block(problem.rows, {}, begin, end, block_, [&](const auto& block) {
                for (Index k = 0; k < block.count; ++k)
                    for (Index j = 0; j < outputs; ++j)
                        space.weighted[k * outputs + j] = scale * problem.weight(block.first + k) *
                                                          slopes_[(block.first + k) * outputs + j];
                problem.model.add_gradient(block, space.weighted.data(), sum.data(), space.model);
            });
            return 0.0;
        });
    }

    // (1/n) Σ ŵᵢ ℓ*(share aᵢ; yᵢ).
    double mean_conjugate(const P& problem, double share) {
        const Index outputs = problem.model.outputs();
        partial_.values.resize(std::max(chunks_.count(), partial_.values.size()));
        for_each_chunk(chunks_.count(), [&](Index chunk) {
            double sum = 0;
            Space& space = spaces_[static_cast<std::size_t>(chunk)];
            for (Index first = chunks_.begin(chunk); first < chunks_.end(chunk); first += block_) {
                const Index count = std::min(block_, chunks_.end(chunk) - first);
                const Column y(problem.targets + first, count);
                Numbers values(count);
                if constexpr (many) {
                    auto rows = space.derivatives.topRows(count);
                    rows = share * Eigen::Map<const PredictionBlock>(
                                       slopes_.data() + first * outputs, count, outputs);
                    problem.loss.conjugate(rows, y, values);
                } else if constexpr (ElementwiseLoss<typename P::Loss>) {
                    const Numbers slopes = share * slopes_.segment(first, count);
                    values = problem.loss.conjugate(slopes, y);
                } else {
                    for (Index k = 0; k < count; ++k)
                        values[k] = static_cast<double>(
                            problem.loss.conjugate(share * slopes_[first + k], y[k]));
                }
                sum += weigh(problem, first, values);
            }
            partial_.values[chunk] = sum;
        });
        return pairwise_sum(partial_.values, chunks_.count()) /
               static_cast<double>(problem.examples());
    }

    // Ω*(v).
    double penalty_conjugate(const P& problem, const auto& v) {
        if (!(problem.l2 > 0)) return problem.penalty.conjugate(v);
        if constexpr (std::same_as<typename P::Penalty, NoPenalty>) {
            return 0.5 * v.squaredNorm() / problem.l2;
        } else {
            theta_.head(v.size()) = v / problem.l2;
            auto w = theta_.head(v.size());
            problem.penalty.prox(w, 1 / problem.l2);
            return v.dot(w) - 0.5 * problem.l2 * w.squaredNorm() - problem.penalty.value(w);
        }
    }
};

/// The value of F at θ and that of the dual problem at the point made of its slopes: see
/// DualEvaluation. Two passes over the data.
template <DualObjective F, class V>
DualityGap duality_gap(const F& f, const Eigen::MatrixBase<V>& theta) {
    DualEvaluation<LinearProblemOf<F>> evaluation;
    return evaluation.gap(f.linear_problem(), theta);
}

}  // namespace ermine
