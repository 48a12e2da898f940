// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// x³ − 3 x y² + ½ Σ zᵢ², in two variables or more: at the origin gradient and, in x and y, Hessian
/// vanish, and three valleys and three ridges meet (two for the legs of a monkey, one for its
/// tail). The origin is the only stationary point; along the valleys, in the directions of −x and
/// 60° to either side of x, the value falls to −∞, like −‖(x, y)‖³.
///
/// Newton's method contracts towards the origin, by ½ a step; the Hessian has one negative and one
/// positive eigenvalue ∓6 ‖(x, y)‖ everywhere else, so that methods that see curvature leave.
struct MonkeySaddle {
    /// The origin.
    template <Vector V>
    [[nodiscard]] static V saddle(Index size = V::RowsAtCompileTime) {
        return V::Zero(size);
    }

    template <Vector V>
    double value(const V& p) const {
        check(p.size());
        const double x = static_cast<double>(p[0]);
        const double y = static_cast<double>(p[1]);
        double rest = 0;
        for (Index i = 2; i < p.size(); ++i)
            rest += static_cast<double>(p[i]) * static_cast<double>(p[i]);
        return x * (x * x - 3 * y * y) + rest / 2;
    }

    template <Vector V>
    double value_and_gradient(const V& p, V& g) const {
        using T = typename V::Scalar;
        const double result = value(p);
        const double x = static_cast<double>(p[0]);
        const double y = static_cast<double>(p[1]);
        g = p;
        g[0] = static_cast<T>(3 * (x - y) * (x + y));
        g[1] = static_cast<T>(-6 * x * y);
        return result;
    }

    template <Vector V>
    void hessian(const V& p, SquareMatrix<V>& H) const {
        check(p.size());
        H.setIdentity(p.size(), p.size());
        H(0, 0) = 6 * p[0];
        H(1, 1) = -6 * p[0];
        H(0, 1) = H(1, 0) = -6 * p[1];
    }

    template <Vector V>
    void hessian_product(const V& p, const V& v, V& Hv) const {
        check(p.size());
        Hv = v;
        Hv[0] = 6 * (p[0] * v[0] - p[1] * v[1]);
        Hv[1] = -6 * (p[1] * v[0] + p[0] * v[1]);
    }

private:
    static void check(Index size) {
        if (size < 2)
            throw std::invalid_argument("MonkeySaddle: x has " + std::to_string(size) +
                                        " numbers; the function needs at least 2");
    }
};

}  // namespace ermine
