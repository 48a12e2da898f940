// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace ermine {

/// Stands for a derivative that was not given.
struct NotGiven {};

/// An objective made of callables; `objective` makes it.
template <class Value, class Gradient = NotGiven, class Hessian = NotGiven>
class ObjectiveOf {
public:
    ObjectiveOf(Value value, Gradient gradient, Hessian hessian)
        : value_(std::move(value)), gradient_(std::move(gradient)), hessian_(std::move(hessian)) {}

    template <class V>
    double value(const V& x) const {
        return static_cast<double>(value_(x));
    }

    template <class V>
    double value_and_gradient(const V& x, V& g) const
        requires(!std::same_as<Gradient, NotGiven>)
    {
        if constexpr (std::invocable<const Gradient&, const V&, V&>)
            gradient_(x, g);
        else
            g = gradient_(x);
        return value(x);
    }

    template <class V>
    void hessian(const V& x, SquareMatrix<V>& H) const
        requires(!std::same_as<Hessian, NotGiven>)
    {
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

/// A function of one's own as an objective: `value(x)` returns f(x). For derivatives wrap it in
/// `autodiff` or `finite_difference`, or give them.
template <class Value>
ObjectiveOf<Value> objective(Value value) {
    return {std::move(value), {}, {}};
}

/// With its gradient: `gradient(x)` returns ∇f(x), or `gradient(x, g)` fills g with it, which saves
/// an allocation.
template <class Value, class Gradient>
ObjectiveOf<Value, Gradient> objective(Value value, Gradient gradient) {
    return {std::move(value), std::move(gradient), {}};
}

/// With its Hessian, too: `hessian(x)` returns the n × n matrix ∇²f(x), or `hessian(x, H)` fills H.
template <class Value, class Gradient, class Hessian>
ObjectiveOf<Value, Gradient, Hessian> objective(Value value, Gradient gradient, Hessian hessian) {
    return {std::move(value), std::move(gradient), std::move(hessian)};
}

}  // namespace ermine
