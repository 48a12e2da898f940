// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "fit.hpp"
#include "problem.hpp"

namespace linear {

/// LIBLINEAR's library on the problem, its arrays of nodes built when this is made. Each fit runs
/// in a forked child over the same memory, so that the cap can end it.
class Liblinear {
public:
    explicit Liblinear(const Problem& problem);
    ~Liblinear();
    Liblinear(const Liblinear&) = delete;
    Liblinear& operator=(const Liblinear&) = delete;

    /// Its solvers of this objective, by the number behind -s.
    [[nodiscard]] std::vector<int> solvers() const;

    /// The seconds of `train` alone.
    [[nodiscard]] Fit fit(int solver, double eps, double cap) const;

private:
    struct Nodes;
    const Problem& problem_;
    std::unique_ptr<Nodes> nodes_;
};

}  // namespace linear
