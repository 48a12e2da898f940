// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/notes.hpp>
#include <ermine/numerics/derivative_report.hpp>
#include <ermine/solvers/certificate.hpp>
#include <ermine/solvers/counts.hpp>
#include <ermine/solvers/status.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>

namespace ermine {

/// The answer of `minimize`: the point, how good it is, what it cost and why the run ended.
template <class V>
struct [[nodiscard]] Result {
    V x;
    /// The whole objective at x, penalties included.
    double value = std::numeric_limits<double>::quiet_NaN();
    /// ‖∇F(x)‖∞, or ‖x − prox(x − ∇f(x))‖∞ where the objective has a proximal part; NaN where it
    /// has no gradient.
    double gradient_norm = std::numeric_limits<double>::quiet_NaN();
    Status status = Status::stopped;
    Certificate certificate = {};
    std::int64_t iterations = 0;
    double epochs = 0;
    Counts counts = {};
    Notes notes = {};
    double seconds = 0;
    /// Where no better point was found: the gradient against differences of the value, if they
    /// disagree. The worst coordinate is named.
    std::optional<DerivativeReport> wrong_gradient = {};

    /// Whether the accuracy that a stop rule asks for was reached. A run that was stopped early on
    /// a validation set did what it should, but did not converge.
    [[nodiscard]] bool converged() const { return status == Status::converged; }
};

/// The result in a few lines for a person, without the point.
template <class V>
std::ostream& operator<<(std::ostream& out, const Result<V>& result) {
    const auto& counts = result.counts;
    out << name(result.status) << ": " << advice(result.status) << '\n'
        << "  value " << result.value;
    if (!std::isnan(result.gradient_norm)) out << ", gradient norm " << result.gradient_norm;
    out << '\n'
        << "  " << result.iterations << " iterations, " << result.epochs << " epochs, "
        << result.seconds << " s: " << counts.gradients << " gradients";
    if (counts.values > 0) out << ", " << counts.values << " values";
    if (counts.hessians > 0) out << ", " << counts.hessians << " Hessians";
    if (counts.products > 0) out << ", " << counts.products << " Hessian products";
    if (counts.residuals > 0) out << ", " << counts.residuals << " times all residuals";
    if (counts.jacobians > 0) out << ", " << counts.jacobians << " Jacobians";
    if (counts.partials > 0) out << ", " << counts.partials << " partial derivatives";
    out << " (and " << counts.monitoring << " evaluations to watch)\n";
    if (result.certificate.kind == Certificate::Kind::none)
        out << "  no certificate of the distance to the minimum\n";
    else
        out << "  certificate: at most " << result.certificate.value << " above the minimum ("
            << name(result.certificate.kind) << ")\n";
    if (result.wrong_gradient) out << "  " << *result.wrong_gradient << '\n';
    if (result.notes.natural_step)
        out << "  step " << *result.notes.natural_step << " = 1/L, from the objective itself\n";
    if (const auto condition = result.notes.condition_number) {
        out << "  condition number of the last Hessian: " << *condition;
        using Scalar = typename V::Scalar;
        if (*condition > 1 / std::sqrt(double{std::numeric_limits<Scalar>::epsilon()}))
            out << ": about " << std::round(std::log10(*condition)) << " of the "
                << std::numeric_limits<Scalar>::digits10 << " digits of a step are lost";
        out << '\n';
    }
    if (const auto negative = result.notes.negative_eigenvalues; negative && *negative > 0)
        out << (result.converged() ? "  a saddle point: " : "  of the last Hessian, ") << *negative
            << " of " << result.x.size() << " eigenvalues are negative\n";
    if (result.notes.regularized_hessians > 0)
        out << "  " << result.notes.regularized_hessians
            << " Hessians were not positive definite and were regularized\n";
    if (const auto& clips = result.notes.clips; clips.steps > 0)
        out << "  clipped "
            << std::round(1000.0 * static_cast<double>(clips.shortened) /
                          static_cast<double>(clips.steps)) /
                   10
            << " % of the steps\n";
    if (result.notes.starts > 0)
        out << "  " << result.notes.starts << " starts, which ended in " << result.notes.minima
            << " different minima, " << result.notes.best_minimum_runs << " of them in the best\n";
    return out;
}

}  // namespace ermine
