// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>

#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/distinct_examples_of.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>

namespace ermine {

/// How the gradients of single examples vary at one point, and what batches can do about it. Made
/// by `gradient_statistics`.
struct GradientStatistics {
    Index examples = 0;
    Eigen::VectorXd gradient;  ///< over all examples
    Eigen::VectorXd sigma;     ///< of each coordinate over the examples, with n as denominator
    double norm = 0;           ///< ‖gradient‖
    double deviation = 0;      ///< ‖sigma‖ = √(tr Σ): σ of the gradient as a whole
    /// Bsimple = tr Σ / ‖g‖² (McCandlish, Kaplan, Amodei et al., "An empirical model of large-batch
    /// training", 2018, section 2.2): the batch size at which the error is as long as the gradient;
    /// infinite at a stationary point.
    double noise_scale = 0;
    /// Bnoise = tr(HΣ) / gᵀHg (the same), which weighs directions by how much they curve: for
    /// functions with a Hessian of at most 256 parameters that gᵀHg > 0 allows.
    std::optional<double> curved_noise_scale;
    /// How many examples differ from one another, where the function says what they are.
    std::optional<Index> distinct;

    /// Standard error of the gradient over a batch of b independent draws: deviation / √b.
    [[nodiscard]] double standard_error(Index b) const {
        check(b);
        return deviation / std::sqrt(static_cast<double>(b));
    }

    /// The same for draws without replacement: times √((n − b)/(n − 1)), 0 for b = n.
    [[nodiscard]] double standard_error_without_replacement(Index b) const {
        const double error = standard_error(b);
        if (b > examples)
            throw std::invalid_argument("GradientStatistics: a batch of " + std::to_string(b) +
                                        " out of " + std::to_string(examples) + " examples");
        if (examples == 1) return 0;
        const auto n = static_cast<double>(examples);
        return error * std::sqrt((n - static_cast<double>(b)) / (n - 1));
    }

    /// The batch size past which returns diminish: the noise scale, between 1 and n. Well below it
    /// twice the batch makes a step nearly twice as good; above it, twice the batch saves less than
    /// a quarter of the steps.
    [[nodiscard]] Index diminishing_returns() const {
        const double scale = curved_noise_scale.value_or(noise_scale);
        const auto n = static_cast<double>(examples);
        return static_cast<Index>(std::ceil(std::clamp(scale, 1.0, n)));
    }

    /// How much of the best step a step with batches of b gains: 1 / (1 + B/b), B the noise scale
    /// (the same).
    [[nodiscard]] double efficiency(Index b) const {
        check(b);
        const double scale = curved_noise_scale.value_or(noise_scale);
        return 1 / (1 + scale / static_cast<double>(b));
    }

    /// Gradient diversity Σ ‖gᵢ‖² / ‖Σ gᵢ‖² = (1 + tr Σ / ‖g‖²) / n (Yin et al., AISTATS 2018,
    /// definition 1): 1/n where all gradients are the same, 1 where they are orthogonal.
    [[nodiscard]] double diversity() const {
        return (1 + noise_scale) / static_cast<double>(examples);
    }

    /// The share of the examples that repeat another: 0 if all differ. 0 where it is not known.
    [[nodiscard]] double redundancy() const {
        return distinct ? 1 - static_cast<double>(*distinct) / static_cast<double>(examples) : 0;
    }

    friend std::ostream& operator<<(std::ostream& out, const GradientStatistics& s) {
        const auto text = [](const char* format, auto... numbers) {
            char buffer[128];
            std::snprintf(buffer, sizeof buffer, format, numbers...);
            return std::string(buffer);
        };
        out << text("gradient of norm %.4g over %lld examples, sigma %.4g an example", s.norm,
                    static_cast<long long>(s.examples), s.deviation);
        if (s.sigma.size() > 0)
            out << text(" (%.3g to %.3g a coordinate)", s.sigma.minCoeff(), s.sigma.maxCoeff());
        out << "\n   batch  standard error  of the gradient\n";
        for (Index b = 1; b <= s.examples; b *= 4)
            out << text("%8lld  %14.4g  %14.3g\n", static_cast<long long>(b), s.standard_error(b),
                        s.standard_error(b) / s.norm);
        out << text("noise scale %.4g", s.noise_scale);
        if (s.curved_noise_scale) out << text(", by curvature %.4g", *s.curved_noise_scale);
        out << text(": returns diminish beyond batches of %lld\n",
                    static_cast<long long>(s.diminishing_returns()));
        if (s.distinct)
            out << text("%lld examples differ: %.3g %% repeat another\n",
                        static_cast<long long>(*s.distinct), 100 * s.redundancy());
        return out;
    }

private:
    static void check(Index b) {
        if (b < 1)
            throw std::invalid_argument("GradientStatistics: a batch of " + std::to_string(b));
    }
};

/// How the examples' gradients vary at θ, for any sum over examples: one pass for the gradient, and
/// one over the examples one by one, on all threads (terms of one's own are called from each), with
/// the same bits on any number. A penalty that f adds is part of each example's function and
/// changes the mean alone. Throws std::invalid_argument if the gradient is not finite.
template <class F, class V>
GradientStatistics gradient_statistics(const F& f, const V& theta) {
    constexpr bool sum = FiniteSum<F, V>;
    static_assert(sum,
                  "gradient_statistics needs a sum over examples (EmpiricalRisk, finite_sum), and "
                  "parameters of its type");
    GradientStatistics result;
    if constexpr (sum) {
        constexpr Index exact_size = 256;
        const Index n = f.examples();
        const Index m = theta.size();
        V gradient(m);
        f.value_and_gradient(theta, gradient);
        if (!gradient.allFinite())
            throw std::invalid_argument("gradient_statistics: the gradient is not finite there");
        result.examples = n;
        result.gradient = gradient.template cast<double>();

        SquareMatrix<V> hessian;
        if constexpr (TwiceDifferentiable<F, V> &&
                      std::same_as<HessianMatrix<F, V>, SquareMatrix<V>>) {
            if (m <= exact_size) {
                hessian.resize(m, m);
                f.hessian(theta, hessian);
            }
        }
        // Deviations from the mean, as a difference of squares would cancel.
        const Chunks chunks = chunks_for(n, 64);
        PartialSums<double> sums;
        Eigen::VectorXd squares(m);
        const double curved =
            parallel_sum(chunks, sums, squares, [&](Index begin, Index end, auto& partial) {
                const F own = f;  // a risk works in memory of its own
                V one(m);
                double sum_of_curvatures = 0;
                for (Index i = begin; i < end; ++i) {
                    const auto row = static_cast<std::int32_t>(i);
                    own.value_and_gradient(theta, Batch(&row, 1), one);
                    one -= gradient;
                    partial += one.template cast<double>().cwiseAbs2();
                    if (hessian.size() > 0)
                        sum_of_curvatures += static_cast<double>(one.dot(hessian * one));
                }
                return sum_of_curvatures;
            });
        const auto count = static_cast<double>(n);
        squares /= count;
        result.sigma = squares.cwiseSqrt();
        const double trace = squares.sum();
        result.norm = result.gradient.norm();
        result.deviation = std::sqrt(trace);
        result.noise_scale = trace == 0 ? 0 : trace / result.gradient.squaredNorm();
        if (hessian.size() > 0) {
            const auto along = static_cast<double>(gradient.dot(hessian * gradient));
            if (along > 0 && curved >= 0) result.curved_noise_scale = curved / count / along;
        }
        result.distinct = distinct_examples_of(f);
    }
    return result;
}

}  // namespace ermine
