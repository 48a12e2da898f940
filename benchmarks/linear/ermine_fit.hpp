// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <limits>
#include <utility>

#include <ermine/solvers/auto.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/relative_gap.hpp>
#include <ermine/solvers/time_limit.hpp>

#include "ermine_auto.hpp"

namespace linear {

/// What `ermine_auto` does, for an objective that is known.
template <Loss loss, Penalty penalty>
Fit ermine_fit(const Problem& problem, double accuracy, double cap) {
    using namespace ermine;
    const auto of = [&](const auto& data) -> Fit {
        const auto f = objective<loss, penalty>(problem, data);
        const auto begin = std::chrono::steady_clock::now();
        auto result = minimize(f, f.zero(), Auto{.accuracy = accuracy},
                               first_of(RelativeGap{accuracy}, TimeLimit{cap}));
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
