// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The tridiagonal matrix T that Lanczos' method makes, and what its ends say of the operator's.
/// `sign` 1 asks for the largest eigenvalue, −1 for the largest of −T.
struct LanczosMatrix {
    std::vector<double> diagonal;
    /// off[k] couples k and k + 1; the last one is the norm of what is left.
    std::vector<double> off;
    double norm = 0;  ///< of T, by Gershgorin's discs

    /// Adds a row.
    void append(double on, double beside) {
        const std::size_t k = diagonal.size();
        norm = std::max(norm, std::abs(on) + beside + (k > 0 ? off[k - 1] : 0));
        diagonal.push_back(on);
        off.push_back(beside);
    }

    /// The largest eigenvalue, by bisection over Sturm's sequence.
    [[nodiscard]] double ritz(double sign) const {
        return first_reached(-norm, norm, [&](double x) {
            double pivot = 1;
            for (std::size_t j = 0; j < diagonal.size(); ++j) {
                const double square = j == 0 ? 0 : off[j - 1] * off[j - 1];
                pivot = x - sign * diagonal[j] - square / pivot;
                if (!(pivot > 0)) return false;
            }
            return true;
        });
    }

    /// ‖A y − θ y‖ for the Ritz vector y of θ = ritz(sign): the norm of what is left, times the
    /// last component of T's eigenvector. That is found by a twisted factorization, from both ends
    /// to the row where T − θ I is nearest to singular, which keeps small components accurate
    /// (Dhillon & Parlett, "Orthogonal eigenvectors and relative gaps", SIMAX 25, 2003).
    [[nodiscard]] double residual(double sign, double theta) const {
        const std::size_t k = diagonal.size();
        const double tiny = std::numeric_limits<double>::epsilon() * norm * 1e-3 + 1e-300;
        const auto safe = [&](double pivot) { return std::abs(pivot) > tiny ? pivot : tiny; };
        const auto on = [&](std::size_t j) { return theta - sign * diagonal[j]; };
        std::vector<double> down(k);
        std::vector<double> up(k);
        for (std::size_t j = 0; j < k; ++j)
            down[j] = safe(on(j) - (j > 0 ? off[j - 1] * off[j - 1] / down[j - 1] : 0));
        for (std::size_t j = k; j-- > 0;)
            up[j] = safe(on(j) - (j + 1 < k ? off[j] * off[j] / up[j + 1] : 0));
        std::size_t twist = 0;
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t j = 0; j < k; ++j) {
            const double pivot = std::abs(down[j] + up[j] - on(j));
            if (pivot < least) {
                least = pivot;
                twist = j;
            }
        }
        double sum = 1;
        double component = 1;
        for (std::size_t j = twist; j-- > 0;) {
            component *= off[j] / down[j];
            sum += component * component;
        }
        component = 1;
        for (std::size_t j = twist; j + 1 < k; ++j) {
            component *= off[j] / up[j + 1];
            sum += component * component;
        }
        const double length = std::sqrt(sum);
        return std::isfinite(length) ? off[k - 1] * std::abs(component) / length : off[k - 1];
    }

    /// At least the largest eigenvalue of the n × n operator, but for a failure of the stated
    /// probability over the random starts (van Dorsselaer, Hochstenbach & van der Vorst 2000, see
    /// lanczos).
    [[nodiscard]] double bound(double sign, double theta, double above, Index n,
                               double failure_probability) const {
        // In logarithms, so that no failure probability underflows.
        const double limit = std::log(2 * static_cast<double>(n) / std::numbers::pi) -
                             2 * std::log(failure_probability);
        double high = theta + above;
        while (growth(high, sign) < limit) high += high - theta;
        return first_reached(theta, high, [&](double x) { return growth(x, sign) >= limit; });
    }

private:
    /// log Σ_{j <= k} p_j(x)² for the matrix times `sign`, or −infinity where x is no upper bound
    /// of the Ritz values (there some p_j has another sign). Scaled on the way: p_j overflows.
    [[nodiscard]] double growth(double x, double sign) const {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        double previous = 0;
        double current = 1;
        double sum = 1;
        double scale = 0;
        for (std::size_t j = 0; j < diagonal.size(); ++j) {
            const double from = j == 0 ? 0 : off[j - 1] * previous;
            const double next = ((x - sign * diagonal[j]) * current - from) / off[j];
            if (!(next > 0)) return -infinity;
            if (!std::isfinite(next)) return infinity;
            previous = current;
            current = next;
            sum += current * current;
            if (sum > 1e200) {
                const double shrink = 1 / std::sqrt(sum);
                scale += std::log(sum);
                previous *= shrink;
                current *= shrink;
                sum = 1;
            }
        }
        return scale + std::log(sum);
    }

    /// The largest x with reached(x) false, for a property that holds from some point on.
    template <class Reached>
    static double first_reached(double low, double high, const Reached& reached) {
        for (int halving = 0; halving < 80; ++halving) {
            const double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) break;
            (reached(middle) ? high : low) = middle;
        }
        return high;
    }
};

}  // namespace ermine
