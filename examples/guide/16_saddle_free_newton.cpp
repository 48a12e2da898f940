// SPDX-License-Identifier: MIT
// docs/guide/16_saddle_free_newton.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

using namespace ermine;
using Eigen::MatrixXd, Eigen::VectorXd;

int main(int count, char** words) {
    Random random(1);
    const auto normal = [&] { return random.normal(); };
    const MatrixXd x = MatrixXd::NullaryExpr(60, 2, normal);
    const VectorXd y = (2 * x.col(0)).array().sin() + x.col(1).array().sin();
    const Dense hidden{.units = 3, .bias = false};
    const Dense out{.units = 1, .bias = false};
    const EmpiricalRisk risk{network(2, hidden, tanh(), out), SquaredLoss{}, Dataset{x, y}};
    const auto f = risk + L2{1e-2};
    const auto found = find_critical_points(f, risk.zero(), {.starts = 150, .spread = 2});
    std::cout << found
              << "value   index   Newton's, saddle-free step; SGD's way; value in the end\n";

    const auto curved = finite_difference(f);
    const auto damped = FullGradient{} | Newton{.indefinite = Indefinite::keep} | Constant{0.5};
    const auto absolute = FullGradient{} | SaddleFreeNewton{} | Constant{1};
    const auto sgd = Minibatch{.size = 10, .seed = 1} | Constant{0.1};
    Chart chart{
        "Critical points of a network", "value", "share of curvatures < 0", false, false, {}};
    chart.series = {{"index", {}, {}, true}};
    bool holds = found.index_value_correlation() > 0.3;
    for (const CriticalPoint& point : found.points) {
        chart.series[0].x.push_back(point.value);
        chart.series[0].y.push_back(point.index_share());
        if (point.kind != PointKind::saddle) continue;
        const VectorXd way = point.escape_directions.col(0);
        const VectorXd start =
            point.x + 1e-5 * (way + 0.1 * VectorXd::NullaryExpr(way.size(), normal));
        VectorXd last;
        const auto watch = [&](const auto& progress) { last = progress.point(); };
        const auto factor = [&] {  // of the distance along the way, in each of six steps
            return std::pow(std::abs(way.dot(last - point.x) / way.dot(start - point.x)), 1.0 / 6);
        };
        (void)minimize(curved, start, damped, MaxIterations{6}, watch);
        const double halved = factor();
        (void)minimize(curved, start, absolute, MaxIterations{6}, watch);
        const double doubled = factor();
        (void)minimize(f, start, sgd, MaxEpochs{200}, watch);
        const double far = (last - point.x).norm();
        const auto end = minimize(curved, start, saddle_free_newton(), GradientNorm{1e-8});
        const bool minimum = classify(f, end.x).kind == PointKind::minimum;
        std::cout << point.value << "   " << point.index << "   " << halved << "   " << doubled
                  << "   " << far << "   " << end.value << (minimum ? "\n" : ", no minimum\n");
        holds = holds && std::abs(halved - 0.5) < 0.05 && std::abs(doubled - 2) < 0.1 &&
                far > 1e-3 && minimum && end.value < point.value;
    }
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds && found.count(PointKind::saddle) > 20 ? 0 : 1;
}
