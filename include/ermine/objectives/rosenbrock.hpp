// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Σᵢ steepness (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², a curved valley with its minimum 0 at (1, …, 1)
/// (Rosenbrock, "An automatic method for finding the greatest or least value of a function",
/// Computer Journal 3, 1960, for two variables; the chained form for more has another local
/// minimum near (−1, 1, …, 1) from four on). The usual start is (−1.2, 1).
struct Rosenbrock {
    double steepness = 100;

    /// (1, …, 1), where the value is 0.
    template <Vector V>
    [[nodiscard]] static V minimum(Index size = V::RowsAtCompileTime) {
        return V::Ones(size);
    }

    template <Vector V>
    double value(const V& x) const {
        check(x.size());
        double sum = 0;
        for (Index i = 0; i + 1 < x.size(); ++i) {
            const double a = static_cast<double>(x[i]);
            const double r = static_cast<double>(x[i + 1]) - a * a;
            sum += steepness * r * r + (1 - a) * (1 - a);
        }
        return sum;
    }

    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        check(x.size());
        g.setZero(x.size());
        double sum = 0;
        for (Index i = 0; i + 1 < x.size(); ++i) {
            const double a = static_cast<double>(x[i]);
            const double r = static_cast<double>(x[i + 1]) - a * a;
            sum += steepness * r * r + (1 - a) * (1 - a);
            g[i] += static_cast<typename V::Scalar>(-4 * steepness * r * a - 2 * (1 - a));
            g[i + 1] += static_cast<typename V::Scalar>(2 * steepness * r);
        }
        return sum;
    }

    template <Vector V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        check(x.size());
        using T = typename V::Scalar;
        H.setZero(x.size(), x.size());
        for (Index i = 0; i + 1 < x.size(); ++i) {
            const double a = static_cast<double>(x[i]);
            const double r = static_cast<double>(x[i + 1]) - a * a;
            H(i, i) += static_cast<T>(steepness * (8 * a * a - 4 * r) + 2);
            H(i + 1, i + 1) += static_cast<T>(2 * steepness);
            H(i, i + 1) = H(i + 1, i) = static_cast<T>(-4 * steepness * a);
        }
    }

private:
    static void check(Index size) {
        if (size < 2)
            throw std::invalid_argument("Rosenbrock: x has " + std::to_string(size) +
                                        " numbers; the function needs at least 2");
    }
};

}  // namespace ermine
