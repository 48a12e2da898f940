// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <array>
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
#include <ermine/objectives/network_curvature.hpp>
#include <ermine/objectives/retained_curvature.hpp>

namespace ermine {

/// The empirical risk of a network: F(θ) = Σᵢ wᵢ ℓ(f(xᵢ; θ), yᵢ) / Σᵢ wᵢ, as of any model.
///
/// A batch passes through the network layer by layer, in pieces where it is larger than `piece`
/// columns, on all threads with the same bits on any number of them. What a layer leaves to chance
/// (dropout) is drawn for batches alone, by their numbers and the parameters: the same batch at the
/// same point is the same function, in a resumed run as well. Value, gradient and products over all
/// examples are those of the network at inference.
///
/// What it has of curvature is in NetworkCurvature.
///
/// Nothing is allocated after the first call of a kind. A risk holds the memory that it works in:
/// use an object from one thread at a time, and give each thread a copy. `T` is the type of the
/// parameters and of all products; losses are summed in double.
template <NetworkModel M, class L, class Rows, class T>
class EmpiricalRisk<M, L, Rows, T>
    : public NetworkCurvature<EmpiricalRisk<M, L, Rows, T>, M, L, T> {
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
        return value_pass({}, examples(), {}, checked(theta));
    }

    /// The mean over a batch of examples, in training.
    template <class X>
    double value(const Eigen::MatrixBase<X>& theta, Batch batch) const {
        const Eigen::Ref<const Point> point = checked(theta);
        check_batch(batch, examples());
        return value_pass({batch, {}}, count(batch), training(batch, point), point);
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

    /// Writes the statistics that layers use at inference (batch normalization) into θ: those of
    /// all examples, each counted once, layer by layer, with what comes before at inference already
    /// (Ioffe & Szegedy 2015, algorithm 2, with one batch of everything). One pass over the data a
    /// layer; call it before a trained network is asked for predictions.
    template <class X>
    void settle_statistics(Eigen::PlainObjectBase<X>& theta) const {
        checked(theta);
        for (Index place = 0; place < model_.layers().populations; ++place) {
            each_piece({}, examples(), {.statistics = true}, [&](const Pass& pass) {
                model_.forward(pass, theta.data(), memory().network);
            });
            model_.settle(theta.data(), memory().network, place);
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

    /// f(xᵢ; θ) for all examples, at inference: n rows of outputs. Of sequences, a row for each
    /// step that has a target, example by example.
    template <class X>
    [[nodiscard]] PredictionBlock predictions(const Eigen::MatrixBase<X>& theta) const {
        const Eigen::Ref<const Point> point = checked(theta);
        PredictionBlock all(columns_.predicted(), model_.outputs());
        Index first = 0;
        each_piece({}, examples(), {}, [&](const Pass& pass) {
            model_.forward(pass, point.data(), memory().network);
            const Activations<T>& value = memory().network.out->value;
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
            model_.forward(pass, point.data(), memory().network);
            const Activations<T>& values = memory().losses;
            loss_.template sum<false>(*memory().network.out, memory().columns.targets,
                                      Eigen::ArrayXd(), memory().losses);
            for (Index k = 0; k < values.cols(); ++k)
                if (const Index row = columns_.predicted_row(first, k, pass); row >= 0)
                    all[row] = values.col(k).template cast<double>().sum();
            first += pass.examples;
        });
        return all;
    }

    /// The Hessian at θ, over all examples at inference, for many products.
    template <class X>
        requires(TwiceDifferentiableLoss<L> && Columns::independent)
    [[nodiscard]] auto curvature_at(const Eigen::MatrixBase<X>& theta) const {
        return RetainedCurvature<EmpiricalRisk>(*this, checked(theta));
    }

    /// Says in a compile error why there is no gradient, where the loss knows why.
    template <class Asked>
        requires requires { L::template explain<Asked>(); }
    static consteval bool explain() {
        return L::template explain<Asked>();
    }

private:
    friend class NetworkCurvature<EmpiricalRisk, M, L, T>;
    friend class RetainedCurvature<EmpiricalRisk>;

    struct Memory {
        typename M::template Memory<T> network;
        typename Columns::template Memory<T> columns;
        Activations<T> losses;
        Index size = 0;  ///< of the batches it is for
    };

    /// Memory for batches of some sizes: a method that goes from one to the other, or meets a
    /// smaller batch at the end of an epoch, allocates nothing.
    struct Room {
        std::array<Memory, 4> memories;
        std::size_t at = 0;    ///< that of the last pass
        std::size_t next = 0;  ///< to be given to another size
        Point gradient;

        void take(Index size) {
            for (at = 0; at < memories.size(); ++at)
                if (memories[at].size == size) return;
            at = next;
            next = (next + 1) % memories.size();
            memories[at].size = size;
        }
    };

    M model_;
    ColumnLoss<L, T> loss_;
    Columns columns_;
    std::optional<std::uint64_t> draw_;  ///< what `with_draw` says
    Scratch<Room> room_;

    Memory& memory() const { return room_->memories[room_->at]; }

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
            // statistics are gathered over pieces of all sizes
            room_->take(pass.statistics ? -1 : size);
            columns_.template load<reconstructs<L>>(picked, first, size, pass,
                                                    memory().network.in.value, memory().columns);
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
        if constexpr (hessian) room_->gradient.resize(parameters());
        start.curvature = hessian;
        each_piece(picked, count, start, [&](const Pass& pass) {
            auto& [network, columns, losses, own] = memory();
            Point& gradient = room_->gradient;
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

    double value_pass(WeightedBatch picked, Index count, Pass pass,
                      const Eigen::Ref<const Point>& theta) const {
        double total = 0;
        each_piece(picked, count, pass, [&](const Pass& now) {
            model_.forward(now, theta.data(), memory().network);
            total += loss_.template sum<false>(*memory().network.out, memory().columns.targets,
                                               memory().columns.weights, memory().losses);
        });
        return total / static_cast<double>(count);
    }

    template <class G>
    double gradient_pass(WeightedBatch picked, Index count, Pass pass,
                         const Eigen::Ref<const Point>& theta, G& gradient) const {
        gradient.resize(parameters());
        double total = 0;
        each_piece(picked, count, pass, [&](const Pass& now) {
            auto& network = memory().network;
            model_.forward(now, theta.data(), network);
            total +=
                loss_.template sum<true>(*network.out, memory().columns.targets,
                                         memory().columns.weights, memory().losses, share(count));
            model_.backward(now, theta.data(), gradient.data(), network);
        });
        return total * share(count);
    }
};

}  // namespace ermine
