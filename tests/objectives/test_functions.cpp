// SPDX-License-Identifier: MIT
// The public test functions: their derivatives against differences, and what is said of their
// minima and saddles against what methods find.

#include "ermine_catch.hpp"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <tuple>
#include <vector>

#include <ermine/numerics/check_gradient.hpp>
#include <ermine/numerics/check_hessian.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/ackley.hpp>
#include <ermine/objectives/double_well.hpp>
#include <ermine/objectives/monkey_saddle.hpp>
#include <ermine/objectives/more_garbow_hillstrom.hpp>
#include <ermine/objectives/power_sum.hpp>
#include <ermine/objectives/rastrigin.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/objectives/spectrum_quadratic.hpp>
#include <ermine/objectives/squared_times_linear.hpp>
#include <ermine/solvers/levenberg_marquardt.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/newton_methods.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

static_assert(TwiceDifferentiable<MoreGarbowHillstrom> && CurvatureProducts<MoreGarbowHillstrom>);
static_assert(LeastSquares<MoreGarbowHillstrom>);
static_assert(LeastSquares<MoreGarbowHillstrom, Eigen::Vector2f>);
static_assert(TwiceDifferentiable<SpectrumQuadratic<>> && StronglyConvex<SpectrumQuadratic<>>);
static_assert(Smooth<SpectrumQuadratic<Eigen::Vector3f>> && Smooth<Rastrigin>);
static_assert(TwiceDifferentiable<Ackley> && !Smooth<Ackley> && !CurvatureProducts<Ackley>);

namespace {

VectorXd near(VectorXd x, double size, Random& random) {
    for (auto& entry : x) entry += size * std::max(1.0, std::abs(entry)) * random.normal();
    return x;
}

/// Any of the functions behind one type, so that what tests them is compiled once.
struct Any {
    template <class F>
    Any(const F& f)
        : value_([f](const VectorXd& x) { return f.value(x); }),
          gradient_([f](const VectorXd& x, VectorXd& g) { return f.value_and_gradient(x, g); }),
          hessian_([f](const VectorXd& x, MatrixXd& H) { f.hessian(x, H); }),
          product_([f](const VectorXd& x, const VectorXd& v, VectorXd& Hv) {
              if constexpr (CurvatureProducts<F>) {
                  f.hessian_product(x, v, Hv);
              } else {
                  MatrixXd H;
                  f.hessian(x, H);
                  Hv = H * v;
              }
          }) {}

    double value(const VectorXd& x) const { return value_(x); }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const { return gradient_(x, g); }
    void hessian(const VectorXd& x, MatrixXd& H) const { hessian_(x, H); }
    void hessian_product(const VectorXd& x, const VectorXd& v, VectorXd& Hv) const {
        product_(x, v, Hv);
    }

    std::function<double(const VectorXd&)> value_;
    std::function<double(const VectorXd&, VectorXd&)> gradient_;
    std::function<void(const VectorXd&, MatrixXd&)> hessian_;
    std::function<void(const VectorXd&, const VectorXd&, VectorXd&)> product_;
};

void right_at(const Any& f, const VectorXd& x) {
    const auto gradient = check_gradient(f, x);
    const auto hessian = check_hessian(f, x);
    INFO(gradient << "\n" << hessian << "\nat " << x.transpose());
    CHECK(gradient.ok());
    CHECK(hessian.ok());
}

/// Derivatives at x and about it.
void right_about(const Any& f, const VectorXd& x, double size, std::uint64_t seed = 1) {
    Random random{seed};
    right_at(f, x);
    for (int k = 0; k < 3; ++k) right_at(f, near(x, size, random));
}

/// Value, gradient and Hessian at a point with a vector type of its own.
template <class V, class F>
void same_as_dynamic(const F& f, const V& x) {
    const VectorXd y = x.template cast<double>();
    V g = x;
    V Hv = x;
    VectorXd expected, product;
    SquareMatrix<V> H;
    MatrixXd dense;
    const double value = f.value_and_gradient(x, g);
    const double tolerance = 100 * double{std::numeric_limits<typename V::Scalar>::epsilon()};
    CHECK(value == Approx(f.value_and_gradient(y, expected)).epsilon(tolerance));
    CHECK((g.template cast<double>() - expected).norm() <= tolerance * expected.norm());
    f.hessian(x, H);
    f.hessian(y, dense);
    CHECK((H.template cast<double>() - dense).norm() <= tolerance * dense.norm());
    if constexpr (CurvatureProducts<F, V>) {
        f.hessian_product(x, x, Hv);
        f.hessian_product(y, y, product);
        CHECK((Hv.template cast<double>() - product).norm() <= tolerance * dense.norm() * y.norm());
        CHECK((dense * y - product).norm() <= 1e-12 * dense.norm() * y.norm());
    }
}

MoreGarbowHillstrom problem(int number, Index n = 0, Index m = 0) {
    return MoreGarbowHillstrom(number, n, m);
}

/// Whether the value is one of those known, which have six digits or are 0.
bool is_known(const MoreGarbowHillstrom& f, double value) {
    const auto known = f.minima();
    return std::any_of(known.begin(), known.end(), [&](double minimum) {
        return std::abs(value - minimum) <= 6e-6 * minimum + 1e-11;
    });
}

Result<VectorXd> by_newton(const Any& f, const VectorXd& start) {
    return minimize(f, start, newton(), first_of(GradientNorm{1e-9}, MaxIterations{1000}));
}

double lowest(const MoreGarbowHillstrom& f, const VectorXd& start) {
    const auto rule = first_of(GradientNorm{1e-13}, MaxIterations{2000});
    return minimize(f, start, levenberg_marquardt(), rule).value;
}

}  // namespace

TEST_CASE("The problems of Moré, Garbow and Hillstrom have exact derivatives") {
    const auto problems = more_garbow_hillstrom();
    REQUIRE(problems.size() == 35);
    for (const auto& f : problems) {
        INFO("problem " << f.number() << ", " << f.name());
        CHECK(f.number() == 1 + (&f - problems.data()));
        const VectorXd start = f.start();
        REQUIRE(start.size() == f.size());
        right_about(f, start, 0.1);
        right_at(f, 10 * start);

        VectorXd r, g;
        MatrixXd J;
        const double value = f.value_and_gradient(start, g);
        f.residuals(start, r);
        f.jacobian(start, J);
        REQUIRE(r.size() == f.residuals());
        REQUIRE((J.rows() == f.residuals() && J.cols() == f.size()));
        CHECK(value == f.value(start));
        CHECK(r.squaredNorm() == Approx(value).epsilon(1e-14));
        CHECK((2 * J.transpose() * r - g).norm() <= 1e-14 * double(r.size()) * J.norm() * r.norm());
    }
}

TEST_CASE("Values at the standard starts are those of other programs") {
    // mpf/Toms566.jl, an interface to the authors' own Fortran (ACM algorithm 566)
    const std::vector<std::tuple<int, Index, double>> published{
        {7, 3, 2.50e+03},   {18, 6, 7.79e-01},  {9, 3, 3.89e-06},   {3, 2, 1.14e+00},
        {12, 3, 1.03e+03},  {25, 40, 9.39e+10}, {20, 9, 3.00e+01},  {23, 60, 5.45e+09},
        {24, 65, 2.87e+05}, {4, 2, 1.00e+12},   {16, 4, 7.93e+06},  {11, 3, 1.21e+01},
        {26, 40, 2.01e-03}, {21, 40, 4.84e+02}, {22, 60, 3.23e+03}, {5, 2, 1.42e+01},
        {14, 4, 1.92e+04},  {35, 50, 1.39e-02}};
    for (const auto& [number, n, value] : published) {
        INFO("problem " << number);
        const auto f = problem(number, n);
        CHECK(f.value(f.start()) == Approx(value).epsilon(5e-3));
    }
}

TEST_CASE("Both methods for least squares reach the minima that the paper gives") {
    for (const auto& f : more_garbow_hillstrom()) {
        INFO("problem " << f.number() << ", " << f.name());
        const auto newtons = by_newton(f, f.start());
        INFO(newtons);
        CHECK(is_known(f, newtons.value));
        CHECK(is_known(f, lowest(f, f.start())));
        CHECK(f.minimum().value() == f.minima().front());
    }
}

TEST_CASE("Each of several minima is reached from somewhere") {
    const auto reaches = [](const MoreGarbowHillstrom& f, const VectorXd& start, double minimum) {
        INFO("problem " << f.number() << " from " << start.transpose());
        const double value = lowest(f, start);
        CHECK(std::abs(value - minimum) <= 6e-6 * minimum + 1e-11);
        CHECK(is_known(f, value));
    };
    reaches(problem(2), Eigen::Vector2d(6, 3), 0);
    reaches(problem(2), Eigen::Vector2d(0.5, -2), 48.9842);
    reaches(problem(8), 10 * problem(8).start(), 17.4286);
    reaches(problem(18), problem(18).start(), 0);
    VectorXd x = VectorXd::Zero(10);
    x[9] = 11;
    reaches(problem(27), x, 1);
    for (const Index n : {6, 9, 12})
        reaches(problem(20, n), problem(20, n).start(), problem(20, n).minima().front());
    for (const Index n : {4, 10})
        for (const int number : {23, 24})
            reaches(problem(number, n), problem(number, n).start(),
                    problem(number, n).minima().front());
    for (const Index n : {1, 2, 3, 4, 5, 6, 7, 8, 9}) {
        const auto f = problem(35, n);
        reaches(f, f.start(), n == 8 ? 3.51687e-3 : 0);
    }
    for (const Index m : {5, 9, 50})
        for (const int number : {32, 33, 34}) {
            const auto f = problem(number, 5, m);
            reaches(f, f.start(), f.minima().front());
        }
}

TEST_CASE("Dimensions are those that the paper allows") {
    CHECK(problem(21, 100).size() == 100);
    CHECK(problem(6, 0, 7).residuals() == 7);
    CHECK(problem(6, 0, 7).minima().empty());
    CHECK_FALSE(problem(20, 31).minimum().has_value());
    CHECK(problem(32, 3, 3).residuals() == 3);
    const auto refused = [](int number, Index n, Index m, const char* sentence) {
        CHECK_THROWS_WITH(MoreGarbowHillstrom(number, n, m), contains(sentence));
    };
    refused(0, 0, 0, "there is no problem 0; they are numbered 1 to 35");
    refused(36, 0, 0, "there is no problem 36");
    refused(1, 3, 0, "problem 1 (Rosenbrock) with n = 3: it must be 2");
    refused(21, 7, 0, "with n = 7: it must be a multiple of 2");
    refused(22, 10, 0, "with n = 10: it must be a multiple of 4");
    refused(20, 32, 0, "with n = 32: it must be 2 to 31");
    refused(20, 1, 0, "with n = 1: it must be 2 to 31");
    refused(34, 2, 0, "with n = 2: it must be at least 3");
    refused(30, -1, 0, "with n = -1: it must be at least 1");
    refused(11, 0, 101, "with m = 101: it must be 3 to 100");
    refused(32, 5, 4, "with m = 4: it must be at least n = 5");
    refused(23, 5, 7, "with m = 7: it must be 6");
    VectorXd g;
    CHECK_THROWS_WITH(problem(14).value(VectorXd::Zero(3).eval()),
                      contains("problem 14 has 4 variables, the vector 3"));
    CHECK_THROWS_WITH(
        problem(14).hessian_product(problem(14).start(), VectorXd(VectorXd::Zero(3)), g),
        contains("problem 14 has 4 variables, the vector 3"));
    // out of the domain of a logarithm or a power, and beyond the largest number
    CHECK_FALSE(std::isfinite(problem(11).value(Eigen::Vector3d(-1e-3, 1, 3))));
    CHECK_FALSE(std::isfinite(problem(6).value(Eigen::Vector2d(1000, 1))));
    // many variables, and one number of them that no width divides
    Random random{4};
    for (const int number : {20, 24, 27, 29, 31, 35})
        right_at(problem(number, number == 20 ? 31 : 37),
                 near(problem(number, number == 20 ? 31 : 37).start(), 0.01, random));
    same_as_dynamic(problem(14), Eigen::Vector4d(1.5, -0.5, 0.25, 2));
}

TEST_CASE("Rosenbrock's function in any dimension") {
    for (const Index n : {2, 3, 5, 6, 9, 10, 11, 12, 13, 40}) {
        const VectorXd start = Rosenbrock::start<VectorXd>(n);
        CHECK(start[0] == -1.2);
        CHECK(start[1] == 1);
        right_about(Rosenbrock{}, start, 0.3);
        VectorXd g;
        CHECK(Rosenbrock{}.value_and_gradient(Rosenbrock::minimum<VectorXd>(n), g) == 0);
        CHECK(g.isZero(0));
        // the sum and its derivatives, one term at a time
        Random random{std::uint64_t(n)};
        const VectorXd x = near(start, 1, random);
        VectorXd expected = VectorXd::Zero(n);
        double sum = 0;
        for (Index i = 0; i + 1 < n; ++i) {
            const double r = x[i + 1] - x[i] * x[i];
            sum += 100 * r * r + (1 - x[i]) * (1 - x[i]);
            expected[i] += -400 * r * x[i] - 2 * (1 - x[i]);
            expected[i + 1] += 200 * r;
        }
        CHECK(Rosenbrock{}.value_and_gradient(x, g) == Approx(sum).epsilon(1e-14));
        CHECK((g - expected).norm() <= 1e-14 * expected.norm());
    }
    same_as_dynamic(Rosenbrock{}, Eigen::Vector2d(-1.2, 1));
    Eigen::Matrix<float, 20, 1> x = Rosenbrock::start<Eigen::Matrix<float, 20, 1>>();
    same_as_dynamic(Rosenbrock{}, x);
}

TEST_CASE("Quadratics have the spectrum that was asked for") {
    SECTION("Up to rounding, for every condition number") {
        for (const double condition : {1.0, 1e3, 1e6, 1e9, 1e12}) {
            const SpectrumQuadratic<> f(log_spectrum(20, 1, condition), 5);
            CHECK((f.eigenvalues().minCoeff() == 1 && f.eigenvalues().maxCoeff() == condition));
            CHECK(f.matrix() == f.matrix().transpose());
            CHECK((f.basis().transpose() * f.basis() - MatrixXd::Identity(20, 20)).norm() < 1e-14);
            const VectorXd found =
                Eigen::SelfAdjointEigenSolver<MatrixXd>(f.matrix()).eigenvalues();
            CHECK((found - f.eigenvalues()).lpNorm<Eigen::Infinity>() < 1e-14 * condition);
            CHECK(f.smoothness() == Approx(condition).epsilon(1e-12));
            CHECK(f.smoothness() >= condition);
            CHECK(f.strong_convexity() == Approx(1).epsilon(1e-12));
            CHECK(f.strong_convexity() <= 1);
            // along an eigenvector the function is the parabola of its eigenvalue, the weakest too
            VectorXd g;
            for (Index i = 0; i < 20; ++i) {
                const VectorXd x = f.center() + f.basis().col(i);
                const double lambda = f.eigenvalues()[i];
                const double leak = 1e-30 * condition;  // rounding of x in the stiff directions
                CHECK(std::abs(f.value(x) - lambda / 2) <= 1e-13 * lambda + leak);
                CHECK(f.value_and_gradient(x, g) == Approx(f.value(x)));
                CHECK((g - lambda * f.basis().col(i)).norm() <= 1e-13 * lambda + 1e-15 * condition);
            }
            CHECK(f.value_and_gradient(f.minimum(), g) == 0);
            CHECK(g.isZero(0));
        }
    }
    SECTION("Derivatives, types and seeds") {
        const SpectrumQuadratic<> f(log_spectrum(7, 0.01, 10), 3);
        right_about(f, f.start(), 1);
        const Eigen::Vector3f spectrum(1, 5, 20);
        const SpectrumQuadratic<Eigen::Vector3f> fixed(spectrum, 2, Eigen::Vector3f(1, 2, 3));
        CHECK(fixed.value(Eigen::Vector3f(1, 2, 3)) == 0);
        Eigen::Vector3f g;
        Eigen::Matrix3f H;
        const Eigen::Vector3f x(2, 0, 1);
        fixed.value_and_gradient(x, g);
        fixed.hessian(x, H);
        CHECK((H * (x - fixed.center()) - g).norm() < 1e-4);
        CHECK(SpectrumQuadratic<>(log_spectrum(7, 0.01, 10), 3).matrix() == f.matrix());
        CHECK(SpectrumQuadratic<>(log_spectrum(7, 0.01, 10), 4).matrix() != f.matrix());
    }
    SECTION("Saddles of every index") {
        for (Index index = 0; index <= 5; ++index) {
            VectorXd spectrum = log_spectrum(5, 1, 9);
            spectrum.head(index) *= -1;
            const SpectrumQuadratic<> f(spectrum);
            const VectorXd found =
                Eigen::SelfAdjointEigenSolver<MatrixXd>(f.matrix()).eigenvalues();
            CHECK((found.array() < 0).count() == index);
            CHECK(f.strong_convexity() == Approx(index == 0 ? 1 : 0));
            right_at(f, f.start());
        }
    }
    SECTION("Bad input") {
        CHECK_THROWS_WITH(log_spectrum(4, 0, 1), contains("log_spectrum: smallest is 0"));
        CHECK_THROWS_WITH(SpectrumQuadratic<>(VectorXd{}), contains("there are no eigenvalues"));
        CHECK_THROWS_WITH(SpectrumQuadratic<>(VectorXd::Ones(2), 1, VectorXd::Ones(3)),
                          contains("2 eigenvalues but 3 numbers in the center"));
        CHECK_THROWS_WITH(SpectrumQuadratic<>(VectorXd::Constant(2, NAN)), contains("not finite"));
        CHECK_THROWS_WITH(SpectrumQuadratic<>(VectorXd::Ones(2)).value(VectorXd::Ones(3)),
                          contains("2 variables but 3 numbers in x"));
    }
}

TEST_CASE("Saddles are what is said of them") {
    Random random{8};
    SECTION("The monkey's") {
        const MonkeySaddle f;
        right_about(f, VectorXd::Zero(2), 1);
        right_about(f, VectorXd::Zero(5), 1);
        same_as_dynamic(f, Eigen::Vector3d(0.5, -2, 1));
        MatrixXd H;
        const VectorXd origin = MonkeySaddle::saddle<VectorXd>(2);
        f.hessian(origin, H);
        CHECK(H.isZero(0));
        for (int k = 0; k < 3; ++k) {  // three valleys, three ridges
            const double valley = (2 * k + 1) * std::numbers::pi / 3;
            const double ridge = 2 * k * std::numbers::pi / 3;
            CHECK(f.value(Eigen::Vector2d(std::cos(valley), std::sin(valley))) == Approx(-1));
            CHECK(f.value(Eigen::Vector2d(std::cos(ridge), std::sin(ridge))) == Approx(1));
        }
        const VectorXd x = near(VectorXd::Zero(2), 1, random);
        f.hessian(x, H);
        VectorXd g;
        f.value_and_gradient(x, g);
        CHECK((H.inverse() * g - x / 2).norm() < 1e-12);
        const VectorXd lambda = Eigen::SelfAdjointEigenSolver<MatrixXd>(H).eigenvalues();
        CHECK(lambda[0] == Approx(-6 * x.norm()));
        CHECK(lambda[1] == Approx(6 * x.norm()));
        CHECK_THROWS_WITH(f.value(VectorXd::Zero(1).eval()), contains("needs at least 2"));
    }
    SECTION("Sums of powers") {
        const PowerSum f({{1, 2}, {-1, 4}, {0.5, 3}});
        right_about(f, VectorXd::Zero(3), 1);
        same_as_dynamic(f, Eigen::Vector3d(1.5, -0.5, 2));
        CHECK(f.value(Eigen::Vector3d(3, 2, -2)) == 9 - 16 - 4);
        MatrixXd H;
        f.hessian(VectorXd::Zero(3).eval(), H);
        CHECK(H == Eigen::Vector3d(2, 0, 0).asDiagonal().toDenseMatrix());
        CHECK_FALSE(f.bounded());
        CHECK(PowerSum({{1, 2}, {1, 4}}).bounded());
        CHECK_FALSE(PowerSum({{1, 2}, {1, 3}}).bounded());
        CHECK_THROWS_WITH(PowerSum({}), contains("there are no terms"));
        CHECK_THROWS_WITH(PowerSum({{1, 1}}), contains("a power is 1"));
        CHECK_THROWS_WITH(PowerSum({{0, 2}}), contains("a coefficient is 0"));
        CHECK_THROWS_WITH(f.value(VectorXd::Zero(2).eval()), contains("3 terms"));
    }
    SECTION("Wells behind a saddle of any index") {
        for (const Index index : {0, 1, 3, 9}) {
            const DoubleWell f{.index = index};
            right_about(f, VectorXd::Zero(4), 1);
            MatrixXd H;
            f.hessian(DoubleWell::saddle<VectorXd>(4), H);
            CHECK((H.diagonal().array() == -1).count() == std::min<Index>(index, 4));
            VectorXd g;
            CHECK(f.value_and_gradient(f.minimum<VectorXd>(4), g) == f.minimum_value(4));
            CHECK(g.isZero(0));
            f.hessian(f.minimum<VectorXd>(4), H);
            CHECK(H.diagonal().minCoeff() >= 1);
            const auto result = by_newton(f, VectorXd::Constant(4, 0.7));
            CHECK(result.converged());
            CHECK(result.value == Approx(f.minimum_value(4)));
        }
        same_as_dynamic(DoubleWell{.index = 2}, Eigen::Vector3f(0.5F, -2, 1));
    }
    SECTION("A line of stationary points") {
        const SquaredTimesLinear f;
        right_about(f, VectorXd::Zero(2), 1);
        same_as_dynamic(f, Eigen::Vector2f(0.5F, -2));
        VectorXd g;
        MatrixXd H;
        for (const double y : {-1.0, 0.0, 2.0}) {
            f.value_and_gradient(VectorXd(Eigen::Vector2d(0, y)), g);
            f.hessian(VectorXd(Eigen::Vector2d(0, y)), H);
            CHECK(g.isZero(0));
            CHECK(H == Eigen::Vector2d(2 * y, 0).asDiagonal().toDenseMatrix());
        }
        CHECK_THROWS_WITH(f.value(VectorXd::Zero(3).eval()), contains("is one of 2"));
    }
}

TEST_CASE("Functions with many local minima") {
    SECTION("Rastrigin's") {
        const Rastrigin f;
        right_about(f, VectorXd::Constant(3, 0.3), 2);
        same_as_dynamic(f, Eigen::Vector3f(0.5F, -0.125F, 1.25F));
        CHECK(f.value(Rastrigin::minimum<VectorXd>(5)) == 0);
        CHECK(f.value(VectorXd::Constant(2, 0.5).eval()) == Approx(2 * (0.25 + 20)));
        // a local minimum near every point of whole numbers
        for (const double whole : {-2.0, 0.0, 1.0, 4.0}) {
            const auto result = by_newton(f, VectorXd::Constant(2, whole));
            CHECK(result.converged());
            CHECK((result.x.array() - whole).abs().maxCoeff() < 0.05 * std::abs(whole) + 1e-12);
            CHECK((whole == 0) == (result.value < 1e-12));
        }
        VectorXd g;
        f.value_and_gradient(VectorXd::Constant(2, 1e-9).eval(), g);  // no digits are cancelled
        CHECK(f.value(VectorXd::Constant(1, 1e-9).eval()) == Approx(f.smoothness() / 2 * 1e-18));
    }
    SECTION("Ackley's, with its kink") {
        const Ackley f;
        right_about(f, VectorXd::Constant(3, 0.3), 2);
        right_at(f, VectorXd::Constant(2, 1e-2));
        const VectorXd x = Eigen::Vector2d(0.5, -1.5);
        const double direct = -20 * std::exp(-0.2 * std::sqrt(x.squaredNorm() / 2)) -
                              std::exp((2 * std::numbers::pi * x).array().cos().mean()) + 20 +
                              std::numbers::e;
        CHECK(f.value(x) == Approx(direct).epsilon(1e-14));
        const VectorXd origin = Ackley::minimum<VectorXd>(3);
        VectorXd g;
        CHECK(f.value_and_gradient(origin, g) == 0);
        CHECK(g.isZero(0));
        MatrixXd H;
        f.hessian(origin, H);
        CHECK(H.hasNaN());
        // the slopes at the kink: 4 s, exactly to first order
        Random random{9};
        for (int k = 0; k < 5; ++k) {
            const VectorXd near_by = near(origin, 1e-10, random);
            const double s = near_by.norm() / std::sqrt(3.0);
            CHECK(f.value(near_by) == Approx(4 * s).epsilon(1e-6));
        }
        for (int k = 0; k < 100; ++k) CHECK(f.value(near(origin, 10, random)) > 0);
        CHECK_THROWS_WITH(f.value(VectorXd{}), contains("Ackley: x has no numbers"));
    }
}
