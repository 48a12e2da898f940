// SPDX-License-Identifier: MIT

#include "contestant.hpp"

#include <ermine/directions/adadelta.hpp>
#include <ermine/directions/adagrad.hpp>
#include <ermine/directions/rmsprop.hpp>

using namespace ermine;

std::vector<Contestant> scaling_contestants() {
    return {contestant("AdaGrad", -6, -2, AdaGrad{}), contestant("RMSProp", -9, -5, RMSProp{}),
            contestant("AdaDelta", -2, 2, AdaDelta{})};
}
