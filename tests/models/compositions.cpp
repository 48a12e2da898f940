// SPDX-License-Identifier: MIT
#include "check_derivatives.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/batch_norm.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/dropout.hpp>
#include <ermine/models/elu.hpp>
#include <ermine/models/gelu.hpp>
#include <ermine/models/layer_norm.hpp>
#include <ermine/models/leaky_relu.hpp>
#include <ermine/models/maxout.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/residual_block.hpp>
#include <ermine/models/sigmoid.hpp>
#include <ermine/models/softplus.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/objectives/network_risk.hpp>

namespace {

/// A layer drawn at compile time: from width to width.
template <unsigned draw>
auto drawn_layer(Index width) {
    constexpr unsigned kind = (draw >> 8) % 13;
    if constexpr (kind == 0) return dense(width);
    if constexpr (kind == 1) return relu();
    if constexpr (kind == 2) return leaky_relu(0.3);
    if constexpr (kind == 3) return elu();
    if constexpr (kind == 4) return gelu();
    if constexpr (kind == 5) return tanh();
    if constexpr (kind == 6) return sigmoid();
    if constexpr (kind == 7) return softplus();
    if constexpr (kind == 8) return maxout(width, 2);
    if constexpr (kind == 9) return dropout(0.25);
    if constexpr (kind == 10) return batch_norm();
    if constexpr (kind == 11) return layer_norm();
    if constexpr (kind == 12) return residual(dense(3), gelu(), dense(width));
}

constexpr unsigned next(unsigned draw) { return draw * 1664525U + 1013904223U; }

/// Four layers drawn by the seed, the first on the inputs themselves.
template <unsigned seed>
void check_composition() {
    constexpr unsigned a = next(seed);
    constexpr unsigned b = next(a);
    constexpr unsigned c = next(b);
    constexpr unsigned d = next(c);
    using Loss = std::conditional_t<seed % 2 == 0, SquaredLoss, SoftmaxCrossEntropy>;
    const auto model = network(4, drawn_layer<a>(4), drawn_layer<b>(4), drawn_layer<c>(4),
                               drawn_layer<d>(4), dense(seed % 2 == 0 ? 1 : 3));
    INFO("composition " << seed);
    check_risk(EmpiricalRisk{model, Loss{}, normal_data(14, 4)}, 40 + seed);
}

}  // namespace

TEST_CASE("Derivatives of ten random compositions agree with differences") {
    [&]<unsigned... seed>(std::integer_sequence<unsigned, seed...>) {
        (check_composition<seed>(), ...);
    }(std::make_integer_sequence<unsigned, 10>{});
}
