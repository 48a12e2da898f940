// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/data/data_error.hpp>

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
/// with "seconds", since the trace was made, as the last of its keys.
/// `value` is the method's own (with minibatches the mean over the epoch's batches), and
/// `gradient_norm` is ‖∇F‖∞ where the method has it for free. What is not known, or is no finite
/// number, is null. Lines reach the file within a second or so. A write that fails does not
/// disturb the run: close() throws it, and the destructor prints it to stderr if nobody asked.
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
        const bool due = progress.iteration() % options_.every == 0 || progress.stopping;
        if (!file_ || !due || progress.iteration() == written_) return;
        written_ = progress.iteration();
        const auto now = std::chrono::steady_clock::now();
        line_.clear();
        add("{\"iteration\":", progress.iteration());
        add(",\"epoch\":", progress.epoch());
        add(",\"value\":", progress.value());
        add(",\"gradient_norm\":", progress.stationarity_here());
        add(",\"validation\":", progress.validation.value_or(unknown));
        add(",\"step\":", progress.step());
        add(",\"seconds\":", std::chrono::duration<double>(now - began_).count());
        line_ += "}\n";
        errno = 0;
        if (std::fwrite(line_.data(), 1, line_.size(), file_.get()) != line_.size()) {
            fail();
        } else if (now - flushed_ > std::chrono::seconds(1) || progress.stopping) {
            flushed_ = now;
            if (std::fflush(file_.get()) != 0) fail();
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

    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

    std::string path_;
    TraceOptions options_;
    std::unique_ptr<std::FILE, Close> file_;
    std::chrono::steady_clock::time_point began_;
    std::chrono::steady_clock::time_point flushed_;
    std::int64_t written_ = -1;
    std::string line_;
    int failure_ = 0;

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
