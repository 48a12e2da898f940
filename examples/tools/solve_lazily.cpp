// SPDX-License-Identifier: MIT
#include "any_terms.hpp"
#include "run_method.hpp"

#include <tuple>
#include <type_traits>
#include <variant>

using namespace ermine;

namespace {

/// An estimator that remembers a number an example, chosen at run time: a round sweeps many
/// examples.
struct LazyEstimator {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;
    static constexpr bool estimates = true;
    template <class F, class V>
    static constexpr bool sweeps = true;

    std::variant<Saga, Sag, Svrg, LooplessSvrg, Katyusha> choice;
    TextPlace place = {};

    auto start(const auto& f, const auto& x) const {
        return place.blamed(
            [&] { return paired_start(choice, [&](const auto& one) { return one.start(f, x); }); });
    }

    double draw(const auto& f, auto& all) const {
        return paired(choice, all,
                      [&](const auto& one, auto& state) -> double { return one.draw(f, state); });
    }

    double estimate(const auto& f, const auto& x, auto& g, auto& all) const {
        return paired(choice, all, [&](const auto& one, auto& state) -> double {
            return one.estimate(f, x, g, state);
        });
    }

    double sweep(const auto& f, const auto& penalty, double length, auto& x, auto& all,
                 Clock& clock) const {
        return paired(choice, all, [&](const auto& one, auto& state) -> double {
            return one.sweep(f, penalty, length, x, state, clock);
        });
    }

    double natural_step(const auto& f) const {
        return std::visit([&](const auto& one) { return one.natural_step(f); }, choice);
    }
};

const Constant* constant_of(const AnyStep& step) {
    const auto* plain = std::get_if<PlainStep>(&step.choice.choice);
    return plain == nullptr || step.warmup ? nullptr : std::get_if<Constant>(&plain->choice);
}

}  // namespace

bool runs_lazily(const Problem& problem, const AnyMethod& sentence) {
    const AnyRisk& risk = std::visit([](const auto& f) -> const AnyRisk& { return smooth_part(f); },
                                     problem.objective);
    const bool remembers = std::visit(
        []<class E>(const E&) {
            return std::is_constructible_v<decltype(LazyEstimator::choice), const E&>;
        },
        sentence.estimator.choice);
    return sentence.whole.empty() && risk.terms != nullptr && remembers &&
           !sentence.estimator.sam && sentence.directions.all.empty() &&
           constant_of(sentence.step) != nullptr &&
           std::holds_alternative<LastPoint>(sentence.tail.choice);
}

Result<Eigen::VectorXd> solve_lazily(const Problem& problem, const Method& m, Watchers& watch) {
    LazyEstimator estimator;
    std::visit(
        [&]<class E>(const E& one) {
            if constexpr (std::is_constructible_v<decltype(estimator.choice), const E&>)
                estimator.choice = one;
        },
        m.sentence.estimator.choice);
    estimator.place = m.sentence.estimator.place;
    const auto method = estimator | *constant_of(m.sentence.step);
    if (const auto* whole = std::get_if<AnyCompositeRisk>(&problem.objective)) {
        const AnyLinearCompositeRisk f{AnyLinearRisk(whole->smooth), *whole, L1{whole->lambda}};
        return run_method(problem, m, watch, f, method);
    }
    return run_method(problem, m, watch, AnyLinearRisk(std::get<AnyRisk>(problem.objective)),
                      method);
}
