// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <ermine/concepts/layer.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Batch normalization, unit by unit: y = γ x̂ + β, x̂ = (x − μ) / √(σ² + ε) (Ioffe & Szegedy, "Batch
/// normalization", ICML 2015). In training μ and σ² are mean and variance of the batch, whatever
/// its weights, and derivatives go through them; at inference they are those of the population,
/// blocks of θ that `settle_statistics` of the empirical risk writes.
///
/// The blocks "scale" γ, "shift" β, "mean" and "variance" have one number a unit and no penalty.
/// The last two are statistics: slopes and tangents in them are zero by definition. Forward throws
/// std::invalid_argument for a batch of 1 in training, and for sequences of unequal length.
struct BatchNorm {
    static constexpr const char* name = "batch_norm";
    static constexpr Index parts = 4;
    static constexpr Index populations = 1;
    static constexpr bool unitwise = true;

    double epsilon = 1e-5;  ///< what keeps a unit that never changes from infinity

    template <class T>
    using Numbers = Eigen::Array<T, Eigen::Dynamic, 1>;

    template <class T>
    struct Memory {
        Wire<T> out;
        Activations<T> normal;                    // x̂
        Activations<T> normal_tangent;            // along v
        Numbers<T> inverse;                       // 1 / √(σ² + ε)
        Numbers<T> mean;                          // of x, then of ẋ
        Numbers<T> stretch;                       // of (x − μ)², then of x̂ ẋ
        Numbers<T> slope_mean, slope_normal;      // of s, of s x̂
        Numbers<T> tangent_mean, tangent_normal;  // of their derivatives
        double seen = 0;                          // columns that the next two are of
        Eigen::ArrayXd seen_mean, seen_squares;
    };

    /// Throws std::invalid_argument unless 0 < epsilon < ∞.
    Index outputs(Index inputs, const std::string& where) const {
        require_positive(epsilon, (where + ".epsilon").c_str());
        return inputs;
    }

    void list(Index inputs, auto&& add) const {
        for (const char* block : {"scale", "shift", "mean", "variance"})
            add(block, inputs, Index{1}, false);
    }

    /// Scale and variance 1, shift and mean 0: at inference all but the identity.
    template <class T>
    void starting_values(Index inputs, LayerParameters<T> theta) const {
        for (const Index block : {0, 1, 2, 3})
            numbers(theta, block, inputs).setConstant(block == 0 || block == 3 ? T(1) : T(0));
    }

    /// At inference, the largest |γ| / √(σ² + ε).
    template <class T>
    double lipschitz(Index inputs, LayerParameters<const T> theta) const {
        return static_cast<double>((numbers(theta, 0, inputs).abs() *
                                    (numbers(theta, 3, inputs) + static_cast<T>(epsilon)).rsqrt())
                                       .maxCoeff());
    }

    template <class T>
    Wire<T>& forward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in,
                     Memory<T>& memory) const {
        const Index units = in.value.rows();
        const Index columns = in.value.cols();
        if (pass.training) check_batch(pass, columns);
        if (pass.statistics) see(in.value, memory);
        Wire<T>& out = memory.out;
        out.value.resize(units, columns);
        memory.normal.resize(units, columns);
        for (Numbers<T>* each : {&memory.inverse, &memory.mean, &memory.stretch})
            each->resize(units);
        const auto scale = numbers(theta, 0, units);
        const auto shift = numbers(theta, 1, units);
        each_run(units, columns, [&](Index first, Index count) {
            const auto here = [&](auto&& all) { return all.segment(first, count); };
            auto mean = here(memory.mean);
            auto variance = here(memory.stretch);
            if (pass.training) {
                mean.setZero();
                for (Index k = 0; k < columns; ++k) mean += column(in.value, k, first, count);
                mean /= static_cast<T>(columns);
                variance.setZero();
                for (Index k = 0; k < columns; ++k)
                    variance += (column(in.value, k, first, count) - mean).square();
                variance /= static_cast<T>(columns);
            } else {
                mean = here(numbers(theta, 2, units));
                variance = here(numbers(theta, 3, units));
            }
            here(memory.inverse) = (variance + static_cast<T>(epsilon)).rsqrt();
            for (Index k = 0; k < columns; ++k) {
                auto normal = column(memory.normal, k, first, count);
                normal = (column(in.value, k, first, count) - mean) * here(memory.inverse);
                column(out.value, k, first, count) = here(scale) * normal + here(shift);
            }
        });
        out.needed = true;
        out.overwritable = true;
        return out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in, Wire<T>& out,
                  LayerParameters<T> g, Memory<T>& memory) const {
        const Index units = out.slope.rows();
        const Index columns = out.slope.cols();
        memory.slope_mean.resize(units);
        memory.slope_normal.resize(units);
        if (in.needed) in.slope.resize(units, columns);
        const auto scale = numbers(theta, 0, units);
        each_run(units, columns, [&](Index first, Index count) {
            const auto here = [&](auto&& all) { return all.segment(first, count); };
            auto mean = here(memory.slope_mean);
            auto along = here(memory.slope_normal);
            mean.setZero();
            along.setZero();
            for (Index k = 0; k < columns; ++k) {
                mean += column(out.slope, k, first, count);
                along +=
                    column(out.slope, k, first, count) * column(memory.normal, k, first, count);
            }
            write(pass, g, units, first, along, mean);
            mean /= static_cast<T>(columns);
            along /= static_cast<T>(columns);
            if (!in.needed) return;
            for (Index k = 0; k < columns; ++k) {
                const auto s = column(out.slope, k, first, count);
                const auto normal = column(memory.normal, k, first, count);
                auto to = column(in.slope, k, first, count);
                if (pass.training)
                    to = here(scale) * here(memory.inverse) * (s - mean - normal * along);
                else
                    to = here(scale) * here(memory.inverse) * s;
            }
        });
    }

    template <class T>
    void tangent(const Pass& pass, LayerParameters<const T> theta, LayerParameters<const T> v,
                 Wire<T>& in, Wire<T>& out, Memory<T>& memory) const {
        const Index units = in.value.rows();
        const Index columns = in.value.cols();
        out.value_tangent.resize(units, columns);
        memory.normal_tangent.resize(units, columns);
        const auto scale = numbers(theta, 0, units);
        const auto scale_tangent = numbers(v, 0, units);
        const auto shift_tangent = numbers(v, 1, units);
        each_run(units, columns, [&](Index first, Index count) {
            const auto here = [&](auto&& all) { return all.segment(first, count); };
            auto mean = here(memory.mean);
            auto along = here(memory.stretch);
            mean.setZero();
            along.setZero();
            if (pass.training && in.needed) {
                for (Index k = 0; k < columns; ++k) {
                    mean += column(in.value_tangent, k, first, count);
                    along += column(in.value_tangent, k, first, count) *
                             column(memory.normal, k, first, count);
                }
                mean /= static_cast<T>(columns);
                along /= static_cast<T>(columns);
            }
            for (Index k = 0; k < columns; ++k) {
                const auto normal = column(memory.normal, k, first, count);
                auto moved = column(memory.normal_tangent, k, first, count);
                if (in.needed)
                    moved = here(memory.inverse) *
                            (column(in.value_tangent, k, first, count) - mean - normal * along);
                else
                    moved.setZero();
                column(out.value_tangent, k, first, count) =
                    here(scale_tangent) * normal + here(scale) * moved + here(shift_tangent);
            }
        });
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T> theta,
                          LayerParameters<const T> v, Wire<T>& in, Wire<T>& out,
                          LayerParameters<T> h, Memory<T>& memory) const {
        const Index units = out.slope.rows();
        const Index columns = out.slope.cols();
        memory.tangent_mean.resize(units);
        memory.tangent_normal.resize(units);
        if (in.needed) in.slope_tangent.resize(units, columns);
        const auto scale = numbers(theta, 0, units);
        const auto scale_tangent = numbers(v, 0, units);
        each_run(units, columns, [&](Index first, Index count) {
            const auto here = [&](auto&& all) { return all.segment(first, count); };
            auto mean = here(memory.tangent_mean);
            auto along = here(memory.tangent_normal);
            mean.setZero();
            along.setZero();
            for (Index k = 0; k < columns; ++k) {
                mean += column(out.slope_tangent, k, first, count);
                along += column(out.slope_tangent, k, first, count) *
                             column(memory.normal, k, first, count) +
                         column(out.slope, k, first, count) *
                             column(memory.normal_tangent, k, first, count);
            }
            write(pass, h, units, first, along, mean);
            mean /= static_cast<T>(columns);
            along /= static_cast<T>(columns);
            if (!in.needed) return;
            const auto inverse = here(memory.inverse);
            for (Index k = 0; k < columns; ++k) {
                const auto s = column(out.slope, k, first, count);
                const auto s_tangent = column(out.slope_tangent, k, first, count);
                const auto normal = column(memory.normal, k, first, count);
                auto to = column(in.slope_tangent, k, first, count);
                if (!pass.training) {
                    to = inverse * (here(scale_tangent) * s + here(scale) * s_tangent);
                    continue;
                }
                // d(1/σ) = −(1/σ)² mean(x̂ ẋ)
                to = inverse *
                     ((here(scale_tangent) - here(scale) * inverse * here(memory.stretch)) *
                          (s - here(memory.slope_mean) - normal * here(memory.slope_normal)) +
                      here(scale) * (s_tangent - mean -
                                     column(memory.normal_tangent, k, first, count) *
                                         here(memory.slope_normal) -
                                     normal * along));
            }
        });
    }

    /// Writes what passes with `pass.statistics` have seen as the population's mean and (unbiased)
    /// variance, if `place` is 0, and forgets it. Counts `place` down.
    template <class T>
    void settle(LayerParameters<T> theta, Memory<T>& memory, Index& place) const {
        const Index units = memory.seen_mean.size();
        if (place-- == 0) {
            numbers(theta, 2, units) = memory.seen_mean.template cast<T>();
            numbers(theta, 3, units) =
                (memory.seen_squares / std::max(memory.seen - 1, 1.0)).template cast<T>();
        }
        memory.seen = 0;
    }

private:
    template <class T>
    static auto numbers(LayerParameters<T> from, Index block, Index units) {
        using Values = std::conditional_t<std::is_const_v<T>, const Numbers<std::remove_const_t<T>>,
                                          Numbers<std::remove_const_t<T>>>;
        return Eigen::Map<Values>(from[block], units);
    }

    static auto column(auto& numbers, Index k, Index first, Index count) {
        return numbers.col(k).segment(first, count).array();
    }

    /// f(first, count) for runs of units: each unit's sums are taken in the order of the columns.
    template <class F>
    static void each_run(Index units, Index columns, const F& f) {
        const Index enough = 1 + (Index{1} << 14) / (columns + 1);
        const Chunks cut = chunks_for(units, (enough + 15) / 16 * 16);
        for_each_chunk(cut.count(), [&](Index chunk) {
            f(cut.begin(chunk), cut.end(chunk) - cut.begin(chunk));
        });
    }

    /// The gradient of a run of units: statistics have none.
    template <class T>
    static void write(const Pass& pass, LayerParameters<T> g, Index units, Index first,
                      const auto& scale, const auto& shift) {
        const auto part = [&](Index block) {
            return numbers(g, block, units).segment(first, scale.size());
        };
        if (pass.add) {
            part(0) += scale;
            part(1) += shift;
            return;
        }
        part(0) = scale;
        part(1) = shift;
        part(2).setZero();
        part(3).setZero();
    }

    static void check_batch(const Pass& pass, Index columns) {
        if (columns < 2)
            throw std::invalid_argument(
                "batch_norm: a batch of 1 has no variance: train with batches of at least 2 "
                "examples, the last of an epoch too, or use layer_norm()");
        if (pass.lengths != nullptr && columns > pass.examples)
            throw std::invalid_argument(
                "batch_norm: in sequences of unequal length it would count the steps behind their "
                "ends: use layer_norm()");
    }

    /// Mean and squares about it of all columns so far, in double (Welford, "Note on a method for
    /// calculating corrected sums of squares and products", Technometrics 4, 1962).
    template <class T>
    static void see(const Activations<T>& x, Memory<T>& memory) {
        if (memory.seen == 0) {
            memory.seen_mean.setZero(x.rows());
            memory.seen_squares.setZero(x.rows());
        }
        for (Index k = 0; k < x.cols(); ++k) {
            memory.seen += 1;
            for (Index u = 0; u < x.rows(); ++u) {
                const double distance = static_cast<double>(x(u, k)) - memory.seen_mean[u];
                memory.seen_mean[u] += distance / memory.seen;
                memory.seen_squares[u] +=
                    distance * (static_cast<double>(x(u, k)) - memory.seen_mean[u]);
            }
        }
    }
};

static_assert(Layer<BatchNorm>);

/// Each unit at mean 0 and variance 1 over the batch, then scaled and shifted.
inline BatchNorm batch_norm() { return {}; }

}  // namespace ermine
