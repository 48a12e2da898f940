// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/no_penalty.hpp>

namespace ermine {

/// The same problem with the ℓ2 part of an elastic net in its l2, so that L1 is all that is left.
template <class M, class L, class R>
auto unified(const LinearProblem<M, L, R, ElasticNet>& problem) {
    return problem.shifted(problem.penalty.l2).with(L1{problem.penalty.l1});
}

template <class M, class L, class R>
auto unified(const LinearProblem<M, L, R, L1>& problem) {
    return problem;
}

template <class M, class L, class R>
auto unified(const LinearProblem<M, L, R, NoPenalty>& problem) {
    return problem;
}

}  // namespace ermine
