// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <stdexcept>
#include <string>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/draw_kept.hpp>
#include <ermine/numerics/for_each_run.hpp>

namespace ermine {

/// In training each number is 0 with probability `rate`, and divided by 1 − rate otherwise, so that
/// its mean is what it was; at inference it is handed on (Srivastava et al., "Dropout: a simple way
/// to prevent neural networks from overfitting", JMLR 15, 2014). What is drawn follows from
/// `pass.draw`, the place of the layer and that of the number: the same on any number of threads.
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
        Activations<T> kept;  // 0 or 1 / (1 − rate)
    };

    /// Throws std::invalid_argument unless 0 <= rate < 1.
    Index outputs(Index inputs, const std::string& where) const {
        if (!(rate >= 0 && rate < 1))
            throw std::invalid_argument(where + ": rate is " + std::to_string(rate) +
                                        ": give the share to leave out, at least 0 and below 1");
        return inputs;
    }
    void list(Index, auto&&) const {}
    double lipschitz(Index, auto&&) const { return 1; }

    template <class T>
    Wire<T>& forward(const Pass& pass, LayerParameters<const T>, Wire<T>& in,
                     Memory<T>& memory) const {
        if (!draws(pass)) return in;
        Wire<T>& out = memory.out;
        out.value.resizeLike(in.value);
        memory.kept.resizeLike(in.value);
        for_each_run(in.value.size(), [&](Index first, Index count) {
            draw_kept(pass.draw, rate, first, count, memory.kept.data() + first);
            run_of(out.value, first, count) =
                run_of(memory.kept, first, count) * run_of(in.value, first, count);
        });
        out.needed = in.needed;
        out.overwritable = false;
        return out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T>, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T>, Memory<T>& memory) const {
        if (in.needed && draws(pass)) multiply(memory.kept, out.slope, in.slope);
    }

    template <class T>
    void tangent(const Pass& pass, LayerParameters<const T>, LayerParameters<const T>, Wire<T>& in,
                 Wire<T>& out, Memory<T>& memory) const {
        if (in.needed && draws(pass)) multiply(memory.kept, in.value_tangent, out.value_tangent);
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T>, LayerParameters<const T>,
                          Wire<T>& in, Wire<T>& out, LayerParameters<T>, Memory<T>& memory) const {
        if (in.needed && draws(pass)) multiply(memory.kept, out.slope_tangent, in.slope_tangent);
    }

private:
    [[nodiscard]] bool draws(const Pass& pass) const { return pass.training && rate > 0; }

    template <class T>
    static void multiply(const Activations<T>& kept, const Activations<T>& from,
                         Activations<T>& to) {
        to.resizeLike(from);
        for_each_run(from.size(), [&](Index first, Index count) {
            run_of(to, first, count) = run_of(kept, first, count) * run_of(from, first, count);
        });
    }
};

static_assert(Layer<Dropout>);

/// A layer that leaves out such a share of what comes in, another in each pass of training.
inline Dropout dropout(double rate) { return {.rate = rate}; }

}  // namespace ermine
