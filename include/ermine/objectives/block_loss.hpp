// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>

#include <ermine/concepts/loss.hpp>
#include <ermine/data/row_block.hpp>

namespace ermine {

/// Room for the predictions, targets, losses and slopes of one block of examples.
template <class T>
struct BlockSpace {
    using Numbers = Eigen::Array<T, Eigen::Dynamic, 1>;

    Eigen::ArrayXd predictions;  // a row an example
    Eigen::ArrayXd slopes;       // derivative in the prediction, or its products
    Eigen::ArrayXd directions;   // what the curvature is applied to
    Numbers converted;
    Numbers targets;
    Numbers values;
    Numbers derivatives;

    /// Losses are computed for whole packets, of aligned numbers: libm's functions, number by
    /// number, would cost more than all the rest. What is behind the last example is not used.
    static constexpr Index pad = 16;
    static Index padded(Index count) { return (count + pad - 1) / pad * pad; }

    /// For blocks of up to `count` examples with `outputs` predictions each.
    void prepare(Index count, Index outputs) {
        const Index rows = padded(count);
        const Index all = rows * outputs;
        if (targets.size() >= rows && predictions.size() >= all) return;
        predictions.resize(all);
        slopes.resize(all);
        directions.resize(all);
        converted.resize(rows);
        targets.resize(rows);
        values.resize(rows);
        derivatives.resize(rows);
    }
};

/// A loss with the targets and weights of a dataset, applied to the predictions for a block of its
/// examples. Losses of one prediction are computed in the data's type T, elementwise where the
/// loss says so, those of many in double; sums are in double. An example of weight 0 counts
/// nothing, even where its loss is infinite.
template <class L, class T, bool many>
struct BlockLoss {
    using Space = BlockSpace<T>;

    L loss;
    const double* targets = nullptr;
    const double* weights = nullptr;  ///< null if all examples count the same
    double weight_scale = 1;          ///< n / Σ w

    /// Σ ŵᵢ ℓᵢ over the block, ŵ = w n / Σ w; with `slopes`, ŵᵢ times the derivatives of ℓᵢ too.
    template <bool slopes, class Rows>
    double sum(const RowBlock<Rows>& block, Space& space, Index outputs) const {
        evaluate<slopes>(block, space, outputs);
        if (!weighted(block)) {
            // In as many sums as are padded, in an order that no alignment changes.
            using Pack = Eigen::Array<T, Space::pad, 1>;
            Eigen::Array<double, Space::pad, 1> sums = Eigen::Array<double, Space::pad, 1>::Zero();
            for (Index k = 0; k < block.count; k += Space::pad) {
                for (Index rest = block.count; rest < k + Space::pad; ++rest)
                    space.values[rest] = 0;
                sums += Eigen::Map<const Pack>(space.values.data() + k).template cast<double>();
            }
            return sums.sum();
        }
        double total = 0;
        for (Index k = 0; k < block.count; ++k) {
            const double w = weight(block, k);
            if (w > 0) total += w * static_cast<double>(at(space, k));
            if constexpr (slopes) scale(space.slopes.data() + k * outputs, outputs, w);
        }
        return total;
    }

    /// ℓᵢ for each example of the block, into `out`.
    template <class Rows>
    void losses(const RowBlock<Rows>& block, Space& space, Index outputs, double* out) const {
        evaluate<false>(block, space, outputs);
        for (Index k = 0; k < block.count; ++k) out[k] = static_cast<double>(at(space, k));
    }

    /// Calls add(c, a, b) with the weighted second derivatives c in outputs a and b <= a of all
    /// examples of the block.
    template <class Rows, class Add>
    void curvatures(const RowBlock<Rows>& block, Space& space, Index outputs,
                    const Add& add) const {
        if constexpr (many) {
            Rectangle direction(space.directions.data(), block.count, outputs);
            for (Index a = 0; a < outputs; ++a) {
                direction.setZero();
                direction.col(a).setOnes();
                curvature_products(block, space, outputs);
                const Rectangle products(space.slopes.data(), block.count, outputs);
                for (Index b = 0; b <= a; ++b) add(products.col(b), a, b);
            }
        } else {
            second_derivatives(block, space);
            add(Eigen::Map<const Eigen::ArrayXd>(space.slopes.data(), block.count), 0, 0);
        }
    }

    /// slopes = ŵᵢ times the second derivative of ℓᵢ applied to the directions.
    template <class Rows>
    void curvature_products(const RowBlock<Rows>& block, Space& space, Index outputs) const {
        if constexpr (many) {
            copy_targets(block, space);
            const Rectangle p(space.predictions.data(), block.count, outputs);
            const Rectangle u(space.directions.data(), block.count, outputs);
            Rectangle products(space.slopes.data(), block.count, outputs);
            loss.curvature_product(p, numbers(space.targets, block.count), u, products);
            for (Index k = 0; weighted(block) && k < block.count; ++k)
                scale(space.slopes.data() + k * outputs, outputs, weight(block, k));
        } else {
            second_derivatives(block, space);
            for (Index k = 0; k < block.count; ++k) space.slopes[k] *= space.directions[k];
        }
    }

private:
    using Rectangle = Eigen::Map<PredictionBlock>;
    using Array = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>, Eigen::AlignedMax>;

    using Slopes = Eigen::Map<Eigen::ArrayXd, Eigen::AlignedMax>;

    static constexpr bool elementwise = !many && ElementwiseLoss<L>;

    static Array numbers(typename Space::Numbers& from, Index count) {
        return {from.data(), count};
    }

    static T at(const Space& space, Index k) { return space.values[k]; }

    template <class Rows>
    bool weighted(const RowBlock<Rows>& block) const {
        return weights != nullptr || block.factors != nullptr;
    }

    template <class Rows>
    double weight(const RowBlock<Rows>& block, Index k) const {
        const double own = weights == nullptr ? 1 : weights[block.example(k)] * weight_scale;
        return block.factors == nullptr ? own : own * block.factors[block.first + k];
    }

    static void scale(double* slopes, Index outputs, double w) {
        for (Index j = 0; j < outputs; ++j) slopes[j] = w > 0 ? slopes[j] * w : 0;
    }

    template <class Rows>
    void copy_targets(const RowBlock<Rows>& block, Space& space) const {
        for (Index k = 0; k < block.count; ++k)
            space.targets[k] = static_cast<T>(targets[block.example(k)]);
        if constexpr (elementwise) {
            for (Index k = block.count; k < Space::padded(block.count); ++k) {
                space.targets[k] = space.targets[0];
                space.predictions[k] = space.predictions[0];
            }
        }
    }

    /// The predictions of a block in the type that losses are computed in.
    static Array converted(Space& space, Index count) {
        if constexpr (std::same_as<T, double>) {
            return {space.predictions.data(), count};
        } else {
            for (Index k = 0; k < count; ++k)
                space.converted[k] = static_cast<T>(space.predictions[k]);
            return {space.converted.data(), count};
        }
    }

    /// slopes = derivatives. Floats are evaluated first: Eigen takes what it casts number by
    /// number.
    template <class Derivatives>
    static void set_slopes(const Derivatives& derivatives, Space& space, Index count) {
        Slopes out(space.slopes.data(), count);
        if constexpr (std::same_as<T, double>) {
            out = derivatives;
        } else {
            Array evaluated = numbers(space.derivatives, count);
            evaluated = derivatives;
            out = evaluated.template cast<double>();
        }
    }

    template <bool slopes, class Rows>
    void evaluate(const RowBlock<Rows>& block, Space& space, Index outputs) const {
        copy_targets(block, space);
        const Index count = elementwise ? Space::padded(block.count) : block.count;
        Array y = numbers(space.targets, count);
        Array values = numbers(space.values, count);
        if constexpr (many) {
            const Rectangle p(space.predictions.data(), block.count, outputs);
            if constexpr (slopes) {
                Rectangle d(space.slopes.data(), block.count, outputs);
                loss.value_and_derivative(p, y, values, d);
            } else {
                loss.value(p, y, values);
            }
        } else if constexpr (elementwise) {
            const Array p = converted(space, count);
            if constexpr (slopes && requires {
                              loss.evaluate(p.data(), y.data(), count, values.data(),
                                            space.slopes.data(), space.derivatives.data());
                          }) {  // second derivatives are thrown away, an exponential is saved
                loss.evaluate(p.data(), y.data(), count, values.data(), space.slopes.data(),
                              space.derivatives.data());
            } else {
                values = loss.value(p, y);
                if constexpr (slopes) set_slopes(loss.derivative(p, y), space, count);
            }
        } else {
            for (Index k = 0; k < block.count; ++k) {
                const double p = space.predictions[k];
                const auto target = static_cast<double>(space.targets[k]);
                space.values[k] = static_cast<T>(loss.value(p, target));
                if constexpr (slopes)
                    space.slopes[k] = static_cast<double>(loss.derivative(p, target));
            }
        }
    }

    /// slopes = ŵᵢ times the second derivatives of ℓᵢ, for losses of one prediction.
    template <class Rows>
    void second_derivatives(const RowBlock<Rows>& block, Space& space) const {
        copy_targets(block, space);
        if constexpr (elementwise) {
            const Index count = Space::padded(block.count);
            const Array p = converted(space, count);
            const Array y = numbers(space.targets, count);
            set_slopes(loss.second_derivative(p, y), space, count);
        } else {
            for (Index k = 0; k < block.count; ++k)
                space.slopes[k] = static_cast<double>(loss.second_derivative(
                    space.predictions[k], static_cast<double>(space.targets[k])));
        }
        for (Index k = 0; weighted(block) && k < block.count; ++k)
            scale(space.slopes.data() + k, 1, weight(block, k));
    }
};

}  // namespace ermine
