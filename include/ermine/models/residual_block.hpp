// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/stack.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// y = x + f(x), with layers f between that end as wide as they begin (He, Zhang, Ren & Sun, "Deep
/// residual learning for image recognition", CVPR 2016, equation 1).
template <Layer... Layers>
struct ResidualBlock {
    static constexpr const char* name = "residual";
    static constexpr Index parts = Stack<Layers...>::parts;
    static constexpr Index populations = Stack<Layers...>::populations;

    Stack<Layers...> inner;

    template <class T>
    struct Memory {
        typename Stack<Layers...>::template Memory<T> inner;
        Wire<T>* last = nullptr;  // of the layers between; `in` itself if they do nothing
        Wire<T> out;
    };

    /// Throws std::invalid_argument unless the layers between hand on as many units as come in.
    Index outputs(Index inputs, const std::string& where) const {
        const Index end = inner.outputs(inputs, where);
        if (end != inputs)
            throw std::invalid_argument(
                where + ": " + std::to_string(inputs) + " units come in, but its layers hand on " +
                std::to_string(end) + ", which cannot be added: end it with dense(" +
                std::to_string(inputs) + ")");
        return inputs;
    }

    void list(Index inputs, auto&& add) const { inner.list(inputs, add); }

    template <class T>
    void starting_values(Index inputs, LayerParameters<T> theta) const {
        inner.starting_values(inputs, theta);
    }

    template <class T>
    double lipschitz(Index inputs, LayerParameters<const T> theta) const {
        return 1 + inner.lipschitz(inputs, theta);
    }

    template <class T>
    Wire<T>& forward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in,
                     Memory<T>& memory) const {
        in.overwritable = false;  // is added at the end
        Pass own = pass;
        own.draw = Random(pass.draw).bits();  // far from those of the layers that follow
        memory.last = &inner.forward(own, theta, in, memory.inner);
        Wire<T>& out = memory.out;
        out.value = in.value + memory.last->value;
        out.needed = in.needed || memory.last->needed;
        out.overwritable = true;
        return out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T> g, Memory<T>& memory) const {
        memory.last->slope = out.slope;
        inner.backward(pass, theta, in, *memory.last, g, memory.inner);
        if (in.needed) in.slope += out.slope;
    }

    template <class T>
    void tangent(const Pass& pass, LayerParameters<const T> theta, LayerParameters<const T> v,
                 Wire<T>& in, Wire<T>& out, Memory<T>& memory) const {
        inner.tangent(pass, theta, v, in, *memory.last, memory.inner);
        if (!out.needed) return;
        if (in.needed)
            out.value_tangent = in.value_tangent + memory.last->value_tangent;
        else
            out.value_tangent = memory.last->value_tangent;
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T> theta,
                          LayerParameters<const T> v, Wire<T>& in, Wire<T>& out,
                          LayerParameters<T> h, Memory<T>& memory) const {
        memory.last->slope_tangent = out.slope_tangent;
        inner.tangent_backward(pass, theta, v, in, *memory.last, h, memory.inner);
        if (in.needed) in.slope_tangent += out.slope_tangent;
    }

    template <class T>
    void settle(LayerParameters<T> theta, Memory<T>& memory, Index& place) const {
        inner.settle(theta, memory.inner, place);
    }
};

/// What comes in, added to what these layers make of it: `residual(dense(64), relu(), dense(64))`.
template <Layer... Layers>
ResidualBlock<Layers...> residual(Layers... layers) {
    return {{{std::move(layers)...}}};
}

}  // namespace ermine
