// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// Calls f(first, count) for consecutive runs of `size` numbers, on all threads where there are
/// enough of them. What f does to a number must not depend on the run that it is in: then the bits
/// are the same on any number of threads.
template <class F>
void for_each_run(Index size, const F& f) {
    const Chunks runs = chunks_for(size, Index{1} << 15);
    for_each_chunk(runs.count(), [&](Index k) { f(runs.begin(k), runs.end(k) - runs.begin(k)); });
}

}  // namespace ermine
