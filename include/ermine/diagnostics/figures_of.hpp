// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <ermine/diagnostics/html_report.hpp>
#include <ermine/diagnostics/run_record.hpp>
#include <ermine/observers/chart.hpp>

namespace ermine {

/// The points of a curve that are finite, at most about `most` of them, evenly chosen; the first
/// and the last are among them.
inline Series thinned(const std::string& name, const std::vector<double>& x,
                      const std::vector<double>& y, std::size_t most = 1000) {
    Series series{.name = name, .x = {}, .y = {}};
    std::size_t known = 0;
    for (const double number : y) known += std::isfinite(number) ? 1 : 0;
    const std::size_t stride = std::max<std::size_t>(1, (known + most - 1) / most);
    std::size_t seen = 0;
    for (std::size_t k = 0; k < std::min(x.size(), y.size()); ++k) {
        if (!std::isfinite(y[k]) || !std::isfinite(x[k])) continue;
        ++seen;
        if ((seen - 1) % stride != 0 && seen != known) continue;
        series.x.push_back(x[k]);
        series.y.push_back(y[k]);
    }
    return series;
}

/// Whether a logarithmic axis shows numbers better: all are positive, and span a factor of a
/// hundred.
inline bool spans_decades(const std::vector<double>& y) {
    if (y.empty()) return false;
    const auto [least, most] = std::minmax_element(y.begin(), y.end());
    return *least > 0 && *most >= 100 * *least;
}

/// The pictures of a run for a report, against the iteration: its value, with the validation risk
/// where a stop rule looks at one, the norm of the gradient, and the step unless it is the same all
/// along; each where at least two of its numbers are known. Throws std::invalid_argument as
/// RunRecord::check does.
[[nodiscard]] inline std::vector<Figure> figures_of(const RunRecord& record) {
    record.check("figures_of");
    std::vector<Figure> figures;
    const auto add = [&](Chart chart, const std::string& caption) {
        chart.x_label = "iteration";
        std::vector<Series> known;
        std::vector<double> all;
        for (Series& series : chart.series)
            if (series.x.size() >= 2) {
                all.insert(all.end(), series.y.begin(), series.y.end());
                known.push_back(std::move(series));
            }
        if (known.empty()) return;
        chart.series = std::move(known);
        chart.log_y = spans_decades(all);
        figures.push_back({std::move(chart), caption});
    };
    const std::vector<double>& when = record.iteration;
    add({.title = "Loss",
         .y_label = "loss",
         .series = {thinned("training", when, record.value),
                    thinned("validation", when, record.validation)}},
        "Loss against iterations: the value that the method sees, with minibatches the mean over "
        "the batches of the epoch so far; and the validation risk, where a stop rule looks at "
        "one.");
    add({.title = "Gradient",
         .y_label = "gradient norm",
         .series = {thinned("gradient norm", when, record.gradient_norm)}},
        "Gradient norm against iterations: the largest entry of the gradient that the method "
        "sees.");
    const Series steps = thinned("step", when, record.step);
    if (std::adjacent_find(steps.y.begin(), steps.y.end(), std::not_equal_to<>()) != steps.y.end())
        add({.title = "Step", .y_label = "step", .series = {steps}},
            "Length of the step against iterations.");
    return figures;
}

}  // namespace ermine
