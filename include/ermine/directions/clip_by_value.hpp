// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <tuple>

namespace ermine {

/// Cuts each entry of the gradient to [−limit, limit] (Mikolov 2012, section 3.2.2). It turns the
/// direction; ClipByNorm does not. What is NaN or infinite becomes NaN and ends the run.
struct ClipByValue {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool keeps_metric = false;

    double limit = 1;

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument unless limit is positive and finite.
    State start(const auto&, const auto&) const {
        require_positive(limit, "ClipByValue.limit");
        return {};
    }

    template <class D>
    void apply(D&& d, State&, const auto&, const Clock&) const {
        using Scalar = typename std::remove_cvref_t<D>::Scalar;
        const auto bound = static_cast<Scalar>(limit);
        // 0 · d is NaN where d is not finite: an infinity must not pass for a large number
        d.array() = d.array().min(bound).max(-bound) + Scalar{0} * d.array();
    }
};

}  // namespace ermine
