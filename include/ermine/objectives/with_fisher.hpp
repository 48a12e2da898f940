// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/objectives/forwarding.hpp>

namespace ermine {

/// What with_fisher makes.
template <class F>
class WithFisher : public Forwarding<F> {
public:
    explicit WithFisher(F f) : Forwarding<F>(std::move(f)) {}

    /// F(x) v into Fv, with the Fisher matrix.
    template <class V>
    void hessian_product(const V& x, const V& v, V& Fv) const {
        this->f_.fisher_product(x, v, Fv);
    }
};

/// The same risk with its Fisher matrix in place of its Hessian: never indefinite. Newton's method
/// on it is the natural gradient (Amari, "Natural gradient works efficiently in learning", Neural
/// Computation 10, 1998), by conjugate gradients and products alone:
///
///     minimize(with_fisher(risk), x0, FullGradient{} | NewtonCg{} | Backtracking{})
template <class F>
auto with_fisher(F f) {
    constexpr bool has_fisher = requires(const F& g, const Eigen::VectorXd& x, Eigen::VectorXd& y) {
        g.fisher_product(x, x, y);
    } || requires(const F& g, const Eigen::VectorXf& x, Eigen::VectorXf& y) {
        g.fisher_product(x, x, y);
    };
    static_assert(has_fisher,
                  "with_fisher needs f.fisher_product(x, v, Fv), which the EmpiricalRisk of a "
                  "network has where its loss is a negative log-likelihood (SquaredLoss, "
                  "LogisticLoss, BinaryCrossEntropy, SoftmaxCrossEntropy, PoissonLoss)");
    return WithFisher<F>(std::move(f));
}

}  // namespace ermine
