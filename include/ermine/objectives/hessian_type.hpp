// SPDX-License-Identifier: MIT
#pragma once

namespace ermine {

/// The base of a wrapper whose Hessian is of f's own type: states `Hessian` where F does, ...
template <class F>
struct HessianType {};

/// ... such as a sparse matrix.
template <class F>
    requires requires { typename F::Hessian; }
struct HessianType<F> {
    using Hessian = typename F::Hessian;
};

}  // namespace ermine
