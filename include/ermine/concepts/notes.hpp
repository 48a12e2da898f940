// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clip_counts.hpp>

#include <cstdint>
#include <optional>

namespace ermine {

/// What the parts of a method have to say at the end of a run, beside the answer: a part that has
/// something to say offers `note(state, notes)`.
struct Notes {
    /// Estimated condition number of the last Hessian that was factored.
    std::optional<double> condition_number;
    /// How many Hessians were not positive definite and were changed.
    std::int64_t regularized_hessians = 0;
    /// How many eigenvalues of the last Hessian that was factored are negative, where the
    /// factorization tells: at a stationary point, 0 says a minimum and more a saddle.
    std::optional<std::int64_t> negative_eigenvalues;
    /// The constant step that was taken from the objective's theory, where none was given.
    std::optional<double> natural_step;
    /// How often the gradient was clipped; of several parts that clip, the one that did most often.
    ClipCounts clips = {};
    /// Of `multi_start`: how many starting points were used, ...
    std::int64_t starts = 0;
    /// ... at how many different points runs ended that found no lower one near, ...
    std::int64_t minima = 0;
    /// ... and how many of them at the best.
    std::int64_t best_minimum_runs = 0;
};

}  // namespace ermine
