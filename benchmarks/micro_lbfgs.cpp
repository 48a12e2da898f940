// SPDX-License-Identifier: MIT
// What does an iteration of lbfgs() cost beside the function? On Σ cᵢ xᵢ⁴ in four variables, where
// L-BFGS goes on for hundreds of iterations with a trial each, all contestants (m = 10) call the
// same compiled function. A sample is a run; the calls of the function, timed alone in turn, are
// taken off. `own_ns` is the median of nanoseconds an iteration. Times are the thread's own.

#include <benchmark/benchmark.h>
#include <dlib/optimization.h>
#include <lbfgs.h>

#include <Eigen/Core>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <vector>

#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>

namespace {

constexpr int n = 4;
constexpr int most = 200;      // iterations of a run
constexpr int dlib_most = 30;  // then it forgets all pairs, as sᵀy < 2e-16, and never recovers

[[gnu::noinline]] double quartic(const double* x, double* gradient) {
    double sum = 0;
    for (int i = 0; i < n; ++i) {
        const double cubed = (i + 1) * x[i] * x[i] * x[i];
        sum += cubed * x[i];
        gradient[i] = 4 * cubed;
    }
    return sum;
}

struct Work {
    std::int64_t iterations = 0;
    std::int64_t evaluations = 0;
    double left = 0;  ///< the value at the end
};

template <class V>
struct Quartic {
    double value(const V& x) const {
        V gradient = x;
        return quartic(x.data(), gradient.data());
    }
    double value_and_gradient(const V& x, V& gradient) const {
        return quartic(x.data(), gradient.data());
    }
};

template <class V>
Work ermine_lbfgs() {
    const V start = V::Ones(n);
    const auto result =
        ermine::minimize(Quartic<V>{}, start, ermine::lbfgs(),
                         ermine::first_of(ermine::GradientNorm{.tolerance = 0},
                                          ermine::MaxIterations{.iterations = most}));
    return {result.iterations, result.counts.gradients, result.value};
}

Work lib_lbfgs() {
    lbfgs_parameter_t options;
    lbfgs_parameter_init(&options);
    options.m = 10;
    options.epsilon = 0;
    options.max_iterations = most;
    alignas(16) double x[n] = {1, 1, 1, 1};
    Work work;
    lbfgs(
        n, x, &work.left,
        [](void* data, const double* at, double* gradient, int, double) {
            ++static_cast<Work*>(data)->evaluations;
            return quartic(at, gradient);
        },
        [](void* data, const double*, const double*, double, double, double, double, int, int k,
           int) {
            static_cast<Work*>(data)->iterations = k;
            return 0;
        },
        &work, &options);
    return work;
}

using Column = dlib::matrix<double, 0, 1>;

struct Limit {
    Work* work;
    bool should_continue_search(const Column&, double, const Column&) {
        return work->iterations++ < dlib_most;
    }
};

Work dlib_lbfgs() {
    Column x = dlib::ones_matrix<double>(n, 1);
    Column gradient(n);
    Work work;
    work.left = dlib::find_min(
        dlib::lbfgs_search_strategy(10), Limit{&work},
        [&](const Column& at) {
            ++work.evaluations;
            return quartic(at.begin(), gradient.begin());
        },
        [&](const Column&) -> const Column& { return gradient; }, x, -1);
    --work.iterations;
    return work;
}

double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Seconds of a call of the function.
double function_alone() {
    double x[n] = {1, 0.9, 0.8, 0.7};
    double gradient[n];
    constexpr int calls = 4000;
    const double begin = now();
    for (int i = 0; i < calls; ++i) {
        x[0] = 0.1 * quartic(x, gradient);  // one after the other, as in a run
    }
    benchmark::DoNotOptimize(x);
    return (now() - begin) / calls;
}

double median(std::vector<double> times) {
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
}

void own_cost(benchmark::State& state, Work (*run)(), double goal) {
    std::vector<double> own;
    std::vector<double> alone;
    Work work = run();
    for (auto _ : state) {
        const double function = function_alone();
        constexpr int runs = 20;
        const double begin = now();
        for (int i = 0; i < runs; ++i) work = run();
        const double seconds = (now() - begin) / runs;
        state.SetIterationTime(seconds);
        alone.push_back(function);
        own.push_back((seconds - static_cast<double>(work.evaluations) * function) /
                      static_cast<double>(work.iterations));
    }
    const double nanoseconds = 1e9 * median(own);
    state.counters["own_ns"] = nanoseconds;
    state.counters["function_ns"] = 1e9 * median(alone);
    state.counters["iterations"] = static_cast<double>(work.iterations);
    state.counters["evaluations"] = static_cast<double>(work.evaluations);
    state.counters["value"] = work.left;
    if (goal > 0)
        state.SetLabel(
            (nanoseconds <= goal ? "within the goal of " : "falls short of the goal of ") +
            std::to_string(static_cast<int>(goal)) + " ns");
}

void add(const char* name, Work (*run)(), double goal = 0) {
    benchmark::RegisterBenchmark(name, [=](benchmark::State& state) { own_cost(state, run, goal); })
        ->Iterations(101)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
}

}  // namespace

int main(int count, char** words) {
    add("ermine fixed", ermine_lbfgs<Eigen::Vector4d>, 200);
    add("ermine dynamic", ermine_lbfgs<Eigen::VectorXd>, 280);
    add("liblbfgs", lib_lbfgs);
    add("dlib", dlib_lbfgs);
    benchmark::Initialize(&count, words);
    benchmark::RunSpecifiedBenchmarks();
}
