// SPDX-License-Identifier: MIT
#pragma once

/// Tags by which a part says how it wants to be called. They are stated, not detected: detection
/// would instantiate the bodies of its functions and end in their errors.
namespace ermine {

/// The same formula for every number: called with Eigen array expressions, stretch by stretch.
struct Elementwise {};

/// Needs all numbers at once.
struct Whole {};

/// Predicts several numbers an example: called with matrices, a row an example.
struct ManyOutputs {};

/// Computes on whole batches of examples, layer by layer.
struct Batches {};

}  // namespace ermine
