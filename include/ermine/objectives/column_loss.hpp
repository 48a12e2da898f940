// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstdint>

#include <ermine/concepts/layer.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// A loss on the outputs of a network, a column an example (or a step of one): a loss of classes,
/// whose target is one number a column; or a loss of one prediction, which is added up over the
/// outputs, each with a target of its own. A loss of both forms is one of classes where there are
/// several outputs. Numbers are of type T, sums in double. A column of weight 0 counts nothing,
/// even where its loss is infinite.
template <class L, class T>
struct ColumnLoss {
    L loss;

    static constexpr bool by_class(Index units) {
        return ManyOutputLoss<L> && (!ScalarLoss<L> || units > 1);
    }

    /// Σₖ wₖ ℓ(pₖ, yₖ) over the columns p of `out.value`, with all wₖ = 1 where there are no
    /// weights; with `slopes`, scale · wₖ times the derivatives into `out.slope`. Leaves the losses
    /// themselves in `values`, a column each.
    template <bool slopes>
    double sum(Wire<T>& out, const Activations<T>& targets, const Eigen::ArrayXd& weights,
               Activations<T>& values, double scale = 1) const {
        const Index units = out.value.rows();
        values.resize(by_class(units) ? 1 : units, out.value.cols());
        if constexpr (slopes) out.slope.resizeLike(out.value);
        const auto sum_columns = [&](Index begin, Index end) {
            evaluate<slopes>(out, targets, values, begin, end - begin);
            double total = 0;
            for (Index k = begin; k < end; ++k) {
                const double w = weights.size() == 0 ? 1 : weights[k];
                if (w > 0) total += w * values.col(k).template cast<double>().sum();
                if constexpr (slopes)
                    if (w != 1 || scale != 1) multiply(out.slope, k, w * scale);
            }
            return total;
        };
        return parallel_sum(out.value.cols(), sum_columns, grain(units));
    }

    /// Targets drawn from the distributions that the columns of `out.value` stand for, each column
    /// by a generator of its own, so that threads don't matter.
    void draw(const Wire<T>& out, std::uint64_t seed, Activations<T>& targets) const
        requires GenerativeLoss<L, Random>
    {
        const Index units = out.value.rows();
        targets.resize(by_class(units) ? 1 : units, out.value.cols());
        const Chunks chunks = chunks_for(out.value.cols(), grain(units));
        for_each_chunk(chunks.count(), [&](Index chunk) {
            for (Index k = chunks.begin(chunk); k < chunks.end(chunk); ++k) {
                Random random(seed ^ (static_cast<std::uint64_t>(k + 1) * 0xd1342543de82ef95U));
                if constexpr (ManyOutputLoss<L>)
                    if (by_class(units)) {
                        targets(0, k) = static_cast<T>(loss.draw(out.value.col(k), random));
                        continue;
                    }
                if constexpr (ScalarLoss<L>)
                    for (Index j = 0; j < units; ++j)
                        targets(j, k) =
                            static_cast<T>(loss.draw(static_cast<double>(out.value(j, k)), random));
            }
        });
    }

    /// scale · wₖ ∇²ℓ(pₖ, yₖ) u for each column u of `out.value_tangent`, into `to`.
    void curvature_product(const Wire<T>& out, const Activations<T>& targets,
                           const Eigen::ArrayXd& weights, Activations<T>& to, double scale) const {
        const Index units = out.value.rows();
        to.resizeLike(out.value);
        const Chunks chunks = chunks_for(out.value.cols(), grain(units));
        for_each_chunk(chunks.count(), [&](Index chunk) {
            const Index begin = chunks.begin(chunk);
            const Index end = chunks.end(chunk);
            bend(out, targets, to, begin, end - begin);
            for (Index k = begin; k < end; ++k)
                multiply(to, k, scale * (weights.size() == 0 ? 1 : weights[k]));
        });
    }

private:
    using Rows = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
    using MutableRows =
        Eigen::Map<Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
    using Numbers = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
    using MutableNumbers = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;

    /// Columns that are worth a thread.
    static Index grain(Index units) { return std::max<Index>(4096 / units, 1); }

    static void multiply(Activations<T>& slopes, Index column, double w) {
        if (w > 0)
            slopes.col(column) *= static_cast<T>(w);
        else
            slopes.col(column).setZero();
    }

    template <bool slopes>
    void evaluate(Wire<T>& out, const Activations<T>& targets, Activations<T>& values, Index begin,
                  Index count) const {
        const Index units = out.value.rows();
        const Index first = begin * units;
        if constexpr (ManyOutputLoss<L>) {
            if (by_class(units)) {
                const Rows p(out.value.data() + first, count, units);
                const Numbers y(targets.data() + begin, count);
                MutableNumbers each(values.data() + begin, count);
                if constexpr (slopes) {
                    MutableRows d(out.slope.data() + first, count, units);
                    loss.value_and_derivative(p, y, each, d);
                } else {
                    loss.value(p, y, each);
                }
                return;
            }
        }
        if constexpr (ScalarLoss<L>) {
            const Numbers p(out.value.data() + first, count * units);
            const Numbers y(targets.data() + first, count * units);
            MutableNumbers each(values.data() + first, count * units);
            const auto by_number = [&](const auto& f, MutableNumbers& to) {
                for (Index k = 0; k < to.size(); ++k)
                    to[k] = static_cast<T>(f(static_cast<double>(p[k]), static_cast<double>(y[k])));
            };
            if constexpr (ElementwiseLoss<L>)
                each = loss.value(p, y);
            else
                by_number([&](double a, double b) { return loss.value(a, b); }, each);
            if constexpr (slopes) {
                MutableNumbers d(out.slope.data() + first, count * units);
                if constexpr (ElementwiseLoss<L>)
                    d = loss.derivative(p, y);
                else
                    by_number([&](double a, double b) { return loss.derivative(a, b); }, d);
            }
        }
    }

    void bend(const Wire<T>& out, const Activations<T>& targets, Activations<T>& to, Index begin,
              Index count) const {
        const Index units = out.value.rows();
        const Index first = begin * units;
        if constexpr (ManyOutputLoss<L>) {
            if (by_class(units)) {
                const Rows p(out.value.data() + first, count, units);
                const Rows u(out.value_tangent.data() + first, count, units);
                MutableRows product(to.data() + first, count, units);
                loss.curvature_product(p, Numbers(targets.data() + begin, count), u, product);
                return;
            }
        }
        if constexpr (ScalarLoss<L>) {
            for (Index k = first; k < first + count * units; ++k)
                to.data()[k] =
                    static_cast<T>(loss.second_derivative(static_cast<double>(out.value.data()[k]),
                                                          static_cast<double>(targets.data()[k])) *
                                   static_cast<double>(out.value_tangent.data()[k]));
        }
    }
};

}  // namespace ermine
