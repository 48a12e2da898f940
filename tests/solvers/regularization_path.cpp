// SPDX-License-Identifier: MIT
#include <ermine/data/dataset.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/regularization_path.hpp>

#include <Eigen/Cholesky>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine_catch.hpp>
#include <normal_matrix.hpp>

using namespace ermine;

TEST_CASE("a path begins where all weights are 0, and solves each problem as a fresh fit does") {
    const Index n = 200;
    const Eigen::MatrixXd x = normal(n, 30);
    const Eigen::VectorXd noise = normal(n, 31).col(30);
    const Eigen::VectorXd y = (x.col(0) - x.col(3) + 0.5 * noise).array().sign() + 0.0;
    for (const bool intercept : {false, true}) {
        const auto risk = EmpiricalRisk{Linear{30, intercept}, LogisticLoss{}, Dataset{x, y}};
        const auto path = regularization_path(risk, L1{}, {.count = 12, .ratio = 1e-2, .gap = 1e-9},
                                              WorkingSet{});
        REQUIRE(path.size() == 12);
        CHECK(path[0].nonzeros == 0);
        CHECK(path[0].support.size() == (intercept ? 1U : 0U));
        CHECK(path[1].nonzeros > 0);
        CHECK(path[11].lambda == Approx(1e-2 * path[0].lambda));
        for (std::size_t k = 0; k < path.size(); ++k) {
            const auto& point = path[k];
            CHECK(point.status == Status::converged);
            const auto f = risk + L1{point.lambda};
            CHECK(point.value == Approx(f.value(point.x(f.parameters()))).epsilon(1e-12));
            const auto fresh = regularization_path(
                risk, L1{}, {.count = 1, .gap = 1e-12, .largest = point.lambda}, WorkingSet{})[0];
            CHECK(point.gap <= 1e-9 * point.value * (1 + 1e-6));
            CHECK(point.value - fresh.value <= point.gap + 1e-14);
            if (k > 0) CHECK(point.value < path[k - 1].value);
        }
        // the least λ that holds all weights at 0: a little less does not
        auto less = regularization_path(
            risk, L1{}, {.count = 1, .gap = 1e-13, .largest = path[0].lambda * (1 - 1e-4)},
            WorkingSet{});
        CHECK(less[0].nonzeros > 0);
    }
}

TEST_CASE("paths of other penalties") {
    const Index n = 100;
    const Eigen::MatrixXd x = normal(n, 12);
    const Eigen::VectorXd y = x.col(0) + 0.5 * x.col(4) + normal(n, 13).col(12);
    const auto risk = EmpiricalRisk{Linear{12, false}, SquaredLoss{}, Dataset{x, y}};
    const double size = static_cast<double>(n);
    const auto ridge =
        regularization_path(risk, L2{}, {.count = 5, .gap = 1e-10}, LinearNewtonCG{});
    for (const auto& point : ridge) {
        Eigen::MatrixXd h = x.transpose() * x / size;
        h.diagonal().array() += point.lambda;
        const Eigen::VectorXd exact = h.ldlt().solve(x.transpose() * y / size);
        CHECK((point.x(12) - exact).norm() <= 1e-4 * exact.norm());
    }
    const auto net =
        regularization_path(risk, ElasticNet{0.5, 0.5}, {.count = 5, .gap = 1e-9}, WorkingSet{});
    CHECK(net[0].lambda == Approx(2 * (x.transpose() * y / size).cwiseAbs().maxCoeff()));
    CHECK(net[0].nonzeros == 0);
    CHECK(net[4].nonzeros > 2);
    const Eigen::VectorXd g = x.transpose() * y / size;
    double most = 0;
    for (Index k = 0; k < 12; k += 3) most = std::max(most, g.segment(k, 3).norm() / std::sqrt(3));
    CHECK(least_to_hold(GroupLasso{.lambda = 1, .group_size = 3}, g) == Approx(most));
}

TEST_CASE("least squares of many examples in the form of a few") {
    const Index n = 400;
    Eigen::MatrixXd x = normal(n, 7);
    x.col(6) = x.col(1) - 3 * x.col(2);  // dependent
    x.col(5) *= 1e6;
    const Eigen::VectorXd y =
        (3 + x.col(0).array() + 0.1 * x.col(1).array().square()).matrix() + normal(n, 8).col(7);
    const Eigen::VectorXd weights = normal(n, 1).cwiseAbs();
    const Dataset data{x, y};
    for (const bool intercept : {false, true}) {
        const auto risk = EmpiricalRisk{Linear{7, intercept}, SquaredLoss{},
                                        intercept ? data.with_weights(weights) : data};
        const auto reduced = ReducedLeastSquares::of(risk.linear_problem());
        Eigen::VectorXd w = normal(7, 1).col(0);
        w[5] = 1e-6;
        Eigen::VectorXd full = risk.zero();
        full.head(7) = w;
        if (intercept) full[7] = reduced.intercept(w);
        CHECK(0.5 * (reduced.rows * w - reduced.targets).squaredNorm() / 8 ==
              Approx(risk.value(full)).epsilon(1e-12));
        const auto check = [&](const auto& method, const auto& penalty) {
            const auto path = regularization_path(risk, penalty, {.count = 20}, method);
            CHECK(path.size() == 20);
            for (const auto& point : path) {
                CHECK(point.status == Status::converged);
                const auto f = risk + scaled(penalty, point.lambda);
                CHECK(point.value == Approx(f.value(point.x(f.parameters()))).epsilon(1e-11));
                const auto fresh =
                    minimize(f, f.zero(), method, first_of(RelativeGap{1e-10}, MaxIterations{500}));
                CHECK(point.value - fresh.value <= point.gap + 1e-12 * point.value);
                CHECK(point.gap <= 1e-6 * point.value);
            }
        };
        check(WorkingSet{}, L1{});
        check(LinearNewtonCG{}, L2{});
    }
}

TEST_CASE("a path of ridges ends within the gap of fresh fits") {
    const Index n = 2000;
    const Eigen::MatrixXd x = normal(n, 20);
    const Eigen::VectorXd y = (x.col(0) - x.col(3) + normal(n, 21).col(20)).array().sign() + 0.0;
    for (const bool intercept : {false, true}) {
        const auto risk = EmpiricalRisk{Linear{20, intercept}, LogisticLoss{}, Dataset{x, y}};
        for (const auto& point : regularization_path(
                 risk, L2{}, {.count = 12, .ratio = 1e-5, .gap = 1e-8}, LinearNewtonCG{})) {
            const auto f = risk + L2{point.lambda};
            const auto fresh = minimize(f, f.zero(), LinearNewtonCG{}, RelativeGap{1e-12});
            const double value = f.value(point.x(f.parameters()));
            CHECK(point.value == Approx(value).epsilon(1e-12));
            CHECK(point.gap <= 1e-8 * value);
            CHECK(value - fresh.value <= point.gap + 1e-13);
        }
    }
}

#ifdef _OPENMP
TEST_CASE("a path has the same bits on any number of threads") {
    const Eigen::MatrixXd x = normal(3000, 12);
    const Eigen::VectorXd y = (x.col(0) - x.col(3)).array().sign() * x.col(5).array().sign();
    const auto risk = EmpiricalRisk{Linear{12}, LogisticLoss{}, Dataset{x, y}};
    const int threads = omp_get_max_threads();
    const auto with = [&](int some, const auto& penalty, const auto& method) {
        omp_set_num_threads(some);
        auto path = regularization_path(risk, penalty, {.count = 10}, method);
        omp_set_num_threads(threads);
        return path;
    };
    const auto compare = [&](const auto& penalty, const auto& method) {
        const auto one = with(1, penalty, method);
        const auto two = with(2, penalty, method);
        for (std::size_t k = 0; k < one.size(); ++k) CHECK(one[k].values == two[k].values);
    };
    compare(L1{}, WorkingSet{});
    compare(L2{}, LinearNewtonCG{});
}
#endif

TEST_CASE("paths of bad input") {
    const Eigen::MatrixXd x = normal(20, 3);
    const Eigen::VectorXd ones = Eigen::VectorXd::Ones(20);
    const auto alike = EmpiricalRisk{Linear{3}, LogisticLoss{}, Dataset{x, ones}};
    CHECK_THROWS_WITH(regularization_path(alike, L1{}, {}, WorkingSet{}), contains("alike"));
    const Eigen::VectorXd signs = x.col(0).array().sign();
    const auto flat =
        EmpiricalRisk{Linear{3}, LogisticLoss{}, Dataset{Eigen::MatrixXd(0 * x), signs}};
    CHECK_THROWS_WITH(regularization_path(flat, L1{}, {}, WorkingSet{}), contains("largest"));
    CHECK_THROWS_WITH(regularization_path(flat, L1{}, {.count = 0}, WorkingSet{}),
                      contains("PathOptions.count"));
    CHECK_THROWS_WITH(regularization_path(flat, L1{}, {.ratio = 2}, WorkingSet{}),
                      contains("PathOptions.ratio"));
}
