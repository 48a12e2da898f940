// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <stdexcept>
#include <string>

#include <ermine/concepts/model.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// A random direction to look at f along, normal in each number and then as long as x, filter by
/// filter: where f has `blocks()`, each row of a block of weights (what leads to one unit) gets the
/// length that the same row of x has, and blocks of one column (biases) are left out, so that
/// slices through networks of different scale can be compared (Li, Xu, Taylor, Studer & Goldstein,
/// "Visualizing the loss landscape of neural nets", NeurIPS 2018, section 4). Without blocks the
/// direction as a whole gets the length of x, or 1 where x = 0. Throws std::invalid_argument where
/// a block does not lie within x.
template <class F, Vector V>
[[nodiscard]] V random_direction(const F& f, const V& x, std::uint64_t seed = 1) {
    using Scalar = typename V::Scalar;
    Random random{seed};
    V direction(x.size());
    for (Index i = 0; i < x.size(); ++i) direction[i] = static_cast<Scalar>(random.normal());
    if constexpr (requires { f.blocks(); }) {
        using Rows = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        for (const ParameterBlock& block : f.blocks()) {
            const Index size = block.rows * block.columns;
            if (block.offset < 0 || block.offset + size > x.size())
                throw std::invalid_argument("random_direction: block \"" + std::string(block.name) +
                                            "\" ends at " + std::to_string(block.offset + size) +
                                            ", x has " + std::to_string(x.size()) + " numbers");
            Eigen::Map<Rows> filters(direction.data() + block.offset, block.rows, block.columns);
            const Eigen::Map<const Rows> known(x.data() + block.offset, block.rows, block.columns);
            for (Index row = 0; row < block.rows; ++row)
                filters.row(row) *= block.columns == 1
                                        ? Scalar{0}
                                        : known.row(row).norm() / filters.row(row).norm();
        }
    } else {
        const Scalar length = x.norm();
        direction *= (length > 0 ? length : Scalar{1}) / direction.norm();
    }
    return direction;
}

}  // namespace ermine
