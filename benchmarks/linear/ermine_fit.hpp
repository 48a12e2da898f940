// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <limits>
#include <utility>

#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/relative_gap.hpp>
#include <ermine/solvers/time_limit.hpp>

#if __has_include(<ermine/solvers/auto.hpp>)
#include <ermine/solvers/auto.hpp>
#define ERMINE_HAS_AUTO 1
#else
#include <ermine/solvers/dual_coordinate_ascent.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/solvers/working_set.hpp>
#define ERMINE_HAS_AUTO 0
#endif

#include "ermine_auto.hpp"

namespace linear {

/// What `ermine_auto` does, for an objective that is known.
template <Loss loss, Penalty penalty>
Fit ermine_fit(const Problem& problem, double accuracy, double cap, const GoodEnough& good_enough) {
    using namespace ermine;
    const auto of = [&](const auto& data) -> Fit {
        const auto begin = std::chrono::steady_clock::now();
        const auto f = objective<loss, penalty>(problem, data);
#if ERMINE_HAS_AUTO
        static_cast<void>(good_enough);
        auto result =
            minimize(f, f.zero(), Auto{}, first_of(RelativeGap{accuracy}, TimeLimit{cap}));
#else
        const auto proved = first_of(RelativeGap{accuracy}, TimeLimit{cap});
        auto result = [&] {
            if constexpr (penalty == Penalty::l1)
                return minimize(f, f.zero(), WorkingSet{.accuracy = accuracy}, proved);
            else if constexpr (loss == Loss::multinomial)
                return minimize(f, f.zero(), lbfgs(),
                                first_of([&](const auto& p) { return good_enough(p.value()); },
                                         TimeLimit{cap}, MaxIterations{100000}));
            else if constexpr (loss == Loss::hinge)
                return minimize(f, f.zero(), DualCoordinateAscent{.accuracy = accuracy}, proved);
            else
                return minimize(f, f.zero(), LinearNewtonCG{.accuracy = accuracy}, proved);
        }();
        static_cast<void>(good_enough);
#endif
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        Fit fit;
        fit.w = std::move(result.x);
        fit.rounds = static_cast<long>(result.iterations);
        const auto& counts = result.counts;
        fit.passes = static_cast<double>(counts.values + counts.gradients + counts.hessians +
                                         counts.products);
        fit.seconds = seconds.count() > cap ? INFINITY : seconds.count();
        if (result.certificate.kind != Certificate::Kind::none) fit.gap = result.certificate.value;
        return fit;
    };
    return std::visit(of, problem.data);
}

}  // namespace linear
