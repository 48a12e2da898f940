// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>

#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// C ← A B for dense matrices, with the same bits on any number of threads: Eigen, which cuts a
/// product by the number of threads, is given panels of C that its shape alone decides. C is no
/// part of A or B.
template <class C>
void panel_product(Eigen::MatrixBase<C>& c, const auto& a, const auto& b) {
    if constexpr (C::SizeAtCompileTime == Eigen::Dynamic) {
        c.derived().resize(a.rows(), b.cols());
        const Index width = C::IsRowMajor ? c.rows() : c.cols();
        const auto work = static_cast<double>(c.size()) * static_cast<double>(a.cols());
        if (work >= 1e5 && width > 1) {  // below that Eigen stays on one thread
            // at least two: a single one would be left to Eigen's threads
            const Chunks panels{width, std::min<Index>(64, (width + 1) / 2)};
            for_each_chunk(panels.count(), [&](Index k) {
                const Index first = panels.begin(k);
                const Index count = panels.end(k) - first;
                if constexpr (C::IsRowMajor)
                    c.middleRows(first, count).noalias() = a.middleRows(first, count) * b;
                else
                    c.middleCols(first, count).noalias() = a * b.middleCols(first, count);
            });
            return;
        }
    }
    c.noalias() = a * b;
}

}  // namespace ermine
