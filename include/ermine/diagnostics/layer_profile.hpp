// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/diagnostics/gradient_flow.hpp>

namespace ermine {

/// What one layer of a network hands on, forward and backward, over a set of examples. NaN where
/// something has no meaning, or is not known.
struct LayerProfile {
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

    std::string name;       ///< "dense2"
    Index units = 0;        ///< that it hands on
    Index parameters = 0;   ///< that it has
    bool weighted = false;  ///< whether it has weights, blocks that a penalty applies to
    /// Root mean square of the outputs, over units and examples.
    double activation = unknown;
    /// The same of each unit's deviations from its mean over the examples: of the activation the
    /// part that tells examples apart.
    double spread = unknown;
    /// Root mean square of ∂ℓ/∂(output) over units and examples, ℓ the loss of the example alone,
    /// with its weight. For recurrent layers without what comes back through time.
    double slope = unknown;
    double dead = 0;    ///< share of the units whose output is 0 for all examples: see below
    double closed = 0;  ///< share of the outputs through which less than 1 % of the slope passes
    double weights = unknown;    ///< ‖θₗ‖
    double gradient = unknown;   ///< ‖∂F/∂θₗ‖, without a penalty
    double update = unknown;     ///< ‖Δθₗ‖ / ‖θₗ‖ of the step that was asked about
    double lipschitz = unknown;  ///< bounds by how much it stretches distances

    /// Root mean square over the examples of ‖∂ℓ/∂(outputs)‖₂.
    [[nodiscard]] double slope_norm() const {
        return slope * std::sqrt(static_cast<double>(units));
    }
};

/// A network, layer by layer, at one point. Made by `network_profile`.
struct NetworkProfile {
    LayerProfile inputs;
    std::vector<LayerProfile> layers;
    Index examples = 0;
    double lipschitz = LayerProfile::unknown;  ///< of the whole: the product, where all are known
    /// Of `spread`, from the first layer with weights to the last: where it vanishes, all examples
    /// look the same to the last layer.
    GradientFlow forward;
    /// Of `slope_norm()`, from the last layer with weights to the first: where it vanishes, the
    /// first layers don't learn.
    GradientFlow backward;

    /// The largest share of dead units of a layer.
    [[nodiscard]] double dead() const {
        double most = 0;
        for (const LayerProfile& layer : layers) most = std::fmax(most, layer.dead);
        return most;
    }

    /// The layer of that name; null if there is none.
    [[nodiscard]] const LayerProfile* find(const std::string& name) const {
        for (const LayerProfile& layer : layers)
            if (layer.name == name) return &layer;
        return nullptr;
    }

    /// The verdicts, with their evidence.
    [[nodiscard]] std::string explain() const {
        std::string text = "gradients backward: " + backward.text("layer") +
                           "\nsignals forward: " + forward.text("layer") + '\n';
        for (const LayerProfile& layer : layers) {
            if (!(layer.dead > 0)) continue;
            char line[128];
            std::snprintf(line, sizeof line, "%s: %.0f of %lld units are dead\n",
                          layer.name.c_str(), layer.dead * static_cast<double>(layer.units),
                          static_cast<long long>(layer.units));
            text += line;
        }
        return text;
    }

    /// A line a layer, and the verdicts.
    friend std::ostream& operator<<(std::ostream& out, const NetworkProfile& p) {
        const auto cell = [](double number, const char* format = "%.3g") {
            char text[32];
            if (std::isnan(number)) return std::string("-");
            std::snprintf(text, sizeof text, format, number);
            return std::string(text);
        };
        out << "  layer             units  activation    spread     slope   dead  closed   weights"
               "    update  Lipschitz\n";
        const auto row = [&](const LayerProfile& layer) {
            const bool gate = layer.parameters == 0 && layer.name != "inputs";
            char line[200];
            std::snprintf(
                line, sizeof line, "  %-16s %6lld  %10s  %8s  %8s  %5s  %6s  %8s  %8s  %9s\n",
                layer.name.c_str(), static_cast<long long>(layer.units),
                cell(layer.activation).c_str(), cell(layer.spread).c_str(),
                cell(layer.slope).c_str(), gate ? cell(100 * layer.dead, "%.0f%%").c_str() : "-",
                gate ? cell(100 * layer.closed, "%.0f%%").c_str() : "-",
                cell(layer.weights).c_str(), cell(layer.update).c_str(),
                cell(layer.lipschitz).c_str());
            out << line;
        };
        row(p.inputs);
        for (const LayerProfile& layer : p.layers) row(layer);
        return out << p.explain();
    }
};

}  // namespace ermine
