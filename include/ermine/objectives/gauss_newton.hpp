// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/panel_product.hpp>

namespace ermine {

/// What gauss_newton makes.
template <class F>
class GaussNewton {
public:
    explicit GaussNewton(F f) : f_(std::move(f)) {}

    template <class V>
    double value(const V& x) const
        requires LeastSquares<F, V>
    {
        return static_cast<double>(f_.value(x));
    }

    template <class V>
    double value_and_gradient(const V& x, V& g) const
        requires LeastSquares<F, V>
    {
        ResidualVector<V> r;
        JacobianMatrix<V> J;
        f_.residuals(x, r);
        f_.jacobian(x, J);
        g.noalias() = 2 * (J.transpose() * r);
        return r.template cast<double>().squaredNorm();
    }

    /// 2 JᵀJ into H.
    template <class V>
    void hessian(const V& x, SquareMatrix<V>& H) const
        requires LeastSquares<F, V>
    {
        JacobianMatrix<V> J;
        f_.jacobian(x, J);
        panel_product(H, J.transpose(), J);
        H *= 2;
    }

    template <class V>
    void residuals(const V& x, ResidualVector<V>& r) const
        requires LeastSquares<F, V>
    {
        f_.residuals(x, r);
    }

    template <class V>
    void jacobian(const V& x, JacobianMatrix<V>& J) const
        requires LeastSquares<F, V>
    {
        f_.jacobian(x, J);
    }

private:
    F f_;
};

/// The same sum of squares with 2 JᵀJ in place of its Hessian, which leaves out the second
/// derivatives of the residuals: it is never indefinite, and right where the residuals vanish or
/// are linear. `minimize(gauss_newton(f), x0, newton())` is the Gauss–Newton method with a line
/// search (Nocedal & Wright 2006, section 10.3). LevenbergMarquardt is safer and more exact.
template <class F>
auto gauss_newton(F f) {
    return GaussNewton<F>(std::move(f));
}

}  // namespace ermine
