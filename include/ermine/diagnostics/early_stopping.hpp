// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/solvers/patience.hpp>

namespace ermine {

/// What early stopping would have done with a run that went on. Made by `early_stopping`.
struct EarlyStopping {
    int patience = 5;          ///< epochs that it waits
    bool stops = false;        ///< before the end of the run
    double stopped_epoch = 0;  ///< or the last one
    double answer_epoch = 0;   ///< of the best so far, which it answers with
    double answer = std::numeric_limits<double>::quiet_NaN();  ///< NaN: nothing finite so far
    double best_epoch = 0;                                     ///< of the whole run
    double best = 0;

    /// By how much the answer is worse than the best of the run: what it costs not to wait.
    [[nodiscard]] double regret() const { return std::abs(answer - best); }

    friend std::ostream& operator<<(std::ostream& out, const EarlyStopping& e) {
        char text[240];
        std::snprintf(text, sizeof text, "patience of %d epochs: %s epoch %g, answers %.4g of %g",
                      e.patience, e.stops ? "stops at" : "goes on to the last one,",
                      e.stopped_epoch, e.answer, e.answer_epoch);
        out << text;
        if (e.best_epoch > e.answer_epoch) {
            std::snprintf(text, sizeof text, "; the run found %.4g at %g", e.best, e.best_epoch);
            out << text;
        }
        return out << '\n';
    }
};

/// Where the stop rule `patience` would have stopped a run whose validation risk was recorded once
/// an epoch (Goodfellow, Bengio & Courville, "Deep learning", 2016, algorithm 7.1). Values that are
/// not finite are no improvement. Throws std::invalid_argument for lists of unequal length, none,
/// epochs that do not increase, and a patience below 1.
[[nodiscard]] inline EarlyStopping early_stopping(const std::vector<double>& epochs,
                                                  const std::vector<double>& validation,
                                                  const PatienceOptions& options = {},
                                                  bool higher_is_better = false) {
    if (epochs.size() != validation.size() || epochs.empty())
        throw std::invalid_argument("early_stopping: " + std::to_string(epochs.size()) +
                                    " epochs and " + std::to_string(validation.size()) +
                                    " values: give both for at least one");
    if (options.epochs < 1)
        throw std::invalid_argument("early_stopping: a patience of " +
                                    std::to_string(options.epochs) +
                                    " epochs: it must be at least 1");
    const double sign = higher_is_better ? -1 : 1;
    EarlyStopping result{.patience = options.epochs};
    const auto better = [&](std::size_t k, double than, bool first) {
        return std::isfinite(validation[k]) && (first || sign * validation[k] < sign * than);
    };
    bool none = true;
    bool none_before = true;
    // as the rule does: until something finite was seen, it waits from 0 on
    for (std::size_t k = 0; k < epochs.size(); ++k) {
        if (k > 0 && !(epochs[k] > epochs[k - 1]))
            throw std::invalid_argument("early_stopping: epoch " + std::to_string(epochs[k]) +
                                        " follows " + std::to_string(epochs[k - 1]) +
                                        ": give the epochs of one run, increasing");
        if (better(k, result.best, none)) {
            result.best = validation[k];
            result.best_epoch = epochs[k];
            none = false;
        }
        if (result.stops) continue;
        result.stopped_epoch = epochs[k];
        if (better(k, result.answer, none_before)) {
            result.answer = validation[k];
            result.answer_epoch = epochs[k];
            none_before = false;
        }
        result.stops = epochs[k] - result.answer_epoch >= options.epochs;
    }
    if (none) throw std::invalid_argument("early_stopping: no value is finite");
    return result;
}

}  // namespace ermine
