// SPDX-License-Identifier: MIT
// Does one pass over the data, for value and gradient of a logistic risk, run at the speed at which
// the data can be read? Each pass is timed in turn with a plain sum of the same array, on the same
// threads; what is printed are medians and the ratio of the two: 1 is the limit of the machine.
// `share_of_limit` is what counts. Sparse passes are compared with a sum of values and columns.

#include <benchmark/benchmark.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <Eigen/Core>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/empirical_risk.hpp>

using namespace ermine;

namespace {

void use_threads(int threads) {
#ifdef _OPENMP
    omp_set_num_threads(threads);
#else
    static_cast<void>(threads);
#endif
}

/// The sum of `size` numbers, in eight packets at once on each thread.
template <class T>
double sum_of(const T* values, Index size) {
    using Chunk = Eigen::Array<T, 512 / Index{sizeof(T)}, 1>;
    constexpr Index width = Chunk::RowsAtCompileTime;
    return parallel_sum(
        size / width,
        [values](Index begin, Index end) {
            Chunk sum = Chunk::Zero();
            for (Index i = begin; i < end; ++i) sum += Eigen::Map<const Chunk>(values + i * width);
            return static_cast<double>(sum.sum());
        },
        1024);
}

double median(std::vector<double> times) {
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
}

template <class F>
double seconds(const F& f) {
    const auto begin = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(f());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Times `pass` and `read` in turn, and reports both as bytes a second.
template <class Pass, class Read>
void compare(benchmark::State& state, double bytes, const Pass& pass, const Read& read) {
    std::vector<double> passes;
    std::vector<double> reads;
    use_threads(static_cast<int>(state.range(0)));
    pass();
    read();
    for (auto _ : state) {
        reads.push_back(seconds(read));
        passes.push_back(seconds(pass));
        state.SetIterationTime(passes.back());
    }
    use_threads(1);
    state.counters["pass_GB_per_s"] = bytes / median(passes) * 1e-9;
    state.counters["read_GB_per_s"] = bytes / median(reads) * 1e-9;
    state.counters["share_of_limit"] = median(reads) / median(passes);
}

Eigen::VectorXd signs(Index n) {
    Random random{2};
    return Eigen::VectorXd::NullaryExpr(n, [&] { return random.uniform() < 0.5 ? -1.0 : 1.0; });
}

template <class T>
void dense(benchmark::State& state) {
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Point = Eigen::Matrix<T, Eigen::Dynamic, 1>;
    const Index d = state.range(1);
    const Index n = 40'000'000 / d;
    Random random{1};
    const Matrix x =
        Matrix::NullaryExpr(n, d, [&] { return static_cast<T>(2 * random.uniform() - 1); });
    const Eigen::VectorXd y = signs(n);
    const EmpiricalRisk risk{Linear{.features = d}, LogisticLoss{}, borrow(x, y)};
    const Point theta = Point::Constant(d + 1, T(0.01));
    Point gradient(d + 1);
    compare(
        state, static_cast<double>(n * d) * sizeof(T),
        [&] { return risk.value_and_gradient(theta, gradient); },
        [&] { return sum_of(x.data(), x.size()); });
}

void sparse(benchmark::State& state) {
    const Index n = 400'000;
    const Index d = state.range(1);
    const Index in_row = 40;
    Random random{1};
    std::vector<double> values(static_cast<std::size_t>(n * in_row));
    std::vector<std::int32_t> columns(values.size());
    std::vector<std::int64_t> offsets(static_cast<std::size_t>(n) + 1);
    const Index stride = d / in_row;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto slot = static_cast<Index>(i) % in_row;
        values[i] = random.uniform();
        columns[i] = static_cast<std::int32_t>(
            slot * stride + static_cast<Index>(random.below(static_cast<std::uint64_t>(stride))));
    }
    for (std::size_t i = 0; i < offsets.size(); ++i)
        offsets[i] = static_cast<std::int64_t>(i) * in_row;
    const Eigen::VectorXd y = signs(n);
    const auto data = Dataset<SparseRows<double>>::view(
        {values.data(), columns.data(), offsets.data(), n, d}, y.data());
    const EmpiricalRisk risk{Linear{.features = d}, LogisticLoss{}, data};
    const Eigen::VectorXd theta = Eigen::VectorXd::Constant(d + 1, 0.01);
    Eigen::VectorXd gradient(d + 1);
    compare(
        state, static_cast<double>(values.size()) * 12,
        [&] { return risk.value_and_gradient(theta, gradient); },
        [&] {
            return sum_of(values.data(), n * in_row) +
                   sum_of(reinterpret_cast<const float*>(columns.data()), n * in_row);
        });
}

/// A gradient over a small batch: nanoseconds a call, where overhead would show.
void batch(benchmark::State& state) {
    const Index d = state.range(0);
    const Index size = state.range(1);
    const Index n = 1000;
    const Eigen::MatrixXd x = Eigen::MatrixXd::Random(n, d);
    const EmpiricalRisk risk{Linear{.features = d}, LogisticLoss{}, Dataset{x, signs(n)}};
    const Eigen::VectorXd theta = Eigen::VectorXd::Constant(d + 1, 0.01);
    Eigen::VectorXd gradient(d + 1);
    Random random{3};
    std::vector<std::int32_t> rows(static_cast<std::size_t>(size));
    for (std::int32_t& row : rows) row = static_cast<std::int32_t>(random.below(1000));
    for (auto _ : state)
        benchmark::DoNotOptimize(risk.value_and_gradient(theta, Batch{rows}, gradient));
}

BENCHMARK(dense<double>)
    ->ArgNames({"threads", "d"})
    ->ArgsProduct({{1, 2}, {200, 20}})
    ->UseManualTime()
    ->Iterations(21)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(dense<float>)
    ->ArgNames({"threads", "d"})
    ->ArgsProduct({{1, 2}, {200, 20}})
    ->UseManualTime()
    ->Iterations(21)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(sparse)
    ->ArgNames({"threads", "d"})
    ->ArgsProduct({{1, 2}, {1000, 100'000}})
    ->UseManualTime()
    ->Iterations(11)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(batch)->ArgNames({"d", "batch"})->ArgsProduct({{2, 20, 200}, {32, 128}});

}  // namespace

BENCHMARK_MAIN();
