// SPDX-License-Identifier: MIT

#include "contestant.hpp"

#include <ermine/directions/adam.hpp>
#include <ermine/directions/in_blocks.hpp>
#include <ermine/directions/lamb.hpp>
#include <ermine/directions/muon.hpp>

using namespace ermine;

std::vector<Contestant> block_contestants() {
    return {contestant("LAMB", -6, -2, LAMB{.blocks = {{"weights"}}}),
            contestant("Muon, Adam on intercepts", -6, -2,
                       Muon{.blocks = {{"weights"}}} | in_blocks(Adam{}, {{"intercept"}}))};
}
