// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/numerics/exp_minus_abs.hpp>
#include <ermine/numerics/hyperbolic_tangent.hpp>
#include <ermine/numerics/log_cosh.hpp>
#include <ermine/numerics/log_sum_exp.hpp>
#include <ermine/numerics/multiple.hpp>
#include <ermine/numerics/one_minus_exp_minus_abs.hpp>
#include <ermine/numerics/overflowing_exp.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/numerics/positive_part.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/sigmoid.hpp>
#include <ermine/numerics/softplus.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Exact = long double;
template <class T>
using Column = Eigen::Array<T, Eigen::Dynamic, 1>;

namespace {

// How many units in the last place of the exact number lie between the two.
template <class T>
double units(T got, Exact exact) {
    const T rounded = static_cast<T>(exact);
    constexpr double far = 1e99;
    if (std::isnan(got) || std::isnan(rounded))
        return std::isnan(got) && std::isnan(rounded) ? 0 : far;
    if (std::isinf(got) || std::isinf(rounded)) return got == rounded ? 0 : far;
    const T size = std::abs(rounded);
    T unit = std::nextafter(size, std::numeric_limits<T>::infinity()) - size;
    if (!std::isfinite(unit)) unit = size - std::nextafter(size, T(0));
    return static_cast<double>(std::abs(static_cast<Exact>(got) - exact) /
                               static_cast<Exact>(unit));
}

Exact exact_exp(Exact z) { return std::exp(-std::abs(z)); }
Exact exact_softplus(Exact z) {
    return std::isnan(z) ? z : std::max<Exact>(z, 0) + std::log1p(exact_exp(z));
}
Exact exact_sigmoid(Exact z) { return (z < 0 ? exact_exp(z) : Exact(1)) / (1 + exact_exp(z)); }

Exact exact_one_minus_exp(Exact z) { return -std::expm1(-std::abs(z)); }
Exact exact_tangent(Exact z) { return std::tanh(z); }
Exact exact_growth(Exact z) { return std::exp(z); }
Exact exact_log_cosh(Exact z) {
    const Exact s = std::sinh(z / 2);
    return std::abs(z) < 100 ? std::log1p(2 * s * s) : std::abs(z) - std::log(Exact(2));
}

// All sizes, with more where exp underflows, and the ends.
template <class T>
Column<T> arguments() {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    Column<T> z(60000);
    Random random{7};
    for (Index i = 0; i < z.size(); ++i) {
        double size = std::pow(10, 16 * random.uniform() - 12);
        if (i % 4 == 1) size = 700 + 50 * random.uniform();
        if (i % 4 == 2) size = 5 * random.uniform();
        if (i % 8 == 3) size = 80 + 30 * random.uniform();
        z[i] = static_cast<T>(random.uniform() < 0.5 ? -size : size);
    }
    z.head(12) << T(0), T(-0.0), infinity, -infinity, std::numeric_limits<T>::quiet_NaN(), T(1e4),
        T(-1e4), std::numeric_limits<T>::max(), std::numeric_limits<T>::lowest(),
        std::numeric_limits<T>::denorm_min(), -std::numeric_limits<T>::denorm_min(), T(1);
    return z;
}

template <class T>
double worst(const Column<T>& z, const Column<T>& got, Exact (*exact)(Exact)) {
    double result = 0;
    for (Index i = 0; i < z.size(); ++i) result = std::max(result, units(got[i], exact(z[i])));
    return result;
}

void use_threads([[maybe_unused]] int threads) {
#ifdef _OPENMP
    omp_set_num_threads(threads);
#endif
}

struct Threads {
    ~Threads() { use_threads(before); }
#ifdef _OPENMP
    int before = omp_get_max_threads();
#else
    int before = 1;
#endif
};

}  // namespace

TEMPLATE_TEST_CASE("softplus, sigmoid and exp(-|z|) are within 4 units everywhere", "", double,
                   float) {
    const auto z = arguments<TestType>();
    CHECK(worst<TestType>(z, softplus(z), exact_softplus) <= 4);
    CHECK(worst<TestType>(z, sigmoid(z), exact_sigmoid) <= 4);
    CHECK(worst<TestType>(z, exp_minus_abs(z), exact_exp) <= 4);
    Column<TestType> scalars(z.size());
    for (Index i = 0; i < z.size(); ++i) scalars[i] = softplus(z[i]);
    CHECK(worst<TestType>(z, scalars, exact_softplus) <= 4);
    for (Index i = 0; i < z.size(); ++i) scalars[i] = sigmoid(z[i]);
    CHECK(worst<TestType>(z, scalars, exact_sigmoid) <= 4);
}

TEMPLATE_TEST_CASE("tanh, log cosh, exp and 1 - exp(-|z|) are within 5 units everywhere", "",
                   double, float) {
    using T = TestType;
    const auto z = arguments<T>();
    CHECK(worst<T>(z, one_minus_exp_minus_abs(z), exact_one_minus_exp) <= 4);
    CHECK(worst<T>(z, hyperbolic_tangent(z), exact_tangent) <= 5);
    CHECK(worst<T>(z, log_cosh(z), exact_log_cosh) <= 7);
    // 1/x of a subnormal x = exp(-z) has lost digits: the last part before it overflows
    const T last = sizeof(T) > sizeof(float) ? T(708) : T(87);
    const Column<T> below = (z < last).select(z, -z);
    CHECK(worst<T>(below, overflowing_exp(below), exact_growth) <= 4);
    Column<T> scalars(z.size());
    for (Index i = 0; i < z.size(); ++i) scalars[i] = log_cosh(z[i]);
    CHECK(worst<T>(z, scalars, exact_log_cosh) <= 5);
    for (Index i = 0; i < z.size(); ++i) scalars[i] = hyperbolic_tangent(z[i]);
    CHECK(worst<T>(z, scalars, exact_tangent) <= 4);
}

TEMPLATE_TEST_CASE("the stable functions have exact limits, in arrays and alone", "", double,
                   float) {
    using T = TestType;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    constexpr T nan = std::numeric_limits<T>::quiet_NaN();
    // One size that fills packets, and one that leaves a rest.
    for (const Index n : {1, 3, 16, 35}) {
        const auto all = [n](T x) { return Column<T>(Column<T>::Constant(n, x)); };
        CHECK((softplus(all(-infinity)) == T(0)).all());
        CHECK((softplus(all(infinity)) == infinity).all());
        CHECK((softplus(all(T(1e4))) == T(1e4)).all());
        CHECK((softplus(all(T(-1e4))) == T(0)).all());
        CHECK((sigmoid(all(-infinity)) == T(0)).all());
        CHECK((sigmoid(all(infinity)) == T(1)).all());
        CHECK((sigmoid(all(T(0))) == T(0.5)).all());
        CHECK((positive_part(all(-infinity)) == T(0)).all());
        CHECK((positive_part(all(infinity)) == infinity).all());
        CHECK((positive_part(all(T(2))) == T(2)).all());
        CHECK((hyperbolic_tangent(all(-infinity)) == T(-1)).all());
        CHECK((hyperbolic_tangent(all(T(1e4))) == T(1)).all());
        CHECK((log_cosh(all(-infinity)) == infinity).all());
        CHECK((log_cosh(all(T(0))) == T(0)).all());
        CHECK((overflowing_exp(all(T(1e4))) == infinity).all());
        CHECK((overflowing_exp(all(infinity)) == infinity).all());
        CHECK((overflowing_exp(all(-infinity)) == T(0)).all());
        CHECK((multiple(all(T(0)), all(-infinity)) == T(0)).all());
        CHECK((multiple(all(T(2)), all(-infinity)) == -infinity).all());
        CHECK((multiple(all(T(2)), all(T(3))) == T(6)).all());
        CHECK(multiple(all(T(0)), all(nan)).isNaN().all());
        CHECK(hyperbolic_tangent(all(nan)).isNaN().all());
        CHECK(log_cosh(all(nan)).isNaN().all());
        CHECK(overflowing_exp(all(nan)).isNaN().all());
        CHECK(softplus(all(nan)).isNaN().all());
        CHECK(sigmoid(all(nan)).isNaN().all());
        CHECK(positive_part(all(nan)).isNaN().all());
    }
    CHECK(positive_part(T(-3)) == T(0));
    CHECK(std::isnan(positive_part(nan)));
    CHECK(std::isnan(softplus(nan)));
    CHECK(std::isnan(sigmoid(nan)));
}

TEST_CASE("the stable functions are expressions that keep what they are made of") {
    const Column<double> y = Column<double>::LinSpaced(37, -3, 3);
    const Column<double> p = Column<double>::LinSpaced(37, 5, -4);
    const auto kept = softplus(-y * p) + sigmoid(2.0 * p) * positive_part(y - 1.0);
    const Column<double> result = kept;
    for (Index i = 0; i < y.size(); ++i)
        CHECK(result[i] ==
              Approx(softplus(-y[i] * p[i]) + sigmoid(2 * p[i]) * positive_part(y[i] - 1)));
}

TEST_CASE("log_sum_exp never overflows") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    CHECK(log_sum_exp(Eigen::Vector3d{1000, 1000, 1000}) == Approx(1000 + std::log(3.0)));
    CHECK(log_sum_exp(Eigen::Vector3d{-1000, -1001, -2000}) ==
          Approx(-1000 + std::log1p(std::exp(-1.0))));
    CHECK(log_sum_exp(Eigen::Vector3f{0, 1, 2}) == Approx(2.4076059644443806));
    CHECK(log_sum_exp(Eigen::Vector2d{-infinity, -infinity}) == -infinity);
    CHECK(log_sum_exp(Eigen::Vector2d{infinity, 0}) == infinity);
    CHECK(log_sum_exp(Eigen::Vector2d{-infinity, 3}) == 3);
    CHECK(log_sum_exp(Eigen::VectorXd{}) == -infinity);
    CHECK(std::isnan(log_sum_exp(Eigen::Vector3d{1, std::nan(""), 3})));
    CHECK(std::isnan(log_sum_exp(Eigen::Vector3d{std::nan(""), infinity, 3})));

    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows(2, 3);
    rows << 0, 1, 2, -1e4, 1e4, 0;
    Eigen::VectorXd out(2);
    log_sum_exp_rows(rows, out);
    CHECK(out[0] == Approx(2.4076059644443806));
    CHECK(out[1] == 1e4);
}

TEST_CASE("chunks cover the work once, and depend on it alone") {
    for (const Index work : {0, 1, 15, 16, 17, 1000, 1024, 1025, 100000}) {
        for (const Index grain : {1, 16, 1000}) {
            for (const Index most : {1, 5, 64}) {
                const Chunks chunks = chunks_for(work, grain, most);
                INFO(work << " in grains of " << grain << ", at most " << most);
                CHECK(chunks.count() <= most);
                Index next = 0;
                for (Index chunk = 0; chunk < chunks.count(); ++chunk) {
                    CHECK(chunks.begin(chunk) == next);
                    CHECK(chunks.end(chunk) > next);
                    next = chunks.end(chunk);
                    if (next < work) CHECK((next - chunks.begin(chunk)) % grain == 0);
                }
                CHECK(next == work);
            }
        }
    }
    CHECK(chunks_for(std::numeric_limits<Index>::max() / 2, 1024).count() <= 64);
    CHECK_THROWS_WITH(chunks_for(-1, 4), contains("work = -1"));
    CHECK_THROWS_WITH(chunks_for(1, 0), contains("grain = 0"));
    CHECK_THROWS_WITH(chunks_for(1, 1, 0), contains("most = 0"));
}

TEST_CASE("every chunk is visited once, on any number of threads") {
    const Threads restore;
    for (const int threads : {1, 2, 3, 7}) {
        use_threads(threads);
        std::vector<int> visits(100, 0);
        for_each_chunk(100, [&](Index chunk) { ++visits[static_cast<std::size_t>(chunk)]; });
        CHECK(std::count(visits.begin(), visits.end(), 1) == 100);
        // Within a chunk, and for none, nothing is parallel.
        for_each_chunk(3, [&](Index) { for_each_chunk(2, [](Index) {}); });
        for_each_chunk(0, [](Index) { throw std::logic_error("there is no chunk"); });
    }
}

TEST_CASE("an exception leaves the parallel region: that of the lowest chunk") {
    const Threads restore;
    for (const int threads : {1, 2, 3, 7}) {
        use_threads(threads);
        CHECK_THROWS_WITH(for_each_chunk(64,
                                         [](Index chunk) {
                                             if (chunk % 10 == 7)
                                                 throw std::runtime_error(std::to_string(chunk));
                                         }),
                          "7");
    }
}

TEMPLATE_TEST_CASE("sums have the same bits on any number of threads", "", double, float) {
    using T = TestType;
    const Threads restore;
    const Index n = 123457;
    const Index d = 1300;
    Random random{1};
    std::vector<T> values(static_cast<std::size_t>(n + d));
    for (T& x : values) x = static_cast<T>(random.normal());

    const auto items = [&](Index begin, Index end) {
        double sum = 0;
        for (Index i = begin; i < end; ++i)
            sum += static_cast<double>(values[static_cast<std::size_t>(i)]);
        return sum;
    };
    const auto vectors = [&](Index begin, Index end, auto& partial) {
        for (Index i = begin; i < end; ++i)
            partial += Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(values.data() + i, d);
        return items(begin, end);
    };
    PartialSums<T> sums;
    Eigen::Matrix<T, Eigen::Dynamic, 1> first(d);
    Eigen::Matrix<T, Eigen::Dynamic, 1> again(d);
    const Chunks chunks = chunks_for(3000, 16);
    use_threads(1);
    const double number = parallel_sum(n, items);
    const double with_vector = parallel_sum(chunks, sums, first, vectors);
    const T* const memory = sums.vectors.data();
    CHECK(number == Approx(items(0, n)));
    CHECK(with_vector == Approx(items(0, 3000)));
    for (Index j = 0; j < d; j += 97) {
        CHECK(static_cast<double>(first[j]) == Approx(items(j, j + 3000)).margin(1e-3));
    }
    for (const int threads : {2, 3, 7}) {
        use_threads(threads);
        CHECK(std::bit_cast<std::uint64_t>(parallel_sum(n, items)) ==
              std::bit_cast<std::uint64_t>(number));
        again.setConstant(T(-1));
        CHECK(parallel_sum(chunks, sums, again, vectors) == with_vector);
        CHECK(first.isApprox(again, T(0)));
        CHECK(sums.vectors.data() == memory);  // the workspace was made once
    }
    CHECK(parallel_sum(0, items) == 0);
    CHECK(parallel_sum(chunks_for(0, 16), sums, again, vectors) == 0);
    CHECK(again.isZero(0));
}

TEST_CASE("pairwise sums do not drift") {
    Eigen::VectorXd tenths = Eigen::VectorXd::Constant(1 << 20, 0.1);
    CHECK(pairwise_sum(tenths, tenths.size()) == 0.1 * (1 << 20));
}
