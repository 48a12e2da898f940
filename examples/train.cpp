// SPDX-License-Identifier: MIT
// train: fits a linear model to a data file. `train --help` lists the flags.
#include "tools/interrupt.hpp"
#include "tools/keep_apart.hpp"
#include "tools/liblinear_model.hpp"
#include "tools/method_parts.hpp"
#include "tools/problem.hpp"
#include "tools/read_examples.hpp"
#include "tools/report.hpp"
#include "tools/saved_model.hpp"
#include "tools/solve.hpp"
#include "tools/strengths.hpp"
#include "tools/train_options.hpp"

#include <ermine/data/atomic_file.hpp>
#include <ermine/data/split.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

using ermine::Dataset;
using Json = nlohmann::ordered_json;

static void add_flags(CLI::App& app, TrainOptions& o) {
    // An unset variable of a shell script arrives as "".
    const CLI::Validator not_empty(
        [](const std::string& text) { return text.empty() ? std::string("it is empty") : ""; }, "");
    // strtoull, by which CLI11 reads, wraps -1 around and cuts what is too large.
    const CLI::Validator seed(
        [](const std::string& text) {
            std::uint64_t number = 0;
            const char* const end = text.data() + text.size();
            const auto read = std::from_chars(text.data(), end, number);
            return read.ec == std::errc() && read.ptr == end
                       ? ""
                       : "'" + text + "' is not a whole number from 0 to 18446744073709551615";
        },
        "");
    app.add_option("DATA", o.data,
                   "training examples: LIBSVM, CSV or IDX, plain or .gz, or a folder that "
                   "shuffle_to_npy has written")
        ->required()
        ->check(not_empty);
    app.add_option("--test", o.test, "a second file, for the error on examples never seen")
        ->check(not_empty);
    app.add_option("--labels", o.labels,
                   "IDX: the labels of DATA (else the file beside it with labels for images and "
                   "idx1 for idx3 in its name)")
        ->check(not_empty);
    app.add_option("--test-labels", o.test_labels, "IDX: the labels of --test, likewise")
        ->check(not_empty);
    app.add_option("--holdout", o.holdout, "share of DATA held out for the validation error");
    app.add_option("--task", o.task, "binary, multiclass or regression; else by the targets")
        ->check(CLI::IsMember({"binary", "multiclass", "regression"}));
    app.add_option("--loss", o.loss,
                   loss_names() +
                       "; else logistic, softmax or squared by the task. The model of poisson is "
                       "the mean e^p, which predict prints and errors are measured by")
        ->check(not_empty);
    app.add_option("--l1", o.l1, "penalty: this times the sum of absolute weights");
    app.add_option("--l2", o.l2, "penalty: this times half the sum of squared weights");
    app.add_option("--method", o.method,
                   "a sentence of parts, instead of --solver and its flags: \"minibatch(128) | "
                   "clip_by_norm(1) | adamw(1e-3, weight_decay=0.01)\"; the parts are listed "
                   "below, and with their options by --method help")
        ->check(not_empty);
    app.add_option(
           "--solver", o.solver,
           "auto (what suits the model), newton-cg, dual (hinge), working-set (--l1), which "
           "stop by --gap; newton, gd (gradient descent), fista (accelerated), sgd "
           "(minibatches)")
        ->check(CLI::IsMember(solver_names));
    app.add_option("--batch", o.batch, "examples in a minibatch (32)");
    app.add_option("--epochs", o.epochs,
                   "most passes over the data (sgd 30, newton 500, gd and fista 10000)");
    app.add_option(
           "--step", o.step,
           std::string(step_help) +
               ". Default: 1/L for gd and fista; for sgd a cosine from 1/Lmax to 0, Lmax the "
               "largest curvature of an example")
        ->check(not_empty);
    app.add_option("--momentum", o.momentum, "heavy ball, in [0, 1)");
    app.add_option("--clip", o.clip, "longest gradient norm");
    app.add_option("--patience", o.patience,
                   "stop when the validation error has not improved for so many epochs");
    app.add_option(
        "--tolerance", o.tolerance,
        "stop at this largest entry of the gradient (newton 1e-10, gd and fista 1e-6; sgd "
        "only if given)");
    app.add_option("--gap", o.gap,
                   "stop at this duality gap, relative to the minimum: a proven bound (1e-6)");
    app.add_option(
        "--path", o.path,
        "models for so many strengths of the penalty, from the one that leaves no "
        "weight down to a thousandth (--l2 alone: 1e-7 of a large one); --l1 and --l2 are "
        "its mixture");
    app.add_option("--path-plot", o.path_plot,
                   "draw the coefficients against the strength: .svg, .png")
        ->check(not_empty);
    app.add_option("--cv", o.cv,
                   "choose the strength by cross-validation with so many folds (--path 100)");
    app.add_flag("--one-standard-error", o.one_standard_error,
                 "of --cv the largest strength within a standard error of the best");
    app.add_option("--cv-plot", o.cv_plot,
                   "draw the errors of --cv against the strength: .svg, .png")
        ->check(not_empty);
    app.add_option("--groups", o.groups,
                   "CSV: a column, no feature, whose rows of equal content stay in one fold")
        ->check(not_empty);
    app.add_flag(
        "--range-test", o.range_test,
        "try ever longer steps with the method, and tell where the loss is lowest; nothing "
        "is trained");
    app.add_option("--seed", o.seed, "of the holdout and the minibatches (7)")->check(seed);
    app.add_option("--threads", o.threads,
                   "how many to use; the result is the same for any number");
    app.add_flag("--no-intercept", o.no_intercept, "leave out the constant term");
    app.add_flag(
        "--standardize", o.standardize,
        "scale the columns of the training part to deviation 1, and if dense to mean 0; the "
        "model keeps that");
    app.add_option("--target-column", o.target_column, "CSV: name, or position from 1 or -1 (last)")
        ->check(not_empty);
    app.add_option("--drop-columns", o.drop_columns, "CSV: columns to leave out: a,b")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_option("--categorical", o.categorical,
                   "CSV: text columns to turn into 0/1 features: a,b")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_option("--missing", o.missing,
                   "CSV: refuse (default), drop the row, fill with mean, median")
        ->check(CLI::IsMember(missing_names));
    app.add_option("--features", o.features,
                   "LIBSVM: number of features, if DATA lacks the last ones");
    app.add_option("--model", o.model, "write the fitted model here, for predict")
        ->check(not_empty);
    app.add_option("--format", o.format,
                   "of --model: ermine, or liblinear, which LIBLINEAR's predict reads, too")
        ->check(CLI::IsMember({"ermine", "liblinear"}));
    app.add_option("--curve", o.curve,
                   "draw the learning curve here, through gnuplot: .svg or .png")
        ->check(not_empty);
    app.add_option("--report", o.report,
                   "write the run, what may be the matter with it, and pictures here, as one HTML "
                   "file")
        ->check(not_empty);
    app.add_option("--trace", o.trace, "write the run here, a JSON object a line")
        ->check(not_empty);
    app.add_option("--checkpoint", o.checkpoint,
                   "save the run here from time to time, whole or not at all, and at its end")
        ->check(not_empty);
    app.add_option("--checkpoint-seconds", o.checkpoint_seconds,
                   "between two (60); 0: after every round");
    app.add_flag("--resume", o.resume,
                 "go on with the run of --checkpoint, if the file is there: with the same flags it "
                 "ends with the same bits as one that was never interrupted");
    app.add_flag("--json", o.json, "print one JSON object and nothing else on stdout");
    app.add_flag("--quiet", o.quiet, "no progress and no remarks on stderr");
    app.footer(
        "Parts of a --method: estimator | sam | directions | warmup | step | tail\n" +
        method_names() +
        "\nMinimizes the (weighted) mean loss + l2/2 |w|^2 + l1 |w|_1 over the training part; the\n"
        "intercept is not penalized, the squared loss is (p - y)^2 / 2. Ctrl-C ends the run after "
        "the\n"
        "current batch and saves what was asked for.\n"
        "Exit status: 0; 1 for data that cannot be used; 2 for flags that make no sense; 130 after "
        "Ctrl-C.");
}

static double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

static Json to_json(const Problem::Error& error, const std::string& measure,
                    const Eigen::VectorXd& x) {
    if (!error) return nullptr;
    const ermine::RiskEstimate risk = error(x);
    return {{"measure", measure},
            {"mean", risk.mean},
            {"standard_error", risk.standard_error},
            {"n", risk.n}};
}

static Json to_json(const ermine::Result<Eigen::VectorXd>& result) {
    const auto& c = result.counts;
    return {
        {"iterations", result.iterations}, {"epochs", result.epochs},   {"values", c.values},
        {"gradients", c.gradients},        {"hessians", c.hessians},    {"products", c.products},
        {"examples", c.examples},          {"monitoring", c.monitoring}};
}

static Json to_json(const ermine::Certificate& certificate) {
    using Kind = ermine::Certificate::Kind;
    if (certificate.kind == Kind::none || !std::isfinite(certificate.value))
        return {{"kind", name(Kind::none)}, {"value", nullptr}};
    return {{"kind", name(certificate.kind)}, {"value", certificate.value}};
}

/// Settles task and loss, and says what was inferred.
template <class Rows>
static std::pair<Task, std::string> choose_task(const Dataset<Rows>& data, const TrainOptions& o,
                                                std::ostream& remarks) {
    Task task = Task::regression;
    if (o.task.empty()) {
        auto [inferred, reason] = infer_task(data);
        task = inferred;
        const bool named = !data.class_names().empty();
        if (!o.loss.empty()) {
            const LossChoice choice = LossChoice::of(o.loss);
            if (choice.serves(Task::multiclass) && task == Task::binary) task = Task::multiclass;
            if (!choice.serves(task) && !named && choice.serves(Task::regression))
                task = Task::regression;
        }
        remarks << "task: " << name(task) << ", as " << reason << '\n';
    } else {
        task = o.task == "binary"       ? Task::binary
               : o.task == "multiclass" ? Task::multiclass
                                        : Task::regression;
    }
    const std::string loss = !o.loss.empty()            ? o.loss
                             : task == Task::binary     ? "logistic"
                             : task == Task::multiclass ? "softmax"
                                                        : "squared";
    const std::vector<double> values = ermine::distinct_targets(data);
    const std::string count = std::to_string(values.size());
    if (task == Task::regression && !data.class_names().empty())
        throw ermine::DataError(o.data,
                                "the targets are text, which a regression cannot predict; "
                                "drop --task and --loss, or give another --target-column");
    if (!LossChoice::of(loss).serves(task))
        throw std::invalid_argument("--loss " + loss + " is not for the " + name(task) +
                                    " task: " + "the targets have " + count + " different values");
    if (task == Task::binary && values.size() != 2)
        throw ermine::DataError(o.data, "the targets have " + count +
                                            " different values; the binary "
                                            "task needs two");
    if (task == Task::multiclass && (values.size() < 2 || values.size() > 100000))
        throw ermine::DataError(o.data, "the targets have " + count +
                                            " different values; the "
                                            "multiclass task needs 2 to 100000");
    return {task, loss};
}

static int show_range(const ermine::RangeReport& report, bool json) {
    if (json) {
        const auto known = [](const std::optional<double>& number) -> Json {
            return number ? Json(*number) : Json(nullptr);
        };
        const Json out = {{"start", report.start},
                          {"rates", report.rates},
                          {"losses", report.losses},
                          {"smoothed", report.smoothed},
                          {"exploded", report.exploded},
                          {"longest", known(report.longest)},
                          {"suggested", known(report.suggested)}};
        std::cout << out.dump() << std::endl;
    } else {
        std::printf("%12s %12s %12s\n", "step", "loss", "smoothed");
        for (std::size_t i = 0; i < report.rates.size(); ++i)
            std::printf("%12.4g %12.6g %12.6g\n", report.rates[i], report.losses[i],
                        report.smoothed[i]);
        std::fflush(stdout);
        std::cout << report << std::flush;
    }
    if (!std::cout) throw ermine::DataError("standard output", "cannot be written");
    return 0;
}

/// The certificate in a sentence, relative to the minimum; empty if there is none.
static std::string within(const ermine::Result<Eigen::VectorXd>& result) {
    if (result.certificate.kind != ermine::Certificate::Kind::gap) return {};
    const double relative =
        ermine::DualityGap{result.value, result.value - result.certificate.value}.relative();
    char text[80];
    std::snprintf(text, sizeof text, "within %.1g of the minimum, certified\n", relative);
    return std::isfinite(relative) ? text : "";
}

/// Whether the methods that know linear models are asked for, or are what --solver auto takes.
/// Throws std::invalid_argument for a solver or a --gap that does not fit loss and penalty.
static bool by_linear_methods(const Problem& problem, const TrainOptions& o) {
    const LinearRequest& request = problem.request;
    if (knows_linear_models(o.solver)) {
        if (const std::string why = request.obstacle(); !why.empty())
            throw std::invalid_argument(why);
        return true;
    }
    if (o.solver != "auto" || gradient_flag(o) != nullptr) return false;
    const bool penalized = request.l1 > 0 || request.l2 > 0;
    if (o.gap && !penalized)
        throw std::invalid_argument(
            "--gap without --l1 or --l2: without a penalty no gap can be told; give --tolerance");
    if (o.gap && !request.fits())
        throw std::invalid_argument("--gap with --loss " + request.loss +
                                    (request.l1 > 0 ? " and --l1" : "") +
                                    ": there is no method that keeps a dual point for it; give "
                                    "--tolerance");
    return penalized && request.fits();
}

static ermine::Result<Eigen::VectorXd> fit_by_linear(const Problem& problem, const TrainOptions& o,
                                                     Watchers& watch, std::string& solver,
                                                     std::ostream& remarks) {
    if (!o.trace.empty()) watch.trace.emplace(o.trace);
    if (!o.curve.empty()) watch.curve.emplace(o.curve);
    if (!o.report.empty()) watch.record.emplace();
    LinearFit fit = problem.linear.fit(problem.request, watch);
    solver = fit.method;
    remarks << "solver: " << fit.method << ", for " << fit.reason << '\n';
    return std::move(fit.result);
}

static ermine::Result<Eigen::VectorXd> fit_by_gradients(const Problem& problem,
                                                        const TrainOptions& o, const Method& method,
                                                        Watchers& watch, std::ostream& remarks) {
    std::error_code ignored;
    if (o.resume && !std::filesystem::exists(o.checkpoint, ignored))
        remarks << "--resume: there is no " << o.checkpoint << ", so that the run begins\n";
    remarks << method.remark;
    const auto rounds = method.lazy || method.sentence.repeats() || !method.sentence.whole.empty()
                            ? 1
                            : problem.examples / method.batch / 100;
    watch.every = std::max<std::int64_t>(rounds, 1);
    if (!o.trace.empty()) watch.trace.emplace(o.trace, ermine::TraceOptions{.every = watch.every});
    if (!o.report.empty()) watch.record.emplace();
    if (o.solver == "auto") remarks << "solver: " << method.solver << '\n';
    if (method.solver == "sgd" && method.as_stored)
        remarks << "minibatches: in the order of the folder, which is random\n";
    if (!o.curve.empty()) watch.curve.emplace(o.curve);
    return solve(problem, method, watch);
}

template <class Rows>
static int train(const ExamplesFile& file, const Dataset<Rows>& raw, const TrainOptions& o,
                 const std::optional<ExamplesFile>& test_file, double read_seconds,
                 std::ostream& remarks) {
    const auto begin = std::chrono::steady_clock::now();
    if (file.dropped > 0) remarks << file.dropped << " rows with missing cells were dropped\n";
    const auto [task, loss] = choose_task(raw, o, remarks);
    const Classes classes = task == Task::regression ? Classes{} : Classes::of(raw);
    Parts<Rows> parts{with_task_targets(raw, task, classes, o.data), {}, {}};
    if (test_file)
        parts.test =
            with_task_targets(std::get<Dataset<Rows>>(test_file->data), task, classes, o.test);
    if (LossChoice::of(loss).is("poisson")) {
        check_counts(parts.train, o.data);
        if (parts.test) check_counts(*parts.test, o.test);
    }
    if (o.holdout) {
        auto halves = ermine::split(parts.train, {.holdout = *o.holdout, .seed = o.seed});
        parts.train = halves.train;
        parts.validation = halves.held_out;
    }
    const auto outputs = static_cast<ermine::Index>(classes.values.size());
    const ermine::Index features = parts.train.features();
    const Problem problem = make_problem(std::move(parts), task, outputs, loss, o);
    if (o.range_test)
        return show_range(try_range(problem, choose_method(problem, loss, o)), o.json);
    if (o.format == "liblinear")
        if (const auto why = LiblinearModel::obstacle(task, loss, classes); !why.empty())
            throw std::invalid_argument("--format liblinear: " + why);
    Watchers watch;
    std::optional<Strengths> strengths;
    std::string solver;
    const ermine::Result<Eigen::VectorXd> result = [&] {
        if (o.path || o.cv) {
            strengths.emplace(problem, o, file.groups);
            solver = "auto";
            return strengths->chooses() ? strengths->result()
                                        : ermine::Result<Eigen::VectorXd>{.x = problem.start};
        }
        if (by_linear_methods(problem, o)) return fit_by_linear(problem, o, watch, solver, remarks);
        TrainOptions settled = o;
        settled.as_stored = file.shuffled;
        const Method method = choose_method(problem, loss, settled);
        solver = method.solver;
        return fit_by_gradients(problem, o, method, watch, remarks);
    }();
    const double fit_seconds = seconds_since(begin);
    const auto print = [&](std::ostream& out) {
        if (!strengths) out << result;
        out << within(result);
        const auto show = [&](const char* what, const Problem::Error& error) {
            if (error)
                out << what << " error (" << problem.measure << "): " << error(result.x) << '\n';
        };
        show("training", problem.train_error);
        show("validation", problem.validation_error);
        show("test", problem.test_error);
    };
    if (strengths) {
        if (!o.path_plot.empty())
            strengths->draw_path(o.path_plot, features * problem.weights(problem.start).cols());
        if (!o.cv_plot.empty()) strengths->draw_cv(o.cv_plot, problem.measure);
        if (!o.json) strengths->print(std::cout, problem.measure);
    }
    if (!o.model.empty()) {
        SavedModel saved{.task = task,
                         .loss = loss,
                         .classes = classes,
                         .weights = problem.weights(result.x),
                         .intercepts = problem.intercepts(result.x),
                         .standardization = problem.standardization,
                         .schema = file.schema};
        if (o.format == "liblinear")
            LiblinearModel::write(std::move(saved), o.l1 > 0, o.model);
        else
            saved.write(o.model);
    }
    if (watch.trace) watch.trace->close();
    if (watch.curve) watch.curve->draw();
    if (watch.record) {
        std::ostringstream printed;
        print(printed);
        FitReport report{.title = "train " + o.data, .printed = printed.str()};
        report.facts = {{"examples", std::to_string(problem.examples)},
                        {"features", std::to_string(features)},
                        {"task", name(task)},
                        {"loss", loss},
                        {"solver", solver}};
        for (const auto& [flag, value] : o.given) report.facts.push_back({flag, value});
        report.write(o.report, problem, *watch.record, result);
    }
    if (Interrupt::asked()) {
        std::cerr << "interrupted after " << text_of(result.epochs) << " epochs";
        if (!o.model.empty()) std::cerr << "; the model was saved to " << o.model;
        if (!o.checkpoint.empty()) std::cerr << "; --resume goes on from " << o.checkpoint;
        if (!o.trace.empty()) std::cerr << "; the trace was saved to " << o.trace;
        if (!o.report.empty()) std::cerr << "; the report was saved to " << o.report;
        std::cerr << '\n';
    }

    if (o.json) {
        Json json = {
            {"objective", result.value},
            {"gradient_norm", result.gradient_norm},
            {"certificate", to_json(result.certificate)},
            {"train_error", to_json(problem.train_error, problem.measure, result.x)},
            {"validation_error", to_json(problem.validation_error, problem.measure, result.x)},
            {"test_error", to_json(problem.test_error, problem.measure, result.x)},
            {"counts", to_json(result)},
            {"seconds", {{"read", read_seconds}, {"fit", fit_seconds}}},
            {"solver", solver},
            {"status", name(result.status)}};
        if (strengths) json.update(strengths->json());
        std::cout << json.dump() << std::endl;
    } else if (!strengths || strengths->chooses()) {
        print(std::cout);
        std::cout.flush();
    }
    if (!std::cout) throw ermine::DataError("standard output", "cannot be written");
    return Interrupt::asked() ? 130 : 0;
}

/// Refuses outputs that would replace an input or one another, and a model that cannot be written:
/// before the fit, which may take hours.
static void check_outputs(const TrainOptions& o) {
    const std::string labels = labels_of(o.data, o.labels);
    const std::string test_labels = labels_of(o.test, o.test_labels);
    // what gnuplot is told stands beside the picture for a while, or stays there without gnuplot
    const std::string script = o.curve.empty() ? "" : o.curve + ".gnuplot";
    const std::pair<const char*, const std::string&> outputs[] = {
        {"--model", o.model},           {"--trace", o.trace},
        {"--checkpoint", o.checkpoint}, {"--curve", o.curve},
        {"--report", o.report},         {"--path-plot", o.path_plot},
        {"--cv-plot", o.cv_plot},       {"the script of --curve", script}};
    const std::pair<const char*, const std::string&> inputs[] = {
        {"DATA", o.data}, {"--test", o.test}, {"--labels", labels}, {"--test-labels", test_labels}};
    for (const auto& [flag, path] : outputs) {
        for (const auto& [other, other_path] : inputs) keep_apart(flag, path, other, other_path);
        for (const auto& [other, other_path] : outputs) {
            if (other == flag) break;
            keep_apart(flag, path, other, other_path);
        }
    }
    std::error_code ignored;
    for (const std::string& path : {o.model, o.report})
        if (!path.empty() && !std::filesystem::is_fifo(path, ignored))
            ermine::AtomicFile probe(path);
}

static int run(const TrainOptions& o) {
    check(o);
    check_method(o);
    check_outputs(o);
    if (o.threads) {
#ifdef _OPENMP
        omp_set_num_threads(*o.threads);
#else
        if (*o.threads > 1 && !o.quiet)
            std::cerr
                << "--threads: this program was built without OpenMP and runs on one thread\n";
#endif
    }
    std::ostream silent(nullptr);
    std::ostream& remarks = o.quiet ? silent : std::cerr;
    const auto begin = std::chrono::steady_clock::now();
    const ExamplesFile file = read_training_file(o);
    return std::visit(
        [&](const auto& data) {
            std::optional<ExamplesFile> test;
            if (!o.test.empty())
                test = read_alike(o.test, file.schema, data.features(), ermine::Targets::required,
                                  o.test_labels);
            if (test && test->data.index() != file.data.index())
                throw ermine::DataError(
                    o.test, std::string("has ") + (file.data.index() == 0 ? "sparse" : "dense") +
                                " rows, the training data " +
                                (file.data.index() == 0 ? "dense" : "sparse") + " ones");
            return train(file, data, o, test, seconds_since(begin), remarks);
        },
        file.data);
}

int main(int argc, char** argv) {
    CLI::App app("Fits a linear model to a data file.", "train");
    TrainOptions options;
    add_flags(app, options);
    for (int i = 1; i < argc; ++i) {
        const std::string_view flag = argv[i];
        if (flag == "--method=help" ||
            (flag == "--method" && i + 1 < argc && std::string_view(argv[i + 1]) == "help")) {
            std::cout << method_help() << std::flush;
            return 0;
        }
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        std::cerr << "train: " << error.what() << "\ntrain --help lists the flags.\n";
        return 2;
    }
    for (const CLI::Option* flag : app.get_options()) {
        std::string words;
        for (const std::string& word : flag->results()) words += (words.empty() ? "" : ",") + word;
        if (flag->count() > 0) options.given.emplace_back(flag->get_name(), words);
    }
    try {
        return run(options);
    } catch (const std::invalid_argument& error) {
        std::cerr << "train: " << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "train: " << error.what() << '\n';
        return 1;
    }
}
