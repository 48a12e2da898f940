// SPDX-License-Identifier: MIT
#include "solve.hpp"

#include <ermine/diagnostics/range_test.hpp>

#include <stdexcept>
#include <type_traits>

using namespace ermine;

RangeReport try_range(const Problem& problem, const Method& m) {
    if (!m.sentence.whole.empty() || m.solver == "newton" ||
        m.step.kind == StepRequest::Kind::backtracking)
        throw std::invalid_argument(
            "--range-test with a method that finds its own step: it tries the steps of sgd or of "
            "a --method such as \"minibatch(128) | adam\"");
    // one type for problems with a proximal penalty and without
    const AnyCompositeRisk risk = std::visit(
        [](const auto& f) {
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(f)>, AnyRisk>)
                return AnyCompositeRisk{f, [](const auto&) { return 0.0; },
                                        [](const auto&, double) {}, 0};
            else
                return f;
        },
        problem.objective);
    return range_test(risk, problem.start, m.sentence.estimator | m.sentence.directions);
}
