// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

/// A contestant's cost on each work, infinite where it did not solve it.
struct Costs {
    std::string name;
    std::vector<double> costs;
};

/// One panel of the picture.
struct Panel {
    std::string title;
    std::vector<Costs> contestants;
};

/// Draws, through gnuplot, the performance profiles of Dolan & Moré ("Benchmarking optimization
/// software with performance profiles", Mathematical Programming 91, 2002): over τ the share of
/// works that a contestant solves at a cost of at most τ times the least of all in the panel.
/// The file's ending says SVG or PNG. Returns whether gnuplot was there and made it.
bool draw_profiles(const std::vector<Panel>& panels, const std::string& file);
