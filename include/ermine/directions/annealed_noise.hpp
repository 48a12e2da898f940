// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <cstdint>
#include <tuple>

namespace ermine {

/// Adds Gaussian noise to the gradient whose variance falls with time: variance / (1 + t)^decay in
/// each coordinate, at iteration t = 0, 1, … (Neelakantan et al., "Adding gradient noise improves
/// learning for very deep networks", 2015, eq. 1; they take 0.01, 0.3 or 1 for the variance).
///
/// A coordinate's noise is a function of seed, iteration and coordinate alone: the same bits
/// however the vector is cut, on any number of threads, and after a run is resumed.
struct AnnealedNoise {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool accumulates = true;  // a line search would not see what it adds

    double variance = 0.01;
    double decay = 0.55;
    std::uint64_t seed = 0;

    struct State {
        std::uint64_t key = 0;
        double deviation = 0;
        auto fields() { return std::tie(); }  // both are made anew each step
    };

    /// Throws std::invalid_argument unless variance is positive, and decay finite and not negative.
    State start(const auto&, const auto&) const {
        require_positive(variance, "AnnealedNoise.variance");
        require_nonnegative(decay, "AnnealedNoise.decay");
        return {};
    }

    void begin(State& state, const Clock& clock) const {
        state.key = Random(mixed(seed) + static_cast<std::uint64_t>(clock.iteration)).bits();
        state.deviation =
            std::sqrt(variance) * std::pow(1 + static_cast<double>(clock.iteration), -decay / 2);
    }

    template <class D>
    void apply(D&& d, State& state, const auto& at, const Clock&) const {
        using Scalar = typename std::remove_cvref_t<D>::Scalar;
        for (Index i = 0; i < d.size(); ++i)
            d[i] += static_cast<Scalar>(
                state.deviation *
                Random::normal_of(mixed(state.key + static_cast<std::uint64_t>(at.offset + i))));
    }

private:
    /// The number at place n of the sequence splitmix64 (Steele, Lea & Flood 2014).
    static std::uint64_t mixed(std::uint64_t n) {
        std::uint64_t z = (n + 1) * 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
};

}  // namespace ermine
