// SPDX-License-Identifier: MIT

#include "contestant.hpp"

#include <ermine/directions/adam.hpp>
#include <ermine/directions/amsgrad.hpp>
#include <ermine/directions/nadam.hpp>
#include <ermine/directions/radam.hpp>
#include <ermine/directions/weight_decay.hpp>

using namespace ermine;

std::vector<Contestant> adam_contestants() {
    return {contestant("Adam", -8, -4, Adam{} | WeightDecay{.rate = 0}),
            contestant("AdamW", -8, -4, Adam{} | WeightDecay{.rate = 0.01}),
            contestant("AMSGrad", -8, -4, AMSGrad{}), contestant("NAdam", -8, -4, NAdam{}),
            contestant("RAdam", -8, -4, RAdam{})};
}
