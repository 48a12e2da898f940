// SPDX-License-Identifier: MIT
// Sums of squares: Levenberg and Marquardt's method against certified fits of the NIST, what it
// costs, what it refuses, and fits that outliers do not spoil.

#include "ermine_catch.hpp"

#include <Eigen/Core>
#include <Eigen/LU>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <ermine/losses/huber.hpp>
#include <ermine/numerics/check_gradient.hpp>
#include <ermine/numerics/check_hessian.hpp>
#include <ermine/numerics/damped_least_squares.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/gauss_newton.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/objectives/robust_least_squares.hpp>
#include <ermine/objectives/sum_of_squares.hpp>
#include <ermine/solvers/levenberg_marquardt.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/newton_methods.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::Vector2d;
using Eigen::VectorXd;

namespace {

/// A file of the NIST's Statistical Reference Datasets: nonlinear regression with one predictor.
struct Certified {
    MatrixXd starts;  // two columns
    VectorXd parameters;
    double residual_sum = 0;
    VectorXd x;
    VectorXd y;
};

Certified read_nist(const std::string& path) {
    std::ifstream file(path);
    REQUIRE(file.is_open());
    std::vector<std::array<double, 3>> rows;
    std::vector<double> x, y;
    Certified problem;
    bool in_data = false;
    for (std::string line; std::getline(file, line);) {
        std::array<char, 8> name{};
        double a = 0, b = 0, c = 0, d = 0;
        if (std::sscanf(line.c_str(), " b%7[0-9] = %lf %lf %lf %lf", name.data(), &a, &b, &c, &d) ==
            5)
            rows.push_back({a, b, c});
        else if (std::sscanf(line.c_str(), "Residual Sum of Squares: %lf", &a) == 1)
            problem.residual_sum = a;
        else if (line.starts_with("Data:"))
            in_data = !rows.empty();  // the first such line describes the data
        else if (in_data && std::sscanf(line.c_str(), " %lf %lf", &a, &b) == 2) {
            y.push_back(a);
            x.push_back(b);
        }
    }
    const auto n = static_cast<Index>(rows.size());
    problem.starts.resize(n, 2);
    problem.parameters.resize(n);
    for (Index i = 0; i < n; ++i) {
        const auto& row = rows[static_cast<std::size_t>(i)];
        problem.starts.row(i) << row[0], row[1];
        problem.parameters[i] = row[2];
    }
    problem.x = VectorXd::Map(x.data(), static_cast<Index>(x.size()));
    problem.y = VectorXd::Map(y.data(), static_cast<Index>(y.size()));
    return problem;
}

/// Digits that agree: −log₁₀ of the relative error.
double digits(double found, double certified) {
    return -std::log10(std::abs(found - certified) / std::abs(certified));
}

struct Nist {
    const char* name;
    Index observations;
    Index parameters;
};

/// The value of the file's model at x, for parameters of any scalar.
template <class B>
auto model(const std::string& name, const B& b, double x) {
    using std::exp;
    using std::pow;
    using T = typename B::Scalar;
    if (name == "Bennett5") return T(b[0] * pow(b[1] + x, -1 / b[2]));
    if (name == "Chwirut2") return T(exp(-b[0] * x) / (b[1] + b[2] * x));
    if (name == "Kirby2") return T((b[0] + x * (b[1] + x * b[2])) / (1 + x * (b[3] + x * b[4])));
    if (name == "Lanczos3")
        return T(b[0] * exp(-b[1] * x) + b[2] * exp(-b[3] * x) + b[4] * exp(-b[5] * x));
    if (name == "MGH17") return T(b[0] + b[1] * exp(-x * b[3]) + b[2] * exp(-x * b[4]));
    if (name == "Misra1a") return T(b[0] * (1 - exp(-b[1] * x)));
    if (name == "Rat43") return T(b[0] / pow(1 + exp(b[1] - b[2] * x), 1 / b[3]));
    // Hahn1, Thurber: a quotient of cubic polynomials
    return T((b[0] + x * (b[1] + x * (b[2] + x * b[3]))) /
             (1 + x * (b[4] + x * (b[5] + x * b[6]))));
}

/// y − exp(−a t) + b and so on: a curve with parameters (a, b), exact or with outliers.
struct Decay {
    VectorXd t = VectorXd::LinSpaced(20, 0, 4);
    VectorXd y = 3 * (-0.7 * t.array()).exp();

    template <class X, class R>
    void operator()(const X& x, R& r) const {
        using std::exp;
        r.resize(t.size());
        for (Index i = 0; i < t.size(); ++i) r[i] = x[0] * exp(-x[1] * t[i]) - y[i];
    }
};

/// Counts and remembers where it is evaluated.
struct Spied {
    Decay decay;
    mutable std::vector<VectorXd> residuals_at;
    mutable std::vector<VectorXd> jacobians_at;

    double value(const VectorXd& x) const {
        VectorXd r;
        decay(x, r);
        return r.squaredNorm();
    }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        return sum_of_squares(decay).value_and_gradient(x, g);
    }
    void residuals(const VectorXd& x, VectorXd& r) const {
        for (const auto& earlier : residuals_at) CHECK(earlier != x);
        residuals_at.push_back(x);
        decay(x, r);
    }
    void jacobian(const VectorXd& x, MatrixXd& J) const {
        for (const auto& earlier : jacobians_at) CHECK(earlier != x);
        jacobians_at.push_back(x);
        sum_of_squares(decay).jacobian(x, J);
    }
};

const FirstOf<GradientNorm, MaxIterations> tight =
    first_of(GradientNorm{1e-10}, MaxIterations{200});

/// ρ(r) = log(1 + r²): not convex, and outliers pull less the farther they are.
struct Cauchy {
    double value(double p, double y) const { return std::log1p((p - y) * (p - y)); }
    double derivative(double p, double y) const { return 2 * (p - y) / (1 + (p - y) * (p - y)); }
};

}  // namespace

TEST_CASE("Nine regressions of the NIST, from both starts, to six certified digits") {
    const char* const folder = std::getenv("ERMINE_DATA_DIR");
    if (folder == nullptr) {
        WARN("left out: ERMINE_DATA_DIR is not set, so there are no NIST regressions");
        return;
    }
    for (const Nist& nist :
         {Nist{"Bennett5", 154, 3}, Nist{"Chwirut2", 54, 3}, Nist{"Hahn1", 236, 7},
          Nist{"Kirby2", 151, 5}, Nist{"Lanczos3", 24, 6}, Nist{"MGH17", 33, 5},
          Nist{"Misra1a", 14, 2}, Nist{"Rat43", 15, 4}, Nist{"Thurber", 37, 7}}) {
        const std::string name = nist.name;
        const Certified nist_fit = read_nist(std::string(folder) + "/nist/" + name + ".dat");
        REQUIRE(nist_fit.x.size() == nist.observations);
        REQUIRE(nist_fit.parameters.size() == nist.parameters);
        const auto f = sum_of_squares([&](const auto& b, auto& r) {
            r.resize(nist_fit.y.size());
            for (Index i = 0; i < r.size(); ++i)
                r[i] = nist_fit.y[i] - model(name, b, nist_fit.x[i]);
        });
        for (Index start = 0; start < 2; ++start) {
            const VectorXd x0 = nist_fit.starts.col(start);
            const auto fit = minimize(f, x0, levenberg_marquardt(),
                                      first_of(GradientNorm{1e-15}, MaxIterations{2000}));
            INFO(name << " from start " << start + 1 << ": " << fit);
            CHECK(digits(fit.value, nist_fit.residual_sum) >= 6);
            for (Index i = 0; i < nist.parameters; ++i) {
                INFO("parameter " << i + 1 << ": " << fit.x[i]);
                CHECK(digits(fit.x[i], nist_fit.parameters[i]) >= 6);
            }
            CHECK(fit.iterations < 1000);
            // the run ends where rounding ends it, with parameters as small as 1e-7
            CHECK_FALSE(fit.wrong_gradient.has_value());
        }
    }
}

TEST_CASE("The damped problem is solved as by its normal equations, at any scale") {
    Random random{1};
    for (const auto& [m, n] :
         {std::pair{7, 3}, std::pair{3, 3}, std::pair{2, 4}, std::pair{1, 1}}) {
        for (int k = 0; k < 4; ++k) {
            MatrixXd J = MatrixXd::NullaryExpr(m, n, [&] { return random.normal(); });
            const VectorXd r = VectorXd::NullaryExpr(m, [&] { return random.normal(); });
            J.col(0) *= std::pow(10.0, 3 * k);
            if (k == 1 && n > 1) J.col(1).setZero();
            DampedLeastSquares<> model(m, n);
            model.factor(J, r);
            for (const double mu : {1e-3, 1.0, 100.0}) {
                VectorXd h(n);
                model.solve(mu, h);
                VectorXd d = J.colwise().squaredNorm();
                for (auto& entry : d)
                    if (entry == 0) entry = 1;
                MatrixXd normal = J.transpose() * J;
                normal.diagonal() += mu * d;
                // the optimality condition in the scaled variables
                const VectorXd left = (normal * h + J.transpose() * r).cwiseQuotient(d.cwiseSqrt());
                CHECK(left.norm() <= 1e-12 * (1 + mu) * r.norm());
                CHECK(model.predicted() ==
                      Approx(r.squaredNorm() - (J * h + r).squaredNorm()).epsilon(1e-9));
            }
        }
    }
}

TEST_CASE("No point is evaluated twice, and all evaluations are counted") {
    const Spied f;
    const auto fit = minimize(f, VectorXd(Vector2d(1, 3)), levenberg_marquardt(), tight);
    INFO(fit);
    CHECK(fit.converged());
    CHECK((fit.x - Vector2d(3, 0.7)).norm() < 1e-10);
    CHECK(fit.counts.residuals == static_cast<std::int64_t>(f.residuals_at.size()));
    CHECK(fit.counts.jacobians == static_cast<std::int64_t>(f.jacobians_at.size()));
    CHECK(fit.counts.jacobians == fit.iterations + 1);
    CHECK(fit.counts.gradients == 0);
    CHECK(fit.counts.values == 0);
    CHECK(fit.counts.monitoring == 0);
    CHECK(fit.value == Approx(f.value(fit.x)));
}

TEST_CASE("With residuals that vanish, convergence is quadratic") {
    const auto f = sum_of_squares(Decay{});
    std::vector<double> errors;
    const auto fit = minimize(f, VectorXd(Vector2d(2.5, 0.8)), LevenbergMarquardt{1e-8},
                              first_of(GradientNorm{1e-12}, MaxIterations{20}), [&](const auto& p) {
                                  errors.push_back((p.point() - Vector2d(3, 0.7)).norm());
                              });
    CHECK(fit.converged());
    int checked = 0;
    for (std::size_t k = 0; k + 1 < errors.size(); ++k)
        if (errors[k] < 0.1 && errors[k + 1] > 1e-13) {
            CHECK(errors[k + 1] <= 2 * errors[k] * errors[k] + 1e-8 * errors[k]);
            ++checked;
        }
    CHECK(checked >= 2);
}

TEST_CASE("The units of the variables do not matter") {
    // powers of two, so that every number of the run is the same but for its exponent
    const auto f = sum_of_squares(Decay{});
    const Vector2d unit(0x1p-20, 0x1p12);
    const auto g = sum_of_squares([&](const auto& x, auto& r) {
        auto y = x;
        y[0] = x[0] * unit[0];
        y[1] = x[1] * unit[1];
        Decay{}(y, r);
    });
    const auto one = minimize(f, VectorXd(Vector2d(1, 3)), levenberg_marquardt(), MaxIterations{7});
    const auto other = minimize(g, VectorXd(Vector2d(1, 3).cwiseQuotient(unit)),
                                levenberg_marquardt(), MaxIterations{7});
    CHECK(other.value == one.value);
    CHECK(other.x.cwiseProduct(unit) == one.x);
}

TEST_CASE("Fixed sizes and floats") {
    const auto f = sum_of_squares(Decay{});
    const auto fixed = minimize(f, Vector2d(1, 3), levenberg_marquardt(), tight);
    const auto dynamic = minimize(f, VectorXd(Vector2d(1, 3)), levenberg_marquardt(), tight);
    CHECK(fixed.converged());
    CHECK((fixed.x - dynamic.x).norm() < 1e-9);
    const auto single = sum_of_squares(
        [](const Eigen::Vector2f& x, Eigen::VectorXf& r) {
            r = Eigen::Vector3f(x[0] - 1, 10 * (x[1] - x[0] * x[0]), 0);
        },
        [](const Eigen::Vector2f& x, Eigen::Matrix<float, Eigen::Dynamic, 2>& J) {
            J.resize(3, 2);
            J << 1, 0, -20 * x[0], 10, 0, 0;
        });
    const auto fit = minimize(single, Eigen::Vector2f(-1.2F, 1), levenberg_marquardt(),
                              first_of(GradientNorm{1e-4}, MaxIterations{100}));
    CHECK(fit.converged());
    CHECK((fit.x - Eigen::Vector2f(1, 1)).norm() < 1e-4);
}

TEST_CASE("A gradient is checked at the scale of each variable") {
    const auto with_error = [](double error) {
        return objective([](const VectorXd& x) { return std::cosh(1e9 * x[0] - 1) + x[1] * x[1]; },
                         [error](const VectorXd& x, VectorXd& g) {
                             g = Vector2d((1 + error) * 1e9 * std::sinh(1e9 * x[0] - 1), 2 * x[1]);
                         });
    };
    for (const double a : {0.0, 3e-9, -1e-8}) {
        const VectorXd x = Vector2d(a, 1);
        CHECK(check_gradient(with_error(0), x).ok());
        CHECK_FALSE(check_gradient(with_error(1e-3), x).ok());
    }
}

TEST_CASE("Objectives of residuals") {
    const auto f = sum_of_squares(Decay{});
    static_assert(LeastSquares<decltype(f)> && TwiceDifferentiable<decltype(f)>);
    static_assert(LeastSquares<decltype(f), Vector2d> && CurvatureProducts<decltype(f)>);
    const VectorXd x = Vector2d(1, 2);
    CHECK(check_gradient(f, x).ok());
    CHECK(check_hessian(f, x).ok());
    VectorXd r, g;
    MatrixXd J, H;
    f.residuals(x, r);
    f.jacobian(x, J);
    CHECK(f.value_and_gradient(x, g) == Approx(r.squaredNorm()));
    CHECK((g - 2 * J.transpose() * r).norm() <= 1e-13 * g.norm());

    SECTION("A lambda that returns a vector, and a Jacobian by hand") {
        const Decay decay;
        const auto returned = sum_of_squares(
            [&](const VectorXd& p) {
                return VectorXd(p[0] * (-p[1] * decay.t.array()).exp() - decay.y.array());
            },
            [&](const VectorXd& p) {
                MatrixXd jacobian(decay.t.size(), 2);
                jacobian.col(0) = (-p[1] * decay.t.array()).exp();
                jacobian.col(1) = -p[0] * decay.t.array() * jacobian.col(0).array();
                return jacobian;
            });
        static_assert(LeastSquares<decltype(returned)> && !TwiceDifferentiable<decltype(returned)>);
        MatrixXd other;
        returned.jacobian(x, other);
        CHECK((other - J).norm() < 1e-14);
        CHECK(check_gradient(returned, x).ok());
        const auto fit = minimize(returned, VectorXd(Vector2d(1, 3)), levenberg_marquardt(), tight);
        CHECK((fit.x - Vector2d(3, 0.7)).norm() < 1e-10);
    }
    SECTION("The method of Gauss and Newton") {
        const auto half = gauss_newton(f);
        static_assert(TwiceDifferentiable<decltype(half)> && LeastSquares<decltype(half)>);
        half.hessian(x, H);
        CHECK((H - 2 * J.transpose() * J).norm() <= 1e-13 * H.norm());
        CHECK(check_gradient(half, x).ok());
        const auto fit = minimize(half, VectorXd(Vector2d(2.5, 0.8)), newton(), tight);
        CHECK(fit.converged());
        CHECK((fit.x - Vector2d(3, 0.7)).norm() < 1e-9);
    }
}

TEST_CASE("A robust fit is not drawn by outliers") {
    Decay spoiled;
    for (const Index i : {2, 7, 11, 16}) spoiled.y[i] += 5;
    const auto squares = sum_of_squares(spoiled);
    const VectorXd start = Vector2d(1, 1);
    const auto plain = minimize(squares, start, levenberg_marquardt(), tight);
    CHECK((plain.x - Vector2d(3, 0.7)).norm() > 0.5);

    const auto judge = [&](const auto& f, double within) {
        static_assert(LeastSquares<std::remove_cvref_t<decltype(f)>>);
        VectorXd s, r, g;
        MatrixXd S;
        f.residuals(start, s);
        f.jacobian(start, S);
        CHECK(s.squaredNorm() == Approx(f.value(start)));
        f.value_and_gradient(start, g);
        CHECK((g - 2 * S.transpose() * s).norm() <= 1e-12 * g.norm());
        CHECK(check_gradient(f, start).ok());
        const auto fit = minimize(f, start, levenberg_marquardt(), tight);
        INFO(fit << fit.x.transpose());
        CHECK(fit.converged());
        CHECK((fit.x - Vector2d(3, 0.7)).norm() < within);
        return fit;
    };
    const auto huber = judge(robust_least_squares(squares, HuberLoss{0.01}), 0.02);
    CHECK(judge(robust_least_squares(squares, Cauchy{}), 0.6).value > 0);

    SECTION("It is the minimum of the sum of losses, and half that of squares without outliers") {
        const auto sum = robust_least_squares(squares, HuberLoss{0.01});
        for (const Vector2d& d : {Vector2d(1e-3, 0), Vector2d(0, 1e-3), Vector2d(-1e-3, 1e-3)})
            CHECK(sum.value(VectorXd(huber.x + d)) > huber.value);
        const auto wide = robust_least_squares(squares, HuberLoss{1e6});
        CHECK(wide.value(start) == Approx(squares.value(start) / 2));
        // at the true parameters residuals are exactly 0, where the weight is a limit
        const auto exact = robust_least_squares(sum_of_squares(Decay{}), HuberLoss{});
        const VectorXd truth = Vector2d(3, 0.7);
        MatrixXd S, J;
        exact.jacobian(truth, S);
        sum_of_squares(Decay{}).jacobian(truth, J);
        CHECK((S - std::sqrt(0.5) * J).norm() < 1e-12);
    }
    CHECK_THROWS_WITH(robust_least_squares(squares, HuberLoss{0}), contains("delta is 0"));
}

TEST_CASE("Bad input ends as it should") {
    const auto start = [](double a, double b) { return VectorXd(Vector2d(a, b)); };
    SECTION("A Jacobian of the wrong shape") {
        const auto f =
            sum_of_squares([](const VectorXd& x) { return VectorXd(3 * x); },
                           [](const VectorXd&) { return MatrixXd(MatrixXd::Ones(2, 3)); });
        CHECK_THROWS_WITH(
            minimize(f, start(1, 1), levenberg_marquardt()),
            contains("the Jacobian is 2 x 3") && contains("there are 2 residuals and 2 variables"));
        VectorXd g;
        CHECK_THROWS_WITH(f.value_and_gradient(start(1, 1), g), contains("the Jacobian is 2 x 3"));
    }
    SECTION("Options that make no sense") {
        const auto f = sum_of_squares(Decay{});
        CHECK_THROWS_WITH(minimize(f, start(1, 1), LevenbergMarquardt{0}),
                          contains("LevenbergMarquardt: initial_damping is 0"));
        CHECK_THROWS_WITH(minimize(f, start(1, NAN), levenberg_marquardt()),
                          contains("starting point is not finite"));
    }
    // log x − 1, with its solution at e
    const auto logarithm = sum_of_squares([](const auto& x, auto& r) {
        using std::log;
        r.resize(1);
        r[0] = log(x[0]) - 1;
    });
    SECTION("A start out of the domain") {
        const auto fit =
            minimize(logarithm, VectorXd(VectorXd::Constant(1, -1)), levenberg_marquardt());
        CHECK(fit.status == Status::non_finite);
        CHECK(fit.x[0] == -1);
    }
    SECTION("Trial points out of the domain are rejected") {
        // the first full step leads from 10 to 10 − 10 (log 10 − 1) < 0
        const auto fit = minimize(logarithm, VectorXd(VectorXd::Constant(1, 10)),
                                  LevenbergMarquardt{1e-9}, tight);
        CHECK(fit.converged());
        CHECK(fit.x[0] == Approx(std::exp(1.0)));
        CHECK(fit.counts.residuals > fit.counts.jacobians);
    }
    SECTION("Where nothing is to be found, the run says so and is bounded") {
        // more variables than residuals: a whole line of solutions, one of which is found
        const auto line = sum_of_squares([](const auto& x, auto& r) {
            r.resize(1);
            r[0] = x[0] + 2 * x[1] - 3;
        });
        const auto fit = minimize(line, start(5, 5), levenberg_marquardt(), tight);
        CHECK(fit.converged());
        CHECK(fit.x[0] + 2 * fit.x[1] == Approx(3));
        // a gradient that lies: uphill everywhere
        const auto liar =
            sum_of_squares([](const VectorXd& x) { return x; },
                           [](const VectorXd&) { return MatrixXd(-MatrixXd::Identity(2, 2)); });
        const auto lost = minimize(liar, start(1, 2), levenberg_marquardt());
        CHECK(lost.status == Status::no_progress);
        CHECK(lost.counts.residuals < 100);
        CHECK(lost.x == start(1, 2));
        // no residuals that depend on x
        const auto flat = sum_of_squares([](const auto& x, auto& r) {
            r.resize(3);
            for (Index i = 0; i < 3; ++i) r[i] = 1 + 0 * x[0];
        });
        const auto still = minimize(flat, start(1, 2), levenberg_marquardt());
        CHECK(still.converged());
        CHECK(still.value == 3);
        CHECK(still.iterations == 0);
    }
    SECTION("A state that found nothing keeps to it") {
        const auto f = sum_of_squares(Decay{});
        const auto method = levenberg_marquardt();
        auto state = method.start(f, start(3, 0.7));
        Outcome outcome = Outcome::advanced;
        for (int k = 0; k < 100 && outcome == Outcome::advanced; ++k)
            outcome = method.advance(f, state);
        CHECK(outcome == Outcome::no_progress);
        const VectorXd end = method.point(state);
        CHECK(method.advance(f, state) == Outcome::no_progress);
        CHECK(method.point(state) == end);
    }
}
