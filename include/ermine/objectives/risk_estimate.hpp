// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <stdexcept>
#include <string>

#include <Eigen/Core>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/normal_quantile.hpp>
#include <ermine/numerics/weighted_mean.hpp>

namespace ermine {

/// Bounds that enclose a number at a stated level of confidence.
struct Interval {
    double lower;
    double upper;
};

/// What a sample of losses says of their expectation, the risk. The sample must not have been used
/// to choose what is judged: a test set, not the training set.
struct RiskEstimate {
    double mean;            ///< of the sample
    double standard_error;  ///< s / √n, s with n − 1 in its denominator; NaN for n = 1
    Index n;                ///< examples with a weight > 0
    double effective_n;     ///< (Σ w)² / Σ w²: n where all weights are equal, else less

    /// mean ± z standard errors, z the normal quantile: right for large n, too short for few
    /// examples or for rates near 0.
    [[nodiscard]] Interval interval(double level = 0.95) const {
        return around(normal_quantile(1 - miss(level) / 2) * standard_error);
    }

    /// For losses in an interval of length `range` and any n: mean ± range √(log(2/δ) / 2n), δ = 1
    /// − level (Hoeffding 1963, Theorem 2; with weights, exactly with `effective_n` for n).
    [[nodiscard]] Interval hoeffding(double level, double range) const {
        require_range(range);
        return around(range * std::sqrt(std::log(2 / miss(level)) / (2 * effective_n)));
    }

    /// For losses in an interval of length `range` and any n >= 2, shorter than Hoeffding's where
    /// losses vary little: mean ± (s √(2 log(4/δ) / n) + range · 7 log(4/δ) / 3(n − 1)), δ = 1 −
    /// level (Maurer & Pontil, "Empirical Bernstein bounds and sample variance penalization", COLT
    /// 2009, Theorem 4, for each side at δ/2). With unequal weights `effective_n` stands for n, and
    /// it is an approximation.
    [[nodiscard]] Interval empirical_bernstein(double level, double range) const {
        require_range(range);
        const double log_term = std::log(4 / miss(level));
        return around(standard_error * std::sqrt(2 * log_term) +
                      range * 7 * log_term / (3 * (effective_n - 1)));
    }

    /// "0.148 ± 0.003 (n = 6512)": the standard error to one digit, two where the first is a 1,
    /// and the mean to the same place.
    friend std::ostream& operator<<(std::ostream& out, const RiskEstimate& r) {
        const double magnitude = std::abs(r.mean) + r.standard_error;
        if (!(r.standard_error > 1e-12 && magnitude < 1e12))
            return out << text("%.6g", r.mean) << " ± "
                       << (std::isnan(r.standard_error) ? "nan" : text("%.2g", r.standard_error))
                       << " (n = " << r.n << ")";
        int places = -static_cast<int>(std::floor(std::log10(r.standard_error)));
        if (r.standard_error * std::pow(10.0, places) < 1.95) ++places;
        places = std::max(places, 0);
        return out << text("%.*f", places, r.mean) << " ± "
                   << text("%.*f", places, r.standard_error) << " (n = " << r.n << ")";
    }

private:
    static double miss(double level) {
        if (!(level > 0 && level < 1))
            throw std::invalid_argument("RiskEstimate: level is " + std::to_string(level) +
                                        ": give a probability, such as 0.95");
        return 1 - level;
    }

    static void require_range(double range) {
        if (!(range > 0) || !std::isfinite(range))
            throw std::invalid_argument("RiskEstimate: range is " + std::to_string(range) +
                                        ": give the length of an interval that holds all losses, "
                                        "1 for ZeroOneLoss");
    }

    [[nodiscard]] Interval around(double half) const { return {mean - half, mean + half}; }

    template <class... Arguments>
    static std::string text(const char* format, Arguments... arguments) {
        char buffer[64];
        std::snprintf(buffer, sizeof buffer, format, arguments...);
        return buffer;
    }
};

/// The mean loss over a sample with its standard error. `weights` (>= 0), if there are any, make
/// it the weighted mean with ŵᵢ = wᵢ / Σ w, and its standard error the √(n / (n − 1) Σ ŵᵢ² (ℓᵢ −
/// mean)²) of a ratio of sums, which is s/√n for equal weights. Throws std::invalid_argument for an
/// empty sample and for weights that are not one for each loss.
template <class Losses, class Weights>
    requires requires(const Losses& losses, const Weights& weights) {
        losses.array();
        weights.array();
    }
RiskEstimate estimate_risk(const Losses& losses, const Weights& weights) {
    if (losses.size() == 0)
        throw std::invalid_argument("estimate_risk: there are no losses to estimate from");
    const double mean = weighted_mean(losses, weights);
    const auto deviations = (losses.array().template cast<double>() - mean).square();
    Index n = losses.size();
    double effective_n = static_cast<double>(n);
    double sum = 0;  // Σ ŵ² (ℓ − mean)²
    if (weights.size() == 0) {
        sum = deviations.sum() / (effective_n * effective_n);
    } else {
        const auto factors = weights.array().template cast<double>();
        const double total = factors.sum();
        n = (factors > 0).count();
        effective_n = total * total / factors.square().sum();
        sum = (factors.square() * deviations).sum() / (total * total);
    }
    const double count = static_cast<double>(n);
    // For n = 1 this is 0 / 0, NaN: one example says nothing about the spread.
    return {mean, std::sqrt(sum * (count / (count - 1))), n, effective_n};
}

/// The same for losses that all count alike.
template <class Losses>
    requires requires(const Losses& losses) { losses.array(); }
RiskEstimate estimate_risk(const Losses& losses) {
    return estimate_risk(losses, Eigen::ArrayXd{});
}

}  // namespace ermine
