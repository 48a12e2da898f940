// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Rosenbrock's curved valley (1960), chained over n >= 2 variables:
/// f(x) = Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², with the minimum 0 at x = (1, …, 1). The classical start
/// is (−1.2, 1).
struct Rosenbrock {
    template <class V>
    double value(const V& x) const {
        double sum = 0;
        for (Index i = 0; i + 1 < x.size(); ++i) {
            const double bent = static_cast<double>(x[i + 1]) - static_cast<double>(x[i] * x[i]);
            const double left = 1 - static_cast<double>(x[i]);
            sum += 100 * bent * bent + left * left;
        }
        return sum;
    }

    template <class V>
    double value_and_gradient(const V& x, V& g) const {
        using Scalar = typename V::Scalar;
        g.setZero(x.size());
        for (Index i = 0; i + 1 < x.size(); ++i) {
            const Scalar bent = x[i + 1] - x[i] * x[i];
            g[i] += -400 * x[i] * bent - 2 * (1 - x[i]);
            g[i + 1] += 200 * bent;
        }
        return value(x);
    }

    template <class V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        H.setZero(x.size(), x.size());
        for (Index i = 0; i + 1 < x.size(); ++i) {
            H(i, i) += 1200 * x[i] * x[i] - 400 * x[i + 1] + 2;
            H(i + 1, i + 1) += 200;
            H(i + 1, i) = H(i, i + 1) = -400 * x[i];
        }
    }

    template <class V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        Hv.setZero(x.size());
        for (Index i = 0; i + 1 < x.size(); ++i) {
            Hv[i] += (1200 * x[i] * x[i] - 400 * x[i + 1] + 2) * v[i] - 400 * x[i] * v[i + 1];
            Hv[i + 1] += 200 * v[i + 1] - 400 * x[i] * v[i];
        }
    }
};

}  // namespace ermine
