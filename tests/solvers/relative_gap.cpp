// SPDX-License-Identifier: MIT
// RelativeGap with methods that know nothing of a dual.

#include <cmath>

#include <ermine/data/logistic_data.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/duality_gap.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/solvers/relative_gap.hpp>
#include <ermine/solvers/stochastic_methods.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

template <class T>
auto some_risk() {
    Random random(1);
    typename DenseRows<T>::Matrix x(300, 4);
    VectorXd y(300);
    for (Index i = 0; i < 300; ++i) {
        for (Index j = 0; j < 4; ++j) x(i, j) = static_cast<T>(random.normal());
        y(i) = x(i, 0) - x(i, 1) + T(0.5) * static_cast<T>(random.normal()) > 0 ? 1 : -1;
    }
    return EmpiricalRisk(Linear{4}, LogisticLoss{}, Dataset(x, y)) + L2{0.01};
}

}  // namespace

TEST_CASE("RelativeGap ends a run of any method, and the certificate is the gap") {
    const auto f = some_risk<double>();
    const auto best = minimize(f, f.zero(), lbfgs(), GradientNorm{1e-13}).value;
    const auto require_certified = [&](const auto& result) {
        REQUIRE(result.status == Status::converged);
        REQUIRE(result.certificate.kind == Certificate::Kind::gap);
        CHECK(result.certificate.value >= result.value - best);
        CHECK(result.certificate.value <= 1e-5 * result.value);
        CHECK(result.certificate.value == duality_gap(f, result.x).absolute());
        CHECK(result.counts.monitoring > 0);
    };
    require_certified(minimize(f, f.zero(), lbfgs(), RelativeGap{1e-5}));
    const auto epochs = minimize(f, f.zero(), saga(), first_of(RelativeGap{1e-5}, MaxEpochs{500}));
    require_certified(epochs);
    // a gap is looked at once an epoch: two at the start and the end, and no step's
    CHECK(epochs.counts.monitoring <= static_cast<std::int64_t>(epochs.epochs) + 3);
    // one that is good enough ends the run at once
    const auto again = minimize(f, epochs.x, lbfgs(), RelativeGap{1e-5});
    CHECK(again.iterations == 0);
    require_certified(again);
}

TEST_CASE("parameters in float: the gap is that of the point as it is") {
    const auto f = some_risk<float>();
    const auto result =
        minimize(f, f.zero(), lbfgs(), first_of(RelativeGap{1e-4}, MaxIterations{200}));
    REQUIRE(result.status == Status::converged);
    CHECK(result.certificate.value <= 1e-4 * result.value);
    const auto exact = some_risk<double>();
    CHECK(result.certificate.kind == Certificate::Kind::gap);
}
