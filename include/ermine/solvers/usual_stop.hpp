// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/max_iterations.hpp>

namespace ermine {

/// The stop rule of `minimize` where none is given: `M::Stop` of a method that names one, otherwise
/// GradientNorm and MaxIterations.
template <class M>
struct UsualStopOf {
    using type = FirstOf<GradientNorm, MaxIterations>;
};
template <class M>
    requires requires { typename M::Stop; }
struct UsualStopOf<M> {
    using type = typename M::Stop;
};

template <class M>
using UsualStop = typename UsualStopOf<M>::type;

}  // namespace ermine
