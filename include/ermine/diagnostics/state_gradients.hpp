// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <numeric>
#include <ostream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/concepts/weighted_batch.hpp>
#include <ermine/diagnostics/gradient_flow.hpp>
#include <ermine/diagnostics/network_risk_of.hpp>
#include <ermine/losses/reconstruction.hpp>
#include <ermine/models/cell_pass.hpp>
#include <ermine/models/require_parameters.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/lanes.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/student_quantile.hpp>

namespace ermine {

/// Options of `state_gradients`.
struct StateGradientOptions {
    Index examples = 16;  ///< that are looked at, the longest; of streams the first window of each
    Index steps = 100;    ///< how far back, at most
    Index probes = 32;    ///< random directions where a layer has more units; else all of them
    std::uint64_t seed = 1;
    FlowOptions flow = {};
};

/// How the last state of a recurrent layer depends on earlier ones.
struct LayerStateGradients {
    std::string name;
    Index units = 0;
    bool exact = false;  ///< all directions were taken, no random ones
    /// At k the root mean square of the singular values of ∂h_T/∂s_{T−k}, s the state: h, and the
    /// cell's own where it has one. 1 at k = 0. The error is over the examples (and directions).
    std::vector<Estimate> norm;
    GradientFlow flow;  ///< from k = 0 to the last: `ratio` is the rate a step
};

/// Of all recurrent layers of a network. Made by `state_gradients`.
struct StateGradients {
    std::vector<LayerStateGradients> layers;
    Index examples = 0;

    friend std::ostream& operator<<(std::ostream& out, const StateGradients& s) {
        for (const LayerStateGradients& layer : s.layers) {
            out << "  " << layer.name << ": the last state by the state so many steps before, over "
                << s.examples << (s.examples == 1 ? " example" : " examples")
                << "\n   steps  norm\n";
            for (std::size_t k = 1; k < layer.norm.size(); k = k < 4 ? k + 1 : 2 * k) {
                char steps[32];
                std::snprintf(steps, sizeof steps, "%8zu  ", k);
                out << steps << layer.norm[k] << '\n';
            }
            out << "    " << layer.flow.text("step");
            if (layer.flow.ratio < 1) {
                char text[80];
                std::snprintf(text, sizeof text, ": 1 %% is left after %.3g steps",
                              layer.flow.horizon());
                out << text;
            }
            out << '\n';
        }
        return out;
    }
};

/// Takes slopes in the last state of a recurrent layer back, step by step.
template <class L, class T>
class StateDescent {
    using Cell = std::remove_cvref_t<decltype(std::declval<const L&>().cell)>;
    using Map = Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

public:
    /// What a forward pass over `steps` steps left in `memory`.
    StateDescent(const L& layer, const Pass& pass, Index steps, LayerParameters<const T> theta,
                 typename L::template Memory<T>& memory)
        : layer_(layer),
          pass_(pass),
          last_(steps - 1),
          weights_(theta[1], Cell::gates * layer.units, layer.units),
          memory_(memory) {
        auto& course = memory_.value;
        course.slopes.setZero(Cell::gates * layer.units, memory_.out.value.cols());
        if constexpr (Cell::apart) course.apart.setZero(layer.units, memory_.out.value.cols());
        memory_.out.slope.setZero(layer.units, memory_.out.value.cols());
    }

    /// Calls see(k, slopes) for k = 1, …, back with the slopes of uᵀh_T in the state k steps
    /// before, an example a column, u the column of `probe`.
    template <class See>
    void descend(const Activations<T>& probe, Index back, const See& see) {
        const Index n = pass_.examples;
        const Index units = layer_.units;
        constexpr Index joined = Cell::gates - (Cell::apart ? 1 : 0);
        auto& course = memory_.value;
        memory_.out.slope.middleCols(last_ * n, n) = probe;
        course.carry.setZero((Cell::has_state ? 2 : 1) * units, n);
        const CellPass<Cell, Lanes<T>, T> by{layer_.cell, units, pass_, memory_};
        for (Index k = 1; k <= back; ++k) {
            const Index t = last_ - k + 1;
            for (Index i = 0; i < n; ++i) by.take_back(t, i);
            auto carry = course.carry.topRows(units);
            if constexpr (!Cell::direct) carry.setZero();
            carry.noalias() += weights_.topRows(joined * units).transpose() *
                               course.slopes.block(0, t * n, joined * units, n);
            if constexpr (Cell::apart)
                carry.noalias() +=
                    weights_.bottomRows(units).transpose() * course.apart.middleCols(t * n, n);
            see(k, course.carry);
            if (k == 1) memory_.out.slope.middleCols(last_ * n, n).setZero();
        }
    }

private:
    const L& layer_;
    const Pass& pass_;
    Index last_;
    Map weights_;
    typename L::template Memory<T>& memory_;
};

/// From the squares of a direction's slopes, averaged: a row an example, a column a step.
[[nodiscard]] inline std::vector<Estimate> root_mean_squares(const Eigen::ArrayXXd& squares) {
    std::vector<Estimate> norms;
    const Index n = squares.rows();
    for (Index k = 0; k < squares.cols(); ++k) {
        const double mean = squares.col(k).mean();
        Estimate norm{.value = std::sqrt(mean), .error = 0};
        if (n > 1 && mean > 0) {
            const double variance =
                (squares.col(k) - mean).square().sum() / static_cast<double>(n * (n - 1));
            norm.error = student_interval(0.95, n - 1) * std::sqrt(variance) / (2 * norm.value);
        }
        norms.push_back(norm);
    }
    return norms;
}

/// How the last state of each recurrent layer depends on its earlier ones: the norm of ∂h_T/∂h_t
/// against T − t. By the chain rule it is a product of T − t Jacobians, and so shrinks or grows
/// about geometrically: gradients that vanish cannot teach what depends on steps long ago, and
/// those that explode make cliffs (Bengio, Simard & Frasconi, "Learning long-term dependencies with
/// gradient descent is difficult", IEEE Transactions on Neural Networks 5, 1994; Pascanu, Mikolov &
/// Bengio, ICML 2013, equations 5 and 6).
///
///     std::cout << state_gradients(risk, theta);
///
/// Exactly, one pass back for each unit, or with unit vectors drawn at random: the mean of
/// ‖(∂h_T/∂s_t)ᵀ u‖² is ‖∂h_T/∂s_t‖²_F / units. At inference, and within one pass: where streams
/// are cut into windows, T is the end of a window. Throws std::invalid_argument for parameters of
/// another number or that are not finite, and where sequences have a single step.
template <class F, class V>
[[nodiscard]] StateGradients state_gradients(const F& f, const V& theta,
                                             const StateGradientOptions& options = {}) {
    static_assert(holds_network<F>,
                  "state_gradients looks at recurrent layers: give the EmpiricalRisk of a "
                  "network(...) over Sequences, with a penalty or without");
    StateGradients result;
    if constexpr (holds_network<F>) {
        const auto& risk = network_risk_of(f);
        using Risk = std::remove_cvref_t<decltype(risk)>;
        using T = typename Risk::Scalar;
        using Model = std::remove_cvref_t<decltype(risk.model())>;
        using Layers = std::remove_cvref_t<decltype(risk.model().layers().layers)>;
        require_count(options.examples, "StateGradientOptions.examples");
        require_count(options.steps, "StateGradientOptions.steps");
        require_count(options.probes, "StateGradientOptions.probes");
        options.flow.check();
        const Model& model = risk.model();
        const typename Risk::Point point = theta;
        require_parameters(model, point, "state_gradients");
        if (!point.allFinite())
            throw std::invalid_argument("state_gradients: the parameters are not finite there");

        const typename Risk::Columns columns(risk.data());
        typename Risk::Columns::template Memory<T> at;
        typename Model::template Memory<T> memory;
        Index count = std::min(options.examples, risk.examples());
        Index steps = 1;
        std::vector<std::int32_t> rows(static_cast<std::size_t>(risk.examples()));
        std::iota(rows.begin(), rows.end(), 0);
        if constexpr (requires { risk.data().streams(); }) {
            const auto& data = risk.data();
            if (data.streams() > 0)
                count = data.streams();
            else
                std::sort(rows.begin(), rows.end(), [&](std::int32_t a, std::int32_t b) {
                    const Index other = data.length(b);
                    const Index own = data.length(a);
                    return own > other || (own == other && a < b);
                });
            rows.resize(static_cast<std::size_t>(count));
            steps = data.length(rows.front());
            for (const std::int32_t i : rows) steps = std::min(steps, data.length(i));
        }
        if (steps < 2)
            throw std::invalid_argument(
                "state_gradients: the examples have a single step: give Sequences of two or more");
        Pass pass;
        using Loss = std::remove_cvref_t<decltype(risk.loss())>;
        columns.template load<reconstructs<Loss>>(WeightedBatch{rows, {}}, 0, count, pass,
                                                  memory.in.value, at);
        result.examples = count;
        const Index back = std::min(options.steps, steps - 1);

        const auto measure = [&](const auto& layer, const std::string& name,
                                 LayerParameters<const T> own, auto& kept) {
            using L = std::remove_cvref_t<decltype(layer)>;
            LayerStateGradients found;
            found.name = name;
            found.units = layer.units;
            found.exact = layer.units <= options.probes;
            const Index probes = std::min(layer.units, options.probes);
            StateDescent<L, T> descent(layer, pass, steps, own, kept);
            Eigen::ArrayXXd squares = Eigen::ArrayXXd::Zero(count, back + 1);
            squares.col(0).setOnes();
            Activations<T> probe(layer.units, count);
            Random random{options.seed};
            for (Index p = 0; p < probes; ++p) {
                if (found.exact) {
                    probe.setZero();
                    probe.row(p).setOnes();
                } else {
                    for (Index i = 0; i < probe.size(); ++i)
                        probe.data()[i] = static_cast<T>(random.normal());
                    probe.colwise().normalize();
                }
                descent.descend(probe, back, [&](Index k, const Activations<T>& slopes) {
                    squares.col(k) +=
                        slopes.template cast<double>().colwise().squaredNorm().transpose().array() /
                        static_cast<double>(probes);
                });
            }
            found.norm = root_mean_squares(squares);
            std::vector<double> lengths;
            for (const Estimate& norm : found.norm) lengths.push_back(norm.value);
            found.flow = gradient_flow(lengths, options.flow);
            result.layers.push_back(std::move(found));
        };

        std::vector<std::string> labels;
        std::vector<Index> earlier;
        model.layers().each_shape(
            model.features, [&](const auto&, const std::string& label, Index, Index, Index before) {
                labels.push_back(label);
                earlier.push_back(before);
            });
        const LayerParameters<const T> parameters = model.within(point.data());
        memory.in.overwritable = true;
        Wire<T>* wire = &memory.in;
        Pass drawn = pass;
        [&]<std::size_t... i>(std::index_sequence<i...>) {
            const auto take = [&]<std::size_t j>(std::integral_constant<std::size_t, j>) {
                const auto& layer = std::get<j>(model.layers().layers);
                auto& kept = std::get<j>(memory.layers.layers);
                const auto own = parameters.after(earlier[j]);
                wire = &layer.forward(drawn, own, *wire, kept);
                if constexpr (requires { layer.cell; }) measure(layer, labels[j], own, kept);
            };
            (take(std::integral_constant<std::size_t, i>{}), ...);
        }(std::make_index_sequence<std::tuple_size_v<Layers>>{});
        if (result.layers.empty())
            throw std::invalid_argument(
                "state_gradients: the network has no recurrent layer (rnn, gru, lstm)");
    }
    return result;
}

}  // namespace ermine
