// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/data/archive.hpp>
#include <ermine/data/archive_reader.hpp>
#include <ermine/solvers/counts.hpp>
#include <ermine/solvers/objective_mark.hpp>
#include <ermine/solvers/run_identity.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace ermine {

/// A starting point that is only used where there is no checkpoint yet: made by `resume`.
template <Vector V>
class Resumed {
public:
    using PlainObject = V;
    static constexpr bool resumes = true;

    Resumed(std::string path, V x0) : path_(std::move(path)), x0_(std::move(x0)) {}

    operator const V&() const { return x0_; }

    /// Called by the loop once everything is made: fills it from the file, if there is one.
    void go_on(const auto& run) const {
        std::optional<ArchiveReader> file = ArchiveReader::open(path_);
        if (!file) return;
        RunIdentity saved;
        archive(*file, saved);
        if (const std::string difference = saved.difference(RunIdentity::of(run, {}));
            !difference.empty())
            file->refuse(difference);
        archive(*file, run.origin);
        const auto mark = ObjectiveMark::of(run.f, run.origin);
        if (!saved.mark.template agrees<typename V::Scalar>(mark))
            file->refuse(saved.other_objective(mark));
        double seconds = 0;
        archive(*file, run.counts);
        archive(*file, seconds);
        archive(*file, run);
        file->finish();
        run.begin -= seconds;
    }

private:
    std::string path_;
    V x0_;
};

/// Where a run goes on that a Checkpoint has saved, or begins, at x0, if there is no such file:
///
///     Checkpoint checkpoint("run.ckpt", {.seconds = 60});
///     auto r = minimize(f, resume("run.ckpt", x0), method, stop, checkpoint);
///
/// It ends with the same bits as a run that was never interrupted: the method, its samplers and
/// schedules, the stop rule and the counts go on where they were. The rule is asked once more about
/// the round at which the run was saved. Options of the method and of the rule may be changed (a
/// rate, a number of epochs), but not their types, nor sizes of what they keep, such as
/// LBFGS.memory. What a callable, an observer or the objective itself remembers is not saved.
/// `minimize` throws DataError, with one sentence, for a file that is damaged, or of another
/// objective, method, stop rule, version, number of parameters or of examples, or type of numbers.
template <class X>
Resumed<PlainVector<X>> resume(std::string path, const X& x0) {
    return {std::move(path), x0};
}

}  // namespace ermine
