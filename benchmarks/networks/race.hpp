// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../torch_child.hpp"
#include "task.hpp"

namespace networks {

/// What one contestant did on one work.
struct Finish {
    Work work;
    std::string contestant;
    std::string uses;  ///< what multiplies its matrices
    int threads;
    double seconds;  ///< a step
    double share;    ///< of the speed of a large product in the same run
    double loss;     ///< mean of the first steps

    [[nodiscard]] double samples() const { return static_cast<double>(work.batch) / seconds; }
};

/// PyTorch in each of its settings on so many threads, started once for all works.
struct Peers {
    int threads;
    bool processor_time;  ///< what is counted, for all contestants
    std::vector<TorchSetting> settings;
    std::vector<std::unique_ptr<TorchChild>> children;

    Peers(int thread_count, bool counts_processor_time);
    [[nodiscard]] bool here() const;
};

/// What the contestants of a work did, taken in turns, so many rounds of about `stretch` seconds
/// each; ermine's first, ermine with BLAS behind it where there is one, then PyTorch's.
struct Race {
    std::vector<Finish> finishes;
    double peak;  ///< floating-point operations a second: large products by Eigen or OpenBLAS
    std::string peak_of;
};

Race race(const Work& work, Peers& peers, int rounds, double stretch);

}  // namespace networks
