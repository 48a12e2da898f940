// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <cstdint>
#include <span>

namespace ermine {

/// Signed size and position, as Eigen counts them.
using Index = Eigen::Index;

/// The numbers of the examples that one estimate of the gradient is taken over.
using Batch = std::span<const std::int32_t>;

/// The plain column vector that an Eigen expression evaluates to: the type of all points of a run.
template <class X>
using PlainVector = typename std::remove_cvref_t<X>::PlainObject;

/// A plain column vector of float or double, of fixed or run-time size: a point, a gradient.
template <class V>
concept Vector = std::floating_point<typename V::Scalar> && V::ColsAtCompileTime == 1 &&
                 std::same_as<V, typename V::PlainObject>;

/// The square matrix that goes with a vector: a Hessian.
template <class V>
using SquareMatrix = Eigen::Matrix<typename V::Scalar, V::RowsAtCompileTime, V::RowsAtCompileTime>;

/// The residuals of a least squares problem over vectors V, as many as there are.
template <class V>
using ResidualVector = Eigen::Matrix<typename V::Scalar, Eigen::Dynamic, 1>;

/// Their derivatives: a row a residual, a column a variable.
template <class V>
using JacobianMatrix = Eigen::Matrix<typename V::Scalar, Eigen::Dynamic, V::RowsAtCompileTime>;

}  // namespace ermine
