// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include <ermine/concepts/layer.hpp>

namespace ermine {

/// Layers one after the other, itself a layer: what a Network holds, and a residual block.
template <Layer... Layers>
struct Stack {
    static constexpr const char* name = "stack";
    static constexpr Index parts = (Index{Layers::parts} + ... + Index{0});
    static constexpr std::size_t length = sizeof...(Layers);
    static constexpr Index populations = [] {
        Index sum = 0;
        const auto add = [&]<class L>(const L*) {
            if constexpr (requires { L::populations; }) sum += L::populations;
        };
        (add(static_cast<const Layers*>(nullptr)), ...);
        return sum;
    }();

    std::tuple<Layers...> layers;

    template <class T>
    struct Memory {
        std::tuple<typename Layers::template Memory<T>...> layers;
        std::array<Wire<T>*, length + 1> wires{};
    };

    Index outputs(Index inputs, const std::string& where) const {
        each([&](const auto& layer, const std::string& label) {
            inputs = layer.outputs(inputs, where.empty() ? label : where + ", " + label);
        });
        return inputs;
    }

    void list(Index inputs, auto&& add) const {
        each([&](const auto& layer, const std::string& label) {
            layer.list(inputs, [&](const std::string& block, Index rows, Index columns,
                                   bool penalized, Index stacked = 1) {
                add(label + "." + block, rows, columns, penalized, stacked);
            });
            inputs = layer.outputs(inputs, label);
        });
    }

    /// f(layer, label, inputs, outputs, parts before) for each layer in turn.
    template <class F>
    void each_shape(Index inputs, const F& f) const {
        Index earlier = 0;
        each([&](const auto& layer, const std::string& label) {
            const Index outputs = layer.outputs(inputs, label);
            f(layer, label, inputs, outputs, earlier);
            inputs = outputs;
            earlier += Index{layer.parts};
        });
    }

    template <class T>
    void starting_values(Index inputs, LayerParameters<T> theta) const {
        each_shape(inputs,
                   [&](const auto& layer, const std::string&, Index width, Index, Index earlier) {
                       if constexpr (requires { layer.starting_values(width, theta); })
                           layer.starting_values(width, theta.after(earlier));
                   });
    }

    /// The product of the layers' own. Throws std::invalid_argument, naming it, for a layer that
    /// has no bound.
    template <class T>
    double lipschitz(Index inputs, LayerParameters<const T> theta) const {
        double product = 1;
        each_shape(inputs, [&](const auto& layer, const std::string& label, Index width, Index,
                               Index earlier) {
            if constexpr (requires { layer.lipschitz(width, theta); })
                product *= layer.lipschitz(width, theta.after(earlier));
            else
                throw std::invalid_argument("lipschitz: nothing bounds how much " + label +
                                            " stretches distances: give its type a member "
                                            "`lipschitz`, or leave it out");
        });
        return product;
    }

    template <class T>
    Wire<T>& forward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in,
                     Memory<T>& memory) const {
        memory.wires[0] = &in;
        Pass own = pass;
        upward([&]<std::size_t i>(Position<i>) {
            own.draw += 0x9e3779b97f4a7c15U;  // no two layers draw the same
            memory.wires[i + 1] = &std::get<i>(layers).forward(
                own, theta.after(before[i]), *memory.wires[i], std::get<i>(memory.layers));
        });
        return *memory.wires[length];
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T> theta, Wire<T>&, Wire<T>&,
                  LayerParameters<T> g, Memory<T>& memory) const {
        downward([&]<std::size_t i>(Position<i>) {
            std::get<i>(layers).backward(pass, theta.after(before[i]), *memory.wires[i],
                                         *memory.wires[i + 1], g.after(before[i]),
                                         std::get<i>(memory.layers));
        });
    }

    template <class T>
    void tangent(const Pass& pass, LayerParameters<const T> theta, LayerParameters<const T> v,
                 Wire<T>&, Wire<T>&, Memory<T>& memory) const {
        upward([&]<std::size_t i>(Position<i>) {
            std::get<i>(layers).tangent(pass, theta.after(before[i]), v.after(before[i]),
                                        *memory.wires[i], *memory.wires[i + 1],
                                        std::get<i>(memory.layers));
        });
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T> theta,
                          LayerParameters<const T> v, Wire<T>&, Wire<T>&, LayerParameters<T> h,
                          Memory<T>& memory) const {
        downward([&]<std::size_t i>(Position<i>) {
            std::get<i>(layers).tangent_backward(pass, theta.after(before[i]), v.after(before[i]),
                                                 *memory.wires[i], *memory.wires[i + 1],
                                                 h.after(before[i]), std::get<i>(memory.layers));
        });
    }

    template <class T>
    void settle(LayerParameters<T> theta, Memory<T>& memory, Index& place) const {
        upward([&]<std::size_t i>(Position<i>) {
            const auto& layer = std::get<i>(layers);
            if constexpr (requires { layer.populations; })
                layer.settle(theta.after(before[i]), std::get<i>(memory.layers), place);
        });
    }

private:
    template <std::size_t i>
    using Position = std::integral_constant<std::size_t, i>;

    /// How many blocks of parameters stand before each layer.
    static constexpr std::array<Index, length + 1> before = [] {
        std::array<Index, length + 1> sums{};
        const std::array<Index, length + 1> counts{Index{Layers::parts}..., 0};
        for (std::size_t i = 0; i < length; ++i) sums[i + 1] = sums[i] + counts[i];
        return sums;
    }();

    template <class F>
    static void upward(const F& f) {
        [&]<std::size_t... i>(std::index_sequence<i...>) {
            (f(Position<i>{}), ...);
        }(std::make_index_sequence<length>{});
    }

    template <class F>
    static void downward(const F& f) {
        [&]<std::size_t... i>(std::index_sequence<i...>) {
            (f(Position<length - 1 - i>{}), ...);
        }(std::make_index_sequence<length>{});
    }

    /// f(layer, label): the first dense layer is "dense1", the second "dense2".
    template <class F>
    void each(const F& f) const {
        const std::array<std::string, length + 1> names{std::string(Layers::name)..., ""};
        upward([&]<std::size_t i>(Position<i>) {
            int number = 1;
            for (std::size_t j = 0; j < i; ++j) number += names[j] == names[i] ? 1 : 0;
            f(std::get<i>(layers), names[i] + std::to_string(number));
        });
    }
};

}  // namespace ermine
