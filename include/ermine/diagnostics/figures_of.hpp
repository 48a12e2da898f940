// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
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

/// Whether a logarithmic axis shows a curve better: all is positive, and spans a factor of a
/// hundred.
inline bool spans_decades(const std::vector<double>& y) {
    if (y.empty()) return false;
    const auto [least, most] = std::minmax_element(y.begin(), y.end());
    return *least > 0 && *most >= 100 * *least;
}

/// The pictures of a run for a report: its value, the norm of the gradient and the step against the
/// iteration, each where at least two of its numbers are known. Throws std::invalid_argument as
/// RunRecord::check does.
[[nodiscard]] inline std::vector<Figure> figures_of(const RunRecord& record) {
    record.check("figures_of");
    std::vector<Figure> figures;
    const auto add = [&](const std::string& name, const std::string& title,
                         const std::vector<double>& y, const std::string& caption) {
        Series series = thinned(name, record.iteration, y);
        if (series.x.size() < 2) return;
        Chart chart{.title = title,
                    .x_label = "iteration",
                    .y_label = name,
                    .log_y = spans_decades(series.y)};
        chart.series.push_back(std::move(series));
        figures.push_back({std::move(chart), caption});
    };
    add("loss", "Loss against iterations", record.value,
        "The value that the method sees: of the whole objective, or of the batch.");
    add("gradient norm", "Gradient norm against iterations", record.gradient_norm,
        "The largest entry of the gradient that the method sees.");
    add("step", "Step against iterations", record.step, "The length of the step.");
    return figures;
}

}  // namespace ermine
