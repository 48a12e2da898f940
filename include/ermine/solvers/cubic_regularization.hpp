// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/cubic_lanczos.hpp>
#include <ermine/numerics/more_sorensen.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/curvature.hpp>
#include <ermine/solvers/dense_model.hpp>
#include <ermine/solvers/reduction_ratio.hpp>

#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace ermine {

struct ExactCubicSteps {
    template <class F, class V>
    struct Model {
        DenseModel<V> dense;
        MoreSorensen<SquareMatrix<V>> solver;

        explicit Model(Index n, int scaling, double m, Index) : dense(n, scaling, m), solver(n) {}

        bool look(const F& f, const Evaluation<V>& here) {
            dense.look(f, here);
            return solver.compute(dense.hessian, dense.gradient);
        }
        double natural(const F&, const Evaluation<V>&) { return 1/dense.gradient.stableNorm(); }

        CubicStep step(const F&, const Evaluation<V>&, double sigma, V& p) {
            const SecularSolution found = solver.with_cubic(sigma, p);
            const auto length = static_cast<double>(p.stableNorm());
            const double reduction = -static_cast<double>(dense.gradient.dot(p)) / 2 +
                                     found.lambda * length * length / 6;
            p = p.cwiseQuotient(dense.scale);
            return {reduction, length, found.lambda, true};
        }
        void note(Notes& notes) const {
            notes.negative_eigenvalues = solver.negative_eigenvalues();
            notes.condition_number = solver.condition_number();
        }
    };
};

struct KrylovCubicSteps {
    template <class F, class V>
    struct Model {
        Curvature<F, V> curvature;
        CubicLanczos<V> solver;
        double size = 0;

        explicit Model(Index n, int, double, Index most) : curvature(n), solver(n, most) {}

        bool look(const F& f, const Evaluation<V>& here) {
            curvature.at(f, here.x);
            solver.begin(here.gradient);
            size = here.gradient.stableNorm();
            return std::isfinite(size);
        }
        double natural(const F& f, const Evaluation<V>& here) { 
            double a = std::abs(solver.curvature_along_gradient([&](const V& v, V& product) { curvature.apply(f, here.x, v, product); }));
            return a > 0 ? a*a/size : 1/size; }

        CubicStep step(const F& f, const Evaluation<V>& here, double sigma, V& p) {
            return solver.step([&](const V& v, V& product) { curvature.apply(f, here.x, v, product); },
                sigma, std::min(0.1, std::sqrt(size)) * size, p);
        }
        void note(Notes&) const {}
    };
};

template <class Steps>
struct CubicRegularizationBy {
    double sigma = 0;
    double factor = 1;
    int scaling = 3;
    double memory = 1;
    double mix = 0.1;
    double accept = 1e-4;
    double poor = 0.25;
    double good = 0.75;
    double grow = 4;
    double shrink = 0.25;
    int interpolate = 0;
    Index subspace = 100;
    int trials = 100;

    static constexpr bool repeats = true;

    template <class V, class Model>
    struct State {
        Evaluation<V> here;
        Evaluation<V> there;
        V step;
        Model model;
        double sigma = 0;
        bool known = false;
        Clock clock = {};
        double length = 0;
        auto fields() { return std::tie(sigma); }
    };

    template <class F, class V>
    auto start(const F& f, const V& x) const {
        using Model = typename Steps::template Model<F, V>;
        State<V, Model> state{{x, 0, V::Zero(x.size())}, {x, 0, V::Zero(x.size())}, V::Zero(x.size()),
                              Model(x.size(), scaling, memory, subspace)};
        auto& here = state.here;
        here.value = static_cast<double>(f.value_and_gradient(std::as_const(here.x), here.gradient));
        if (!std::isfinite(here.value)) return state;
        if constexpr (requires { state.model.dense; }) state.model.dense.mix = mix;
        state.known = state.model.look(f, here);
        state.sigma = sigma > 0 ? sigma : factor * state.model.natural(f, here);
        if (!std::isfinite(state.sigma)) state.sigma = 1;
        return state;
    }

    template <class F>
    Outcome advance(const F& f, auto& state) const {
        auto& here = state.here;
        auto& there = state.there;
        if (!state.known && !state.model.look(f, here)) return Outcome::non_finite;
        state.known = true;
        for (int trial = 0; trial < trials; ++trial) {
            const CubicStep step = state.model.step(f, here, state.sigma, state.step);
            if (!step.finite || !std::isfinite(step.length)) return Outcome::non_finite;
            if (!(step.reduction > 0)) return Outcome::no_progress;
            there.x = here.x + state.step;
            if (there.x == here.x) return Outcome::no_progress;
            there.value = static_cast<double>(
                f.value_and_gradient(std::as_const(there.x), there.gradient));
            state.clock.epoch += 1;
            const bool bottomless = there.value == -std::numeric_limits<double>::infinity();
            const double ratio =
                bottomless ? 1 : reduction_ratio(here, there, state.step, step.reduction);
            const double l3 = step.length * step.length * step.length;
            // q(p) - f = -(reduction + sigma/3 l^3)
            const double fit = state.sigma + 3 * (1 - ratio) * step.reduction / l3;
            if (!(ratio >= poor)) {
                if (!std::isfinite(ratio)) state.sigma *= 100;
                else if (interpolate & 1) state.sigma = std::isfinite(fit) ? std::clamp(fit, 2 * state.sigma, 100 * state.sigma) : 4 * state.sigma;
                else state.sigma *= grow;
            } else if (ratio > good) {
                if (interpolate & 2) state.sigma = std::isfinite(fit) ? std::clamp(fit, shrink * state.sigma, state.sigma) : shrink * state.sigma;
                else state.sigma *= shrink;
            }
            state.sigma = std::max(state.sigma, 1e-250);
            if (ratio > accept) {
                std::swap(here, there);
                state.length = step.length;
                state.known = false;
                ++state.clock.iteration;
                return bottomless ? Outcome::non_finite : Outcome::advanced;
            }
        }
        return Outcome::no_progress;
    }

    const auto& point(const auto& state) const { return state.here.x; }
    double value(const auto&, const auto& state) const { return state.here.value; }
    void note(const auto& state, Notes& notes) const { state.model.note(notes); }
};

using CubicRegularization = CubicRegularizationBy<ExactCubicSteps>;
using CubicRegularizationKrylov = CubicRegularizationBy<KrylovCubicSteps>;

}  // namespace ermine
