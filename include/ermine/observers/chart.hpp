// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/observers/gnuplot.hpp>

#include <algorithm>
#include <cmath>
#include <locale>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace ermine {

/// One curve of a chart: y against x, joined by lines, or as points. What is not finite is left
/// out.
struct Series {
    std::string name = {};
    std::vector<double> x = {};
    std::vector<double> y = {};
    bool points = false;
};

/// Curves on common axes:
///
///     const Chart chart{.title = "Loss", .x_label = "iteration", .y_label = "F", .log_y = true,
///                       .series = {{"gradient descent", steps, values}}};
///     std::cout << draw(chart, {.path = "loss.svg"});
struct Chart {
    std::string title = {};
    std::string x_label = {};
    std::string y_label = {};
    bool log_x = false;
    bool log_y = false;
    std::vector<Series> series = {};
};

/// Has gnuplot draw a chart. Returns an empty text if it was drawn, and otherwise a sentence that
/// says why not. Throws std::invalid_argument if there is no series, one has not as many x as y, or
/// for a path that ends in neither .svg nor .png.
inline std::string draw(const Chart& chart, const Picture& picture) {
    if (chart.series.empty()) throw std::invalid_argument("draw: the chart has no series");
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out.precision(8);
    std::size_t number = 0;
    for (const auto& [name, x, y, points] : chart.series) {
        if (x.size() != y.size())
            throw std::invalid_argument("draw: the series \"" + name + "\" has " +
                                        std::to_string(x.size()) + " x and " +
                                        std::to_string(y.size()) + " y");
        out << "$s" << number++ << " << END\n";
        for (std::size_t k = 0; k < x.size(); ++k)
            if (std::isfinite(x[k]) && std::isfinite(y[k])) out << x[k] << ' ' << y[k] << '\n';
        out << "END\n";
    }
    const auto text = [](std::string words) {
        // the end of a line would end the command
        std::replace_if(words.begin(), words.end(), [](unsigned char c) { return c < 0x20; }, ' ');
        return quoted(words, "''");
    };
    out << "set title " << text(chart.title) << "\nset xlabel " << text(chart.x_label)
        << "\nset ylabel " << text(chart.y_label) << "\nset grid lc rgb '#dddddd'\nset key above\n";
    if (chart.log_x) out << "set logscale x\nset format x '%.0e'\n";
    if (chart.log_y) out << "set logscale y\nset format y '%.0e'\n";
    for (std::size_t k = 0; k < chart.series.size(); ++k)
        out << (k == 0 ? "plot " : ", ") << "$s" << k << " using 1:2 title "
            << text(chart.series[k].name)
            << (chart.series[k].points ? " with points pt 7 ps 0.6" : " with lines lw 2");
    out << '\n';
    return gnuplot(picture, out.str());
}

}  // namespace ermine
