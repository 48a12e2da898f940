// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <ermine/concepts/number.hpp>

namespace ermine {

/// 0: no penalty, for where one must be named.
struct NoPenalty {
    static constexpr const char* name = "NoPenalty";
    static constexpr bool separable = true;

    double value(const auto&) const { return 0; }
    void add_gradient(const auto&, auto&&) const {}
    double curvature() const { return 0; }
    void prox(auto&&, double) const {}
    void drift(auto& x, double slope, auto k, const auto& step) const { step.go(x, slope, k); }
    /// 0 for v = 0, otherwise +∞.
    double conjugate(const auto& v) const {
        return (v.array() == Number<decltype(v)>(0)).all()
                   ? 0
                   : std::numeric_limits<double>::infinity();
    }

    /// 1 for v = 0, otherwise 0.
    double shrink(const auto& v) const { return conjugate(v) == 0 ? 1 : 0; }

    void check() const {}
};

}  // namespace ermine
