// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/directions/hessian_products.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/finite_difference.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// The Hessian of f at x (of its smooth part, where it has a penalty with a kink) as a symmetric
/// operator on vectors of double: by its products, by the Hessian itself, or by differences of
/// gradients, whatever f has. f must outlive it.
template <class F, class V>
class CurvatureOperator {
public:
    using Smooth = std::remove_cvref_t<SmoothPart<F>>;
    static_assert(Differentiable<Smooth, V>,
                  "the curvature of a function needs its gradient: write autodiff(f) or "
                  "finite_difference(f)");

    /// Whether f has products of its own; else they are differences of its gradients.
    static constexpr bool analytic = HasHessianProducts<Smooth, V>;

    /// `who` is named in refusals.
    CurvatureOperator(const F& f, const V& x, const char* who)
        : f_(smooth_part(f)), x_(x), v_(x.size()), product_(x.size()), who_(who), means_(make()) {
        if (x_.size() == 0) throw std::invalid_argument(std::string(who) + ": x has no numbers");
        if (!x_.allFinite()) throw std::invalid_argument(std::string(who) + ": x is not finite");
        if constexpr (analytic) means_.at(f_, x_);
    }

    [[nodiscard]] Index size() const { return x_.size(); }
    [[nodiscard]] Index products() const { return products_; }

    /// The relative error of a product.
    [[nodiscard]] static double accuracy() {
        if constexpr (requires { Smooth::template curvature_accuracy<V>(); })
            return Smooth::template curvature_accuracy<V>();  // f's own are differences, too
        else if constexpr (analytic)
            return static_cast<double>(std::numeric_limits<typename V::Scalar>::epsilon());
        else
            return FiniteDifference<Smooth>::template curvature_accuracy<V>();
    }

    /// Hv ← ∇²f(x) v. Throws std::invalid_argument where that is not finite.
    void operator()(const Eigen::VectorXd& v, Eigen::VectorXd& Hv) const {
        v_ = v.template cast<typename V::Scalar>();
        if constexpr (analytic)
            means_.multiply(f_, x_, v_, product_);
        else
            means_.hessian_product(x_, v_, product_);
        ++products_;
        Hv = product_.template cast<double>();
        if (!Hv.allFinite())
            throw std::invalid_argument(std::string(who_) + ": product " +
                                        std::to_string(products_) +
                                        " with the Hessian is not finite: the curvature at x is "
                                        "NaN or infinite, look at the function there");
    }

private:
    static auto make_of(const Smooth& f, const V& x) {
        if constexpr (analytic)
            return HessianProducts<Smooth, V>(x.size());
        else
            return FiniteDifference<Smooth>(f);
    }
    auto make() const { return make_of(f_, x_); }

    using Means = decltype(make_of(std::declval<const Smooth&>(), std::declval<const V&>()));

    decltype(smooth_part(std::declval<const F&>())) f_;  // a reference, where f has it
    V x_;
    mutable V v_;
    mutable V product_;
    mutable Index products_ = 0;
    const char* who_;
    Means means_;
};

/// Throws std::invalid_argument, naming the operator by `who`, if |uᵀAv − vᵀAu| for two pairs of
/// random u and v is larger than products of relative error `accuracy` allow.
template <class Operator>
void require_symmetric(Index n, const Operator& apply, double accuracy, const char* who) {
    Random random{0x5e1fad701ULL};
    Eigen::VectorXd u(n);
    Eigen::VectorXd v(n);
    Eigen::VectorXd au(n);
    Eigen::VectorXd av(n);
    for (int pair = 0; pair < 2; ++pair) {
        for (Index i = 0; i < n; ++i) {
            u[i] = random.normal();
            v[i] = random.normal();
        }
        apply(std::as_const(u), au);
        apply(std::as_const(v), av);
        if (!au.allFinite() || !av.allFinite())
            throw std::invalid_argument(std::string(who) +
                                        ": a product with the operator is not finite");
        const double one = u.dot(av);
        const double other = v.dot(au);
        const double size = u.norm() * av.norm() + v.norm() * au.norm();
        if (std::abs(one - other) <= 64 * accuracy * size) continue;
        throw std::invalid_argument(std::string(who) + ": the operator is not symmetric: uᵀAv is " +
                                    in_digits(one, accuracy * size) + ", vᵀAu is " +
                                    in_digits(other, accuracy * size) +
                                    " for random u and v; give (A + Aᵀ)/2, or AᵀA for singular "
                                    "values");
    }
}

/// The matrix of an operator, by n products; throws as require_symmetric does, naming an entry.
template <class Operator>
Eigen::MatrixXd dense_matrix(Index n, const Operator& apply, double accuracy, const char* who) {
    Eigen::MatrixXd a(n, n);
    Eigen::VectorXd unit = Eigen::VectorXd::Zero(n);
    Eigen::VectorXd column(n);
    for (Index j = 0; j < n; ++j) {
        unit[j] = 1;
        apply(std::as_const(unit), column);
        unit[j] = 0;
        a.col(j) = column;
    }
    if (!a.allFinite())
        throw std::invalid_argument(std::string(who) + ": an entry of the matrix is not finite");
    const double allowed = 1e4 * accuracy * a.cwiseAbs().maxCoeff();
    for (Index j = 0; j < n; ++j)
        for (Index i = 0; i < j; ++i) {
            if (std::abs(a(i, j) - a(j, i)) > allowed)
                throw std::invalid_argument(
                    std::string(who) + ": the operator is not symmetric: entry (" +
                    std::to_string(i) + ", " + std::to_string(j) + ") is " +
                    in_digits(a(i, j), allowed) + ", entry (" + std::to_string(j) + ", " +
                    std::to_string(i) + ") is " + in_digits(a(j, i), allowed));
            a(i, j) = a(j, i) = 0.5 * (a(i, j) + a(j, i));
        }
    return a;
}

}  // namespace ermine
