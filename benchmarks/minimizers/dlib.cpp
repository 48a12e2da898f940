// SPDX-License-Identifier: MIT
// dlib's find_min, which is told that no function here is below -1: that bounds its first steps.
// It has no status and no bound on iterations: the stop strategy here ends a search that no longer
// evaluates anything.

#include <dlib/optimization.h>

#include <utility>

#include "contestant.hpp"

namespace {

using Column = dlib::matrix<double, 0, 1>;

/// find_min asks for the gradient after the value, at the same point.
template <class F>
struct Remembered {
    F& f;
    Column gradient;
    long calls = 0;

    double value(const Column& x) {
        ++calls;
        gradient.set_size(x.size());
        return f(x.begin(), gradient.begin());
    }
};

template <class F>
struct Stop {
    const Remembered<F>* memory;
    const F* f;
    long calls = -1;
    int idle = 0;

    bool should_continue_search(const Column&, double, const Column& gradient) {
        idle = memory->calls == calls ? idle + 1 : 0;
        calls = memory->calls;
        return idle < 3 && !f->done(gradient.begin());
    }
};

template <class Strategy, class F>
std::string minimize(const Strategy& strategy, F& f, double* x) {
    Remembered<F> memory{f, {}};
    Column point = dlib::mat(x, f.size());
    std::string end = "returned";
    try {
        dlib::find_min(
            strategy, Stop<F>{&memory, &f}, [&](const Column& at) { return memory.value(at); },
            [&](const Column&) -> const Column& { return memory.gradient; }, point, -1);
    } catch (const std::exception& error) {
        end = error.what();
    }
    std::copy(point.begin(), point.end(), x);
    return end;
}

template <class Strategy>
Contestant contestant(const char* name, Contestant::Kind kind, const Strategy& strategy) {
    return {name, kind,
            [=](Problem& problem) {
                std::vector<double> x = problem.work().start;
                return minimize(strategy, problem, x.data());
            },
            [=](const Race& race, double* x) { minimize(strategy, race, x); }};
}

}  // namespace

std::vector<Contestant> dlib_contestants() {
    using Kind = Contestant::Kind;
    return {contestant("dlib lbfgs", Kind::limited, dlib::lbfgs_search_strategy(10)),
            contestant("dlib cg", Kind::limited, dlib::cg_search_strategy()),
            contestant("dlib bfgs", Kind::gradient, dlib::bfgs_search_strategy())};
}
