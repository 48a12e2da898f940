// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/dual.hpp>

namespace ermine {

/// What autodiff(f) makes: an objective whose derivatives are exact, taken by computing f with dual
/// numbers, a fixed number of directions at a time, as ForwardDiff.jl does (Revels, Lubin &
/// Papamarkou 2016). With n variables, a gradient costs about n evaluations of f, vectorized
/// eight wide; a Hessian about n² / 2 and a product with it about 2 n. Meant for small n.
///
/// Eigen's own AutoDiffScalar is not used: nested for second derivatives, it does not compile
/// `x.array() - 1`, `A * x` or `1 - x[0]`.
template <class Function>
class AutoDiff {
public:
    explicit AutoDiff(Function f) : f_(std::move(f)) {}

    /// f(x).
    template <Vector V>
    double value(const V& x) const {
        return static_cast<double>(f_(x));
    }

    /// f(x), and ∇f(x) into g.
    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        using Number = Dual<typename V::Scalar, width<V>>;
        auto point = constant<Number>(x);
        g.resize(x.size());
        double value = 0;
        for (Index first = 0; first == 0 || first < x.size(); first += width<V>) {
            const Index count = std::min<Index>(width<V>, x.size() - first);
            for (Index i = 0; i < count; ++i) point[first + i].slope[at(i)] = 1;
            const Number result = f_(std::as_const(point));
            for (Index i = 0; i < count; ++i) {
                g[first + i] = result.slope[at(i)];
                point[first + i].slope[at(i)] = 0;
            }
            value = static_cast<double>(result.value);
        }
        return value;
    }

    /// ∇²f(x) into H, both triangles.
    template <Vector V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        using Inner = Dual<typename V::Scalar, width<V>>;
        using Number = Dual<Inner, 1>;
        auto point = constant<Number>(x);
        const Index n = x.size();
        H.resize(n, n);
        for (Index first = 0; first < n; first += width<V>) {
            const Index count = std::min<Index>(width<V>, n - first);
            for (Index i = 0; i < count; ++i) point[first + i].value.slope[at(i)] = 1;
            for (Index row = first; row < n; ++row) {
                point[row].slope[0].value = 1;
                const Number result = f_(std::as_const(point));
                point[row].slope[0].value = 0;
                for (Index i = 0; i < count && first + i <= row; ++i) {
                    H(row, first + i) = result.slope[0].slope[at(i)];
                    H(first + i, row) = result.slope[0].slope[at(i)];
                }
            }
            for (Index i = 0; i < count; ++i) point[first + i].value.slope[at(i)] = 0;
        }
    }

    /// ∇²f(x) v into Hv, the derivative of the gradient along v.
    /// Throws std::invalid_argument when x and v differ in size.
    template <Vector V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        if (x.size() != v.size())
            throw std::invalid_argument("hessian_product: x has " + std::to_string(x.size()) +
                                        " numbers, v has " + std::to_string(v.size()));
        using Inner = Dual<typename V::Scalar, width<V>>;
        using Number = Dual<Inner, 1>;
        auto point = constant<Number>(x);
        const Index n = x.size();
        for (Index i = 0; i < n; ++i) point[i].slope[0].value = v[i];
        Hv.resize(n);
        for (Index first = 0; first < n; first += width<V>) {
            const Index count = std::min<Index>(width<V>, n - first);
            for (Index i = 0; i < count; ++i) point[first + i].value.slope[at(i)] = 1;
            const Number result = f_(std::as_const(point));
            for (Index i = 0; i < count; ++i) {
                Hv[first + i] = result.slope[0].slope[at(i)];
                point[first + i].value.slope[at(i)] = 0;
            }
        }
    }

private:
    // Directions taken at once: all of a small vector of fixed size, otherwise eight.
    template <class V>
    static constexpr int width =
        V::RowsAtCompileTime > 0 && V::RowsAtCompileTime <= 12 ? V::RowsAtCompileTime : 8;

    static std::size_t at(Index i) { return static_cast<std::size_t>(i); }

    template <class Number, class V>
    static auto constant(const V& x) {
        Eigen::Matrix<Number, V::RowsAtCompileTime, 1> point(x.size());
        for (Index i = 0; i < x.size(); ++i) point[i] = Number(x[i]);
        return point;
    }

    Function f_;
};

/// An objective with exact gradient and Hessian from a generic function of a vector:
///
///     autodiff([](const auto& x) { return (x.array() - 1).square().sum(); })
///
/// The function is called with Eigen vectors of double, float and `Dual` numbers, of fixed or
/// run-time size: it takes `const auto&`, and finds exp, log, … without std:: in front (after
/// `using std::exp;` where numbers are plain). It must not branch to different return types.
template <class Function>
auto autodiff(Function f) {
    return AutoDiff<Function>(std::move(f));
}

}  // namespace ermine
