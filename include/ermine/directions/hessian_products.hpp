// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>

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

/// ... or what the products at one point share is kept, up to 1 GB of it.
template <class F, class V>
    requires CurvatureProducts<F, V> && requires(const F& f, const V& x) { f.curvature_at(x); }
struct HessianProducts<F, V> {
    using Retained = decltype(std::declval<const F&>().curvature_at(std::declval<const V&>()));

    std::optional<Retained> retained;

    explicit HessianProducts(Index) {}

    void at(const F& f, const V& x) {
        retained.reset();
        if (Retained::bytes(f) <= 1e9) retained.emplace(f.curvature_at(x));
    }

    void multiply(const F& f, const V& x, const V& v, V& product) const {
        if (retained)
            retained->hessian_product(v, product);
        else
            f.hessian_product(x, v, product);
    }
};

/// Whether there are any.
template <class F, class V>
concept HasHessianProducts = CurvatureProducts<F, V> || TwiceDifferentiable<F, V>;

}  // namespace ermine
