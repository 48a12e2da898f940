// SPDX-License-Identifier: MIT
#pragma once

#include "method_text.hpp"
#include "paired.hpp"

#include <ermine/directions/adadelta.hpp>
#include <ermine/directions/adagrad.hpp>
#include <ermine/directions/adam.hpp>
#include <ermine/directions/adaptive_clip.hpp>
#include <ermine/directions/amsgrad.hpp>
#include <ermine/directions/annealed_noise.hpp>
#include <ermine/directions/chain.hpp>
#include <ermine/directions/clip_by_block_norm.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/clip_by_value.hpp>
#include <ermine/directions/freeze.hpp>
#include <ermine/directions/lamb.hpp>
#include <ermine/directions/lion.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/directions/muon.hpp>
#include <ermine/directions/nadam.hpp>
#include <ermine/directions/radam.hpp>
#include <ermine/directions/rmsprop.hpp>
#include <ermine/directions/scale_blocks.hpp>
#include <ermine/directions/weight_decay.hpp>

#include <limits>
#include <tuple>
#include <variant>
#include <vector>

/// A list of directions that is made at run time: each goes over the whole vector in its turn.
struct AnyDirections {
    static constexpr ermine::Role role = ermine::Role::direction;
    using form = ermine::Whole;

    using Choice =
        std::variant<ermine::Momentum, ermine::AdaGrad, ermine::RMSProp, ermine::AdaDelta,
                     ermine::Adam, ermine::AMSGrad, ermine::NAdam, ermine::RAdam, ermine::Lion,
                     ermine::LAMB, ermine::Muon, ermine::ClipByNorm, ermine::ClipByBlockNorm,
                     ermine::ClipByValue, ermine::AdaptiveClip, ermine::WeightDecay,
                     ermine::AnnealedNoise, ermine::Freeze, ermine::ScaleBlocks>;
    struct One {
        Choice choice;
        TextPlace place = {};
    };
    std::vector<One> all;
    bool measures = false;  ///< whether to take the norm of each gradient, for a trace

    template <class States>
    struct State {
        std::vector<States> states;
        std::size_t count = 0;
        ermine::ClipCounts clips = {};  ///< of the one that clipped most often
        ermine::Clock clock = {};
        double gradient_norm = std::numeric_limits<double>::quiet_NaN();
        auto fields() { return std::tie(states); }  // the clock is told anew each step
        void resumed() {
            if (states.size() != count) refuse_other_method();
            count_clips();
        }
        void count_clips() {
            clips = {};
            for (const States& one : states)
                std::visit(
                    [&](const auto& own) {
                        if constexpr (requires { own.clips; }) clips.keep_larger(own.clips);
                    },
                    one.states);
        }
    };

    auto start(const auto& f, const auto& x) const {
        const auto make = [&](const auto& one) { return one.start(f, x); };
        State<typename PairedStates<Choice, decltype(make)>::type> state;
        for (const One& one : all)
            state.states.push_back(
                one.place.blamed([&] { return paired_start(one.choice, make); }));
        state.count = state.states.size();
        return state;
    }

    void begin(auto& state, const ermine::Clock& clock) const { state.clock = clock; }

    template <class V>
    void direct(const auto& f, const V& x, V& d, auto& state) const {
        if (measures) state.gradient_norm = d.template lpNorm<Eigen::Infinity>();
        for (std::size_t i = 0; i < all.size(); ++i)
            paired(all[i].choice, state.states[i], [&]<class D>(const D& one, auto& own) {
                auto states = std::tie(own);
                ermine::Chain<D>{{one}}.run(f, x, d, states, state.clock);
            });
        state.count_clips();
    }

    double measured_gradient(const auto& state) const { return state.gradient_norm; }

    /// How many gradients long the direction is.
    double gain(const auto& state) const {
        double product = 1;
        for (std::size_t i = 0; i < all.size(); ++i)
            paired(all[i].choice, state.states[i], [&](const auto& one, const auto& own) {
                if constexpr (requires { one.gain(own); }) product *= one.gain(own);
            });
        return product;
    }
};
