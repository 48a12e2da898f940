// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clip_counts.hpp>
#include <ermine/data/data_error.hpp>

#include <Eigen/Core>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace ermine {

/// Options of Trace.
struct TraceOptions {
    std::int64_t every = 1;  ///< iterations between two lines; the last one is written in any case
};

/// Writes a run to a file, a JSON object on each line:
///
///     {"iteration":3,"epoch":3,"value":0.4,"gradient_norm":0.02,"validation":null,"step":1,…}
///
/// `value`: the method's own; with minibatches the mean over the epoch's batches.
/// `gradient_norm`: ‖∇F‖∞ where the method has it for free; with minibatches ‖g‖∞ of the last
/// batch's gradient, before clipping and the like, where these leave it (they do unless one of them
/// works on the whole of it, see Progress::gradient_norm_here).
/// `validation`: the risk that a stop rule looks at. `step`: the length of the last step.
/// `update_ratio`: ‖xₖ₊₁ − xₖ‖₂ / ‖xₖ‖₂ of the last step.
/// `clip_rate`: of the steps since the line before, the share that ClipByNorm, ClipByBlockNorm or
/// AdaptiveClip has shortened (ClipByValue does not count: that would take a pass of its own).
/// `examples_per_second`: gradients of examples that were taken since the line before.
/// `seconds`: since the trace was made; always the last of the keys.
///
/// What is not known, or is no finite number, is null. For the update ratio the point is copied in
/// the iteration before a line is due, so that other iterations cost a comparison; the last line,
/// which nobody expects, has none if it falls between. Lines reach the file within a second or so.
/// A write that fails does not disturb the run: close() throws it, and the destructor prints it to
/// stderr if nobody asked.
class Trace {
public:
    /// Throws DataError if the file cannot be made, std::invalid_argument for every < 1.
    explicit Trace(std::string path, TraceOptions options = {})
        : path_(std::move(path)), options_(options) {
        if (options_.every < 1)
            throw std::invalid_argument("TraceOptions.every is " + std::to_string(options_.every) +
                                        ": it must be at least 1");
        errno = 0;
        file_.reset(std::fopen(path_.c_str(), "w"));
        if (!file_)
            throw DataError(path_, std::string("cannot be written: ") + std::strerror(errno));
        began_ = flushed_ = std::chrono::steady_clock::now();
        line_.reserve(512);
    }

    Trace(Trace&&) = default;

    ~Trace() {
        finish();
        if (failure_ != 0)
            std::fprintf(stderr, "%s: the trace is not complete: %s\n", path_.c_str(),
                         std::strerror(failure_));
    }

    /// Called by the loop.
    void see(const auto& progress) {
        const std::int64_t iteration = progress.iteration();
        if (!file_ || iteration == written_) return;
        if (!begun_) remember(progress, std::chrono::steady_clock::now());
        if (iteration % options_.every == 0 || progress.stopping) write(progress);
        if (file_ && (iteration + 1) % options_.every == 0 && !progress.stopping) {
            before_ = progress.iterate().template cast<double>();
            before_iteration_ = iteration;
        }
    }

    /// Ends the file. Throws DataError if anything could not be written.
    void close() {
        finish();
        if (failure_ != 0)
            throw DataError(path_, std::string("the trace is not complete: ") +
                                       std::strerror(std::exchange(failure_, 0)));
    }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    using Time = std::chrono::steady_clock::time_point;

    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

    std::string path_;
    TraceOptions options_;
    std::unique_ptr<std::FILE, Close> file_;
    Time began_;
    Time flushed_;
    std::string line_;
    int failure_ = 0;
    // of the line before, or where the run began
    bool begun_ = false;
    std::int64_t written_ = -1;
    Time line_time_;
    std::int64_t examples_ = 0;
    ClipCounts clips_;
    // the point from which the step is taken that the next line is about
    Eigen::VectorXd before_;
    std::int64_t before_iteration_ = -1;

    void write(const auto& progress) {
        const auto now = std::chrono::steady_clock::now();
        line_.clear();
        add("{\"iteration\":", progress.iteration());
        add(",\"epoch\":", progress.epoch());
        add(",\"value\":", progress.value());
        add(",\"gradient_norm\":", progress.gradient_norm_here());
        add(",\"validation\":", progress.validation.value_or(unknown));
        add(",\"step\":", progress.step());
        add(",\"update_ratio\":", update_ratio(progress));
        add(",\"clip_rate\":", clip_rate(progress.clips()));
        add(",\"examples_per_second\":", throughput(progress, now));
        add(",\"seconds\":", std::chrono::duration<double>(now - began_).count());
        line_ += "}\n";
        written_ = progress.iteration();
        remember(progress, now);
        errno = 0;
        if (std::fwrite(line_.data(), 1, line_.size(), file_.get()) != line_.size()) {
            fail();
        } else if (now - flushed_ > std::chrono::seconds(1) || progress.stopping) {
            flushed_ = now;
            if (std::fflush(file_.get()) != 0) fail();
        }
    }

    void remember(const auto& progress, Time now) {
        begun_ = true;
        line_time_ = now;
        examples_ = progress.counts().examples;
        clips_ = progress.clips();
    }

    double update_ratio(const auto& progress) const {
        if (before_iteration_ < 0 || before_iteration_ + 1 != progress.iteration()) return unknown;
        const auto& x = progress.iterate();
        return (x.template cast<double>() - before_).norm() / before_.norm();
    }

    double clip_rate(const ClipCounts& now) const {
        const std::int64_t steps = now.steps - clips_.steps;
        if (steps <= 0) return unknown;
        return static_cast<double>(now.shortened - clips_.shortened) / static_cast<double>(steps);
    }

    double throughput(const auto& progress, Time now) const {
        const std::int64_t examples = progress.counts().examples - examples_;
        if (progress.examples() == 0 || examples == 0) return unknown;
        return static_cast<double>(examples) /
               std::chrono::duration<double>(now - line_time_).count();
    }

    void fail() {
        failure_ = errno != 0 ? errno : EIO;
        file_.reset();
    }

    void finish() {
        errno = 0;
        if (file_ && std::fclose(file_.release()) != 0) failure_ = errno != 0 ? errno : EIO;
    }

    /// The shortest text that reads back as the same number.
    template <class Number>
    void add(std::string_view key, Number number) {
        line_ += key;
        if constexpr (std::floating_point<Number>) {
            if (!std::isfinite(number)) {
                line_ += "null";
                return;
            }
        }
        char digits[32];
        line_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
    }
};

}  // namespace ermine
