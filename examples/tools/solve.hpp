// SPDX-License-Identifier: MIT
#pragma once

#include "any_method.hpp"
#include "problem.hpp"
#include "step_choice.hpp"

#include <ermine/diagnostics/range_test.hpp>
#include <ermine/diagnostics/run_record.hpp>
#include <ermine/observers/learning_curve.hpp>
#include <ermine/observers/trace.hpp>
#include <ermine/solvers/result.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// How a problem is to be solved: every flag has been settled.
struct Method {
    std::string solver;  ///< gd, fista, newton, lbfgs or sgd, or the text of --method
    AnyMethod sentence;  ///< what they stand for, but for newton, lbfgs and line searches
    std::int64_t batch = 32;
    double epochs = 30;
    StepRequest step;
    std::optional<double> clip;
    std::optional<double> tolerance;
    std::optional<int> patience;
    std::uint64_t seed = 7;
    bool as_stored = false;  ///< minibatches are consecutive: the data are in random order
    bool lazy = false;       ///< see runs_lazily
    bool quiet = false;
    std::string checkpoint = {};  ///< empty: none
    double checkpoint_seconds = 60;
    bool resume = false;
    std::string remark = {};  ///< on what was chosen
};

/// Who writes a run down, if that is asked for.
struct Watchers {
    std::optional<ermine::Trace> trace;
    std::optional<ermine::LearningCurve> curve;
    std::optional<ermine::RunRecord> record;
    std::int64_t every = 1;   ///< so many iterations the record looks, and where an epoch begins
    double epochs_seen = -1;  ///< of the record

    void see(const auto& progress) {
        if (trace) trace->see(progress);
        if (curve) curve->see(progress);
        const bool epoch = progress.whole_epochs() != epochs_seen;
        if (record && (epoch || progress.stopping || progress.iteration() % every == 0)) {
            epochs_seen = progress.whole_epochs();
            record->see(progress);
        }
    }
};

/// Chooses by the shape of the problem what the options leave open, and refuses what does not fit
/// the data: throws std::invalid_argument with a sentence.
Method choose_method(const Problem& problem, const std::string& loss, const TrainOptions& options);

/// Reads what --method says, where nothing is known of the data yet, so that what does not parse is
/// refused at once: throws std::invalid_argument with a caret under the place.
void check_method(const TrainOptions& options);

/// The learning-rate range test of a method, whatever its own step is. Throws std::invalid_argument
/// for one that searches its step.
ermine::RangeReport try_range(const Problem& problem, const Method& method);

/// Whether the sentence is one that remembers a number an example, with a constant step alone, and
/// the model is linear: then rounds are sweeps, and a step costs the numbers that are stored of its
/// example.
bool runs_lazily(const Problem& problem, const AnyMethod& sentence);

/// Minimizes by such a sentence.
ermine::Result<Eigen::VectorXd> solve_lazily(const Problem& problem, const Method& method,
                                             Watchers& watch);

/// Minimizes by the sentence.
ermine::Result<Eigen::VectorXd> solve_by_sentence(const Problem& problem, const Method& method,
                                                  Watchers& watch);

/// Minimizes; stops early on Ctrl-C.
ermine::Result<Eigen::VectorXd> solve(const Problem& problem, const Method& method,
                                      Watchers& watch);
