// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/orthogonal.hpp>
#include <ermine/models/stack.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Layer-sequential unit variance: orthogonal weights, then layer by layer from the first on those
/// of a layer are divided by the standard deviation of what it hands on for a batch of examples
/// (Mishkin & Matas, "All you need is a good init", ICLR 2016, algorithm 1). It asks nothing of the
/// activations, which is its use: they may be any.
///
/// It goes by layers with one matrix of weights (dense, maxout). Others, recurrent and residual
/// ones, keep their orthogonal weights.
struct LSUV {
    static constexpr const char* name = "LSUV";

    double variance = 1;
    double tolerance = 0.1;     ///< of the variance, relative
    Index max_iterations = 10;  ///< a layer
    Index examples = 256;       ///< of a risk that are looked at, the first ones

    void check() const {
        require_positive(variance, "LSUV.variance");
        require_positive(tolerance, "LSUV.tolerance");
        require_count(max_iterations, "LSUV.max_iterations");
        require_count(examples, "LSUV.examples");
    }

    /// Scales the weights of each layer for the batch in `in`.
    template <class T, Layer... Layers>
    void scale(const Stack<Layers...>& stack, Index inputs, LayerParameters<T> theta, Wire<T>& in,
               typename Stack<Layers...>::template Memory<T>& memory) const {
        std::vector<std::string> labels;
        std::vector<Index> widths;
        std::vector<Index> earlier;
        stack.each_shape(
            inputs, [&](const auto&, const std::string& label, Index width, Index, Index before) {
                labels.push_back(label);
                widths.push_back(width);
                earlier.push_back(before);
            });
        Wire<T>* wire = &in;
        [&]<std::size_t... i>(std::index_sequence<i...>) {
            ((wire = &scale_layer(std::get<i>(stack.layers), labels[i], widths[i],
                                  theta.after(earlier[i]), *wire, std::get<i>(memory.layers))),
             ...);
        }(std::index_sequence_for<Layers...>{});
    }

private:
    template <class L, class T>
    Wire<T>& scale_layer(const L& layer, const std::string& label, Index inputs,
                         LayerParameters<T> theta, Wire<T>& in,
                         typename L::template Memory<T>& memory) const {
        const Pass pass{.examples = in.value.cols()};
        const LayerParameters<const T> now{theta.values, theta.at};
        Index block = 0;
        Index weights = -1;
        Index matrices = 0;
        Index count = 0;
        layer.list(inputs, [&](const auto&, Index rows, Index columns, bool penalized, Index = 1) {
            if (penalized) {
                ++matrices;
                weights = block;
                count = rows * columns;
            }
            ++block;
        });
        if (matrices != 1) return layer.forward(pass, now, in, memory);
        const Activations<T> kept = in.value;  // a layer may write over it
        for (Index iteration = 0;; ++iteration) {
            Wire<T>& out = layer.forward(pass, now, in, memory);
            const auto values = out.value.template cast<double>().array();
            const double found = (values - values.mean()).square().mean();
            if (iteration == max_iterations || std::abs(found - variance) <= tolerance * variance)
                return out;
            if (!(found > 0) || !std::isfinite(found))
                throw std::invalid_argument("LSUV: " + label + " hands on numbers of variance " +
                                            in_digits(found) +
                                            " for this batch: give examples that differ");
            Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>>(theta[weights], count) *=
                static_cast<T>(std::sqrt(variance / found));
            if (&out == &in) in.value = kept;
        }
    }
};

/// Parameters by LSUV for the examples of `batch`, features × examples. Throws
/// std::invalid_argument, naming the layer, where a layer hands on the same number for all of them.
template <NetworkModel M, class X>
[[nodiscard]] Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, 1> initialize(
    const M& model, const LSUV& how, const Eigen::MatrixBase<X>& batch, std::uint64_t seed = 1) {
    using T = typename X::Scalar;
    how.check();
    if (batch.rows() != model.features || batch.cols() < 2)
        throw std::invalid_argument("LSUV: the batch is " + std::to_string(batch.rows()) + " x " +
                                    std::to_string(batch.cols()) + ", the network takes " +
                                    std::to_string(model.features) +
                                    " features: give a column an example, and at least 2");
    auto theta = initialize<T>(model, Orthogonal{}, seed);
    typename M::template Memory<T> memory;
    memory.in.value = batch;
    memory.in.needed = false;
    how.scale(model.layers(), model.features, model.within(theta.data()), memory.in, memory.layers);
    return theta;
}

/// The same for the first examples of a risk, in its type of numbers.
template <class Risk>
    requires NetworkModel<std::remove_cvref_t<decltype(std::declval<const Risk&>().model())>>
[[nodiscard]] typename Risk::Point initialize(const Risk& risk, const LSUV& how,
                                              std::uint64_t seed = 1) {
    const auto& rows = risk.data().rows();
    const Index count = std::min(how.examples, risk.examples());
    Activations<typename Risk::Scalar> batch =
        Activations<typename Risk::Scalar>::Zero(rows.features, count);
    for (Index k = 0; k < count; ++k) {
        if constexpr (requires { rows.row(k); }) {
            for (Index j = 0; j < rows.features; ++j)
                batch(j, k) = static_cast<typename Risk::Scalar>(rows.row(k)[j]);
        } else {
            const auto columns = rows.row_columns(k);
            for (std::size_t e = 0; e < columns.size(); ++e)
                batch(columns[e], k) = static_cast<typename Risk::Scalar>(rows.row_values(k)[e]);
        }
    }
    return initialize(risk.model(), how, batch, seed);
}

}  // namespace ermine
