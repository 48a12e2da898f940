// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <string>

#include <ermine/concepts/layer.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// y = γ ∘ x̂ + β with x̂ = (x − μ) / √(σ² + ε), where μ and σ² are mean and variance of the numbers
/// of one example (Ba, Kiros & Hinton, "Layer normalization", 2016). γ begins at 1 and β at 0;
/// neither is penalized.
struct LayerNorm {
    static constexpr const char* name = "layer_norm";
    static constexpr Index parts = 2;

    double epsilon = 1e-5;

    template <class T>
    struct Memory {
        Wire<T> out;
        Activations<T> normal, normal_tangent;          // x̂
        Eigen::Array<T, 1, Eigen::Dynamic> sharpness;   // 1 / √(σ² + ε), a number a column
        Eigen::Array<T, 1, Eigen::Dynamic> correlated;  // mean of x̂ ẋ
    };

    /// Throws std::invalid_argument unless ε > 0.
    Index outputs(Index inputs, const std::string&) const {
        require_positive(epsilon, "LayerNorm.epsilon");
        return inputs;
    }

    void list(Index inputs, auto&& add) const {
        add("scale", inputs, Index{1}, false);
        add("shift", inputs, Index{1}, false);
    }

    template <class T>
    void starting_values(Index inputs, LayerParameters<T> theta) const {
        Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>(theta[0], inputs).setOnes();
    }

    template <class T>
    Wire<T>& forward(const Pass&, LayerParameters<const T> theta, Wire<T>& in,
                     Memory<T>& memory) const {
        Wire<T>& out = memory.out;
        const Index width = in.value.rows();
        out.value.resizeLike(in.value);
        memory.normal.resizeLike(in.value);
        memory.sharpness.resize(in.value.cols());
        for (Index k = 0; k < in.value.cols(); ++k) {
            auto normal = memory.normal.col(k).array();
            normal = in.value.col(k).array() - in.value.col(k).mean();
            const T sharpness = 1 / std::sqrt(normal.square().mean() + static_cast<T>(epsilon));
            normal *= sharpness;
            memory.sharpness[k] = sharpness;
            out.value.col(k) = (part(theta, 0, width) * normal + part(theta, 1, width)).matrix();
        }
        out.needed = true;
        out.overwritable = true;
        return out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T> g, Memory<T>& memory) const {
        const Index width = in.value.rows();
        auto scale = part(g, 0, width);
        auto shift = part(g, 1, width);
        if (!pass.add) {
            scale.setZero();
            shift.setZero();
        }
        if (in.needed) in.slope.resizeLike(in.value);
        for (Index k = 0; k < in.value.cols(); ++k) {
            const auto slope = out.slope.col(k).array();
            const auto normal = memory.normal.col(k).array();
            scale += slope * normal;
            shift += slope;
            if (!in.needed) continue;
            auto back = in.slope.col(k).array();
            back = part(theta, 0, width) * slope;
            const T along = (back * normal).mean();
            const T mean = back.mean();
            back = memory.sharpness[k] * (back - mean - along * normal);
        }
    }

    template <class T>
    void tangent(const Pass&, LayerParameters<const T> theta, LayerParameters<const T> v,
                 Wire<T>& in, Wire<T>& out, Memory<T>& memory) const {
        const Index width = in.value.rows();
        out.value_tangent.resizeLike(in.value);
        memory.normal_tangent.resizeLike(in.value);
        memory.correlated.setZero(in.value.cols());
        for (Index k = 0; k < in.value.cols(); ++k) {
            const auto normal = memory.normal.col(k).array();
            auto moved = memory.normal_tangent.col(k).array();
            if (in.needed) {
                const auto input = in.value_tangent.col(k).array();
                memory.correlated[k] = (normal * input).mean();
                moved =
                    memory.sharpness[k] * (input - input.mean() - memory.correlated[k] * normal);
            } else {
                moved.setZero();
            }
            out.value_tangent.col(k) =
                (part(theta, 0, width) * moved + part(v, 0, width) * normal + part(v, 1, width))
                    .matrix();
        }
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T> theta,
                          LayerParameters<const T> v, Wire<T>& in, Wire<T>& out,
                          LayerParameters<T> h, Memory<T>& memory) const {
        const Index width = in.value.rows();
        auto scale = part(h, 0, width);
        auto shift = part(h, 1, width);
        if (!pass.add) {
            scale.setZero();
            shift.setZero();
        }
        if (in.needed) in.slope_tangent.resizeLike(in.value);
        for (Index k = 0; k < in.value.cols(); ++k) {
            const auto slope = out.slope.col(k).array();
            const auto bent = out.slope_tangent.col(k).array();
            const auto normal = memory.normal.col(k).array();
            const auto moved = memory.normal_tangent.col(k).array();
            scale += bent * normal + slope * moved;
            shift += bent;
            if (!in.needed) continue;
            // back is r (u − mean u − x̂ q) with u = γ δ, q = mean(u x̂) and r the sharpness
            const auto u = part(theta, 0, width) * slope;
            const T q = (u * normal).mean();
            auto back = in.slope_tangent.col(k).array();
            back = part(theta, 0, width) * bent + part(v, 0, width) * slope;
            const T q_moved = (back * normal + u * moved).mean();
            const T mean = back.mean();
            const T r = memory.sharpness[k];
            back = r * (back - mean - q * moved - q_moved * normal) -
                   r * memory.correlated[k] * r * (u - u.mean() - q * normal);
        }
    }

private:
    template <class T>
    static auto part(LayerParameters<const T> of, Index block, Index width) {
        return Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>(of[block], width);
    }
    template <class T>
    static auto part(LayerParameters<T> of, Index block, Index width) {
        return Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>(of[block], width);
    }
};

static_assert(Layer<LayerNorm>);

/// A layer that brings the numbers of each example to mean 0 and variance 1, before a scale and a
/// shift that are learnt.
inline LayerNorm layer_norm() { return {}; }

}  // namespace ermine
