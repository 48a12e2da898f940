// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/data/sequences.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of `windows`.
struct WindowOptions {
    Index steps = 50;   ///< a window, the last of a stream may have fewer
    Index streams = 0;  ///< equal parts whose windows go on in each other; 0: each begins anew
};

/// Cuts one long sequence, its steps the rows of a dataset, into windows.
///
/// With streams, the sequence is cut into so many equal parts, and windows at the same place in all
/// of them are consecutive examples. A network that takes them in that order, a window of all
/// streams at a time, goes from one to the next with the state that it has, and its derivatives end
/// where a window begins: truncated backpropagation through time (Williams & Peng, "An efficient
/// gradient-based algorithm for on-line training of recurrent network trajectories", Neural
/// Computation 2, 1990).
///
///     const auto stream = windows(steps, {.steps = 50, .streams = 32});
///     minimize(risk, x0, minibatch(Sequential{}, {.size = 32}) | …);
///
/// Fewer steps than there are streams are left over at the end, and not used: none for one stream.
/// Throws std::invalid_argument for steps < 1, streams < 0, and fewer steps than streams.
template <class T>
Sequences<T> windows(const Dataset<DenseRows<T>>& steps, const WindowOptions& options = {}) {
    require_count(options.steps, "WindowOptions.steps");
    require_not_negative(options.streams, "WindowOptions.streams");
    const Index streams = std::max<Index>(options.streams, 1);
    const Index each = steps.examples() / streams;
    if (each < 1)
        throw std::invalid_argument("windows: " + std::to_string(steps.examples()) +
                                    " steps cannot be cut into " + std::to_string(streams) +
                                    " streams");
    std::vector<Index> begins;
    std::vector<Index> lengths;
    for (Index at = 0; at < each; at += options.steps)
        for (Index stream = 0; stream < streams; ++stream) {
            begins.push_back(stream * each + at);
            lengths.push_back(std::min(options.steps, each - at));
        }
    return {steps, std::move(begins), std::move(lengths), true, options.streams};
}

}  // namespace ermine
