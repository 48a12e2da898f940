// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/numerics/seconds_now.hpp>
#include <ermine/solvers/auto.hpp>
#include <ermine/solvers/cross_validate.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/regularization_path.hpp>

#include "path_costs.hpp"

namespace linear {

inline void use_threads(int threads) {
#ifdef _OPENMP
    omp_set_num_threads(threads);
#else
    static_cast<void>(threads);
#endif
}

/// The median of three, or one of a second and more.
template <class F>
double median_seconds(const F& f) {
    std::vector<double> seconds;
    for (int k = 0; k < 3; ++k) {
        const double begin = ermine::seconds_now();
        f();
        seconds.push_back(ermine::seconds_now() - begin);
        if (seconds.back() > 1) break;
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2];
}

/// What `path_costs` does, for a loss L and penalty P that are known.
template <class L, class P>
PathCosts path_costs_of(const Problem& problem, int count) {
    using namespace ermine;
    constexpr double gap = 1e-6;
    const auto of = [&](const auto& data) {
        const Linear model{data.features(), false};
        const auto risk = EmpiricalRisk{model, L{}, data}.in_double();
        const auto solve = [](const auto& f, const auto& x) {
            return minimize(f, x, Auto{.accuracy = gap},
                            first_of(RelativeGap{gap}, MaxIterations{1000}));
        };
        PathCosts costs;
        use_threads(1);
        std::vector<PathPoint> path;
        costs.path =
            median_seconds([&] { path = regularization_path(risk, P{1}, {.count = count}); });
        for (const PathPoint& point : path)
            if (!(point.gap <= gap * point.value)) ++costs.unsolved;
        costs.lambda = path.back().lambda;
        costs.nonzeros = static_cast<long>(path.back().nonzeros);
        const auto f = risk + P{costs.lambda};
        costs.fit = median_seconds([&] { static_cast<void>(solve(f, f.zero())); });
        use_threads(2);
        costs.folds = median_seconds([&] {
            const auto judged = cross_validate(model, L{}, data, {costs.lambda}, L{}, solve,
                                               {.stratified = std::is_same_v<L, LogisticLoss>},
                                               [](double lambda) { return P{lambda}; });
            static_cast<void>(judged);
        });
        use_threads(1);
        return costs;
    };
    return std::visit(of, problem.data);
}

}  // namespace linear
