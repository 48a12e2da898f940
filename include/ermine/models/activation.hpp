// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <string>

#include <ermine/concepts/layer.hpp>
#include <ermine/numerics/for_each_run.hpp>

namespace ermine {

/// y = σ(x), number by number, for a function whose derivatives are known from its value alone:
///
///     static constexpr const char* name;
///     auto value(x) const;      // σ(x), an Eigen array expression of an array
///     auto slope(y) const;      // σ'(x) where y = σ(x)
///     auto bend(y) const;       // σ''(x) / σ'(x), 0 where both vanish
///     double lipschitz() const; // the largest |σ'|, where it is known
///     static constexpr bool homogeneous, odd;    // where they are true: see Layer
///
/// It writes over its input where that is allowed: one pass over memory, no room of its own.
///
/// A function that is not known from its value, as it goes down and up, says
///
///     static constexpr bool from_input = true;
///     auto slope(x) const;      // σ'(x)
///     auto bend(x) const;       // σ''(x)
///
/// Its input is then kept, and whoever comes next may write over the output.
template <class Function>
struct Activation {
    static constexpr const char* name = Function::name;
    static constexpr Index parts = 0;
    static constexpr bool unitwise = true;
    static constexpr bool homogeneous = is_homogeneous<Function>;
    static constexpr bool odd = is_odd<Function>;
    static constexpr bool from_input = requires { requires Function::from_input; };

    Function function;

    template <class T>
    struct Memory {
        Wire<T> out;
        Activations<T> bent;  // what `bend` says, times the slope in y
    };

    Index outputs(Index inputs, const std::string& where) const {
        if constexpr (requires { function.check(where); }) function.check(where);
        return inputs;
    }
    void list(Index, auto&&) const {}

    template <class T>
    double lipschitz(Index, LayerParameters<const T>) const
        requires requires(const Function& f) { f.lipschitz(); }
    {
        return function.lipschitz();
    }

    template <class T>
    Wire<T>& forward(const Pass&, LayerParameters<const T>, Wire<T>& in, Memory<T>& memory) const {
        Wire<T>& out = in.overwritable && !from_input ? in : memory.out;
        out.value.resizeLike(in.value);
        for_each_run(in.value.size(), [&](Index first, Index count) {
            run_of(out.value, first, count) = function.value(run_of(in.value, first, count));
        });
        out.needed = in.needed;
        out.overwritable = from_input;
        return out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T>, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T>, Memory<T>& memory) const {
        if (!in.needed) return;
        in.slope.resizeLike(out.slope);
        if (pass.curvature) memory.bent.resizeLike(out.slope);
        for_each_run(out.slope.size(), [&](Index first, Index count) {
            const auto y = run_of(known(in, out).value, first, count);
            const auto slope = run_of(out.slope, first, count);
            if (pass.curvature) run_of(memory.bent, first, count) = function.bend(y) * slope;
            run_of(in.slope, first, count) = function.slope(y) * slope;
        });
    }

    template <class T>
    void tangent(const Pass&, LayerParameters<const T>, LayerParameters<const T>, Wire<T>& in,
                 Wire<T>& out, Memory<T>&) const {
        if (!in.needed) return;
        out.value_tangent.resizeLike(in.value_tangent);
        for_each_run(out.value.size(), [&](Index first, Index count) {
            run_of(out.value_tangent, first, count) =
                function.slope(run_of(known(in, out).value, first, count)) *
                run_of(in.value_tangent, first, count);
        });
    }

    template <class T>
    void tangent_backward(const Pass&, LayerParameters<const T>, LayerParameters<const T>,
                          Wire<T>& in, Wire<T>& out, LayerParameters<T>, Memory<T>& memory) const {
        if (!in.needed) return;
        in.slope_tangent.resizeLike(out.slope_tangent);
        for_each_run(out.value.size(), [&](Index first, Index count) {
            run_of(in.slope_tangent, first, count) =
                function.slope(run_of(known(in, out).value, first, count)) *
                    run_of(out.slope_tangent, first, count) +
                run_of(memory.bent, first, count) *
                    run_of(known(in, out).value_tangent, first, count);
        });
    }

private:
    /// The wire that derivatives are functions of.
    template <class T>
    static Wire<T>& known(Wire<T>& in, Wire<T>& out) {
        if constexpr (from_input)
            return in;
        else
            return out;
    }
};

}  // namespace ermine
