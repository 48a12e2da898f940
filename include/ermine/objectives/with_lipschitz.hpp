// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/objectives/forwarding.hpp>

namespace ermine {

/// What is known of a function: Lipschitz constants of its value and of its gradient. NaN: unknown.
struct LipschitzConstants {
    double value = std::numeric_limits<double>::quiet_NaN();
    double gradient = std::numeric_limits<double>::quiet_NaN();
};

/// A function with stated Lipschitz constants, made by `with_lipschitz`.
template <class F>
class WithLipschitz : public Forwarding<F> {
public:
    /// Throws std::invalid_argument for a negative constant.
    WithLipschitz(F f, LipschitzConstants constants)
        : Forwarding<F>(std::move(f)), constants_(constants) {
        if (constants.value < 0 || constants.gradient < 0)
            throw std::invalid_argument(
                "with_lipschitz: the constants are " + std::to_string(constants.value) + " and " +
                std::to_string(constants.gradient) + ": they must not be negative");
    }

    /// The stated constant of the value, or what f knows; NaN where neither is known.
    [[nodiscard]] double lipschitz() const {
        if constexpr (LipschitzContinuous<F>)
            if (!(constants_.value >= 0)) return f_.lipschitz();
        return constants_.value;
    }

    /// The stated constant of the gradient, or what f knows; NaN where neither is known.
    [[nodiscard]] double smoothness() const {
        if constexpr (Smooth<F>)
            if (!(constants_.gradient >= 0)) return f_.smoothness();
        return constants_.gradient;
    }

private:
    using Forwarding<F>::f_;
    LipschitzConstants constants_;
};

/// f, of which the caller knows Lipschitz constants: `with_lipschitz(f, {.gradient = 4})` lets
/// gradient descent take the step 1/4. Everything else that f offers stays.
template <class F>
auto with_lipschitz(F f, LipschitzConstants constants) {
    constexpr bool smooth = !requires { f.smooth_part(); };
    static_assert(
        smooth,
        "the constants are those of the smooth part: write with_lipschitz(f, ...) + L1{}, "
        "not with_lipschitz(f + L1{}, ...)");
    return WithLipschitz<F>(std::move(f), constants);
}

}  // namespace ermine
