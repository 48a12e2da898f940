// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <string>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// A cut of the items 0, …, work - 1 into consecutive chunks of `size` items, the last one shorter.
/// It depends on the amount of work alone, never on the number of threads, so that sums that are
/// taken chunk by chunk have the same bits on any number of threads.
struct Chunks {
    Index work = 0;
    Index size = 1;

    Index count() const { return (work + size - 1) / size; }
    Index begin(Index chunk) const { return chunk * size; }
    Index end(Index chunk) const { return std::min(work, (chunk + 1) * size); }
};

/// Cuts `work` items into at most `most` chunks of a multiple of `grain` items: chunks of exactly
/// `grain` items while there are so few. `grain` is the least work that is worth a thread, and
/// `most` bounds the number of partial results. Throws std::invalid_argument for work < 0,
/// grain < 1 or most < 1.
inline Chunks chunks_for(Index work, Index grain, Index most = 64) {
    if (work < 0 || grain < 1 || most < 1) {
        throw std::invalid_argument(
            "chunks_for(work = " + std::to_string(work) + ", grain = " + std::to_string(grain) +
            ", most = " + std::to_string(most) + "): give work >= 0, grain >= 1 and most >= 1");
    }
    const Index grains = work / grain + (work % grain != 0);
    const Index grains_a_chunk = grains / most + (grains % most != 0);
    return {work, std::min(std::max<Index>(grains_a_chunk, 1) * grain, std::max<Index>(work, 1))};
}

/// How many threads `for_each_chunk` may use where this is called: one within a parallel region.
/// What is computed must not depend on it.
inline Index threads_at_hand() {
#ifdef _OPENMP
    return omp_in_parallel() != 0 ? 1 : omp_get_max_threads();
#else
    return 1;
#endif
}

/// Calls f(chunk) for chunk = 0, …, count - 1, on as many threads as omp_get_max_threads() says if
/// the program is compiled with OpenMP, otherwise one after the other.
///
/// Each thread takes a contiguous run of chunks, the same in each call, so that it meets the same
/// memory again. With one chunk or one thread, or inside a parallel region, no region is entered.
/// When some f throws, its thread skips the rest of its run, and after all threads are done the
/// exception of the lowest chunk is thrown on.
template <class F>
void for_each_chunk(Index count, const F& f) {
#ifdef _OPENMP
    const int wanted = static_cast<int>(std::min(threads_at_hand(), count));
    if (wanted > 1) {
        std::exception_ptr error;
        Index failed = count;
#pragma omp parallel num_threads(wanted) default(shared)
        {
            const Index threads = omp_get_num_threads();
            const Index me = omp_get_thread_num();
            const Index share = count / threads;
            const Index extra = count % threads;  // the first threads take one chunk more
            Index chunk = me * share + std::min(me, extra);
            const Index last = chunk + share + (me < extra ? 1 : 0);
            try {
                for (; chunk < last; ++chunk) {
                    f(chunk);
                }
            } catch (...) {
#pragma omp critical(ermine_for_each_chunk)
                if (chunk < failed) {
                    failed = chunk;
                    error = std::current_exception();
                }
            }
        }
        if (error) {
            std::rethrow_exception(error);
        }
        return;
    }
#endif
    for (Index chunk = 0; chunk < count; ++chunk) {
        f(chunk);
    }
}

/// Calls first(step, part) for all parts, then second(step, part) for all parts, step after step:
/// each sees what all calls before it wrote. Parts go side by side, on as many threads as there are
/// at hand. Neither may throw.
template <class First, class Second>
void for_each_step(Index steps, Index parts, const First& first, const Second& second) {
#ifdef _OPENMP
    const int wanted = static_cast<int>(std::min(threads_at_hand(), parts));
    if (wanted > 1) {
#pragma omp parallel num_threads(wanted) default(shared)
        for (Index step = 0; step < steps; ++step) {
#pragma omp for schedule(static)
            for (Index part = 0; part < parts; ++part) first(step, part);
#pragma omp for schedule(static)
            for (Index part = 0; part < parts; ++part) second(step, part);
        }
        return;
    }
#endif
    for (Index step = 0; step < steps; ++step) {
        for (Index part = 0; part < parts; ++part) first(step, part);
        for (Index part = 0; part < parts; ++part) second(step, part);
    }
}

}  // namespace ermine
