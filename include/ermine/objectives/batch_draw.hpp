// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <ermine/concepts/vector.hpp>
#include <ermine/concepts/weighted_batch.hpp>

namespace ermine {

/// A name for what is drawn at random for a batch: a hash of its examples and of some of the
/// parameters where it is looked at, so that nothing need be remembered from step to step.
template <class T>
std::uint64_t batch_draw(Batch batch, const T* theta, Index parameters) {
    std::uint64_t name = 0xcbf29ce484222325U;
    const auto add = [&](std::uint64_t bits) { name = (name ^ bits) * 0x100000001b3U; };
    for (const std::int32_t example : batch) add(static_cast<std::uint32_t>(example));
    const Index stride = std::max<Index>(parameters / 16, 1);
    for (Index j = 0; j < parameters; j += stride) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, theta + j, sizeof(T));
        add(bits);
    }
    return name;
}

}  // namespace ermine
