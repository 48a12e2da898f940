// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <optional>
#include <tuple>

namespace ermine {

/// The same step each time: `size`, or where none is given the one that theory names for the
/// estimator in front (1/L for the full gradient), which the result then reports.
struct Constant {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;
    static constexpr bool constant = true;

    std::optional<double> size = std::nullopt;

    struct State {
        double size;
        bool natural;
        auto fields() { return std::tie(size, natural); }
    };

    /// Throws std::invalid_argument for a size that is not positive, or where theory names none.
    State start(const auto& f, const auto&, const auto& estimator) const {
        if (!size) return {estimator.natural_step(f), true};
        require_positive(*size, "Constant.size");
        return {*size, false};
    }

    double length(const Clock&, const State& state) const { return state.size; }

    void note(const State& state, Notes& notes) const {
        if (state.natural) notes.natural_step = state.size;
    }
};

}  // namespace ermine
