// SPDX-License-Identifier: MIT

#include "profile.hpp"

#include <ermine/observers/gnuplot.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>
#include <sstream>

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

void print_steps(std::ostream& out, const std::vector<double>& ratios) {
    double share = 0;
    out << "1 0\n";
    for (const double ratio : ratios) {
        if (!(ratio <= widest)) break;
        share += 1 / static_cast<double>(ratios.size());
        out << ratio << ' ' << share << '\n';
    }
    out << widest << ' ' << share << "\ne\n";
}

}  // namespace

bool draw_profiles(const std::vector<Panel>& panels, const std::string& file) {
    std::ostringstream out;
    out << "set multiplot layout " << panels.size()
        << ",1\nset logscale x 2\nset xrange [1:" << widest
        << "]\nset yrange [0:1]\nset grid\nset key outside right\n"
           "set xlabel 'evaluations / fewest of all'\nset ylabel 'share of problems solved'\n";
    for (const Panel& panel : panels) {
        out << "set title \"" << panel.title << "\"\nplot ";
        for (std::size_t i = 0; i < panel.contestants.size(); ++i) {
            const std::string& name = panel.contestants[i].name;
            out << (i ? ", " : "") << "'-' with steps lw "
                << (name.starts_with("ermine ") ? "3" : "1.5") << " dt " << i / 8 + 1 << " lc "
                << i % 8 + 1 << " title \"" << name << '"';
        }
        out << '\n';
        for (const Costs& costs : panel.contestants) print_steps(out, ratios(panel, costs));
    }
    out << "unset multiplot\n";
    const int height = 440 * static_cast<int>(panels.size());
    return ermine::gnuplot({.path = file, .width = 900, .height = height}, out.str()).empty();
}
