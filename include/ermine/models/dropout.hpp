// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <string>

#include <ermine/concepts/layer.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// In training each number is zero with probability `rate` and otherwise divided by 1 − rate, so
/// that its mean stays; at inference nothing happens (Srivastava, Hinton, Krizhevsky, Sutskever &
/// Salakhutdinov, "Dropout", JMLR 15, 2014, section 10 for the division in training).
///
/// What is dropped is a function of `pass.draw` and the column alone: the same on any number of
/// threads, and in all four passes. A Stack gives each of its layers a draw of its own.
struct Dropout {
    static constexpr const char* name = "dropout";
    static constexpr Index parts = 0;
    static constexpr bool unitwise = true;
    static constexpr bool homogeneous = true;  // at inference
    static constexpr bool odd = true;

    double rate = 0.5;

    template <class T>
    struct Memory {
        Wire<T> out;
        Activations<T> mask;  // 0 or 1 / (1 − rate)
        bool drawn = false;
    };

    /// Throws std::invalid_argument unless 0 <= rate < 1.
    Index outputs(Index inputs, const std::string& where) const {
        require_decay(rate, (where + ".rate").c_str());
        return inputs;
    }
    void list(Index, auto&&) const {}
    double lipschitz(Index, auto&&) const { return 1; }

    template <class T>
    Wire<T>& forward(const Pass& pass, LayerParameters<const T>, Wire<T>& in,
                     Memory<T>& memory) const {
        memory.drawn = pass.training && rate > 0;
        if (!memory.drawn) return in;
        Wire<T>& out = in.overwritable ? in : memory.out;
        memory.mask.resizeLike(in.value);
        out.value.resizeLike(in.value);
        each_column(in.value, [&](Index k) {
            draw(pass.draw, k, memory.mask);
            out.value.col(k) = in.value.col(k).cwiseProduct(memory.mask.col(k));
        });
        out.needed = in.needed;
        out.overwritable = true;  // the mask is all that is read again
        return out;
    }

    template <class T>
    void backward(const Pass&, LayerParameters<const T>, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T>, Memory<T>& memory) const {
        if (in.needed && memory.drawn) multiply(out.slope, memory.mask, in.slope);
    }

    template <class T>
    void tangent(const Pass&, LayerParameters<const T>, LayerParameters<const T>, Wire<T>& in,
                 Wire<T>& out, Memory<T>& memory) const {
        if (in.needed && memory.drawn) multiply(in.value_tangent, memory.mask, out.value_tangent);
    }

    template <class T>
    void tangent_backward(const Pass&, LayerParameters<const T>, LayerParameters<const T>,
                          Wire<T>& in, Wire<T>& out, LayerParameters<T>, Memory<T>& memory) const {
        if (in.needed && memory.drawn) multiply(out.slope_tangent, memory.mask, in.slope_tangent);
    }

private:
    template <class T, class F>
    static void each_column(const Activations<T>& shape, const F& f) {
        const Chunks cut = chunks_for(shape.cols(), 1 + (Index{1} << 13) / (shape.rows() + 1));
        for_each_chunk(cut.count(), [&](Index chunk) {
            for (Index k = cut.begin(chunk); k < cut.end(chunk); ++k) f(k);
        });
    }

    template <class T>
    static void multiply(const Activations<T>& from, const Activations<T>& mask,
                         Activations<T>& to) {
        to.resizeLike(from);
        each_column(from, [&](Index k) { to.col(k) = from.col(k).cwiseProduct(mask.col(k)); });
    }

    /// One column, two numbers from 64 random bits: the rate is kept to 2⁻³².
    template <class T>
    void draw(std::uint64_t seed, Index column, Activations<T>& mask) const {
        Random random(seed + static_cast<std::uint64_t>(column) * 0xd1342543de82ef95U);
        const auto dropped = static_cast<std::uint64_t>(rate * 0x1p32);
        const T kept = static_cast<T>(1 / (1 - rate));
        std::uint64_t bits = 0;
        for (Index u = 0; u < mask.rows(); ++u) {
            bits = u % 2 == 0 ? random.bits() : bits >> 32;
            mask(u, column) = (bits & 0xffffffffU) < dropped ? T(0) : kept;
        }
    }
};

static_assert(Layer<Dropout>);

/// Each number dropped with this probability, in training.
inline Dropout dropout(double rate = 0.5) { return {.rate = rate}; }

}  // namespace ermine
