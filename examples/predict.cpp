// SPDX-License-Identifier: MIT
// predict: applies a model that train has saved to a data file. `predict --help` lists the flags.
#include "tools/keep_apart.hpp"
#include "tools/liblinear_model.hpp"
#include "tools/read_examples.hpp"
#include "tools/saved_model.hpp"

#include <ermine/concepts/loss.hpp>
#include <ermine/data/atomic_file.hpp>
#include <ermine/numerics/sigmoid.hpp>
#include <ermine/objectives/risk_estimate.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

using ermine::Index;

struct PredictOptions {
    std::string model;
    std::string data;
    std::string output;
    bool probabilities = false;
    bool quiet = false;
};

/// The predictions f(x) = Wᵀ x + b of a saved model for all examples, a row an example.
template <class Rows>
static ermine::PredictionBlock predictions(SavedModel model, const ermine::Dataset<Rows>& data) {
    if (model.standardization)
        model.standardization->unstandardize(model.weights, model.intercepts);
    ermine::PredictionBlock p(data.examples(), model.outputs());
    for (Index i = 0; i < data.examples(); ++i) {
        if constexpr (requires(const Rows& rows) { rows.columns; }) {
            p.row(i) = model.intercepts.transpose().array();
            const auto values = data.rows().row_values(i);
            const auto columns = data.rows().row_columns(i);
            for (std::size_t k = 0; k < values.size(); ++k)
                p.row(i) += values[k] * model.weights.row(columns[k]).array();
        } else {
            const Eigen::Map<const Eigen::RowVectorXd> x(data.rows().row(i), data.features());
            p.row(i) = (x * model.weights + model.intercepts.transpose()).array();
        }
    }
    return p;
}

/// The names of the classes as CSV fields.
static std::string field(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + '"';
}

/// The place of the class that row i of the predictions names.
static std::size_t class_of(const SavedModel& model, const ermine::PredictionBlock& p, Index i) {
    if (model.task == Task::binary) return p(i, 0) > 0 ? 1 : p(i, 0) < 0 ? 0 : model.at_zero;
    Index best = 0;
    p.row(i).maxCoeff(&best);
    return static_cast<std::size_t>(best);
}

/// The number that a regression answers with: for counts the mean, of which p is the logarithm.
static double answer(const SavedModel& model, double p) {
    return model.loss == "poisson" ? std::exp(p) : p;
}

/// Hands a prediction a line to `put`: the name of a class, or a number; with probabilities a CSV
/// table.
static void print(const SavedModel& model, const ermine::PredictionBlock& p, bool probabilities,
                  const std::function<void(std::string_view)>& put) {
    const auto put_number = [&](double number) {
        std::array<char, 32> text;
        const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
        put({text.data(), static_cast<std::size_t>(end - text.data())});
    };
    if (probabilities) {
        put("prediction");
        for (const std::string& name : model.classes.names) put("," + field("p(" + name + ")"));
        put("\n");
    }
    Eigen::ArrayXd shares(static_cast<Index>(model.classes.values.size()));
    for (Index i = 0; i < p.rows(); ++i) {
        if (model.task == Task::regression)
            put_number(answer(model, p(i, 0)));
        else
            put(field(model.classes.names[class_of(model, p, i)]));
        if (probabilities) {
            if (model.task == Task::binary) {
                shares << ermine::sigmoid(-p(i, 0)), ermine::sigmoid(p(i, 0));
            } else {
                shares = (p.row(i) - p.row(i).maxCoeff()).exp();
                shares /= shares.sum();
            }
            for (const double share : shares) {
                put(",");
                put_number(share);
            }
        }
        put("\n");
    }
}

/// Prints to a file, whole or not at all, or to stdout.
static void write(const std::string& path, const SavedModel& model,
                  const ermine::PredictionBlock& p, bool probabilities) {
    if (path.empty()) {
        print(model, p, probabilities, [](std::string_view text) { std::cout << text; });
        if (!std::cout.flush()) throw ermine::DataError("standard output", "cannot be written");
        return;
    }
    ermine::AtomicFile file(path);
    print(model, p, probabilities, [&](std::string_view text) { file.write(text); });
    file.commit();
}

/// How often the predictions are wrong, or by how much, where all targets are known to the model.
static void report(const SavedModel& model, const ermine::PredictionBlock& p,
                   const Eigen::Ref<const Eigen::VectorXd>& targets) {
    Eigen::ArrayXd losses(p.rows());
    if (model.task == Task::regression) {
        for (Index i = 0; i < p.rows(); ++i)
            losses[i] = std::pow(answer(model, p(i, 0)) - targets[i], 2);
    } else {
        const auto& values = model.classes.values;
        for (Index i = 0; i < p.rows(); ++i) {
            const auto found = std::lower_bound(values.begin(), values.end(), targets[i]);
            if (found == values.end() || *found != targets[i]) return;
            losses[i] = std::cmp_equal(found - values.begin(), class_of(model, p, i)) ? 0 : 1;
        }
    }
    std::cerr << "error (" << (model.task == Task::regression ? "squared_error" : "zero_one")
              << "): " << ermine::estimate_risk(losses) << '\n';
}

static void run(const PredictOptions& o) {
    keep_apart("--output", o.output, "MODEL", o.model);
    keep_apart("--output", o.output, "DATA", o.data);
    const SavedModel model = read_model(o.model);
    if (o.probabilities && model.loss != "logistic" && model.loss != "softmax")
        throw std::invalid_argument("--probabilities: a model of the loss " + model.loss +
                                    " gives none; train with --loss logistic or softmax");
    const ExamplesFile file =
        read_alike(o.data, model.schema, model.features(), ermine::Targets::optional);
    std::visit(
        [&](const auto& data) {
            if (file.dropped > 0 && !o.quiet)
                std::cerr << file.dropped << " rows with missing cells were left out\n";
            const ermine::PredictionBlock p = predictions(model, data);
            write(o.output, model, p, o.probabilities);
            if (file.has_targets && !o.quiet) report(model, p, data.targets());
        },
        file.data);
}

int main(int argc, char** argv) {
    CLI::App app("Applies a model that train has saved to a data file.", "predict");
    PredictOptions options;
    app.add_option("MODEL", options.model, "what train --model has written, or LIBLINEAR's train")
        ->required();
    app.add_option("DATA", options.data,
                   "examples, in the format of the training file; in CSV the "
                   "target column may lack, of IDX the file of the labels")
        ->required();
    app.add_option("--output", options.output, "write the predictions here instead of to stdout");
    app.add_flag("--probabilities", options.probabilities,
                 "a CSV table with the probability of each class (logistic and softmax)");
    app.add_flag("--quiet", options.quiet, "no error and no remarks on stderr");
    app.footer(
        "Prints a line an example: the class, or the number; of a model of the loss poisson the\n"
        "mean e^p. Where the targets are known, the\n"
        "error goes to stderr. Exit status: 0; 1 for data or models that cannot be used; 2 for\n"
        "flags that make no sense.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        std::cerr << "predict: " << error.what() << "\npredict --help lists the flags.\n";
        return 2;
    }
    try {
        run(options);
        return 0;
    } catch (const std::invalid_argument& error) {
        std::cerr << "predict: " << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "predict: " << error.what() << '\n';
        return 1;
    }
}
