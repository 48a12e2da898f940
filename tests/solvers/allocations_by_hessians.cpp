// SPDX-License-Identifier: MIT
// Second-order methods allocate nothing after their first iteration, for vectors of fixed and of
// run-time size; Eigen's transient packing buffers in factorizations of n > 100 are counted apart.
#include "../laws/known_minima.hpp"
#include "counting_malloc.hpp"
#include "ermine_catch.hpp"

#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/cubic_regularization.hpp>
#include <ermine/solvers/cubic_regularization_krylov.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/newton_methods.hpp>
#include <ermine/solvers/trust_region.hpp>
#include <ermine/solvers/trust_region_cg.hpp>
#include <ermine/solvers/trust_region_dogleg.hpp>
#include <ermine/steps/constant.hpp>

using namespace ermine;
using Eigen::Vector4d;
using Eigen::VectorXd;

namespace {

template <class V>
long allocations(const V& x0, const auto& method) {
    long after_first = -1;
    long at_end = -1;
    const auto watch = [&](const auto& p) {
        at_end = small_allocations;
        if (p.iteration() <= 1) after_first = at_end;
    };
    const auto result = minimize(Rosenbrock{}, x0, method, MaxIterations{12}, watch);
    CHECK(result.iterations >= 3);
    return at_end - after_first;
}

/// The Hessian is indefinite at x₀ and on the way.
template <class V>
void nothing_from(const V& x0) {
    CHECK(allocations(x0, newton()) == 0);
    CHECK(allocations(x0, FullGradient{} | Newton{.indefinite = Indefinite::eigenvalues} |
                              Backtracking{}) == 0);
    CHECK(allocations(
              x0, FullGradient{} | Newton{.indefinite = Indefinite::keep} | Constant{0.5}) == 0);
    CHECK(allocations(x0, saddle_free_newton()) == 0);
    CHECK(allocations(x0, saddle_free_newton(3)) == 0);
    CHECK(allocations(x0, newton_cg()) == 0);
    CHECK(allocations(x0, trust_region()) == 0);
    CHECK(allocations(x0, TrustRegionDogleg{}) == 0);
    CHECK(allocations(x0, TrustRegionCG{}) == 0);
    CHECK(allocations(x0, CubicRegularization{}) == 0);
    CHECK(allocations(x0, CubicRegularizationKrylov{}) == 0);
}

}  // namespace

TEST_CASE("second-order methods allocate nothing after their first iteration") {
    nothing_from(Vector4d(-1.2, 3, -1.2, 1));
    for (const Index n : {2, 4, 30, 120}) {
        VectorXd x0(n);
        for (Index i = 0; i < n; ++i) x0[i] = i % 2 == 0 ? -1.2 : 3;
        nothing_from(x0);
    }
}
