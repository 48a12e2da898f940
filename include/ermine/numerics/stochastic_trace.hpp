// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/student_quantile.hpp>

namespace ermine {

/// How many random vectors are multiplied.
struct ProbeOptions {
    Index products = 90;  ///< with A in all
    std::uint64_t seed = 1;
};

/// Random signs, ±1 each.
inline void draw_signs(Random& random, Eigen::Ref<Eigen::VectorXd> z) {
    std::uint64_t bits = 0;
    for (Index i = 0; i < z.size(); ++i) {
        if (i % 64 == 0) bits = random.bits();
        z[i] = (bits >> (i % 64)) & 1U ? 1 : -1;
    }
}

/// The mean of m samples, with the half-width of its 95 % interval by Student's distribution.
inline Estimate student_mean(const Eigen::VectorXd& samples) {
    const Index m = samples.size();
    const double mean = samples.mean();
    const double deviation =
        std::sqrt((samples.array() - mean).square().sum() / static_cast<double>(m - 1));
    return {mean, student_interval(0.95, m - 1) * deviation / std::sqrt(static_cast<double>(m))};
}

/// tr A from products alone, apply(v, Av): the mean of zᵀ A z over vectors z of random signs, whose
/// variance is 2 Σ_{i≠j} aᵢⱼ² (Hutchinson, "A stochastic estimator of the trace of the influence
/// matrix", Communications in Statistics 18, 1989). Throws std::invalid_argument for fewer than 2
/// products.
template <class Operator>
[[nodiscard]] Estimate hutchinson_trace(Index n, const Operator& apply,
                                        const ProbeOptions& options = {}) {
    if (options.products < 2)
        refuse("ProbeOptions.products", std::int64_t{options.products},
               "an error takes at least 2");
    Random random{options.seed};
    Eigen::VectorXd z(n);
    Eigen::VectorXd az(n);
    Eigen::VectorXd samples(options.products);
    for (Index k = 0; k < options.products; ++k) {
        draw_signs(random, z);
        apply(std::as_const(z), az);
        samples[k] = z.dot(az);
    }
    return student_mean(samples);
}

/// Makes an orthonormal basis of the range of the columns, in place of the first of them; returns
/// how many it has (Gram & Schmidt, classical, twice).
inline Index orthonormal_range(Eigen::MatrixXd& columns) {
    Index rank = 0;
    for (Index k = 0; k < columns.cols(); ++k) {
        Eigen::VectorXd column = columns.col(k);
        const double before = column.norm();
        for (int pass = 0; pass < 2; ++pass) {
            const Eigen::VectorXd along = columns.leftCols(rank).transpose() * column;
            column.noalias() -= columns.leftCols(rank) * along;
        }
        const double after = column.norm();
        if (!(after > 1e-12 * before)) continue;
        columns.col(rank++) = column / after;
    }
    return rank;
}

/// tr A with a third of the products for a basis Q of where A is large, a third for tr QᵀAQ, which
/// is then exact, and a third for Hutchinson's estimate of what is left (Hutch++, Meyer, Musco,
/// Musco & Woodruff, "Hutch++: optimal stochastic trace estimation", SOSA 2021, algorithm 1): for
/// positive semidefinite A an error of ε tr A takes 1/ε products instead of 1/ε². The error is that
/// of the last third, given Q. Throws std::invalid_argument for fewer than 6 products.
template <class Operator>
[[nodiscard]] Estimate hutch_plus_plus(Index n, const Operator& apply,
                                       const ProbeOptions& options = {}) {
    if (options.products < 6)
        refuse("ProbeOptions.products", std::int64_t{options.products}, "give at least 6");
    const Index columns = std::min(options.products / 3, n);
    Random random{options.seed};
    Eigen::VectorXd z(n);
    Eigen::VectorXd az(n);
    Eigen::MatrixXd q(n, columns);
    for (Index k = 0; k < columns; ++k) {
        draw_signs(random, z);
        apply(std::as_const(z), az);
        q.col(k) = az;
    }
    const Index rank = orthonormal_range(q);
    double known = 0;
    for (Index k = 0; k < rank; ++k) {
        z = q.col(k);
        apply(std::as_const(z), az);
        known += z.dot(az);
    }
    if (rank == n) return {known, 0};
    const Index left = std::max<Index>(options.products - columns - rank, 2);
    Eigen::VectorXd samples(left);
    const auto known_part = q.leftCols(rank);
    for (Index k = 0; k < left; ++k) {
        draw_signs(random, z);
        z -= known_part * (known_part.transpose() * z).eval();
        apply(std::as_const(z), az);
        samples[k] = z.dot(az);
    }
    Estimate estimate = student_mean(samples);
    estimate.value += known;
    return estimate;
}

/// A vector that was estimated, each number with half of its 95 % interval.
struct DiagonalEstimate {
    Eigen::VectorXd values;
    Eigen::VectorXd errors;
};

/// The diagonal of A: the mean of z ∘ A z over vectors z of random signs, whose variance in place i
/// is Σ_{j≠i} aᵢⱼ² (Bekas, Kokiopoulou & Saad, "An estimator for the diagonal of a matrix", Applied
/// Numerical Mathematics 57, 2007). Throws std::invalid_argument for fewer than 2 products.
template <class Operator>
[[nodiscard]] DiagonalEstimate stochastic_diagonal(Index n, const Operator& apply,
                                                   const ProbeOptions& options = {}) {
    if (options.products < 2)
        refuse("ProbeOptions.products", std::int64_t{options.products},
               "an error takes at least 2");
    Random random{options.seed};
    Eigen::VectorXd z(n);
    Eigen::VectorXd az(n);
    DiagonalEstimate estimate{Eigen::VectorXd::Zero(n), Eigen::VectorXd::Zero(n)};
    for (Index k = 0; k < options.products; ++k) {  // Welford's update
        draw_signs(random, z);
        apply(std::as_const(z), az);
        az.array() *= z.array();
        z = az - estimate.values;
        estimate.values += z / static_cast<double>(k + 1);
        estimate.errors.array() += z.array() * (az - estimate.values).array();
    }
    const auto m = static_cast<double>(options.products);
    estimate.errors = student_interval(0.95, options.products - 1) *
                      (estimate.errors / ((m - 1) * m)).cwiseMax(0).cwiseSqrt();
    return estimate;
}

}  // namespace ermine
