// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <ostream>
#include <string>

#include <ermine/concepts/vector.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/diagnostics/spectrum_options.hpp>
#include <ermine/numerics/dense_eigen.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/spectral_measure.hpp>

namespace ermine {

/// Options of `spectral_density`.
struct DensityOptions {
    Index probes = 10;  ///< random vectors
    Index steps = 80;   ///< products for each of them
    Exactness by = Exactness::automatic;
    Index exact_size = 400;  ///< variables up to which `automatic` takes all eigenvalues
    double memory = 1e9;     ///< bytes that an exact answer may take
    std::uint64_t seed = 1;
};

/// The density of the eigenvalues of a Hessian or another symmetric operator. Made by
/// `spectral_density`.
struct SpectralDensity : SpectralMeasure {
    [[nodiscard]] bool exact() const { return probes == 0; }

    /// λmax − λmin, as far as the nodes reach.
    [[nodiscard]] double range() const { return nodes.back() - nodes.front(); }

    /// tr A.
    [[nodiscard]] Estimate trace() const {
        return times_size(mean([](double t) { return t; }));
    }

    /// The effective dimension Σ max(λ, 0) / (max(λ, 0) + α): how many directions the curvature
    /// determines against a penalty ½ α ‖x‖² (MacKay, "Bayesian interpolation", Neural Computation
    /// 4, 1992, equation 4.9; Maddox, Benton & Wilson 2020). Throws std::invalid_argument unless
    /// α > 0.
    [[nodiscard]] Estimate effective_dimension(double alpha) const {
        require_positive(alpha, "effective_dimension: alpha");
        return times_size(mean([alpha](double t) {
            const double positive = std::max(t, 0.0);
            return positive / (positive + alpha);
        }));
    }

    /// How many eigenvalues are below −tolerance · max|λ|.
    [[nodiscard]] Estimate negative(double tolerance = 1e-6) const {
        const double zero = tolerance * std::max(std::abs(nodes.front()), std::abs(nodes.back()));
        return times_size(mean([zero](double t) { return t < -zero ? 1.0 : 0.0; }));
    }

    /// A histogram, with the estimates above.
    friend std::ostream& operator<<(std::ostream& out, const SpectralDensity& d) {
        out << "spectrum of " << d.size << " eigenvalues, ";
        if (d.exact())
            out << "exact\n";
        else
            out << "by " << d.products << " products from " << d.probes << " random vectors\n";
        constexpr int bins = 12;
        const double width = d.range() / bins;
        if (width > 0) {
            for (int k = 0; k < bins; ++k) {
                const double from = d.nodes.front() + k * width;
                const bool last = k + 1 == bins;
                const Estimate count = d.times_size(d.mean(
                    [&](double t) { return t >= from && (last || t < from + width) ? 1.0 : 0.0; }));
                const double share = count.value / static_cast<double>(d.size);
                char line[96];
                std::snprintf(
                    line, sizeof line, "  %10.3g  %-40s ", from,
                    std::string(static_cast<std::size_t>(std::lround(40 * share)), '#').c_str());
                out << line << in_digits(count.value, count.error) << '\n';
            }
        }
        return out << "  trace " << d.trace() << ", negative " << d.negative() << '\n';
    }

private:
    [[nodiscard]] Estimate times_size(Estimate e) const {
        return {e.value * static_cast<double>(size), e.error * static_cast<double>(size)};
    }
};

/// The density of a symmetric operator of size n, apply(v, Av): all eigenvalues up to `exact_size`,
/// otherwise by lanczos_quadrature. Throws std::invalid_argument as `extreme_eigenvalues` does.
template <std::integral Size, class Operator>
[[nodiscard]] SpectralDensity spectral_density(
    Size size, const Operator& apply, const DensityOptions& options = {},
    double accuracy = std::numeric_limits<double>::epsilon(),
    const char* who = "spectral_density") {
    const auto n = static_cast<Index>(size);
    const SpectrumOptions choice{
        .by = options.by, .exact_size = options.exact_size, .memory = options.memory};
    if (choice.exactly(n, who))
        return {
            SpectralMeasure::of(dense_eigen(dense_matrix(n, apply, accuracy, who), false).values)};
    require_symmetric(n, apply, accuracy, who);
    return {lanczos_quadrature(
        n, apply, {.probes = options.probes, .steps = options.steps, .seed = options.seed})};
}

/// The density of the eigenvalues of the Hessian of f at x:
///
///     const auto density = spectral_density(risk, theta);
///     std::cout << density << density.effective_dimension(1e-3);
template <class F, Vector V>
[[nodiscard]] SpectralDensity spectral_density(const F& f, const V& x,
                                               const DensityOptions& options = {}) {
    const CurvatureOperator<F, V> hessian(f, x, "spectral_density");
    return spectral_density(x.size(), hessian, options, hessian.accuracy());
}

}  // namespace ermine
