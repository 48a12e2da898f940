// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/dogleg.hpp>
#include <ermine/numerics/more_sorensen.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/steihaug_toint.hpp>
#include <ermine/solvers/curvature.hpp>
#include <ermine/solvers/dense_model.hpp>
#include <ermine/solvers/reduction_ratio.hpp>

#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace ermine {

struct ModelStep {
    double reduction = 0;
    double length = 0;
    bool boundary = false;
};

struct ExactSteps {
    template <class F, class V>
    struct Model {
        DenseModel<V> dense;
        MoreSorensen<SquareMatrix<V>> solver;

        explicit Model(Index n, int scaling, double m, double pw) : dense(n, scaling, m, pw), solver(n) {}

        bool look(const F& f, const Evaluation<V>& here) {
            dense.look(f, here);
            return solver.compute(dense.hessian, dense.gradient);
        }
        double gradient_length() const { return dense.gradient.stableNorm(); }
        double point_length(const V& x) const { return x.cwiseProduct(dense.scale).stableNorm(); }

        ModelStep step(const F&, const Evaluation<V>&, double radius, V& p) {
            const SecularSolution found = solver.in_ball(radius, p);
            const auto length = static_cast<double>(p.stableNorm());
            const double reduction = -static_cast<double>(dense.gradient.dot(p)) / 2 +
                                     found.lambda * length * length / 2;
            p = p.cwiseQuotient(dense.scale);
            return {reduction, length, !found.interior};
        }
        void note(Notes& notes) const {
            notes.negative_eigenvalues = solver.negative_eigenvalues();
            notes.condition_number = solver.condition_number();
        }
    };
};

struct DoglegSteps {
    template <class F, class V>
    struct Model {
        DenseModel<V> dense;
        Dogleg<SquareMatrix<V>> solver;
        V product;

        explicit Model(Index n, int scaling, double m, double pw) : dense(n, scaling, m, pw), solver(n), product(V::Zero(n)) {}

        bool look(const F& f, const Evaluation<V>& here) {
            dense.look(f, here);
            return solver.compute(dense.hessian, dense.gradient);
        }
        double gradient_length() const { return dense.gradient.stableNorm(); }
        double point_length(const V& x) const { return x.cwiseProduct(dense.scale).stableNorm(); }
        ModelStep step(const F&, const Evaluation<V>&, double radius, V& p) {
            const bool boundary = solver.step(radius, p);
            const auto length = static_cast<double>(p.stableNorm());
            product.noalias() = dense.hessian * p;
            const double reduction = -static_cast<double>(dense.gradient.dot(p)) -
                                     static_cast<double>(product.dot(p)) / 2;
            p = p.cwiseQuotient(dense.scale);
            return {reduction, length, boundary};
        }
        void note(Notes& notes) const {
            if (!solver.regularized()) notes.negative_eigenvalues = 0;
            notes.condition_number = solver.condition_number();
        }
    };
};

struct TruncatedSteps {
    template <class F, class V>
    struct Model {
        Curvature<F, V> curvature;
        SteihaugToint<V> solver;

        explicit Model(Index n, int, double, double) : curvature(n), solver(n) {}
        bool look(const F& f, const Evaluation<V>& here) {
            curvature.at(f, here.x);
            gl = here.gradient.stableNorm();
            return here.gradient.allFinite();
        }
        double gl = 0;
        double gradient_length() const { return gl; }
        double point_length(const V& x) const { return x.stableNorm(); }
        ModelStep step(const F& f, const Evaluation<V>& here, double radius, V& p) {
            const auto size = static_cast<double>(here.gradient.stableNorm());
            const auto found = solver.step(
                [&](const V& v, V& product) { curvature.apply(f, here.x, v, product); },
                here.gradient, radius, std::min(0.5, std::sqrt(size)) * size, 2 * here.x.size() + 20, p);
            return {found.finite ? found.reduction : std::numeric_limits<double>::quiet_NaN(), found.length, found.boundary};
        }
        void note(Notes&) const {}
    };
};

template <class Steps>
struct TrustRegionBy {
    double radius = 0;
    int initial = 0;
    double factor = 1;
    int scaling = 1;
    double memory = 1;
    double power = 0.5;
    double mix = 1;
    double accept = 1e-4;
    double poor = 0.25;
    double good = 0.75;
    double shrink = 0.25;
    double expand = 2;
    bool interpolate = false;
    int trials = 100;

    static constexpr bool repeats = true;

    template <class V, class Model>
    struct State {
        Evaluation<V> here;
        Evaluation<V> there;
        V step;
        Model model;
        double radius = 0;
        bool known = false;
        Clock clock = {};
        double length = 0;
        auto fields() { return std::tie(radius); }
    };

    template <class F, class V>
    auto start(const F& f, const V& x) const {
        using Model = typename Steps::template Model<F, V>;
        State<V, Model> state{{x, 0, V::Zero(x.size())}, {x, 0, V::Zero(x.size())}, V::Zero(x.size()),
                              Model(x.size(), scaling, memory, power)};
        auto& here = state.here;
        here.value = static_cast<double>(f.value_and_gradient(std::as_const(here.x), here.gradient));
        if (!std::isfinite(here.value)) return state;
        if constexpr (requires { state.model.dense; }) state.model.dense.mix = mix;
        state.known = state.model.look(f, here);
        const double xl = state.model.point_length(x), gl = state.model.gradient_length();
        switch (initial) {
            case 0: state.radius = factor; break;
            case 1: state.radius = xl > 0 ? factor * xl : factor; break;
            case 2: state.radius = factor * gl; break;
            case 3: state.radius = factor * std::max(xl, gl); break;
            case 4: state.radius = factor * std::max(1.0, xl); break;
            case 5: state.radius = 1e100; break;
        }
        if (!(state.radius > 0)) state.radius = 1;
        return state;
    }

    template <class F>
    Outcome advance(const F& f, auto& state) const {
        auto& here = state.here;
        auto& there = state.there;
        if (!state.known && !state.model.look(f, here)) return Outcome::non_finite;
        state.known = true;
        for (int trial = 0; trial < trials; ++trial) {
            const ModelStep step = state.model.step(f, here, state.radius, state.step);
            if (!std::isfinite(step.length)) return Outcome::non_finite;
            if (!(step.reduction > 0)) return Outcome::no_progress;
            there.x = here.x + state.step;
            if (there.x == here.x) return Outcome::no_progress;
            there.value = static_cast<double>(
                f.value_and_gradient(std::as_const(there.x), there.gradient));
            state.clock.epoch += 1;
            const bool bottomless = there.value == -std::numeric_limits<double>::infinity();
            const double ratio =
                bottomless ? 1 : reduction_ratio(here, there, state.step, step.reduction);
            if (!(ratio >= poor)) {
                double s = shrink;
                if (!std::isfinite(ratio)) s = 0.1;
                else if (interpolate) {
                    const double slope = here.gradient.dot(state.step);
                    const double rise = there.value - here.value - slope;
                    s = std::clamp(-slope / (2 * rise), 0.1, 0.5);
                }
                state.radius = s * step.length;
            }
            else if (ratio > good && step.boundary) state.radius = std::max(state.radius, expand * step.length);
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

using TrustRegion = TrustRegionBy<ExactSteps>;
using TrustRegionDogleg = TrustRegionBy<DoglegSteps>;
using TrustRegionCG = TrustRegionBy<TruncatedSteps>;

}  // namespace ermine
