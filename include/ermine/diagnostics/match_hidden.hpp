// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/hidden_layers.hpp>
#include <ermine/models/permute_hidden.hpp>
#include <ermine/models/require_parameters.hpp>
#include <ermine/models/rescale_unit.hpp>
#include <ermine/numerics/optimal_assignment.hpp>

namespace ermine {

/// Which hidden units of one network do what those of another do.
template <class T>
struct UnitMatching {
    /// A hidden layer's: unit k of the first network goes with unit `permutations[layer][k]` of the
    /// second.
    std::vector<std::vector<Index>> permutations;
    /// The second network, the same function, with its units in the order of the first's, and
    /// scaled like them where they are of ReLU, leaky ReLU or maxout.
    Eigen::Matrix<T, Eigen::Dynamic, 1> aligned;
    Index rounds = 0;  ///< over the layers, until nothing changed
};

/// Matches units with regard to scale alone: permutes and rescales `from` layer by layer.
class UnitMatcher {
public:
    /// Divides each unit by the length of what comes in to it, where that changes nothing.
    template <class T>
    static void normalize(const std::vector<HiddenLayer>& layers,
                          Eigen::Matrix<T, Eigen::Dynamic, 1>& theta) {
        for (const HiddenLayer& layer : layers)
            for (Index k = 0; k < layer.units && layer.homogeneous; ++k)
                if (const double norm = incoming_norm(layer, k, theta); norm > 0)
                    scale_unit(layer, k, 1 / norm, theta);
    }

    /// Gives what comes in to each unit the length that it has in `like`.
    template <class T>
    static void scale_like(const std::vector<HiddenLayer>& layers,
                           const Eigen::Matrix<T, Eigen::Dynamic, 1>& like,
                           Eigen::Matrix<T, Eigen::Dynamic, 1>& theta) {
        for (const HiddenLayer& layer : layers)
            for (Index k = 0; k < layer.units && layer.homogeneous; ++k) {
                const double wanted = incoming_norm(layer, k, like);
                const double norm = incoming_norm(layer, k, theta);
                if (norm > 0 && wanted > 0) scale_unit(layer, k, wanted / norm, theta);
            }
    }

    /// Inner products of all that comes in to, goes out of and belongs to the units of a and b.
    template <class T>
    static Eigen::MatrixXd similarity(const HiddenLayer& layer,
                                      const Eigen::Matrix<T, Eigen::Dynamic, 1>& a,
                                      const Eigen::Matrix<T, Eigen::Dynamic, 1>& b) {
        using Rows =
            Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
        Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(layer.units, layer.units);
        for (const auto& list : {layer.incoming, layer.between})
            for (const HiddenLayer::Rows& rows : list)
                for (Index m = 0; m < rows.stacked; ++m) {
                    const Index at = rows.offset + m * layer.units * rows.columns;
                    const Rows in_a(a.data() + at, layer.units, rows.columns);
                    const Rows in_b(b.data() + at, layer.units, rows.columns);
                    sum += in_a.template cast<double>() * in_b.template cast<double>().transpose();
                }
        const Rows out_a(a.data() + layer.outgoing, layer.outgoing_rows, layer.units);
        const Rows out_b(b.data() + layer.outgoing, layer.outgoing_rows, layer.units);
        sum += out_a.template cast<double>().transpose() * out_b.template cast<double>();
        return sum;
    }

    static bool moves(const std::vector<Index>& permutation) {
        for (std::size_t k = 0; k < permutation.size(); ++k)
            if (permutation[k] != static_cast<Index>(k)) return true;
        return false;
    }
};

/// Matches the hidden units of b with those of a by their weights: the permutations that bring the
/// parameters of b near to those of a, layer by layer by optimal assignment until none changes (a
/// local optimum where there are several hidden layers, the best of all n! with one: Ainsworth,
/// Hayase & Srinivasa, "Git re-basin", ICLR 2023, algorithm 1). Units of ReLU, leaky ReLU and
/// maxout are compared with what comes in to each at length 1, so that rescaled ones are found,
/// too. A unit of tanh is not turned: see canonical_form.
///
/// Throws std::invalid_argument for numbers that are not finite.
template <NetworkModel M, class X, class Y>
[[nodiscard]] UnitMatching<typename X::Scalar> match_hidden(const M& model,
                                                            const Eigen::MatrixBase<X>& a,
                                                            const Eigen::MatrixBase<Y>& b) {
    using T = typename X::Scalar;
    using Point = Eigen::Matrix<T, Eigen::Dynamic, 1>;
    require_parameters(model, a, "match_hidden");
    require_parameters(model, b, "match_hidden");
    const std::vector<HiddenLayer> layers = hidden_layers(model);
    const Point target = a;
    Point first = target;
    Point second = b;
    UnitMatcher::normalize(layers, first);
    UnitMatcher::normalize(layers, second);
    UnitMatching<T> result;
    for (const HiddenLayer& layer : layers) {
        auto& own = result.permutations.emplace_back();
        for (Index k = 0; k < layer.units; ++k) own.push_back(k);
    }
    constexpr Index most = 100;
    for (bool moved = true; moved && result.rounds < most; ++result.rounds) {
        moved = false;
        for (std::size_t l = 0; l < layers.size(); ++l) {
            const Eigen::MatrixXd now = UnitMatcher::similarity(layers[l], first, second);
            const std::vector<Index> best = optimal_assignment(-now);
            double gain = 0;
            for (std::size_t k = 0; k < best.size(); ++k)
                gain += now(static_cast<Index>(k), best[k]) -
                        now(static_cast<Index>(k), static_cast<Index>(k));
            // Equal ones could change places for ever.
            if (!UnitMatcher::moves(best) || !(gain > 1e-12 * now.cwiseAbs().sum())) continue;
            moved = true;
            permute_units<T>(layers[l], best, second);
            std::vector<Index> composed;
            for (const Index k : best)
                composed.push_back(result.permutations[l][static_cast<std::size_t>(k)]);
            result.permutations[l] = composed;
        }
    }
    UnitMatcher::scale_like(layers, target, second);
    result.aligned = second;
    return result;
}

/// Matches them by what they do: the permutation of each layer for which the correlations of
/// matched units over the examples of `inputs`, features × examples, sum up to the most (Li,
/// Yosinski, Clune, Lipson & Hopcroft, "Convergent learning", ICLR 2016, section 3.2). A unit that
/// hands on the same number for all of them is correlated with none.
template <NetworkModel M, class X, class Y, class Z>
[[nodiscard]] UnitMatching<typename X::Scalar> match_hidden(const M& model,
                                                            const Eigen::MatrixBase<X>& a,
                                                            const Eigen::MatrixBase<Y>& b,
                                                            const Eigen::MatrixBase<Z>& inputs) {
    using T = typename X::Scalar;
    using Point = Eigen::Matrix<T, Eigen::Dynamic, 1>;
    require_parameters(model, a, "match_hidden");
    require_parameters(model, b, "match_hidden");
    if (inputs.rows() != model.features || inputs.cols() < 2)
        throw std::invalid_argument(
            "match_hidden: the inputs are " + std::to_string(inputs.rows()) + " x " +
            std::to_string(inputs.cols()) + ", the network takes " +
            std::to_string(model.features) + " features: give a column an example, and at least 2");
    const std::vector<HiddenLayer> layers = hidden_layers(model);
    // A row a unit, of mean 0 and length 1, or of zeros.
    const auto signals = [&](const Point& theta) {
        typename M::template Memory<T> memory;
        memory.in.value = inputs.template cast<T>();
        model.forward(Pass{.examples = inputs.cols()}, theta.data(), memory);
        std::vector<Eigen::MatrixXd> all;
        for (const HiddenLayer& layer : layers) {
            Eigen::MatrixXd rows =
                memory.layers.wires[layer.follower]->value.template cast<double>();
            rows.colwise() -= rows.rowwise().mean().eval();
            for (Index k = 0; k < rows.rows(); ++k)
                if (const double norm = rows.row(k).norm(); norm > 0) rows.row(k) /= norm;
            all.push_back(rows);
        }
        return all;
    };
    const Point target = a;
    UnitMatching<T> result{.permutations = {}, .aligned = b, .rounds = 1};
    const auto first = signals(target);
    const auto second = signals(result.aligned);
    for (std::size_t l = 0; l < layers.size(); ++l) {
        result.permutations.push_back(optimal_assignment(-first[l] * second[l].transpose()));
        permute_units<T>(layers[l], result.permutations[l], result.aligned);
    }
    UnitMatcher::scale_like(layers, target, result.aligned);
    return result;
}

}  // namespace ermine
