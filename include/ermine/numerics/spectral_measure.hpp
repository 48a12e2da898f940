// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/implicit_qr.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/student_quantile.hpp>

namespace ermine {

/// How the eigenvalues of an operator are spread: a measure of total weight 1 on the line, at
/// `nodes` in increasing order. For each probe the weights of its nodes sum to 1 / probes.
struct SpectralMeasure {
    std::vector<double> nodes = {};
    std::vector<double> weights = {};
    std::vector<std::int32_t> probe = {};  ///< which random vector a node comes from
    /// The same by two thirds of the steps: how far the two differ shows the quadrature's error.
    std::vector<double> coarse_nodes = {};
    std::vector<double> coarse_weights = {};
    Index probes = 1;  ///< 0 where the nodes are all eigenvalues
    Index size = 0;    ///< of the operator
    Index products = 0;

    /// (1/n) Σ g(λᵢ). Times n it is tr g(A). The error is the half-width of the 95 % interval over
    /// the probes, and beside it by how much two thirds of the steps give another result; 0 for a
    /// measure of all eigenvalues, NaN for a single probe.
    template <class Function>
    [[nodiscard]] Estimate mean(const Function& g) const {
        Eigen::VectorXd each = Eigen::VectorXd::Zero(std::max<Index>(probes, 1));
        for (std::size_t k = 0; k < nodes.size(); ++k)
            each[probe[k]] += weights[k] * g(nodes[k]) * static_cast<double>(each.size());
        const double mean = each.mean();
        if (probes == 0) return {mean, 0};
        if (probes == 1) return {mean, std::numeric_limits<double>::quiet_NaN()};
        const double variance =
            (each.array() - mean).square().sum() / static_cast<double>((probes - 1) * probes);
        double coarse = 0;
        for (std::size_t k = 0; k < coarse_nodes.size(); ++k)
            coarse += coarse_weights[k] * g(coarse_nodes[k]);
        return {mean,
                student_interval(0.95, probes - 1) * std::sqrt(variance) + std::abs(mean - coarse)};
    }

    /// The share of eigenvalues up to t.
    [[nodiscard]] double cumulative(double t) const {
        double sum = 0;
        for (std::size_t k = 0; k < nodes.size() && nodes[k] <= t; ++k) sum += weights[k];
        return sum;
    }

    /// The density at t, each node widened to a normal distribution of deviation `width` (Lin, Saad
    /// & Yang 2016, section 2.3).
    [[nodiscard]] double density(double t, double width) const {
        double sum = 0;
        for (std::size_t k = 0; k < nodes.size(); ++k) {
            const double z = (t - nodes[k]) / width;
            sum += weights[k] * std::exp(-0.5 * z * z);
        }
        return sum * std::numbers::inv_sqrtpi / (std::numbers::sqrt2 * width);
    }

    /// ∫ |F(t) − G(t)| dt, Wasserstein's distance W₁ to the spectrum of these eigenvalues: how far
    /// the one has to be moved, on average, to become the other.
    [[nodiscard]] double wasserstein(Eigen::VectorXd eigenvalues) const {
        std::sort(eigenvalues.data(), eigenvalues.data() + eigenvalues.size());
        const double share = 1 / static_cast<double>(eigenvalues.size());
        double distance = 0;
        double apart = 0;  // F − G, between the last point and the next
        double last = 0;
        std::size_t k = 0;
        Index i = 0;
        while (k < nodes.size() || i < eigenvalues.size()) {
            const bool own =
                i == eigenvalues.size() || (k < nodes.size() && nodes[k] <= eigenvalues[i]);
            const double next = own ? nodes[k] : eigenvalues[i];
            if (k + static_cast<std::size_t>(i) > 0) distance += std::abs(apart) * (next - last);
            last = next;
            apart += own ? weights[k++] : -share;
            if (!own) ++i;
        }
        return distance;
    }

    /// The measure of all eigenvalues, each with the weight 1/n.
    static SpectralMeasure of(Eigen::VectorXd eigenvalues) {
        std::sort(eigenvalues.data(), eigenvalues.data() + eigenvalues.size());
        const auto n = static_cast<std::size_t>(eigenvalues.size());
        return {.nodes = {eigenvalues.data(), eigenvalues.data() + n},
                .weights = std::vector<double>(n, 1 / static_cast<double>(n)),
                .probe = std::vector<std::int32_t>(n, 0),
                .probes = 0,
                .size = eigenvalues.size(),
                .products = eigenvalues.size()};
    }
};

/// How a spectral measure is estimated.
struct QuadratureOptions {
    Index probes = 10;  ///< random vectors
    Index steps = 80;   ///< of Lanczos' method from each: nodes a probe
    std::uint64_t seed = 1;
};

/// The spectral measure of a symmetric operator by stochastic Lanczos quadrature: from each random
/// direction v on the sphere Lanczos' method makes the Gauss quadrature of the measure Σ (vᵀqᵢ)²
/// δ(λᵢ), with Ritz values as nodes and the squares of the first components of T's eigenvectors as
/// weights; its mean over v is the spectrum (Golub & Welsch 1969; Lin, Saad & Yang, "Approximating
/// spectral densities of large matrices", SIAM Review 58, 2016, section 3.2; Ghorbani, Krishnan &
/// Xiao, "An investigation into neural net optimization via Hessian eigenvalue density", ICML 2019,
/// algorithm 1). With full reorthogonalization: without it ghosts take weight to the ends, as with
/// the latter. A quadrature of m nodes is exact for polynomials of degree 2m − 1, the error over v
/// of a mean of g falls like 1/√(n · probes).
///
/// Memory for steps · n numbers. Throws std::invalid_argument for options out of range and where a
/// product is not finite.
template <class Operator>
[[nodiscard]] SpectralMeasure lanczos_quadrature(Index n, const Operator& apply,
                                                 const QuadratureOptions& options = {}) {
    require_count(n, "lanczos_quadrature: the operator's size");
    require_count(options.probes, "QuadratureOptions.probes");
    require_count(options.steps, "QuadratureOptions.steps");
    SpectralMeasure measure{.probes = options.probes, .size = n};
    Random random{options.seed};
    const Index most = std::min(options.steps, n);
    Eigen::MatrixXd basis(n, most);
    Eigen::VectorXd v(n);
    Eigen::VectorXd next(n);
    for (Index p = 0; p < options.probes; ++p) {
        for (Index i = 0; i < n; ++i) v[i] = random.normal();
        v /= v.norm();
        Eigen::VectorXd diagonal(most);
        Eigen::VectorXd off(most);
        Index m = 0;
        double norm = 0;
        while (m < most) {
            basis.col(m) = v;
            apply(std::as_const(v), next);
            ++measure.products;
            const double size = next.norm();
            if (!std::isfinite(size))
                throw std::invalid_argument(
                    "lanczos_quadrature: a product with the operator is not finite: there is no "
                    "spectrum to estimate");
            norm = std::max(norm, size);
            diagonal[m] = next.dot(v);
            const auto known = basis.leftCols(m + 1);
            for (int pass = 0; pass < 2; ++pass) {
                const Eigen::VectorXd along = known.transpose() * next;
                next.noalias() -= known * along;
            }
            off[m] = next.norm();
            const bool invariant = off[m] <= std::sqrt(static_cast<double>(n)) * norm *
                                                 std::numeric_limits<double>::epsilon();
            ++m;
            if (invariant) break;
            v = next / off[m - 1];
        }
        const auto quadrature = [&](Index steps, const auto& see) {
            Eigen::VectorXd ritz = diagonal.head(steps);
            Eigen::VectorXd beside = off.head(steps);
            Eigen::MatrixXd first = Eigen::MatrixXd::Zero(1, steps);
            first(0, 0) = 1;
            if (!tridiagonal_eigen(ritz, beside, first))
                throw std::invalid_argument(
                    "lanczos_quadrature: the QR iteration does not converge");
            for (Index k = 0; k < steps; ++k)
                see(ritz[k], first(0, k) * first(0, k) / static_cast<double>(options.probes));
        };
        quadrature(m, [&](double node, double weight) {
            measure.nodes.push_back(node);
            measure.weights.push_back(weight);
            measure.probe.push_back(static_cast<std::int32_t>(p));
        });
        // An invariant space is whole: its quadrature is exact.
        quadrature(m < most ? m : std::max<Index>(1, 2 * m / 3), [&](double node, double weight) {
            measure.coarse_nodes.push_back(node);
            measure.coarse_weights.push_back(weight);
        });
    }
    std::vector<std::size_t> order(measure.nodes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return measure.nodes[a] != measure.nodes[b] ? measure.nodes[a] < measure.nodes[b] : a < b;
    });
    SpectralMeasure sorted = measure;
    for (std::size_t k = 0; k < order.size(); ++k) {
        sorted.nodes[k] = measure.nodes[order[k]];
        sorted.weights[k] = measure.weights[order[k]];
        sorted.probe[k] = measure.probe[order[k]];
    }
    return sorted;
}

}  // namespace ermine
