// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/data/sequences.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/sequence_columns.hpp>

namespace ermine {

/// The empirical risk of a network over sequences: `EmpiricalRisk{model, loss, sequences}`, as over
/// a dataset. What a batch is, what counts, and where recurrent layers begin: see ExampleColumns in
/// objectives/sequence_columns.hpp.
///
/// F(θ) over streams carries the state through all of each: it is what a text's characters cost, on
/// average. Its gradient is cut where windows begin, and is none of F then. A batch is a function
/// of the batch before, too, by the state, which is a constant for all derivatives; a run that is
/// resumed begins its first window at zero.
template <NetworkModel M, class L, class T>
EmpiricalRisk(M, L, Sequences<T>) -> EmpiricalRisk<M, L, Sequences<T>, T>;

}  // namespace ermine
