// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>

namespace ermine {

/// What makes training slow or bad, of all that `diagnose` knows.
enum class Difficulty {
    ill_conditioned,     ///< the curvature differs by orders of magnitude between directions
    saddle_point,        ///< the gradient is small, and some direction leads down
    cliff,               ///< the gradient jumps by orders of magnitude within a step
    plateau,             ///< the value stands still although it is no minimum
    vanishing_gradient,  ///< layers far from the loss hardly learn
    exploding_gradient,  ///< the gradient grows by orders of magnitude, with depth or along a run
    unshuffled,          ///< examples come in a correlated order
    small_batch,         ///< most of a step is noise, and a larger batch would cost less in all
    long_step,           ///< steps are past what the curvature allows
    overfitting,         ///< the training risk falls, the validation risk rises
    noisy_gradient,      ///< the noise of the gradient, not the method, holds the value up
    bad_initialization,  ///< signals shrink, grow or saturate from layer to layer before training
    dead_units           ///< units that hand on the same number for all examples
};

/// What helps against batches that are too small, and against noise: each is seen in several ways.
inline constexpr const char* larger_batches =
    "Minibatch with a larger .size, or growing_minibatch; advise_batch_size(f, x) weighs the noise "
    "against this machine";
inline constexpr const char* less_noise =
    "steps that shrink, InverseTime{} or Cosine{}; Average{} over the iterates; a larger batch";

/// How many difficulties there are.
inline constexpr std::size_t difficulties = 13;

/// The difficulty in a word or two, the same in print and in JSON.
constexpr const char* name_of(Difficulty difficulty) {
    switch (difficulty) {
        case Difficulty::ill_conditioned:
            return "ill-conditioned";
        case Difficulty::saddle_point:
            return "saddle point";
        case Difficulty::cliff:
            return "cliff";
        case Difficulty::plateau:
            return "plateau";
        case Difficulty::vanishing_gradient:
            return "vanishing gradient";
        case Difficulty::exploding_gradient:
            return "exploding gradient";
        case Difficulty::unshuffled:
            return "unshuffled examples";
        case Difficulty::small_batch:
            return "small batch";
        case Difficulty::long_step:
            return "long step";
        case Difficulty::overfitting:
            return "overfitting";
        case Difficulty::noisy_gradient:
            return "noisy gradient";
        case Difficulty::bad_initialization:
            return "bad initialization";
        case Difficulty::dead_units:
            return "dead units";
    }
    return "unknown";
}

/// One thing that is the matter, found by `diagnose`.
struct Finding {
    Difficulty what = Difficulty::ill_conditioned;
    /// From 0 to 1, see `confidence_of`: 0.5 where the measurement is at the threshold from which a
    /// difficulty is reported, 0.75 at twice and 0.95 at ten times the threshold.
    double confidence = 0;
    std::string evidence;  ///< what was measured, in numbers
    std::string advice;    ///< what to try, in the library's own names
};

/// The confidence of a measurement that is reported from a threshold on: 1 − threshold / (2
/// measured), 0 below the threshold or where nothing could be measured.
inline double confidence_of(double measured, double threshold) {
    if (!(measured >= threshold)) return 0;
    return std::isinf(measured) ? 1 : 1 - threshold / (2 * measured);
}

/// Numbers in a sentence, by the rules of printf.
template <class... Numbers>
std::string formatted(const char* format, Numbers... numbers) {
    char text[512];
    std::snprintf(text, sizeof text, format, numbers...);
    return text;
}

}  // namespace ermine
