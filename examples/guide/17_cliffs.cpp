// SPDX-License-Identifier: MIT
// docs/guide/17_cliffs.md
#include <ermine/ermine.hpp>

#include <iostream>

using namespace ermine;
using Eigen::Vector2d;

/// Of forty runs from a row of starting points the longest step, and the highest value after it.
static Vector2d worst(const auto& f, double w, const auto& method, Series& path) {
    Vector2d found(0, 0);
    for (int k = 0; k < 40; ++k) {
        Vector2d before(w + k / 40.0, -3.5);
        double longest = 0;
        Series here{path.name, {}, {}};
        const auto watch = [&](const auto& progress) {
            longest = std::max(longest, (progress.point() - before).norm());
            before = progress.point();
            here.x.push_back(before[0]);
            here.y.push_back(before[1]);
            if (longest > found[0]) found[1] = std::max(found[1], progress.value());
        };
        (void)minimize(f, before, method, MaxIterations{1000}, watch);
        if (longest > found[0]) path = here;
        found[0] = std::max(found[0], longest);
    }
    std::cout << path.name << ": longest step " << found[0] << ", value " << found[1] << '\n';
    return found;
}

int main(int count, char** words) {
    // a unit that hears of itself alone, xₜ₊₁ = w σ(xₜ) + b, is to be at 0.7 after fifty steps
    const auto f = autodiff([](const auto& v) {
        using std::exp;
        auto x = v[0] * 0 + 0.5;
        for (int t = 0; t < 50; ++t) x = v[0] / (1 + exp(-x)) + v[1];
        return (x - 0.7) * (x - 0.7);
    });
    const double step = 0.005;
    const double threshold = 10;
    Chart chart{"The run with the longest step", "w", "b", false, false, {}};
    bool holds = true;
    for (const double w : {4.5, 6.0}) {
        const std::string side = w < 5 ? "from above" : "from below";
        Series jumps{side, {}, {}};
        Series walks{side + ", clipped", {}, {}};
        const Vector2d plain = worst(f, w, FullGradient{} | Constant{step}, jumps);
        const Vector2d clipped =
            worst(f, w, FullGradient{} | ClipByNorm{threshold} | Constant{step}, walks);
        holds = holds && clipped[0] <= step * threshold * (1 + 1e-12) && clipped[1] < 20 &&
                plain[0] > 20 * step * threshold && plain[1] > 200;
        chart.series.insert(chart.series.end(), {jumps, walks});
    }
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
