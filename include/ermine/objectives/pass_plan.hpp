// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// How one pass over the data is cut, by the data alone: into blocks of which two fit the
/// first-level cache, the present one and the next, and into chunks that are worth a thread each,
/// yet so few that adding up their vectors costs little beside the pass itself.
struct PassPlan {
    static constexpr Index work_per_chunk = Index{1} << 16;  ///< multiplications
    static constexpr Index cache = Index{16} << 10;          ///< bytes of a block
    static constexpr Index hessian_block = 256;              ///< examples of a block of a Hessian

    Index block = 16;  ///< examples of a block, a multiple of 16
    Index grain = 16;  ///< least examples of a chunk
    Index most = 1;    ///< chunks

    /// For `examples` rows of `stored` numbers in all, each of so many bytes, and a model of so
    /// many outputs and parameters.
    static PassPlan over(Index examples, Index stored, Index bytes, Index outputs,
                         Index parameters) {
        const Index row = std::max<Index>(stored / examples, 1);
        const Index block = std::clamp<Index>(cache / (row * bytes) / 16 * 16, 16, 64);
        const Index least = work_per_chunk / (row * outputs);
        const Index work = std::max(stored, examples) * outputs;
        return {block, std::max<Index>((least + block - 1) / block, 1) * block,
                std::clamp<Index>(work / (16 * std::max<Index>(parameters, 1)), 4, 64) / 2 * 2};
    }

    /// The chunks of a Hessian, each with a matrix of its own: at most 64 MB in all where that
    /// leaves two.
    [[nodiscard]] Chunks hessian_chunks(Index examples, Index parameters) const {
        const Index entries = std::max<Index>(parameters * parameters, 1);
        return chunks_for(examples, std::max(grain, hessian_block),
                          std::clamp<Index>((Index{1} << 23) / entries, 2, 16));
    }
};

}  // namespace ermine
