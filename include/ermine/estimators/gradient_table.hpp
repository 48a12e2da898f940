// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <cstdint>
#include <string>
#include <tuple>

namespace ermine {

/// The gradients of all terms of a sum at the points where they were looked at last, in full, and
/// their mean: for sums that are not linear. n vectors, at most 1 GB.
template <class V>
struct GradientTable {
    using Scalar = typename V::Scalar;
    static constexpr double limit = 1e9;  ///< bytes

    Eigen::Matrix<Scalar, V::RowsAtCompileTime, Eigen::Dynamic> gradients;
    V mean;
    V change;  // scratch
    auto fields() { return std::tie(gradients, mean); }

    /// Throws std::invalid_argument where the table would not fit.
    template <class F>
    GradientTable(const F& f, const V& x, bool filled)
        : mean(V::Zero(x.size())), change(V::Zero(x.size())) {
        const double bytes = static_cast<double>(f.examples()) * static_cast<double>(x.size()) *
                             static_cast<double>(sizeof(Scalar));
        if (bytes > limit)
            refuse("the table of one gradient an example that Saga and Sag keep",
                   std::to_string(bytes / 1e9) + " GB",
                   "use LooplessSvrg{} or Svrg{}, which keep none, or a Linear model, of which one "
                   "number an example is kept");
        gradients.setZero(x.size(), f.examples());
        if (filled) refresh(f, x);
    }

    /// Looks at all terms at x.
    template <class F>
    void refresh(const F& f, const V& x) {
        mean.setZero();
        for (Index i = 0; i < f.examples(); ++i) {
            const auto example = static_cast<std::int32_t>(i);
            f.value_and_gradient(x, Batch{&example, 1}, change);
            gradients.col(i) = change;
            mean += change;
        }
        mean /= static_cast<Scalar>(f.examples());
    }

    /// g = the mean plus `weight` times what term i has changed by; keeps the new gradient if told
    /// to. Returns fᵢ(x).
    template <class F>
    double estimate(const F& f, Index i, const V& x, V& g, double weight, bool remember) {
        const auto example = static_cast<std::int32_t>(i);
        const double value = f.value_and_gradient(x, Batch{&example, 1}, change);
        change -= gradients.col(i);
        g = mean + static_cast<Scalar>(weight) * change;
        if (remember) {
            gradients.col(i) += change;
            mean += change / static_cast<Scalar>(f.examples());
        }
        return value;
    }
};

}  // namespace ermine
