// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "problem.hpp"
#include "race.hpp"

/// A method of somebody's.
struct Contestant {
    enum class Kind {
        limited,   ///< memory of a few vectors, gradients alone: scored against each other
        gradient,  ///< gradients alone
        hessian
    };

    std::string name;
    Kind kind;
    /// Minimizes from the work's start; returns how it says it ended. Empty for one that only
    /// races.
    std::function<std::string(Problem&)> run;
    /// Minimizes from x, where the answer is left; not every contestant races.
    std::function<void(const Race&, double* x)> race = {};
    int longest_race = 1000;  ///< variables

    const char* uses() const { return kind == Kind::hessian ? "hessian" : "gradient"; }
    bool is_ermine() const { return name.starts_with("ermine "); }
};

/// One file each.
std::vector<Contestant> ermine_contestants();
std::vector<Contestant> ermine_newton_contestants();
std::vector<Contestant> ermine_trust_region_contestants();
std::vector<Contestant> dlib_contestants();
std::vector<Contestant> nlopt_contestants();
std::vector<Contestant> liblbfgs_contestants();
std::vector<Contestant> ceres_contestants();
std::vector<Contestant> gsl_contestants();
