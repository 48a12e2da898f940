// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// 20 (1 − exp(−s/5)) + e − exp((1/n) Σ cos 2π xᵢ), with s = √(Σ xᵢ² / n): a nearly flat plain full
/// of local minima around a funnel (Ackley, "A connectionist machine for genetic hillclimbing",
/// 1987). The global minimum, 0, is at the origin, and is a kink: s has none but directional
/// derivatives there, and the value grows like 4 s. At the origin the gradient is given as 0, a
/// subgradient, and the Hessian, which does not exist, as NaN; close to it the second derivatives
/// grow like 4 / (n s). Usually looked at in the box −32.768 <= xᵢ <= 32.768.
struct Ackley {
    /// The origin, where the value is 0.
    template <Vector V>
    [[nodiscard]] static V minimum(Index size = V::RowsAtCompileTime) {
        return V::Zero(size);
    }

    template <Vector V>
    double value(const V& x) const {
        return look(x).value;
    }

    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        const Look at = look(x);
        const double n = static_cast<double>(x.size());
        const double radial = at.s > 0 ? 4 * std::exp(-at.s / 5) / (n * at.s) : 0;
        g.resize(x.size());
        for (Index i = 0; i < x.size(); ++i) {
            const double t = static_cast<double>(x[i]);
            g[i] = static_cast<typename V::Scalar>(radial * t +
                                                   at.ripple * two_pi / n * std::sin(two_pi * t));
        }
        return at.value;
    }

    template <Vector V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        const Look at = look(x);
        using T = typename V::Scalar;
        H.resize(x.size(), x.size());
        if (!(at.s > 0)) {
            H.setConstant(std::numeric_limits<T>::quiet_NaN());
            return;
        }
        const double n = static_cast<double>(x.size());
        const double radial = 4 * std::exp(-at.s / 5) / (n * at.s);
        // d(radial)/dxⱼ = −radial (1/s + 1/5) xⱼ / (n s)
        const double bend = radial * (1 / at.s + 0.2) / (n * at.s);
        for (Index j = 0; j < x.size(); ++j) {
            const double tj = static_cast<double>(x[j]);
            const double sj = two_pi / n * std::sin(two_pi * tj);
            for (Index i = 0; i <= j; ++i) {
                const double ti = static_cast<double>(x[i]);
                double entry = -bend * ti * tj;
                entry -= at.ripple * (two_pi / n * std::sin(two_pi * ti)) * sj;
                if (i == j)
                    entry += radial + at.ripple * two_pi * two_pi / n * std::cos(two_pi * tj);
                H(i, j) = H(j, i) = static_cast<T>(entry);
            }
        }
    }

private:
    static constexpr double two_pi = 2 * std::numbers::pi;

    struct Look {
        double value;
        double s;
        double ripple;  // exp of the mean cosine
    };

    template <class V>
    static Look look(const V& x) {
        if (x.size() == 0) throw std::invalid_argument("Ackley: x has no numbers");
        const double n = static_cast<double>(x.size());
        double squares = 0;
        double below = 0;  // the mean of cos − 1, without the cancellation at the minimum
        for (Index i = 0; i < x.size(); ++i) {
            const double t = static_cast<double>(x[i]);
            const double wave = std::sin(std::numbers::pi * t);
            squares += t * t;
            below -= 2 * (wave * wave);
        }
        const double s = std::sqrt(squares / n);
        const double e = std::numbers::e;
        return {-20 * std::expm1(-s / 5) - e * std::expm1(below / n), s, e * std::exp(below / n)};
    }
};

}  // namespace ermine
