// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/autodiff.hpp>
#include <ermine/numerics/dual.hpp>
#include <ermine/objectives/objective.hpp>

namespace ermine {

/// What sum_of_squares makes: Σ rᵢ(x)², a LeastSquares objective. Where the Jacobian is taken by
/// dual numbers it has the exact Hessian, too; otherwise see gauss_newton. Evaluations allocate.
template <class Residuals, class Jacobian = NotGiven>
class SumOfSquares {
public:
    SumOfSquares(Residuals residuals, Jacobian jacobian)
        : residuals_(std::move(residuals)), jacobian_(std::move(jacobian)) {}

    static constexpr bool automatic = std::same_as<Jacobian, NotGiven>;

    /// The residuals into r.
    template <class V>
    void residuals(const V& x, ResidualVector<V>& r) const {
        fill(x, r);
    }

    /// Their derivatives into J.
    template <class V>
    void jacobian(const V& x, JacobianMatrix<V>& J) const {
        if constexpr (!automatic) {
            if constexpr (std::invocable<const Jacobian&, const V&, JacobianMatrix<V>&>)
                jacobian_(x, J);
            else
                J = jacobian_(x);
        } else {
            differentiate(x, J);
        }
    }

    /// Σ rᵢ².
    template <class V>
    double value(const V& x) const {
        ResidualVector<V> r;
        fill(x, r);
        return r.template cast<double>().squaredNorm();
    }

    /// Σ rᵢ², and 2 Jᵀr into g. Throws std::invalid_argument, naming both shapes, for a Jacobian
    /// that is not m × n.
    template <class V>
    double value_and_gradient(const V& x, V& g) const {
        ResidualVector<V> r;
        JacobianMatrix<V> J;
        fill(x, r);
        jacobian(x, J);
        if (J.rows() != r.size() || J.cols() != x.size())
            throw std::invalid_argument(
                "sum_of_squares: the Jacobian is " + std::to_string(J.rows()) + " x " +
                std::to_string(J.cols()) + ", but there are " + std::to_string(r.size()) +
                " residuals and " + std::to_string(x.size()) + " variables");
        g.noalias() = 2 * (J.transpose() * r);
        return r.template cast<double>().squaredNorm();
    }

    /// 2 JᵀJ + 2 Σ rᵢ ∇²rᵢ into H.
    template <class V>
    void hessian(const V& x, SquareMatrix<V>& H) const
        requires automatic
    {
        AutoDiff(squares()).hessian(x, H);
    }

    /// The same times v into Hv.
    template <class V>
    void hessian_product(const V& x, const V& v, V& Hv) const
        requires automatic
    {
        AutoDiff(squares()).hessian_product(x, v, Hv);
    }

private:
    template <class X, class R>
    void fill(const X& x, R& r) const {
        if constexpr (std::invocable<const Residuals&, const X&, R&>)
            residuals_(x, r);
        else
            r = residuals_(x);
    }

    auto squares() const {
        return [this](const auto& x) {
            using Number = typename std::remove_cvref_t<decltype(x)>::Scalar;
            Eigen::Matrix<Number, Eigen::Dynamic, 1> r;
            this->fill(x, r);
            Number sum(0);
            for (Index i = 0; i < r.size(); ++i) sum += r[i] * r[i];
            return sum;
        };
    }

    template <class V>
    void differentiate(const V& x, JacobianMatrix<V>& J) const {
        constexpr Index rows = V::RowsAtCompileTime;
        constexpr Index width = rows > 0 && rows <= 12 ? rows : 8;
        using Number = Dual<typename V::Scalar, int{width}>;
        const auto at = [](Index i) { return static_cast<std::size_t>(i); };
        Eigen::Matrix<Number, V::RowsAtCompileTime, 1> point(x.size());
        for (Index i = 0; i < x.size(); ++i) point[i] = Number(x[i]);
        Eigen::Matrix<Number, Eigen::Dynamic, 1> r;
        for (Index first = 0; first < x.size(); first += width) {
            const Index count = std::min<Index>(width, x.size() - first);
            for (Index k = 0; k < count; ++k) point[first + k].slope[at(k)] = 1;
            fill(std::as_const(point), r);
            J.resize(r.size(), x.size());
            for (Index k = 0; k < count; ++k) {
                for (Index i = 0; i < r.size(); ++i) J(i, first + k) = r[i].slope[at(k)];
                point[first + k].slope[at(k)] = 0;
            }
        }
    }

    Residuals residuals_;
    Jacobian jacobian_;
};

/// The least squares objective Σ rᵢ(x)² (without ½: see LeastSquares) from lambdas:
///
///     sum_of_squares(residuals)            // residuals(x) -> vector, or residuals(x, r) fills r
///     sum_of_squares(residuals, jacobian)  // jacobian(x) -> matrix, or jacobian(x, J) fills J
///
/// Without a Jacobian, it is taken by dual numbers: the lambda takes `const auto& x` (and `auto&
/// r`) and works for vectors of `Dual` numbers, as autodiff's does, and returns a vector or array
/// of x's scalar, no expression that refers to its own variables.
template <class Residuals>
auto sum_of_squares(Residuals residuals) {
    return SumOfSquares<Residuals>(std::move(residuals), {});
}

template <class Residuals, class Jacobian>
auto sum_of_squares(Residuals residuals, Jacobian jacobian) {
    return SumOfSquares<Residuals, Jacobian>(std::move(residuals), std::move(jacobian));
}

}  // namespace ermine
