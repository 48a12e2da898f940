// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/objectives/box.hpp>

namespace ermine {

/// 0 where all wᵢ >= 0, otherwise +∞: the nonnegative orthant, as Box{.lower = 0}.
struct Nonnegative {
    static constexpr const char* name = "Nonnegative";
    static constexpr bool separable = true;
    static constexpr bool indicator = true;
    static constexpr bool bounds_each = true;

    /// 0 inside; +∞ outside, and where an entry is NaN.
    double value(const auto& w) const { return Box{.lower = 0}.value(w); }

    /// max(wᵢ, 0), for every t. NaN stays NaN.
    void prox(auto&& w, double t) const { Box{.lower = 0}.prox(w, t); }

    /// As that of Box.
    template <class X, class Step>
    void drift(X& x, double slope, Index k, const Step& step) const {
        Box{.lower = 0}.drift(x, slope, k, step);
    }

    /// 0 where all vᵢ <= 0, otherwise +∞.
    double conjugate(const auto& v) const { return Box{.lower = 0}.conjugate(v); }

    /// 1 where the conjugate is finite, otherwise 0.
    double shrink(const auto& v) const { return Box{.lower = 0}.shrink(v); }

    void check() const {}
};

}  // namespace ermine
