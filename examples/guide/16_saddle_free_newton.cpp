// SPDX-License-Identifier: MIT
// docs/guide/16_saddle_free_newton.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    const auto data = two_moons({.examples = 60, .noise = 0.2, .seed = 1});
    const EmpiricalRisk risk{network(2, dense(3), tanh(), dense(1)), LogisticLoss{}, data};
    const auto f = risk + L2{1e-2};
    const auto found = find_critical_points(f, risk.zero(), {.starts = 150, .spread = 1.5});
    std::cout << found;

    const auto curved = finite_difference(f);
    const auto damped = FullGradient{} | Newton{.indefinite = Indefinite::keep} | Constant{0.5};
    const auto full = FullGradient{} | SaddleFreeNewton{} | Constant{1};
    const auto sgd = Minibatch{.size = 10, .seed = 1} | Constant{0.3};
    Series points{"critical points", {}, {}, true};
    for (const CriticalPoint& point : found.points) {
        points.x.push_back(point.value);
        points.y.push_back(point.index_share());
        if (point.kind != PointKind::saddle) continue;
        const VectorXd way = point.escape_directions.col(0);
        const VectorXd start = point.x + 1e-5 * way;
        const auto by_newton = minimize(curved, start, damped, MaxIterations{10});
        const auto by_saddle_free = minimize(curved, start, full, MaxIterations{8});
        const auto by_sgd = minimize(f, start, sgd, MaxEpochs{200});
        const auto to_min = minimize(curved, start, saddle_free_newton(), GradientNorm{1e-7});
        std::cout << point.value << ' ' << point.index << " newton " << (by_newton.x-point.x).dot(way)/1e-5*1024 << " sfn " <<
          (by_saddle_free.x-point.x).dot(way)/1e-5/256 << " sgd " << f.value(by_sgd.x) << " min " << to_min.value << ' ' << to_min.iterations << name(to_min.status) << '\n';
    }
    if (count > 1) std::cout << draw(Chart{"t","x","y",false,false,{points}}, {.path = words[1]});
    return 0;
}
