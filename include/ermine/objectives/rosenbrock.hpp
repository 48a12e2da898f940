// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require_same_size.hpp>

namespace ermine {

/// Σᵢ steepness (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², a curved valley with its minimum 0 at (1, …, 1)
/// (Rosenbrock, "An automatic method for finding the greatest or least value of a function",
/// Computer Journal 3, 1960, for two variables; the chained form for more has another local
/// minimum near (−1, 1, …, 1) from four on). The usual start is (−1.2, 1, −1.2, 1, …).
struct Rosenbrock {
    double steepness = 100;

    /// (1, …, 1), where the value is 0.
    template <Vector V>
    [[nodiscard]] static V minimum(Index size = V::RowsAtCompileTime) {
        return V::Ones(size);
    }

    /// (−1.2, 1, −1.2, 1, …).
    template <Vector V>
    [[nodiscard]] static V start(Index size = V::RowsAtCompileTime) {
        using T = typename V::Scalar;
        return V::NullaryExpr(size, [](Index i) { return i % 2 == 0 ? T(-1.2) : T(1); });
    }

    template <Vector V>
    double value(const V& x) const {
        check(x.size());
        double sum = 0;
        for (Index i = 0; i + 1 < x.size(); ++i) {
            const double a = at(x, i);
            const double r = at(x, i + 1) - a * a;
            sum += steepness * r * r + (1 - a) * (1 - a);
        }
        return sum;
    }

    /// The value, and the gradient into g. Inner variables are taken four at a time.
    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        using T = typename V::Scalar;
        const Index n = x.size();
        check(n);
        g.resize(n);
        double before = 0;  // xᵢ − xᵢ₋₁², once there is an xᵢ₋₁
        double sum = 0;
        Index i = 0;
        const auto advance_one = [&] {
            const double a = at(x, i);
            const double r = at(x, i + 1) - a * a;
            sum += steepness * r * r + (1 - a) * (1 - a);
            g[i] = static_cast<T>(steepness * (2 * before - 4 * r * a) - 2 * (1 - a));
            before = r;
            ++i;
        };
        advance_one();
        if constexpr (V::SizeAtCompileTime == Eigen::Dynamic || V::SizeAtCompileTime > 16) {
            using Four = Eigen::Array<double, 4, 1>;
            Four sums = Four::Zero();
            for (; i + 4 < n; i += 4) {
                const Four back = x.template segment<4>(i - 1).template cast<double>();
                const Four a = x.template segment<4>(i).template cast<double>();
                const Four ahead = x.template segment<4>(i + 1).template cast<double>();
                const Four r = ahead - a * a;
                const Four off = 1 - a;
                sums += steepness * r * r + off * off;
                g.template segment<4>(i) =
                    (steepness * (2 * (a - back * back) - 4 * r * a) - 2 * off)
                        .matrix()
                        .template cast<T>();
            }
            sum += sums.sum();
            before = at(x, i) - at(x, i - 1) * at(x, i - 1);
        }
        while (i + 1 < n) advance_one();
        g[i] = static_cast<T>(2 * steepness * before);
        return sum;
    }

    template <Vector V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        check(x.size());
        using T = typename V::Scalar;
        H.setZero(x.size(), x.size());
        for (Index i = 0; i + 1 < x.size(); ++i) {
            const double a = at(x, i);
            const double r = at(x, i + 1) - a * a;
            H(i, i) += static_cast<T>(steepness * (8 * a * a - 4 * r) + 2);
            H(i + 1, i + 1) += static_cast<T>(2 * steepness);
            H(i, i + 1) = H(i + 1, i) = static_cast<T>(-4 * steepness * a);
        }
    }

    /// The Hessian times v into Hv.
    template <Vector V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        check(x.size());
        require_same_size(x.size(), "variables", v.size(), "numbers in v");
        using T = typename V::Scalar;
        Hv.resize(x.size());
        double carried = 0;
        for (Index i = 0; i + 1 < x.size(); ++i) {
            const double a = at(x, i);
            const double r = at(x, i + 1) - a * a;
            const double here = at(v, i);
            const double next = at(v, i + 1);
            Hv[i] = static_cast<T>(carried + (steepness * (8 * a * a - 4 * r) + 2) * here -
                                   4 * steepness * a * next);
            carried = steepness * (2 * next - 4 * a * here);
        }
        Hv[x.size() - 1] = static_cast<T>(carried);
    }

private:
    template <class V>
    static double at(const V& x, Index i) {
        return static_cast<double>(x[i]);
    }

    static void check(Index size) {
        if (size < 2)
            throw std::invalid_argument("Rosenbrock: x has " + std::to_string(size) +
                                        " numbers; the function needs at least 2");
    }
};

}  // namespace ermine
