// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <type_traits>

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

/// Such a run of the numbers of a vector or matrix, in the order of memory, as an array.
template <class M>
auto run_of(M& numbers, Index first, Index count) {
    using T = typename M::Scalar;
    using Numbers = std::conditional_t<std::is_const_v<M>, const Eigen::Array<T, Eigen::Dynamic, 1>,
                                       Eigen::Array<T, Eigen::Dynamic, 1>>;
    return Eigen::Map<Numbers>(numbers.data() + first, count);
}

}  // namespace ermine
