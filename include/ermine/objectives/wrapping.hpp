// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

#include <ermine/concepts/objective.hpp>

namespace ermine {

/// The base of a function that is made of another, f, over the same variables: it holds f, and says
/// what f says of the variables and of the examples. What the values are is for the heir to say.
/// `Held` is F, or `const F&` for a wrapper that lives no longer than f.
template <class Held>
class Wrapping {
public:
    using F = std::remove_cvref_t<Held>;

    [[nodiscard]] Index examples() const
        requires requires(const F& f) { f.examples(); }
    {
        return f_.examples();
    }

    [[nodiscard]] Index parameters() const
        requires requires(const F& f) { f.parameters(); }
    {
        return f_.parameters();
    }

    [[nodiscard]] Index penalized() const
        requires requires(const F& f) { f.penalized(); }
    {
        return f_.penalized();
    }

    /// The ParameterBlocks of a model.
    [[nodiscard]] auto blocks() const
        requires requires(const F& f) { f.blocks(); }
    {
        return f_.blocks();
    }

    [[nodiscard]] auto zero() const
        requires requires(const F& f) { f.zero(); }
    {
        return f_.zero();
    }

    /// The relative error of a product with the Hessian, where f says it.
    template <class V>
        requires requires { F::template curvature_accuracy<V>(); }
    static double curvature_accuracy() {
        return F::template curvature_accuracy<V>();
    }

    template <class T>
        requires requires { F::template explain<T>(); }
    static consteval bool explain() {
        return F::template explain<T>();
    }

protected:
    explicit Wrapping(Held f) : f_(std::forward<Held>(f)) {}

    Held f_;
};

}  // namespace ermine
