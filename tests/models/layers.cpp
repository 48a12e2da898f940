// SPDX-License-Identifier: MIT
#include "check_derivatives.hpp"

#include <type_traits>

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
#include <ermine/models/residual_block.hpp>
#include <ermine/models/sigmoid.hpp>
#include <ermine/models/softplus.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/objectives/network_risk.hpp>

namespace {

/// A layer between two dense ones.
template <class Loss, class L>
void check_layer(const L& layer) {
    INFO(L::name);
    const Index outputs = std::is_same_v<Loss, SquaredLoss> ? 1 : 3;
    const auto model = network(3, dense(4), layer, dense(outputs));
    check_risk(EmpiricalRisk{model, Loss{}, normal_data(14, 3)}, 31);
}

}  // namespace

TEST_CASE("Derivatives of each layer agree with differences") {
    check_layer<SoftmaxCrossEntropy>(leaky_relu(0.2));
    check_layer<SquaredLoss>(elu(0.7));
    check_layer<SquaredLoss>(sigmoid());
    check_layer<SquaredLoss>(softplus());
    check_layer<SquaredLoss>(gelu());
    check_layer<SoftmaxCrossEntropy>(maxout(4, 3));
    check_layer<SquaredLoss>(dropout(0.3));
    check_layer<SoftmaxCrossEntropy>(batch_norm());
    check_layer<SquaredLoss>(layer_norm());
    check_layer<SoftmaxCrossEntropy>(residual(dense(5), tanh(), dropout(0.2), dense(4)));
}
