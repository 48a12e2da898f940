// SPDX-License-Identifier: MIT
#pragma once

#include "any_sampler.hpp"
#include "method_text.hpp"
#include "paired.hpp"

#include <ermine/data/importance.hpp>
#include <ermine/estimators/accumulated.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/growing_minibatch.hpp>
#include <ermine/estimators/held.hpp>
#include <ermine/estimators/katyusha.hpp>
#include <ermine/estimators/loopless_svrg.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/estimators/norm_test_minibatch.hpp>
#include <ermine/estimators/sag.hpp>
#include <ermine/estimators/saga.hpp>
#include <ermine/estimators/sam.hpp>
#include <ermine/estimators/spsa.hpp>
#include <ermine/estimators/svrg.hpp>

#include <optional>
#include <stdexcept>
#include <tuple>
#include <variant>

/// Whether an estimator makes the gradient itself, and has no function on a batch.
template <class E>
inline constexpr bool estimates_alone = requires { requires E::estimates; };

/// Which function the gradient is taken of, chosen at run time, with a probe if one is asked for.
struct AnyEstimator {
    static constexpr ermine::Role role = ermine::Role::estimator;
    static constexpr bool repeats = false;
    static constexpr bool estimates = true;

    using Minibatch = ermine::MinibatchOver<AnySampler>;
    using Choice =
        std::variant<Minibatch, ermine::MinibatchOver<ermine::Importance>, ermine::FullGradient,
                     ermine::Held<Minibatch>, ermine::AccumulatedOver<AnySampler>,
                     ermine::GrowingMinibatchOver<AnySampler>,
                     ermine::NormTestMinibatchOver<AnySampler>, ermine::Saga, ermine::Sag,
                     ermine::Svrg, ermine::LooplessSvrg, ermine::Katyusha, ermine::Spsa>;
    Choice choice = Minibatch{{}, 32};
    std::optional<ermine::Sam> sam = {};
    TextPlace place = {};
    TextPlace sam_place = {};

    template <class States, class V>
    struct State {
        States state;
        std::optional<ermine::Sam::Place<V>> probe;
        auto fields() { return std::tie(state); }  // a probe remembers nothing
    };

    template <class F, class V>
    auto start(const F& f, const V& x) const {
        auto states = place.blamed(
            [&] { return paired_start(choice, [&](const auto& one) { return one.start(f, x); }); });
        State<decltype(states), V> state{std::move(states), {}};
        if (sam) state.probe = sam_place.blamed([&] { return sam->start(f, x); });
        return state;
    }

    double draw(const auto& f, auto& all) const {
        const double share = paired(choice, all.state, [&](const auto& one, auto& state) -> double {
            return one.draw(f, state);
        });
        return sam ? 2 * share : share;  // the same examples once more
    }

    template <class V>
    double estimate(const auto& f, const V& x, V& g, auto& all) const {
        return paired(choice, all.state, [&]<class E>(const E& one, auto& state) -> double {
            if constexpr (estimates_alone<E>) {
                return one.estimate(f, x, g, state);
            } else {
                auto&& phi = one.sample(f, state);
                const double value = phi.value_and_gradient(x, g);
                if (sam) sam->probe(phi, x, g, *all.probe);
                return value;
            }
        });
    }

    double natural_step(const auto& f) const {
        return std::visit([&](const auto& one) { return one.natural_step(f); }, choice);
    }
};
