// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>

namespace ermine {

/// What products with the Hessian are taken of: f.hessian_product(x, v, Hv) where f has it, ...
template <class F, class V>
struct HessianProducts {
    explicit HessianProducts(Index) {}

    /// Told once at each new point.
    void at(const auto&, const V&) {}

    /// Hv ← ∇²f(x) v.
    void multiply(const auto& f, const V& x, const V& v, V& product) const {
        f.hessian_product(x, v, product);
    }
};

/// ... otherwise the Hessian itself, dense or sparse, formed once at each point.
template <class F, class V>
    requires(!CurvatureProducts<F, V> && TwiceDifferentiable<F, V>)
struct HessianProducts<F, V> {
    HessianMatrix<F, V> hessian;

    explicit HessianProducts(Index n) {
        if constexpr (V::RowsAtCompileTime == Eigen::Dynamic) hessian.resize(n, n);
    }

    void at(const auto& f, const V& x) { f.hessian(x, hessian); }

    void multiply(const auto&, const V&, const V& v, V& product) const {
        product.noalias() = hessian * v;
    }
};

/// Whether there are any.
template <class F, class V>
concept HasHessianProducts = CurvatureProducts<F, V> || TwiceDifferentiable<F, V>;

}  // namespace ermine
