// SPDX-License-Identifier: MIT

#include "contestant.hpp"

#include <ermine/directions/lion.hpp>
#include <ermine/directions/momentum.hpp>

using namespace ermine;

std::vector<Contestant> momentum_contestants() {
    // Without decay there is no memory: plain SGD.
    return {contestant("SGD", -4, 0, Momentum{.decay = 0}),
            contestant("SGD, momentum", -6, -2, Momentum{}),
            contestant("SGD, Nesterov momentum", -6, -2, Momentum{.nesterov = true}),
            contestant("Lion", -10, -6, Lion{})};
}
