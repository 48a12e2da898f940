// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/data/archive.hpp>
#include <ermine/data/archive_reader.hpp>
#include <ermine/data/archive_writer.hpp>
#include <ermine/data/atomic_file.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/numerics/seconds_now.hpp>
#include <ermine/solvers/counts.hpp>
#include <ermine/solvers/objective_mark.hpp>
#include <ermine/solvers/run_identity.hpp>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace ermine {

/// Options of Checkpoint.
struct CheckpointOptions {
    double seconds = 60;          ///< between two; 0: after every round; infinite: never by time
    std::int64_t iterations = 0;  ///< also after every so many; 0: by time alone
};

/// Saves a run from time to time, and when a stop rule ends it, so that `resume` can go on:
///
///     Checkpoint checkpoint("run.ckpt", {.seconds = 60});
///     auto r = minimize(f, resume("run.ckpt", x0), method, stop, checkpoint);
///
/// The file is replaced as a whole: whenever the machine stops, there is the last checkpoint, or
/// the one before. It holds the starting point and the state of the method in the memory's bytes.
/// Nothing is written before the first round is done. A write that fails does not disturb the run,
/// and leaves the last checkpoint; the next is tried when it is due. close() throws what was wrong
/// with the last, and the destructor prints it to stderr if nobody asked. Where the objective is no
/// sum over examples, its mark costs one evaluation, counted as monitoring.
class Checkpoint {
public:
    static constexpr bool keeps_runs = true;

    /// Throws DataError if no file can be made there, or if there is one that is no checkpoint and
    /// would be lost, std::invalid_argument for options below 0.
    explicit Checkpoint(std::string path, CheckpointOptions options = {})
        : path_(std::move(path)), options_(options) {
        if (!(options_.seconds >= 0))
            throw std::invalid_argument("CheckpointOptions.seconds is " +
                                        std::to_string(options_.seconds) +
                                        ": it must not be negative");
        if (options_.iterations < 0)
            throw std::invalid_argument("CheckpointOptions.iterations is " +
                                        std::to_string(options_.iterations) +
                                        ": it must not be negative");
        if (!ArchiveReader::may_replace(path_))
            throw DataError(path_,
                            "would be replaced, and is no checkpoint of ermine; give another name");
        const AtomicFile probe(path_);
    }

    Checkpoint(const Checkpoint&) = delete;
    Checkpoint& operator=(const Checkpoint&) = delete;

    ~Checkpoint() {
        if (!failure_.empty())
            std::fprintf(stderr, "the last checkpoint was not written: %s\n", failure_.c_str());
    }

    /// Called by the loop.
    void keep(const auto& progress, const auto& run) {
        const double now = seconds_now();
        if (run.begin != begin_) {  // another run
            begin_ = run.begin;
            saved_at_ = now;
            saved_ = progress.iteration();
            mark_.reset();
        }
        const std::int64_t k = progress.iteration();
        if (k == 0 || (k == saved_ && !progress.stopping)) return;
        const bool counted = options_.iterations > 0 && k % options_.iterations == 0;
        if (!counted && !progress.stopping && !(now - saved_at_ >= options_.seconds)) return;
        save(run, now);
        saved_ = k;
        saved_at_ = seconds_now();
    }

    /// Throws DataError if the last checkpoint could not be written.
    void close() {
        if (!failure_.empty())
            throw DataError(path_,
                            "the last checkpoint was not written: " + std::exchange(failure_, {}));
    }

private:
    std::string path_;
    CheckpointOptions options_;
    double begin_ = -1;
    double saved_at_ = 0;
    std::int64_t saved_ = 0;
    std::optional<ObjectiveMark> mark_;
    std::string failure_;

    template <class R>
    void save(const R& run, double now) {
        using F = std::remove_cvref_t<decltype(run.f)>;
        using V = std::remove_cvref_t<decltype(run.origin)>;
        Counts counts = run.counts;  // without the mark: a run that is resumed makes it again
        if constexpr (ObjectiveMark::costs<F, V>) {
            if (mark_)
                --counts.monitoring;
            else
                ++run.counts.monitoring;
        }
        if (!mark_) mark_ = ObjectiveMark::of(run.f, run.origin);
        RunIdentity identity = RunIdentity::of(run, *mark_);
        double seconds = now - run.begin;
        try {
            ArchiveWriter::write(path_, [&](ArchiveWriter& file) {
                archive(file, identity);
                archive(file, run.origin);
                archive(file, counts);
                archive(file, seconds);
                archive(file, run);
            });
            failure_.clear();
        } catch (const std::exception& error) {
            failure_ = error.what();
        }
    }
};

}  // namespace ermine
