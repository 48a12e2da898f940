// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/derivative_report.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// Compares the second derivatives that f has at x, f.hessian and f.hessian_product, with central
/// differences of its gradient, entry by entry, and reports the worst one. Products are checked
/// along three random directions, drawn from `seed`. Have the gradient checked first.
///
/// Errors are measured as check_gradient does. `tolerance` 0 stands for 1e-6 in double and 1e-2 in
/// float.
template <Vector V, Differentiable<V> F>
    requires TwiceDifferentiable<F, V> || CurvatureProducts<F, V>
DerivativeReport check_hessian(const F& f, const V& x, double tolerance = 0,
                               std::uint64_t seed = 1) {
    using Scalar = typename V::Scalar;
    const auto epsilon = static_cast<double>(std::numeric_limits<Scalar>::epsilon());
    const Index n = x.size();
    const double size = std::max(static_cast<double>(x.template lpNorm<Eigen::Infinity>()), 1.0);
    V g = x;
    f.value_and_gradient(x, g);
    const double slope = static_cast<double>(g.template lpNorm<Eigen::Infinity>());

    V above = x;
    V below = x;
    const auto quotient = [&](const V& v, double step) {
        const V ahead = x + static_cast<Scalar>(step) * v;
        const V behind = x - static_cast<Scalar>(step) * v;
        f.value_and_gradient(ahead, above);
        f.value_and_gradient(behind, below);
        const V moved = ahead - behind;
        // The step as it is after rounding.
        const double width =
            static_cast<double>(moved.dot(v)) / static_cast<double>(v.squaredNorm());
        return Eigen::VectorXd((above.template cast<double>() - below.template cast<double>()) /
                               width);
    };
    const auto compare = [&](DerivativeReport& report, Index column, const V& v, const V& Hv) {
        // Steps as long as the largest coordinate asks, in the direction of v.
        const double h = 2 * std::cbrt(epsilon) * size / static_cast<double>(v.norm());
        const Eigen::VectorXd wide = quotient(v, h);
        const Eigen::VectorXd narrow = quotient(v, h / 2);
        const double scale = static_cast<double>(Hv.template lpNorm<Eigen::Infinity>());
        for (Index i = 0; i < n; ++i) {
            const double numeric = narrow[i] + (narrow[i] - wide[i]) / 3;
            const double truncation = std::min(std::abs(narrow[i] - wide[i]), 1e-4 * scale);
            const double noise = truncation + 8 * epsilon * slope / h;
            report.compare(i, column, static_cast<double>(Hv[i]), numeric, scale, noise);
        }
    };

    DerivativeReport report{.what = "hessian", .row = -1};
    report.tolerance = tolerance > 0 ? tolerance : (sizeof(Scalar) > 4 ? 1e-6 : 1e-2);
    V v = x;
    V Hv = x;
    if constexpr (TwiceDifferentiable<F, V>) {
        SquareMatrix<V> H(n, n);
        f.hessian(x, H);
        for (Index j = 0; j < n; ++j) {
            v.setZero();
            v[j] = 1;
            Hv = H.col(j);
            compare(report, j, v, Hv);
        }
    }
    if constexpr (CurvatureProducts<F, V>) {
        DerivativeReport products{.what = "hessian_product", .row = -1};
        products.tolerance = report.tolerance;
        Random random{seed};
        for (Index direction = 0; direction < 3; ++direction) {
            for (Index i = 0; i < n; ++i) v[i] = static_cast<Scalar>(random.normal());
            f.hessian_product(x, v, Hv);
            compare(products, direction, v, Hv);
        }
        if (report.row < 0 || products.relative_error > report.relative_error) return products;
    }
    return report;
}

}  // namespace ermine
