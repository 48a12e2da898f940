// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#if __has_include(<sys/ioctl.h>) && __has_include(<unistd.h>)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace ermine {

/// Shows how a run goes: epoch, loss, validation risk, examples a second, and the time left where
/// the budget is given. On a terminal it is one live line; in a pipe or file plain lines, at most
/// two a second; with `quiet` nothing.
///
/// It costs a comparison in most rounds: the clock is looked at about fifty times a second, however
/// many rounds there are. The last state is shown when a stop rule ends the run, and the line is
/// ended at the latest when the bar is destroyed. For one run.
struct ProgressBar {
    double epochs = 0;            ///< the run's MaxEpochs, for the time left; 0: not known
    std::int64_t iterations = 0;  ///< the run's MaxIterations, likewise
    bool quiet = false;
    std::FILE* stream = stderr;

    /// What the bar remembers of the run; not to be set.
    struct Run {
        using Time = std::chrono::steady_clock::time_point;
        bool begun = false;
        bool live = false;
        bool open = false;  // a line is on the terminal that was not ended
        std::int64_t next = 0;
        std::int64_t stride = 1;
        std::int64_t looked_at = 0;
        std::int64_t shown_at = -1;
        Time began = {};
        Time looked = {};
        Time shown = {};
    };
    Run run = {};

    ~ProgressBar() { end_line(); }

    /// Called by the loop.
    void see(const auto& progress) {
        const bool last = progress.stopping.has_value();
        if (quiet || (progress.iteration() < run.next && !last)) return;
        const auto now = std::chrono::steady_clock::now();
        if (!run.begun) begin(now);
        pace(progress.iteration(), now);
        const auto pause = std::chrono::milliseconds(run.live ? 100 : 500);
        if (last ? run.shown_at != progress.iteration() : now - run.shown >= pause)
            show(progress, now);
        if (last) end_line();
    }

private:
    void begin(Run::Time now) {
        run.begun = true;
        run.began = run.looked = run.shown = now;
#if __has_include(<sys/ioctl.h>) && __has_include(<unistd.h>)
        run.live = isatty(fileno(stream)) != 0;
#endif
    }

    /// Sets the round of the next look so that looks are about 20 ms apart.
    void pace(std::int64_t iteration, Run::Time now) {
        const std::chrono::duration<double> passed = now - run.looked;
        const auto rounds = static_cast<double>(iteration - run.looked_at);
        const double wanted = rounds * 0.02 / std::max(passed.count(), 1e-9);
        const double most = 2 * static_cast<double>(run.stride);
        run.stride = static_cast<std::int64_t>(std::clamp(wanted, 1.0, most));
        run.next = iteration + run.stride;
        run.looked_at = iteration;
        run.looked = now;
    }

    void show(const auto& progress, Run::Time now) {
        const double seconds = std::chrono::duration<double>(now - run.began).count();
        const bool sum = progress.examples() > 0;
        double done = 0;
        std::string line;
        if (sum) {
            line = "epoch " + number("%.1f", progress.epoch());
            if (epochs > 0) line += number("/%.0f", epochs);
        } else {
            line = "iteration " + std::to_string(progress.iteration());
            if (iterations > 0) line += '/' + std::to_string(iterations);
        }
        if (epochs > 0) done = progress.epoch() / epochs;
        if (iterations > 0)
            done = std::max(
                done, static_cast<double>(progress.iteration()) / static_cast<double>(iterations));
        done = std::min(done, 1.0);
        if (run.live && (epochs > 0 || iterations > 0)) line += ' ' + bar(done);
        if (const double value = progress.value(); !std::isnan(value))
            line += number("  loss %.6g", value);
        if (progress.validation) line += number("  validation %.4g", *progress.validation);
        if (seconds > 0) {
            const double work =
                static_cast<double>(sum ? progress.counts().examples : progress.iteration());
            line += "  " + short_number(work / seconds) + (sum ? " examples/s" : " iterations/s");
        }
        if (progress.stopping)
            line += "  " + duration(seconds);
        else if (done > 0)
            line += "  " + duration(seconds * (1 - done) / done) + " left";
        print(line);
        run.shown = now;
        run.shown_at = progress.iteration();
    }

    void print(std::string line) {
        if (run.live) {
            line.resize(std::min(line.size(), width()));
            std::fprintf(stream, "\r%s\x1b[K", line.c_str());
            run.open = true;
        } else {
            std::fprintf(stream, "%s\n", line.c_str());
        }
        std::fflush(stream);
    }

    void end_line() {
        if (run.open) std::fputc('\n', stream);
        run.open = false;
    }

    /// Characters that fit on a line of the terminal without wrapping.
    std::size_t width() const {
#if __has_include(<sys/ioctl.h>) && __has_include(<unistd.h>)
        winsize size = {};
        if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
            return static_cast<std::size_t>(size.ws_col) - 1;
#endif
        return 79;
    }

    static std::string bar(double done) {
        constexpr std::size_t length = 16;
        const auto full = static_cast<std::size_t>(done * length);
        std::string text = '[' + std::string(full, '=') + std::string(length - full, ' ') + ']';
        if (full < length) text[1 + full] = '>';
        return text;
    }

    static std::string number(const char* format, double value) {
        char text[64];
        std::snprintf(text, sizeof text, format, value);
        return text;
    }

    /// 950, 12.3k, 4.5M, 6.7G.
    static std::string short_number(double value) {
        constexpr const char* formats[] = {"%.0f", "%.1fk", "%.1fM", "%.1fG"};
        int thousands = 0;
        while (value >= 1000 && thousands < 3) {
            value /= 1000;
            ++thousands;
        }
        return number(formats[thousands], value);
    }

    /// 0.4 s, 1:05, 2:03:04.
    static std::string duration(double seconds) {
        if (seconds < 10) return number("%.1f s", seconds);
        const auto whole = static_cast<long long>(std::min(seconds, 1e15));
        char text[64];
        if (whole < 3600)
            std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
        else
            std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
                          whole % 60);
        return text;
    }
};

}  // namespace ermine
