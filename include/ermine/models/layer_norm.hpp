// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <stdexcept>
#include <string>

#include <ermine/concepts/layer.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Layer normalization, example by example: y = γ ∘ x̂ + β, x̂ = (x − μ) / √(σ² + ε), with mean μ and
/// variance σ² of the units of one column; the same in training and at inference (Ba, Kiros &
/// Hinton, "Layer normalization", arXiv:1607.06450, 2016). The blocks "scale" γ and "shift" β have
/// one number a unit and no penalty.
struct LayerNorm {
    static constexpr const char* name = "layer_norm";
    static constexpr Index parts = 2;
    static constexpr bool unitwise = true;

    double epsilon = 1e-5;  ///< what keeps a column of equal numbers from infinity

    template <class T>
    using Numbers = Eigen::Array<T, Eigen::Dynamic, 1>;

    template <class T>
    struct Memory {
        Wire<T> out;
        Activations<T> normal;          // x̂
        Activations<T> normal_tangent;  // along v
        Numbers<T> inverse;             // 1 / √(σ² + ε), a number a column
        Numbers<T> along;               // mean of x̂ ẋ
    };

    /// Throws std::invalid_argument for one input, and unless 0 < epsilon < ∞.
    Index outputs(Index inputs, const std::string& where) const {
        require_positive(epsilon, (where + ".epsilon").c_str());
        if (inputs < 2)
            throw std::invalid_argument(where + ": of " + std::to_string(inputs) +
                                        " input nothing is left without its mean: give it at least "
                                        "2, or use batch_norm()");
        return inputs;
    }

    void list(Index inputs, auto&& add) const {
        add("scale", inputs, Index{1}, false);
        add("shift", inputs, Index{1}, false);
    }

    /// Scale 1, shift 0.
    template <class T>
    void starting_values(Index inputs, LayerParameters<T> theta) const {
        Eigen::Map<Numbers<T>>(theta[0], inputs).setOnes();
        Eigen::Map<Numbers<T>>(theta[1], inputs).setZero();
    }

    template <class T>
    Wire<T>& forward(const Pass&, LayerParameters<const T> theta, Wire<T>& in,
                     Memory<T>& memory) const {
        Wire<T>& out = memory.out;
        out.value.resizeLike(in.value);
        memory.normal.resizeLike(in.value);
        memory.inverse.resize(in.value.cols());
        const auto scale = numbers(theta, 0, in);
        const auto shift = numbers(theta, 1, in);
        each_column(in.value, [&](Index k) {
            const auto x = in.value.col(k).array();
            auto normal = memory.normal.col(k).array();
            normal = x - x.mean();
            memory.inverse[k] = 1 / std::sqrt(normal.square().mean() + static_cast<T>(epsilon));
            normal *= memory.inverse[k];
            out.value.col(k).array() = scale * normal + shift;
        });
        out.needed = true;
        out.overwritable = true;
        return out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T> g, Memory<T>& memory) const {
        auto scale_slope = begin(g, 0, in, pass.add);
        auto shift_slope = begin(g, 1, in, pass.add);
        for (Index k = 0; k < out.slope.cols(); ++k) {
            scale_slope += out.slope.col(k).array() * memory.normal.col(k).array();
            shift_slope += out.slope.col(k).array();
        }
        if (!in.needed) return;
        in.slope.resizeLike(out.slope);
        const auto scale = numbers(theta, 0, in);
        each_column(out.slope, [&](Index k) {
            const auto normal = memory.normal.col(k).array();
            const auto q = scale * out.slope.col(k).array();
            const T mean = q.mean();
            const T along = (q * normal).mean();
            in.slope.col(k).array() = memory.inverse[k] * (q - mean - normal * along);
        });
    }

    template <class T>
    void tangent(const Pass&, LayerParameters<const T> theta, LayerParameters<const T> v,
                 Wire<T>& in, Wire<T>& out, Memory<T>& memory) const {
        out.value_tangent.resizeLike(in.value);
        memory.normal_tangent.resizeLike(in.value);
        memory.along.resize(in.value.cols());
        const auto scale = numbers(theta, 0, in);
        const auto scale_tangent = numbers(v, 0, in);
        const auto shift_tangent = numbers(v, 1, in);
        each_column(in.value, [&](Index k) {
            const auto normal = memory.normal.col(k).array();
            auto moved = memory.normal_tangent.col(k).array();
            if (in.needed) {
                const auto x = in.value_tangent.col(k).array();
                memory.along[k] = (normal * x).mean();
                const T mean = x.mean();
                moved = memory.inverse[k] * (x - mean - normal * memory.along[k]);
            } else {
                memory.along[k] = 0;
                moved.setZero();
            }
            out.value_tangent.col(k).array() =
                scale_tangent * normal + scale * moved + shift_tangent;
        });
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T> theta,
                          LayerParameters<const T> v, Wire<T>& in, Wire<T>& out,
                          LayerParameters<T> h, Memory<T>& memory) const {
        auto scale_slope = begin(h, 0, in, pass.add);
        auto shift_slope = begin(h, 1, in, pass.add);
        for (Index k = 0; k < out.slope.cols(); ++k) {
            scale_slope += out.slope_tangent.col(k).array() * memory.normal.col(k).array() +
                           out.slope.col(k).array() * memory.normal_tangent.col(k).array();
            shift_slope += out.slope_tangent.col(k).array();
        }
        if (!in.needed) return;
        in.slope_tangent.resizeLike(out.slope);
        const auto scale = numbers(theta, 0, in);
        const auto scale_tangent = numbers(v, 0, in);
        each_column(out.slope, [&](Index k) {
            const auto normal = memory.normal.col(k).array();
            const auto moved = memory.normal_tangent.col(k).array();
            const auto q = scale * out.slope.col(k).array();
            const auto q_tangent =
                scale_tangent * out.slope.col(k).array() + scale * out.slope_tangent.col(k).array();
            const T mean = q.mean();
            const T along = (q * normal).mean();
            const T mean_tangent = q_tangent.mean();
            const T along_tangent = (q_tangent * normal + q * moved).mean();
            // d(1/σ) = −(1/σ)² mean(x̂ ẋ)
            const T inverse = memory.inverse[k];
            in.slope_tangent.col(k).array() =
                inverse * (q_tangent - mean_tangent - moved * along - normal * along_tangent -
                           inverse * memory.along[k] * (q - mean - normal * along));
        });
    }

private:
    template <class T>
    static auto numbers(LayerParameters<const T> from, Index block, const Wire<T>& in) {
        return Eigen::Map<const Numbers<T>>(from[block], in.value.rows());
    }

    template <class T>
    static auto begin(LayerParameters<T> g, Index block, const Wire<T>& in, bool add) {
        Eigen::Map<Numbers<T>> sum(g[block], in.value.rows());
        if (!add) sum.setZero();
        return sum;
    }

    template <class T, class F>
    static void each_column(const Activations<T>& shape, const F& f) {
        const Chunks cut = chunks_for(shape.cols(), 1 + (Index{1} << 14) / shape.rows());
        for_each_chunk(cut.count(), [&](Index chunk) {
            for (Index k = cut.begin(chunk); k < cut.end(chunk); ++k) f(k);
        });
    }
};

static_assert(Layer<LayerNorm>);

/// Each example at mean 0 and variance 1 over its units, then scaled and shifted.
inline LayerNorm layer_norm() { return {}; }

}  // namespace ermine
