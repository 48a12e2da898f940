// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <vector>

#include <ermine/data/row_block.hpp>
#include <ermine/numerics/class_products.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/pass_plan.hpp>

namespace ermine {

/// A row of K numbers an example, or a feature.
using ClassRows = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The passes over the examples of a multinomial LinearProblem (LinearMulticlass with
/// SoftmaxCrossEntropy) that Newton's method is made of, with predictions P and probabilities Π of
/// all examples, n × K, kept between them. Passes are cut by the data alone: the same bits on any
/// number of threads. It holds the memory it works in: one object a thread.
template <class Problem>
class MulticlassPass {
public:
    using Rows = typename Problem::Rows;
    using Short = typename Rows::Scalar;  ///< of products that need not be exact

    explicit MulticlassPass(const Problem& problem)
        : plan_(PassPlan::over(problem.examples(), problem.rows.nonzeros(),
                               sizeof(*problem.rows.values), problem.model.classes,
                               problem.parameters())),
          block_(std::max<Index>(plan_.block, 32)),
          chunks_(chunks_for(problem.examples(), (plan_.grain + 31) / 32 * 32,
                             std::min<Index>(plan_.most, 16))),
          spaces_(static_cast<std::size_t>(chunks_.count())) {
        const Index size = std::max(ClassProducts<double>::padded(problem.model.classes),
                                    ClassProducts<Short>::padded(problem.model.classes));
        const Index inputs = problem.parameters() / problem.model.classes;
        weights_.setZero(inputs * size);
        short_weights_.setZero(inputs * size);
        for (Space& space : spaces_) {
            space.exact.setZero(block_ * size);
            space.fast.setZero(block_ * size);
            space.sums.setZero(inputs * size);
            space.dual_sums.setZero(inputs * size);
            space.fast_sums.setZero(inputs * size);
            space.part.setZero(block_, problem.model.classes);
            space.other.setZero(block_, problem.model.classes);
        }
        partial_.resize(2 * problem.parameters());
    }

    /// What a step leads to.
    struct Values {
        double risk = 0;      ///< (1/n) Σ ŵᵢ ℓᵢ
        double residual = 0;  ///< (1/n) Σ ŵᵢ KL(aᵢ ‖ πᵢ), what Fenchel and Young leave
    };

    /// image = X D; at the predictions p + image: their probabilities `moved`, the risk and its
    /// gradient. The dual point `shares` = Π + (diag(Π) − ΠΠᵀ) image, the linearization of the
    /// probabilities, moved onto the simplex, and `dual` = (1/n) [X 1]ᵀ Ŵ (shares − Y). The p and
    /// probabilities of the point that was left are given. One pass.
    Values step(const Problem& problem, const Eigen::VectorXd& direction, const ClassRows& p,
                const ClassRows& probabilities, ClassRows& image, ClassRows& moved,
                ClassRows& shares, Eigen::VectorXd& gradient, Eigen::VectorXd& dual) {
        const Index classes = problem.model.classes;
        const Index stride = ClassProducts<double>::padded(classes);
        pack(direction, classes, stride, 1.0, weights_);
        residuals_.setZero(chunks_.count());
        const double risk = sum_vectors(problem, partial_, [&](Index chunk, double* out) {
            Space& space = spaces_[static_cast<std::size_t>(chunk)];
            space.sums.setZero();
            space.dual_sums.setZero();
            double value = 0;
            each_block(problem, chunk, [&](const RowBlock<Rows>& block) {
                const Index n = block.count;
                const Index first = block.first;
                ClassProducts<double>::multiply(block, weights_.data(), stride, space.exact.data());
                auto along = image.middleRows(first, n);
                unpack(space.exact.data(), stride, along);
                if (problem.intercept())
                    along.rowwise() += direction.tail(classes).transpose().array();
                auto at = space.part.topRows(n);
                auto next = moved.middleRows(first, n);
                at = p.middleRows(first, n) + along;
                value += soften(problem, first, at, next, space);
                put_slopes(problem, first, next, space.exact.data(), stride);
                ClassProducts<double>::add_transposed(block, space.exact.data(), stride,
                                                      space.sums.data());
                if (problem.intercept())
                    add_rows(space.exact.data(), n, stride, space.sums.data(), problem.features());
                auto share = shares.middleRows(first, n);
                linearize(probabilities.middleRows(first, n), along, share);
                residuals_[chunk] += divergence(problem, first, share, at, space);
                put_slopes(problem, first, share, space.exact.data(), stride);
                ClassProducts<double>::add_transposed(block, space.exact.data(), stride,
                                                      space.dual_sums.data());
                if (problem.intercept())
                    add_rows(space.exact.data(), n, stride, space.dual_sums.data(),
                             problem.features());
            });
            add_packed(space.sums, classes, stride, problem.parameters(), out);
            add_packed(space.dual_sums, classes, stride, problem.parameters(),
                       out + problem.parameters());
            return value;
        });
        gradient = partial_.head(problem.parameters());
        dual = partial_.tail(problem.parameters());
        return {risk, pairwise_sum(residuals_, chunks_.count()) /
                          static_cast<double>(problem.examples())};
    }

    /// (1/n) [X 1]ᵀ Ŵ (shares − Y).
    void transpose(const Problem& problem, const ClassRows& shares, Eigen::VectorXd& out) {
        const Index classes = problem.model.classes;
        const Index stride = ClassProducts<double>::padded(classes);
        sum_vectors(problem, out, [&](Index chunk, double* sum) {
            Space& space = spaces_[static_cast<std::size_t>(chunk)];
            space.sums.setZero();
            each_block(problem, chunk, [&](const RowBlock<Rows>& block) {
                put_slopes(problem, block.first, shares.middleRows(block.first, block.count),
                           space.exact.data(), stride);
                ClassProducts<double>::add_transposed(block, space.exact.data(), stride,
                                                      space.sums.data());
                if (problem.intercept())
                    add_rows(space.exact.data(), block.count, stride, space.sums.data(),
                             problem.features());
            });
            add_packed(space.sums, classes, stride, problem.parameters(), sum);
            return 0.0;
        });
    }

    /// Lays out Π for `curve`.
    template <class T>
    void curve_at(const ClassRows& probabilities) {
        const Index classes = probabilities.cols();
        const Index stride = ClassProducts<T>::padded(classes);
        auto& chances = this->template packed_chances<T>();
        chances.resize(probabilities.rows() * stride);
        tops_.resize(static_cast<std::size_t>(probabilities.rows()));
        for (Index i = 0; i < probabilities.rows(); ++i)
            probabilities.row(i).maxCoeff(&tops_[static_cast<std::size_t>(i)]);
        for (Index i = 0; i < probabilities.rows(); ++i)
            for (Index c = 0; c < stride; ++c)
                chances[i * stride + c] = static_cast<T>(c < classes ? probabilities(i, c) : 0);
    }

    /// h = (1/n) [X 1]ᵀ Ŵ (diag(Π) − ΠΠᵀ) [X 1] v at the last Π laid out, one pass in the type T,
    /// whose sums over blocks are in double.
    template <class T>
    void curve(const Problem& problem, const Eigen::VectorXd& v, Eigen::VectorXd& h) {
        const Index classes = problem.model.classes;
        const Index stride = ClassProducts<T>::padded(classes);
        const double top = v.cwiseAbs().maxCoeff();  // floats keep their digits around 1
        const double scale = top > 0 && std::isfinite(top) ? top : 1;
        auto& weights = this->template packed<T>();
        const auto& chances = this->template packed_chances<T>();
        pack(v, classes, stride, 1 / scale, weights);
        sum_vectors(problem, h, [&](Index chunk, double* out) {
            Space& space = spaces_[static_cast<std::size_t>(chunk)];
            auto& products = space.template products<T>();
            auto& sums = space.template partial<T>();
            sums.setZero();
            Index since = 0;
            each_block(problem, chunk, [&](const RowBlock<Rows>& block) {
                ClassProducts<T>::multiply(block, weights.data(), stride, products.data());
                if (problem.intercept())
                    for (Index k = 0; k < block.count; ++k)
                        for (Index c = 0; c < classes; ++c)
                            products[k * stride + c] += weights[problem.features() * stride + c];
                for (Index k = 0; k < block.count; ++k) {
                    const double w = problem.weight(block.first + k);
                    ClassProducts<T>::bend(chances.data() + (block.first + k) * stride, stride,
                                           tops_[static_cast<std::size_t>(block.first + k)],
                                           static_cast<T>(w), products.data() + k * stride);
                }
                ClassProducts<T>::add_transposed(block, products.data(), stride, sums.data());
                if (problem.intercept())
                    add_rows(products.data(), block.count, stride, sums.data(), problem.features());
                since += block.count;
                if (!std::same_as<T, double> && since >= 2048) {  // floats are summed no longer
                    add_packed(sums, classes, stride, problem.parameters(), out);
                    sums.setZero();
                    since = 0;
                }
            });
            add_packed(sums, classes, stride, problem.parameters(), out);
            return 0.0;
        });
        h *= scale;
    }

    /// The risk at p + t image, which needs no data; p, its probabilities and the sum of
    /// divergences from `shares` are not.
    double value(const Problem& problem, const ClassRows& p, double t, const ClassRows& image,
                 ClassRows& probabilities) {
        const double sum = sum_chunks(problem, [&](Space& space, Index first, Index n) {
            auto at = space.part.topRows(n);
            at = p.middleRows(first, n) + t * image.middleRows(first, n);
            return soften(problem, first, at, probabilities.middleRows(first, n), space);
        });
        return sum / static_cast<double>(problem.examples());
    }

    /// (1/n) Σ ŵᵢ KL(shares ‖ softmax(p + image)) where shares ← (1 − τ) shares + τ c: see
    /// MulticlassNewtonCG.
    double mixed_divergence(const Problem& problem, const ClassRows& p, double tau,
                            const Eigen::ArrayXd& center, ClassRows& shares) {
        const double sum = sum_chunks(problem, [&](Space& space, Index first, Index n) {
            auto share = shares.middleRows(first, n);
            share *= 1 - tau;
            share.rowwise() += tau * center.transpose();
            auto at = space.part.topRows(n);
            at = p.middleRows(first, n);
            normalize(at, space);
            return divergence(problem, first, share, at, space);
        });
        return sum / static_cast<double>(problem.examples());
    }

private:
    using Packed = Eigen::VectorXd;
    using ShortPacked = Eigen::Matrix<Short, Eigen::Dynamic, 1>;

    struct Space {
        Packed exact, sums, dual_sums;
        ShortPacked fast, fast_sums;
        ClassRows part, other;

        template <class T>
        auto& products() {
            if constexpr (std::same_as<T, double>)
                return exact;
            else
                return fast;
        }
        template <class T>
        auto& partial() {
            if constexpr (std::same_as<T, double>)
                return sums;
            else
                return fast_sums;
        }
    };

    PassPlan plan_;
    Index block_;
    Chunks chunks_;
    std::vector<Space> spaces_;
    Packed weights_, chances_;
    ShortPacked short_weights_, short_chances_;
    std::vector<Index> tops_;  // the likeliest class
    Eigen::VectorXd partial_;
    Eigen::VectorXd residuals_;
    PartialSums<double> sums_;

    template <class T>
    auto& packed() {
        if constexpr (std::same_as<T, double>)
            return weights_;
        else
            return short_weights_;
    }

    template <class T>
    auto& packed_chances() {
        if constexpr (std::same_as<T, double>)
            return chances_;
        else
            return short_chances_;
    }

    template <class T>
    static void pack(const Eigen::VectorXd& from, Index classes, Index stride, double scale,
                     Eigen::Matrix<T, Eigen::Dynamic, 1>& to) {
        const Index inputs = from.size() / classes;
        for (Index j = 0; j < inputs; ++j) {
            for (Index c = 0; c < classes; ++c)
                to[j * stride + c] = static_cast<T>(scale * from[j * classes + c]);
            for (Index c = classes; c < stride; ++c) to[j * stride + c] = 0;
        }
    }

    static void unpack(const double* from, Index stride, auto&& to) {
        for (Index k = 0; k < to.rows(); ++k)
            for (Index c = 0; c < to.cols(); ++c) to(k, c) = from[k * stride + c];
    }

    static void add_packed(const auto& from, Index classes, Index stride, Index parameters,
                           double* to) {
        for (Index j = 0; j < parameters / classes; ++j)
            for (Index c = 0; c < classes; ++c)
                to[j * classes + c] += static_cast<double>(from[j * stride + c]);
    }

    /// The row of the intercepts += the sum of all rows.
    template <class T>
    static void add_rows(const T* rows, Index count, Index stride, T* sums, Index features) {
        for (Index k = 0; k < count; ++k)
            for (Index c = 0; c < stride; ++c) sums[features * stride + c] += rows[k * stride + c];
    }

    /// probabilities = softmax(p) row by row, p ← p − log Σ e^p; the sum of the losses.
    static double soften(const Problem& problem, Index first, auto&& p, auto&& probabilities,
                         Space& space) {
        const Index n = p.rows();
        normalize(p, space);
        probabilities = space.other.topRows(n);
        double total = 0;
        for (Index k = 0; k < n; ++k) {
            const double w = problem.weight(first + k);
            if (w > 0) total -= w * p(k, static_cast<Index>(problem.targets[first + k]));
        }
        return total;
    }

    /// p ← p − log Σ e^p row by row, and e^p of that into space.other.
    static void normalize(auto&& p, Space& space) {
        auto e = space.other.topRows(p.rows());
        for (Index k = 0; k < p.rows(); ++k)
            p.row(k) -= p.row(k).template maxCoeff<Eigen::PropagateNaN>();
        e = p.exp();
        for (Index k = 0; k < p.rows(); ++k) {
            const double sum = e.row(k).sum();
            p.row(k) -= std::log(sum);
            e.row(k) /= sum;
        }
    }

    /// share = π + (diag(π) − ππᵀ) u, negative ones set to 0 and the sum to 1.
    static void linearize(const auto& pi, const auto& u, auto&& share) {
        for (Index k = 0; k < share.rows(); ++k) {
            const double mean = (pi.row(k) * u.row(k)).sum();
            share.row(k) = pi.row(k) * (1 + (u.row(k) - mean)).max(0.0);
            share.row(k) /= share.row(k).sum();
        }
    }

    /// Σ ŵᵢ KL(share ‖ e^p), p the logarithms of probabilities.
    static double divergence(const Problem& problem, Index first, const auto& share, auto&& p,
                             Space& space) {
        auto logs = space.other.topRows(share.rows());
        logs = share.max(1e-300).log() - p;
        double total = 0;
        for (Index k = 0; k < share.rows(); ++k) {
            const double w = problem.weight(first + k);
            if (w > 0) total += w * std::max(0.0, (share.row(k) * logs.row(k)).sum());
        }
        return total;
    }

    /// Ŵ (π − e_y), padded.
    static void put_slopes(const Problem& problem, Index first, const auto& pi, double* out,
                           Index stride) {
        for (Index k = 0; k < pi.rows(); ++k) {
            const double w = problem.weight(first + k);
            double* const row = out + k * stride;
            for (Index c = 0; c < pi.cols(); ++c) row[c] = w > 0 ? w * pi(k, c) : 0;
            row[static_cast<Index>(problem.targets[first + k])] -= w;
            for (Index c = pi.cols(); c < stride; ++c) row[c] = 0;
        }
    }

    template <class F>
    void each_block(const Problem& problem, Index chunk, const F& f) const {
        for_each_row_block(problem.rows, {}, chunks_.begin(chunk), chunks_.end(chunk), block_, f);
    }

    template <class F>
    double sum_chunks(const Problem&, const F& f) {
        residuals_.setZero(chunks_.count());
        for_each_chunk(chunks_.count(), [&](Index chunk) {
            for (Index first = chunks_.begin(chunk); first < chunks_.end(chunk); first += block_)
                residuals_[chunk] += f(spaces_[static_cast<std::size_t>(chunk)], first,
                                       std::min(block_, chunks_.end(chunk) - first));
        });
        return pairwise_sum(residuals_, chunks_.count());
    }

    template <class F>
    double sum_vectors(const Problem& problem, Eigen::VectorXd& out, const F& f) {
        const double sum = parallel_sum(chunks_, sums_, out, [&](Index begin, Index, auto& part) {
            return f(begin / chunks_.size, part.data());
        });
        const double share = 1 / static_cast<double>(problem.examples());
        out *= share;
        return sum * share;
    }
};

}  // namespace ermine
