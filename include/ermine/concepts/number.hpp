// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

namespace ermine {

/// The type of one number of X: the type of the entries of an Eigen expression, ...
template <class X>
struct NumberOf {
    using type = typename X::Scalar;
};

/// ... and X itself where it is a number.
template <class X>
    requires std::is_arithmetic_v<X>
struct NumberOf<X> {
    using type = X;
};

/// The same for a reference. Formulas that hold for numbers and for arrays write their constants
/// with it: `Number<P>(0.5) * p`.
template <class X>
using Number = typename NumberOf<std::remove_cvref_t<X>>::type;

}  // namespace ermine
