// SPDX-License-Identifier: MIT
// Folds are exact, the rule of one standard error is that of the book, and a run equals the loop
// that it stands for.
#include <ermine_catch.hpp>

#include <ermine/data/dataset.hpp>
#include <ermine/data/folds.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/solvers/cross_validate.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/minimize.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

using namespace ermine;

namespace {

Dataset<DenseRows<double>> examples(Index n, Index classes) {
    Random random(3);
    Eigen::MatrixXd x(n, 3);
    Eigen::VectorXd y(n);
    for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < 3; ++j) x(i, j) = random.normal();
        const auto k = static_cast<double>(i % classes);
        y[i] = classes == 2 ? (x(i, 0) + random.normal() > 0.3 ? 1 : -1) : k * k;
    }
    return Dataset{x, y};
}

const auto solve = [](const auto& f, const auto& x0) {
    return minimize(f, x0, LinearNewtonCG{}, first_of(RelativeGap{1e-9}, MaxIterations{100}));
};

}  // namespace

TEST_CASE("folds part the examples, and each class, evenly") {
    const auto data = examples(103, 4);
    const auto parts = folds(data, {.folds = 5});
    std::set<int> seen;
    std::map<double, Index> all;
    for (Index i = 0; i < 103; ++i) ++all[data.targets()[i]];
    for (const auto& part : parts) {
        CHECK((part.size() == 20 || part.size() == 21));
        CHECK(std::is_sorted(part.begin(), part.end()));
        seen.insert(part.begin(), part.end());
        std::map<double, Index> own;
        for (const auto i : part) ++own[data.targets()[i]];
        for (const auto& [target, count] : all) {
            CHECK(own[target] >= count / 5);
            CHECK(own[target] <= (count + 4) / 5);
        }
    }
    CHECK(seen.size() == 103);
    CHECK(parts == folds(data, {.folds = 5}));
    CHECK(parts != folds(data, {.folds = 5, .seed = 8}));
}

TEST_CASE("groups are never cut, and their classes are spread") {
    const auto data = examples(400, 4);
    FoldOptions options{.folds = 4};
    Random random(5);
    for (Index i = 0; i < 400; ++i) options.groups.push_back(static_cast<double>(random.below(40)));
    const auto parts = folds(data, options);
    std::map<double, std::size_t> fold_of;
    for (std::size_t k = 0; k < parts.size(); ++k) {
        std::map<double, int> own;
        for (const auto i : parts[k]) {
            const double group = options.groups[static_cast<std::size_t>(i)];
            CHECK(fold_of.try_emplace(group, k).first->second == k);
            ++own[data.targets()[i]];
        }
        for (const auto& [target, count] : own) CHECK(std::abs(count - 25) <= 8);
    }
    options.groups.assign(400, 1);
    for (std::size_t i = 0; i < 100; ++i) options.groups[i] = 2;
    CHECK_THROWS_WITH(folds(data, options), "folds: 4 folds of 2 groups: give fewer folds");
    options.groups.resize(3);
    CHECK_THROWS_AS(folds(data, options), std::invalid_argument);
}

TEST_CASE("folds that cannot be are refused") {
    const auto data = examples(12, 4);
    CHECK_THROWS_WITH(folds(data, {.folds = 1}), "folds: 1 folds are too few: give at least 2");
    CHECK_THROWS_WITH(folds(data, {.folds = 13}),
                      "folds: 13 folds of 12 examples: give fewer folds");
    CHECK_THROWS_WITH(folds(data, {.folds = 4}),
                      "folds: 4 folds of 3 examples of class 0: give fewer folds, or .stratified = "
                      "false");
    CHECK(folds(data, {.folds = 4, .stratified = false}).size() == 4);
}

TEST_CASE("the rule of one standard error on a table made up for it") {
    Eigen::MatrixXd table(2, 5);
    // means 5, 3.5, 3, 2.9, 4; the standard error of two numbers is half their distance
    table << 5, 3.4, 2.9, 2.4, 4,  //
        5, 3.6, 3.1, 3.4, 4;
    const std::vector<double> lambdas{1, 0.5, 0.2, 0.1, 0.01};
    const auto low = CrossValidated::of(lambdas, table);
    CHECK(low.best_lambda() == 0.1);
    CHECK(std::abs(low.errors[3] - 0.5) < 1e-15);
    CHECK(low.one_standard_error_lambda() == 0.2);
    const auto high = CrossValidated::of(lambdas, -table, true);
    CHECK(high.best_lambda() == 0.1);
    CHECK(high.one_standard_error_lambda() == 0.2);
    table(0, 3) = std::numeric_limits<double>::quiet_NaN();
    CHECK(CrossValidated::of(lambdas, table).best_lambda() == 0.2);
    CHECK_THROWS_AS(CrossValidated::of({1}, table), std::invalid_argument);
    table.setConstant(std::numeric_limits<double>::infinity());
    CHECK_THROWS_AS(CrossValidated::of(lambdas, table), std::invalid_argument);
}

TEST_CASE("cross-validation is the loop that one would write, on any number of threads") {
    const auto data = examples(200, 2);
    const std::vector<double> lambdas{1e-3, 1, 1e-2, 0.1};
    const auto cv = cross_validate(Linear{3}, LogisticLoss{}, data, lambdas, LogisticLoss{}, solve,
                                   {.folds = 4});
    CHECK(cv.lambdas == std::vector<double>{1, 0.1, 1e-2, 1e-3});
    const auto parts = folds(data, {.folds = 4});
    for (std::size_t k = 0; k < 4; ++k) {
        std::vector<std::int32_t> rest;
        for (std::int32_t i = 0; i < 200; ++i)
            if (std::find(parts[k].begin(), parts[k].end(), i) == parts[k].end()) rest.push_back(i);
        const EmpiricalRisk risk{Linear{3}, LogisticLoss{}, data.select(rest)};
        const EmpiricalRisk held{Linear{3}, LogisticLoss{}, data.select(parts[k])};
        for (Index l = 0; l < 4; ++l) {
            const auto f = risk + L2{cv.lambdas[static_cast<std::size_t>(l)]};
            const auto result = solve(f, risk.zero());
            CHECK(std::abs(held.value(result.x) - cv.scores(static_cast<Index>(k), l)) < 1e-5);
        }
    }
    CHECK(cv.unconverged == 0);
    const auto wrong = cross_validate(Linear{3}, LogisticLoss{}, data, lambdas, ZeroOneLoss{},
                                      solve, {.folds = 4});
    CHECK(wrong.means[static_cast<Index>(wrong.best)] < 0.35);
#ifdef _OPENMP
    const int threads = omp_get_max_threads();
    omp_set_num_threads(threads == 1 ? 2 : 1);
    const auto again = cross_validate(Linear{3}, LogisticLoss{}, data, lambdas, LogisticLoss{},
                                      solve, {.folds = 4});
    omp_set_num_threads(threads);
    CHECK(again.scores == cv.scores);
#endif
    CHECK_THROWS_AS(cross_validate(Linear{3}, LogisticLoss{}, data, {}, LogisticLoss{}, solve),
                    std::invalid_argument);
    CHECK_THROWS_AS(cross_validate(Linear{3}, LogisticLoss{}, data, {-1}, LogisticLoss{}, solve),
                    std::invalid_argument);
}
