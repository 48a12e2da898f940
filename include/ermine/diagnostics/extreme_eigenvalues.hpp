// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <ostream>

#include <ermine/concepts/vector.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/diagnostics/spectrum_options.hpp>
#include <ermine/numerics/dense_eigen.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/lanczos_eigenpairs.hpp>

namespace ermine {

/// The outermost eigenpairs of a Hessian or another symmetric operator. Made by
/// `extreme_eigenvalues`.
struct SpectrumExtremes : ExtremeEigenpairs {
    Index size = 0;       ///< of the operator
    bool exact = false;   ///< from the whole matrix, not by Lanczos' method
    double rounding = 0;  ///< what products with it may be wrong by

    /// A table with the residual as the error of each eigenvalue, and digits to match.
    friend std::ostream& operator<<(std::ostream& out, const SpectrumExtremes& s) {
        out << "eigenvalues of " << s.size << ", ";
        if (s.exact)
            out << "exact:\n";
        else
            out << "by " << s.products
                << (s.converged ? " products:\n"
                                : " products, which were too few (raise max_products):\n");
        const auto list = [&](const char* name, const Eigenpairs& pairs) {
            if (pairs.values.size() == 0) return;
            out << "  " << name;
            double largest = 0;
            for (Index k = 0; k < pairs.values.size(); ++k) {
                const double error = std::max(pairs.residuals[k], s.rounding);
                largest = std::max(largest, error);
                out << (k == 0 ? " " : ", ") << in_digits(pairs.values[k], error);
            }
            out << "  (± " << in_digits(largest, largest) << ")\n";
        };
        list("largest ", s.largest);
        list("smallest", s.smallest);
        return out;
    }
};

/// The `options.count` largest and as many smallest eigenvalues, with their vectors, of a symmetric
/// operator of size n: apply(v, Av) fills Av for v and Av of VectorXd. `accuracy` is the relative
/// error of its products, `who` its name in refusals.
///
/// Up to `exact_size` from the whole matrix (dense_eigen), otherwise by lanczos_eigenpairs, with
/// ‖Av − λv‖ beside each pair. Throws std::invalid_argument for an operator that is not symmetric
/// or not finite, and where an exact answer is asked for that takes more memory than allowed.
template <std::integral Size, class Operator>
[[nodiscard]] SpectrumExtremes extreme_eigenvalues(
    Size size, const Operator& apply, const SpectrumOptions& options = {},
    double accuracy = std::numeric_limits<double>::epsilon(),
    const char* who = "extreme_eigenvalues") {
    const auto n = static_cast<Index>(size);
    require_count(n, "extreme_eigenvalues: the operator's size");
    require_count(options.count, "SpectrumOptions.count");
    SpectrumExtremes result;
    const Index count = std::min(options.count, n);
    const bool upper = options.side != SpectrumSide::smallest;
    const bool lower = options.side != SpectrumSide::largest;
    if (options.exactly(n, who) ||
        (2 * count + 3 > n && options.by == Exactness::automatic && n < 5000)) {
        const Eigen::MatrixXd a = dense_matrix(n, apply, accuracy, who);
        const DenseEigen all = dense_eigen(a);
        const auto take = [&](Eigenpairs& pairs, bool from_top) {
            pairs.values.resize(count);
            pairs.residuals.resize(count);
            pairs.vectors.resize(n, count);
            for (Index k = 0; k < count; ++k) {
                const Index i = from_top ? n - 1 - k : k;
                pairs.values[k] = all.values[i];
                pairs.vectors.col(k) = all.vectors.col(i);
                pairs.residuals[k] =
                    (a * all.vectors.col(i) - all.values[i] * all.vectors.col(i)).norm();
            }
        };
        if (upper) take(result.largest, true);
        if (lower) take(result.smallest, false);
        result.norm = std::max(std::abs(all.values[0]), std::abs(all.values[n - 1]));
        result.products = n;
        result.exact = result.converged = true;
    } else {
        require_symmetric(n, apply, accuracy, who);
        static_cast<ExtremeEigenpairs&>(result) =
            lanczos_eigenpairs(n, apply,
                               {.largest = upper ? count : 0,
                                .smallest = lower ? count : 0,
                                .tolerance = std::max(options.tolerance, 4 * accuracy),
                                .max_products = options.max_products,
                                .copies = options.copies,
                                .seed = options.seed});
    }
    result.size = n;
    result.rounding = accuracy * result.norm * std::sqrt(static_cast<double>(n));
    return result;
}

/// The outermost eigenvalues of the Hessian of f at x:
///
///     std::cout << extreme_eigenvalues(risk, theta, {.count = 5});
///
/// By products with it, or by differences of gradients where f has no more.
template <class F, Vector V>
[[nodiscard]] SpectrumExtremes extreme_eigenvalues(const F& f, const V& x,
                                                   const SpectrumOptions& options = {}) {
    const CurvatureOperator<F, V> hessian(f, x, "extreme_eigenvalues");
    return extreme_eigenvalues(x.size(), hessian, options, hessian.accuracy());
}

}  // namespace ermine
