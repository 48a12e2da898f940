// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/row_block.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/numerics/scratch.hpp>
#include <ermine/objectives/block_loss.hpp>
#include <ermine/objectives/check_examples.hpp>
#include <ermine/objectives/gram_spectrum.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/linear_terms.hpp>
#include <ermine/objectives/pass_memory.hpp>
#include <ermine/objectives/pass_plan.hpp>

namespace ermine {

/// The weighted mean loss of a model over a dataset, the objective of learning:
///
///     F(θ) = Σᵢ wᵢ ℓ(f(xᵢ; θ), yᵢ) / Σᵢ wᵢ
///
/// with all wᵢ = 1 where the data has no weights. The mean over a batch is Σ_{i ∈ batch} n wᵢ ℓᵢ /
/// (|batch| Σ w), whose expectation over uniform batches is F. What it offers follows from the
/// loss: a Hessian for TwiceDifferentiableLoss, no gradient for ZeroOneLoss; over a Measure it has
/// a value alone.
///
/// One pass over the data computes predictions, losses and gradient block by block, while a block
/// is in cache. Sums are cut into chunks by the data alone, so that results have the same bits on
/// any number of threads, and are in double also for float data. Nothing is allocated after the
/// first call of a kind. A risk is a cheap value (the data is shared) that holds the memory it
/// works in: use an object from one thread at a time, and give each thread a copy. `T` is the type
/// of the parameters: that of the data, or double with `in_double()`.
template <Model M, class L, class Rows, class T = typename Rows::Scalar>
class EmpiricalRisk {
public:
    using Scalar = T;
    using Point = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

    static constexpr bool convex = is_convex<L>;
    static constexpr bool measure = Measure<L>;
    static constexpr bool many = ManyOutputModel<M>;

    /// Throws std::invalid_argument where model and data differ in features, a target does not fit
    /// the loss, or a feature is not finite.
    EmpiricalRisk(M model, L loss, Dataset<Rows> data)
        : model_(std::move(model)), loss_{.loss = std::move(loss)}, data_(std::move(data)) {
        model_.check();
        if constexpr (requires { loss_.loss.check(); }) loss_.loss.check();
        check_examples(model_, loss_.loss, data_);
        loss_.targets = data_.targets().data();
        if (data_.weighted()) {
            loss_.weights = data_.weights().data();
            loss_.weight_scale = static_cast<double>(examples()) / data_.weights().sum();
        }
        plan_ = PassPlan::over(examples(), data_.rows().nonzeros(), sizeof(*data_.rows().values),
                               model_.outputs(), parameters());
    }

    /// The same risk of float data with parameters in double: what high accuracy needs.
    [[nodiscard]] auto in_double() const {
        return EmpiricalRisk<M, L, Rows, double>(model_, loss_.loss, data_);
    }

    [[nodiscard]] Index examples() const { return data_.examples(); }
    [[nodiscard]] Index parameters() const { return model_.parameters(); }
    /// How many parameters, from the first on, a penalty applies to: all but the intercepts.
    [[nodiscard]] Index penalized() const { return model_.penalized(); }
    [[nodiscard]] auto blocks() const { return model_.blocks(); }
    /// The parameter vector of all zeros.
    [[nodiscard]] Point zero() const { return Point::Zero(parameters()); }

    [[nodiscard]] const M& model() const { return model_; }
    [[nodiscard]] const L& loss() const { return loss_.loss; }
    [[nodiscard]] const Dataset<Rows>& data() const { return data_; }

    /// Which way is good: false for every loss, and for a Measure what it says of itself.
    [[nodiscard]] static constexpr bool higher_is_better() {
        if constexpr (measure) return L::higher_is_better;
        return false;
    }

    /// F(θ), or the measure of all predictions.
    template <class X>
    double value(const Eigen::MatrixBase<X>& theta) const {
        const Eigen::Ref<const Point> point = checked(theta);
        if constexpr (measure) {
            predict_all(point.data());
            const Eigen::ArrayXd weights = data_.weights();
            return loss_.loss.value(memory_->predictions, Eigen::ArrayXd(data_.targets()), weights);
        } else {
            return mean_loss({}, examples(), point.data());
        }
    }

    /// The mean over a batch of examples.
    template <class X>
        requires(!measure)
    double value(const Eigen::MatrixBase<X>& theta, Batch batch) const {
        check_batch(batch, examples());
        return mean_loss(batch, static_cast<Index>(batch.size()), checked(theta).data());
    }

    /// F(θ), and ∇F(θ) into g.
    template <class X, class G>
        requires SurrogateLoss<L>
    double value_and_gradient(const Eigen::MatrixBase<X>& theta,
                              Eigen::PlainObjectBase<G>& g) const {
        return gradient_pass({}, examples(), checked(theta).data(), g.derived());
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
        const auto count = static_cast<Index>(batch.size());
        return gradient_pass(batch, count, checked(theta).data(), g.derived());
    }

    /// ∇²F(θ) into H, both triangles.
    template <class X, class H>
        requires TwiceDifferentiableLoss<L>
    void hessian(const Eigen::MatrixBase<X>& theta, Eigen::PlainObjectBase<H>& hessian) const {
        const Eigen::Ref<const Point> point = checked(theta);
        const Index m = parameters();
        hessian.derived().resize(m, m);
        const Chunks chunks = plan_.hessian_chunks(examples(), parameters());
        prepare(chunks.count(), PassPlan::hessian_block);
        Eigen::Map<Eigen::Matrix<Scalar, Eigen::Dynamic, 1>> out(hessian.derived().data(), m * m);
        parallel_sum(chunks, memory_->curvature, out, [&](Index begin, Index end, auto& partial) {
            Space& space = memory_->spaces[static_cast<std::size_t>(begin / chunks.size)];
            Eigen::Map<Eigen::MatrixXd> sum(partial.data(), m, m);
            for_each_row_block(data_.rows(), {}, begin, end, PassPlan::hessian_block,
                               [&](const RowBlock<Rows>& block) {
                                   predict(block, point.data(), space);
                                   loss_.curvatures(block, space.loss, model_.outputs(),
                                                    [&](const auto& c, Index a, Index b) {
                                                        model_.add_curvature(block, c, a, b, sum,
                                                                             space.model);
                                                    });
                               });
            return 0.0;
        });
        hessian.derived() *= static_cast<Scalar>(1 / static_cast<double>(examples()));
        hessian.derived().template triangularView<Eigen::StrictlyUpper>() =
            hessian.derived().transpose();
    }

    /// ∇²F(θ) v into Hv, in one pass over the data.
    template <class X, class W, class G>
        requires TwiceDifferentiableLoss<L>
    void hessian_product(const Eigen::MatrixBase<X>& theta, const Eigen::MatrixBase<W>& v,
                         Eigen::PlainObjectBase<G>& product) const {
        const Eigen::Ref<const Point> point = checked(theta);
        const Eigen::Ref<const Point> direction = checked(v);
        mean_vectors({}, examples(), product.derived(),
                     [&](const RowBlock<Rows>& block, Space& space, double* g) {
                         predict(block, direction.data(), space);
                         std::swap(space.loss.predictions, space.loss.directions);
                         predict(block, point.data(), space);
                         loss_.curvature_products(block, space.loss, model_.outputs());
                         model_.add_gradient(block, space.loss.slopes.data(), g, space.model);
                         return 0.0;
                     });
    }

    /// What solvers of linear models work on.
    [[nodiscard]] auto linear_problem() const
        requires SurrogateLoss<L>
    {
        return LinearProblem<M, L, Rows>{model_,        loss_.loss,    data_.rows(),
                                         loss_.targets, loss_.weights, loss_.weight_scale};
    }

    /// The functions that F is the plain mean of, one by one, to be looked at so often.
    [[nodiscard]] auto linear_terms(Index) const
        requires std::same_as<M, Linear> && ScalarLoss<L> && SurrogateLoss<L>
    {
        return LinearTerms<L, Rows>{loss_.loss,    data_.rows(),       loss_.targets,
                                    loss_.weights, loss_.weight_scale, model_.intercept};
    }

    /// f(xᵢ; θ) for all examples: n numbers, or n rows of them for a model of many outputs.
    template <class X>
    [[nodiscard]] auto predictions(const Eigen::MatrixBase<X>& theta) const {
        const Eigen::Ref<const Point> point = checked(theta);
        predict_all(point.data());
        return memory_->predictions;
    }

    /// ℓ(f(xᵢ; θ), yᵢ) for all examples, without their weights.
    template <class X>
        requires(!measure)
    [[nodiscard]] Eigen::ArrayXd losses(const Eigen::MatrixBase<X>& theta) const {
        const Eigen::Ref<const Point> point = checked(theta);
        Eigen::ArrayXd result(examples());
        prepare(1, plan_.block);
        for_each_row_block(
            data_.rows(), {}, 0, examples(), plan_.block, [&](const RowBlock<Rows>& block) {
                Space& space = memory_->spaces[0];
                predict(block, point.data(), space);
                loss_.losses(block, space.loss, model_.outputs(), result.data() + block.first);
            });
        return result;
    }

    /// L = L_ℓ λmax(Σ wᵢ x̃ᵢ x̃ᵢᵀ / Σ wᵢ), rounded up, with x̃ = [x; 1] where there is an intercept.
    [[nodiscard]] double smoothness() const
        requires Smooth<L>
    {
        return loss_.loss.smoothness() * spectrum().largest_eigenvalue();
    }

    /// The largest smoothness of the functions that F is the plain mean of,
    /// L_ℓ maxᵢ (n wᵢ / Σ w) ‖x̃ᵢ‖²: what steps on single examples must go by.
    [[nodiscard]] double smoothness_per_example() const
        requires Smooth<L>
    {
        return loss_.loss.smoothness() * spectrum().largest_example();
    }

    /// G_ℓ Σ wᵢ ‖x̃ᵢ‖ / Σ wᵢ.
    [[nodiscard]] double lipschitz() const
        requires LipschitzContinuous<L>
    {
        return loss_.loss.lipschitz() * spectrum().mean_length();
    }

    /// μ of F + ½ shift ‖penalized part‖², rounded down. A loss that is strongly convex in its
    /// prediction passes that on as far as the examples span all directions; otherwise it is
    /// `shift` where all parameters are penalized, 0 with a free intercept.
    [[nodiscard]] double strong_convexity(double shift = 0) const {
        if constexpr (!convex) {
            return 0;
        } else {
            const double least = penalized() == parameters() ? shift : 0;
            if constexpr (StronglyConvex<L>) {
                const double mu = loss_.loss.strong_convexity();
                if (mu > 0) return std::max(least, mu * spectrum().smallest_eigenvalue(shift / mu));
            }
            return least;
        }
    }

    /// Says in a compile error why there is no gradient, where the loss knows why.
    template <class Asked>
        requires requires { L::template explain<Asked>(); }
    static consteval bool explain() {
        return L::template explain<Asked>();
    }

private:
    using Memory = PassMemory<M, Scalar, many>;
    using Space = typename Memory::Space;

    M model_;
    BlockLoss<L, Scalar, many> loss_;
    Dataset<Rows> data_;
    PassPlan plan_;
    Scratch<Memory> memory_;
    Scratch<std::optional<GramSpectrum<Rows>>> spectrum_;

    static_assert(measure || (many ? ManyOutputLoss<L> : ScalarLoss<L>),
                  "loss and model disagree in predictions an example: Linear makes one, for "
                  "LogisticLoss, SquaredLoss, ...; LinearMulticlass makes several, for "
                  "SoftmaxCrossEntropy");

    template <class X>
    Eigen::Ref<const Point> checked(const Eigen::MatrixBase<X>& theta) const {
        static_assert(std::same_as<typename X::Scalar, Scalar>,
                      "parameters and data must be of one type, float or double: begin at "
                      "risk.zero(), cast one of them, or take risk.in_double()");
        if (theta.size() != parameters())
            throw std::invalid_argument("EmpiricalRisk: the parameter vector has " +
                                        std::to_string(theta.size()) + " numbers, the model " +
                                        std::to_string(parameters()));
        return theta.derived();
    }

    void prepare(Index chunks, Index block) const {
        memory_->prepare(chunks, block, model_.outputs());
    }

    void predict(const RowBlock<Rows>& block, const Scalar* theta, Space& space) const {
        model_.predict(block, theta, space.loss.predictions.data(), space.model);
    }

    void predict_all(const Scalar* theta) const {
        prepare(1, plan_.block);
        auto& all = memory_->predictions;
        if constexpr (many)
            all.resize(examples(), model_.outputs());
        else
            all.resize(examples());
        for_each_row_block(
            data_.rows(), {}, 0, examples(), plan_.block, [&](const RowBlock<Rows>& block) {
                model_.predict(block, theta, all.data() + block.first * model_.outputs(),
                               memory_->spaces[0].model);
            });
    }

    double mean_loss(Batch picked, Index count, const Scalar* theta) const {
        const Chunks chunks = chunks_for(count, plan_.grain);
        prepare(chunks.count(), plan_.block);
        const auto sum_chunk = [&](Index begin, Index end) {
            Space& space = memory_->spaces[static_cast<std::size_t>(begin / chunks.size)];
            double total = 0;
            for_each_row_block(
                data_.rows(), {picked, {}}, begin, end, plan_.block, [&](RowBlock<Rows> block) {
                    block.with_predict = block.ahead;
                    predict(block, theta, space);
                    total += loss_.template sum<false>(block, space.loss, model_.outputs());
                });
            return total;
        };
        return parallel_sum(count, sum_chunk, plan_.grain) / static_cast<double>(count);
    }

    template <class G>
    double gradient_pass(WeightedBatch picked, Index count, const Scalar* theta,
                         G& gradient) const {
        return mean_vectors(
            picked, count, gradient, [&](const RowBlock<Rows>& block, Space& space, double* g) {
                predict(block, theta, space);
                const double sum = loss_.template sum<true>(block, space.loss, model_.outputs());
                model_.add_gradient(block, space.loss.slopes.data(), g, space.model);
                return sum;
            });
    }

    /// The mean of the vectors and numbers that `add` adds up block by block, `count` examples in
    /// all.
    template <class G, class Add>
    double mean_vectors(WeightedBatch picked, Index count, G& out, const Add& add) const {
        out.resize(parameters());
        const double share = 1 / static_cast<double>(count);
        const auto add_all = [&](Index begin, Index end, Space& space, double* g) {
            double total = 0;
            for_each_row_block(data_.rows(), picked, begin, end, plan_.block,
                               [&](const RowBlock<Rows>& block) { total += add(block, space, g); });
            return total;
        };
        double total = 0;
        if (std::same_as<Scalar, double> && count <= plan_.grain) {
            // One chunk: what a small batch costs is the work itself.
            if constexpr (std::same_as<Scalar, double>) {
                prepare(1, plan_.block);
                out.setZero();
                total = add_all(0, count, memory_->spaces[0], out.data());
            }
        } else {
            const Chunks chunks = chunks_for(count, plan_.grain, plan_.most);
            prepare(chunks.count(), plan_.block);
            total = parallel_sum(
                chunks, memory_->sums, out, [&](Index begin, Index end, auto& partial) {
                    const auto chunk = static_cast<std::size_t>(begin / chunks.size);
                    return add_all(begin, end, memory_->spaces[chunk], partial.data());
                });
        }
        out *= static_cast<Scalar>(share);
        return total * share;
    }

    const GramSpectrum<Rows>& spectrum() const {
        if (!*spectrum_) spectrum_->emplace(data_, model_.penalized() < model_.parameters());
        return **spectrum_;
    }
};

}  // namespace ermine
