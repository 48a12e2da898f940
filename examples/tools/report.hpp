// SPDX-License-Identifier: MIT
#pragma once

#include "problem.hpp"

#include <ermine/diagnostics/html_report.hpp>
#include <ermine/diagnostics/run_record.hpp>
#include <ermine/solvers/result.hpp>

#include <string>
#include <vector>

/// What --report writes: the result as it was printed, what is the matter with the run and with the
/// objective at its end, pictures, and what was asked for.
struct FitReport {
    std::string title;
    std::string printed;
    std::vector<ermine::Fact> facts = {};

    /// Throws DataError if it cannot be written.
    void write(const std::string& path, const Problem& problem, const ermine::RunRecord& record,
               const ermine::Result<Eigen::VectorXd>& result) const;
};
