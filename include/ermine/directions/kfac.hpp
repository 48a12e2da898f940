// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clip_counts.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/all_finite.hpp>
#include <ermine/numerics/definite_inverse.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/tiled_product.hpp>
#include <ermine/objectives/kronecker_factors.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ermine {

/// K-FAC (Martens & Grosse, "Optimizing neural networks with Kronecker-factored approximate
/// curvature", ICML 2015): the natural gradient of a network of dense layers, where the Fisher
/// matrix of each layer's [W b] is taken for A ⊗ G (KroneckerFactors), and that of two layers
/// together for 0. With D the gradient in [W b], the direction is
///
///     (G + γ/π I)⁻¹ D (A + πγ I)⁻¹,   π² = (tr A / dim A) / (tr G / dim G),   γ = √(λ + η),
///
/// the factored Tikhonov damping of section 6.3, η the curvature of an ℓ2 penalty. A and G are
/// exponential averages over the batches (section 5), with targets drawn from the model's own
/// distribution unless `empirical`; the inverses are made anew every few steps.
///
/// By itself it says where to go, and is followed by a schedule: `Minibatch{.size = 256} | KFac{} |
/// Momentum{.decay = 0.9} | Constant{.size = 0.1}`. With `kl` > 0 it is shortened where a step of
/// length 1 would move the model's distribution by more than that Kullback–Leibler divergence, by
/// its own quadratic model ½ dᵀFd (Ba, Grosse & Martens, "Distributed second-order optimization
/// using Kronecker-factored approximations", ICLR 2017, section 5).
///
/// With `exact` it is the authors' method: d = α Δ + μ d₀ for the direction Δ above and the last
/// step d₀, with the α and μ that minimize the model with exact products of the Gauss–Newton matrix
/// (sections 6.4 and 7), and λ follows how far that model is right (section 6.5; γ of section 6.6
/// is tied to λ instead of searched for). Then the step is of length 1:
/// `Minibatch{.size = 512} | KFac{.exact = true} | Constant{.size = 1}`.
///
/// Factors and products take the first `examples` of a batch alone, where it has more. What they
/// pass over is added to the clock's epochs: a share of the batch for the factors, as much for each
/// of two products, and the whole for each of two values every five steps.
struct KFac {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool keeps_metric = false;

    double damping = 1e-2;    ///< λ, with `exact` that of the first step
    double decay = 0.95;      ///< of the averages, at most: after k batches min(1 − 1/k, decay)
    int factors_every = 1;    ///< steps
    int inverses_every = 20;  ///< steps, and in each of the first three
    Index examples = 0;       ///< of a batch, for factors and products; 0: all
    bool empirical = false;   ///< with the targets of the data: the empirical Fisher matrix
    bool exact = false;       ///< length and momentum by the exact quadratic model
    double kl = 0;            ///< bound on the divergence of a step of length 1; 0: none
    std::uint64_t seed = 0;   ///< of the targets

    template <class V>
    struct State {
        using Scalar = typename V::Scalar;
        using Numbers = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

        KroneckerFactors<Scalar> batch;
        Numbers averages;
        Numbers inverses;
        DefiniteInverse inverse;
        Numbers room;  // a layer's gradient, and a product of it
        V before;      // the last direction; empty unless `exact`
        V product;     // with Δ
        V product_before;
        V trial;
        double damping;
        std::int64_t steps = 0;
        std::int64_t averaged = 0;
        double passes = 0;
        ClipCounts clips = {};
        auto fields() {
            return std::tie(averages, inverses, before, damping, steps, averaged, passes, clips);
        }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool dense_layers = requires(const F& f) { f.kronecker_blocks(); };
        static_assert(
            dense_layers,
            "KFac needs the EmpiricalRisk of a network whose only layers with parameters "
            "are dense, plus L2 at most: use Adam{} or Momentum{}, or, over all examples, "
            "NewtonCg{} and HessianFree{}");
        return dense_layers;
    }

    /// Throws std::invalid_argument for an option out of its range, and for `exact` where the
    /// objective has no products with the Gauss–Newton matrix.
    template <class F, class V>
    State<V> start(const F& f, const V& x) const {
        if (exact && !GaussNewtonProducts<F, V>)
            refuse("KFac.exact", "true",
                   "it needs f.gauss_newton_product(x, v, Gv), which a loss without second "
                   "derivative does not give; leave it out");
        require_positive(damping, "KFac.damping");
        require_decay(decay, "KFac.decay");
        require_count(factors_every, "KFac.factors_every");
        require_count(inverses_every, "KFac.inverses_every");
        require_not_negative(examples, "KFac.examples");
        require_nonnegative(kl, "KFac.kl");
        KroneckerFactors<typename V::Scalar> factors(f.kronecker_blocks());
        Index side = 1;
        Index most = 0;
        for (const auto& block : factors.blocks) {
            side = std::max({side, block.columns(), block.units});
            most = std::max(most, block.columns() * block.units);
        }
        const V none = V::Zero(exact ? x.size() : 0);
        State<V> state{factors, factors.values, factors.values, DefiniteInverse(side),
                       {},      none,           none,           none,
                       none,    damping};
        state.room.setZero(2 * most);
        return state;
    }

    template <class V>
    void direct(const auto& f, const V& x, V& d, State<V>& state) const {
        state.passes = 0;
        ++state.steps;
        if (!all_finite(d)) return;
        const auto& some = part(f);
        const double share = share_of(f);
        if ((state.steps - 1) % factors_every == 0) {
            average(some, x, state);
            state.passes += share;
        }
        const bool invert = state.steps <= 3 || state.steps % inverses_every == 0;
        if (invert && !renew_inverses(state)) {
            d.setConstant(std::numeric_limits<typename V::Scalar>::quiet_NaN());
            return;
        }
        if (exact) {
            state.trial = d;  // the gradient
            precondition(d, state);
            if constexpr (GaussNewtonProducts<std::remove_cvref_t<decltype(some)>, V>)
                go_exactly(f, some, share, x, d, state);
        } else {
            const double change = precondition(d, state);  // gᵀΔ = ΔᵀFΔ
            if (kl > 0) {
                const bool far = change > 2 * kl;
                if (far) d *= static_cast<typename V::Scalar>(std::sqrt(2 * kl / change));
                state.clips.add(far);
            }
        }
    }

    /// How often the examples of the last step were passed over for it, beside the gradient.
    template <class V>
    double passes(const State<V>& state) const {
        return state.passes;
    }

    /// d ← (G + γ/π I)⁻¹ D (A + πγ I)⁻¹, layer by layer, by the inverses in `state`; returns the
    /// product of d with what it was.
    template <class V>
    static double precondition(V& d, State<V>& state) {
        using Scalar = typename V::Scalar;
        using Rows = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        double along = 0;
        for (const auto& block : state.batch.blocks) {
            const Index columns = block.columns();
            Eigen::Map<Rows> weights(d.data() + block.weights, block.units, block.inputs);
            Eigen::Map<Rows> all(state.room.data(), block.units, columns);
            Eigen::Map<Rows> half(state.room.data() + state.room.size() / 2, block.units, columns);
            all.leftCols(block.inputs) = weights;
            if (block.bias >= 0) all.col(block.inputs) = d.segment(block.bias, block.units);
            tiled_product(half, all, KroneckerFactors<Scalar>::inputs(block, state.inverses));
            tiled_product(all, KroneckerFactors<Scalar>::slopes(block, state.inverses), half);
            along += static_cast<double>(weights.cwiseProduct(all.leftCols(block.inputs)).sum());
            weights = all.leftCols(block.inputs);
            if (block.bias < 0) continue;
            auto bias = d.segment(block.bias, block.units);
            along += static_cast<double>(bias.dot(all.col(block.inputs)));
            bias = all.col(block.inputs);
        }
        return along;
    }

private:
    static constexpr int damping_every = 5;  // T₁ of section 6.5

    /// f on some of its examples.
    template <class F>
    decltype(auto) part(const F& f) const {
        if constexpr (requires { f.first(examples); })
            return f.first(share_of(f) < 1 ? examples : f.examples());
        else
            return (f);
    }

    /// How many of its examples these are.
    double share_of(const auto& f) const {
        if constexpr (requires { f.first(examples); })
            if (examples > 0 && examples < f.examples())
                return static_cast<double>(examples) / static_cast<double>(f.examples());
        return 1;
    }

    template <class V>
    void average(const auto& f, const V& x, State<V>& state) const {
        using Scalar = typename V::Scalar;
        constexpr bool has_factors =
            requires(FactorTargets targets) { f.kronecker_factors(x, targets, state.batch); };
        static_assert(has_factors,
                      "KFac takes its factors over the batch of the gradient, and this estimator "
                      "has none that it could look at: use Minibatch or FullGradient");
        if constexpr (has_factors) {
            f.kronecker_factors(x, FactorTargets{.empirical = empirical, .seed = seed},
                                state.batch);
            ++state.averaged;
            const double kept = std::min(1 - 1 / static_cast<double>(state.averaged), decay);
            state.averages = static_cast<Scalar>(kept) * state.averages +
                             static_cast<Scalar>(1 - kept) * state.batch.values;
        }
    }

    template <class V>
    static bool renew_inverses(State<V>& state) {
        using Factors = KroneckerFactors<typename V::Scalar>;
        for (const auto& block : state.batch.blocks) {
            const auto a = Factors::inputs(block, state.averages);
            const auto g = Factors::slopes(block, state.averages);
            const double a_size = static_cast<double>(a.trace()) / static_cast<double>(a.rows());
            const double g_size = static_cast<double>(g.trace()) / static_cast<double>(g.rows());
            const double pi = a_size > 0 && g_size > 0 ? std::sqrt(a_size / g_size) : 1;
            const double gamma = std::sqrt(state.damping + block.curvature);
            if (!state.inverse.compute(a, pi * gamma, Factors::inputs(block, state.inverses)) ||
                !state.inverse.compute(g, gamma / pi, Factors::slopes(block, state.inverses)))
                return false;
        }
        return true;
    }

    /// d, which is Δ, becomes the step; `state.trial` is the gradient.
    template <class V>
    void go_exactly(const auto& f, const auto& some, double share, const V& x, V& d,
                    State<V>& state) const {
        using Scalar = typename V::Scalar;
        auto& [batch, averages, inverses, inverse, room, before, product, product_before, trial,
               lambda, steps, averaged, passed, clips] = state;
        const auto dot = [](const V& a, const V& b) { return static_cast<double>(a.dot(b)); };
        some.gauss_newton_product(x, d, product);
        passed += share;
        double alpha = 0;
        double mu = 0;
        const double bend = dot(d, product) + lambda * dot(d, d);
        const double slope = dot(trial, d);
        const double slope_before = dot(trial, before);
        if (bend > 0) alpha = slope / bend;
        const double square_before = dot(before, before);
        if (square_before > 0) {
            some.gauss_newton_product(x, before, product_before);
            passed += share;
            const double mixed = dot(before, product) + lambda * dot(before, d);
            const double bend_before = dot(before, product_before) + lambda * square_before;
            const double determinant = bend * bend_before - mixed * mixed;
            if (determinant > 1e-6 * bend * bend_before) {
                alpha = (slope * bend_before - slope_before * mixed) / determinant;
                mu = (slope_before * bend - slope * mixed) / determinant;
            }
        }
        d = static_cast<Scalar>(alpha) * d + static_cast<Scalar>(mu) * before;
        before = d;
        if (steps % damping_every != 0) return;
        const double predicted = (alpha * slope + mu * slope_before) / 2;
        const double here = static_cast<double>(f.value(x));
        trial = x - d;
        const double there = static_cast<double>(f.value(std::as_const(trial)));
        passed += 2;
        const double ratio = (here - there) / predicted;
        const double factor = std::pow(19.0 / 20, damping_every);
        if (ratio > 0.75)
            lambda *= factor;
        else if (!(ratio >= 0.25))
            lambda /= factor;
    }
};

}  // namespace ermine
