// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// x² y: a whole line of stationary points, x = 0, on which nothing is isolated and the Hessian is
/// singular. At (0, y) its eigenvalues are 2y and 0: for y > 0 a valley of minima with value 0, for
/// y < 0 a ridge of saddle points of index 1, and at the origin, where both meet, gradient and
/// Hessian vanish. Unbounded below for y < 0.
struct SquaredTimesLinear {
    template <Vector V>
    double value(const V& p) const {
        check(p.size());
        const double x = static_cast<double>(p[0]);
        return x * x * static_cast<double>(p[1]);
    }

    template <Vector V>
    double value_and_gradient(const V& p, V& g) const {
        check(p.size());
        g.resize(2);
        g[0] = 2 * p[0] * p[1];
        g[1] = p[0] * p[0];
        return value(p);
    }

    template <Vector V>
    void hessian(const V& p, SquareMatrix<V>& H) const {
        check(p.size());
        H.setZero(2, 2);
        H(0, 0) = 2 * p[1];
        H(0, 1) = H(1, 0) = 2 * p[0];
    }

    template <Vector V>
    void hessian_product(const V& p, const V& v, V& Hv) const {
        check(p.size());
        check(v.size());
        Hv.resize(2);
        Hv[0] = 2 * (p[1] * v[0] + p[0] * v[1]);
        Hv[1] = 2 * p[0] * v[0];
    }

private:
    static void check(Index size) {
        if (size != 2)
            throw std::invalid_argument("SquaredTimesLinear: x has " + std::to_string(size) +
                                        " numbers; the function is one of 2");
    }
};

}  // namespace ermine
