// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/data/dataset.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/gram_product.hpp>
#include <ermine/numerics/mixed_row_products.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/objectives/mean_squares.hpp>

#include "ermine_catch.hpp"

using namespace ermine;

namespace {

template <class F>
void on_threads(int threads, const F& f) {
#ifdef _OPENMP
    const int before = omp_get_max_threads();
    omp_set_num_threads(threads);
    f();
    omp_set_num_threads(before);
#else
    static_cast<void>(threads);
    f();
#endif
}

double wave(Index i, double step) { return std::sin(step * static_cast<double>(i) + 0.3); }

Eigen::VectorXd waves(Index size, double step) {
    return Eigen::VectorXd::NullaryExpr(size, [step](Index i) { return wave(i, step); });
}

Eigen::VectorXd signs(Index size) {
    return Eigen::VectorXd::NullaryExpr(size,
                                        [](Index i) { return wave(i, 2.1) > 0 ? 1.0 : -1.0; });
}

template <class T>
Dataset<DenseRows<T>> dense(Index n, Index d) {
    typename DenseRows<T>::Matrix x(n, d);
    for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<T>(wave(i, 0.37));
    return {x, signs(n)};
}

/// Rows of 0 to 20 entries.
struct Sparse {
    std::vector<float> values;
    std::vector<std::int32_t> columns;
    std::vector<std::int64_t> offsets = {0};
    Eigen::VectorXd targets;

    Sparse(Index n, Index d) : targets(signs(n)) {
        for (Index i = 0; i < n; ++i) {
            for (Index j = i % 7; j < d; j += 1 + (i * 5 + j) % 11) {
                if (static_cast<Index>(values.size()) - offsets.back() == i % 21) break;
                values.push_back(static_cast<float>(wave(i + 31 * j, 0.7)));
                columns.push_back(static_cast<std::int32_t>(j));
            }
            offsets.push_back(static_cast<std::int64_t>(values.size()));
        }
    }

    [[nodiscard]] Dataset<SparseRows<float>> view(Index d) const {
        return Dataset<SparseRows<float>>::view(
            {values.data(), columns.data(), offsets.data(), targets.size(), d}, targets.data());
    }
};

/// All rows as doubles, with a 1 behind each.
template <class Rows>
Eigen::MatrixXd with_ones(const Rows& rows) {
    Eigen::MatrixXd x = Eigen::MatrixXd::Zero(rows.examples, rows.features + 1);
    for (Index i = 0; i < rows.examples; ++i) {
        if constexpr (requires { rows.columns; }) {
            for (Index e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e)
                x(i, rows.columns[e]) = static_cast<double>(rows.values[e]);
        } else {
            for (Index j = 0; j < rows.features; ++j) x(i, j) = static_cast<double>(rows.row(i)[j]);
        }
        x(i, rows.features) = 1;
    }
    return x;
}

/// What the passes make of a risk and a direction.
struct Results {
    Eigen::VectorXd predictions, slopes, curvatures, gradient, moved, bent, fused, squares;
    double value, fused_value;

    bool operator==(const Results&) const = default;
};

template <class Rows>
Results pass_over(const Dataset<Rows>& data, const Eigen::VectorXd& w, const Eigen::VectorXd& v) {
    const auto risk = EmpiricalRisk{Linear{data.features()}, LogisticLoss{}, data}.in_double();
    const auto problem = risk.linear_problem();
    LinearPass pass(problem);
    const Index n = data.examples();
    Results r{.predictions = Eigen::VectorXd(n),
              .slopes = Eigen::VectorXd(n),
              .curvatures = Eigen::VectorXd(n),
              .gradient = Eigen::VectorXd(w.size()),
              .moved = Eigen::VectorXd(n),
              .bent = Eigen::VectorXd(w.size()),
              .fused = Eigen::VectorXd(w.size()),
              .squares = mean_squares(problem),
              .value = 0,
              .fused_value = 0};
    pass.predict(problem, w, r.predictions);
    r.value = pass.slopes(problem, r.predictions, r.slopes, r.curvatures);
    pass.transpose(problem, r.slopes, r.gradient);
    pass.curve(problem, r.curvatures, v, r.moved, r.bent);
    r.fused_value = risk.value_and_gradient(w, r.fused);
    return r;
}

template <class Rows>
void check_passes(const Dataset<Rows>& data) {
    const Index d = data.features();
    const auto n = static_cast<double>(data.examples());
    const Eigen::VectorXd w = 0.2 * waves(d + 1, 0.9);
    const Eigen::VectorXd v = waves(d + 1, 1.7);
    Results one;
    Results two;
    on_threads(1, [&] { one = pass_over(data, w, v); });
    on_threads(2, [&] { two = pass_over(data, w, v); });
    CHECK(one == two);

    const Eigen::MatrixXd x = with_ones(data.rows());
    const Eigen::VectorXd p = x * w;
    const Eigen::ArrayXd y = data.targets();
    const Eigen::ArrayXd e = (-y * p.array()).exp();
    const Eigen::VectorXd s = -y * e / (1 + e);
    const Eigen::VectorXd c = e / (1 + e).square();
    const auto far = [](const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
        return (a - b).cwiseAbs().maxCoeff() / (1 + b.cwiseAbs().maxCoeff());
    };
    CHECK(far(one.predictions, p) < 1e-14);
    CHECK(far(one.slopes, s) < 1e-14);
    CHECK(far(one.curvatures, c) < 1e-14);
    CHECK(far(one.gradient, x.transpose() * s / n) < 1e-14);
    CHECK(far(one.fused, x.transpose() * s / n) < 1e-14);
    CHECK(far(one.moved, x * v) < 1e-14);
    CHECK(far(one.bent, x.transpose() * (c.asDiagonal() * (x * v)) / n) < 1e-14);
    CHECK(far(one.squares, x.cwiseAbs2().colwise().mean()) < 1e-14);
    CHECK(std::abs(one.value - (1 + e).log().sum() / n) < 1e-14);
    CHECK(std::abs(one.fused_value - one.value) < 1e-14);
}

}  // namespace

TEST_CASE("passes over dense rows are those of plain loops, with the same bits on two threads") {
    for (const Index d : {1, 3, 17, 53, 150}) {
        CAPTURE(d);
        check_passes(dense<float>(150'000 / d + 5, d));
    }
    check_passes(dense<double>(3001, 53));
}

TEST_CASE("passes over sparse rows are those of plain loops, with the same bits on two threads") {
    const Sparse small(30'001, 90);
    check_passes(small.view(90));
    const Sparse wide(2000, 7000);
    check_passes(wide.view(7000));
}

TEST_CASE("products with rows of floats are those of plain loops in double") {
    const Index most = 150;
    const auto data = dense<float>(80, most);
    for (const Index d : {0, 1, 2, 7, 8, 15, 16, 31, 53, 64, 150}) {
        for (const Index count : {1, 3, 4, 16, 19}) {
            CAPTURE(d, count);
            // every other row, from the last on
            const auto row = [&](Index k) { return data.rows().row(79 - 2 * k); };
            const NextRows next{.begin = count, .end = count + count / 2};
            const Eigen::VectorXd w = waves(most, 0.9);
            const Eigen::VectorXd s = waves(count, 1.3);
            Eigen::VectorXd p(count);
            Eigen::VectorXd g = waves(most, 0.2);
            Eigen::VectorXd expected_g = g;
            MixedRowProducts::multiply(row, count, next, d, w.data(), p.data());
            MixedRowProducts::add_scaled(row, count, next, d, s.data(), g.data());
            double worst = 0;
            for (Index k = 0; k < count; ++k) {
                double sum = 0;
                for (Index j = 0; j < d; ++j) {
                    sum += static_cast<double>(row(k)[j]) * w[j];
                    expected_g[j] += s[k] * static_cast<double>(row(k)[j]);
                }
                worst = std::max(worst, std::abs(sum - p[k]));
            }
            CHECK(worst < 1e-13);
            CHECK((g - expected_g).cwiseAbs().maxCoeff() < 1e-14);
        }
    }
}

TEMPLATE_TEST_CASE("a product of a matrix with itself is the lower triangle of the plain product",
                   "", float, double) {
    using Rows = Eigen::Matrix<TestType, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Square = Eigen::Matrix<TestType, Eigen::Dynamic, Eigen::Dynamic>;
    for (const Index d : {1, 2, 13, 97, 200}) {
        CAPTURE(d);
        Rows a(70, d);
        for (Index i = 0; i < a.size(); ++i) a.data()[i] = static_cast<TestType>(wave(i, 0.37));
        Square one = Square::Ones(d, d);
        Square two = one;
        on_threads(1, [&] { add_gram_product(a, one); });
        on_threads(2, [&] { add_gram_product(a, two); });
        const Eigen::MatrixXd x = a.template cast<double>();
        const Eigen::MatrixXd expected = (x.transpose().lazyProduct(x).array() + 1).matrix();
        double worst = 0;
        bool same = true;
        for (Index j = 0; j < d; ++j)
            for (Index i = j; i < d; ++i) {
                worst = std::max(worst, std::abs(static_cast<double>(one(i, j)) - expected(i, j)));
                same = same && one(i, j) == two(i, j);
            }
        CHECK(worst < (sizeof(TestType) == 4 ? 1e-4 : 1e-12));
        CHECK(same);
    }
}
