// SPDX-License-Identifier: MIT
// Methods for smooth and for composite functions that need gradients alone allocate
// nothing after their first iteration, for vectors of fixed and of run-time size.
#include "../laws/known_minima.hpp"
#include "counting_malloc.hpp"
#include "ermine_catch.hpp"

#include <ermine/objectives/bounds.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/group_lasso.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/objectives/total_variation.hpp>
#include <ermine/solvers/gradient_methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/proximal_methods.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/steps/barzilai_borwein.hpp>

using namespace ermine;
using Eigen::Vector4d;
using Eigen::VectorXd;

namespace {

/// Runs a method, and returns how much was allocated between the end of its first iteration and
/// that of its last.
template <class V>
long allocations(const auto& f, const V& x0, const auto& method, std::int64_t iterations = 12) {
    long after_first = -1;
    long at_end = -1;
    const auto watch = [&](const auto& p) {
        at_end = small_allocations;
        if (p.iteration() <= 1) after_first = at_end;
    };
    const auto result = minimize(f, x0, method, MaxIterations{iterations}, watch);
    CHECK(result.iterations >= 3);
    return at_end - after_first;
}

template <class V>
void nothing_on(const auto& f, const V& x0) {
    CHECK(allocations(f, x0, lbfgs(3)) == 0);
    CHECK(allocations(f, x0, bfgs()) == 0);
    CHECK(allocations(f, x0, conjugate_gradient()) == 0);
    CHECK(allocations(f, x0, spectral_gradient()) == 0);
    CHECK(allocations(f, x0, adaptive_gradient_descent()) == 0);
    CHECK(allocations(f, x0, FullGradient{} | BarzilaiBorwein{}) == 0);
    CHECK(allocations(f, x0, FullGradient{} | LBFGS{} | HagerZhang{}) == 0);
    CHECK(allocations(f, x0, fista()) == 0);
}

}  // namespace

TEST_CASE("gradient methods allocate nothing after their first iteration") {
    nothing_on(Rosenbrock{}, Vector4d(-1.2, 1, -1.2, 1));
    for (const Index n : {2, 4, 20, 200}) {
        VectorXd x0(n);
        for (Index i = 0; i < n; ++i) x0[i] = i % 2 == 0 ? -1.2 : 1;
        nothing_on(Rosenbrock{}, x0);
    }
}

TEST_CASE("methods for penalties and bounds allocate nothing after their first iteration") {
    for (const Index n : {4, 60}) {
        const auto problem = bowl<VectorXd>(n, 100);
        const auto sparse = Penalized{problem.f, L1{0.1}};
        CHECK(allocations(sparse, problem.start, fista()) == 0);
        CHECK(allocations(problem.f + L1{0.1}, problem.start, owl_qn()) == 0);
        CHECK(allocations(problem.f + GroupLasso{.lambda = 0.1, .group_size = 2}, problem.start,
                          fista()) == 0);
        CHECK(allocations(problem.f + TotalVariation{0.1}, problem.start, fista()) == 0);
        const VectorXd low = problem.target - VectorXd::Constant(n, 0.1);
        const VectorXd high = problem.target + VectorXd::LinSpaced(n, -0.05, 1);
        const auto bounded = problem.f + Bounds{low, high};
        CHECK(allocations(bounded, problem.start, lbfgsb(), 5) == 0);
        CHECK(allocations(bounded, problem.start, projected_gradient()) == 0);
    }
}
