// SPDX-License-Identifier: MIT
// Linear models on bad data: handled, or refused with a sentence; never a wrong number.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/duality_gap.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/dual_coordinate_ascent.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/proximal_methods.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/solvers/relative_gap.hpp>
#include <ermine/solvers/working_set.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

using Matrix = DenseRows<double>::Matrix;

constexpr Index n = 60;
constexpr Index d = 6;

Matrix some_features(Index rows = n, Index columns = d) {
    Random random(1);
    Matrix x(rows, columns);
    for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < columns; ++j) x(i, j) = random.normal();
    return x;
}

VectorXd some_labels(const Matrix& x, double noise = 1) {
    Random random(2);
    VectorXd y(x.rows());
    for (Index i = 0; i < x.rows(); ++i)
        y(i) = x(i, 0) - x(i, 1) + 0.3 + noise * random.normal() > 0 ? 1 : -1;
    return y;
}

struct Answer {
    std::string method;
    double value;
    double certified;  // what is proven of value − minimum
    Status status;
};

// What every run must keep, and those that are listed must also reach.
template <class F, class... Methods>
double require_honest(const F& f, bool reached, const Methods&... methods) {
    std::vector<Answer> answers;
    const auto run = [&](const auto& method) {
        const auto result =
            minimize(f, f.zero(), method, first_of(RelativeGap{1e-7}, MaxIterations{2000}));
        CAPTURE(answers.size(), name(result.status), result.value, result.certificate.value);
        REQUIRE(result.x.allFinite());
        REQUIRE(std::isfinite(result.value));
        REQUIRE(f.value(result.x) == Approx(result.value).epsilon(1e-9).margin(1e-15));
        REQUIRE(result.value <= f.value(f.zero()) * (1 + 1e-12));
        if (reached) REQUIRE(result.status == Status::converged);
        const bool certified = result.certificate.kind != Certificate::Kind::none;
        if (result.status == Status::converged) REQUIRE(certified);
        answers.push_back(
            {"", f.value(result.x),
             certified ? result.certificate.value : std::numeric_limits<double>::infinity(),
             result.status});
    };
    (run(methods), ...);
    double least = answers.front().value;
    for (const Answer& answer : answers) least = std::min(least, answer.value);
    for (const Answer& answer : answers) {
        CAPTURE(&answer - answers.data(), answer.value, least, answer.certified);
        CHECK(answer.value - least <= answer.certified + 1e-14 * std::abs(least) + 1e-15);
        if (answer.status == Status::converged)
            CHECK(answer.value - least <= 1e-7 * std::abs(least) + 1e-15);
    }
    return least;
}

// With ℓ2 and with ℓ1, by all who can: whether all must reach the gap is asked of ℓ2 alone.
double require_all_honest(const Matrix& x, const VectorXd& y, bool intercept, double lambda,
                          bool reached = true) {
    const EmpiricalRisk risk(Linear{x.cols(), intercept}, LogisticLoss{}, Dataset(x, y));
    require_honest(risk + L1{lambda}, false, fista(), WorkingSet{});
    if (!intercept) {
        const EmpiricalRisk hinge(Linear{x.cols(), false}, HingeLoss{}, Dataset(x, y));
        require_honest(hinge + L2{lambda}, false, DualCoordinateAscent{});
    }
    return require_honest(risk + L2{lambda}, reached, lbfgs(), LinearNewtonCG{});
}

}  // namespace

TEST_CASE("columns that are constant, zero or twice there") {
    Matrix x = some_features();
    const VectorXd y = some_labels(x);
    x.col(2).setConstant(3);
    x.col(4) = x.col(3);
    x.col(5).setZero();
    require_all_honest(x, y, true, 1e-2);
    require_all_honest(x, y, true, 1e-12);
    require_all_honest(x, y, false, 1e-2);
}

TEST_CASE("penalties of any size") {
    const Matrix x = some_features();
    const VectorXd y = some_labels(x);
    const double share = (y.array() > 0).cast<double>().mean();
    // nothing but the intercept is left: the entropy of the labels
    CHECK(require_all_honest(x, y, true, 1e12) ==
          Approx(-share * std::log(share) - (1 - share) * std::log(1 - share)).epsilon(1e-7));
    require_all_honest(x, y, false, 1e12);
}

TEST_CASE("one example, no feature, nothing but zeros") {
    const Matrix x = some_features();
    const VectorXd y = some_labels(x);
    require_all_honest(x.topRows(1), y.head(1), false, 1e-2);
    require_all_honest(x.leftCols(1), y, true, 1e-2);
    require_all_honest(Matrix(n, 0), y, true, 1e-2);
    CHECK(require_all_honest(Matrix(n, 0), y, false, 1e-2) == Approx(std::log(2)));
    CHECK(require_all_honest(Matrix::Zero(n, d), y, false, 1e-2) == Approx(std::log(2)));
    Matrix some = x;
    some.topRows(n / 2).setZero();
    require_all_honest(some, y, false, 1e-2);
    const EmpiricalRisk hinge(Linear{d, false}, HingeLoss{}, Dataset(some, y));
    require_honest(hinge + L2{1e-2}, true, DualCoordinateAscent{});
}

TEST_CASE("labels that are all alike") {
    const Matrix x = some_features();
    require_all_honest(x, VectorXd::Ones(n), false, 1e-2);
    // with a free intercept the infimum, 0, is not attained, and no relative gap is ever small
    CHECK(require_all_honest(x, VectorXd::Ones(n), true, 1e-2, false) < 1e-6);
    CHECK(require_all_honest(x.topRows(1), VectorXd::Ones(1), true, 1e-2, false) < 1e-6);
}

TEST_CASE("columns of wildly different scale, and numbers at the ends of their range") {
    const Matrix x = some_features();
    const VectorXd y = some_labels(x);
    Matrix scaled = x;
    for (Index j = 0; j < d; ++j) scaled.col(j) *= std::pow(10.0, -8 + 3.2 * double(j));
    require_all_honest(scaled, y, true, 1e-3, false);
    require_all_honest(1e-300 * x, y, true, 1e-3);
    require_all_honest(1e-300 * x, y, false, 1e-2);
    // what overflows is told, and the answer is none that is worse than the start
    require_all_honest(1e300 * x, y, true, 1e-3, false);
    require_all_honest(1e300 * x, y, false, 1e-3, false);
    scaled = x;
    scaled.col(0) *= 1e-300;
    scaled.col(1) *= 1e150;
    require_all_honest(scaled, y, true, 1e-3, false);
}

TEST_CASE("separable data without a penalty, and more features than examples") {
    const Matrix x = some_features();
    const VectorXd y = some_labels(x, 0);
    const EmpiricalRisk risk(Linear{d}, LogisticLoss{}, Dataset(x, y));
    const auto result = minimize(risk, risk.zero(), LinearNewtonCG{});
    CHECK(result.status == Status::separable);
    // the direction: all examples on their side
    CHECK((risk.predictions(result.x) * y.array()).minCoeff() > 0);
    CHECK(result.certificate.kind == Certificate::Kind::none);
    // a loss that is flat from margin 1 on has a best point, and it is found
    const EmpiricalRisk flat(Linear{d}, SquaredHingeLoss{}, Dataset(x, y));
    const auto best = minimize(flat, flat.zero(), LinearNewtonCG{},
                               first_of(RelativeGap{1e-9}, MaxIterations{200}));
    CHECK(best.status != Status::separable);
    CHECK(best.value < 1e-12);
    // λ = 0 with d > n: no unique answer, but one that fits, and an end
    const Matrix wide = some_features(8, 30);
    const EmpiricalRisk squares(Linear{30}, SquaredLoss{},
                                Dataset(wide, VectorXd::LinSpaced(8, -3, 4)));
    const auto fitted = minimize(squares, squares.zero(), LinearNewtonCG{},
                                 first_of(RelativeGap{1e-9}, MaxIterations{200}));
    CHECK(fitted.value < 1e-20);
    CHECK(fitted.iterations < 200);
    require_all_honest(wide, some_labels(wide), true, 1e-9, false);
}

TEST_CASE("weights that are no weights are refused") {
    const Matrix x = some_features();
    const VectorXd y = some_labels(x);
    CHECK_THROWS_WITH(Dataset(x, y, VectorXd::Zero(n)), contains("all weights are 0"));
    CHECK_THROWS_WITH(Dataset(x, y, VectorXd::Constant(n, 1e307)), contains("too large"));
    CHECK_THROWS_WITH(Dataset(x, y, VectorXd::Constant(n, 1e-310)), contains("too small"));
    VectorXd opposite = VectorXd::Ones(n);
    opposite.tail(n / 2).array() = -1;
    CHECK_THROWS_WITH(Dataset(x, y, opposite), contains("not negative"));
    // those that are 0 count nothing, and only ratios matter
    VectorXd weights = VectorXd::Constant(n, 1e300);
    weights.tail(20).setZero();
    const auto fit = [&](const auto& data) {
        const EmpiricalRisk risk(Linear{d}, LogisticLoss{}, data);
        return minimize(risk + L2{0.01}, risk.zero(), LinearNewtonCG{}, RelativeGap{1e-10}).value;
    };
    CHECK(fit(Dataset(x, y, weights)) ==
          Approx(fit(Dataset(Matrix(x.topRows(40)), VectorXd(y.head(40))))).epsilon(1e-9));
}
