// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/lanczos.hpp>
#include <ermine/numerics/lanczos_matrix.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// How `lanczos_ends` runs.
struct LanczosEndsOptions {
    double tolerance = 1e-8;            ///< of both ends, relative to ‖A‖
    Index max_products = 2000;          ///< with A at most
    double failure_probability = 1e-6;  ///< of each bound, over the seeds
    std::uint64_t seed = 1;             ///< of the random start
};

/// The ends of a spectrum, with what is known of their accuracy.
struct SpectrumEnds : ExtremeEigenvalues {
    double residual = 0;           ///< ‖A y − value · y‖: an eigenvalue lies this near to `value`
    double smallest_residual = 0;  ///< the same of `smallest`
};

/// The largest and the smallest eigenvalue of a symmetric operator alone, without their vectors,
/// from many cheap products: apply(v, Av) fills Av. Lanczos' three-term recurrence with no
/// reorthogonalization needs memory for three vectors and O(n) work beside the product, so that
/// thousands of steps are affordable, as a spectrum that is crowded at an end takes (about
/// √(‖A‖ / error) of them). Rounding makes it the exact recurrence of another operator whose
/// eigenvalues lie in tiny clusters about those of A (Paige 1976; Greenbaum, "Behavior of slightly
/// perturbed Lanczos and conjugate-gradient recurrences", Linear Algebra Appl. 113, 1989), so
/// that Ritz values stay within the spectrum to rounding, and the bounds of `lanczos` hold.
///
/// Ends when neither end has moved by a quarter of tolerance · ‖A‖ while the number of steps grew
/// by half, and the residuals are below a tenth of it: one alone says that an eigenvalue is near,
/// not that it is the last one. At a crowded end residuals stay large long after the value is
/// right, as the error falls like 1/k²; from 0.3/√tolerance steps on, when polynomials of that
/// degree resolve such distances, it is enough there that the value stands still. `converged` means
/// this; `upper_bound` and `lower_bound` are certain but for their failure probability, and further
/// away.
///
/// With `precondition(r, z)`, z ← M⁻¹ r for a positive definite M, the eigenvalues are those of
/// M⁻¹A: the recurrence runs in the inner product of M⁻¹. The residuals are then in its norm.
///
/// When a product is not finite, value is NaN, the bounds are infinite, and converged is false.
/// Throws std::invalid_argument for options out of range, and for an M⁻¹ that is not positive.
template <class Operator, class Precondition>
SpectrumEnds lanczos_ends(Index n, const Operator& apply, const Precondition& precondition,
                          const LanczosEndsOptions& options) {
    require_count(n, "lanczos_ends: the operator's size");
    require_positive(options.tolerance, "LanczosEndsOptions.tolerance");
    require_count(options.max_products, "LanczosEndsOptions.max_products");
    require_fraction(options.failure_probability, "LanczosEndsOptions.failure_probability");
    constexpr double infinity = std::numeric_limits<double>::infinity();

    // w is what is left, in the space of A's products; v = M⁻¹ w.
    Eigen::VectorXd w(n);
    Eigen::VectorXd v(n);
    Eigen::VectorXd before = Eigen::VectorXd::Zero(n);
    Eigen::VectorXd next(n);
    Random random{options.seed};
    for (Index i = 0; i < n; ++i) w[i] = random.normal();
    const auto length = [&] {
        precondition(std::as_const(w), v);
        const double square = w.dot(v);
        if (!(square >= 0) && std::isfinite(square))
            throw std::invalid_argument(
                "lanczos_ends: the preconditioner is not positive definite: rᵀ M⁻¹ r is " +
                in_digits(square));
        return std::sqrt(square);
    };

    SpectrumEnds result;
    LanczosMatrix matrix;
    double beta = length();
    Index look = 1;
    struct End {
        double value;
        double residual;
    };
    struct Look {
        Index at;
        End top;
        End bottom;
    };
    std::vector<Look> looks;
    for (Index k = 1;; ++k) {
        v /= beta;
        w /= beta;
        apply(std::as_const(v), next);
        if (k > 1) next -= beta * before;
        const double on = next.dot(v);
        next -= on * w;
        before.swap(w);
        w.swap(next);
        const double left = length();
        result.iterations = k;
        if (!std::isfinite(on) || !std::isfinite(left)) {
            result.value = result.smallest = std::numeric_limits<double>::quiet_NaN();
            result.residual = result.smallest_residual = result.upper_bound = infinity;
            result.lower_bound = -infinity;
            return result;
        }
        matrix.append(on, left);
        const double rounding = (std::sqrt(static_cast<double>(n)) + 4) * matrix.norm *
                                std::numeric_limits<double>::epsilon();
        const bool complete = left <= rounding;
        const bool last = complete || k == options.max_products;
        beta = left;
        if (k < look && !last) continue;

        look = k + std::max<Index>(1, k / 8);
        const double top = matrix.ritz(1);
        const double bottom = -matrix.ritz(-1);
        const double size = std::max(std::abs(top), std::abs(bottom));
        result.value = top;
        result.smallest = bottom;
        looks.push_back(
            {k, {top, matrix.residual(1, top)}, {bottom, matrix.residual(-1, -bottom)}});
        const auto settled = [&](const End& end, const End& earlier) {
            const double accurate = options.tolerance * size;
            if (std::abs(end.value - earlier.value) > accurate / 4 + rounding) return false;
            return end.residual <= accurate / 10 + rounding ||
                   static_cast<double>(k) * std::sqrt(options.tolerance) >= 0.3;
        };
        const Look& now = looks.back();
        for (auto old = looks.rbegin(); old != looks.rend(); ++old)
            if (2 * k >= 3 * old->at) {
                result.converged =
                    k >= 20 && settled(now.top, old->top) && settled(now.bottom, old->bottom);
                break;
            }
        result.converged = result.converged || complete;
        if (!result.converged && !last) continue;
        result.residual = now.top.residual;
        result.smallest_residual = now.bottom.residual;
        const auto bound = [&](double sign, double theta) {
            if (complete) return theta + left + rounding;
            return rounding +
                   matrix.bound(sign, theta, left + rounding, n, options.failure_probability);
        };
        result.upper_bound = bound(1, top);
        result.lower_bound = -bound(-1, -bottom);
        return result;
    }
}

/// The same without a preconditioner.
template <class Operator>
SpectrumEnds lanczos_ends(Index n, const Operator& apply, const LanczosEndsOptions& options = {}) {
    return lanczos_ends(
        n, apply, [](const Eigen::VectorXd& r, Eigen::VectorXd& z) { z = r; }, options);
}

}  // namespace ermine
