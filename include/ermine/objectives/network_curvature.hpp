// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/weighted_batch.hpp>
#include <ermine/models/network.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/batch_draw.hpp>
#include <ermine/objectives/check_examples.hpp>
#include <ermine/objectives/kronecker_factors.hpp>

namespace ermine {

/// What the empirical risk of a network, the heir, offers of curvature: products of a vector with
/// the Hessian, the generalized Gauss–Newton matrix, the Fisher matrix and the empirical Fisher
/// matrix, each over all examples at inference or over a batch in training, and the factors of
/// K-FAC.
template <class Risk, class M, class L, class T>
class NetworkCurvature {
    using Point = Eigen::Matrix<T, Eigen::Dynamic, 1>;

public:
    /// ∇²F(θ) v into Hv: exact, by the derivative of the backward pass (Pearlmutter 1994).
    template <class X, class W, class G>
        requires TwiceDifferentiableLoss<L>
    void hessian_product(const Eigen::MatrixBase<X>& theta, const Eigen::MatrixBase<W>& v,
                         Eigen::PlainObjectBase<G>& product) const {
        multiply<true>(theta, nullptr, v, product);
    }

    /// The same of the mean over a batch, in training.
    template <class X, class W, class G>
        requires TwiceDifferentiableLoss<L>
    void hessian_product(const Eigen::MatrixBase<X>& theta, Batch batch,
                         const Eigen::MatrixBase<W>& v, Eigen::PlainObjectBase<G>& product) const {
        multiply<true>(theta, &batch, v, product);
    }

    /// G v into Gv, with the generalized Gauss–Newton matrix G = (1/n) Σᵢ Jᵢᵀ ∇²ℓᵢ Jᵢ, Jᵢ the
    /// derivative of the outputs in θ: positive semidefinite for convex losses (Schraudolph, "Fast
    /// curvature matrix-vector products for second-order gradient descent", Neural Computation 14,
    /// 2002).
    template <class X, class W, class G>
        requires TwiceDifferentiableLoss<L>
    void gauss_newton_product(const Eigen::MatrixBase<X>& theta, const Eigen::MatrixBase<W>& v,
                              Eigen::PlainObjectBase<G>& product) const {
        multiply<false>(theta, nullptr, v, product);
    }

    /// The same of the mean over a batch, in training.
    template <class X, class W, class G>
        requires TwiceDifferentiableLoss<L>
    void gauss_newton_product(const Eigen::MatrixBase<X>& theta, Batch batch,
                              const Eigen::MatrixBase<W>& v,
                              Eigen::PlainObjectBase<G>& product) const {
        multiply<false>(theta, &batch, v, product);
    }

    /// F v into Fv, with the Fisher matrix F = (1/n) Σᵢ E[∇ℓ ∇ℓᵀ], ∇ℓ the gradient in θ for input
    /// xᵢ and a target from the model's own distribution at θ, whose negative log-likelihood the
    /// loss is. Of an exponential family with natural parameters, as of the losses that there are
    /// (SquaredLoss, a normal distribution of variance 1; LogisticLoss, BinaryCrossEntropy,
    /// SoftmaxCrossEntropy, PoissonLoss), it is the generalized Gauss–Newton matrix: E[∇ₚℓ ∇ₚℓᵀ] =
    /// ∇²ₚℓ, which no target changes (Martens 2020, section 9.2). Other losses have none.
    template <class X, class W, class G>
        requires(TwiceDifferentiableLoss<L> && is_natural_likelihood<L>)
    void fisher_product(const Eigen::MatrixBase<X>& theta, const Eigen::MatrixBase<W>& v,
                        Eigen::PlainObjectBase<G>& product) const {
        multiply<false>(theta, nullptr, v, product);
    }

    /// The same of the mean over a batch, in training.
    template <class X, class W, class G>
        requires(TwiceDifferentiableLoss<L> && is_natural_likelihood<L>)
    void fisher_product(const Eigen::MatrixBase<X>& theta, Batch batch,
                        const Eigen::MatrixBase<W>& v, Eigen::PlainObjectBase<G>& product) const {
        multiply<false>(theta, &batch, v, product);
    }

    /// E v into Ev, with the empirical Fisher matrix E = Σᵢ wᵢ gᵢ gᵢᵀ / Σᵢ wᵢ of the gradients gᵢ
    /// of single examples, without their weights: no curvature in general (Kunstner, Balles &
    /// Hennig, "Limitations of the empirical Fisher approximation", NeurIPS 2019).
    template <class X, class W, class G>
        requires SurrogateLoss<L>
    void empirical_fisher_product(const Eigen::MatrixBase<X>& theta, const Eigen::MatrixBase<W>& v,
                                  Eigen::PlainObjectBase<G>& product) const {
        multiply_empirical(theta, nullptr, v, product);
    }

    /// The same of the mean over a batch, in training.
    template <class X, class W, class G>
        requires SurrogateLoss<L>
    void empirical_fisher_product(const Eigen::MatrixBase<X>& theta, Batch batch,
                                  const Eigen::MatrixBase<W>& v,
                                  Eigen::PlainObjectBase<G>& product) const {
        multiply_empirical(theta, &batch, v, product);
    }

    /// The layers whose Fisher matrices KroneckerFactors approximates.
    [[nodiscard]] std::vector<KroneckerBlock> kronecker_blocks() const
        requires(is_dense_network<M> && SurrogateLoss<L>)
    {
        return kronecker_blocks_of(risk().model_);
    }

    /// The factors over all examples, at inference, of `factors.blocks`, which are this risk's.
    /// Targets are drawn from the model's own distribution, one an example, by numbers of seed, θ,
    /// batch and the place of the example alone. Throws std::invalid_argument where that is asked
    /// of a loss that cannot draw.
    template <class X>
        requires(is_dense_network<M> && SurrogateLoss<L>)
    void kronecker_factors(const Eigen::MatrixBase<X>& theta, const FactorTargets& targets,
                           KroneckerFactors<T>& factors) const {
        gather(theta, nullptr, targets, factors);
    }

    /// The same over a batch, in training.
    template <class X>
        requires(is_dense_network<M> && SurrogateLoss<L>)
    void kronecker_factors(const Eigen::MatrixBase<X>& theta, Batch batch,
                           const FactorTargets& targets, KroneckerFactors<T>& factors) const {
        gather(theta, &batch, targets, factors);
    }

private:
    const Risk& risk() const { return static_cast<const Risk&>(*this); }

    /// body(examples picked, their number, pass) for a batch, or all where there is none.
    void over(const Batch* batch, const Eigen::Ref<const Point>& theta, const auto& body) const {
        if (batch == nullptr) {
            body(WeightedBatch{}, risk().examples(), Pass{});
        } else {
            check_batch(*batch, risk().examples());
            body(WeightedBatch{*batch, {}}, Risk::count(*batch), risk().training(*batch, theta));
        }
    }

    template <bool hessian>
    void multiply(const auto& theta, const Batch* batch, const auto& v, auto& product) const {
        const Eigen::Ref<const Point> point = risk().checked(theta);
        const Eigen::Ref<const Point> along = risk().checked(v);
        over(batch, point, [&](const WeightedBatch& picked, Index count, const Pass& pass) {
            risk().template curvature_pass<hessian>(picked, count, pass, point, along,
                                                    product.derived());
        });
    }

    void multiply_empirical(const auto& theta, const Batch* batch, const auto& v,
                            auto& product) const {
        const Eigen::Ref<const Point> point = risk().checked(theta);
        const Eigen::Ref<const Point> along = risk().checked(v);
        product.derived().resize(risk().parameters());
        over(batch, point, [&](const WeightedBatch& picked, Index count, const Pass& start) {
            risk().each_piece(picked, count, start, [&](const Pass& pass) {
                auto& [network, columns, losses, size] = risk().memory();
                risk().model_.forward(pass, point.data(), network);
                risk().loss_.template sum<true>(*network.out, columns.targets, columns.weights,
                                                losses);
                risk().model_.tangent(pass, point.data(), along.data(), network);
                const auto steps = [&](Activations<T>& of, Index k) {  // a column each
                    return Eigen::Map<Activations<T>, 0, Eigen::OuterStride<>>(
                        of.col(k).data(), of.rows(), pass.steps,
                        Eigen::OuterStride<>(of.rows() * pass.examples));
                };
                for (Index k = 0; k < pass.examples; ++k) {
                    auto slope = steps(network.out->slope, k);
                    const T along_v =
                        slope.cwiseProduct(steps(network.out->value_tangent, k)).sum();
                    // of the two slopes in g gᵀ one alone has the weight of the example
                    const double w = risk().columns_.weight(columns, k);
                    slope *= w > 0 ? along_v * static_cast<T>(Risk::share(count) / w) : T(0);
                }
                risk().model_.backward(pass, point.data(), product.derived().data(), network);
            });
        });
    }

    void gather(const auto& theta, const Batch* batch, const FactorTargets& which,
                KroneckerFactors<T>& factors) const {
        const Eigen::Ref<const Point> point = risk().checked(theta);
        constexpr bool draws = GenerativeLoss<L, Random>;
        if (!draws && !which.empirical)
            throw std::invalid_argument(
                "kronecker_factors: the loss cannot draw targets from the distribution that "
                "predictions stand for: give it a member `draw`, or take the targets of the data "
                "by {.empirical = true}");
        factors.values.setZero();
        double total = 0;
        Index examples = 0;
        over(batch, point, [&](const WeightedBatch& picked, Index count, const Pass& start) {
            examples = count;
            std::uint64_t name = which.seed * 0x9e3779b97f4a7c15U ^
                                 batch_draw(picked.rows, point.data(), point.size());
            risk().each_piece(picked, count, start, [&](const Pass& pass) {
                auto& [network, columns, losses, size] = risk().memory();
                auto& targets = columns.targets;
                const auto& weights = columns.weights;
                risk().model_.forward(pass, point.data(), network);
                if constexpr (draws)
                    if (!which.empirical) risk().loss_.draw(*network.out, name++, targets);
                risk().loss_.template sum<true>(*network.out, targets, Eigen::ArrayXd(), losses);
                risk().room_->gradient.resize(point.size());
                risk().model_.backward(pass, point.data(), risk().room_->gradient.data(), network);
                total += weights.size() == 0 ? static_cast<double>(pass.examples) : weights.sum();
                each_dense_layer<T>(risk().model_, network,
                                    [&](std::size_t number, const Wire<T>& in, const Wire<T>& out) {
                                        factors.add(factors.blocks[number], in.value, out.slope,
                                                    weights);
                                    });
            });
        });
        factors.divide(total, examples);
    }
};

}  // namespace ermine
