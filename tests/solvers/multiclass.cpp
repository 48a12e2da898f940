// SPDX-License-Identifier: MIT
// Multinomial logistic regression against Newton's method with the whole Hessian, and one class
// against the rest against the fits that it stands for.
#include <ermine_catch.hpp>

#include <Eigen/SparseCore>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/crammer_singer.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/solvers/crammer_singer_dual.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/multiclass_newton_cg.hpp>
#include <ermine/solvers/newton_methods.hpp>
#include <ermine/solvers/one_vs_rest.hpp>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

using namespace ermine;

namespace {

constexpr Index n = 300;
constexpr Index d = 5;
constexpr Index classes = 4;

struct Sample {
    Eigen::MatrixXd x{n, d};
    Eigen::VectorXd y{n};
    Eigen::VectorXd weights{n};

    Sample() {
        Random random(11);
        const Eigen::MatrixXd w =
            Eigen::MatrixXd::NullaryExpr(d, classes, [&] { return random.normal(); });
        for (Index i = 0; i < n; ++i) {
            for (Index j = 0; j < d; ++j) x(i, j) = static_cast<float>(random.normal());
            Index best = 0;
            (x.row(i) * w +
             1.5 * Eigen::RowVectorXd::NullaryExpr(classes, [&] {
                 return random.normal();
             })).maxCoeff(&best);
            y[i] = static_cast<double>(best);
            weights[i] = i % 7 == 0 ? 0 : 1 + random.uniform();
        }
    }
};

const auto stop = first_of(RelativeGap{1e-10}, MaxIterations{60});

using Risk = decltype(EmpiricalRisk{LinearMulticlass{}, SoftmaxCrossEntropy{},
                                    std::declval<Dataset<DenseRows<float>>>()}
                          .in_double());

double compare(const Risk& risk, double lambda) {
    const auto f = risk + L2{lambda};
    const auto truth =
        minimize(f, risk.zero(), newton(), first_of(GradientNorm{1e-11}, MaxIterations{100}));
    const MulticlassNewtonCG method{.accuracy = 1e-10};
    const auto result = minimize(f, risk.zero(), method, stop);
    CHECK(result.converged());
    CHECK(std::abs(result.value - f.value(result.x)) <= 1e-13 * result.value);
    const double above = result.value - truth.value;
    CHECK(above >= -1e-14);
    CHECK(above <= result.certificate.value + 1e-14);
    CHECK(result.certificate.value <= 1e-10 * result.value);
    CHECK((result.x - truth.x).head(d * classes).norm() <= 1e-4 * (1 + truth.x.norm()));
    // the gap is a bound on the way, too, and a start that is good ends the run
    const auto early =
        minimize(f, risk.zero(), method, first_of(RelativeGap{1e-2}, MaxIterations{60}));
    CHECK(early.value - truth.value <= early.certificate.value);
    CHECK(minimize(f, truth.x, method, stop).iterations <= 1);
    return result.value;
}

}  // namespace

TEST_CASE("multinomial regression finds Newton's optimum and certifies it") {
    const Sample s;
    const SoftmaxCrossEntropy loss;
    const Eigen::MatrixXf x = s.x.cast<float>();
    for (const bool intercept : {false, true}) {
        const LinearMulticlass model{d, classes, intercept};
        compare(EmpiricalRisk{model, loss, Dataset{x, s.y, s.weights}}.in_double(), 1e-4);
        const double dense = compare(EmpiricalRisk{model, loss, Dataset{x, s.y}}.in_double(), 1e-2);
        const Eigen::SparseMatrix<double, Eigen::RowMajor> entries = s.x.sparseView();
        const EmpiricalRisk risk{model, loss, Dataset{entries, s.y}};
        const auto sparse = minimize(risk + L2{1e-2}, risk.zero(), MulticlassNewtonCG{}, stop);
        CHECK(sparse.converged());
        CHECK(std::abs(sparse.value - dense) <= 2e-10 * dense);
    }
}

TEST_CASE(
    "multinomial regression on one thread and on two, without a penalty, and of bad options") {
    const Sample s;
    const LinearMulticlass model{d, classes, true};
    const Eigen::MatrixXf x = s.x.cast<float>();
    const auto risk = EmpiricalRisk{model, SoftmaxCrossEntropy{}, Dataset{x, s.y}}.in_double();
    const auto f = risk + L2{1e-3};
    const auto run = [&] { return minimize(f, risk.zero(), MulticlassNewtonCG{}, stop); };
    const auto one = run();
#ifdef _OPENMP
    const int threads = omp_get_max_threads();
    omp_set_num_threads(threads == 1 ? 2 : 1);
    const auto two = run();
    omp_set_num_threads(threads);
    CHECK(one.x == two.x);
#endif
    // classes far apart have no best hyperplanes
    Eigen::MatrixXf far = Eigen::MatrixXf::Zero(n, d);
    for (Index i = 0; i < n; ++i) far(i, static_cast<Index>(s.y[i])) = 1;
    const auto apart = EmpiricalRisk{model, SoftmaxCrossEntropy{}, Dataset{far, s.y}}.in_double();
    const auto none = minimize(apart, apart.zero(), MulticlassNewtonCG{}, MaxIterations{50});
    CHECK(none.status == Status::separable);
    CHECK(none.x.allFinite());
    // and where there is an optimum, the run ends there
    CHECK(minimize(risk, risk.zero(), MulticlassNewtonCG{}, MaxIterations{200}).iterations < 100);
    CHECK_THROWS_AS(minimize(f, risk.zero(), MulticlassNewtonCG{.forcing = 1}),
                    std::invalid_argument);
}

TEST_CASE("one class against the rest is a fit a class over the same rows") {
    const Sample s;
    const Dataset data{s.x, s.y};
    const auto solve = [](const auto& f, const auto& x0) {
        return minimize(f, x0, LinearNewtonCG{}, first_of(RelativeGap{1e-9}, MaxIterations{60}));
    };
    const auto fit =
        fit_one_vs_rest(LinearMulticlass{d, classes, true}, LogisticLoss{}, data, L2{1e-2}, solve);
    CHECK(fit.converged());
    for (Index k = 0; k < classes; ++k) {
        const Eigen::VectorXd y =
            (s.y.array() == static_cast<double>(k)).select(Eigen::ArrayXd::Ones(n), -1.0);
        const EmpiricalRisk risk{Linear{d, true}, LogisticLoss{}, Dataset{s.x, y}};
        const auto own = solve(risk + L2{1e-2}, risk.zero());
        for (Index j = 0; j <= d; ++j) CHECK(fit.parameters[j * classes + k] == own.x[j]);
    }
    CHECK_THROWS_AS(
        fit_one_vs_rest(LinearMulticlass{d, 3, true}, LogisticLoss{}, data, L2{1e-2}, solve),
        std::invalid_argument);
}

TEST_CASE("the dual of Crammer and Singer's machine closes the gap") {
    const Sample s;
    const LinearMulticlass model{d, classes, false};
    const auto run = [&](const auto& data) {
        const EmpiricalRisk risk{model, CrammerSingerLoss{}, data};
        const auto f = risk + L2{1e-2};
        const auto result = minimize(f, risk.zero(), CrammerSingerDual{.accuracy = 1e-8},
                                     first_of(RelativeGap{1e-8}, MaxIterations{20000}));
        CHECK(result.converged());
        CHECK(std::abs(f.value(result.x) - result.value) <= 1e-14);
        CHECK(result.certificate.value <= 1e-8 * result.value);
        return result;
    };
    const auto result = run(Dataset{s.x, s.y});
    // no direction leads down from there
    const auto f = EmpiricalRisk{model, CrammerSingerLoss{}, Dataset{s.x, s.y}} + L2{1e-2};
    Random random(2);
    for (int k = 0; k < 20; ++k) {
        const Eigen::VectorXd step =
            Eigen::VectorXd::NullaryExpr(result.x.size(), [&] { return 1e-2 * random.normal(); });
        CHECK(f.value(result.x + step) >= result.value * (1 - 1e-8));
    }
    // an example of weight 0 is none
    const auto weighted = run(Dataset{s.x, s.y, s.weights});
    std::vector<std::int32_t> rest;
    for (std::int32_t i = 0; i < n; ++i)
        if (s.weights[i] > 0) rest.push_back(i);
    const auto without = run(Dataset{s.x, s.y, s.weights}.select(rest));
    CHECK(std::abs(weighted.value - without.value) <= 2e-8 * weighted.value);
    const EmpiricalRisk risk{model, CrammerSingerLoss{}, Dataset{s.x, s.y}};
    CHECK_THROWS_AS(minimize(risk, risk.zero(), CrammerSingerDual{}), std::invalid_argument);
}
