// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include <sys/types.h>

#include "fit.hpp"
#include "problem.hpp"

namespace linear {

/// Writes the problem's numbers as float64 to a folder, from which scikit_learn.py takes them: as
/// rows, as CSR, or as both where either may be the faster.
void write_for_scikit_learn(const Problem& problem, const std::string& folder);

/// scikit-learn's solvers of this objective, with the forms that they may be fast on.
std::vector<Way> scikit_learn_ways(const Problem& problem);

/// scikit-learn in a process of its own that keeps the data in memory. Between two fits it is
/// stopped, so that threads that wait by spinning do not take the processor from the others. One
/// that takes too long is killed, and another started when it is needed.
class ScikitLearn {
public:
    /// `waiting` is OpenMP's policy. It starts when it is first asked for something.
    ScikitLearn(std::string folder, int threads, std::string waiting);
    ~ScikitLearn();
    ScikitLearn(const ScikitLearn&) = delete;
    ScikitLearn& operator=(const ScikitLearn&) = delete;

    /// Empty where there is none.
    [[nodiscard]] const std::string& version() {
        if (pid_ < 0 && version_.empty()) start();
        return version_;
    }

    /// The folder's files have changed.
    void forget() { loaded_ = false; }

    /// At most so many rounds, with a tolerance that does not end it before where it is 0.
    [[nodiscard]] Fit fit(const Problem& problem, const Way& way, long rounds, double tol,
                          double cap);

private:
    std::string folder_;
    int threads_;
    std::string waiting_;
    std::string version_;
    pid_t pid_ = -1;
    int to_ = -1;
    int from_ = -1;
    bool loaded_ = false;

    void start();
    void stop();
    /// Empty where there is no answer in so many seconds.
    std::string ask(const std::string& line, double patience);
    std::string answer(double patience);
};

}  // namespace linear
