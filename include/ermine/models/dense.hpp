// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <stdexcept>
#include <string>

#include <ermine/concepts/layer.hpp>
#include <ermine/numerics/add_columns.hpp>
#include <ermine/numerics/spectral_norm.hpp>
#include <ermine/numerics/tiled_product.hpp>

namespace ermine {

/// y = W x + b: W is units × inputs, a row a unit, and is penalized; b, one number a unit, is not.
struct Dense {
    static constexpr const char* name = "dense";
    static constexpr Index parts = 2;
    static constexpr bool fully_connected = true;

    Index units = 1;
    bool bias = true;

    template <class T>
    struct Memory {
        Wire<T> out;
    };

    /// Throws std::invalid_argument for units < 1.
    Index outputs(Index, const std::string& where) const {
        if (units < 1)
            throw std::invalid_argument(where + ": units is " + std::to_string(units) +
                                        ": give at least 1");
        return units;
    }

    void list(Index inputs, auto&& add) const {
        add("weights", units, inputs, true);
        add("bias", bias ? units : 0, Index{1}, false);
    }

    /// The spectral norm of the weights, from above.
    template <class T>
    double lipschitz(Index inputs, LayerParameters<const T> theta) const {
        return spectral_norm(Eigen::Map<const RowMajor<T>>(theta[0], units, inputs)).upper_bound;
    }

    template <class T>
    Wire<T>& forward(const Pass&, LayerParameters<const T> theta, Wire<T>& in,
                     Memory<T>& memory) const {
        Wire<T>& out = memory.out;
        start(out.value, in.value.cols(), theta);
        tiled_product(out.value, weights(theta, in), in.value, true);
        out.needed = true;
        out.overwritable = true;
        return out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T> g, Memory<T>&) const {
        tiled_product(weights(g, in), out.slope, in.value.transpose(), pass.add);
        if (bias) add_columns(out.slope, bias_of(g), pass.add);
        if (in.needed) {
            in.slope.resize(in.value.rows(), in.value.cols());
            tiled_product(in.slope, weights(theta, in).transpose(), out.slope);
        }
    }

    template <class T>
    void tangent(const Pass&, LayerParameters<const T> theta, LayerParameters<const T> v,
                 Wire<T>& in, Wire<T>& out, Memory<T>&) const {
        start(out.value_tangent, in.value.cols(), v);
        tiled_product(out.value_tangent, weights(v, in), in.value, true);
        if (in.needed)  // otherwise nothing before moves
            tiled_product(out.value_tangent, weights(theta, in), in.value_tangent, true);
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T> theta,
                          LayerParameters<const T> v, Wire<T>& in, Wire<T>& out,
                          LayerParameters<T> h, Memory<T>&) const {
        tiled_product(weights(h, in), out.slope_tangent, in.value.transpose(), pass.add);
        if (bias) add_columns(out.slope_tangent, bias_of(h), pass.add);
        if (in.needed) {
            tiled_product(weights(h, in), out.slope, in.value_tangent.transpose(), true);
            in.slope_tangent.resize(in.value.rows(), in.value.cols());
            tiled_product(in.slope_tangent, weights(theta, in).transpose(), out.slope_tangent);
            tiled_product(in.slope_tangent, weights(v, in).transpose(), out.slope, true);
        }
    }

private:
    template <class T>
    using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    template <class T>
    auto weights(LayerParameters<const T> from, const Wire<T>& in) const {
        return Eigen::Map<const RowMajor<T>>(from[0], units, in.value.rows());
    }
    template <class T>
    auto weights(LayerParameters<T> from, const Wire<T>& in) const {
        return Eigen::Map<RowMajor<T>>(from[0], units, in.value.rows());
    }

    /// Every column the bias, to which the product is added: no more than writing zeros costs.
    template <class T>
    void start(Activations<T>& y, Index columns, LayerParameters<const T> theta) const {
        y.resize(units, columns);
        if (bias)
            y.colwise() = Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(theta[1], units);
        else
            y.setZero();
    }

    template <class T>
    auto bias_of(LayerParameters<T> from) const {
        return Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>>(from[1], units);
    }
};

static_assert(Layer<Dense>);

/// A layer of so many units, each connected to all that comes in.
inline Dense dense(Index units) { return {.units = units}; }

}  // namespace ermine
