// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/layer.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/models/stack.hpp>

namespace ermine {

/// A feedforward or recurrent network: f(x; θ) is what the last of its layers hands on. Made by
/// `network`.
///
/// θ is one flat vector: first all blocks that a penalty applies to (weight matrices, row by row, a
/// row a unit), layer by layer, then the others (biases, scales, statistics). `blocks()` names
/// them, "dense1.weights", and tells place and shape.
template <Layer... Layers>
class Network {
public:
    static constexpr const char* name = "Network";
    using form = Batches;
    struct Workspace {};  // its memory goes by the type of numbers: see Memory

    template <class T>
    struct Memory {
        Wire<T> in;
        Wire<T>* out = nullptr;
        typename Stack<Layers...>::template Memory<T> layers;
    };

    const Index features;  ///< numbers an example, or a step of one

    /// Throws std::invalid_argument, naming the layer, for features < 1 and for layers that don't
    /// fit.
    Network(Index inputs, Layers... layers) : features(inputs), stack_{{std::move(layers)...}} {
        if (features < 1)
            throw std::invalid_argument("network: it takes " + std::to_string(features) +
                                        " features: give the number of columns of the data");
        outputs_ = stack_.outputs(features, "");
        auto table = std::make_shared<Table>();
        struct Listed {
            Index rows, columns;
            bool penalized;
            Index stacked;
        };
        std::vector<Listed> listed;
        stack_.list(features, [&](const std::string& block, Index rows, Index columns,
                                  bool penalized, Index stacked = 1) {
            table->names.push_back(block);
            listed.push_back({rows, columns, penalized, stacked});
        });
        table->offsets.resize(listed.size());
        table->blocks.resize(listed.size());
        for (const bool penalized : {true, false}) {
            for (std::size_t k = 0; k < listed.size(); ++k) {
                if (listed[k].penalized != penalized) continue;
                table->offsets[k] = parameters_;
                table->blocks[k] = {table->names[k], parameters_, listed[k].rows, listed[k].columns,
                                    listed[k].stacked};
                parameters_ += listed[k].rows * listed[k].columns;
            }
            if (penalized) penalized_ = parameters_;
        }
        table_ = std::move(table);
    }

    [[nodiscard]] Index parameters() const { return parameters_; }
    [[nodiscard]] Index penalized() const { return penalized_; }
    [[nodiscard]] Index outputs() const { return outputs_; }
    void check() const {}  // was checked when it was made

    /// Layer by layer. The names live as long as the network or a copy of it.
    [[nodiscard]] const std::vector<ParameterBlock>& blocks() const { return table_->blocks; }

    /// The layers, to look at.
    [[nodiscard]] const Stack<Layers...>& layers() const { return stack_; }

    /// The parameters of the layers within the flat vector that begins at `values`.
    template <class T>
    [[nodiscard]] LayerParameters<T> within(T* values) const {
        return {values, table_->offsets.data()};
    }

    /// f(x; θ) of the batch in `memory.in.value`, into `memory.out->value`.
    template <class T>
    void forward(const Pass& pass, const T* theta, Memory<T>& memory) const {
        memory.in.needed = pass.inputs;
        memory.in.overwritable = true;
        memory.out = &stack_.forward(pass, within(theta), memory.in, memory.layers);
    }

    /// Given the slope of the loss in the outputs, `memory.out->slope`, its gradient into g, which
    /// `pass.add` adds to.
    template <class T>
    void backward(const Pass& pass, const T* theta, T* g, Memory<T>& memory) const {
        stack_.backward(pass, within(theta), memory.in, *memory.out, within(g), memory.layers);
    }

    /// Writes the population's statistics that passes gathered: see Layer.
    template <class T>
    void settle(T* theta, Memory<T>& memory, Index place) const {
        stack_.settle(within(theta), memory.layers, place);
    }

    /// The derivative of the outputs along v, into `memory.out->value_tangent`.
    template <class T>
    void tangent(const Pass& pass, const T* theta, const T* v, Memory<T>& memory) const {
        stack_.tangent(pass, within(theta), within(v), memory.in, *memory.out, memory.layers);
    }

    /// Given the slope and its tangent in the outputs, the derivative of the gradient along v into
    /// h.
    template <class T>
    void tangent_backward(const Pass& pass, const T* theta, const T* v, T* h,
                          Memory<T>& memory) const {
        stack_.tangent_backward(pass, within(theta), within(v), memory.in, *memory.out, within(h),
                                memory.layers);
    }

private:
    struct Table {
        std::vector<std::string> names;
        std::vector<ParameterBlock> blocks;
        std::vector<Index> offsets;
    };

    Stack<Layers...> stack_;
    Index outputs_ = 0;
    Index parameters_ = 0;
    Index penalized_ = 0;
    std::shared_ptr<const Table> table_;
};

/// A model that computes on batches of examples: see Network.
template <class M>
concept NetworkModel = Model<M> && std::same_as<typename M::form, Batches>;

/// How many numbers a layer hands on, given `inputs`, where that is known as a constant; else 0.
template <class L>
consteval Index constant_outputs(Index inputs) {
    if constexpr (requires { L::hands_on; })
        return L::hands_on;
    else
        return is_unitwise<L> ? inputs : 0;
}

/// Whether a layer takes what the layers before it hand on, as far as that is known.
template <Index given, class L>
consteval bool meets() {
    if constexpr (requires { L::takes; }) {
        constexpr Index takes = L::takes;
        static_assert(
            given == 0 || given == takes,
            "network: a layer is given another number of inputs than it takes; both stand "
            "in this line's types, dense<in, out>: make them meet");
        return given == 0 || given == takes;
    }
    return true;
}

/// The same for all of some layers.
template <Index given>
consteval bool all_meet() {
    return true;
}
template <Index given, class L, class... Others>
consteval bool all_meet() {
    if constexpr (meets<given, L>())
        return all_meet<constant_outputs<L>(given), Others...>();
    else
        return false;
}

/// A network of layers that takes so many features: `network(784, dense(256), relu(), dense(10))`.
/// Layers that say their sizes as constants (`dense<784, 256>()`, `sized`) are checked here.
template <Layer... Layers>
Network<Layers...> network(Index features, Layers... layers) {
    (void)all_meet<0, Layers...>();
    return {features, std::move(layers)...};
}

/// The same for a constant, which the first layer is checked with, too:
/// `network<784>(dense<784, 256>(), relu(), dense<256, 10>())`.
template <Index features, Layer... Layers>
Network<Layers...> network(Layers... layers) {
    (void)all_meet<features, Layers...>();
    return {features, std::move(layers)...};
}

}  // namespace ermine
