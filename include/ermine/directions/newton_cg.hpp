// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/directions/hessian_products.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// Newton's direction by conjugate gradients, through products with the Hessian H alone (Nocedal &
/// Wright 2006, algorithm 7.1): H d = ∇f is solved until the residual is at most
/// min(½, √‖∇f‖) ‖∇f‖, which makes the convergence superlinear.
///
/// Where CG meets a direction p along which the curvature pᵀ H p is not positive, algorithm 7.1
/// stops and forgets it. Here the step goes along p, too, as far as CG would go with the curvature
/// |pᵀ H p|: each part of d goes downhill, and near a saddle the distance along p doubles from one
/// iteration to the next. (Royer, O'Neill & Wright 2020 step along p alone, by |pᵀ H p| / ‖p‖².)
struct NewtonCg {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool keeps_metric = false;
    static constexpr bool unit_length = true;  // the step to try first is 1

    Index products = 0;   ///< with the Hessian in an iteration, at most; 0: 2 n, at least 20
    double floor = 1e-8;  ///< of |curvature| where it is not positive, in units of the largest met

    template <class F, class V>
    struct State {
        HessianProducts<F, V> hessian;
        V residual;
        V along;
        V product;
        auto fields() { return std::tie(); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool fits = HasHessianProducts<SmoothPart<F>, V>;
        static_assert(fits,
                      "NewtonCg needs f.hessian_product(x, v, Hv) or f.hessian(x, H): write one, "
                      "wrap f in autodiff(f) or finite_difference(f), or use a method that needs "
                      "gradients alone, such as gradient_descent()");
        return fits;
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    State<F, V> start(const F&, const V& x) const {
        require_positive(floor, "NewtonCg.floor");
        if (products < 0)
            throw std::invalid_argument("NewtonCg.products is " + std::to_string(products) +
                                        ": it must not be negative");
        const V zero = V::Zero(x.size());
        return {HessianProducts<F, V>(x.size()), zero, zero, zero};
    }

    template <class F, class V>
    void direct(const auto& f, const V& x, V& d, State<F, V>& state) const {
        using Scalar = typename V::Scalar;
        auto& [hessian, residual, along, product] = state;
        hessian.at(f, x);
        residual = d;
        along = d;
        d.setZero();
        double squared = static_cast<double>(residual.squaredNorm());
        const double size = std::sqrt(squared);
        const double enough = std::min(0.5, std::sqrt(size)) * size;
        const Index most = products > 0 ? products : std::max(2 * x.size(), Index{20});
        const double noise = static_cast<double>(x.size()) *
                             static_cast<double>(std::numeric_limits<Scalar>::epsilon());
        double largest = 0;  // of the curvatures met
        for (Index step = 0; step < most && squared > 0; ++step) {
            hessian.multiply(f, x, along, product);
            const double bend = static_cast<double>(along.dot(product));
            const double length = static_cast<double>(along.norm());
            const double image = static_cast<double>(product.norm());
            largest = std::max(largest, image / length);
            if (!std::isfinite(image) || !std::isfinite(length)) {
                d.setConstant(std::numeric_limits<Scalar>::quiet_NaN());
                return;
            }
            if (!(bend > noise * length * image)) {
                const double least = largest > 0 ? floor * largest : 1;
                const double curvature = std::max(std::abs(bend) / length / length, least);
                d += static_cast<Scalar>(squared / length / length / curvature) * along;
                return;
            }
            d += static_cast<Scalar>(squared / bend) * along;
            residual -= static_cast<Scalar>(squared / bend) * product;
            const double before = squared;
            squared = static_cast<double>(residual.squaredNorm());
            if (std::sqrt(squared) <= enough) return;
            along = residual + static_cast<Scalar>(squared / before) * along;
        }
    }
};

}  // namespace ermine
