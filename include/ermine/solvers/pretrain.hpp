// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/losses/reconstruction.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/require_parameters.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/solvers/minimize.hpp>

namespace ermine {

/// What pretraining came to.
template <class T>
struct Pretrained {
    Eigen::Matrix<T, Eigen::Dynamic, 1> x;  ///< parameters of the deep network, to go on from
    std::vector<double> errors;  ///< of each hidden layer's autoencoder, its mean loss at the end
    double epochs = 0;           ///< over all layers together, each pass as dear as its own layer
};

/// Greedy layer-wise pretraining (Bengio, Lamblin, Popovici & Larochelle, "Greedy layer-wise
/// training of deep networks", NIPS 2006, section 4): each hidden layer in turn, from the first on,
/// is trained as the code of an autoencoder of what the layers before it hand on, with a linear
/// decoder, squared error and no targets; the decoder is thrown away. See pretrain.
template <class Risk>
class Pretrainer {
public:
    using T = typename Risk::Scalar;
    using Point = Eigen::Matrix<T, Eigen::Dynamic, 1>;

    Pretrainer(const Risk& risk, const Point& theta, std::uint64_t seed)
        : risk_(risk), seed_(seed), result_{theta, {}, 0} {
        const auto& data = risk.data();
        rows_ = Rows::Zero(data.examples(), data.features());
        for (Index i = 0; i < data.examples(); ++i) {
            if constexpr (requires { data.rows().row(i); }) {
                for (Index j = 0; j < data.features(); ++j)
                    rows_(i, j) = static_cast<T>(data.rows().row(i)[j]);
            } else {
                const auto columns = data.rows().row_columns(i);
                for (std::size_t e = 0; e < columns.size(); ++e)
                    rows_(i, columns[e]) = static_cast<T>(data.rows().row_values(i)[e]);
            }
        }
    }

    template <class Method, class Stop>
    Pretrained<T> run(const Method& method, const Stop& stop) {
        from<0>(method, stop, 0);
        return std::move(result_);
    }

private:
    using Rows = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Layers =
        std::remove_cvref_t<decltype(std::declval<const Risk&>().model().layers().layers)>;

    const Risk& risk_;
    std::uint64_t seed_;
    Pretrained<T> result_;
    Rows rows_;  // what the layers so far hand on, a row an example

    template <std::size_t i>
    static constexpr bool has_weights = is_fully_connected<std::tuple_element_t<i, Layers>>;

    /// The next fully connected layer from i on, or the number of layers.
    template <std::size_t i>
    static constexpr std::size_t next() {
        if constexpr (i == std::tuple_size_v<Layers>)
            return i;
        else if constexpr (has_weights<i>)
            return i;
        else
            return next<i + 1>();
    }

    /// Layers `first`, …, and those after them up to the next with weights, as an encoder.
    template <std::size_t first, class Method, class Stop>
    void from(const Method& method, const Stop& stop, Index blocks_before) {
        constexpr std::size_t begin = next<first>();
        if constexpr (begin < std::tuple_size_v<Layers>) {
            constexpr std::size_t end = next<begin + 1>();
            if constexpr (end < std::tuple_size_v<Layers>) {
                static_assert(begin == first,
                              "pretrain: the network begins with something else than a dense "
                              "layer, which an autoencoder cannot train");
                blocks_before = train<begin>(method, stop, blocks_before,
                                             std::make_index_sequence<end - begin>{});
                from<end>(method, stop, blocks_before);
            }
        }
    }

    template <std::size_t begin, class Method, class Stop, std::size_t... i>
    Index train(const Method& method, const Stop& stop, Index blocks_before,
                std::index_sequence<i...>) {
        const auto& layers = risk_.model().layers().layers;
        const Index width = rows_.cols();
        const auto encoder = network(width, std::get<begin + i>(layers)...);
        const auto both = network(width, std::get<begin + i>(layers)..., dense(width));
        const auto blocks = static_cast<std::size_t>(encoder.blocks().size());
        const auto data = targetless();
        const EmpiricalRisk risk{both, reconstruction(SquaredLoss{}), data};
        Point theta = initialize(risk, Glorot{}, seed_++);
        Point code(encoder.parameters());
        const auto copy = [&](const auto& to_model, Point& to, const auto& from_model,
                              const Point& from, std::size_t to_first, std::size_t from_first) {
            for (std::size_t k = 0; k < blocks; ++k) {
                const ParameterBlock& there = to_model.blocks()[to_first + k];
                const ParameterBlock& here = from_model.blocks()[from_first + k];
                to.segment(there.offset, there.rows * there.columns) =
                    from.segment(here.offset, here.rows * here.columns);
            }
        };
        const auto place = static_cast<std::size_t>(blocks_before);
        copy(both, theta, risk_.model(), result_.x, 0, place);
        const auto trained = minimize(risk, theta, method, stop);
        result_.epochs += trained.epochs;
        result_.errors.push_back(trained.value);
        copy(risk_.model(), result_.x, both, trained.x, place, 0);
        copy(encoder, code, both, trained.x, 0, 0);
        typename std::remove_cvref_t<decltype(encoder)>::template Memory<T> memory;
        memory.in.value = rows_.transpose();
        encoder.forward(Pass{.examples = rows_.rows()}, code.data(), memory);
        rows_ = memory.out->value.transpose();
        return blocks_before + static_cast<Index>(blocks);
    }

    Dataset<DenseRows<T>> targetless() const {
        const Dataset<DenseRows<T>> data{rows_, Eigen::VectorXd::Zero(rows_.rows())};
        return risk_.data().weighted() ? data.with_weights(risk_.data().weights()) : data;
    }
};

/// The parameters θ of a deep network with its hidden layers pretrained one by one on the examples
/// of a risk, whose loss and targets count nothing; the last layer stays as it is. Each layer is
/// trained by `method` until `stop`:
///
///     const auto start = pretrain(risk, initialize(risk, Glorot{}, 7), sgd(0.1), MaxEpochs{10});
///     const auto result = minimize(risk, start.x, …);
///
/// The examples are copied as dense rows. Works for networks of dense layers with activations,
/// dropout or normalization between them.
template <class Risk, class X, class Method, class Stop>
[[nodiscard]] Pretrained<typename Risk::Scalar> pretrain(const Risk& risk,
                                                         const Eigen::MatrixBase<X>& theta,
                                                         const Method& method, const Stop& stop,
                                                         std::uint64_t seed = 1) {
    require_parameters(risk.model(), theta, "pretrain");
    return Pretrainer<Risk>(risk, theta, seed).run(method, stop);
}

}  // namespace ermine
