// SPDX-License-Identifier: MIT
#include <ermine/numerics/fit_line.hpp>
#include <ermine/numerics/random.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "ermine_catch.hpp"

using namespace ermine;
using List = std::vector<double>;

TEST_CASE("A line through five points, by hand") {
    // Σ(x − 3)² = 10, Σ(x − 3)(y − 4) = 6, squared residuals 2.4; Student's t for 3 is 3.1824
    const LineFit line = fit_line(List{1, 2, 3, 4, 5}, List{2, 4, 5, 4, 5});
    CHECK(std::abs(line.slope.value - 0.6) < 1e-12);
    CHECK(std::abs(line.intercept.value - 2.2) < 1e-12);
    CHECK(std::abs(line.slope.error - 3.1824 * std::sqrt(0.08)) < 1e-4);
    CHECK(std::abs(line.intercept.error - 3.1824 * std::sqrt(0.88)) < 1e-4);

    const LineFit exact = fit_power_law(List{1, 10, 100}, List{3, 0.3, 0.03});
    CHECK(std::abs(exact.slope.value + 1) < 1e-12);
    CHECK(std::abs(exact.intercept.value - std::log(3.0)) < 1e-12);
    CHECK(exact.slope.error < 1e-12);
}

TEST_CASE("The intervals of a line hold the truth 95 times out of 100") {
    Random random(1);
    int slopes = 0;
    int intercepts = 0;
    for (int trial = 0; trial < 2000; ++trial) {
        List x;
        List y;
        for (int i = 0; i < 6; ++i) {
            x.push_back(100 + i * i);
            y.push_back(1 - 0.5 * x.back() + 3 * random.normal());
        }
        const auto [slope, intercept] = fit_line(x, y);
        slopes += std::abs(slope.value + 0.5) < slope.error;
        intercepts += std::abs(intercept.value - 1) < intercept.error;
    }
    // 1900 ± 2.6 standard deviations of 9.7
    CHECK(std::abs(slopes - 1900) < 26);
    CHECK(std::abs(intercepts - 1900) < 26);
}

TEST_CASE("What is no line is refused") {
    CHECK_THROWS_WITH(fit_line(List{1, 2, 3}, List{1, 2}),
                      "3 x but 2 y: there must be as many of both");
    CHECK_THROWS_WITH(fit_line(List{1, 2}, List{1, 2}),
                      "fit_line: 2 points: a line and its error need three");
    CHECK_THROWS_WITH(fit_line(List{0.1, 0.1, 0.1}, List{1, 2, 3}), "fit_line: all x are equal");
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH(fit_line(List{1, 2, 3}, List{1, nan, 3}),
                      "fit_line: point 1 is (2.000000, nan): it must be finite");
    CHECK_THROWS_WITH(fit_power_law(List{1, 2, 3}, List{1, 0, 3}),
                      "fit_power_law: a y is 0.000000: it must be positive");
}
