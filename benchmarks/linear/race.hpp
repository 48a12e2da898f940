// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "fit.hpp"
#include "problem.hpp"
#include "scikit_learn.hpp"

namespace linear {

inline constexpr std::array accuracies{1e-3, 1e-6, 1e-9};

/// How much is tried.
struct Effort {
    double cap = 10;             ///< Seconds of a fit.
    double sweep_seconds = 100;  ///< For finding the peers' best settings on a problem, about.
    int refinements = 2;         ///< Halvings between a setting that is not there and one that is.
    bool two_threads = true;
    bool few_peers = false;  ///< Without sag, saga and newton-cg where others fit l2.
};

/// A fit of a contestant with one setting.
struct Attempt {
    Way way;
    double knob = 0;  ///< of a peer: 10^−knob is LIBLINEAR's eps, 2^knob scikit-learn's max_iter
    int threads = 1;
    double seconds = INFINITY;
    double value = INFINITY;  ///< F, as the judge finds it

    /// "-e 0.001" or "max_iter 32".
    [[nodiscard]] std::string setting() const;
};

/// A problem, an accuracy and a number of threads.
struct Cell {
    double accuracy = 0;
    int threads = 1;
    double seconds = INFINITY;  ///< ermine's
    double suboptimality = INFINITY;
    double gap = INFINITY;  ///< relative, by ermine's own word; infinite where it has none
    bool solved = false;
    Attempt peer = {};  ///< the fastest that got there; its seconds are the cap where none did
    bool peer_solved = false;

    [[nodiscard]] double ratio() const { return peer.seconds / seconds; }
};

struct Outcome {
    std::string problem;
    double optimum = 0;
    double proof = INFINITY;  ///< the relative gap of the optimum, by the judge
    std::vector<Cell> cells;
    std::vector<Attempt> attempts;
    std::vector<std::string> untried;  ///< peers that the time did not suffice for

    /// A peer that was not tried may have been the fastest.
    [[nodiscard]] bool scored() const { return proof <= 1e-10 && untried.empty(); }
    [[nodiscard]] double suboptimality(double value) const { return (value - optimum) / optimum; }
};

/// The processes that scikit-learn runs in.
struct ScikitLearns {
    explicit ScikitLearns(const std::string& folder);
    ScikitLearn one;
    ScikitLearn passive;
    ScikitLearn active;
};

Outcome race(const Problem& problem, const Effort& effort, ScikitLearns& scikit_learns,
             const std::string& folder);

}  // namespace linear
