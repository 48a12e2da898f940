// SPDX-License-Identifier: MIT
#include "run_method.hpp"

using namespace ermine;

Result<Eigen::VectorXd> solve_by_sentence(const Problem& problem, const Method& m,
                                          Watchers& watch) {
    return std::visit(
        [&](const auto& f) {
            if (m.sentence.repeats())
                return run_method(problem, m, watch, f, m.sentence.deterministic());
            return run_method(problem, m, watch, f, m.sentence.stochastic());
        },
        problem.objective);
}
