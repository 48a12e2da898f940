// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// Adds the first `count` items of `partials` in pairs, pairs of pairs, and so on, and returns the
/// sum, which is left in item 0. The tree depends on `count` alone, and the error bound grows with
/// its logarithm (Higham, "The accuracy of floating point summation", SISC 14, 1993, section 4).
template <class Partials>
double pairwise_sum(Partials& partials, Index count) {
    if (count == 0) {
        return 0;
    }
    for (Index stride = 1; stride < count; stride *= 2) {
        for (Index i = 0; i + stride < count; i += 2 * stride) {
            partials[i] += partials[i + stride];
        }
    }
    return partials[0];
}

/// The sum over items 0, …, n - 1 where f(begin, end) returns, as a double, the sum over the items
/// begin, …, end - 1. The chunks run in parallel and their sums are added in a fixed tree: the same
/// bits for any number of threads. Nothing is allocated.
template <class F>
double parallel_sum(Index n, const F& f, Index grain = 1024) {
    constexpr int most = 64;
    Eigen::Matrix<double, most, 1> partials;
    const Chunks chunks = chunks_for(n, grain, most);
    for_each_chunk(chunks.count(), [&](Index chunk) {
        partials[chunk] = f(chunks.begin(chunk), chunks.end(chunk));
    });
    return pairwise_sum(partials, chunks.count());
}

/// Room for one partial vector a chunk, kept by the caller so that nothing is allocated after the
/// first call. `T` is the type in which vectors are summed.
template <class T>
struct PartialSums {
    Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> vectors;  // one column a chunk
    Eigen::VectorXd values;                                    // one number a chunk
};

/// Sums a number and a vector over the items of `chunks`. f(begin, end, partial) adds the vectors
/// of the items begin, …, end - 1 to `partial`, a zero-filled column of `out.size()` numbers, and
/// returns the sum of their numbers as a double (0 if there is none to add). The vector is written
/// to `out`, the number returned. Both have the same bits for any number of threads.
template <class T, class Out, class F>
double parallel_sum(const Chunks& chunks, PartialSums<T>& sums, Eigen::MatrixBase<Out>& out,
                    const F& f) {
    const Index count = chunks.count();
    const Index size = out.size();
    if (count == 0) {
        out.setZero();
        return 0;
    }
    if (sums.vectors.rows() != size || sums.vectors.cols() < count) {
        sums.vectors.resize(size, count);
    }
    if (sums.values.size() < count) {
        sums.values.resize(count);
    }
    for_each_chunk(count, [&](Index chunk) {
        auto partial = sums.vectors.col(chunk);
        partial.setZero();
        sums.values[chunk] = f(chunks.begin(chunk), chunks.end(chunk), partial);
    });
    // In slices of coordinates that stay in the first-level cache through the whole tree.
    const Chunks slices = chunks_for(size, 512, 4096);
    for_each_chunk(slices.count(), [&](Index slice) {
        const Index first = slices.begin(slice);
        const Index length = slices.end(slice) - first;
        for (Index stride = 1; stride < count; stride *= 2) {
            for (Index i = 0; i + stride < count; i += 2 * stride) {
                sums.vectors.col(i).segment(first, length) +=
                    sums.vectors.col(i + stride).segment(first, length);
            }
        }
        out.derived().segment(first, length) =
            sums.vectors.col(0).segment(first, length).template cast<typename Out::Scalar>();
    });
    return pairwise_sum(sums.values, count);
}

}  // namespace ermine
