// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <ermine/concepts/objective.hpp>

namespace ermine {

/// Stands for a derivative that was not given.
struct NotGiven {};

/// An objective from functions of one's own, made by `objective`.
template <class Value, class Gradient = NotGiven, class Hessian = NotGiven>
class ObjectiveOf {
public:
    ObjectiveOf(Value value, Gradient gradient, Hessian hessian)
        : value_(std::move(value)), gradient_(std::move(gradient)), hessian_(std::move(hessian)) {}

    template <class V>
        requires std::invocable<const Value&, const V&>
    double value(const V& x) const {
        return static_cast<double>(value_(x));
    }

    template <class V>
        requires(!std::same_as<Gradient, NotGiven> && std::invocable<const Value&, const V&>)
    double value_and_gradient(const V& x, V& g) const {
        if constexpr (std::invocable<const Gradient&, const V&, V&>)
            gradient_(x, g);
        else
            g = gradient_(x);
        return static_cast<double>(value_(x));
    }

    template <class V>
        requires(!std::same_as<Hessian, NotGiven> && std::invocable<const Value&, const V&>)
    void hessian(const V& x, SquareMatrix<V>& H) const {
        if constexpr (std::invocable<const Hessian&, const V&, SquareMatrix<V>&>)
            hessian_(x, H);
        else
            H = hessian_(x);
    }

private:
    Value value_;
    Gradient gradient_;
    Hessian hessian_;
};

/// An objective from lambdas:
///
///     objective(value)                        // value(x) -> number
///     objective(value, gradient)              // gradient(x) -> vector, or gradient(x, g) fills g
///     objective(value, gradient, hessian)     // hessian(x) -> matrix, or hessian(x, H) fills H
///
/// State the type of x (`const Eigen::VectorXd& x`), or take `const auto&` for every vector.
template <class Value>
auto objective(Value value) {
    return ObjectiveOf<Value>(std::move(value), {}, {});
}

template <class Value, class Gradient>
auto objective(Value value, Gradient gradient) {
    return ObjectiveOf<Value, Gradient>(std::move(value), std::move(gradient), {});
}

template <class Value, class Gradient, class Hessian>
auto objective(Value value, Gradient gradient, Hessian hessian) {
    return ObjectiveOf<Value, Gradient, Hessian>(std::move(value), std::move(gradient),
                                                 std::move(hessian));
}

}  // namespace ermine
