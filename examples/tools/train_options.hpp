// SPDX-License-Identifier: MIT
#pragma once

#include "loss_choice.hpp"
#include "step_choice.hpp"
#include "task.hpp"
#include "text_of.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// What the command line of `train` asks for. What is not given is empty.
struct TrainOptions {
    std::string data;
    std::string test;
    std::string labels;
    std::string test_labels;
    std::optional<double> holdout;
    std::string task;
    std::string loss;
    double l1 = 0;
    double l2 = 0;
    std::string method;
    std::string solver = "auto";
    std::optional<std::int64_t> batch;
    std::optional<double> epochs;
    std::string step;
    std::optional<double> momentum;
    std::optional<double> clip;
    std::optional<int> patience;
    std::optional<double> tolerance;
    std::optional<double> gap;
    std::optional<int> path;
    std::string path_plot;
    std::optional<int> cv;
    bool one_standard_error = false;
    std::string cv_plot;
    std::string groups;
    std::uint64_t seed = 7;
    std::optional<int> threads;
    bool no_intercept = false;
    bool standardize = false;
    std::string target_column;
    std::vector<std::string> drop_columns;
    std::vector<std::string> categorical;
    std::string missing;
    std::optional<std::int64_t> features;
    std::string model;
    std::string format = "ermine";
    std::string trace;
    std::string curve;
    std::string report;
    /// What was given on the command line: a flag and its value.
    std::vector<std::pair<std::string, std::string>> given = {};
    std::string checkpoint;
    std::optional<double> checkpoint_seconds;
    bool resume = false;
    bool range_test = false;
    bool as_stored = false;  ///< no flag: DATA is a folder of shuffled examples
    bool json = false;
    bool quiet = false;
};

inline const std::vector<std::string> solver_names = {"auto",   "newton-cg", "dual",  "working-set",
                                                      "newton", "gd",        "fista", "sgd"};

/// Whether the solver is one of those that know linear models, and stop by the duality gap.
inline bool knows_linear_models(const std::string& solver) {
    return solver == "newton-cg" || solver == "dual" || solver == "working-set";
}

/// The first flag that asks for a part of a method by gradients, or for what only those offer;
/// null if there is none. Where it is given, --solver auto means one of those.
inline const char* gradient_flag(const TrainOptions& o) {
    return !o.method.empty()       ? "--method"
           : o.batch               ? "--batch"
           : !o.step.empty()       ? "--step"
           : o.momentum            ? "--momentum"
           : o.clip                ? "--clip"
           : o.tolerance           ? "--tolerance"
           : o.patience            ? "--patience"
           : !o.checkpoint.empty() ? "--checkpoint"
           : o.range_test          ? "--range-test"
                                   : nullptr;
}

/// The path of a regularization, and cross-validation along it.
inline void check_path(const TrainOptions& o) {
    const auto require = [](bool fine, const std::string& sentence) {
        if (!fine) throw std::invalid_argument(sentence);
    };
    const bool selects = o.path || o.cv;
    const std::string flag = o.path ? "--path" : "--cv";
    if (o.path)
        require(*o.path >= 2 && *o.path <= 10000,
                "--path is " + std::to_string(*o.path) + ": give 2 to 10000 strengths");
    if (o.cv) require(*o.cv >= 2, "--cv is " + std::to_string(*o.cv) + ": give at least 2 folds");
    require(!o.one_standard_error || o.cv,
            "--one-standard-error needs --cv, which tells the standard errors");
    require(o.groups.empty() || o.cv, "--groups needs --cv: it is for the folds");
    require(o.groups.empty() || !o.holdout,
            "--groups with --holdout: the examples held out would split groups; drop one");
    require(o.path_plot.empty() || selects, "--path-plot needs --path, what it is to draw");
    require(o.cv_plot.empty() || o.cv, "--cv-plot needs --cv, what it is to draw");
    for (const auto& [name, path] :
         {std::pair{"--path-plot", &o.path_plot}, std::pair{"--cv-plot", &o.cv_plot}})
        require(path->empty() || path->ends_with(".svg") || path->ends_with(".png"),
                std::string(name) + " is " + *path + ": a picture ends in .svg or .png");
    if (!selects) return;
    if (const char* const other = gradient_flag(o))
        throw std::invalid_argument(std::string(other) + " with " + flag +
                                    ": each strength is solved to --gap by the method that suits "
                                    "it; drop the flag");
    require(o.solver == "auto", "--solver " + o.solver + " with " + flag +
                                    ": each strength is solved by the method that suits it; drop "
                                    "--solver");
    require(o.trace.empty() && o.curve.empty() && o.report.empty(),
            std::string(!o.trace.empty()   ? "--trace"
                        : !o.curve.empty() ? "--curve"
                                           : "--report") +
                " with " + flag + ": there are many runs; draw --path-plot or --cv-plot");
    require(o.model.empty() || o.cv || o.holdout,
            "--model with --path: which of the models? --cv or --holdout chooses one");
}

/// Refuses what makes no sense whatever the data are: throws std::invalid_argument with a sentence.
inline void check(const TrainOptions& o) {
    const auto require = [](bool fine, const std::string& sentence) {
        if (!fine) throw std::invalid_argument(sentence);
    };
    const auto is = [](const char* flag, double value) {
        return std::string(flag) + " is " + text_of(value) + ": ";
    };
    require(std::isfinite(o.l1) && o.l1 >= 0, is("--l1", o.l1) + "a penalty is a number >= 0");
    require(std::isfinite(o.l2) && o.l2 >= 0, is("--l2", o.l2) + "a penalty is a number >= 0");
    require(o.test_labels.empty() || !o.test.empty(),
            "--test-labels needs --test, the file that the labels are for");
    if (!o.curve.empty())
        require(o.curve.ends_with(".svg") || o.curve.ends_with(".png"),
                "--curve is " + o.curve + ": a picture ends in .svg or .png");
    if (o.holdout)
        require(*o.holdout > 0 && *o.holdout < 1,
                is("--holdout", *o.holdout) +
                    "give the share to hold out, between 0 and 1, such as 0.2");
    if (o.batch)
        require(*o.batch >= 1,
                is("--batch", static_cast<double>(*o.batch)) + "a batch has at least 1 example");
    if (o.epochs)
        require(std::isfinite(*o.epochs) && *o.epochs > 0,
                is("--epochs", *o.epochs) + "give a number > 0");
    if (o.momentum)
        require(*o.momentum >= 0 && *o.momentum < 1,
                is("--momentum", *o.momentum) + "it must lie in [0, 1)");
    if (o.clip)
        require(std::isfinite(*o.clip) && *o.clip > 0,
                is("--clip", *o.clip) + "give the longest gradient norm, > 0");
    if (o.patience) {
        require(*o.patience >= 1, is("--patience", *o.patience) + "wait for at least 1 epoch");
        require(o.holdout.has_value(),
                "--patience needs --holdout: it watches the error on held-out examples");
    }
    if (o.tolerance)
        require(std::isfinite(*o.tolerance) && *o.tolerance >= 0,
                is("--tolerance", *o.tolerance) + "give a number >= 0");
    if (o.gap) {
        require(std::isfinite(*o.gap) && *o.gap > 0,
                is("--gap", *o.gap) + "give the relative duality gap to stop at, > 0, as 1e-6");
        const bool others = o.solver != "auto" && !knows_linear_models(o.solver);
        const char* const flag = gradient_flag(o);
        require(!others && flag == nullptr,
                "--gap with " + (others ? "--solver " + o.solver : std::string(flag ? flag : "")) +
                    ": that method keeps no dual point; use --solver auto, or --tolerance");
    }
    if (knows_linear_models(o.solver))
        if (const char* const flag = gradient_flag(o))
            throw std::invalid_argument(std::string(flag) + " with --solver " + o.solver +
                                        ": it has no such part; drop the flag" +
                                        (o.tolerance ? ", it stops by --gap" : ""));
    check_path(o);
    if (o.threads) require(*o.threads >= 1, is("--threads", *o.threads) + "give at least 1");
    if (o.features)
        require(*o.features >= 1,
                is("--features", static_cast<double>(*o.features)) + "give at least 1");

    if (!o.method.empty()) {
        const char* const flag = o.solver != "auto" ? "--solver"
                                 : o.batch          ? "--batch"
                                 : o.momentum       ? "--momentum"
                                 : o.clip           ? "--clip"
                                 : !o.step.empty()  ? "--step"
                                                    : nullptr;
        require(flag == nullptr, std::string(flag == nullptr ? "" : flag) +
                                     " with --method: the sentence says it all, write it there: "
                                     "\"minibatch(128) | clip_by_norm(1) | momentum(0.9) | "
                                     "cosine(0.1)\"");
    }
    require(!o.resume || !o.checkpoint.empty(),
            "--resume needs --checkpoint, the file of the run to go on with");
    if (o.checkpoint_seconds) {
        require(!o.checkpoint.empty(),
                "--checkpoint-seconds needs --checkpoint, the file to save the run to");
        require(*o.checkpoint_seconds >= 0, is("--checkpoint-seconds", *o.checkpoint_seconds) +
                                                "give the seconds between two, >= 0");
    }
    if (o.range_test)
        require(o.model.empty() && o.trace.empty() && o.curve.empty() && o.report.empty() &&
                    o.checkpoint.empty(),
                std::string(!o.model.empty()    ? "--model"
                            : !o.trace.empty()  ? "--trace"
                            : !o.curve.empty()  ? "--curve"
                            : !o.report.empty() ? "--report"
                                                : "--checkpoint") +
                    " with --range-test: nothing is trained that could be written");

    const StepRequest step = parse_step(o.step, o.epochs.value_or(1));
    const bool searches = step.kind == StepRequest::Kind::backtracking;
    const bool momentum = o.momentum && *o.momentum > 0;
    const bool plain = !o.clip && !momentum;
    const std::string with = " with --solver " + o.solver;
    const LossChoice loss = LossChoice::of(o.loss.empty() ? "squared" : o.loss);
    const bool kinked = loss.kinked();
    const std::string smooth_kin = loss.is("hinge")            ? "squared_hinge or smoothed_hinge"
                                   : loss.is("crammer_singer") ? "softmax"
                                                               : "huber or pseudo_huber";
    if (o.solver == "newton") {
        require(o.l1 == 0, "--l1" + with +
                               ": Newton's method needs a smooth penalty; use --solver "
                               "fista or gd, or --l2");
        require(!kinked, "--loss " + o.loss + with + ": " + o.loss +
                             " has no second derivative; use a smooth loss such as " + smooth_kin +
                             ", or --solver sgd");
        require(plain, std::string(o.clip ? "--clip" : "--momentum") + with +
                           ": Newton's method takes the "
                           "full step of its model; drop the flag, or use --solver gd or sgd");
        require(o.step.empty() || searches, "--step " + o.step + with +
                                                ": Newton's method searches its "
                                                "step; drop --step");
    }
    if (o.solver == "fista") {
        require(plain, std::string(o.clip ? "--clip" : "--momentum") + with +
                           ": it has a momentum of its "
                           "own; drop the flag, or use --solver gd");
        require(!searches, "--step backtracking" + with +
                               ": its theory needs a fixed step; drop --step, "
                               "or use --solver gd");
    }
    if (o.solver == "gd" || o.solver == "fista" || o.solver == "newton")
        require(!o.batch,
                "--batch" + with + ": it takes the gradient over all examples; use --solver sgd");
    if (o.solver == "sgd" || o.batch)
        require(step.kind != StepRequest::Kind::natural,
                "--step 1/L with minibatches: theory names no constant step for them; give a "
                "number or a schedule such as cosine:0.1, or drop --step");
    if ((o.solver == "gd" || o.solver == "fista") && !loss.smooth()) {
        require(
            step.kind == StepRequest::Kind::schedule || (searches && !kinked),
            "--loss " + o.loss + with + ": " + o.loss +
                (kinked
                     ? " is not smooth, so that there is no step 1/L and no line search; "
                       "give a schedule such as --step inverse_time:0.1, or use --solver sgd"
                     : " grows exponentially, so that there is no step 1/L; use --solver newton, "
                       "or --solver gd --step backtracking"));
        require(o.solver == "gd", "--loss " + o.loss + with +
                                      ": acceleration needs a smooth loss; use --solver " +
                                      (kinked ? "sgd" : "gd --step backtracking"));
    }
    require(!(searches && momentum),
            "--step backtracking with --momentum: a line search measures one step, "
            "momentum adds up many; drop one");
    require(!(searches && o.clip && o.solver != "sgd"),
            "--step backtracking with --clip: a line search finds the "
            "length of the step itself; drop --clip");
    require(!(searches && kinked), "--step backtracking with --loss " + o.loss +
                                       ": a line search gets stuck at kinks; give a schedule");
    if (!o.task.empty() && !o.loss.empty()) {
        const Task task = o.task == "binary"       ? Task::binary
                          : o.task == "multiclass" ? Task::multiclass
                                                   : Task::regression;
        require(loss.serves(task), "--loss " + o.loss + " with --task " + o.task +
                                       ": that loss is not for that task; take one of " +
                                       loss_names(task));
    }
}
