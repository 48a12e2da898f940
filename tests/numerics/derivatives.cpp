// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <cmath>
#include <limits>
#include <sstream>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/autodiff.hpp>
#include <ermine/numerics/check_gradient.hpp>
#include <ermine/numerics/check_hessian.hpp>
#include <ermine/numerics/finite_difference.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::Matrix2d;
using Eigen::MatrixXd;
using Eigen::Vector2d;
using Eigen::Vector2f;
using Eigen::VectorXd;
using Eigen::VectorXf;

namespace {

const auto rosenbrock = [](const auto& x) {
    return 100 * pow(x[1] - x[0] * x[0], 2) + pow(1 - x[0], 2);
};

// Everything that Eigen offers on arrays, and what a user mixes with it.
const auto many_functions = [](const auto& x) {
    const auto a = x.array();
    return (1 + (-a).exp()).log().sum() + a.square().sum() / 2 - a.log1p().mean() + x.norm() +
           (1.5 * a.sin() + 0.3).abs().sum() + a.tanh().prod() + a.atan().sum() + a.expm1().sum() +
           a.inverse().sum() + a.cube().sum() + a.rsqrt().sum() + (a - 0.2).max(0).sum() +
           a.min(5).sum() + a.pow(1.5).sum() + x.maxCoeff() + a.logistic().sum() + a.tan().sum() +
           x.squaredNorm() * 0.5 - 3;
};

// Only values, so that differences are taken of values.
struct ValueOnly {
    double value(const VectorXd& x) const { return many_functions(x); }
};

// A quadratic with one wrong entry on request.
struct Quadratic {
    double wrong_gradient = 0;
    double wrong_hessian = 0;
    double wrong_product = 0;
    double wrong_value = 0;

    static MatrixXd matrix() { return MatrixXd{{4, 1, 0}, {1, 3, -1}, {0, -1, 2}}; }
    double value(const VectorXd& x) const { return 0.5 * x.dot(matrix() * x); }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = matrix() * x;
        g[1] += wrong_gradient;
        return value(x) + wrong_value;
    }
    void hessian(const VectorXd&, MatrixXd& H) const {
        H = matrix();
        H(2, 1) += wrong_hessian;
    }
    void hessian_product(const VectorXd&, const VectorXd& v, VectorXd& Hv) const {
        Hv = matrix() * v;
        Hv[0] += wrong_product;
    }
};

struct NanGradient {
    double value(const Vector2d& x) const { return x.sum(); }
    double value_and_gradient(const Vector2d& x, Vector2d& g) const {
        g = {1, std::numeric_limits<double>::quiet_NaN()};
        return x.sum();
    }
};

static_assert(TwiceDifferentiable<decltype(autodiff(rosenbrock)), Vector2d>);
static_assert(CurvatureProducts<decltype(autodiff(rosenbrock)), VectorXf>);
static_assert(TwiceDifferentiable<decltype(finite_difference(ValueOnly{}))>);

}  // namespace

TEST_CASE("autodiff gives the derivatives of Rosenbrock's function") {
    const auto f = autodiff(rosenbrock);
    const Vector2d x{-1.2, 1.0};
    Vector2d g;
    Matrix2d H;
    Vector2d Hv;
    CHECK(f.value(x) == Approx(24.2));
    CHECK(f.value_and_gradient(x, g) == Approx(24.2));
    CHECK(g[0] == Approx(-215.6));
    CHECK(g[1] == Approx(-88.0));
    f.hessian(x, H);
    CHECK(H.isApprox(Matrix2d{{1330, 480}, {480, 200}}, 1e-14));
    f.hessian_product(x, Vector2d{1, 2}, Hv);
    CHECK(Hv.isApprox(Vector2d{2290, 880}, 1e-14));

    SECTION("and the same for float") {
        Vector2f gf;
        Eigen::Matrix2f Hf;
        CHECK(f.value_and_gradient(Vector2f{-1.2F, 1.0F}, gf) == Approx(24.2).epsilon(1e-6));
        CHECK(gf.cast<double>().isApprox(g, 1e-5));
        f.hessian(Vector2f{-1.2F, 1.0F}, Hf);
        CHECK(Hf.cast<double>().isApprox(H, 1e-5));
    }
    SECTION("sizes that disagree are refused") {
        const VectorXd point = VectorXd::Ones(2);
        const VectorXd direction = VectorXd::Ones(3);
        VectorXd product;
        CHECK_THROWS_WITH(f.hessian_product(point, direction, product),
                          contains("x has 2 numbers, v has 3"));
    }
}

TEST_CASE("autodiff differentiates the functions of Eigen, of any size") {
    const auto f = autodiff(many_functions);
    for (const Index n : {1, 2, 7, 8, 9, 17}) {
        const VectorXd x = VectorXd::LinSpaced(n, 0.3, 1.4);
        INFO(n);
        const auto gradient = check_gradient(f, x);
        INFO(gradient);
        CHECK(gradient.ok());
        const auto hessian = check_hessian(f, x);
        INFO(hessian);
        CHECK(hessian.ok());
        // Products with the Hessian are exactly those of the matrix.
        MatrixXd H;
        VectorXd Hv;
        f.hessian(x, H);
        f.hessian_product(x, x, Hv);
        CHECK(Hv.isApprox(H * x, 1e-13));
        CHECK((H - H.transpose()).norm() == 0);
    }
    const Eigen::Vector4d fixed = Eigen::Vector4d::LinSpaced(0.3, 1.4);
    CHECK(check_gradient(f, fixed).ok());
    CHECK(check_hessian(f, fixed).ok());
}

TEST_CASE("autodiff mixes plain matrices and numbers with its own") {
    const MatrixXd A = MatrixXd{{1, 2}, {3, 4}, {5, 6}};
    const Vector2d b{1, -1};
    const auto f = autodiff([&](const auto& x) {
        const auto residual = (A * x).eval();
        return residual.squaredNorm() / 2 + x.dot(b) + (x - b).squaredNorm();
    });
    const Vector2d x{0.5, -2};
    Vector2d g;
    Matrix2d H;
    f.value_and_gradient(x, g);
    f.hessian(x, H);
    CHECK(g.isApprox(A.transpose() * A * x + b + 2 * (x - b), 1e-14));
    CHECK(H.isApprox(A.transpose() * A + 2 * Matrix2d::Identity(), 1e-14));
}

TEST_CASE("dual numbers have the derivatives of <cmath>") {
    using Number = Dual<Dual<double, 1>, 1>;
    const auto derivatives = [](auto f, double at) {
        Number x{at};
        x.value.slope[0] = 1;
        x.slope[0].value = 1;
        const Number y = f(x);
        return std::array{y.value.value, y.slope[0].value, y.slope[0].slope[0]};
    };
    const auto check = [&](auto f, double at, double first, double second) {
        const auto [value, slope, curvature] = derivatives(f, at);
        CHECK(value == Approx(f(at)));
        CHECK(slope == Approx(first));
        CHECK(curvature == Approx(second));
    };
    using std::acos, std::asin, std::atan2, std::cbrt, std::cosh, std::erf, std::hypot, std::log10,
        std::log2, std::pow, std::sinh, std::fabs;
    check([](auto x) { return cbrt(x); }, 8.0, 1.0 / 12, -1.0 / 144);
    check([](auto x) { return log2(x); }, 2.0, 0.5 / std::log(2), -0.25 / std::log(2));
    check([](auto x) { return log10(x); }, 2.0, 0.5 / std::log(10), -0.25 / std::log(10));
    check([](auto x) { return asin(x); }, 0.6, 1.25, 0.6 / 0.512);
    check([](auto x) { return acos(x); }, 0.6, -1.25, -0.6 / 0.512);
    check([](auto x) { return sinh(x); }, 1.0, std::cosh(1), std::sinh(1));
    check([](auto x) { return cosh(x); }, 1.0, std::sinh(1), std::cosh(1));
    const double bell = 2 / std::sqrt(std::acos(-1.0)) * std::exp(-1.0);
    check([](auto x) { return erf(x); }, 1.0, bell, -2 * bell);
    check([](auto x) { return hypot(x, decltype(x)(4)); }, 3.0, 0.6, 16.0 / 125);
    check([](auto x) { return atan2(x, decltype(x)(2)); }, 1.0, 0.4, -4.0 / 25);
    check([](auto x) { return pow(x, 3); }, -2.0, 12, -12);
    check([](auto x) { return pow(x, x); }, 2.0, 4 * (1 + std::log(2)),
          4 * std::pow(1 + std::log(2), 2) + 2);
    check([](auto x) { return fabs(x) / x + x * 2 - 1 / x; }, -2.0, 2.25, 0.25);
    check([](auto x) { return pow(x, 0); }, 0.0, 0, 0);
}

TEST_CASE("finite differences come close to the exact derivatives") {
    const VectorXd x = VectorXd::LinSpaced(5, 0.3, 1.4);
    const auto exact = autodiff(many_functions);
    VectorXd g;
    MatrixXd H;
    const double value = exact.value_and_gradient(x, g);
    exact.hessian(x, H);
    VectorXd numeric;
    MatrixXd matrix;
    VectorXd product;

    SECTION("from values") {
        const auto f = finite_difference(ValueOnly{});
        CHECK(f.value_and_gradient(x, numeric) == value);
        CHECK(numeric.isApprox(g, 1e-8));
        f.hessian(x, matrix);
        CHECK(matrix.isApprox(H, 1e-5));
        CHECK((matrix - matrix.transpose()).norm() == 0);
        f.hessian_product(x, x, product);
        CHECK(product.isApprox(H * x, 1e-4));
    }
    SECTION("from gradients") {
        const auto f = finite_difference(exact);
        f.hessian(x, matrix);
        CHECK(matrix.isApprox(H, 1e-8));
        CHECK((matrix - matrix.transpose()).norm() == 0);
        f.hessian_product(x, x, product);
        CHECK(product.isApprox(H * x, 1e-8));
    }
    SECTION("from a lambda, in fixed size and in float") {
        const auto f =
            finite_difference([](const auto& p) { return (p.array() - 1).cube().sum(); });
        Vector2d two;
        Vector2f single;
        f.value_and_gradient(Vector2d{1e4, -1e4}, two);
        CHECK(two[0] == Approx(3 * 9999.0 * 9999.0));
        CHECK(two[1] == Approx(3 * 10001.0 * 10001.0));
        f.value_and_gradient(Vector2f{3, 2}, single);
        CHECK(single[0] == Approx(12).epsilon(1e-3));
    }
    SECTION("along nothing") {
        finite_difference(exact).hessian_product(x, VectorXd(VectorXd::Zero(5)), product);
        CHECK(product.isZero(0));
    }
}

TEST_CASE("the checks accept what is right") {
    const VectorXd x{{1.0, -2.0, 3.0}};
    CHECK(check_gradient(Quadratic{}, x).ok());
    CHECK(check_hessian(Quadratic{}, x).ok());
    CHECK(check_gradient(Quadratic{}, VectorXd(x * 1e4)).ok());
    CHECK(check_gradient(Quadratic{}, VectorXd(VectorXd::Zero(3))).ok());
    CHECK(check_gradient(autodiff(rosenbrock), Vector2d{1, 1}).ok());
    CHECK(check_gradient(autodiff(rosenbrock), Vector2f{-1.2F, 1}).ok());
    CHECK(check_hessian(autodiff(rosenbrock), Vector2f{-1.2F, 1}).ok());
}

TEST_CASE("the checks name the worst coordinate of what is wrong") {
    const VectorXd x{{1.0, -2.0, 3.0}};
    const auto gradient = check_gradient(Quadratic{.wrong_gradient = 1e-4}, x);
    CHECK_FALSE(gradient.ok());
    CHECK(gradient.row == 1);
    CHECK(gradient.analytic == Approx(gradient.numeric + 1e-4));
    std::ostringstream text;
    text << gradient;
    CHECK_THAT(text.str(), contains("gradient is WRONG: worst at [1], analytic -7.99"));

    const auto hessian = check_hessian(Quadratic{.wrong_hessian = 1e-4}, x);
    CHECK_FALSE(hessian.ok());
    CHECK(hessian.what == "hessian");
    CHECK(hessian.row == 2);
    CHECK(hessian.column == 1);

    const auto product = check_hessian(Quadratic{.wrong_product = 1e-4}, x);
    CHECK_FALSE(product.ok());
    CHECK(product.what == "hessian_product");
    CHECK(product.row == 0);

    CHECK_FALSE(check_gradient(Quadratic{.wrong_value = 1}, x).ok());

    const auto nan = check_gradient(NanGradient{}, Vector2d{1, 1});
    CHECK_FALSE(nan.ok());
    CHECK(nan.row == 1);
    CHECK(std::isinf(nan.relative_error));
}
