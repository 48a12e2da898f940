// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <cstdint>
#include <string>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// What stands between two layers for a batch: units × columns, one column an example. Where
/// examples are sequences, a column is one step of one of them, and step t of example k is column
/// t · examples + k: what a step needs lies together, and layers that know nothing of time take all
/// steps at once.
template <class T>
using Activations = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

/// A connection between two layers, with the four quantities that flow along it: forward the value
/// and its tangent in a direction of the parameters, backward the slope of the loss in the value
/// and the tangent of that slope.
template <class T>
struct Wire {
    Activations<T> value;
    Activations<T> slope;
    Activations<T> value_tangent;
    Activations<T> slope_tangent;
    bool needed = true;         ///< whether anything before it has use for the slope
    bool overwritable = false;  ///< whether the layer that wrote the value won't read it again
};

/// The state that recurrent layers begin a pass in: a constant for all derivatives.
enum class InitialState {
    zero,
    carried,  ///< that in which the pass before ended, over as many examples
    repeated  ///< that in which the pass before began
};

/// What one pass of a batch through a network is told.
struct Pass {
    Index examples = 0;
    Index steps = 1;                 ///< of time
    const Index* lengths = nullptr;  ///< steps of each example, at most `steps`; null: all of them
    InitialState state = InitialState::zero;
    bool training = false;    ///< dropout draws, batch normalization takes the batch's statistics
    bool statistics = false;  ///< gather those of the population: see `settle`
    bool curvature = false;   ///< tangent passes follow: keep what they need
    bool inputs = false;      ///< slopes in the inputs are wanted, too
    bool add = false;         ///< add to the gradient; otherwise write all of it
    std::uint64_t draw = 0;   ///< names what is drawn at random, each layer of a Stack its own
};

/// The parameters of one layer, or their gradient, within the flat vector: block k, a matrix row by
/// row, begins at `(*this)[k]`.
template <class T>
struct LayerParameters {
    T* values = nullptr;
    const Index* at = nullptr;  ///< where the layer's blocks begin

    T* operator[](Index block) const { return values + at[block]; }
    /// Those of the layer that comes so many blocks later.
    [[nodiscard]] LayerParameters after(Index blocks) const { return {values, at + blocks}; }
};

/// A layer of a network: a plain value that knows how wide it is, and computes on batches.
///
///     static constexpr const char* name;      // "dense"
///     static constexpr Index parts;           // how many blocks of parameters it has
///     Index outputs(Index inputs, const std::string& where) const;
///                     // units it hands on; throws std::invalid_argument, naming `where`, both
///                     // shapes and the way out, for inputs that it cannot take
///     void list(Index inputs, add) const;     // add("weights", rows, columns, penalized), a
///     block;
///                     // where it is k matrices one below the other, add(…, penalized, k)
///     template <class T> struct Memory;       // what it keeps between the passes of one batch
///
/// and four passes, each a sum over all columns:
///
///     forward(pass, θ, in, memory)            returns the wire that it wrote `value` of
///     backward(pass, θ, in, out, g, memory)   out.slope → in.slope where in.needed, and g
///     tangent(pass, θ, v, in, out, memory)    in.value_tangent → out.value_tangent, the
///                                             derivative of `forward` at (θ, x) along (v, ẋ)
///     tangent_backward(pass, θ, v, in, out, h, memory)
///                                             out.slope, out.slope_tangent → in.slope_tangent and
///                                             h, the derivative of `backward`
///
/// A layer whose parameters don't begin at zero (a scale at 1, the bias of a forget gate) has also
///
///     void starting_values(Index inputs, LayerParameters<T> theta) const
///
/// which is called after the blocks with a penalty were drawn and all others set to zero, and one
/// that can bound by how much it stretches distances
///
///     double lipschitz(Index inputs, LayerParameters<const T> theta) const    // at inference
///
/// and says by `static constexpr bool` what is true of it: `fully_connected` (blocks of stacked ×
/// outputs rows, a unit's own in each of the matrices), `unitwise` (treats all units alike, so that
/// they may change places), `homogeneous` (f(α x) = α f(x) for α > 0), `odd` (f(−x) = −f(x)).
///
/// (Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6, 1994). A pass
/// finds what the earlier ones left: tangent passes are asked for only after a backward pass with
/// `pass.curvature`. A layer that writes over its input returns the wire it was given;
/// `overwritable` must then be false if it reads the value again.
///
/// A layer that at inference uses statistics of the training data, kept in blocks without penalty
/// or slope, has also
///
///     static constexpr Index populations;     // how many layers of that kind it is or holds
///     void settle(LayerParameters<T> theta, memory, Index& place) const
///                     // writes what passes with `pass.statistics` gathered since it was last
///                     called
///                     // into θ where place is 0, and counts place down by `populations`
template <class L>
concept Layer = requires(const L& layer, Index inputs, const std::string& where) {
    { L::name } -> std::convertible_to<std::string>;
    { L::parts } -> std::convertible_to<Index>;
    { layer.outputs(inputs, where) } -> std::same_as<Index>;
    typename L::template Memory<double>;
};

/// What a layer says of itself: see Layer.
template <class L>
inline constexpr bool is_fully_connected = requires { requires L::fully_connected; };
template <class L>
inline constexpr bool is_unitwise = requires { requires L::unitwise; };
template <class L>
inline constexpr bool is_homogeneous = requires { requires L::homogeneous; };
template <class L>
inline constexpr bool is_odd = requires { requires L::odd; };

}  // namespace ermine
