// SPDX-License-Identifier: MIT
// On real data, with the constants that the risk derives: the rate of gradient descent, and the
// optimality of what the proximal gradient method ends with.
#include "ermine_catch.hpp"

#include <cstdlib>
#include <string>

#include <ermine/data/read_libsvm.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/tails/nesterov.hpp>

using namespace ermine;

namespace {

/// The logistic risk of a file, without an intercept; empty without the data.
template <class Test>
void with_risk(const char* file, Test&& test) {
    const char* const folder = std::getenv("ERMINE_DATA_DIR");
    if (folder == nullptr) {
        WARN("left out: ERMINE_DATA_DIR is not set, so there is no " << file);
        return;
    }
    const auto data = read_libsvm(std::string(folder) + "/libsvm/" + file);
    test(EmpiricalRisk{Linear{data.features(), false}, LogisticLoss{}, data});
}

void keeps_its_rate(const auto& risk) {
    const auto f = risk + L2{1e-2};
    const auto best =
        minimize(f, f.zero(), newton(), first_of(GradientNorm{1e-13}, MaxIterations{50}));
    REQUIRE(best.gradient_norm < 1e-12);
    const double start = f.value(f.zero()) - best.value;
    const double ratio = 1 - f.strong_convexity() / f.smoothness();
    CHECK(f.strong_convexity() >= 1e-2);
    CHECK(best.certificate.value < 1e-12);
    const auto iterations = static_cast<std::int64_t>(std::ceil(std::log(1e-6) / std::log(ratio)));
    double worst = 0;
    const auto result =
        minimize(f, f.zero(), gradient_descent(), MaxIterations{iterations}, [&](const auto& p) {
            const double bound = std::pow(ratio, static_cast<double>(p.iteration())) * start;
            worst = std::max(worst, (p.value() - best.value) / bound);
        });
    CHECK(result.iterations == iterations);
    CHECK(worst <= 1 + 1e-9);
    INFO("mu " << f.strong_convexity() << ", L " << f.smoothness() << ", " << iterations);
    CHECK(result.notes.natural_step.value() == Approx(1 / f.smoothness()));
}

void is_optimal(const auto& risk, double lambda) {
    const auto f = risk + L1{lambda};
    const auto stop = first_of(GradientNorm{1e-8}, MaxIterations{200000});
    const auto each = [&](const auto& method) {
        const auto result = minimize(f, risk.zero(), method, stop);
        CHECK(result.converged());
        CHECK(result.gradient_norm <= 1e-8);
        // the condition itself, entry by entry: −∇f in λ ∂‖x‖₁
        auto g = risk.zero();
        risk.value_and_gradient(result.x, g);
        for (Index i = 0; i < g.size(); ++i) {
            const double x = result.x[i];
            const double beyond = x > 0   ? std::abs(g[i] + lambda)
                                  : x < 0 ? std::abs(g[i] - lambda)
                                          : std::max(0.0, std::abs(g[i]) - lambda);
            if (beyond > 1e-8) FAIL_CHECK("entry " << i << " misses by " << beyond);
        }
        CHECK(result.value == Approx(f.value(result.x)).epsilon(1e-14));
        return result.value;
    };
    const double plain = each(gradient_descent());
    const double fast = each(gradient_descent() | Nesterov{});
    const double searched = each(FullGradient{} | Backtracking{});
    CHECK(fast == Approx(plain).epsilon(1e-9));
    CHECK(searched == Approx(plain).epsilon(1e-9));
}

}  // namespace

TEST_CASE("gradient descent keeps its rate on heart_scale") {
    with_risk("heart_scale", [](const auto& risk) { keeps_its_rate(risk); });
}

TEST_CASE("gradient descent keeps its rate on a9a") {
    with_risk("a9a.gz", [](const auto& risk) { keeps_its_rate(risk); });
}

TEST_CASE("the proximal gradient method ends optimal on heart_scale") {
    with_risk("heart_scale", [](const auto& risk) {
        is_optimal(risk, 1e-2);
        is_optimal(risk, 1e-3);
    });
}

TEST_CASE("the accelerated proximal gradient method ends optimal on a9a") {
    with_risk("a9a.gz", [](const auto& risk) {
        const auto f = risk + L1{1e-2};
        const auto result = minimize(f, risk.zero(), gradient_descent() | Nesterov{},
                                     first_of(GradientNorm{1e-8}, MaxIterations{20000}));
        CHECK(result.converged());
        CHECK((result.x.array() == 0).any());
    });
}
