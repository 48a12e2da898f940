// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <ermine/diagnostics/condition_number.hpp>
#include <ermine/diagnostics/extreme_eigenvalues.hpp>
#include <ermine/numerics/lanczos_eigenpairs.hpp>
#include <ermine/numerics/lanczos_ends.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/objectives/spectrum_quadratic.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// Q Λ Qᵀ with Q a product of two reflections: O(n) a product, dense as a matrix.
struct Reflected {
    VectorXd values;
    VectorXd u;
    VectorXd w;

    explicit Reflected(VectorXd eigenvalues, std::uint64_t seed = 5)
        : values(std::move(eigenvalues)), u(values.size()), w(values.size()) {
        Random random{seed};
        for (Index i = 0; i < values.size(); ++i) {
            u[i] = random.normal();
            w[i] = random.normal();
        }
        u.normalize();
        w.normalize();
    }

    void operator()(const VectorXd& v, VectorXd& product) const {
        product = v - 2 * u.dot(v) * u;
        product -= 2 * w.dot(product) * w;
        product.array() *= values.array();
        product -= 2 * w.dot(product) * w;
        product -= 2 * u.dot(product) * u;
    }
};

struct Case {
    std::string name;
    VectorXd values;
};

VectorXd sorted(VectorXd v) {
    std::sort(v.data(), v.data() + v.size());
    return v;
}

/// The spectra of the issue: κ up to 1e12, clusters, copies, both signs.
std::vector<Case> cases(Index n) {
    const auto from = [n](auto g) {
        VectorXd e(n);
        for (Index i = 0; i < n; ++i) e[i] = g(static_cast<double>(i), static_cast<double>(n));
        return e;
    };
    return {{"linear", from([](double i, double m) { return (i + 1) / m; })},
            {"kappa 1e4, equal ratios", log_spectrum(n, 1e-4, 1)},
            {"kappa 1e12, equal ratios", log_spectrum(n, 1e-6, 1e6)},
            {"kappa 1e12, one small",
             from([](double i, double m) { return i == 0 ? 1e-12 : 0.5 + 0.5 * i / m; })},
            {"clusters at both ends", from([](double i, double m) {
                 return i < 5 ? 1 + 1e-7 * i : i > m - 6 ? 9 + 1e-7 * (m - i) : 3 + i / m;
             })},
            {"copies", from([](double i, double m) {
                 return i < 4 ? -2.0 : i > m - 6 ? 5.0 : 1 + i / m;
             })},
            {"saddle, kappa 1e12", from([](double i, double m) {
                 return i == 0 ? -1.0 : i == 1 ? 1e-12 : 0.1 + i / m;
             })},
            {"a few outliers over a bulk near 0", from([](double i, double m) {
                 return i < 10 ? std::exp2(10 - i) : 1e-3 * std::cos(i / m);
             })}};
}

}  // namespace

TEST_CASE("the ends of a spectrum are found to 1e-8 of the norm, up to 5000 variables") {
    for (const Index n : {Index{50}, Index{1000}, Index{5000}})
        for (const auto& [name, values] : cases(n)) {
            INFO(name << ", n = " << n);
            const VectorXd truth = sorted(values);
            const double norm = truth.cwiseAbs().maxCoeff();
            const Reflected a(values);
            const auto ends = lanczos_ends(n, a, {.max_products = 40000});
            CHECK(ends.converged);
            CHECK(std::abs(ends.value - truth[n - 1]) <= 1e-8 * std::abs(truth[n - 1]));
            CHECK(std::abs(ends.smallest - truth[0]) <= 1e-8 * norm);
            const double rounding = 1e-13 * norm;
            CHECK(ends.upper_bound >= truth[n - 1] - rounding);
            CHECK(ends.lower_bound <= truth[0] + rounding);
        }
}

TEST_CASE("the outermost eigenpairs are found with their copies and clusters") {
    const Index count = 8;
    for (const Index n : {Index{60}, Index{1000}, Index{5000}})
        for (const auto& [name, values] : cases(n)) {
            // thousands of products, each of which is orthogonalized
            if (n > 60 && name.find("equal ratios") != std::string::npos) continue;
            INFO(name << ", n = " << n);
            const VectorXd truth = sorted(values);
            const double norm = truth.cwiseAbs().maxCoeff();
            const Reflected a(values);
            const auto pairs = lanczos_eigenpairs(
                n, a, {.largest = count, .smallest = n == 60 ? count : 4, .max_products = 6000});
            CHECK(pairs.converged);
            VectorXd image(n);
            const auto check = [&](const Eigenpairs& found, auto expected) {
                for (Index k = 0; k < found.values.size(); ++k) {
                    INFO("pair " << k);
                    CHECK(std::abs(found.values[k] - expected(k)) <= 1e-8 * norm);
                    const VectorXd v = found.vectors.col(k);
                    a(v, image);
                    CHECK(std::abs((image - found.values[k] * v).norm() - found.residuals[k]) <=
                          1e-12 * norm);
                    CHECK(found.residuals[k] <= 2e-8 * norm);
                }
                const MatrixXd gram = found.vectors.transpose() * found.vectors;
                CHECK((gram - MatrixXd::Identity(gram.rows(), gram.cols())).norm() < 1e-10);
            };
            check(pairs.largest, [&](Index k) { return truth[n - 1 - k]; });
            check(pairs.smallest, [&](Index k) { return truth[k]; });
            CHECK(std::abs(pairs.largest.values[0] - truth[n - 1]) <=
                  1e-8 * std::abs(truth[n - 1]));
        }
}

TEST_CASE("what says that it has converged is right, whatever clusters there are") {
    Random random{11};
    for (int trial = 0; trial < 150; ++trial) {
        const Index n = 50 + static_cast<Index>(random.below(250));
        const double gap = std::pow(10.0, -9 + 6 * random.uniform());
        const auto kind = random.below(4);
        VectorXd e(n);
        for (Index i = 0; i < n; ++i) {
            const double bulk = 0.3 * random.normal() * random.uniform();
            if (kind == 0)
                e[i] = random.normal();
            else if (kind == 1)
                e[i] = i < 3 ? 1 + gap * static_cast<double>(i) : 0.9 * random.uniform();
            else if (kind == 2)
                e[i] = i < 5 ? 1 + gap * random.uniform()
                             : (i < 10 ? -1 - gap * random.uniform() : bulk);
            else
                e[i] = std::round(4 * random.normal());
        }
        INFO("trial " << trial << ", kind " << kind << ", n = " << n << ", gap " << gap);
        const Reflected a(e, 100 + static_cast<std::uint64_t>(trial));
        const VectorXd truth = sorted(e);
        const double norm = truth.cwiseAbs().maxCoeff();
        const auto ends = lanczos_ends(n, a, {.max_products = 10000});
        CHECK(ends.converged);
        CHECK(std::abs(ends.value - truth[n - 1]) <= 1e-8 * norm);
        CHECK(std::abs(ends.smallest - truth[0]) <= 1e-8 * norm);
        CHECK(ends.upper_bound >= truth[n - 1] - 1e-13 * norm);
        CHECK(ends.lower_bound <= truth[0] + 1e-13 * norm);
        const auto pairs =
            lanczos_eigenpairs(n, a, {.largest = 4, .smallest = 4, .max_products = 5000});
        CHECK(pairs.converged);
        for (Index k = 0; k < 4; ++k) {
            CHECK(std::abs(pairs.largest.values[k] - truth[n - 1 - k]) <= 1e-8 * norm);
            CHECK(std::abs(pairs.smallest.values[k] - truth[k]) <= 1e-8 * norm);
        }
    }
}

TEST_CASE("one end alone, and without further copies, is less work") {
    VectorXd values = VectorXd::LinSpaced(800, 0, 1);
    values[5] = values[6] = values[7] = 2;
    const Reflected a(values);
    const auto find = [&](SpectrumSide side, bool copies) {
        return extreme_eigenvalues(800, a, {.count = 3, .side = side, .copies = copies});
    };
    const auto top = find(SpectrumSide::largest, true);
    CHECK(top.smallest.values.size() == 0);
    CHECK((top.largest.values.array() - 2).abs().maxCoeff() < 1e-8);
    const auto quick = find(SpectrumSide::largest, false);
    CHECK(quick.converged);
    CHECK(std::abs(quick.largest.values[0] - 2) < 1e-8);
    CHECK(quick.products < top.products);
    const auto bottom = find(SpectrumSide::smallest, true);
    CHECK(bottom.largest.values.size() == 0);
    CHECK(std::abs(bottom.smallest.values[2] - 2.0 / 799) < 1e-8);
    std::ostringstream text;
    text << bottom;
    CHECK(text.str().find("largest") == std::string::npos);
}

TEST_CASE("the whole matrix gives all eigenvalues to rounding") {
    for (const auto& [name, values] : cases(150)) {
        INFO(name);
        const VectorXd truth = sorted(values);
        const double norm = truth.cwiseAbs().maxCoeff();
        const auto s = extreme_eigenvalues(150, Reflected(values), {.count = 150});
        CHECK(s.exact);
        CHECK((s.smallest.values - truth).cwiseAbs().maxCoeff() <= 1e-13 * norm);
        CHECK((s.largest.values - truth.reverse()).cwiseAbs().maxCoeff() <= 1e-13 * norm);
        CHECK(s.largest.residuals.maxCoeff() <= 1e-12 * norm);
    }
}

TEST_CASE("condition numbers, exact and by products, enclose the true one") {
    for (const double kappa : {1.0, 10.0, 1e3, 1e6})
        for (const auto by : {Exactness::exact, Exactness::estimate}) {
            INFO("kappa " << kappa << (by == Exactness::exact ? " exact" : " estimated"));
            const SpectrumQuadratic<> f(log_spectrum(120, 1 / kappa, 1));
            const auto c = condition_number(f, f.start(), {.by = by, .max_products = 20000});
            CHECK(c.lower <= kappa * (1 + 1e-9));
            CHECK(c.upper >= kappa * (1 - 1e-9));
            CHECK(std::abs(c.value / kappa - 1) < 1e-2);
            CHECK_FALSE(c.indefinite);
            CHECK(c.exact == (by == Exactness::exact));
        }
    VectorXd saddle = log_spectrum(120, 0.01, 1);
    saddle[50] *= -1;
    for (const auto by : {Exactness::exact, Exactness::estimate}) {
        const auto c = condition_number(120, Reflected(saddle), {.by = by});
        CHECK(c.indefinite);
        CHECK(std::abs(c.value - 100) < 1e-3);
    }
    const auto singular = condition_number(3, Reflected(VectorXd::Unit(3, 1)));
    CHECK(std::isinf(singular.value));
    CHECK(singular.lower > 1e12);
    // 1e12 and a crowded end: what cannot be told is not said
    const auto hard = condition_number(1000, Reflected(log_spectrum(1000, 1e-12, 1)),
                                       {.by = Exactness::estimate, .max_products = 20000});
    CHECK(hard.lower >= 1e8);
    CHECK(hard.lower <= 1e12);
    CHECK(std::isinf(hard.value));
    std::ostringstream text;
    text << hard;
    CHECK(text.str().find("condition number at least ") != std::string::npos);
}

TEST_CASE("a preconditioner changes the condition number that is measured") {
    const Index n = 200;
    const VectorXd scales = log_spectrum(n, 1e-4, 1e4);
    Random random{3};
    MatrixXd a(n, n);
    for (Index j = 0; j < n; ++j)
        for (Index i = 0; i < n; ++i) a(i, j) = random.normal() / static_cast<double>(n);
    a = (a * a.transpose()).eval() + MatrixXd::Identity(n, n);
    a = scales.cwiseSqrt().asDiagonal() * a * scales.cwiseSqrt().asDiagonal();
    const auto apply = [&](const VectorXd& v, VectorXd& product) { product.noalias() = a * v; };
    const auto jacobi = [&](const VectorXd& r, VectorXd& z) { z = r.cwiseQuotient(a.diagonal()); };
    CHECK(condition_number(n, apply).value > 1e7);
    const auto exact = condition_number(n, apply, {}, jacobi);
    const auto estimate = condition_number(n, apply, {.by = Exactness::estimate}, jacobi);
    CHECK(exact.value < 2);
    CHECK(std::abs(estimate.value - exact.value) < 1e-6);
}

TEST_CASE("curvature from products, matrices and gradients is the same") {
    const Rosenbrock f;
    const VectorXd x = Rosenbrock::start<VectorXd>(6);
    MatrixXd h(6, 6);
    f.hessian(x, h);
    const struct GradientOnly {
        Rosenbrock inner;
        double value(const VectorXd& p) const { return inner.value(p); }
        double value_and_gradient(const VectorXd& p, VectorXd& g) const {
            return inner.value_and_gradient(p, g);
        }
    } gradients;
    const auto truth = extreme_eigenvalues(f, x, {.count = 6});
    const auto differences = extreme_eigenvalues(gradients, x, {.count = 6});
    CHECK((truth.largest.values - differences.largest.values).norm() < 1e-5 * truth.norm);
    CHECK(std::abs(truth.largest.values.sum() - h.trace()) < 1e-9 * truth.norm);
    const Eigen::VectorXf single = x.cast<float>();
    const auto floats = extreme_eigenvalues(f, single, {.count = 6});
    CHECK((truth.largest.values - floats.largest.values).norm() < 1e-6 * truth.norm);
}

TEST_CASE("what is no symmetric operator is refused with a sentence") {
    MatrixXd skewed = MatrixXd::Identity(5, 5);
    skewed(1, 3) = 0.5;
    const auto apply = [&](const VectorXd& v, VectorXd& product) {
        product = v;
        product[1] += 0.5 * v[3];
    };
    CHECK_THROWS_WITH(extreme_eigenvalues(5, apply),
                      contains("entry (1, 3) is 0.5, entry (3, 1) is 0"));
    CHECK_THROWS_WITH(extreme_eigenvalues(600, apply), contains("the operator is not symmetric"));
    const auto broken = [](const VectorXd& v, VectorXd& product) {
        product = v * std::numeric_limits<double>::quiet_NaN();
    };
    CHECK_THROWS_WITH(condition_number(600, broken), contains("not finite"));
    CHECK_THROWS_WITH(condition_number(6, broken), contains("not finite"));
    CHECK_THROWS_WITH(condition_number(100000, apply, {.by = Exactness::exact}),
                      contains("an exact answer for 100000 variables takes 2.4e+02 GB"));
    VectorXd x = VectorXd::Ones(4);
    x[2] = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH(extreme_eigenvalues(Rosenbrock{}, x), contains("x is not finite"));
}

TEST_CASE("estimates print no more digits than they have") {
    CHECK(in_digits(3.14159265, 0.02) == "3.14");
    CHECK(in_digits(3.14159265, 0.013) == "3.142");
    CHECK(in_digits(123456.0, 3000.0) == "1.23e+05");
    CHECK(in_digits(1.0, 5.0) == "0");
    CHECK(in_digits(4.0, 5.0) == "4");
    CHECK(in_digits(-2e-17, 1e-14) == "0");
    CHECK(in_digits(2.0 / 3, 0) == "0.666667");
}
