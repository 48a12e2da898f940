// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/stack.hpp>

namespace ermine {

/// y = x + f(x), f some layers one after the other that hand on as many numbers as come in (He,
/// Zhang, Ren & Sun, "Deep residual learning for image recognition", CVPR 2016). Made by
/// `residual`.
template <Layer... Layers>
struct ResidualBlock {
    static constexpr const char* name = "residual";
    static constexpr Index parts = Stack<Layers...>::parts;

    Stack<Layers...> inner;

    template <class T>
    struct Memory {
        Wire<T> out;
        Wire<T> inside;
        Wire<T>* end = nullptr;
        typename Stack<Layers...>::template Memory<T> inner;
    };

    /// Throws std::invalid_argument, with both widths, where f(x) cannot be added to x.
    Index outputs(Index inputs, const std::string& where) const {
        const Index handed_on = inner.outputs(inputs, where);
        if (handed_on != inputs)
            throw std::invalid_argument(where + ": its layers make " + std::to_string(handed_on) +
                                        " numbers of " + std::to_string(inputs) +
                                        ", which cannot be added: end with dense(" +
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
        Wire<T>& inside = memory.inside;
        inside.value = in.value;
        inside.needed = in.needed;
        inside.overwritable = true;
        memory.end = &inner.forward(pass, theta, inside, memory.inner);
        Wire<T>& out = memory.out;
        out.value = in.value + memory.end->value;
        out.needed = in.needed || memory.end->needed;
        out.overwritable = true;
        return out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T> g, Memory<T>& memory) const {
        memory.end->slope = out.slope;
        inner.backward(pass, theta, memory.inside, *memory.end, g, memory.inner);
        if (in.needed) in.slope = out.slope + memory.inside.slope;
    }

    template <class T>
    void tangent(const Pass& pass, LayerParameters<const T> theta, LayerParameters<const T> v,
                 Wire<T>& in, Wire<T>& out, Memory<T>& memory) const {
        if (!out.needed) return;
        if (in.needed) memory.inside.value_tangent = in.value_tangent;
        inner.tangent(pass, theta, v, memory.inside, *memory.end, memory.inner);
        out.value_tangent = memory.end->value_tangent;
        if (in.needed) out.value_tangent += in.value_tangent;
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T> theta,
                          LayerParameters<const T> v, Wire<T>& in, Wire<T>& out,
                          LayerParameters<T> h, Memory<T>& memory) const {
        memory.end->slope_tangent = out.slope_tangent;
        inner.tangent_backward(pass, theta, v, memory.inside, *memory.end, h, memory.inner);
        if (in.needed) in.slope_tangent = out.slope_tangent + memory.inside.slope_tangent;
    }
};

/// The layers with a way around them: `residual(dense(64), relu(), dense(64))`.
template <Layer... Layers>
ResidualBlock<Layers...> residual(Layers... layers) {
    return {{{std::move(layers)...}}};
}

}  // namespace ermine
