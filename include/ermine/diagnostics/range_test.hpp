// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/require.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/status.hpp>
#include <ermine/steps/geometric_rise.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <type_traits>
#include <vector>

namespace ermine {

/// Options of `range_test`.
struct RangeOptions {
    double from = 1e-6;             ///< the first step, ...
    double to = 10;                 ///< ... and the last, if the loss does not explode before
    std::int64_t iterations = 100;  ///< from the one to the other
    double smoothing = 0.9;         ///< weight of the past in the running mean of the losses
    double explosion = 4;  ///< ends where that mean has grown by so many times |first loss|
};

/// What `range_test` saw: for each step that was taken, its length and the loss after it.
struct [[nodiscard]] RangeReport {
    double start = std::numeric_limits<double>::quiet_NaN();  ///< the loss at x0
    std::vector<double> rates;
    std::vector<double> losses;    ///< of the batch that was drawn next, or of the whole objective
    std::vector<double> smoothed;  ///< their running mean
    bool exploded = false;         ///< else all rates up to the last were borne
    /// The rate after which the running mean was lowest: longer steps no longer help. None where no
    /// mean was below the loss at x0.
    std::optional<double> longest;
    /// A tenth of it, a usual choice for a constant step; a schedule may peak above.
    std::optional<double> suggested;
};

/// The report in a few lines for a person.
inline std::ostream& operator<<(std::ostream& out, const RangeReport& report) {
    out << "range test: " << report.rates.size() << " steps";
    if (!report.rates.empty())
        out << " from " << report.rates.front() << " to " << report.rates.back();
    out << (report.exploded ? ", where the loss exploded\n"
                            : ", where the loss had not exploded\n");
    if (report.suggested)
        out << "  lowest loss at " << *report.longest << ": begin with " << *report.suggested
            << '\n';
    else
        out << "  no step made the loss lower than " << report.start << ": try shorter ones\n";
    return out;
}

/// The learning rate range test (Smith, "Cyclical learning rates for training neural networks",
/// WACV 2017, section 3.3): one run in which the step grows from iteration to iteration by the same
/// factor, until the loss explodes. `method` is a sentence without its step:
/// `range_test(risk, risk.zero(), Minibatch{.size = 128} | Momentum{})`.
/// The losses are running means with the bias of their beginning taken out, as Adam's; they lag, by
/// about 1 / (1 − smoothing) steps, and so does what is suggested. A proximal penalty is not in
/// them. Throws std::invalid_argument for options that make no sense, and as `minimize` does.
template <class F, class X0, Composable M>
RangeReport range_test(const F& f, const X0& x0, const M& method,
                       const RangeOptions& options = {}) {
    if (!(options.smoothing >= 0 && options.smoothing < 1))
        refuse("RangeOptions.smoothing", options.smoothing, "it must be at least 0 and below 1");
    require_positive(options.explosion, "RangeOptions.explosion");
    const auto sentence = method | GeometricRise{options.from, options.to, options.iterations};
    constexpr bool repeats = std::remove_cvref_t<decltype(sentence)>::repeats;

    RangeReport report;
    double mean = 0;
    double weight = 0;
    double lowest = std::numeric_limits<double>::infinity();
    double previous = 0;  // the step that led to the batch in hand
    const auto record = [&](double rate, double loss) {
        mean = options.smoothing * mean + (1 - options.smoothing) * loss;
        weight = options.smoothing * weight + (1 - options.smoothing);
        const double smoothed = mean / weight;
        report.rates.push_back(rate);
        report.losses.push_back(loss);
        report.smoothed.push_back(smoothed);
        if (smoothed < lowest) {
            lowest = smoothed;
            report.longest = rate;
        }
        report.exploded = !(smoothed <= report.start + options.explosion * std::abs(report.start));
    };
    const auto ends = [&](const auto& progress) {
        const double loss = progress.state().here.value;
        const double rate = progress.step();
        if (repeats ? progress.iteration() == 0 : progress.iteration() == 1)
            report.start = loss;
        else if (progress.iteration() > 0)
            record(repeats ? rate : previous, loss);
        previous = rate;
        return report.exploded || progress.iteration() >= options.iterations + (repeats ? 0 : 1);
    };
    const auto result = minimize(f, x0, sentence, ends);
    report.exploded =
        report.exploded || result.status == Status::diverged || result.status == Status::non_finite;
    if (!(lowest < report.start)) report.longest.reset();
    if (report.longest) report.suggested = *report.longest / 10;
    return report;
}

}  // namespace ermine
