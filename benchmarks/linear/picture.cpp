// SPDX-License-Identifier: MIT
#include "picture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <sstream>
#include <utility>

#include <ermine/observers/gnuplot.hpp>

namespace linear {

namespace {

struct Line {
    const char* contestant;  ///< what the names of those begin with that it stands for
    int threads;
    const char* style;
    const char* title;
};

constexpr Line lines[] = {
    {"ermine auto", 1, "lw 2.5 lc rgb '#c00000' pt 7 ps 0.6", "ermine auto, 1 thread"},
    {"ermine auto", 2, "lw 2.5 lc rgb '#e08000' pt 7 ps 0.6", "ermine auto, 2 threads"},
    {"liblinear -s 0", 1, "lw 1.5 lc rgb '#0050b0'", "LIBLINEAR, primal"},
    {"liblinear -s 2", 1, "lw 1.5 lc rgb '#0050b0'", ""},
    {"liblinear -s 6", 1, "lw 1.5 lc rgb '#0050b0'", ""},
    {"liblinear -s 7", 1, "lw 1.5 lc rgb '#50a0f0'", "LIBLINEAR, dual"},
    {"liblinear -s 1", 1, "lw 1.5 lc rgb '#50a0f0'", ""},
    {"liblinear -s 3", 1, "lw 1.5 lc rgb '#50a0f0'", ""},
    {"sklearn lbfgs", 1, "lw 1.5 lc rgb '#108030'", "sklearn lbfgs"},
    {"sklearn newton-cg", 1, "lw 1.5 lc rgb '#60b040'", "sklearn newton-cg"},
    {"sklearn newton-cholesky", 1, "lw 1.5 lc rgb '#a0a000'", "sklearn newton-cholesky"},
    {"sklearn sag", 1, "lw 1.5 lc rgb '#808080'", "sklearn sag, saga"},
    {"sklearn lasso", 1, "lw 1.5 lc rgb '#8050a0'", "sklearn Lasso"},
};

/// (seconds, suboptimality) of the attempts that no faster one is as good as.
std::vector<std::pair<double, double>> envelope(const Outcome& outcome, const Line& line) {
    std::vector<std::pair<double, double>> points;
    for (const Attempt& a : outcome.attempts)
        if (a.way.contestant.starts_with(line.contestant) && a.threads == line.threads &&
            std::isfinite(a.seconds))
            points.emplace_back(a.seconds, std::max(outcome.suboptimality(a.value), 1e-12));
    std::sort(points.begin(), points.end());
    std::vector<std::pair<double, double>> best;
    for (const auto& point : points)
        if (best.empty() || point.second < best.back().second) best.push_back(point);
    return best;
}

}  // namespace

std::string draw(const std::vector<Outcome>& outcomes, const std::string& file) {
    const std::size_t panels = outcomes.size() + 1;  // and one for the key
    const std::size_t columns = panels <= 4 ? 2 : 4;
    const std::size_t rows = (panels + columns - 1) / columns;
    std::ostringstream out;
    out << "set multiplot layout " << rows << ',' << columns
        << "\nset logscale xy\nset format y '1e%T'\nset format x '%g'\nset yrange [1e-12:2]\n"
           "set ytics 1e3\nset grid\nset tics font ',9'\nunset key\n";
    for (const Outcome& outcome : outcomes) {
        out << "set title \"" << outcome.problem << "\"\nset autoscale x\n";
        std::ostringstream plots;
        std::ostringstream numbers;
        for (const Line& line : lines) {
            const auto points = envelope(outcome, line);
            if (points.empty()) continue;
            plots << (plots.str().empty() ? "plot " : ", ") << "'-' with linespoints " << line.style
                  << " notitle";
            for (const auto& [x, y] : points) numbers << x << ' ' << y << '\n';
            numbers << "e\n";
        }
        if (plots.str().empty()) plots << "plot NaN notitle";
        out << plots.str() << '\n' << numbers.str();
    }
    out << "unset logscale\nunset title\nunset tics\nunset border\nunset grid\nset yrange [0:1]\n"
           "set xrange [0:1]\nset key center center\nplot ";
    bool first = true;
    for (const Line& line : lines) {
        if (*line.title == 0) continue;
        out << (first ? "" : ", ") << "NaN with linespoints " << line.style << " title \""
            << line.title << '"';
        first = false;
    }
    out << "\nunset multiplot\n";
    const int height = static_cast<int>(rows) * 230;
    return ermine::gnuplot(
        {.path = file, .width = static_cast<int>(columns) * 300, .height = height}, out.str());
}

}  // namespace linear
