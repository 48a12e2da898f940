// SPDX-License-Identifier: MIT
// docs/guide/15_saddle_points.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

using namespace ermine;
using Eigen::MatrixXd, Eigen::VectorXd;

/// log of the saddles to a minimum of a field on n dimensions, by eigenvalues of GOE(n + 1).
static double log_ratio(Index n, Random& random) {
    VectorXd weight = VectorXd::Zero(n + 1);  // of each index
    MatrixXd g(n + 1, n + 1);
    for (int matrix = 0; matrix < 1000; ++matrix) {
        for (double& entry : g.reshaped()) entry = random.normal() / std::sqrt(2);
        const VectorXd values = dense_eigen(g + g.transpose(), false).values;
        weight += (-values.array().square() / 4).exp().matrix();
    }
    return std::log(2 * weight.segment(1, n - 1).sum() / (weight[0] + weight[n]));
}

int main(int count, char** words) {
    Random random(1);
    Series ratios{"saddle points to a minimum", {}, {}, true};
    Eigen::Matrix<double, 11, 10> logs;  // for n = 2, …, 12, each ten times
    for (Index n = 2; n <= 12; ++n) {
        for (double& one : logs.row(n - 2)) one = log_ratio(n, random);
        ratios.x.push_back(static_cast<double>(n));
        ratios.y.push_back(std::exp(logs.row(n - 2).mean()));
        std::cout << n << " dimensions: " << ratios.y.back() << " saddle points to a minimum\n";
    }
    // a slope of least squares for each of the ten
    const VectorXd about = VectorXd::LinSpaced(11, -5, 5);
    const Eigen::ArrayXd slopes = logs.transpose() * about / about.squaredNorm();
    const double slope = slopes.mean();
    const double error =
        student_interval(0.95, 9) * std::sqrt((slopes - slope).square().sum() / 90);
    const double middle = logs.mean();
    const Series line{
        "fitted", {2, 12}, {std::exp(middle - 5 * slope), std::exp(middle + 5 * slope)}};
    const double three = 2 * (29 + 6 * std::sqrt(6)) / (29 - 6 * std::sqrt(6));
    std::cout << "slope of the log " << Estimate{slope, error}
              << ", below 1 by theory; exactly 2 and " << three << " in 2 and 3 dimensions\n";
    const bool grows = slope - error > 0.75 && slope + error < 1;
    const bool exact = std::abs(ratios.y[0] - 2) < 0.1 && std::abs(ratios.y[1] - three) < 0.3;

    // a field of sixty random waves on four dimensions: the higher the point, the higher its index
    const MatrixXd waves = MatrixXd::NullaryExpr(60, 4, [&] { return random.normal(); });
    const VectorXd phases = VectorXd::NullaryExpr(60, [&] { return 6.2832 * random.uniform(); });
    const auto field =
        autodiff([&](const auto& x) { return (waves * x + phases).array().cos().sum(); });
    const auto found =
        find_critical_points(field, VectorXd(VectorXd::Zero(4)), {.starts = 200, .spread = 3});
    std::cout << found;
    const Chart chart{"Gaussian random fields", "dimensions", "ratio", false, true, {ratios, line}};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return grows && exact && found.index_value_correlation() > 0.7 ? 0 : 1;
}
