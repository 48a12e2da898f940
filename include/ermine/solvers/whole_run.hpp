// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/counts.hpp>
#include <ermine/solvers/refuge.hpp>

#include <tuple>

namespace ermine {

/// All that a run between two rounds is made of, for those who save it (Checkpoint) and restore it
/// (resume): references into the loop's frame.
template <class F, class M, class Rule, class V, class State, class Memory>
struct WholeRun {
    const F& f;
    const M& method;
    const Rule& rule;
    V& origin;  ///< the starting point
    State& state;
    Memory& memory;  ///< of the rule
    Refuge<V>& refuge;
    Counts& counts;
    double& begin;  ///< in seconds, as `seconds_now` counts them

    auto fields() const { return std::tie(state, memory, refuge); }
};

template <class F, class M, class Rule, class V, class State, class Memory>
WholeRun(const F&, const M&, const Rule&, V&, State&, Memory&, Refuge<V>&, Counts&, double&)
    -> WholeRun<F, M, Rule, V, State, Memory>;

}  // namespace ermine
