// SPDX-License-Identifier: MIT
// character_lstm: a network of one recurrent layer learns to write, character by character. It
// reads the text in parallel streams, a window at a time, takes its state from one window to the
// next, and shows after each epoch what it would write itself. With --data it reads a text file,
// otherwise it makes one, of sums in words, of which is known how well they can be foretold.
// `character_lstm --help` lists the flags.
#include <ermine/data/read_text.hpp>
#include <ermine/data/sequential.hpp>
#include <ermine/data/text.hpp>
#include <ermine/data/windows.hpp>
#include <ermine/directions/adam.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/directions/weight_decay.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/calibrate.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/describe.hpp>
#include <ermine/models/dropout.hpp>
#include <ermine/models/embedding.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/lstm.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/sample_sequence.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/seconds_now.hpp>
#include <ermine/objectives/sequence_risk.hpp>
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
#include <cstdio>
#include <exception>
#include <iostream>
#include <limits>
#include <string>

using namespace ermine;

struct Options {
    std::string data;
    Index units = 128;
    Index embedding = 32;
    double dropout = 0;
    Index streams = 32;
    Index steps = 50;
    double rate = 0.005;
    double clip = 1;
    double decay = 0;
    double held_out = 0.05;
    bool sgd = false;
    double epochs = 5;
    Index sample = 300;
    double temperature = 0.8;
    double most = std::numeric_limits<double>::infinity();  // above which the program fails
    std::uint64_t seed = 1;
};

/// Sums such as "seven and four make eleven.", of two numbers below ten, at random.
static Text sums(Index count) {
    const char* words[] = {"zero",    "one",     "two",       "three",    "four",
                           "five",    "six",     "seven",     "eight",    "nine",
                           "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                           "fifteen", "sixteen", "seventeen", "eighteen"};
    Random random(1);
    std::string written;
    for (Index k = 0; k < count; ++k) {
        const auto a = random.below(10);
        const auto b = random.below(10);
        written += std::string(words[a]) + " and " + words[b] + " make " + words[a + b] + ".\n";
    }
    const double entropy = 2 * std::log(10.0) * static_cast<double>(count);
    std::cout << "The text is made: nobody can do better than "
              << entropy / static_cast<double>(written.size()) << " nats a character.\n";
    return as_text(written);
}

/// Shows how far it is, and what it writes, after each epoch.
template <class M>
struct Watch {
    const M& model;
    const Text& text;
    const Options& options;
    double begun = seconds_now();
    double shown = 0;
    double highest = 0;  // loss of a batch since it began to learn

    void see(const auto& progress) {
        if (progress.iteration() > 100) highest = std::max(highest, progress.state().here.value);
        if (progress.whole_epochs() == shown) return;
        shown = progress.whole_epochs();
        std::printf(
            "\nepoch %.0f, %.0f s: %.4f nats a character, validation %.4f, clipped %lld of %lld\n",
            shown, seconds_now() - begun, progress.value(), progress.validation.value_or(0),
            static_cast<long long>(progress.clips().shortened),
            static_cast<long long>(progress.clips().steps));
        std::fflush(stdout);
        if (options.sample < 1) return;
        const std::int32_t first = text.characters.front();
        const auto drawn = sample_sequence(
            model, progress.point(), {&first, 1},
            {.length = options.sample, .temperature = options.temperature, .seed = options.seed});
        std::printf("%s\n", text.spell(drawn).c_str());
        std::fflush(stdout);
    }
};

static int run(const Options& o) {
    const Text text = o.data.empty() ? sums(12000) : read_text(o.data);
    const auto part = [&](double from, double to, Index streams) {
        return windows(next_characters<float>(text, from, to),
                       {.steps = o.steps, .streams = streams});
    };
    const auto characters = static_cast<Index>(text.alphabet.size());
    const auto model = network(1, embedding(characters, o.embedding), lstm(o.units),
                               dropout(o.dropout), dense(characters));
    std::cout << text.size() << " characters, " << characters << " different ones\n"
              << describe<float>(model) << std::flush;

    const EmpiricalRisk risk{model, SoftmaxCrossEntropy{}, part(0, 0.9 - o.held_out, o.streams)};
    const EmpiricalRisk held_out{model, SoftmaxCrossEntropy{}, part(0.9 - o.held_out, 0.9, 16)};
    const EmpiricalRisk judged{model, SoftmaxCrossEntropy{}, part(0.9, 1, 1)};
    const auto start = initialize(risk, Glorot{}, o.seed);
    Watch<decltype(model)> watch{model, text, o};
    const auto learn = [&](const auto& direction) {
        const auto method =
            minibatch(Sequential{}, {.size = o.streams}) | ClipByNorm{o.clip > 0 ? o.clip : 1e30} |
            direction | Warmup{.iterations = 50} | Cosine{.initial = o.rate, .epochs = o.epochs};
        return minimize(risk, start, method,
                        first_of(MaxEpochs{o.epochs}, patience(held_out, {.epochs = 3})), watch);
    };
    const auto result =
        o.sgd ? learn(Momentum{.decay = 0.9}) : learn(Adam{} | WeightDecay{o.decay});
    const auto calibrated = calibrate(model, held_out, result.x);
    const double loss = judged.value(calibrated.x);
    std::cout << '\n'
              << result << "highest loss of a batch behind the 100th: " << watch.highest
              << " nats a character\nvalidation: " << calibrated.before
              << " nats a character, at the temperature " << calibrated.temperature << ' '
              << calibrated.loss << "\ntest:       " << loss << " nats a character, after "
              << seconds_now() - watch.begun << " s\n";
    return loss <= o.most ? 0 : 1;
}

int main(int count, char** arguments) {
    Options o;
    CLI::App app("Teaches a recurrent network to write.", "character_lstm");
    app.add_option("--data", o.data, "a text file, or gzip; without it, sums in words");
    app.add_option("--units", o.units, "of the recurrent layer");
    app.add_option("--embedding", o.embedding, "numbers that stand for a character");
    app.add_option("--dropout", o.dropout, "share of its outputs left out");
    app.add_option("--streams", o.streams, "parts of the text that are read side by side");
    app.add_option("--steps", o.steps, "characters of a window, where gradients are cut");
    app.add_option("--rate", o.rate, "the largest step");
    app.add_option("--clip", o.clip, "the longest gradient; 0: as long as it is");
    app.add_option("--decay", o.decay, "of the weights, with Adam: AdamW");
    app.add_option("--held-out", o.held_out,
                   "share of the text, before the last tenth, to stop by");
    app.add_flag("--sgd", o.sgd, "momentum in place of Adam");
    app.add_option("--epochs", o.epochs, "passes over the text");
    app.add_option("--sample", o.sample, "characters to write after each epoch");
    app.add_option("--temperature", o.temperature, "of the samples: below 1 less is dared");
    app.add_option("--most", o.most, "the test loss above which it fails");
    app.add_option("--seed", o.seed, "of all that is drawn");
    app.get_formatter()->column_width(30);
    CLI11_PARSE(app, count, arguments);
    try {
        return run(o);
    } catch (const std::exception& trouble) {
        std::cerr << "character_lstm: " << trouble.what() << '\n';
        return 1;
    }
}
