// SPDX-License-Identifier: MIT
#pragma once

#include "interrupt.hpp"
#include "maybe.hpp"
#include "solve.hpp"
#include "stalled.hpp"

#include <ermine/data/data_error.hpp>
#include <ermine/observers/checkpoint.hpp>
#include <ermine/observers/progress_bar.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/solvers/resume.hpp>

#include <optional>

/// Saves the run from time to time, if that is asked for.
struct MaybeCheckpoint {
    static constexpr bool keeps_runs = true;
    std::optional<ermine::Checkpoint> checkpoint = {};

    void keep(const auto& progress, const auto& run) {
        if (checkpoint) checkpoint->keep(progress, run);
    }
};

/// Minimizes f by a sentence of the library, with the stop rules and observers that were asked for.
template <class F, class Sentence>
ermine::Result<Eigen::VectorXd> run_method(const Problem& problem, const Method& m, Watchers& watch,
                                           const F& f, const Sentence& sentence) {
    struct ValidationRisk {
        const std::function<double(const Eigen::VectorXd&)>& risk;
        double value(const Eigen::VectorXd& x) const { return risk(x); }
    };
    const ValidationRisk validation{problem.validation_risk};
    Maybe<ermine::GradientNorm> norm;
    if (m.tolerance) norm.rule = ermine::GradientNorm{*m.tolerance};
    Maybe<ermine::Patience<ValidationRisk>> early;
    if (m.patience) early.rule = ermine::patience(validation, {.epochs = *m.patience});
    Maybe<Stalled> stalled;
    if (m.solver == "newton") stalled.rule = Stalled{};

    const Interrupt interrupt;
    ermine::ProgressBar bar{.epochs = m.epochs, .quiet = m.quiet};
    const auto write = [&](const auto& progress) { watch.see(progress); };
    MaybeCheckpoint saved;
    if (!m.checkpoint.empty())
        saved.checkpoint.emplace(m.checkpoint,
                                 ermine::CheckpointOptions{.seconds = m.checkpoint_seconds});
    // a file that is not there is a run that begins
    const auto start = ermine::resume(m.resume ? m.checkpoint : "", problem.start);
    try {
        auto result =
            ermine::minimize(f, start, sentence,
                             ermine::first_of([](const auto&) { return Interrupt::asked(); }, norm,
                                              early, stalled, ermine::MaxEpochs{m.epochs}),
                             bar, write, saved);
        if (saved.checkpoint) saved.checkpoint->close();
        return result;
    } catch (const OtherMethod& error) {
        throw ermine::DataError(m.checkpoint, error.what());
    }
}
