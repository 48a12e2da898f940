// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace ermine {

/// Why a run ended.
enum class Status {
    converged,
    early_stopped,
    stopped,
    max_iterations,
    max_epochs,
    time_limit,
    no_progress,
    diverged,
    unbounded,
    separable,
    non_finite
};

/// The status in a word, as `train --json` prints it.
constexpr std::string_view name(Status status) {
    switch (status) {
        case Status::converged:
            return "converged";
        case Status::early_stopped:
            return "early_stopped";
        case Status::stopped:
            return "stopped";
        case Status::max_iterations:
            return "max_iterations";
        case Status::max_epochs:
            return "max_epochs";
        case Status::time_limit:
            return "time_limit";
        case Status::no_progress:
            return "no_progress";
        case Status::diverged:
            return "diverged";
        case Status::unbounded:
            return "unbounded";
        case Status::separable:
            return "separable";
        case Status::non_finite:
            return "non_finite";
    }
    return "unknown";
}

/// What the status means and what one may do about it, in a sentence.
constexpr std::string_view advice(Status status) {
    switch (status) {
        case Status::converged:
            return "the asked accuracy is reached";
        case Status::early_stopped:
            return "the validation risk stopped improving; the best point seen is returned";
        case Status::stopped:
            return "a stop rule of the caller's ended the run";
        case Status::max_iterations:
            return "the iterations ran out first: raise MaxIterations, or choose a faster method";
        case Status::max_epochs:
            return "the epochs ran out first: raise MaxEpochs, or try another step";
        case Status::time_limit:
            return "the time ran out first: raise TimeLimit";
        case Status::no_progress:
            return "no better point was found along the direction: this is as good as the "
                   "arithmetic allows, or the gradient is wrong (check_gradient tells)";
        case Status::diverged:
            return "the values grew: the step is too long (with a constant one, longer than 2/L); "
                   "the lowest point seen is returned";
        case Status::unbounded:
            return "the values fall without end, to -infinity: the function has no minimum there; "
                   "the lowest finite point seen is returned";
        case Status::separable:
            return "the classes are separable and nothing is penalized, so that there is no "
                   "minimum: the values fall towards it along the point that is returned; add "
                   "L2{...}";
        case Status::non_finite:
            return "a value or gradient was NaN or infinite; the last good point is returned";
    }
    return "";
}

}  // namespace ermine
