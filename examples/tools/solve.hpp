// SPDX-License-Identifier: MIT
#pragma once

#include "problem.hpp"
#include "step_choice.hpp"

#include <ermine/observers/learning_curve.hpp>
#include <ermine/observers/trace.hpp>
#include <ermine/solvers/result.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// How a problem is to be solved: every flag has been settled.
struct Method {
    std::string solver;  ///< gd, fista, newton or sgd
    std::int64_t batch = 32;
    double epochs = 30;
    StepRequest step;
    double momentum = 0;
    std::optional<double> clip;
    std::optional<double> tolerance;
    std::optional<int> patience;
    std::uint64_t seed = 7;
    bool as_stored = false;  ///< minibatches are consecutive: the data are in random order
    bool quiet = false;
};

/// Chooses by the shape of the problem what the options leave open, and refuses what does not fit
/// the data: throws std::invalid_argument with a sentence.
Method choose_method(const Problem& problem, const std::string& loss, const TrainOptions& options);

/// Minimizes; stops early on Ctrl-C.
ermine::Result<Eigen::VectorXd> solve(const Problem& problem, const Method& method,
                                      std::optional<ermine::Trace>& trace,
                                      std::optional<ermine::LearningCurve>& curve);
