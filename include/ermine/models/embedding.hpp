// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <stdexcept>
#include <string>

#include <ermine/concepts/layer.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// y = row x of a table, count × width, for inputs of one number x = 0, …, count − 1 (Bengio,
/// Ducharme, Vincent & Jauvin, "A neural probabilistic language model", JMLR 3, 2003). The table is
/// the block "weights", with a penalty; the slope in x is zero. Forward throws
/// std::invalid_argument for a number that names no row.
struct Embedding {
    static constexpr const char* name = "embedding";
    static constexpr Index parts = 1;

    Index count = 1;
    Index width = 1;

    template <class T>
    struct Memory {
        Wire<T> out;
    };

    /// Throws std::invalid_argument for more than one input, count < 1 or width < 1.
    Index outputs(Index inputs, const std::string& where) const {
        require_count(count, (where + ".count").c_str());
        require_count(width, (where + ".width").c_str());
        if (inputs != 1)
            throw std::invalid_argument(where + ": " + std::to_string(inputs) +
                                        " numbers come in, a table of " + std::to_string(count) +
                                        " × " + std::to_string(width) +
                                        " takes one, which names a row: put it first in a network "
                                        "of 1 feature");
        return width;
    }

    void list(Index, auto&& add) const { add("weights", count, width, true); }

    template <class T>
    Wire<T>& forward(const Pass&, LayerParameters<const T> theta, Wire<T>& in,
                     Memory<T>& memory) const {
        Wire<T>& out = memory.out;
        in.overwritable = false;
        for (Index k = 0; k < in.value.cols(); ++k) check(in.value(0, k));
        look_up(theta, in, out.value);
        out.needed = true;
        out.overwritable = true;
        return out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T>, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T> g, Memory<T>&) const {
        add_rows(pass, in, out.slope, g);
        if (in.needed) in.slope.setZero(1, in.value.cols());
    }

    template <class T>
    void tangent(const Pass&, LayerParameters<const T>, LayerParameters<const T> v, Wire<T>& in,
                 Wire<T>& out, Memory<T>&) const {
        look_up(v, in, out.value_tangent);
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T>, LayerParameters<const T>,
                          Wire<T>& in, Wire<T>& out, LayerParameters<T> h, Memory<T>&) const {
        add_rows(pass, in, out.slope_tangent, h);
        if (in.needed) in.slope_tangent.setZero(1, in.value.cols());
    }

private:
    template <class T>
    using Row = Eigen::Matrix<T, Eigen::Dynamic, 1>;

    template <class T>
    void check(T x) const {
        if (!(x >= 0 && x < static_cast<T>(count)) || x != std::floor(x))
            throw std::invalid_argument("embedding: " + in_digits(static_cast<double>(x)) +
                                        " names no row of a table of " + std::to_string(count) +
                                        " × " + std::to_string(width) + ": give 0, …, " +
                                        std::to_string(count - 1));
    }

    template <class T>
    Index place(const Wire<T>& in, Index column) const {
        return static_cast<Index>(in.value(0, column)) * width;
    }

    template <class T>
    void look_up(LayerParameters<const T> table, const Wire<T>& in, Activations<T>& to) const {
        to.resize(width, in.value.cols());
        for (Index k = 0; k < to.cols(); ++k)
            to.col(k) = Eigen::Map<const Row<T>>(table[0] + place(in, k), width);
    }

    template <class T>
    void add_rows(const Pass& pass, const Wire<T>& in, const Activations<T>& slopes,
                  LayerParameters<T> g) const {
        if (!pass.add) Eigen::Map<Row<T>>(g[0], count * width).setZero();
        for (Index k = 0; k < slopes.cols(); ++k)
            Eigen::Map<Row<T>>(g[0] + place(in, k), width) += slopes.col(k);
    }
};

static_assert(Layer<Embedding>);

/// A table of so many rows: the input names one.
inline Embedding embedding(Index count, Index width) { return {.count = count, .width = width}; }

}  // namespace ermine
