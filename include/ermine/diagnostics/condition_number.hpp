// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <type_traits>

#include <ermine/concepts/vector.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/diagnostics/spectrum_options.hpp>
#include <ermine/numerics/dense_eigen.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/lanczos_ends.hpp>

namespace ermine {

/// κ = max|λ| / min|λ| of a Hessian or another symmetric operator, with what is known of its
/// accuracy. Made by `condition_number`.
struct ConditionNumber {
    double value = 0;     ///< infinite where min|λ| cannot be told from 0
    double lower = 0;     ///< κ is at least this, to rounding
    double upper = 0;     ///< and at most this: exact, or with a probability of 1 − 2e-6
    double largest = 0;   ///< λmax
    double smallest = 0;  ///< λmin
    double nearest = 0;   ///< min|λ|
    Index size = 0;
    Index products = 0;
    bool exact = false;
    bool converged = true;  ///< of an estimate: both ends are as accurate as was asked

    /// Whether it has eigenvalues of both signs, larger than their errors.
    bool indefinite = false;

    /// "condition number 1.2e+06 …", with what it means for a method.
    friend std::ostream& operator<<(std::ostream& out, const ConditionNumber& c) {
        const double spread = std::isfinite(c.upper) ? (c.upper - c.lower) / 2 : 0.5 * c.lower;
        out << "condition number ";
        if (std::isfinite(c.value) && std::isfinite(c.upper))
            out << in_digits(c.value, spread);
        else
            out << "at least " << in_digits(c.lower, 0.3 * c.lower);
        out << " (eigenvalues " << in_digits(c.smallest, c.error) << " to "
            << in_digits(c.largest, c.error) << ", ";
        if (c.exact)
            out << "exact";
        else
            out << c.products << (c.converged ? " products" : " products, which were too few");
        out << ")\n";
        if (c.indefinite)
            out << "  indefinite: the point is no minimum; Newton's step must be safeguarded\n";
        const double k = c.lower;
        if (k > 100 && !c.indefinite) {
            const double root = std::min(std::sqrt(k) / 2, static_cast<double>(c.size));
            out << "  gradient descent takes about " << in_digits(k, 0.5 * k)
                << " steps for each factor e, conjugate gradients about "
                << in_digits(root, 0.5 * root)
                << (k > 1e8 ? "; a Newton step loses more than half of its digits" : "")
                << ": scale the variables, precondition, or take second-order steps\n";
        }
        return out;
    }

    double error = 0;  ///< of λmax and λmin
};

/// No preconditioner.
struct Unpreconditioned {
    void operator()(const Eigen::VectorXd& r, Eigen::VectorXd& z) const { z = r; }
};

/// The condition number of a symmetric operator of size n, apply(v, Av); with `precondition(r, z)`,
/// z ← M⁻¹ r for a positive definite M, that of M^-½ A M^-½, whose eigenvalues are those of M⁻¹A.
///
/// Up to `exact_size` variables from all eigenvalues. Beyond that by lanczos_ends: `lower` from
/// the Ritz values, which never leave the spectrum, `upper` from bounds that hold with the stated
/// probability (for M = I). An operator with eigenvalues of both signs has min|λ| inside of
/// the spectrum, and Lanczos' method looks for it at the end of that of A², to 1e-8 ‖A‖ at best.
/// Throws std::invalid_argument as `extreme_eigenvalues` does.
template <std::integral Size, class Operator, class Precondition = Unpreconditioned>
[[nodiscard]] ConditionNumber condition_number(
    Size size, const Operator& apply, const SpectrumOptions& options = {},
    const Precondition& precondition = {}, double accuracy = std::numeric_limits<double>::epsilon(),
    const char* who = "condition_number") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr bool plain = std::is_same_v<Precondition, Unpreconditioned>;
    const auto n = static_cast<Index>(size);
    require_count(n, "condition_number: the operator's size");
    ConditionNumber result;
    result.size = n;
    const auto conclude = [&](double error) {
        result.error = error;
        result.indefinite = result.smallest < -error && result.largest > error;
        const double most = std::max(std::abs(result.largest), std::abs(result.smallest));
        result.value = result.nearest > error ? most / result.nearest : infinity;
        result.lower = most > 0 ? most / std::max(result.nearest, error) : 1;
        if (most == 0) result.value = infinity;
    };
    if (options.exactly(n, who)) {
        Eigen::MatrixXd a = dense_matrix(n, apply, accuracy, who);
        if constexpr (!plain) {
            const Eigen::LLT<Eigen::MatrixXd> factor(
                dense_matrix(n, precondition, 1e4 * accuracy, "condition_number: preconditioner"));
            if (factor.info() != Eigen::Success)
                throw std::invalid_argument(
                    "condition_number: the preconditioner is not positive definite");
            const Eigen::MatrixXd l = factor.matrixL();
            a = l.transpose() * a * l;
            a = (0.5 * (a + a.transpose())).eval();
        }
        const Eigen::VectorXd values = dense_eigen(a, false).values;
        result.smallest = values[0];
        result.largest = values[n - 1];
        result.nearest = values.cwiseAbs().minCoeff();
        result.exact = true;
        result.products = n;
        const double most = std::max(std::abs(values[0]), std::abs(values[n - 1]));
        const double error =
            most *
            std::max(static_cast<double>(n) * std::numeric_limits<double>::epsilon(), accuracy);
        conclude(error);
        result.upper =
            result.nearest > error ? (most + error) / (result.nearest - error) : infinity;
        result.lower = most > 0 ? most / (result.nearest + error) : 1;
        return result;
    }

    require_symmetric(n, apply, accuracy, who);
    const LanczosEndsOptions ends{.tolerance = std::max(options.tolerance, 4 * accuracy),
                                  .max_products = options.max_products,
                                  .seed = options.seed};
    const SpectrumEnds found = lanczos_ends(n, apply, precondition, ends);
    if (std::isnan(found.value))
        throw std::invalid_argument("condition_number: a product with the operator is not finite");
    result.largest = found.value;
    result.smallest = found.smallest;
    result.products = found.iterations;
    result.converged = found.converged;
    const double most = std::max(std::abs(found.value), std::abs(found.smallest));
    const double residual = std::max(found.residual, found.smallest_residual);
    const double error = std::max(
        accuracy * most, found.converged ? std::min(ends.tolerance * most, residual) : residual);
    // What Ritz values may have left the spectrum by, and min|λ| may be wrong by.
    const double rounding = accuracy * std::sqrt(static_cast<double>(n));
    double floor = rounding * most;
    double inner_bound = 0;  // min|λ| is at least this
    if (found.smallest >= -error || found.value <= error) {
        const bool negative = found.value <= error;
        result.nearest = std::max(negative ? -found.value : found.smallest, 0.0);
        inner_bound = std::max(negative ? -found.upper_bound : found.lower_bound, 0.0);
    } else {
        Eigen::VectorXd between(n);
        Eigen::VectorXd image(n);
        const auto squared = [&](const Eigen::VectorXd& v, Eigen::VectorXd& product) {
            apply(v, between);
            precondition(std::as_const(between), image);
            apply(std::as_const(image), product);
        };
        const SpectrumEnds inner = lanczos_ends(n, squared, precondition, ends);
        result.nearest = std::sqrt(std::max(inner.smallest, 0.0));
        floor = std::sqrt(rounding) * most;
        inner_bound = std::sqrt(std::max(inner.lower_bound, 0.0));
        result.products += 2 * inner.iterations;
        result.converged = result.converged && inner.converged;
    }
    conclude(error);
    if (most > 0) result.lower = most / std::max(result.nearest, floor);
    const double bound = std::max(std::abs(found.upper_bound), std::abs(found.lower_bound));
    result.upper = inner_bound > 0 ? bound / inner_bound : infinity;
    return result;
}

/// The condition number of the Hessian of f at x:
///
///     std::cout << condition_number(risk, theta);
///
/// With `precondition(r, z)`, z ← M⁻¹ r, that of the preconditioned Hessian.
template <class F, Vector V, class Precondition = Unpreconditioned>
[[nodiscard]] ConditionNumber condition_number(const F& f, const V& x,
                                               const SpectrumOptions& options = {},
                                               const Precondition& precondition = {}) {
    const CurvatureOperator<F, V> hessian(f, x, "condition_number");
    return condition_number(x.size(), hessian, options, precondition, hessian.accuracy());
}

}  // namespace ermine
