// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <ermine/diagnostics/diagnose_point.hpp>
#include <ermine/diagnostics/diagnose_run.hpp>
#include <ermine/diagnostics/figures_of.hpp>

#include <cmath>
#include <variant>

using namespace ermine;

/// The matrix of second derivatives is computed for so many parameters.
static constexpr Index most_parameters = 1000;

static Diagnosis diagnosis_of(const Problem& problem, const RunRecord& record,
                              const Eigen::VectorXd& x) {
    Diagnosis diagnosis = diagnose(record);
    const AnyRisk& risk = std::visit([](const auto& f) -> const AnyRisk& { return smooth_part(f); },
                                     problem.objective);
    if (risk.hessian && x.size() <= most_parameters && x.allFinite() &&
        std::isfinite(risk.value(x)))
        diagnosis.add(diagnose(risk, x));
    return diagnosis;
}

void FitReport::write(const std::string& path, const Problem& problem, const RunRecord& record,
                      const Result<Eigen::VectorXd>& result) const {
    HtmlReport{.title = title,
               .facts = facts,
               .result = printed,
               .diagnosis = diagnosis_of(problem, record, result.x),
               .figures = figures_of(record)}
        .write(path);
}
