// SPDX-License-Identifier: MIT

#include "profile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double widest = 16;  // of the ratios that are shown

/// Ratios to the least cost of each work that anybody solves, in order.
std::vector<double> ratios(const Panel& panel, const Costs& of) {
    std::vector<double> all;
    for (std::size_t i = 0; i < of.costs.size(); ++i) {
        double least = infinity;
        for (const Costs& other : panel.contestants) least = std::min(least, other.costs[i]);
        if (least < infinity) all.push_back(of.costs[i] / least);
    }
    std::sort(all.begin(), all.end());
    return all;
}

void print_steps(std::FILE* out, const std::vector<double>& ratios) {
    double share = 0;
    std::fprintf(out, "1 0\n");
    for (const double ratio : ratios) {
        if (!(ratio <= widest)) break;
        share += 1 / static_cast<double>(ratios.size());
        std::fprintf(out, "%.6g %.6g\n", ratio, share);
    }
    std::fprintf(out, "%g %.6g\ne\n", widest, share);
}

}  // namespace

bool draw_profiles(const std::vector<Panel>& panels, const std::string& file) {
    std::FILE* out = popen("gnuplot", "w");
    if (!out) return false;
    const bool png = file.ends_with(".png");
    const int height = 440 * static_cast<int>(panels.size());
    std::fprintf(out, "set terminal %s size 900,%d font 'sans,12'\nset output '%s'\n",
                 png ? "pngcairo" : "svg", height, file.c_str());
    std::fprintf(
        out,
        "set multiplot layout %zu,1\nset logscale x 2\nset xrange [1:%g]\n"
        "set yrange [0:1]\nset grid\nset key outside right\n"
        "set xlabel 'evaluations / fewest of all'\nset ylabel 'share of problems solved'\n",
        panels.size(), widest);
    for (const Panel& panel : panels) {
        std::fprintf(out, "set title \"%s\"\nplot ", panel.title.c_str());
        for (std::size_t i = 0; i < panel.contestants.size(); ++i) {
            const std::string& name = panel.contestants[i].name;
            std::fprintf(out, "%s'-' with steps lw %g dt %zu lc %zu title \"%s\"", i ? ", " : "",
                         name.starts_with("ermine ") ? 3.0 : 1.5, i / 8 + 1, i % 8 + 1,
                         name.c_str());
        }
        std::fprintf(out, "\n");
        for (const Costs& costs : panel.contestants) print_steps(out, ratios(panel, costs));
    }
    std::fprintf(out, "unset multiplot\n");
    return pclose(out) == 0;
}
