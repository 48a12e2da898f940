// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <string>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// y_u = max_p (W_p x + b_p)_u, the largest of `pieces` affine functions (Goodfellow, Warde-Farley,
/// Mirza, Courville & Bengio, "Maxout networks", ICML 2013). The weights are pieces · units ×
/// inputs: the matrices W_p one below the other, so that row p · units + u is piece p of unit u. Of
/// equal pieces the first one counts. NaN in any piece is NaN.
struct Maxout {
    static constexpr const char* name = "maxout";
    static constexpr Index parts = 2;
    static constexpr bool fully_connected = true;
    static constexpr bool homogeneous = true;

    Index units = 1;
    Index pieces = 2;

    template <class T>
    struct Memory {
        Dense::Memory<T> affine;
        Wire<T> out;
        Eigen::Matrix<Index, Eigen::Dynamic, Eigen::Dynamic> winners;  // the row of each maximum
    };

    /// Throws std::invalid_argument for units < 1 or pieces < 1.
    Index outputs(Index, const std::string& where) const {
        require_count(units, (where + ".units").c_str());
        require_count(pieces, (where + ".pieces").c_str());
        return units;
    }

    void list(Index inputs, auto&& add) const {
        affine().list(inputs, [&](const char* block, Index rows, Index columns, bool penalized) {
            add(block, rows, columns, penalized, pieces);
        });
    }

    /// That of the stacked matrices: a maximum moves by no more than what it is of.
    template <class T>
    double lipschitz(Index inputs, LayerParameters<const T> theta) const {
        return affine().lipschitz(inputs, theta);
    }

    template <class T>
    Wire<T>& forward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in,
                     Memory<T>& memory) const {
        const Activations<T>& z = affine().forward(pass, theta, in, memory.affine).value;
        Wire<T>& out = memory.out;
        out.value.resize(units, z.cols());
        memory.winners.resize(units, z.cols());
        each_unit(z.cols(), [&](Index u, Index k) {
            Index best = u;
            for (Index row = u + units; row < z.rows(); row += units)
                if (!(z(row, k) <= z(best, k)) && z(best, k) == z(best, k)) best = row;
            memory.winners(u, k) = best;
            out.value(u, k) = z(best, k);
        });
        out.needed = true;
        out.overwritable = true;
        return out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T> g, Memory<T>& memory) const {
        spread(out.slope, memory.winners, memory.affine.out.slope);
        affine().backward(pass, theta, in, memory.affine.out, g, memory.affine);
    }

    template <class T>
    void tangent(const Pass& pass, LayerParameters<const T> theta, LayerParameters<const T> v,
                 Wire<T>& in, Wire<T>& out, Memory<T>& memory) const {
        affine().tangent(pass, theta, v, in, memory.affine.out, memory.affine);
        const Activations<T>& z = memory.affine.out.value_tangent;
        out.value_tangent.resize(units, z.cols());
        each_unit(z.cols(),
                  [&](Index u, Index k) { out.value_tangent(u, k) = z(memory.winners(u, k), k); });
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T> theta,
                          LayerParameters<const T> v, Wire<T>& in, Wire<T>& out,
                          LayerParameters<T> h, Memory<T>& memory) const {
        spread(out.slope_tangent, memory.winners, memory.affine.out.slope_tangent);
        affine().tangent_backward(pass, theta, v, in, memory.affine.out, h, memory.affine);
    }

private:
    Dense affine() const { return {.units = units * pieces}; }

    /// f(unit, column) for all of a batch.
    template <class F>
    void each_unit(Index columns, const F& f) const {
        const Chunks cut = chunks_for(columns, 1 + (Index{1} << 14) / (units * pieces));
        for_each_chunk(cut.count(), [&](Index chunk) {
            for (Index k = cut.begin(chunk); k < cut.end(chunk); ++k)
                for (Index u = 0; u < units; ++u) f(u, k);
        });
    }

    /// What flows back to the maximum, to its piece; zero to the others.
    template <class T>
    void spread(const Activations<T>& from,
                const Eigen::Matrix<Index, Eigen::Dynamic, Eigen::Dynamic>& winners,
                Activations<T>& to) const {
        to.resize(units * pieces, from.cols());
        to.setZero();
        each_unit(from.cols(), [&](Index u, Index k) { to(winners(u, k), k) = from(u, k); });
    }
};

static_assert(Layer<Maxout>);

/// So many units, each the largest of `pieces` affine functions of all that comes in.
inline Maxout maxout(Index units, Index pieces = 2) { return {.units = units, .pieces = pieces}; }

}  // namespace ermine
