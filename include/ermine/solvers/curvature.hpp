// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>

namespace ermine {

/// Whether H v can be had: by f.hessian_product, or by forming f.hessian.
template <class F, class V>
concept HasCurvature = CurvatureProducts<F, V> || TwiceDifferentiable<F, V>;

/// Products with the Hessian at one point: by f.hessian_product where f offers it; otherwise the
/// Hessian is formed once for each point.
template <class F, class V>
class Curvature {
public:
    explicit Curvature(Index n) {
        if constexpr (formed) hessian_.setZero(n, n);
    }

    /// Goes to the point x, of which f is asked until the next call.
    void at(const auto& f, const V& x) {
        if constexpr (formed) f.hessian(x, hessian_);
    }

    void apply(const auto& f, const V& x, const V& v, V& product) const {
        if constexpr (formed)
            product.noalias() = hessian_ * v;
        else
            f.hessian_product(x, v, product);
    }

private:
    static constexpr bool formed = !CurvatureProducts<F, V>;
    struct Nothing {};
    [[no_unique_address]] std::conditional_t<formed, SquareMatrix<V>, Nothing> hessian_;
};

}  // namespace ermine
