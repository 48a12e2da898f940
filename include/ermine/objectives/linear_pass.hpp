// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <vector>

#include <ermine/concepts/loss.hpp>
#include <ermine/data/row_block.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/pass_plan.hpp>

namespace ermine {

/// The passes over the examples of a LinearProblem of one output that methods of second order and
/// of the dual are made of, with predictions and slopes of all examples kept between them. All
/// numbers but those of the data are double. Passes are cut by the data alone: the same bits on any
/// number of threads. It holds the memory it works in: one object a thread.
template <class Problem>
class LinearPass {
public:
    using Rows = typename Problem::Rows;
    using Array = Eigen::Map<Eigen::ArrayXd>;
    using ConstArray = Eigen::Map<const Eigen::ArrayXd>;

    explicit LinearPass(const Problem& problem)
        : plan_(PassPlan::over(problem.examples(), problem.rows.nonzeros(),
                               sizeof(*problem.rows.values), 1, problem.parameters())),
          chunks_(chunks_for(problem.examples(), plan_.grain, plan_.most)),
          spaces_(static_cast<std::size_t>(chunks_.count())) {
        // sparse rows share the cache with the parameters that they gather
        if constexpr (requires { problem.rows.columns; }) plan_.block = 16;
        for (Space& space : spaces_) space.numbers.resize(plan_.block);
    }

    /// p = X w + b.
    void predict(const Problem& problem, const Eigen::VectorXd& w, Eigen::VectorXd& p) {
        for_each_chunk(chunks_.count(), [&](Index chunk) {
            each_block(problem, chunk, [&](RowBlock<Rows> block, Space& space) {
                block.with_predict = block.ahead;
                problem.model.predict(block, w.data(), p.data() + block.first, space.model);
            });
        });
    }

    /// g = (1/n) [X 1]ᵀ s.
    void transpose(const Problem& problem, const Eigen::VectorXd& s, Eigen::VectorXd& g) {
        sum_vectors(problem, g, [&](RowBlock<Rows> block, Space& space, double* partial) {
            block.with_predict = 0;
            problem.model.add_gradient(block, s.data() + block.first, partial, space.model);
        });
    }

    /// u = [X 1] v and h = (1/n) [X 1]ᵀ (c ∘ u), in one pass.
    void curve(const Problem& problem, const Eigen::VectorXd& c, const Eigen::VectorXd& v,
               Eigen::VectorXd& u, Eigen::VectorXd& h) {
        sum_vectors(problem, h, [&](const RowBlock<Rows>& block, Space& space, double* partial) {
            problem.model.predict(block, v.data(), u.data() + block.first, space.model);
            for (Index k = 0; k < block.count; ++k)
                space.numbers[k] = c[block.first + k] * u[block.first + k];
            problem.model.add_gradient(block, space.numbers.data(), partial, space.model);
        });
    }

    /// (1/n) Σ ŵᵢ ℓ(pᵢ, yᵢ).
    static double value(const Problem& problem, const Eigen::VectorXd& p) {
        return mean(problem, [&](Index begin, Index count) {
            const ConstArray at(p.data() + begin, count);
            const ConstArray y(problem.targets + begin, count);
            return weighted(problem, begin, count, [&](auto&& sum) {
                return sum(evaluate(
                    at, y, [&](const auto& a, const auto& b) { return problem.loss.value(a, b); }));
            });
        });
    }

    /// The same, with sᵢ = ŵᵢ ℓ'(pᵢ, yᵢ) and cᵢ = ŵᵢ ℓ''(pᵢ, yᵢ). A loss that has
    /// `evaluate(p, y, n, value, first, second)` computes the three at once.
    static double slopes(const Problem& problem, const Eigen::VectorXd& p, Eigen::VectorXd& s,
                         Eigen::VectorXd& c) {
        return mean(problem, [&](Index begin, Index count) {
            Array slope(s.data() + begin, count);
            Array curvature(c.data() + begin, count);
            Eigen::Array<double, Eigen::Dynamic, 1, 0, stretch, 1> values(count);
            evaluate_all(problem, begin, count, p.data() + begin, values, slope, curvature);
            if (problem.weights == nullptr) return values.sum();
            double sum = 0;
            for (Index k = 0; k < count; ++k) {
                const double w = problem.weight(begin + k);
                // an example of weight 0 counts nothing, even where its loss is infinite
                slope[k] = w > 0 ? w * slope[k] : 0;
                curvature[k] = w > 0 ? w * curvature[k] : 0;
                if (w > 0) sum += w * values[k];
            }
            return sum;
        });
    }

    /// (1/n) Σ ŵᵢ ℓ*(aᵢ/ŵᵢ, yᵢ), where each aᵢ/ŵᵢ has been moved to the nearest number at which the
    /// conjugate is finite; `moved` is set if any was.
    static double conjugate(const Problem& problem, Eigen::VectorXd& a, bool& moved) {
        std::atomic<bool> any = false;
        const double sum = mean(problem, [&](Index begin, Index count) {
            const ConstArray y(problem.targets + begin, count);
            Array slope(a.data() + begin, count);
            Eigen::Array<double, Eigen::Dynamic, 1, 0, stretch, 1> inside(count);
            const auto& loss = problem.loss;
            if (problem.weights != nullptr) {
                double total = 0;
                for (Index k = 0; k < count; ++k) {
                    const double w = problem.weight(begin + k);
                    const double u = w > 0 ? slope[k] / w : 0;
                    const double near =
                        w > 0 ? static_cast<double>(loss.nearest_slope(u, y[k])) : 0;
                    if (near != u || (w == 0 && slope[k] != 0)) any = true;
                    slope[k] = w * near;
                    if (w > 0) total += w * static_cast<double>(loss.conjugate(near, y[k]));
                }
                return total;
            }
            if constexpr (ElementwiseLoss<typename Problem::Loss>) {
                inside = loss.nearest_slope(slope, y);
                if ((inside != slope).any()) any = true;
                slope = inside;
                inside = loss.conjugate(slope, y);
                return inside.sum();
            } else {
                double total = 0;
                for (Index k = 0; k < count; ++k) {
                    const auto near = static_cast<double>(loss.nearest_slope(slope[k], y[k]));
                    if (near != slope[k]) any = true;
                    slope[k] = near;
                    total += static_cast<double>(loss.conjugate(near, y[k]));
                }
                return total;
            }
        });
        moved = any;
        return sum;
    }

    /// (1/n) Σᵢ f(begin, count), cut by the number of examples.
    template <class F>
    static double mean(const Problem& problem, const F& f) {
        const double n = static_cast<double>(problem.examples());
        return parallel_sum(
                   problem.examples(),
                   [&](Index begin, Index end) {
                       double sum = 0;
                       for (Index first = begin; first < end; first += stretch)
                           sum += f(first, std::min(stretch, end - first));
                       return sum;
                   },
                   2048) /
               n;
    }

private:
    static constexpr Index stretch = 512;  // numbers of some arrays that fit the first-level cache

    struct Space {
        typename Problem::Model::Workspace model;
        Eigen::VectorXd numbers;
    };

    PassPlan plan_;
    Chunks chunks_;
    std::vector<Space> spaces_;
    PartialSums<double> sums_;

    template <class Values>
    static void evaluate_all(const Problem& problem, Index begin, Index count, const double* p,
                             Values& values, Array& first, Array& second) {
        const double* const y = problem.targets + begin;
        const auto& loss = problem.loss;
        if constexpr (requires {
                          loss.evaluate(p, y, count, values.data(), first.data(), second.data());
                      }) {
            loss.evaluate(p, y, count, values.data(), first.data(), second.data());
        } else if constexpr (ElementwiseLoss<typename Problem::Loss>) {
            const ConstArray at(p, count);
            const ConstArray target(y, count);
            values = loss.value(at, target);
            first = loss.derivative(at, target);
            second = loss.second_derivative(at, target);
        } else {
            for (Index k = 0; k < count; ++k) {
                values[k] = static_cast<double>(loss.value(p[k], y[k]));
                first[k] = static_cast<double>(loss.derivative(p[k], y[k]));
                second[k] = static_cast<double>(loss.second_derivative(p[k], y[k]));
            }
        }
    }

    /// A function of two arrays, number by number where it takes no arrays.
    template <class F>
    static auto evaluate(const ConstArray& a, const ConstArray& b, const F& f) {
        if constexpr (ElementwiseLoss<typename Problem::Loss>)
            return f(a, b);
        else
            return a.binaryExpr(b,
                                [f](double x, double y) { return static_cast<double>(f(x, y)); });
    }

    template <class F>
    static double weighted(const Problem& problem, Index begin, Index count, const F& f) {
        if (problem.weights == nullptr) return f([](const auto& values) { return values.sum(); });
        return f([&](const auto& values) {
            const auto weight = ConstArray(problem.weights + begin, count) * problem.weight_scale;
            return (weight > 0).select(weight * values, 0.0).sum();
        });
    }

    template <class F>
    void each_block(const Problem& problem, Index chunk, const F& f) {
        Space& space = spaces_[static_cast<std::size_t>(chunk)];
        for_each_row_block(problem.rows, {}, chunks_.begin(chunk), chunks_.end(chunk), plan_.block,
                           [&](const RowBlock<Rows>& block) { f(block, space); });
    }

    template <class F>
    void sum_vectors(const Problem& problem, Eigen::VectorXd& out, const F& f) {
        parallel_sum(chunks_, sums_, out, [&](Index begin, Index, auto& partial) {
            each_block(problem, begin / chunks_.size,
                       [&](const RowBlock<Rows>& block, Space& space) {
                           f(block, space, partial.data());
                       });
            return 0.0;
        });
        out *= 1 / static_cast<double>(problem.examples());
    }
};

}  // namespace ermine
