// SPDX-License-Identifier: MIT
// docs/guide/14_gradient_norm_test.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    // a saddle at 0, minima at (0, ±1), where the curvatures are 1 and 2
    const auto f = autodiff([](const auto& v) {
        const auto square = v[1] * v[1];
        return 0.5 * v[0] * v[0] - 0.5 * square + 0.25 * square * square;
    });
    VectorXd start(2);
    start << 1, 1e-12;  // almost on the ridge that leads to the saddle
    const double step = 0.1;
    const auto descent = FullGradient{} | Constant{step};

    RunRecord early, whole, shaken;
    const auto to_saddle = minimize(f, start, descent, MaxIterations{140}, early);
    const auto to_minimum = minimize(f, start, descent, MaxIterations{500}, whole);
    (void)minimize(noisy(f, {.gradient = {.additive = 0.3}}), start, descent, MaxIterations{400},
                   shaken);
    const auto one = gradient_norm_test(early), two = gradient_norm_test(whole),
               three = gradient_norm_test(shaken);
    const auto saddle = classify(f, to_saddle.x), minimum = classify(f, to_minimum.x);
    std::cout << one << "  and it is a " << saddle << two << "  and it is a " << minimum << three;

    // on the way from the saddle the norm grows by 1 + step · 1 an iteration
    const auto& norm = whole.gradient_norm;
    const double growth = std::pow(norm[220] / norm[180], 1.0 / 40);
    std::cout << "from the saddle it grows by " << growth << " an iteration, by theory " << 1 + step
              << '\n';

    const Chart chart{.title = "Three runs by the norm of their gradient",
                      .x_label = "iteration",
                      .y_label = "largest entry of the gradient",
                      .log_y = true,
                      .series = {{"ends at a minimum", whole.iteration, norm},
                                 {"ends at a saddle point", early.iteration, early.gradient_norm},
                                 {"noisy gradients", shaken.iteration, shaken.gradient_norm}}};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    using Verdict = GradientNormTest::Verdict;
    const bool verdicts = one.verdict == Verdict::shrinks && two.verdict == Verdict::shrinks &&
                          three.verdict == Verdict::does_not_shrink;
    const bool kinds = saddle.kind == PointKind::saddle && minimum.kind == PointKind::minimum;
    return verdicts && kinds && std::abs(growth / (1 + step) - 1) < 0.002 ? 0 : 1;
}
