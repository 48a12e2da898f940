// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clip_counts.hpp>
#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <limits>
#include <tuple>

namespace ermine {

/// Shortens the gradient to a norm of at most `norm`, keeping its direction:
/// d ← d · min(1, norm / ‖d‖₂) (Pascanu, Mikolov & Bengio 2013, algorithm 1). The answer to cliffs.
struct ClipByNorm {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = true;

    double norm = 1;

    struct State {
        double scale = 1;
        ClipCounts clips = {};
        auto fields() { return std::tie(scale, clips); }
    };

    /// Throws std::invalid_argument unless norm is positive and finite.
    State start(const auto&, const auto&) const {
        require_positive(norm, "ClipByNorm.norm");
        return {};
    }

    /// A block's sum in its own precision is exact enough and several times as fast, unless squares
    /// overflow or sink below the normal numbers.
    template <class D>
    double measure(const D& d) const {
        using Scalar = typename D::Scalar;
        const Scalar sum = d.squaredNorm();
        constexpr Scalar low = std::numeric_limits<Scalar>::min() * 1e10F;
        if (sum > low && sum <= std::numeric_limits<Scalar>::max()) return double{sum};
        return d.template cast<double>().squaredNorm();
    }

    void settle(State& state, double squared_norm) const {
        // a norm that overflows must end the run: a scale of zero would stop it silently
        state.scale = std::isfinite(squared_norm)
                          ? (squared_norm > norm * norm ? norm / std::sqrt(squared_norm) : 1)
                          : std::numeric_limits<double>::quiet_NaN();
        state.clips.add(state.scale < 1);
    }

    template <class D>
    void apply(D&& d, State& state, const auto&, const Clock&) const {
        if (state.scale != 1)
            d *= static_cast<typename std::remove_cvref_t<D>::Scalar>(state.scale);
    }

    /// The direction is `gain` times a gradient: a proximal map behind it takes step · gain.
    double gain(const State& state) const { return state.scale; }
};

}  // namespace ermine
