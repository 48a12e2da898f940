// SPDX-License-Identifier: MIT
// Which update rule learns best from minibatches? Multinomial logistic regression on MNIST (of
// ERMINE_DATA_DIR), pixels / 255, by SGD, momentum and the adaptive methods, batch size and epochs
// the same for all, other options as they come. For each method the rate (10^(k/2)) and whether it
// stays or falls to 0 as a cosine are chosen by the risk on 10 000 training images that were held
// out, with one seed: where the best rate is the first or last that was tried, more are tried. Then
// each is trained on all training images with five other seeds. The test images are read once, when
// all that is done.

#include <nlohmann/json.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <ermine/data/read_idx.hpp>
#include <ermine/data/split.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/observers/gnuplot.hpp>

#include "adaptive/contestant.hpp"
#include "flags.hpp"
#include "mean_and_error.hpp"
#include "report.hpp"
#include "table.hpp"

using namespace ermine;

namespace {

using Digits = Dataset<DenseRows<float>>;

constexpr std::uint64_t tuning_seed = 0;
constexpr int farthest = 8;  // half decades beyond the first rates

double rate_of(int k) { return std::pow(10, k / 2.0); }

DigitsRisk risk_over(const Digits& digits) {
    return {LinearMulticlass{.features = 784, .classes = 10}, SoftmaxCrossEntropy{}, digits};
}

auto errors_over(const Digits& digits) {
    return EmpiricalRisk{LinearMulticlass{.features = 784, .classes = 10}, ZeroOneLoss{}, digits};
}

/// The choice, and how it came about.
struct Tuned {
    Choice choice{};
    double risk = std::numeric_limits<double>::infinity();  // on the images that were held out
    double other_schedule = std::numeric_limits<double>::infinity();  // the same, its best rate
    int lowest = 0;  // of what was tried in the end
    int highest = 0;
    bool inside = false;  // neither the lowest nor the highest is best
};

Tuned tune(const Contestant& method, const DigitsRisk& train, const DigitsRisk& held_out,
           int epochs) {
    std::map<std::pair<int, bool>, double> risks;
    const auto try_rates = [&](int low, int high) {
        const Index count = 2 * (high - low + 1);
        std::vector<double> found(static_cast<std::size_t>(count));
        for_each_chunk(count, [&](Index i) {
            const Choice choice{rate_of(low + static_cast<int>(i / 2)), i % 2 == 1};
            const Training training = method.train(train, choice, epochs, tuning_seed);
            const DigitsRisk own = held_out;
            const double risk = training.finished ? own.value(training.points.back())
                                                  : std::numeric_limits<double>::infinity();
            found[static_cast<std::size_t>(i)] =
                std::isfinite(risk) ? risk : std::numeric_limits<double>::infinity();
        });
        for (Index i = 0; i < count; ++i)
            risks[{low + static_cast<int>(i / 2), i % 2 == 1}] = found[static_cast<std::size_t>(i)];
    };
    const auto best_of = [&](const auto& admits) {
        auto best = risks.end();
        for (auto it = risks.begin(); it != risks.end(); ++it)
            if (admits(it->first) && (best == risks.end() || it->second < best->second)) best = it;
        return best;
    };
    Tuned tuned{.lowest = method.low, .highest = method.high};
    try_rates(tuned.lowest, tuned.highest);
    for (int more = 0; more <= farthest; ++more) {
        const auto best = best_of([](const auto&) { return true; });
        const auto [k, cosine] = best->first;
        const auto other = best_of([&](const auto& key) { return key.second != cosine; });
        tuned.choice = {rate_of(k), cosine};
        tuned.risk = best->second;
        tuned.other_schedule = other->second;
        tuned.inside = k > tuned.lowest && k < tuned.highest;
        if (tuned.inside || more == farthest) break;
        const int next = k == tuned.lowest ? --tuned.lowest : ++tuned.highest;
        try_rates(next, next);
    }
    return tuned;
}

/// What a method did with its seeds.
struct Figures {
    std::vector<double> training_risk;
    std::vector<double> training_error;
    std::vector<double> test_risk;
    std::vector<double> test_error;
    std::vector<double> path;  // mean test error after each epoch
};

Digits load(const std::string& images, const std::string& labels, Index most) {
    const Digits all = read_idx<float>(images, labels, {.scale = 1.0 / 255});
    if (all.examples() <= most) return all;
    std::vector<std::int32_t> first(static_cast<std::size_t>(most));
    std::iota(first.begin(), first.end(), 0);
    return all.select(first);
}

/// What gnuplot is told to draw: the test errors over the epochs.
std::string curves(const std::vector<Contestant>& methods, const std::vector<Figures>& figures) {
    std::ostringstream out;
    out << "set xlabel 'epoch'\nset ylabel 'test error, %'\nset grid\n"
           "set key outside right\nset yrange [*:10]\nplot ";
    for (std::size_t m = 0; m < methods.size(); ++m)
        out << (m > 0 ? ", " : "") << "'-' with lines lw 2 dt " << m / 5 + 1 << " lc " << m % 5 + 1
            << " title \"" << methods[m].name << '"';
    out << '\n';
    for (const Figures& of : figures) {
        for (std::size_t epoch = 0; epoch < of.path.size(); ++epoch)
            out << epoch + 1 << ' ' << of.path[epoch] << '\n';
        out << "e\n";
    }
    return out.str();
}

}  // namespace

int main(int count, char** words) {
    bool quick = false;
    std::string json;
    std::string picture;
    if (!Flags{}
             .flag("--quick", quick)
             .text("--json", "FILE", json)
             .text("--picture", "FILE.svg", picture)
             .read(count, words))
        return 2;
    const char* const data_folder = std::getenv("ERMINE_DATA_DIR");
    if (data_folder == nullptr) {
        std::printf("ERMINE_DATA_DIR is not set, so there is no MNIST\n");
        return 0;
    }
    const std::string mnist = std::string(data_folder) + "/mnist/";
    const int epochs = quick ? 4 : 20;
    const std::size_t seeds = quick ? 3 : 5;
    const Digits images = load(mnist + "train-images-idx3-ubyte.gz",
                               mnist + "train-labels-idx1-ubyte.gz", quick ? 12'000 : 60'000);

    std::vector<Contestant> methods;
    for (const auto& group :
         {momentum_contestants(), scaling_contestants(), adam_contestants(), block_contestants()})
        methods.insert(methods.end(), group.begin(), group.end());

    // A sixth: 10 000 images of all.
    const auto parts = split(images, {.holdout = 1.0 / 6});
    const DigitsRisk part_risk = risk_over(parts.train);
    const DigitsRisk held_out_risk = risk_over(parts.held_out);
    std::printf(
        "MNIST, minibatches of %td, %d epochs. Rate and schedule by the risk on %td images\n"
        "that were held out of %td, seed %d:\n\n",
        batch_size, epochs, parts.held_out.examples(), images.examples(),
        static_cast<int>(tuning_seed));
    std::vector<std::string> shortfalls;
    std::vector<Tuned> choices;
    Table chosen(
        {"method", "rate", "tried", "schedule", "held-out risk", "with the other schedule"});
    for (const Contestant& method : methods) {
        const Tuned& tuned = choices.emplace_back(tune(method, part_risk, held_out_risk, epochs));
        chosen.add(
            {method.name, text("%.2g", tuned.choice.rate),
             text("%.2g", rate_of(tuned.lowest)) + " – " + text("%.2g", rate_of(tuned.highest)),
             tuned.choice.cosine ? "cosine" : "constant", text("%.5f", tuned.risk),
             text("%.5f", tuned.other_schedule)});
        if (!tuned.inside)
            shortfalls.push_back(method.name + ": the best rate is the " +
                                 text("%.2g", tuned.choice.rate) + " at the edge of those tried");
        std::fprintf(stderr, "%s: %g\n", method.name.c_str(), tuned.choice.rate);
    }
    chosen.print();
    std::fflush(stdout);

    // Seed after seed, so that threads share the work evenly.
    const DigitsRisk risk = risk_over(images);
    std::vector<Training> trainings(methods.size() * seeds);
    for_each_chunk(static_cast<Index>(trainings.size()), [&](Index i) {
        const auto at = static_cast<std::size_t>(i);
        const std::size_t m = at % methods.size();
        const std::uint64_t seed = tuning_seed + 1 + at / methods.size();
        trainings[at] = methods[m].train(risk, choices[m].choice, epochs, seed);
    });

    // All choices are made: the test images are read.
    const Digits test =
        load(mnist + "t10k-images-idx3-ubyte.gz", mnist + "t10k-labels-idx1-ubyte.gz", 10'000);
    const DigitsRisk test_risk = risk_over(test);
    const auto training_error = errors_over(images);
    const auto test_error = errors_over(test);
    std::vector<Figures> figures(methods.size());
    for (std::size_t at = 0; at < trainings.size(); ++at) {
        const std::size_t m = at % methods.size();
        const Training& training = trainings[at];
        if (!training.finished) {
            shortfalls.push_back(methods[m].name + ": a training did not come to its end");
            continue;
        }
        Figures& of = figures[m];
        const Eigen::VectorXf& end = training.points.back();
        of.training_risk.push_back(risk.value(end));
        of.training_error.push_back(100 * training_error.value(end));
        of.test_risk.push_back(test_risk.value(end));
        of.test_error.push_back(100 * test_error.value(end));
        of.path.resize(training.points.size());
        for (std::size_t epoch = 0; epoch < of.path.size(); ++epoch)
            of.path[epoch] +=
                100 * test_error.value(training.points[epoch]) / static_cast<double>(seeds);
    }

    std::printf("\nTrained on %td images with %zu other seeds, mean ± standard error:\n\n",
                images.examples(), seeds);
    Table results({"method", "rate", "schedule", "training risk", "training error, %", "test risk",
                   "test error, %"});
    nlohmann::json records = nlohmann::json::array();
    for (std::size_t m = 0; m < methods.size(); ++m) {
        const Figures& of = figures[m];
        const Choice choice = choices[m].choice;
        auto entry = record("MNIST, multinomial logistic regression", methods[m].name);
        entry["rate"] = choice.rate;
        entry["schedule"] = choice.cosine ? "cosine" : "constant";
        entry["held_out_risk"] = choices[m].risk;
        entry["training_risk"] = of.training_risk;
        entry["training_error"] = of.training_error;
        entry["test_risk"] = of.test_risk;
        entry["test_error"] = of.test_error;
        entry["test_error_by_epoch"] = of.path;
        records.push_back(std::move(entry));
        if (of.training_risk.size() < 2) continue;
        results.add(
            {methods[m].name, text("%.2g", choice.rate), choice.cosine ? "cosine" : "constant",
             MeanAndError::of(of.training_risk).text(), MeanAndError::of(of.training_error).text(),
             MeanAndError::of(of.test_risk).text(), MeanAndError::of(of.test_error).text()});
    }
    results.print();
    if (!picture.empty()) {
        const std::string why = gnuplot({.path = picture, .height = 520}, curves(methods, figures));
        std::printf("\n%s\n",
                    why.empty() ? ("Test errors over epochs: " + picture).c_str() : why.c_str());
    }
    write_records(records, json);
    print_verdict(shortfalls);
}
