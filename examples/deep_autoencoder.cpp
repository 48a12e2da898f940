// SPDX-License-Identifier: MIT
// deep_autoencoder: sigmoid layers down to a narrow linear code and up again, the network that was
// long thought to be out of reach without pretraining (Hinton & Salakhutdinov, "Reducing the
// dimensionality of data with neural networks", Science 313, 2006), trained by Hessian-free
// optimization, by K-FAC and by SGD with momentum, side by side: loss on the training images
// against passes over them, products with the curvature counted, and against time. With --data it
// reads the images of MNIST, otherwise it draws curves. `deep_autoencoder --help` lists the flags.
#include <ermine/data/dataset.hpp>
#include <ermine/data/read_idx.hpp>
#include <ermine/directions/kfac.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/binary_cross_entropy.hpp>
#include <ermine/losses/reconstruction.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/sigmoid.hpp>
#include <ermine/models/sparse_initialization.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/observers/gnuplot.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/hessian_free.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>
#include <ermine/steps/cosine.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace ermine;
using Images = Dataset<DenseRows<float>>;

struct Options {
    std::string data;
    Index images = 10000;
    std::vector<Index> widths;
    double passes = 40;
    Index batch = 100;
    double rate = 0.01;
    double momentum = 0.9;
    bool cosine = false;
    Index kfac_batch = 250;
    Index kfac_examples = 125;
    double kfac_damping = 0.003;
    Index hf_curvature = 250;
    double hf_damping = 3;
    Index hf_iterations = 30;
    std::vector<std::string> methods;
    bool grid = false;
    std::uint64_t seeds = 1;
    std::string picture;
};

/// Curves through three random points, 16 × 16 numbers from 0 to 1.
static Images curves(Index count) {
    constexpr Index side = 16;
    Random random(5);
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> pixels(count,
                                                                                 side * side);
    for (Index i = 0; i < count; ++i) {
        std::array<double, 6> points{};
        for (double& p : points) p = 1.5 + 12 * random.uniform();
        for (Index at = 0; at < side * side; ++at) {
            double nearest = 1e9;
            for (int k = 0; k <= 24; ++k) {
                const double t = k / 24.0;
                const double b[] = {(1 - t) * (1 - t), 2 * t * (1 - t), t * t};
                const double dx = b[0] * points[0] + b[1] * points[2] + b[2] * points[4] -
                                  static_cast<double>(at % side);
                const double dy = b[0] * points[1] + b[1] * points[3] + b[2] * points[5] -
                                  static_cast<double>(at / side);
                nearest = std::min(nearest, dx * dx + dy * dy);
            }
            pixels(i, at) = static_cast<float>(std::exp(-nearest));
        }
    }
    return {pixels, Eigen::VectorXd::Zero(count)};
}

static Images read(const Options& o) {
    if (o.data.empty()) return curves(std::min<Index>(o.images, 2000));
    const auto file = [&](const std::string& name) {
        const std::string plain = o.data + "/" + name;
        return std::filesystem::exists(plain) ? plain : plain + ".gz";
    };
    const Images raw =
        read_idx<float>(file("train-images-idx3-ubyte"), file("train-labels-idx1-ubyte"));
    const Index count = std::min(o.images, raw.examples());
    return {raw.rows().matrix().topRows(count) / 255, Eigen::VectorXd::Zero(count)};
}

/// Of the processor, all threads together: other programs don't disturb it.
static double processor_seconds() {
    return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

/// What was seen of a run at the end of each pass.
struct Curve {
    std::string method;
    std::vector<double> passes;
    std::vector<double> seconds;
    std::vector<double> losses;
    [[nodiscard]] double last() const { return losses.back(); }
};

/// The loss of the best image that is the same for all: what a network reaches whose code says
/// nothing.
static double best_constant(const Images& images) {
    const Eigen::ArrayXd mean =
        images.rows().matrix().template cast<double>().colwise().mean().transpose().array();
    double sum = 0;
    for (const double p : mean)
        if (p > 0 && p < 1) sum -= p * std::log(p) + (1 - p) * std::log(1 - p);
    return sum;
}

/// Layers of w[0], …, w[3] units, the code, and back.
static auto autoencoder(const std::vector<Index>& w, const Images& images) {
    return EmpiricalRisk{
        network(images.features(), dense(w[0]), sigmoid(), dense(w[1]), sigmoid(), dense(w[2]),
                sigmoid(), dense(w[3]), dense(w[2]), sigmoid(), dense(w[1]), sigmoid(), dense(w[0]),
                sigmoid(), dense(images.features())),
        reconstruction(BinaryCrossEntropy{}), images};
}

class Experiment {
public:
    Experiment(const Options& o, const Images& images)
        : o_(o), risk_(autoencoder(o.widths, images)), images_(images) {}

    /// Trains from the weights of a seed by a method, and looks at the risk after each pass: the
    /// time of looking does not count.
    Curve run(std::string name, const auto& method, std::uint64_t seed, bool all = true) const {
        Curve curve{std::move(name), {}, {}, {}};
        const Eigen::VectorXf start = initialize(risk_, SparseInitialization{}, seed);
        double looking = 0;
        double begin = processor_seconds();
        const auto watch = [&](const auto& progress) {
            const double now = processor_seconds();
            const double epoch = progress.epoch();
            if (!all && !progress.stopping && epoch > 0) return;
            if (!curve.passes.empty() && std::floor(epoch + 1e-9) <= curve.passes.back() + 1e-9 &&
                !progress.stopping)
                return;
            if (!curve.passes.empty() && epoch == curve.passes.back()) return;
            curve.passes.push_back(epoch);
            curve.seconds.push_back(now - begin - looking);
            curve.losses.push_back(risk_.value(progress.point()));
            looking += processor_seconds() - now;
        };
        begin = processor_seconds();
        (void)minimize(risk_, start, method, MaxEpochs{o_.passes}, watch);
        return curve;
    }

    Curve sgd(double rate, double momentum, bool cosine, std::uint64_t seed,
              bool all = true) const {
        const auto head = Minibatch{.size = o_.batch, .seed = seed} | Momentum{.decay = momentum};
        std::ostringstream name;
        name << "SGD " << rate << ", momentum " << momentum << (cosine ? ", cosine" : ", constant");
        if (cosine)
            return run(name.str(), head | Cosine{.initial = rate, .epochs = o_.passes}, seed, all);
        return run(name.str(), head | Constant{rate}, seed, all);
    }

    Curve kfac(std::uint64_t seed) const {
        return run("K-FAC",
                   Minibatch{.size = o_.kfac_batch, .seed = seed} |
                       KFac{.damping = o_.kfac_damping,
                            .examples = o_.kfac_examples,
                            .exact = true,
                            .seed = seed} |
                       Constant{1},
                   seed);
    }

    Curve hessian_free(std::uint64_t seed) const {
        return run("Hessian-free",
                   HessianFree{.curvature = std::min(o_.hf_curvature, risk_.examples()),
                               .damping = o_.hf_damping,
                               .iterations = o_.hf_iterations,
                               .seed = seed},
                   seed);
    }

    [[nodiscard]] double constant() const { return best_constant(images_); }
    [[nodiscard]] Index parameters() const { return risk_.parameters(); }

private:
    const Options& o_;
    decltype(autoencoder(std::declval<const std::vector<Index>&>(),
                         std::declval<const Images&>())) risk_;
    Images images_;
};

/// Loss against passes and against time, and as a line that of the best constant image.
static void draw(const std::string& path, const std::vector<Curve>& curves, double constant) {
    std::ostringstream out;
    for (std::size_t k = 0; k < curves.size(); ++k) {
        out << "$run" << k << " << END\n";
        for (std::size_t i = 0; i < curves[k].passes.size(); ++i)
            out << curves[k].passes[i] << ' ' << curves[k].seconds[i] << ' ' << curves[k].losses[i]
                << '\n';
        out << "END\n";
    }
    const std::vector<std::string> colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7"};
    std::vector<std::string> seen;
    std::ostringstream lines[2];
    for (std::size_t k = 0; k < curves.size(); ++k) {
        const auto place = std::find(seen.begin(), seen.end(), curves[k].method);
        const bool first = place == seen.end();
        const auto colour = static_cast<std::size_t>(place - seen.begin()) % colours.size();
        if (first) seen.push_back(curves[k].method);
        for (int panel = 0; panel < 2; ++panel)
            lines[panel] << (k > 0 ? ", " : "") << "$run" << k << " using " << panel + 1
                         << ":3 with linespoints pt 7 ps 0.3 lw 1.5 lc rgb '" << colours[colour]
                         << "' " << (first ? "title '" + curves[k].method + "'" : "notitle");
    }
    out << "set multiplot layout 1,2; set key bottom left; set ylabel 'training loss'\n"
        << "set yrange [0:" << 1.5 * constant << "]; set arrow from graph 0, first " << constant
        << " to graph 1, first " << constant << " nohead dt 2\n"
        << "set xlabel 'passes over the images, those for curvature counted'\nplot "
        << lines[0].str() << "\nset xlabel 'seconds of the processor'\nplot " << lines[1].str()
        << '\n';
    const std::string failure = gnuplot({.path = path, .width = 1100, .height = 460}, out.str());
    std::cout << (failure.empty() ? "Picture: " + path : "No picture: " + failure) << '\n';
}

static void print(const Curve& curve, std::uint64_t seed) {
    const auto at = [&](double share) {
        std::size_t k = 0;
        while (k + 1 < curve.passes.size() && curve.passes[k] < share * curve.passes.back()) ++k;
        return curve.losses[k];
    };
    std::cout << std::left << std::setw(36) << curve.method << std::right << std::setw(5) << seed
              << std::setw(12) << at(0.25) << std::setw(12) << at(0.5) << std::setw(12)
              << curve.last() << std::setw(10) << curve.passes.back() << std::setw(10)
              << curve.seconds.back() << std::endl;
}

static int run(const Options& o) {
    const Images images = read(o);
    const Experiment experiment(o, images);
    std::cout << images.examples() << " images of " << images.features() << " numbers, "
              << experiment.parameters() << " parameters. The best constant image has the loss "
              << experiment.constant() << ".\n"
              << std::left << std::setw(36) << "method" << std::right << std::setw(5) << "seed"
              << std::setw(12) << "at 1/4" << std::setw(12) << "at 1/2" << std::setw(12)
              << "at the end" << std::setw(10) << "passes" << std::setw(10) << "seconds" << '\n';
    const auto wanted = [&](const std::string& method) {
        return std::find(o.methods.begin(), o.methods.end(), method) != o.methods.end();
    };
    double rate = o.rate;
    double momentum = o.momentum;
    bool cosine = o.cosine;
    if (o.grid) {
        double best = std::numeric_limits<double>::infinity();
        for (const bool falling : {false, true})
            for (const double decay : {0.0, 0.9, 0.99})
                for (const double length : {0.25, 0.5, 1.0, 2.0, 4.0}) {
                    // a velocity is 1/(1 − decay) gradients: rates that mean the same without
                    const double each = length * o.rate * (1 - decay) / (1 - 0.9);
                    const Curve curve = experiment.sgd(each, decay, falling, 1, false);
                    print(curve, 1);
                    if (!(curve.last() < best)) continue;
                    best = curve.last();
                    rate = each;
                    momentum = decay;
                    cosine = falling;
                }
    }
    std::vector<Curve> curves;
    for (std::uint64_t seed = 1; seed <= o.seeds; ++seed) {
        if (wanted("sgd")) curves.push_back(experiment.sgd(rate, momentum, cosine, seed));
        if (wanted("sgd")) print(curves.back(), seed);
        if (wanted("kfac")) curves.push_back(experiment.kfac(seed));
        if (wanted("kfac")) print(curves.back(), seed);
        if (wanted("hf")) curves.push_back(experiment.hessian_free(seed));
        if (wanted("hf")) print(curves.back(), seed);
    }
    if (!o.picture.empty()) draw(o.picture, curves, experiment.constant());
    // all learn; and of what is drawn here, each learns more than the mean, K-FAC most
    bool learnt = true;
    for (const Curve& curve : curves)
        learnt = learnt && std::isfinite(curve.last()) && curve.last() < curve.losses.front();
    if (o.data.empty() && curves.size() == 3)
        for (const Curve& curve : curves)
            learnt =
                learnt && curve.last() < experiment.constant() && curves[1].last() <= curve.last();
    return learnt ? 0 : 1;
}

int main(int count, char** arguments) {
    Options o;
    CLI::App app("Trains a deep autoencoder by Hessian-free optimization, K-FAC and SGD.",
                 "deep_autoencoder");
    app.add_option("--data", o.data, "folder with MNIST's IDX files; without it, drawn curves");
    app.add_option("--images", o.images, "the first so many of them");
    app.add_option("--widths", o.widths, "four: of the layers down to the code")->expected(4);
    app.add_option("--passes", o.passes, "over the images, those for curvature counted");
    app.add_option("--methods", o.methods, "some of hf, kfac, sgd");
    app.add_option("--batch", o.batch, "images of a minibatch of SGD");
    app.add_option("--rate", o.rate, "the step of SGD, the largest if --cosine");
    app.add_option("--momentum", o.momentum, "decay of SGD's velocity");
    app.add_flag("--cosine", o.cosine, "SGD's steps fall to 0 like a cosine");
    app.add_flag("--grid", o.grid,
                 "choose SGD's settings by a grid: 5 rates, 3 momenta, 2 schedules");
    app.add_option("--kfac-batch", o.kfac_batch, "images of a minibatch of K-FAC");
    app.add_option("--kfac-examples", o.kfac_examples, "of these for factors and products");
    app.add_option("--kfac-damping", o.kfac_damping, "of K-FAC at the start");
    app.add_option("--hf-curvature", o.hf_curvature,
                   "images that Hessian-free takes products over");
    app.add_option("--hf-damping", o.hf_damping, "of Hessian-free at the start");
    app.add_option("--hf-iterations", o.hf_iterations, "of its conjugate gradients, at most");
    app.add_option("--seeds", o.seeds, "runs of each method, by seeds 1, 2, …");
    app.add_option("--picture", o.picture, "draw the losses here, through gnuplot: .svg or .png");
    app.get_formatter()->column_width(30);
    CLI11_PARSE(app, count, arguments);
    if (o.methods.empty()) o.methods = {"sgd", "kfac", "hf"};
    if (o.widths.empty())
        o.widths = o.data.empty() ? std::vector<Index>{100, 60, 30, 8}
                                  : std::vector<Index>{1000, 500, 250, 30};
    try {
        return run(o);
    } catch (const std::exception& trouble) {
        std::cerr << "deep_autoencoder: " << trouble.what() << '\n';
        return 1;
    }
}
