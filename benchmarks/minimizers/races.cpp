// SPDX-License-Identifier: MIT

#include "races.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace {

long calls = 0;

double counted(const double* x, double* gradient, int n) {
    ++calls;
    return chained_rosenbrock(x, gradient, n);
}

struct Entry {
    Finish finish;
    int repeats = 1;  // runs in a sample
    std::size_t rounds = 1;
    std::vector<double> samples;
};

/// Of this thread: that others want the processor, too, is nobody's fault.
double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double seconds(const Entry& entry, const std::vector<double>& start, std::vector<double>& x) {
    const Race race{chained_rosenbrock, entry.finish.n};
    const double begin = now();
    for (int i = 0; i < entry.repeats; ++i) {
        x = start;
        entry.finish.contestant->race(race, x.data());
    }
    return (now() - begin) / entry.repeats;
}

std::vector<Finish> race(const std::vector<Contestant>& contestants, int n, bool quick) {
    std::vector<double> start(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < start.size(); ++i) start[i] = i % 2 == 0 ? -1.2 : 1;
    std::vector<double> x;
    std::vector<double> gradient(start.size());
    std::vector<Entry> entries;
    for (const Contestant& contestant : contestants) {
        if (!contestant.race || n > contestant.longest_race) continue;
        // matrices of a million numbers are another sport
        if (contestant.kind != Contestant::Kind::limited && n > 100) continue;
        Entry entry{{n, &contestant, 0, 0, 0, 0}, 1, 1, {}};
        calls = 0;
        x = start;
        contestant.race({counted, n}, x.data());
        entry.finish.evaluations = calls;
        entry.finish.value = chained_rosenbrock(x.data(), gradient.data(), n);
        for (const double g : gradient)
            entry.finish.gradient_norm = std::max(entry.finish.gradient_norm, std::abs(g));
        const double once = std::min(seconds(entry, start, x), seconds(entry, start, x));
        entry.repeats = std::clamp(static_cast<int>((quick ? 3e-4 : 5e-4) / once), 1, 1000);
        const double sample = once * entry.repeats;
        entry.rounds = static_cast<std::size_t>(quick ? std::clamp(0.05 / sample, 1.0, 15.0)
                                                      : std::clamp(2 / sample, 3.0, 51.0));
        entries.push_back(std::move(entry));
    }
    for (std::size_t round = 0; round < 51; ++round)
        for (Entry& entry : entries)
            if (round < entry.rounds) entry.samples.push_back(seconds(entry, start, x));
    std::vector<Finish> finishes;
    for (Entry& entry : entries) {
        const auto middle = entry.samples.begin() + static_cast<long>(entry.samples.size() / 2);
        std::nth_element(entry.samples.begin(), middle, entry.samples.end());
        entry.finish.seconds = *middle;
        finishes.push_back(entry.finish);
    }
    std::sort(finishes.begin(), finishes.end(),
              [](const Finish& a, const Finish& b) { return a.seconds < b.seconds; });
    return finishes;
}

}  // namespace

std::vector<Finish> race(const std::vector<Contestant>& contestants, bool quick) {
    std::vector<Finish> all;
    for (const int n : {2, 10, 100, 1000}) {
        std::printf("\nChained Rosenbrock, n = %d, to a gradient of 1e-8:\n", n);
        std::printf("%-22s %12s %12s %10s %10s\n", "", "microseconds", "evaluations", "value",
                    "gradient");
        for (const Finish& finish : race(contestants, n, quick)) {
            std::printf("%-22s %12.2f %12ld %10.3g %10.2g%s\n", finish.contestant->name.c_str(),
                        finish.seconds * 1e6, finish.evaluations, finish.value,
                        finish.gradient_norm, finish.gradient_norm <= 1e-8 ? "" : "  not reached");
            all.push_back(finish);
        }
    }
    return all;
}
