// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/diagnostics/diagnose_options.hpp>
#include <ermine/diagnostics/diagnosis.hpp>
#include <ermine/diagnostics/finding.hpp>
#include <ermine/diagnostics/gradient_norm_test.hpp>
#include <ermine/diagnostics/run_record.hpp>
#include <ermine/numerics/quantile.hpp>

namespace ermine {

/// Numbers of a run that are known, and the iterations at which they are.
struct RunSeries {
    std::vector<double> iteration;
    std::vector<double> number;

    [[nodiscard]] std::size_t size() const { return number.size(); }
    void add(double when, double what) {
        iteration.push_back(when);
        number.push_back(what);
    }
    [[nodiscard]] double mean(std::size_t from, std::size_t to) const {
        double sum = 0;
        for (std::size_t k = from; k < to; ++k) sum += number[k];
        return sum / static_cast<double>(to - from);
    }
    /// Standard deviation, with n as denominator.
    [[nodiscard]] double deviation(std::size_t from, std::size_t to) const {
        const double middle = mean(from, to);
        double sum = 0;
        for (std::size_t k = from; k < to; ++k) sum += std::pow(number[k] - middle, 2);
        return std::sqrt(sum / static_cast<double>(to - from));
    }
    /// The median of so many at the beginning.
    [[nodiscard]] double first(std::size_t count) const {
        const auto some = static_cast<std::ptrdiff_t>(std::min(count, size()));
        return median({number.begin(), number.begin() + some});
    }
    /// The median of so many at the end.
    [[nodiscard]] double last(std::size_t count) const {
        const auto some = static_cast<std::ptrdiff_t>(std::min(count, size()));
        return median({number.end() - some, number.end()});
    }
    /// Whether the numbers from there on still fall: the mean of the second half is 1.5 standard
    /// deviations below that of the first. A steady fall has 1.7, numbers that go up and down by
    /// chance or in turn have less in 97 of 100 cases, even where there are six.
    [[nodiscard]] bool falls(std::size_t from) const {
        const std::size_t middle = from + (size() - from) / 2;
        if (middle == from) return false;
        const double fall = mean(from, middle) - mean(middle, size());
        return fall > 0 && fall >= 1.5 * deviation(from, size());
    }
};

/// Whether steps were taken on batches: some epochs are fractions.
inline bool took_batches(const RunRecord& record) {
    return std::any_of(record.epoch.begin(), record.epoch.end(), [](double epoch) {
        return std::isfinite(epoch) && std::abs(epoch - std::round(epoch)) > 1e-9;
    });
}

/// The values of a run that can be compared. With batches a value is the mean over the epoch's
/// batches so far: that at the end of each epoch, when all of them are in it.
inline RunSeries comparable_values(const RunRecord& record) {
    RunSeries series;
    const bool batches = took_batches(record);
    const auto whole = [&](std::size_t k) { return std::floor(record.epoch[k] + 1e-9); };
    for (std::size_t k = 0; k < record.size(); ++k) {
        // the look that begins an epoch still shows the mean over the one before
        if (batches && (k == 0 || whole(k) == whole(k - 1))) continue;
        if (std::isfinite(record.value[k])) series.add(record.iteration[k], record.value[k]);
    }
    return series;
}

/// The numbers from the list that are known.
inline RunSeries known_numbers(const RunRecord& record, const std::vector<double>& list) {
    RunSeries series;
    for (std::size_t k = 0; k < list.size(); ++k)
        if (std::isfinite(list[k])) series.add(record.iteration[k], list[k]);
    return series;
}

/// The validation risks, each look once: a stop rule looks once an epoch.
inline RunSeries validation_risks(const RunRecord& record) {
    RunSeries series;
    for (std::size_t k = 0; k < record.validation.size(); ++k) {
        const double risk = record.validation[k];
        if (std::isfinite(risk) && (series.size() == 0 || risk != series.number.back()))
            series.add(record.iteration[k], risk);
    }
    return series;
}

/// The median step between two iterations; NaN where none is known.
inline double usual_step(const RunRecord& record, double from, double to) {
    std::vector<double> steps;
    for (std::size_t k = 0; k < record.size(); ++k)
        if (record.iteration[k] > from && record.iteration[k] <= to && record.step[k] > 0)
            steps.push_back(record.step[k]);
    return median(steps);
}

/// The value stood still, and then fell on; unless a schedule changed the step meanwhile, which
/// explains it.
inline void find_plateau(const RunRecord& record, const RunSeries& values,
                         const DiagnoseOptions& options, Diagnosis& diagnosis) {
    if (values.size() < 20) return;
    diagnosis.look_for(Difficulty::plateau);
    const double length = values.iteration.back() - values.iteration.front();
    GradientNormTest::Stretch longest{0, 0};
    for (const auto& stretch : find_plateaus(values.iteration, values.number)) {
        const auto inside =
            std::count_if(values.iteration.begin(), values.iteration.end(),
                          [&](double when) { return when >= stretch.from && when <= stretch.to; });
        const double later = usual_step(record, stretch.to, record.iteration.back());
        const double ratio = later / usual_step(record, stretch.from, stretch.to);
        if (inside < 10 || ratio > 3 || ratio < 1.0 / 3) continue;
        if (stretch.to - stretch.from > longest.to - longest.from) longest = stretch;
    }
    const double share = (longest.to - longest.from) / length;
    const double confidence = confidence_of(share, options.plateau);
    if (confidence == 0) return;
    const auto at = std::lower_bound(values.iteration.begin(), values.iteration.end(), longest.to);
    const double level = values.number[static_cast<std::size_t>(at - values.iteration.begin())];
    diagnosis.add(
        {.what = Difficulty::plateau,
         .confidence = confidence,
         .evidence =
             formatted("the value stood at %.3g from iteration %.0f to %.0f, %.0f %% of the "
                       "run, and then fell on to %.3g",
                       level, longest.from, longest.to, 100 * share, values.last(1)),
         .advice = "Momentum{} or Adam{}, whose steps are not as short as the gradient; He{} or "
                   "Glorot{} to begin elsewhere; classify(f, x) there tells a saddle point, which "
                   "SaddleFreeNewton{} leaves"});
}

/// The norm of the gradient jumped, and fell back. A jump must stand out of what the norm does by
/// chance from look to look (six standard deviations of its logarithm, by the median of the
/// changes), and above the upper tenth of the run: gradients of small batches jump all the time.
inline void find_cliff(const RunSeries& norms, const DiagnoseOptions& options,
                       Diagnosis& diagnosis) {
    if (norms.size() < 10) return;
    diagnosis.look_for(Difficulty::cliff);
    std::vector<double> changes;
    for (std::size_t k = 1; k < norms.size(); ++k) {
        const double change = std::abs(std::log(norms.number[k] / norms.number[k - 1]));
        if (std::isfinite(change)) changes.push_back(change);
    }
    // 1.4826 makes a standard deviation of a median; a change is the difference of two looks
    const double chance = changes.empty() ? 0 : 1.4826 * median(changes) / std::sqrt(2.0);
    const double jump = std::max(options.cliff, std::exp(6 * chance));
    const double upper = 3 * quantile(norms.number, 0.9);
    double highest = 0;
    double first = 0;
    std::size_t count = 0;
    for (const double when : find_cliffs(norms.iteration, norms.number, jump)) {
        const auto at = std::lower_bound(norms.iteration.begin(), norms.iteration.end(), when);
        const auto k = at - norms.iteration.begin();
        const auto begin = norms.number.begin();
        const double usual = median({begin + std::max<std::ptrdiff_t>(k - 20, 0), begin + k});
        const double norm = norms.number[static_cast<std::size_t>(k)];
        if (!(norm > upper)) continue;
        if (count++ == 0) first = when;
        highest = std::max(highest, norm / usual);
    }
    if (count == 0) return;
    diagnosis.add(
        {.what = Difficulty::cliff,
         .confidence = confidence_of(highest, jump),
         .evidence = formatted("the gradient norm jumped %zu times, by up to %.2g times its median "
                               "over the twenty looks before, first at iteration %.0f, and fell "
                               "back within five",
                               count, highest, first),
         .advice = formatted("ClipByNorm{}; ClipByValue{%.2g}, where nine tenths of the largest "
                             "entries lie below; in networks Orthogonal{} weights",
                             quantile(norms.number, 0.9))});
}

/// The norm grew, and the value did not fall: the run is being thrown out.
inline void find_explosion(const RunSeries& norms, const RunSeries& values,
                           const DiagnoseOptions& options, Diagnosis& diagnosis) {
    if (norms.size() < 10 || values.size() < 2) return;
    diagnosis.look_for(Difficulty::exploding_gradient);
    const std::size_t tenth = std::max<std::size_t>(3, norms.size() / 10);
    const double first = norms.first(tenth);
    const double last = norms.last(tenth);
    const double before = values.number.front();
    const double after = values.last(std::max<std::size_t>(1, values.size() / 10));
    const double confidence = confidence_of(last / first, options.growth);
    if (confidence == 0 || after < before) return;
    diagnosis.add({.what = Difficulty::exploding_gradient,
                   .confidence = confidence,
                   .evidence = formatted("the gradient norm grew from %.2g to %.2g, and the value "
                                         "did not fall: %.3g, then %.3g",
                                         first, last, before, after),
                   .advice = formatted("ClipByValue{%.2g}, or ClipByNorm{}; a shorter step, or "
                                       "Backtracking{}",
                                       std::max(first, std::numeric_limits<double>::min()))});
}

/// Lag-1 autocorrelation of the changes between looks: −1 where values go up and down in turn,
/// −1/2 where they are independent, more where they wander.
inline double turns(const RunSeries& series, std::size_t from) {
    double products = 0;
    double squares = 0;
    for (std::size_t k = from + 1; k < series.size(); ++k) {
        const double change = series.number[k] - series.number[k - 1];
        squares += change * change;
        if (k + 1 < series.size()) products += change * (series.number[k + 1] - series.number[k]);
    }
    return squares > 0 ? products / squares : 0;
}

/// Values that rise as often as they fall, where the gradient does not shrink either: by steps that
/// jump to and fro, or by noise. With the function at hand `diagnose(f, diagnostics)` tells them
/// apart by the curvature; a record alone by whether values go up and down in turn.
inline void find_restlessness(const RunRecord& record, const RunSeries& norms,
                              const RunSeries& values, const DiagnoseOptions& options,
                              Diagnosis& diagnosis) {
    if (norms.size() < 10 || values.size() < 10 || took_batches(record)) return;
    diagnosis.look_for(Difficulty::long_step);
    const std::size_t half = values.size() / 2;
    const std::size_t tenth = std::max<std::size_t>(3, norms.size() / 10);
    const double first = norms.first(tenth);
    const double last = norms.last(tenth);
    std::size_t rises = 0;
    for (std::size_t k = half; k + 1 < values.size(); ++k)
        if (values.number[k + 1] > values.number[k]) ++rises;
    const double share = static_cast<double>(rises) / static_cast<double>(values.size() - 1 - half);
    const double level = values.mean(half, values.size());
    const double fall = values.number.front() - level;
    const double step =
        usual_step(record, record.iteration[record.size() / 2], record.iteration.back());
    const std::string shorter = step > 0 ? formatted("a step of %.2g, half of what it is", step / 2)
                                         : std::string("half the step");
    if (fall < 0 && last >= first && share >= 0.75) {
        diagnosis.add(
            {.what = Difficulty::long_step,
             .confidence = confidence_of(last / first, 1),
             .evidence = formatted("the value rose in %.0f %% of the steps, from %.3g to "
                                   "%.3g, and the gradient norm from %.2g to %.2g",
                                   100 * share, values.number.front(), values.last(1), first, last),
             .advice = shorter + ", or Backtracking{}, which finds one; CurvatureMonitor "
                                 "tells the longest that is safe"});
        return;
    }
    if (values.size() < 20) return;
    diagnosis.look_for(Difficulty::noisy_gradient);
    const double spread = values.deviation(half, values.size());
    const double lowest = *std::min_element(
        values.number.begin() + static_cast<std::ptrdiff_t>(half), values.number.end());
    if (last < first / 10 && spread < 1e-3 * fall) return;
    if (share < 0.25 || share > 0.75 || values.falls(half)) return;
    const double excess =
        confidence_of(fall > 0 ? (level - lowest) / fall : std::numeric_limits<double>::infinity(),
                      options.excess);
    if (excess == 0) return;
    const double order = turns(values, half);
    if (order <= -0.7)
        diagnosis.add({.what = Difficulty::long_step,
                       .confidence = excess,
                       .evidence = formatted("the value goes up and down in turn (lag-1 "
                                             "autocorrelation of its changes %.2f) about %.3g, "
                                             "%.2g above the lowest on average, with a standard "
                                             "deviation of %.2g",
                                             order, level, level - lowest, spread),
                       .advice = shorter + ", or Backtracking{}, which finds one"});
    else
        diagnosis.add(
            {.what = Difficulty::noisy_gradient,
             .confidence = excess,
             .evidence = formatted("in the second half the value wanders about %.3g, on average "
                                   "%.2g above its lowest; the run fell by %.2g in all",
                                   level, level - lowest, fall),
             .advice = less_noise});
}

/// The validation risk rose from its lowest while the training value fell on. The rise must stand
/// out of how the risk changes from look to look by four standard deviations.
inline void find_overfitting(const RunRecord& record, const RunSeries& values,
                             const DiagnoseOptions& options, Diagnosis& diagnosis) {
    const RunSeries risks = validation_risks(record);
    if (risks.size() < 5 || values.size() < 2) return;
    diagnosis.look_for(Difficulty::overfitting);
    const auto least = std::min_element(risks.number.begin(), risks.number.end());
    const auto at = static_cast<std::size_t>(least - risks.number.begin());
    if (at == 0 || at + 1 == risks.size()) return;
    const double end = risks.last(std::clamp<std::size_t>(risks.size() / 10, 1, 5));
    std::vector<double> changes;
    for (std::size_t k = 2; k < risks.size(); ++k)  // of the slope, so that a trend does not count
        changes.push_back(
            std::abs(risks.number[k] - 2 * risks.number[k - 1] + risks.number[k - 2]));
    const double chance = 1.4826 * median(changes) / std::sqrt(6.0);
    if (end - *least < 4 * chance) return;
    const auto then =
        std::lower_bound(values.iteration.begin(), values.iteration.end(), risks.iteration[at]);
    if (then == values.iteration.end()) return;
    const double training =
        values.number[static_cast<std::size_t>(then - values.iteration.begin())];
    const double now = values.last(1);
    const double confidence = confidence_of((end - *least) / std::abs(*least), options.rise);
    if (confidence == 0 || !(now < training)) return;
    diagnosis.add(
        {.what = Difficulty::overfitting,
         .confidence = confidence,
         .evidence = formatted("the validation risk rose from %.3g at iteration %.0f to %.3g, "
                               "while the training value fell from %.3g to %.3g",
                               *least, risks.iteration[at], end, training, now),
         .advice = "patience(held_out), which stops at the lowest; risk + L2{}, dropout(), a "
                   "smaller model, or more examples"});
}

/// What a record of a run shows: plateaus, cliffs, an exploding gradient, steps that are too long,
/// noise, and, where validation risks are recorded, overfitting:
///
///     RunRecord record;
///     minimize(risk, x0, method, rule, record);
///     std::cout << diagnose(record);        // or diagnose(read_trace("run.jsonl"))
///
/// What the record is too short for, or does not hold, is not looked for. Each search says beside
/// itself what it takes for a difficulty; thresholds are in DiagnoseOptions. Throws
/// std::invalid_argument for options out of range, and for a record of two runs, or of none.
[[nodiscard]] inline Diagnosis diagnose(const RunRecord& record,
                                        const DiagnoseOptions& options = {}) {
    options.check();
    record.check("diagnose");
    if (record.size() == 0)
        throw std::invalid_argument(
            "diagnose: the record is empty: give it to minimize as an observer, or read a trace");
    const RunSeries values = comparable_values(record);
    const RunSeries norms = known_numbers(record, record.gradient_norm);
    Diagnosis diagnosis;
    find_plateau(record, values, options, diagnosis);
    find_cliff(norms, options, diagnosis);
    find_explosion(norms, values, options, diagnosis);
    find_restlessness(record, norms, values, options, diagnosis);
    find_overfitting(record, values, options, diagnosis);
    return diagnosis;
}

}  // namespace ermine
