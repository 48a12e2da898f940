// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/logistic_terms.hpp>
#include <ermine/numerics/negative_entropy.hpp>
#include <ermine/numerics/sigmoid.hpp>
#include <ermine/numerics/softplus.hpp>

namespace ermine {

/// log(1 + e^{−y p}), the negative log-likelihood of y = ±1 when P(y = 1) = 1 / (1 + e^{−p}).
/// Convex, classification-calibrated, 1-Lipschitz and ¼-smooth. Nothing overflows: for margins
/// y p ≪ 0 it is −y p, for y p ≫ 0 it is e^{−y p}.
struct LogisticLoss {
    using form = Elementwise;
    using argument = Margin;
    static constexpr const char* name = "LogisticLoss";
    static constexpr const char* targets = "-1 or +1";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;
    static constexpr bool natural = true;

    /// log(1 + e^{−y p}).
    auto value(const auto& p, const auto& y) const { return softplus(-(y * p)); }

    /// −y σ(−y p).
    auto derivative(const auto& p, const auto& y) const { return -(y * sigmoid(-(y * p))); }

    /// σ(y p) σ(−y p).
    auto second_derivative(const auto& p, const auto& y) const {
        return sigmoid(y * p) * sigmoid(-(y * p));
    }

    /// For n predictions: the values, first and second derivatives, from one exponential each.
    void evaluate(const double* p, const double* y, Index n, double* value, double* first,
                  double* second) const {
        constexpr Index most = 256;
        std::array<double, most> z;
        for (Index begin = 0; begin < n; begin += most) {
            const Index count = std::min(most, n - begin);
            for (Index i = 0; i < count; ++i)
                z[static_cast<std::size_t>(i)] = -y[begin + i] * p[begin + i];
            logistic_terms(z.data(), count, value + begin, first + begin, second + begin);
            for (Index i = begin; i < begin + count; ++i) first[i] *= -y[i];
        }
    }

    /// s log s + (1 − s) log(1 − s) with s = −u y in [0, 1], and +∞ outside.
    auto conjugate(const auto& u, const auto& y) const { return negative_entropy(-(u * y)); }

    /// u with −u y clamped to [0, 1].
    auto nearest_slope(const auto& u, const auto& y) const {
        return -(y * clamp(-(u * y), Number<decltype(u)>(0), Number<decltype(u)>(1)));
    }

    /// 1 with probability σ(p), −1 otherwise.
    double draw(double p, auto& random) const { return random.uniform() < sigmoid(p) ? 1 : -1; }

    double lipschitz() const { return 1; }
    double smoothness() const { return 0.25; }
    bool accepts(double target) const { return target == 1 || target == -1; }
};

}  // namespace ermine
