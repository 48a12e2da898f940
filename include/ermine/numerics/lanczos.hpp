// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/lanczos_matrix.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// How Lanczos' method runs.
struct LanczosOptions {
    double tolerance = 0.03;            ///< stop at upper_bound - value <= tolerance · ‖A‖
    Index max_iterations = 200;         ///< as many products with A at most, and vectors kept
    double failure_probability = 1e-9;  ///< of each bound, over the seeds
    std::uint64_t seed = 1;             ///< of the random start
};

/// The ends of the spectrum of a symmetric operator.
struct ExtremeEigenvalues {
    double value = 0;        ///< the largest Ritz value: at most the largest eigenvalue
    double upper_bound = 0;  ///< at least the largest eigenvalue, but for the failure probability
    double smallest = 0;     ///< the smallest Ritz value: at least the smallest eigenvalue
    double lower_bound = 0;  ///< at most the smallest eigenvalue, likewise
    Index iterations = 0;    ///< products with A
    bool converged = false;  ///< upper_bound is as close as `tolerance` asks
};

/// Bounds of the largest (and smallest) eigenvalue of a symmetric operator from products alone:
/// apply(v, Av) fills Av. `V` is the type of its vectors, all of size n.
///
/// Lanczos' method with full reorthogonalization. That some eigenvalue lies within a residual of a
/// Ritz value says nothing of the largest one. The bounds are those of van Dorsselaer, Hochstenbach
/// & van der Vorst, "Computing probabilistic bounds for extreme eigenvalues of symmetric matrices
/// with the Lanczos method", SIMAX 22, 2000: let p_j be the Lanczos polynomials and γ the share of
/// the random start that lies along the eigenvector of λ. Then γ² Σ p_j(λ)² <= 1, the sum grows
/// beyond the largest Ritz value, and |γ| < δ √(π / 2n) happens with a probability of at most δ.
/// So λmax is no larger than the point where Σ p_j² reaches 2n / (π δ²). Rounding errors are
/// allowed for by n^½ + iterations units of ‖A‖ in the last place of V's numbers.
///
/// When a product is not finite, value is NaN, the bounds are infinite, and converged is false.
/// Throws std::invalid_argument for n < 1 and for options out of range.
template <Vector V = Eigen::VectorXd, std::invocable<const V&, V&> Operator>
ExtremeEigenvalues lanczos(Index n, const Operator& apply, const LanczosOptions& options = {}) {
    if (n < 1)
        throw std::invalid_argument("lanczos: an operator of size " + std::to_string(n) +
                                    ": give n >= 1");
    if (!(options.tolerance > 0) || options.max_iterations < 1 ||
        !(options.failure_probability > 0 && options.failure_probability < 1))
        throw std::invalid_argument(
            "lanczos: tolerance = " + std::to_string(options.tolerance) +
            ", max_iterations = " + std::to_string(options.max_iterations) +
            ", failure_probability = " + std::to_string(options.failure_probability) +
            ": give tolerance > 0, max_iterations >= 1 and a probability between 0 and 1");

    constexpr double infinity = std::numeric_limits<double>::infinity();
    using Scalar = typename V::Scalar;
    LanczosMatrix matrix;
    ExtremeEigenvalues result;
    std::vector<V> basis;
    V next(n);
    Random random{options.seed};
    for (Index i = 0; i < n; ++i) next[i] = static_cast<Scalar>(random.normal());
    basis.push_back(next / next.norm());

    const Index most = std::min(n, options.max_iterations);
    for (;;) {
        apply(std::as_const(basis.back()), next);
        const auto k = static_cast<std::size_t>(++result.iterations);
        const double on = next.template cast<double>().dot(basis.back().template cast<double>());
        const double product_norm = next.template cast<double>().norm();
        // Twice is enough (Parlett, "The symmetric eigenvalue problem", section 6.9).
        for (int pass = 0; pass < 2; ++pass)
            for (const V& q : basis) next -= q.dot(next) * q;
        const double left = next.template cast<double>().norm();
        if (!std::isfinite(on) || !std::isfinite(product_norm) || !std::isfinite(left)) {
            result.value = result.smallest = std::numeric_limits<double>::quiet_NaN();
            result.upper_bound = infinity;
            result.lower_bound = -infinity;
            return result;
        }
        matrix.append(on, left);
        const double rounding = (std::sqrt(static_cast<double>(n)) + static_cast<double>(k)) *
                                matrix.norm *
                                static_cast<double>(std::numeric_limits<Scalar>::epsilon());
        // The start lies in an invariant subspace, and almost surely has a part along each
        // eigenspace: the Ritz values are eigenvalues, the extreme ones among them.
        const bool complete = result.iterations == n || left <= rounding;

        // Looking costs k bisection steps: not after each product when there are many.
        if (complete || result.iterations == most || k <= 8 || k % 4 == 0) {
            const auto bound = [&](double sign, double theta) {
                if (complete) return theta + left + rounding;
                return rounding +
                       matrix.bound(sign, theta, left + rounding, n, options.failure_probability);
            };
            const double top = matrix.ritz(1);
            const double bottom = matrix.ritz(-1);
            result.value = top;
            result.smallest = -bottom;
            result.upper_bound = bound(1, top);
            result.lower_bound = -bound(-1, bottom);
            const double size = std::max(std::abs(top), std::abs(bottom));
            result.converged = result.upper_bound - top <= options.tolerance * size + 2 * rounding;
            if (complete || result.converged || result.iterations == most) return result;
        }
        basis.push_back(next / static_cast<Scalar>(left));
    }
}

}  // namespace ermine
