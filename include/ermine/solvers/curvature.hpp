// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>

#include <type_traits>

namespace ermine {

/// Products with the Hessian of f at one point: by f.hessian_product where f offers it; otherwise
/// the Hessian is formed once for each point.
template <class F, class V>
class Curvature {
public:
    explicit Curvature(Index n) {
        if constexpr (formed) hessian_.setZero(n, n);
    }

    /// Goes to the point x.
    void look(const F& f, const V& x) {
        if constexpr (formed) f.hessian(x, hessian_);
    }

    /// product = ∇²f(x) v, for the x of the last look.
    void apply(const F& f, const V& x, const V& v, V& product) const {
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
