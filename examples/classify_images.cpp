// SPDX-License-Identifier: MIT
// classify_images: a network of two hidden layers learns to tell images apart, by minibatches with
// momentum and dropout, stops early on held-out images, and shows which classes it mixes up. With
// --data it reads the four IDX files of MNIST, otherwise it makes images: blurred random strokes,
// moved about and noisy. `classify_images --help` lists the flags.
#include <ermine/data/dataset.hpp>
#include <ermine/data/read_idx.hpp>
#include <ermine/data/split.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/describe.hpp>
#include <ermine/models/dropout.hpp>
#include <ermine/models/he.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/estimate_risk.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/observers/progress_bar.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/steps/warmup.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <string>
#include <utility>

using namespace ermine;
using Images = Dataset<DenseRows<float>>;

struct Options {
    std::string data;
    Index hidden = 512;
    double dropout = 0.2;
    double input_dropout = 0;
    double rate = 0.1;
    double epochs = 30;
    int patience = 20;
    Index batch = 128;
    Index held_out = 10000;
    double most = 0.1;  // the test error above which the program fails
    std::uint64_t seed = 1;
};

/// Ten random walks with a pen, each drawn `count` times at a place a little off, with noise.
static Images strokes(Index count, std::uint64_t seed) {
    constexpr Index side = 16;
    constexpr Index classes = 10;
    Random pens(5);
    Eigen::ArrayXXd walks(2 * 24, classes);
    for (Index k = 0; k < classes; ++k) {
        double x = 8;
        double y = 8;
        for (Index p = 0; p < 24; ++p) {
            x = std::min(12.0, std::max(3.0, x + 1.5 * pens.normal()));
            y = std::min(12.0, std::max(3.0, y + 1.5 * pens.normal()));
            walks(2 * p, k) = x;
            walks(2 * p + 1, k) = y;
        }
    }
    Random random(seed);
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> pixels(classes * count,
                                                                                 side * side);
    Eigen::VectorXd labels(classes * count);
    for (Index i = 0; i < labels.size(); ++i) {
        const Index k = i % classes;
        const double right = 1.5 * random.normal();
        const double down = 1.5 * random.normal();
        for (Index at = 0; at < side * side; ++at) {
            double ink = 0.3 * random.normal();
            for (Index p = 0; p < 24; ++p) {
                const double dx = static_cast<double>(at % side) - walks(2 * p, k) - right;
                const double dy = static_cast<double>(at / side) - walks(2 * p + 1, k) - down;
                ink += std::exp(-(dx * dx + dy * dy));
            }
            pixels(i, at) = static_cast<float>(ink);
        }
        labels[i] = static_cast<double>(k);
    }
    return {pixels, labels};
}

/// Training and test images, numbers from 0 to 1.
static std::pair<Images, Images> read(const Options& o) {
    if (o.data.empty()) return {strokes(500, 1), strokes(100, 2)};
    const auto of = [&](const std::string& part) {
        const auto file = [&](const std::string& kind) {
            const std::string plain = o.data + "/" + part + kind;
            return std::filesystem::exists(plain) ? plain : plain + ".gz";
        };
        const Images raw = read_idx<float>(file("-images-idx3-ubyte"), file("-labels-idx1-ubyte"));
        return Images{raw.rows().matrix() / 255, raw.targets()};
    };
    return {of("train"), of("t10k")};
}

/// How many of each class (a row) were taken for each (a column).
static void show_confusion(const PredictionBlock& predictions, const Eigen::VectorXd& targets) {
    Eigen::MatrixXi taken = Eigen::MatrixXi::Zero(predictions.cols(), predictions.cols());
    for (Index i = 0; i < predictions.rows(); ++i) {
        Index best = 0;
        predictions.row(i).maxCoeff(&best);
        ++taken(static_cast<Index>(targets[i]), best);
    }
    std::cout << "class  taken for\n";
    for (Index k = 0; k < taken.rows(); ++k) {
        std::cout << std::setw(5) << k << "  ";
        for (Index j = 0; j < taken.cols(); ++j) std::cout << std::setw(5) << taken(k, j);
        std::cout << '\n';
    }
}

static int run(const Options& o) {
    const auto [all, test] = read(o);
    const Index held_out = std::min(o.held_out, all.examples() / 5);
    const double share = static_cast<double>(held_out) / static_cast<double>(all.examples());
    const bool stops = held_out > 0;
    const auto [train, stop] =
        stops ? split(all, {.holdout = share, .seed = o.seed}) : Split<DenseRows<float>>{all, all};
    const auto model =
        network(train.features(), dropout(o.input_dropout), dense(o.hidden), relu(),
                dropout(o.dropout), dense(o.hidden), relu(), dropout(o.dropout), dense(10));
    std::cout << train.examples() << " images to learn from, " << held_out << " to stop by, "
              << test.examples() << " to judge by.\n"
              << describe<float>(model) << std::flush;

    const EmpiricalRisk risk{model, SoftmaxCrossEntropy{}, train};
    const auto method = Minibatch{.size = o.batch, .seed = o.seed} | Momentum{.decay = 0.9} |
                        Warmup{.iterations = 200} | Cosine{.initial = o.rate, .epochs = o.epochs};
    const auto run_until = [&](const auto& rule) {
        return minimize(risk, initialize(risk, He{}, o.seed), method, rule,
                        ProgressBar{.epochs = o.epochs});
    };
    const auto run_by_held_out = [&] {
        const EmpiricalRisk error{model, ZeroOneLoss{}, stop};
        auto result =
            run_until(first_of(MaxEpochs{o.epochs}, patience(error, {.epochs = o.patience})));
        std::cout << "validation error: " << estimate_risk(error, result.x) << '\n';
        return result;
    };
    const auto result = stops ? run_by_held_out() : run_until(MaxEpochs{o.epochs});

    const EmpiricalRisk judged{model, ZeroOneLoss{}, test};
    std::cout << result << "test error: " << estimate_risk(judged, result.x) << '\n';
    show_confusion(judged.predictions(result.x), test.targets());
    return judged.value(result.x) <= o.most ? 0 : 1;
}

int main(int count, char** arguments) {
    Options o;
    CLI::App app("Teaches a network to tell images apart.", "classify_images");
    app.add_option("--data", o.data, "folder with MNIST's four IDX files; without it, made images");
    app.add_option("--hidden", o.hidden, "units of each of the two hidden layers");
    app.add_option("--dropout", o.dropout, "share of hidden units left out, in [0, 1)");
    app.add_option("--input-dropout", o.input_dropout, "share of pixels left out, in [0, 1)");
    app.add_option("--rate", o.rate, "the largest step");
    app.add_option("--epochs", o.epochs, "passes over the images");
    app.add_option("--patience", o.patience, "epochs without a better error on held-out images");
    app.add_option("--batch", o.batch, "images of a minibatch");
    app.add_option("--held-out", o.held_out,
                   "images to stop by, a fifth at most; 0: learns from all")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--most", o.most, "the test error above which it fails");
    app.add_option("--seed", o.seed, "of all that is drawn");
    app.get_formatter()->column_width(30);
    CLI11_PARSE(app, count, arguments);
    try {
        return run(o);
    } catch (const std::exception& trouble) {
        std::cerr << "classify_images: " << trouble.what() << '\n';
        return 1;
    }
}
