// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"

#include <Eigen/Core>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <algorithm>
#include <limits>
#include <tuple>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/packed_factor.hpp>
#include <ermine/numerics/tiled_product.hpp>

namespace {

using namespace ermine;

template <class T, int order>
using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, order>;

constexpr int down = Eigen::ColMajor;
constexpr int across = Eigen::RowMajor;

void use_threads([[maybe_unused]] int threads) {
#ifdef _OPENMP
    omp_set_num_threads(threads);
#endif
}

/// C ← A B and C ← C + A B on one, two and three threads against sums in double, where A, B and C
/// are parts of larger matrices, whose other numbers stay as they are.
template <class T, int order_of_c, int order_of_a, int order_of_b>
void check_product(Index rows, Index depth, Index columns, bool zeros) {
    using C = Dense<T, order_of_c>;
    INFO(rows << " x " << depth << " x " << columns << ", orders " << order_of_c << order_of_a
              << order_of_b);
    const auto number = [](Index i, Index j) {
        return static_cast<T>(static_cast<double>((37 * i + 101 * j + i * j) % 199) / 100 - 0.7);
    };
    const auto make = [&]<class M>(Index m, Index n, M) { return M(M::NullaryExpr(m, n, number)); };
    auto a = make(rows + 2, depth + 3, Dense<T, order_of_a>{});
    auto b = make(depth + 1, columns + 2, Dense<T, order_of_b>{});
    if (zeros) a = a.cwiseMax(T(0)).eval();
    if (zeros) b = b.cwiseMax(T(0)).eval();
    const C before = make(rows + 3, columns + 1, C{}) * 3;
    const auto left = a.block(1, 2, rows, depth);
    const auto right = b.block(1, 1, depth, columns);
    const auto inside = [&](C& c) { return c.block(2, 1, rows, columns); };
    const Eigen::MatrixXd exact = left.template cast<double>() * right.template cast<double>();
    for (const bool add : {false, true}) {
        C wanted = before;
        if (add)
            inside(wanted) += exact.template cast<T>();
        else
            inside(wanted) = exact.template cast<T>();
        C first;
        for (const int threads : {1, 2, 3}) {
            use_threads(threads);
            C c = before;
            tiled_product(inside(c), left, right, add);
            if (threads == 1) first = c;
            CHECK(c == first);
        }
        const double off = static_cast<double>((first - wanted).cwiseAbs().maxCoeff());
        CHECK(off <= 3 * static_cast<double>(depth + 4) *
                         static_cast<double>(std::numeric_limits<T>::epsilon()));
    }
    use_threads(2);
}

template <class T>
void check_orders(Index rows, Index depth, Index columns, bool zeros) {
    check_product<T, down, across, down>(rows, depth, columns, zeros);
    check_product<T, down, down, down>(rows, depth, columns, zeros);
    check_product<T, across, down, across>(rows, depth, columns, zeros);
    check_product<T, across, across, across>(rows, depth, columns, zeros);
}

}  // namespace

TEMPLATE_TEST_CASE(
    "A tiled product is the product, whatever its shape and the order of its factors", "[sanitize]",
    float, double) {
    for (const auto& [rows, depth, columns] : {std::tuple<Index, Index, Index>{1, 1, 1},
                                               {1, 9, 70},
                                               {70, 9, 1},
                                               {16, 8, 6},
                                               {33, 17, 13},
                                               {5, 0, 3},
                                               {100, 340, 31},
                                               {10, 256, 32},
                                               {67, 700, 53},
                                               {150, 331, 420}})
        for (const bool zeros : {false, true}) check_orders<TestType>(rows, depth, columns, zeros);
}

TEST_CASE("A number that is none stays in its row or column of a tiled product") {
    for (const Index size : {5, 40}) {
        Dense<float, across> a = Dense<float, across>::Ones(size, 20);
        const Dense<float, down> b = Dense<float, down>::Ones(20, size);
        a(3, 7) = std::numeric_limits<float>::quiet_NaN();
        Dense<float, down> c(size, size);
        tiled_product(c, a, b);
        CHECK(c.row(3).array().isNaN().all());
        c.row(3).setConstant(20);
        CHECK((c.array() == 20).all());
    }
}

TEST_CASE("A kept factor multiplies as it did when it was copied") {
    Dense<float, across> a = Dense<float, across>::Random(70, 700);
    const Dense<float, down> b = Dense<float, down>::Random(701, 150);
    const Dense<float, down> before = Dense<float, down>::Random(71, 150);
    PackedFactor<float> factor;
    for (const auto& [rows, depth, columns] :
         {std::tuple{70, 700, 150}, {33, 320, 1}, {64, 321, 25}, {5, 1, 7}}) {
        const Eigen::MatrixXd exact = (a.topLeftCorner(rows, depth).cast<double>() *
                                       b.block(1, 0, depth, columns).cast<double>());
        factor.pack(strided(a).block(0, 0, rows, depth));
        const Dense<float, across> kept = a;
        a.setZero();
        for (const bool add : {false, true}) {
            Dense<float, down> c = before;
            const Index parts = add ? 3 : 1;
            for (Index part = 0; part < parts; ++part)
                factor.multiply(strided(c).block(1, 0, rows, columns),
                                strided(b).block(1, 0, depth, columns), add, part, parts);
            Eigen::MatrixXd wanted = before.cast<double>();
            if (!add) wanted.block(1, 0, rows, columns).setZero();
            wanted.block(1, 0, rows, columns) += exact;
            CHECK((c.cast<double>() - wanted).cwiseAbs().maxCoeff() < 1e-4);
        }
        a = kept;
    }
}

TEST_CASE("A tiled product of other types is Eigen's") {
    using Matrix = Dense<long double, down>;
    const Matrix a = Matrix::Random(90, 60);
    const Matrix b = Matrix::Random(60, 40);
    Matrix c = Matrix::Ones(90, 40);
    tiled_product(c, a, b, true);
    CHECK((c - Matrix::Ones(90, 40) - a * b).norm() < 1e-15L);
    tiled_product(c, a, 2 * b);
    CHECK((c - a * b * 2).norm() < 1e-15L);
}
