// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require_same_size.hpp>

namespace ermine {

/// Σᵢ xᵢ² + A (1 − cos 2π xᵢ): a bowl covered with local minima, one near each point of whole
/// numbers as long as |xᵢ| < A π, and its only global minimum, 0, at the origin (Rastrigin 1974, in
/// any dimension by Mühlenbein, Schomisch & Born, "The parallel genetic algorithm as function
/// optimizer", Parallel Computing 17, 1991). Usually looked at in the box −5.12 <= xᵢ <= 5.12.
struct Rastrigin {
    double amplitude = 10;  ///< A

    /// The origin, where the value is 0.
    template <Vector V>
    [[nodiscard]] static V minimum(Index size = V::RowsAtCompileTime) {
        return V::Zero(size);
    }

    template <Vector V>
    double value(const V& x) const {
        double sum = 0;
        for (Index i = 0; i < x.size(); ++i) {
            const double t = static_cast<double>(x[i]);
            const double wave = std::sin(std::numbers::pi * t);
            sum += t * t + 2 * amplitude * (wave * wave);  // 1 − cos without the cancellation
        }
        return sum;
    }

    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        g.resize(x.size());
        for (Index i = 0; i < x.size(); ++i) {
            const double t = static_cast<double>(x[i]);
            g[i] = static_cast<typename V::Scalar>(
                2 * (t + std::numbers::pi * amplitude * std::sin(2 * std::numbers::pi * t)));
        }
        return value(x);
    }

    template <Vector V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        H.setZero(x.size(), x.size());
        for (Index i = 0; i < x.size(); ++i)
            H(i, i) = static_cast<typename V::Scalar>(curvature(static_cast<double>(x[i])));
    }

    template <Vector V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        require_same_size(x.size(), "variables", v.size(), "numbers in v");
        Hv.resize(x.size());
        for (Index i = 0; i < x.size(); ++i)
            Hv[i] = static_cast<typename V::Scalar>(curvature(static_cast<double>(x[i])) *
                                                    static_cast<double>(v[i]));
    }

    /// 2 + 4π² |A|, what the second derivative is at most.
    [[nodiscard]] double smoothness() const {
        return 2 + 4 * std::numbers::pi * std::numbers::pi * std::abs(amplitude);
    }

private:
    [[nodiscard]] double curvature(double t) const {
        return 2 + 4 * std::numbers::pi * std::numbers::pi * amplitude *
                       std::cos(2 * std::numbers::pi * t);
    }
};

}  // namespace ermine
