// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/vector.hpp>

namespace ermine {

/// What finite_difference(f) makes: an objective whose derivatives are central differences.
///
/// The step along coordinate i is ε^⅓ max(|x_i|, 1) for gradients, and ε^¼ max(|x_i|, 1) where a
/// Hessian is taken from values alone, ε the rounding unit of x's numbers: the choice that balances
/// truncation and rounding (Dennis & Schnabel 1996, section 5.6). Expect relative errors of about
/// 1e-10 in gradients of double, and 1e-7 in Hessians from values. Costs 2 n values for a gradient;
/// 2 n gradients or 2 n² values for a Hessian. `x` is never written to: a copy is moved.
template <class F>
class FiniteDifference {
public:
    explicit FiniteDifference(F f) : f_(std::move(f)) {}

    /// The relative error of a product with the Hessian, of a well scaled f.
    template <Vector V>
    static double curvature_accuracy() {
        const auto unit = static_cast<double>(std::numeric_limits<typename V::Scalar>::epsilon());
        return std::pow(unit, Differentiable<F, V> ? 0.6 : 0.4);
    }

    /// f(x).
    template <Vector V>
    double value(const V& x) const {
        if constexpr (Objective<F, V>)
            return static_cast<double>(f_.value(x));
        else
            return static_cast<double>(f_(x));
    }

    /// f(x), and the difference quotients into g.
    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        V point = x;
        g.resize(x.size());
        for (Index i = 0; i < x.size(); ++i) {
            const auto [ahead, behind, width] = move(x, i, third<V>);
            point[i] = ahead;
            const double above = value(point);
            point[i] = behind;
            const double below = value(point);
            point[i] = x[i];
            g[i] = static_cast<typename V::Scalar>((above - below) / width);
        }
        return value(x);
    }

    /// The Hessian, from gradients when f has them, else from values; both triangles, symmetric.
    template <Vector V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        using Scalar = typename V::Scalar;
        const Index n = x.size();
        H.resize(n, n);
        V point = x;
        if constexpr (Differentiable<F, V>) {
            V above(n);
            V below(n);
            for (Index i = 0; i < n; ++i) {
                const auto [ahead, behind, width] = move(x, i, third<V>);
                point[i] = ahead;
                f_.value_and_gradient(std::as_const(point), above);
                point[i] = behind;
                f_.value_and_gradient(std::as_const(point), below);
                point[i] = x[i];
                H.col(i) = (above - below) / static_cast<Scalar>(width);
            }
            for (Index i = 0; i < n; ++i)
                for (Index j = 0; j < i; ++j) H(i, j) = H(j, i) = Scalar(0.5) * (H(i, j) + H(j, i));
        } else {
            const double here = value(x);
            for (Index i = 0; i < n; ++i) {
                const auto [up_i, down_i, width_i] = move(x, i, fourth<V>);
                point[i] = up_i;
                const double above = value(point);
                point[i] = down_i;
                const double below = value(point);
                H(i, i) = static_cast<Scalar>(((above - here) - (here - below)) /
                                              (0.25 * width_i * width_i));
                for (Index j = 0; j < i; ++j) {
                    const auto [up_j, down_j, width_j] = move(x, j, fourth<V>);
                    double corners = 0;
                    point[i] = up_i;
                    point[j] = up_j;
                    corners += value(point);
                    point[j] = down_j;
                    corners -= value(point);
                    point[i] = down_i;
                    corners += value(point);
                    point[j] = up_j;
                    corners -= value(point);
                    point[j] = x[j];
                    H(i, j) = H(j, i) = static_cast<Scalar>(corners / (width_i * width_j));
                }
                point[i] = x[i];
            }
        }
    }

    /// The Hessian times v, the difference of two gradients along v; by differences of values when
    /// f has no gradient.
    template <Vector V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        using Scalar = typename V::Scalar;
        const auto length = static_cast<double>(v.norm());
        if (!(length > 0)) {
            Hv = v;  // zero, or NaN
            return;
        }
        const double unit = Differentiable<F, V> ? third<V> : fourth<V>;
        const auto step = static_cast<Scalar>(
            unit * std::max(static_cast<double>(x.template lpNorm<Eigen::Infinity>()), 1.0) /
            length);
        const V ahead = x + step * v;
        const V behind = x - step * v;
        V above(x.size());
        V below(x.size());
        if constexpr (Differentiable<F, V>) {
            f_.value_and_gradient(ahead, above);
            f_.value_and_gradient(behind, below);
        } else {
            value_and_gradient(ahead, above);
            value_and_gradient(behind, below);
        }
        Hv = (above - below) / (2 * step);
    }

private:
    template <class V>
    inline static const double third =
        std::cbrt(static_cast<double>(std::numeric_limits<typename V::Scalar>::epsilon()));
    template <class V>
    inline static const double fourth = std::sqrt(
        std::sqrt(static_cast<double>(std::numeric_limits<typename V::Scalar>::epsilon())));

    // The two places along coordinate i as they are after rounding, and how far apart they are.
    template <class V>
    static auto move(const V& x, Index i, double unit) {
        using Scalar = typename V::Scalar;
        struct Places {
            Scalar ahead;
            Scalar behind;
            double width;
        };
        const auto here = static_cast<double>(x[i]);
        const double step = unit * std::max(std::abs(here), 1.0);
        const auto ahead = static_cast<Scalar>(here + step);
        const auto behind = static_cast<Scalar>(here - step);
        return Places{ahead, behind, static_cast<double>(ahead) - static_cast<double>(behind)};
    }

    F f_;
};

/// An objective with approximate gradient and Hessian. `f` has `f.value(x)`, or is a function of a
/// vector; where it also has `value_and_gradient`, that serves the Hessian. Prefer `autodiff` for
/// functions that can be computed with any type of number.
template <class F>
auto finite_difference(F f) {
    return FiniteDifference<F>(std::move(f));
}

}  // namespace ermine
