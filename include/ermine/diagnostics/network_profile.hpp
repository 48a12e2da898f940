// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/concepts/weighted_batch.hpp>
#include <ermine/diagnostics/gradient_flow.hpp>
#include <ermine/diagnostics/layer_profile.hpp>
#include <ermine/diagnostics/network_risk_of.hpp>
#include <ermine/losses/reconstruction.hpp>
#include <ermine/models/activation.hpp>
#include <ermine/models/require_parameters.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/column_loss.hpp>

namespace ermine {

/// Options of `network_profile`.
struct NetworkProfileOptions {
    double step = 0;         ///< of the gradient, for the updates; 0: not asked about
    bool training = false;   ///< with dropout, and normalization by the batch
    std::uint64_t draw = 1;  ///< of what is left to chance in training
    FlowOptions flow = {};
};

/// Sums over the outputs of one layer, example by example (Welford, "Note on a method for
/// calculating corrected sums of squares and products", Technometrics 4, 1962: nothing cancels).
struct LayerSums {
    Eigen::ArrayXd mean, deviations;
    Eigen::Array<bool, Eigen::Dynamic, 1> alive;
    Index seen = 0;
    double squares = 0;
    double slope_squares = 0;
    Index shut = 0;

    void see_value(const auto& column) {
        const Eigen::ArrayXd x = column.array().template cast<double>();
        if (seen == 0) {
            mean.setZero(x.size());
            deviations.setZero(x.size());
            alive.setConstant(x.size(), false);
        }
        ++seen;
        const Eigen::ArrayXd before = x - mean;
        mean += before / static_cast<double>(seen);
        deviations += before * (x - mean);
        alive = alive || (x != 0);
        squares += x.square().sum();
    }

    [[nodiscard]] double root_mean(double sum) const {
        return std::sqrt(sum / (static_cast<double>(seen) * static_cast<double>(mean.size())));
    }

    void write(LayerProfile& to, bool gate) const {
        to.units = mean.size();
        to.activation = root_mean(squares);
        to.spread = root_mean(deviations.sum());
        to.slope = root_mean(slope_squares);
        if (!gate) return;
        const auto units = static_cast<double>(mean.size());
        to.dead = static_cast<double>(mean.size() - alive.count()) / units;
        to.closed = static_cast<double>(shut) / (static_cast<double>(seen) * units);
    }
};

template <class L>
inline constexpr bool is_activation = false;
template <class Function>
inline constexpr bool is_activation<Activation<Function>> = true;

/// The passes of a network's layers over all examples, with a look at each wire.
template <NetworkRisk Risk>
class LayerPasses {
    using T = typename Risk::Scalar;
    using Columns = typename Risk::Columns;
    using Model = std::remove_cvref_t<decltype(std::declval<const Risk&>().model())>;
    using Loss = std::remove_cvref_t<decltype(std::declval<const Risk&>().loss())>;
    using Layers = std::remove_cvref_t<decltype(std::declval<const Model&>().layers().layers)>;
    static constexpr std::size_t count = std::tuple_size_v<Layers>;

public:
    using Point = typename Risk::Point;

    LayerPasses(const Risk& risk, const Point& theta)
        : model_(risk.model()), loss_{.loss = risk.loss()}, columns_(risk.data()), theta_(theta) {
        model_.layers().each_shape(model_.features, [&](const auto& layer, const std::string& label,
                                                        Index width, Index units, Index earlier) {
            using L = std::remove_cvref_t<decltype(layer)>;
            LayerProfile profile{.name = label, .units = units};
            layer.list(width,
                       [&](const auto&, Index rows, Index inputs, bool penalized, Index = 1) {
                           profile.parameters += rows * inputs;
                           profile.weighted = profile.weighted || (penalized && rows * inputs > 0);
                       });
            const auto own = model_.within(theta_.data()).after(earlier);
            if constexpr (requires { layer.lipschitz(width, own); })
                profile.lipschitz = bound(layer, width, own);
            gates.push_back(is_activation<L>);
            begins.push_back(static_cast<std::size_t>(earlier));
            profiles.push_back(std::move(profile));
        });
    }

    std::vector<LayerProfile> profiles;
    std::vector<bool> gates;          ///< layers that are a function of each number
    std::vector<std::size_t> begins;  ///< the first block of each layer
    std::array<LayerSums, count + 1> sums;
    Point gradient;  ///< of the mean loss

    void run(const NetworkProfileOptions& options, Index n) {
        gradient.setZero(theta_.size());
        // in training a piece is a batch: none may be left with a single example
        const Index pieces = (n + columns_.piece() - 1) / columns_.piece();
        Pass pass{.training = options.training, .inputs = true, .add = false, .draw = options.draw};
        Index first = 0;
        for (Index k = 0; k < pieces; ++k) {
            const Index end = n * (k + 1) / pieces;
            const Index size =
                options.training ? end - first : std::min(columns_.piece(), n - first);
            columns_.template load<reconstructs<Loss>>(WeightedBatch{}, first, size, pass,
                                                       memory_.in.value, at_);
            one(pass);
            pass.add = true;
            ++pass.draw;
            first += size;
        }
        gradient /= static_cast<T>(n);
    }

private:
    const Model& model_;
    ColumnLoss<Loss, T> loss_;
    Columns columns_;
    const Point& theta_;
    typename Model::template Memory<T> memory_;
    typename Columns::template Memory<T> at_;
    Activations<T> losses_, above_;

    /// NaN for a composite of which some part has no bound.
    template <class L>
    static double bound(const L& layer, Index width, LayerParameters<const T> own) {
        try {
            return layer.lipschitz(width, own);
        } catch (const std::invalid_argument&) {
            return LayerProfile::unknown;
        }
    }

    static bool counts(const Pass& pass, Index column) {
        return pass.lengths == nullptr ||
               column / pass.examples < pass.lengths[column % pass.examples];
    }

    static void look(const Pass& pass, const Activations<T>& value, LayerSums& to) {
        for (Index k = 0; k < value.cols(); ++k)
            if (counts(pass, k)) to.see_value(value.col(k));
    }

    void one(const Pass& pass) {
        std::array<Wire<T>*, count + 1> wires{};
        wires[0] = &memory_.in;
        wires[0]->needed = true;
        wires[0]->overwritable = true;
        look(pass, wires[0]->value, sums[0]);
        const LayerParameters<const T> theta = model_.within(theta_.data());
        const LayerParameters<T> g = model_.within(gradient.data());
        const auto& layers = model_.layers().layers;
        Pass own = pass;
        const auto forward = [&]<std::size_t i>(std::integral_constant<std::size_t, i>) {
            own.draw += 0x9e3779b97f4a7c15U;
            wires[i + 1] =
                &std::get<i>(layers).forward(own, theta.after(static_cast<Index>(begins[i])),
                                             *wires[i], std::get<i>(memory_.layers.layers));
            look(pass, wires[i + 1]->value, sums[i + 1]);
        };
        const auto backward = [&]<std::size_t j>(std::integral_constant<std::size_t, j>) {
            constexpr std::size_t i = count - 1 - j;
            above_ = wires[i + 1]->slope;
            for (Index k = 0; k < above_.cols(); ++k)
                if (counts(pass, k))
                    sums[i + 1].slope_squares +=
                        above_.col(k).template cast<double>().squaredNorm();
            const auto before = static_cast<Index>(begins[i]);
            std::get<i>(layers).backward(pass, theta.after(before), *wires[i], *wires[i + 1],
                                         g.after(before), std::get<i>(memory_.layers.layers));
            if (!gates[i]) return;
            for (Index k = 0; k < above_.cols(); ++k)
                if (counts(pass, k))
                    sums[i + 1].shut += (wires[i]->slope.col(k).array().abs() <=
                                         T(0.01) * above_.col(k).array().abs())
                                            .count();
        };
        [&]<std::size_t... i>(std::index_sequence<i...>) {
            (forward(std::integral_constant<std::size_t, i>{}), ...);
            loss_.template sum<true>(*wires[count], at_.targets, at_.weights, losses_);
            (backward(std::integral_constant<std::size_t, i>{}), ...);
        }(std::make_index_sequence<count>{});
        for (Index k = 0; k < memory_.in.slope.cols(); ++k)
            if (counts(pass, k))
                sums[0].slope_squares +=
                    memory_.in.slope.col(k).template cast<double>().squaredNorm();
    }
};

/// A network layer by layer at θ, over all examples of its risk: what it hands on forward and
/// backward, dead units, norms of weights and gradients, Lipschitz bounds, and whether signals and
/// gradients vanish or explode on the way (Glorot & Bengio, "Understanding the difficulty of
/// training deep feedforward neural networks", AISTATS 2010, section 4.2; Bengio, Simard & Frasconi
/// 1994). Slopes are compared by their norms, which keep under weights drawn by the number of
/// inputs (He et al., ICCV 2015, section 2.2), activations by their root mean square.
///
///     std::cout << network_profile(risk, theta, {.step = 0.1});
///
/// f is the EmpiricalRisk of a network, with a penalty or without; the penalty counts nothing here.
/// With `.step` = ε the update of a layer is ε ‖∂F/∂θₗ‖ / ‖θₗ‖: about 1e-3 is usual, above 0.1 a
/// layer is all but redrawn. At inference unless `.training`; one pass forward and backward. Throws
/// std::invalid_argument for parameters of another number, or that are not finite; overflow inside
/// is what it is there to find.
template <class F, class V>
[[nodiscard]] NetworkProfile network_profile(const F& f, const V& theta,
                                             const NetworkProfileOptions& options = {}) {
    static_assert(holds_network<F>,
                  "network_profile looks at layers: give the EmpiricalRisk of a network(...), with "
                  "a penalty or without");
    NetworkProfile result;
    if constexpr (holds_network<F>) {
        const auto& risk = network_risk_of(f);
        using Risk = std::remove_cvref_t<decltype(risk)>;
        static_assert(std::same_as<typename V::Scalar, typename Risk::Scalar>,
                      "network_profile: parameters and data must be of one type, float or double");
        require_nonnegative(options.step, "NetworkProfileOptions.step");
        options.flow.check();
        const typename Risk::Point point = theta;
        require_parameters(risk.model(), point, "network_profile");
        if (!point.allFinite())
            throw std::invalid_argument("network_profile: the parameters are not finite there");
        LayerPasses<Risk> passes(risk, point);
        passes.run(options, risk.examples());
        result.examples = risk.examples();
        result.inputs.name = "inputs";
        passes.sums[0].write(result.inputs, false);
        result.lipschitz = 1;
        std::vector<double> spreads;
        std::vector<double> slopes;
        const auto& blocks = risk.model().blocks();
        for (std::size_t i = 0; i < passes.profiles.size(); ++i) {
            LayerProfile& layer = passes.profiles[i];
            passes.sums[i + 1].write(layer, passes.gates[i]);
            result.lipschitz *= layer.lipschitz;
            if (layer.parameters > 0) {
                double weights = 0;
                double gradient = 0;
                const std::size_t end =
                    i + 1 < passes.begins.size() ? passes.begins[i + 1] : blocks.size();
                for (std::size_t b = passes.begins[i]; b < end; ++b) {
                    const Index size = blocks[b].rows * blocks[b].columns;
                    const auto square = [&](const auto& all) {
                        return all.segment(blocks[b].offset, size)
                            .template cast<double>()
                            .squaredNorm();
                    };
                    weights += square(point);
                    gradient += square(passes.gradient);
                }
                layer.weights = std::sqrt(weights);
                layer.gradient = std::sqrt(gradient);
                if (options.step > 0) layer.update = options.step * layer.gradient / layer.weights;
            }
            if (layer.weighted) {
                spreads.push_back(layer.spread);
                slopes.push_back(layer.slope_norm());
            }
        }
        result.layers = std::move(passes.profiles);
        std::reverse(slopes.begin(), slopes.end());
        result.forward = gradient_flow(spreads, options.flow);
        result.backward = gradient_flow(slopes, options.flow);
    }
    return result;
}

/// The same, with the updates ‖θₗ' − θₗ‖ / ‖θₗ‖ of a step that was taken, from θ to θ'.
template <class F, class V>
    requires(holds_network<F>)
[[nodiscard]] NetworkProfile network_profile(const F& f, const V& theta, const V& after,
                                             const NetworkProfileOptions& options = {}) {
    const auto& model = network_risk_of(f).model();
    require_parameters(model, after, "network_profile: the point after the step");
    NetworkProfile result = network_profile(f, theta, options);
    for (LayerProfile& layer : result.layers) {
        double square = 0;
        for (const ParameterBlock& block : model.blocks())
            if (block.name.substr(0, block.name.find('.')) == layer.name)
                square += (after - theta)
                              .segment(block.offset, block.rows * block.columns)
                              .template cast<double>()
                              .squaredNorm();
        layer.update =
            layer.parameters > 0 ? std::sqrt(square) / layer.weights : LayerProfile::unknown;
    }
    return result;
}

}  // namespace ermine
