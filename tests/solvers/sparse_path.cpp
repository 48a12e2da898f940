// SPDX-License-Identifier: MIT
// Each way of following a path, by Gram matrices, by conjugate gradients and by columns, beside
// fresh fits.
#include <ermine/data/dataset.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/largest_lambda.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/sparse_path.hpp>
#include <ermine/solvers/working_set.hpp>

#include <Eigen/SparseCore>

#include <ermine_catch.hpp>
#include <normal_matrix.hpp>

using namespace ermine;

TEST_CASE("each way of following a path ends within the gap of a fresh fit") {
    const Index n = 240;
    for (const Index d : {60, 300}) {
        Eigen::MatrixXd x = normal(n, d);
        x = (x.array().abs() > 1.3).select(x, 0.0);
        const Eigen::VectorXd y =
            (x.leftCols(6).rowwise().sum() + 0.3 * normal(n, d + 1).col(d)).unaryExpr([](double t) {
                return t > 0.2 ? 1.0 : -1.0;
            });
        const Eigen::VectorXd weights = normal(n, 1).cwiseAbs();
        const Dataset data{Eigen::SparseMatrix<double, Eigen::RowMajor>(x.sparseView()), y};
        for (const bool intercept : {false, true}) {
            const auto risk = EmpiricalRisk{Linear{d, intercept}, LogisticLoss{},
                                            intercept ? data.with_weights(weights) : data};
            const auto problem = risk.linear_problem();
            const Eigen::VectorXd constant = best_constant(problem);
            Eigen::VectorXd slopes(constant.size());
            risk.value_and_gradient(constant, slopes);
            slopes.conservativeResize(d);
            const double most = least_to_hold(L1{}, slopes);
            for (const double l2 : {0.0, 0.3}) {
                const auto view = [&](double lambda) {
                    return problem.shifted(l2 * lambda).with(L1{lambda});
                };
                const auto start = view(most);
                // by Gram matrices, and by conjugate gradients or columns
                for (const Index gram : {1000, 4}) {
                    SparsePath path(start, constant, gram);
                    for (const double share : {0.7, 0.5, 0.35, 0.25, 0.18}) {
                        const double lambda = share * most;
                        CHECK(path.follow(view(lambda), 1e-8, 100));
                        const auto f = risk + ElasticNet{lambda, l2 * lambda};
                        const auto fresh =
                            minimize(f, f.zero(), WorkingSet{},
                                     first_of(RelativeGap{1e-11}, MaxIterations{300}));
                        const double value = f.value(path.x());
                        CHECK(path.bounds().primal == Approx(value).epsilon(1e-12));
                        CHECK(path.bounds().relative() <= 1e-8);
                        CHECK(value - fresh.value <= path.bounds().absolute() + 1e-13);
                        CHECK(path.bounds().dual <= fresh.value + 1e-13);
                    }
                }
            }
        }
    }
}
