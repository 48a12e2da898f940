// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>

namespace ermine {

/// The length that a step gives, from what it asks for: the clock alone, what is known at the point
/// `here`, or beside that the value of the whole objective there, which `value()` computes. The
/// step's state may change. Pipes ask with it, and steps that are made of steps.
template <Step S>
double length_of(const S& step, const auto& here, const auto& value, const Clock& clock,
                 auto& state) {
    if constexpr (requires { step.length(here, value, clock, state); })
        return step.length(here, value, clock, state);
    else if constexpr (requires { step.length(here, clock, state); })
        return step.length(here, clock, state);
    else
        return step.length(clock, state);
}

}  // namespace ermine
