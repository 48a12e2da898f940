// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/diagnostics/extreme_eigenvalues.hpp>
#include <ermine/diagnostics/spectrum_options.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/stochastic_trace.hpp>

namespace ermine {

/// What is known of one of the matrices of a split.
struct CurvaturePart {
    SpectrumExtremes extremes;
    Estimate trace;
    Estimate square;  ///< the square of its Frobenius norm, Σ λ²
};

/// The Hessian H = G + R of a risk, G the Gauss–Newton matrix, which is never indefinite where the
/// loss is convex in the predictions, R the part from the curvature of the model itself, which
/// brings the negative eigenvalues. Made by `gauss_newton_split`.
struct GaussNewtonSplit {
    CurvaturePart hessian;
    CurvaturePart gauss_newton;
    CurvaturePart rest;

    /// ‖R‖ / ‖H‖ in the Frobenius norm: well below 1, methods that take G for H are near Newton's.
    [[nodiscard]] double share_of_rest() const {
        return hessian.square.value > 0
                   ? std::sqrt(std::max(rest.square.value, 0.0) / hessian.square.value)
                   : 0;
    }

    friend std::ostream& operator<<(std::ostream& out, const GaussNewtonSplit& s) {
        const auto line = [&](const char* name, const CurvaturePart& part) {
            const auto& top = part.extremes.largest;
            const auto& bottom = part.extremes.smallest;
            out << "  " << name << " trace " << part.trace << ", eigenvalues "
                << in_digits(bottom.values[0],
                             std::max(bottom.residuals[0], part.extremes.rounding))
                << " to "
                << in_digits(top.values[0], std::max(top.residuals[0], part.extremes.rounding))
                << '\n';
        };
        out << "Hessian H = G + R:\n";
        line("H             ", s.hessian);
        line("G Gauss-Newton", s.gauss_newton);
        line("R the rest    ", s.rest);
        char text[160];
        std::snprintf(
            text, sizeof text, "  R is %.1g of H in the Frobenius norm: %s\n", s.share_of_rest(),
            s.share_of_rest() < 0.3 ? "Gauss-Newton methods see most of the curvature here"
                                    : "Gauss-Newton methods miss much of the curvature here");
        return out << text;
    }
};

/// Splits the Hessian of f at x: f is a risk of a network, with `gauss_newton_product(x, v, Gv)`
/// (Schraudolph 2002), or a sum of squares, where G = 2 JᵀJ. Extreme eigenvalues by
/// `extreme_eigenvalues`, traces and norms by random vectors.
template <class F, class V>
[[nodiscard]] GaussNewtonSplit gauss_newton_split(const F& f, const V& x,
                                                  const SpectrumOptions& options = {.count = 3},
                                                  const ProbeOptions& probes = {}) {
    constexpr bool products = requires(V& Gv) { f.gauss_newton_product(x, x, Gv); };
    constexpr bool squares = LeastSquares<F, V>;
    static_assert(products || squares,
                  "gauss_newton_split needs a sum of squares (sum_of_squares, a mean of squares) "
                  "or the risk of a network without its penalty");
    GaussNewtonSplit split;
    if constexpr (products || squares) {
        const CurvatureOperator<F, V> hessian(f, x, "gauss_newton_split");
        V in(x.size());
        V out(x.size());
        JacobianMatrix<V> jacobian;
        if constexpr (!products) f.jacobian(x, jacobian);
        const auto gauss_newton = [&](const Eigen::VectorXd& v, Eigen::VectorXd& product) {
            in = v.template cast<typename V::Scalar>();
            if constexpr (products)
                f.gauss_newton_product(x, in, out);
            else
                out = 2 * (jacobian.transpose() * (jacobian * in).eval());
            product = out.template cast<double>();
        };
        Eigen::VectorXd other(x.size());
        const auto rest = [&](const Eigen::VectorXd& v, Eigen::VectorXd& product) {
            hessian(v, product);
            gauss_newton(v, other);
            product -= other;
        };
        const auto look = [&](const auto& apply, double accuracy, CurvaturePart& part) {
            part.extremes =
                extreme_eigenvalues(x.size(), apply, options, accuracy, "gauss_newton_split");
            part.trace = hutch_plus_plus(x.size(), apply, probes);
            Eigen::VectorXd between(x.size());
            const auto squared = [&](const Eigen::VectorXd& v, Eigen::VectorXd& product) {
                apply(v, between);
                apply(between, product);
            };
            part.square = hutch_plus_plus(
                x.size(), squared,
                {.products = std::max<Index>(6, probes.products / 2), .seed = probes.seed});
        };
        look(hessian, hessian.accuracy(), split.hessian);
        look(gauss_newton, hessian.accuracy(), split.gauss_newton);
        // A difference, whose error is that of larger numbers.
        look(rest, 1e3 * hessian.accuracy(), split.rest);
    }
    return split;
}

}  // namespace ermine
