// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/model.hpp>
#include <ermine/models/network.hpp>

namespace ermine {

/// Units between two fully connected layers, and where in the parameter vector the numbers of each
/// are.
struct HiddenLayer {
    /// Stacked matrices of `units` rows: unit k has row k of each.
    struct Rows {
        Index offset = 0;
        Index columns = 1;
        Index stacked = 1;
    };

    std::string name;  ///< of the layer that computes them, "dense1"
    Index units = 0;
    bool homogeneous = true;     ///< what they compute may be multiplied by α > 0
    bool odd = true;             ///< or by −1
    std::vector<Rows> incoming;  ///< weights and biases
    std::vector<Rows> between;   ///< of layers in between that have numbers for each unit
    std::size_t follower = 0;    ///< which layer reads them, counted from 0
    Index outgoing = 0;          ///< where its weights begin: a column a unit
    Index outgoing_rows = 0;

    [[nodiscard]] Index outgoing_at(Index row, Index unit) const {
        return outgoing + row * units + unit;
    }
};

/// The hidden layers of a network of fully connected layers with what treats all units alike
/// between them (activations, dropout, normalization). Throws std::invalid_argument, naming it, for
/// another kind of layer.
template <NetworkModel M>
std::vector<HiddenLayer> hidden_layers(const M& model) {
    std::vector<HiddenLayer> found;
    HiddenLayer open;  // whose outgoing weights are still to come
    std::size_t position = 0;
    model.layers().each_shape(model.features, [&](const auto& layer, const std::string& label,
                                                  Index inputs, Index outputs, Index earlier) {
        using L = std::remove_cvref_t<decltype(layer)>;
        const auto offsets = model.within(static_cast<const double*>(nullptr)).after(earlier);
        std::vector<HiddenLayer::Rows> rows;
        Index block = 0;
        layer.list(inputs, [&](const auto&, Index count, Index columns, bool, Index = 1) {
            if (count > 0) rows.push_back({offsets.at[block], columns, count / outputs});
            ++block;
        });
        if constexpr (is_fully_connected<L>) {
            if (open.units > 0) {
                open.follower = position;
                open.outgoing = rows.front().offset;
                open.outgoing_rows = rows.front().stacked * outputs;
                found.push_back(open);
            }
            open = HiddenLayer();
            open.name = label;
            open.units = outputs;
            open.incoming = rows;
            // maxᵢ(−xᵢ) is not −maxᵢ xᵢ
            if (rows.front().stacked > 1) open.odd = false;
        } else if constexpr (is_unitwise<L>) {
            open.between.insert(open.between.end(), rows.begin(), rows.end());
            open.homogeneous &= is_homogeneous<L>;
            open.odd &= is_odd<L>;
        } else {
            throw std::invalid_argument("hidden units: " + label + " takes " +
                                        std::to_string(inputs) + " numbers and hands on " +
                                        std::to_string(outputs) +
                                        " in a way that is not known: give a network of dense "
                                        "layers and activations");
        }
        ++position;
    });
    return found;
}

/// The hidden layer of that number, counted from 0. Throws std::invalid_argument if there are
/// fewer.
template <NetworkModel M>
HiddenLayer hidden_layer(const M& model, Index layer) {
    auto all = hidden_layers(model);
    if (layer < 0 || layer >= static_cast<Index>(all.size()))
        throw std::invalid_argument("hidden layer " + std::to_string(layer) +
                                    " does not exist: the network has " +
                                    std::to_string(all.size()) + ", counted from 0");
    return all[static_cast<std::size_t>(layer)];
}

}  // namespace ermine
