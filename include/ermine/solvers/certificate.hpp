// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>

#include <string_view>

namespace ermine {

/// A proven bound on F(x) − min F at the point that is returned.
struct Certificate {
    enum class Kind {
        none,             ///< nothing is known
        gap,              ///< a duality gap: see RelativeGap
        strong_convexity  ///< ‖∇F(x)‖₂² / 2μ, with F strongly convex (Nesterov 2018, eq. 2.1.24)
    };

    Kind kind = Kind::none;
    double value = 0;  ///< of no meaning where kind is none
};

constexpr std::string_view name(Certificate::Kind kind) {
    switch (kind) {
        case Certificate::Kind::gap:
            return "gap";
        case Certificate::Kind::strong_convexity:
            return "strong_convexity";
        case Certificate::Kind::none:
            break;
    }
    return "none";
}

/// What the gradient at a point proves, where the objective is smooth and knows that it is strongly
/// convex.
template <class F, class V>
Certificate certify(const F& f, const V& gradient) {
    if constexpr (StronglyConvex<F> && Differentiable<F, V>) {
        const double mu = f.strong_convexity();
        if (mu > 0)
            return {Certificate::Kind::strong_convexity,
                    gradient.template cast<double>().squaredNorm() / (2 * mu)};
    }
    return {};
}

}  // namespace ermine
