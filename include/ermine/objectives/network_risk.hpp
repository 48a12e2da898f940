// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/layer.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/weighted_batch.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/losses/reconstruction.hpp>
#include <ermine/models/network.hpp>
#include <ermine/numerics/scratch.hpp>
#include <ermine/objectives/batch_draw.hpp>
#include <ermine/objectives/check_examples.hpp>
#include <ermine/objectives/column_loss.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/example_columns.hpp>

namespace ermine {

/// The empirical risk of a network: F(θ) = Σᵢ wᵢ ℓ(f(xᵢ; θ), yᵢ) / Σᵢ wᵢ, as of any model.
///
/// A batch passes through the network layer by layer, in pieces where it is larger than `piece`
/// columns, on all threads with the same bits on any number of them. What a layer leaves to chance
/// (dropout) is drawn for batches alone, by their numbers and the parameters: the same batch at the
/// same point is the same function, in a resumed run as well. Value, gradient and products over all
/// examples are those of the network at inference.
///
/// Nothing is allocated after the first call of a kind. A risk holds the memory that it works in:
/// use an object from one thread at a time, and give each thread a copy. `T` is the type of the
/// parameters and of all products; losses are summed in double.
template <NetworkModel M, class L, class Rows, class T>
class EmpiricalRisk<M, L, Rows, T> {
public:
    using Scalar = T;
    using Point = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
    using Columns = ExampleColumns<Rows>;
    using Data = typename Columns::Data;

    static constexpr bool convex = false;
    static constexpr bool measure = false;

    /// Throws std::invalid_argument where network and data differ in features, or a target does not
    /// fit the loss.
    EmpiricalRisk(M model, L loss, Data data)
        : model_(std::move(model)), loss_{.loss = std::move(loss)}, columns_(std::move(data)) {
        if constexpr (requires { loss_.loss.check(); }) loss_.loss.check();
        columns_.template check<T, reconstructs<L>>(model_, loss_.loss);
        if (!reconstructs<L> && !loss_.by_class(model_.outputs()) && model_.outputs() != 1)
            throw std::invalid_argument(
                "EmpiricalRisk: the network hands on " + std::to_string(model_.outputs()) +
                " numbers, the loss takes one: end with dense(1), or use a loss of classes such as "
                "SoftmaxCrossEntropy");
    }

    [[nodiscard]] Index examples() const { return data().examples(); }
    [[nodiscard]] Index parameters() const { return model_.parameters(); }
    /// How many parameters, from the first on, a penalty applies to.
    [[nodiscard]] Index penalized() const { return model_.penalized(); }
    [[nodiscard]] const auto& blocks() const { return model_.blocks(); }
    /// The parameter vector of all zeros, from which no network learns: see `initialize`.
    [[nodiscard]] Point zero() const { return Point::Zero(parameters()); }

    [[nodiscard]] const M& model() const { return model_; }
    [[nodiscard]] const L& loss() const { return loss_.loss; }
    [[nodiscard]] const Data& data() const { return columns_.data(); }

    [[nodiscard]] static constexpr bool higher_is_better() { return false; }

    /// F(θ), at inference.
    template <class X>
    double value(const Eigen::MatrixBase<X>& theta) const {
        const Eigen::Ref<const Point> point = checked(theta);
        double total = 0;
        each_piece({}, examples(), {}, [&](const Pass& pass) {
            model_.forward(pass, point.data(), memory_->network);
            total += loss_.template sum<false>(*memory_->network.out, memory_->columns.targets,
                                               memory_->columns.weights, memory_->losses);
        });
        return total / static_cast<double>(examples());
    }

    /// The mean over a batch of examples, in training.
    template <class X>
    double value(const Eigen::MatrixBase<X>& theta, Batch batch) const {
        const Eigen::Ref<const Point> point = checked(theta);
        check_batch(batch, examples());
        double total = 0;
        each_piece({batch, {}}, count(batch), training(batch, point), [&](const Pass& pass) {
            model_.forward(pass, point.data(), memory_->network);
            total += loss_.template sum<false>(*memory_->network.out, memory_->columns.targets,
                                               memory_->columns.weights, memory_->losses);
        });
        return total / static_cast<double>(batch.size());
    }

    /// F(θ), and ∇F(θ) into g.
    template <class X, class G>
        requires SurrogateLoss<L>
    double value_and_gradient(const Eigen::MatrixBase<X>& theta,
                              Eigen::PlainObjectBase<G>& g) const {
        return gradient_pass({}, examples(), {}, checked(theta), g.derived());
    }

    /// The mean over a batch of examples, and its gradient into g.
    template <class X, class G>
        requires SurrogateLoss<L>
    double value_and_gradient(const Eigen::MatrixBase<X>& theta, Batch batch,
                              Eigen::PlainObjectBase<G>& g) const {
        return value_and_gradient(theta, WeightedBatch{batch, {}}, g);
    }

    /// The same where the examples of the batch are weighted: (1/|batch|) Σ wₖ fₖ(θ).
    template <class X, class G>
        requires SurrogateLoss<L>
    double value_and_gradient(const Eigen::MatrixBase<X>& theta, WeightedBatch batch,
                              Eigen::PlainObjectBase<G>& g) const {
        check_batch(batch, examples());
        const Eigen::Ref<const Point> point = checked(theta);
        return gradient_pass(batch, count(batch.rows), training(batch.rows, point), point,
                             g.derived());
    }

    /// ∇²F(θ) v into Hv: exact, by the derivative of the backward pass (Pearlmutter 1994).
    template <class X, class W, class G>
        requires TwiceDifferentiableLoss<L>
    void hessian_product(const Eigen::MatrixBase<X>& theta, const Eigen::MatrixBase<W>& v,
                         Eigen::PlainObjectBase<G>& product) const {
        curvature_pass<true>({}, examples(), {}, checked(theta), checked(v), product.derived());
    }

    /// The same of the mean over a batch, in training.
    template <class X, class W, class G>
        requires TwiceDifferentiableLoss<L>
    void hessian_product(const Eigen::MatrixBase<X>& theta, Batch batch,
                         const Eigen::MatrixBase<W>& v, Eigen::PlainObjectBase<G>& product) const {
        check_batch(batch, examples());
        const Eigen::Ref<const Point> point = checked(theta);
        curvature_pass<true>({batch, {}}, count(batch), training(batch, point), point, checked(v),
                             product.derived());
    }

    /// G v into Gv, with the generalized Gauss–Newton matrix G = (1/n) Σᵢ Jᵢᵀ ∇²ℓᵢ Jᵢ, Jᵢ the
    /// derivative of the outputs in θ: positive semidefinite for convex losses (Schraudolph, "Fast
    /// curvature matrix-vector products for second-order gradient descent", Neural Computation 14,
    /// 2002). For losses that are the negative logarithm of a density of an exponential family with
    /// natural parameters (squared, logistic, softmax cross-entropy) it is the Fisher matrix, too.
    template <class X, class W, class G>
        requires TwiceDifferentiableLoss<L>
    void gauss_newton_product(const Eigen::MatrixBase<X>& theta, const Eigen::MatrixBase<W>& v,
                              Eigen::PlainObjectBase<G>& product) const {
        curvature_pass<false>({}, examples(), {}, checked(theta), checked(v), product.derived());
    }

    /// The same of the mean over a batch, in training.
    template <class X, class W, class G>
        requires TwiceDifferentiableLoss<L>
    void gauss_newton_product(const Eigen::MatrixBase<X>& theta, Batch batch,
                              const Eigen::MatrixBase<W>& v,
                              Eigen::PlainObjectBase<G>& product) const {
        check_batch(batch, examples());
        const Eigen::Ref<const Point> point = checked(theta);
        curvature_pass<false>({batch, {}}, count(batch), training(batch, point), point, checked(v),
                              product.derived());
    }

    /// Writes the statistics that layers use at inference (batch normalization) into θ: those of
    /// all examples, each counted once, layer by layer, with what comes before at inference already
    /// (Ioffe & Szegedy 2015, algorithm 2, with one batch of everything). One pass over the data a
    /// layer; call it before a trained network is asked for predictions.
    template <class X>
    void settle_statistics(Eigen::PlainObjectBase<X>& theta) const {
        checked(theta);
        for (Index place = 0; place < model_.layers().populations; ++place) {
            each_piece({}, examples(), {.statistics = true}, [&](const Pass& pass) {
                model_.forward(pass, theta.data(), memory_->network);
            });
            model_.settle(theta.data(), memory_->network, place);
        }
    }

    /// The same risk, but with what is left to chance on a batch drawn by this number alone,
    /// whatever the batch and the parameters: a smooth function of θ, whose differences and
    /// products go together, with dropout too.
    [[nodiscard]] EmpiricalRisk with_draw(std::uint64_t draw) const {
        EmpiricalRisk held = *this;
        held.draw_ = draw;
        return held;
    }

    /// E v into Ev, with the empirical Fisher matrix E = (1/n) Σᵢ gᵢ gᵢᵀ of the gradients of single
    /// examples: no curvature in general (Kunstner, Balles & Hennig, "Limitations of the empirical
    /// Fisher approximation", NeurIPS 2019).
    template <class X, class W, class G>
        requires SurrogateLoss<L>
    void empirical_fisher_product(const Eigen::MatrixBase<X>& theta, const Eigen::MatrixBase<W>& v,
                                  Eigen::PlainObjectBase<G>& product) const {
        const Eigen::Ref<const Point> point = checked(theta);
        const Eigen::Ref<const Point> along = checked(v);
        product.derived().resize(parameters());
        each_piece({}, examples(), {}, [&](const Pass& pass) {
            auto& network = memory_->network;
            model_.forward(pass, point.data(), network);
            loss_.template sum<true>(*network.out, memory_->columns.targets,
                                     memory_->columns.weights, memory_->losses);
            model_.tangent(pass, point.data(), along.data(), network);
            Activations<T>& slope = network.out->slope;
            const auto steps = [&](Activations<T>& of, Index k) {  // a column each
                return Eigen::Map<Activations<T>, 0, Eigen::OuterStride<>>(
                    of.col(k).data(), of.rows(), pass.steps,
                    Eigen::OuterStride<>(of.rows() * pass.examples));
            };
            for (Index k = 0; k < pass.examples; ++k)
                steps(slope, k) *=
                    steps(slope, k).cwiseProduct(steps(network.out->value_tangent, k)).sum() *
                    static_cast<T>(share(examples()));
            model_.backward(pass, point.data(), product.derived().data(), network);
        });
    }

    /// f(xᵢ; θ) for all examples, at inference: n rows of outputs. Of sequences, a row for each
    /// step that has a target, example by example.
    template <class X>
    [[nodiscard]] PredictionBlock predictions(const Eigen::MatrixBase<X>& theta) const {
        const Eigen::Ref<const Point> point = checked(theta);
        PredictionBlock all(columns_.predicted(), model_.outputs());
        Index first = 0;
        each_piece({}, examples(), {}, [&](const Pass& pass) {
            model_.forward(pass, point.data(), memory_->network);
            const Activations<T>& value = memory_->network.out->value;
            for (Index k = 0; k < value.cols(); ++k)
                if (const Index row = columns_.predicted_row(first, k, pass); row >= 0)
                    all.row(row) = value.col(k).transpose().template cast<double>().array();
            first += pass.examples;
        });
        return all;
    }

    /// ℓ(f(xᵢ; θ), yᵢ) for all examples, without their weights; for each row of `predictions`.
    template <class X>
    [[nodiscard]] Eigen::ArrayXd losses(const Eigen::MatrixBase<X>& theta) const {
        const Eigen::Ref<const Point> point = checked(theta);
        Eigen::ArrayXd all(columns_.predicted());
        Index first = 0;
        each_piece({}, examples(), {}, [&](const Pass& pass) {
            model_.forward(pass, point.data(), memory_->network);
            const Activations<T>& values = memory_->losses;
            loss_.template sum<false>(*memory_->network.out, memory_->columns.targets,
                                      Eigen::ArrayXd(), memory_->losses);
            for (Index k = 0; k < values.cols(); ++k)
                if (const Index row = columns_.predicted_row(first, k, pass); row >= 0)
                    all[row] = values.col(k).template cast<double>().sum();
            first += pass.examples;
        });
        return all;
    }

    /// Says in a compile error why there is no gradient, where the loss knows why.
    template <class Asked>
        requires requires { L::template explain<Asked>(); }
    static consteval bool explain() {
        return L::template explain<Asked>();
    }

private:
    struct Memory {
        typename M::template Memory<T> network;
        typename Columns::template Memory<T> columns;
        Activations<T> losses;
        Point gradient;
    };

    M model_;
    ColumnLoss<L, T> loss_;
    Columns columns_;
    std::optional<std::uint64_t> draw_;  ///< what `with_draw` says
    Scratch<Memory> memory_;

    template <class X>
    Eigen::Ref<const Point> checked(const Eigen::MatrixBase<X>& theta) const {
        static_assert(std::same_as<typename X::Scalar, Scalar>,
                      "parameters and data must be of one type, float or double: begin at "
                      "initialize(network, He{}, seed) with the type of the data");
        if (theta.size() != parameters())
            throw std::invalid_argument("EmpiricalRisk: the parameter vector has " +
                                        std::to_string(theta.size()) + " numbers, the network " +
                                        std::to_string(parameters()));
        return theta.derived();
    }

    static Index count(Batch batch) { return static_cast<Index>(batch.size()); }
    static double share(Index count) { return 1 / static_cast<double>(count); }

    /// A pass in training, with a name for what is drawn: of the batch and of where it is looked
    /// at, so that nothing need be remembered.
    Pass training(Batch batch, const Eigen::Ref<const Point>& theta) const {
        if (draw_) return {.training = true, .draw = *draw_};
        return {.training = true, .draw = batch_draw(batch, theta.data(), theta.size())};
    }

    /// Loads the examples of a batch, or all where none are picked, piece by piece, and calls
    /// body(pass) for each.
    template <class Body>
    void each_piece(WeightedBatch picked, Index count, Pass pass, const Body& body) const {
        for (Index first = 0; first < count;) {
            const Index size = pass.training ? count : std::min(columns_.piece(), count - first);
            columns_.template load<reconstructs<L>>(picked, first, size, pass,
                                                    memory_->network.in.value, memory_->columns);
            body(pass);
            pass.add = true;
            ++pass.draw;
            first += size;
        }
    }

    template <bool hessian, class G>
    void curvature_pass(WeightedBatch picked, Index count, Pass start,
                        const Eigen::Ref<const Point>& theta, const Eigen::Ref<const Point>& v,
                        G& product) const {
        product.resize(parameters());
        if constexpr (hessian) memory_->gradient.resize(parameters());
        start.curvature = hessian;
        each_piece(picked, count, start, [&](const Pass& pass) {
            auto& [network, columns, losses, gradient] = *memory_;
            const auto& targets = columns.targets;
            const auto& weights = columns.weights;
            model_.forward(pass, theta.data(), network);
            Wire<T>& out = *network.out;
            if constexpr (hessian) {
                loss_.template sum<true>(out, targets, weights, losses, share(count));
                model_.backward(pass, theta.data(), gradient.data(), network);
            }
            model_.tangent(pass, theta.data(), v.data(), network);
            loss_.curvature_product(out, targets, weights, hessian ? out.slope_tangent : out.slope,
                                    share(count));
            if constexpr (hessian)
                model_.tangent_backward(pass, theta.data(), v.data(), product.data(), network);
            else
                model_.backward(pass, theta.data(), product.data(), network);
        });
    }

    template <class G>
    double gradient_pass(WeightedBatch picked, Index count, Pass pass,
                         const Eigen::Ref<const Point>& theta, G& gradient) const {
        gradient.resize(parameters());
        double total = 0;
        each_piece(picked, count, pass, [&](const Pass& now) {
            auto& network = memory_->network;
            model_.forward(now, theta.data(), network);
            total +=
                loss_.template sum<true>(*network.out, memory_->columns.targets,
                                         memory_->columns.weights, memory_->losses, share(count));
            model_.backward(now, theta.data(), gradient.data(), network);
        });
        return total * share(count);
    }
};

}  // namespace ermine
