// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <vector>

#include <ermine/concepts/loss.hpp>
#include <ermine/data/dense_rows.hpp>
#include <ermine/data/row_block.hpp>
#include <ermine/numerics/narrow_products.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/pass_plan.hpp>

namespace ermine {

/// The passes over the examples of a LinearProblem with LinearMulticlass and SoftmaxCrossEntropy
/// that Newton's method is made of, with the n × K predictions and probabilities kept between them.
/// Products with the Hessian of dense rows of floats are computed in floats, block by block, and
/// summed in double; all else is in double. Cut by the data alone.
template <class Problem>
class SoftmaxPass {
public:
    using Rows = typename Problem::Rows;
    using Block = PredictionBlock;

    explicit SoftmaxPass(const Problem& problem)
        : chunks_(chunks_for(problem.examples(), size_of_block, 16)),
          spaces_(static_cast<std::size_t>(chunks_.count())) {}

    /// P = X W + 1 bᵀ.
    void predict(const Problem& problem, const Eigen::VectorXd& w, Block& p) {
        for_each_chunk(chunks_.count(), [&](Index chunk) {
            each_block(problem, chunk, [&](const RowBlock<Rows>& block, Space& space) {
                problem.model.predict(block, w.data(), p.data() + block.first * p.cols(),
                                      space.model);
            });
        });
    }

    /// G = (1/n) [X 1]ᵀ S, row by row.
    void transpose(const Problem& problem, const Block& s, Eigen::VectorXd& g) {
        sum_vectors(problem, g, [&](const RowBlock<Rows>& block, Space& space, double* partial) {
            problem.model.add_gradient(block, s.data() + block.first * s.cols(), partial,
                                       space.model);
        });
    }

    /// U = [X 1] V and H = (1/n) [X 1]ᵀ S with sᵢ = ŵᵢ (diag(πᵢ) − πᵢ πᵢᵀ) uᵢ, in one pass.
    void curve(const Problem& problem, const Block& probabilities, const Eigen::VectorXd& v,
               Block& u, Eigen::VectorXd& h) {
        if constexpr (std::same_as<Rows, DenseRows<float>>)
            convert(Eigen::Map<const RowMajor<double>>(v.data(), inputs(problem), u.cols()),
                    direction_);
        sum_vectors(problem, h, [&](const RowBlock<Rows>& block, Space& space, double* partial) {
            image(problem, block, v, u, space);
            space.slopes.resize(block.count, u.cols());
            for (Index k = 0; k < block.count; ++k) {
                const Index i = block.first + k;
                const auto pi = probabilities.row(i);
                const double mean = (pi * u.row(i)).sum();
                space.slopes.row(k) = problem.weight(i) * (pi * (u.row(i) - mean));
            }
            add(problem, block, space, partial);
        });
    }

    /// (1/n) Σ ŵᵢ ℓ(pᵢ, yᵢ), with the probabilities π and the slopes ŵᵢ (πᵢ − e_y).
    static double slopes(const Problem& problem, const Block& p, Block& probabilities, Block& s) {
        return mean(problem, [&](Index i) {
            const auto y = static_cast<Index>(problem.targets[i]);
            const double top = p.row(i).maxCoeff();
            probabilities.row(i) = (p.row(i) - top).exp();
            const double sum = probabilities.row(i).sum();
            const double value = std::log(sum) - (p(i, y) - top);
            probabilities.row(i) /= sum;
            const double w = problem.weight(i);
            s.row(i) = w * probabilities.row(i);
            s(i, y) -= w;
            return w > 0 ? w * value : 0;
        });
    }

    static double value(const Problem& problem, const Block& p) {
        return mean(problem, [&](Index i) {
            const double top = p.row(i).maxCoeff();
            const double w = problem.weight(i);
            const double loss = std::log((p.row(i) - top).exp().sum()) -
                                (p(i, static_cast<Index>(problem.targets[i])) - top);
            return w > 0 ? w * loss : 0;
        });
    }

    /// (1/n) Σᵢ f(i).
    template <class F>
    static double mean(const Problem& problem, const F& f) {
        return parallel_sum(
                   problem.examples(),
                   [&](Index begin, Index end) {
                       double sum = 0;
                       for (Index i = begin; i < end; ++i) sum += f(i);
                       return sum;
                   },
                   512) /
               static_cast<double>(problem.examples());
    }

private:
    static constexpr Index size_of_block = 256;

    template <class T>
    using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    struct Space {
        typename Problem::Model::Workspace model;
        Block slopes;
        RowMajor<float> floats;
        RowMajor<float> product;
    };

    Chunks chunks_;
    std::vector<Space> spaces_;
    PartialSums<double> sums_;
    RowMajor<float> direction_;

    static Index inputs(const Problem& problem) {
        return problem.features() + (problem.intercept() ? 1 : 0);
    }

    static auto rows_of(const Problem& problem, const RowBlock<Rows>& block) {
        return problem.rows.matrix().middleRows(block.first, block.count);
    }

    /// In floats, in rows as wide as NarrowProducts takes them where there are so few columns.
    template <class From>
    static void convert(const From& from, RowMajor<float>& to) {
        const Index columns = from.cols();
        const bool narrow = columns <= NarrowProducts::most;
        to.setZero(from.rows(), narrow ? NarrowProducts::padded(columns) : columns);
        to.leftCols(columns) = from.template cast<float>();
    }

    void image(const Problem& problem, const RowBlock<Rows>& block, const Eigen::VectorXd& v,
               Block& u, Space& space) const {
        if constexpr (std::same_as<Rows, DenseRows<float>>) {
            const Index d = problem.features();
            space.floats.resize(block.count, direction_.cols());
            if (u.cols() <= NarrowProducts::most) {
                space.product = direction_.topRows(d);
                NarrowProducts::multiply(problem.rows.row(block.first), block.count,
                                         problem.rows.stride, space.product, space.floats);
            } else {
                space.floats.noalias() = rows_of(problem, block) * direction_.topRows(d);
            }
            if (problem.intercept()) space.floats.rowwise() += direction_.row(d);
            u.middleRows(block.first, block.count) =
                space.floats.leftCols(u.cols()).template cast<double>().array();
        } else {
            problem.model.predict(block, v.data(), u.data() + block.first * u.cols(), space.model);
        }
    }

    static void add(const Problem& problem, const RowBlock<Rows>& block, Space& space,
                    double* partial) {
        if constexpr (std::same_as<Rows, DenseRows<float>>) {
            const Index d = problem.features();
            const Index classes = space.slopes.cols();
            convert(space.slopes.matrix(), space.floats);
            space.product.setZero(d, space.floats.cols());
            if (classes <= NarrowProducts::most)
                NarrowProducts::add_transposed(problem.rows.row(block.first), block.count,
                                               problem.rows.stride, space.floats, space.product);
            else
                space.product.noalias() = rows_of(problem, block).transpose() * space.floats;
            Eigen::Map<RowMajor<double>> sum(partial, inputs(problem), classes);
            sum.topRows(d) += space.product.leftCols(classes).template cast<double>();
            if (problem.intercept()) sum.row(d) += space.slopes.matrix().colwise().sum();
        } else {
            problem.model.add_gradient(block, space.slopes.data(), partial, space.model);
        }
    }

    template <class F>
    void each_block(const Problem& problem, Index chunk, const F& f) {
        Space& space = spaces_[static_cast<std::size_t>(chunk)];
        for_each_row_block(problem.rows, {}, chunks_.begin(chunk), chunks_.end(chunk),
                           size_of_block, [&](const RowBlock<Rows>& block) { f(block, space); });
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
