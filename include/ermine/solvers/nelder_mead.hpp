// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/QR>

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/apply_reflections.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/search_stop.hpp>
#include <ermine/solvers/spread.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

namespace ermine {

/// The simplex search of Nelder & Mead, "A simplex method for function minimization", 1965, which
/// needs values alone: the worst of n + 1 points is reflected at the middle of the others. In the
/// form of Lagarias, Reeds, Wright & Wright, SIAM J. Optim. 9, 1998 (section 2), whose order of
/// points and acceptance rules leave no choice open. By default with the parameters of Gao & Han,
/// Comput. Optim. Appl. 51, 2012, which keep long simplices of many dimensions from flattening:
/// reflection 1, expansion 1 + 2/n, contraction 3/4 − 1/2n, shrinkage 1 − 1/n; for n = 2 they are
/// the classical 1, 2, ½, ½.
///
/// A simplex that flattens may stop where no minimum is (McKinnon, SIAM J. Optim. 9, 1998). Every n
/// rounds it is looked at: where it has lost a dimension, or its values fell by less than its slope
/// promises, it is replaced by a smaller one at its best point with edges that point downhill (the
/// oriented restart of Kelley, SIAM J. Optim. 10, 1999).
///
/// A value that is NaN counts as +∞; a point outside the box of a Composite is moved into it. For
/// smooth functions of up to some ten variables: on kinks in more than two it may stop early. There
/// and with noise or many minima use CmaEs; where there is a gradient, a method that uses it.
struct NelderMead {
    static constexpr bool repeats = true;
    using Stop = SearchStop;

    double edge = 0.1;     ///< of the first simplex along axis i, times max(1, |xᵢ|)
    int restarts = 3;      ///< the most oriented restarts
    bool adaptive = true;  ///< Gao & Han's parameters; otherwise those of 1965

    template <class V>
    struct Vertex {
        V x;
        double value;
        auto fields() { return std::tie(x, value); }
    };

    template <class V>
    struct State {
        using Matrix = Eigen::Matrix<double, V::RowsAtCompileTime, V::RowsAtCompileTime>;
        using Column = Eigen::Matrix<double, V::RowsAtCompileTime, 1>;

        std::vector<Vertex<V>> simplex;  // the best first
        Vertex<V> reflected;
        Vertex<V> other;  // expanded or contracted
        V middle;         // of all but the worst
        Column scale = {};
        Column slope = {};
        Column room = {};
        Matrix edges = {};
        Eigen::ColPivHouseholderQR<Matrix> factored = {};
        double promise = 0;                                     // α of Kelley's test
        double mean = std::numeric_limits<double>::infinity();  // of the values, at the last look
        int restarts = 0;
        Clock clock = {};
        auto fields() {
            return std::tie(simplex, reflected, other, middle, scale, promise, mean, restarts,
                            clock);
        }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool has_value = Objective<F, V>;
        static_assert(has_value, "NelderMead needs f.value(x) for x of the starting point's type");
        return has_value;
    }

    /// Makes all memory of a run; evaluates f at x and, if it is finite there, at n points beside.
    /// Throws std::invalid_argument unless edge is positive and finite and restarts is not
    /// negative.
    template <class F, class V>
    State<V> start(const F& f, const V& x) const {
        require_positive(edge, "NelderMead.edge");
        require_nonnegative(restarts, "NelderMead.restarts");
        const Index n = x.size();
        Vertex<V> first{x, 0};
        evaluate(f, first);
        State<V> state{.simplex = std::vector<Vertex<V>>(static_cast<std::size_t>(n) + 1, first),
                       .reflected = first,
                       .other = first,
                       .middle = first.x};
        state.scale = x.template cast<double>().cwiseAbs().cwiseMax(1.0);
        state.slope = state.room = state.scale;
        state.edges.setIdentity(n, n);
        state.factored.compute(state.edges);
        if (!std::isfinite(first.value)) return state;
        for (Index i = 0; i < n; ++i) {
            Vertex<V>& vertex = at(state, i + 1);
            vertex.x[i] += static_cast<typename V::Scalar>(edge * state.scale[i]);
            evaluate(f, vertex);
        }
        sort(state);
        state.clock.epoch = static_cast<double>(n);
        return state;
    }

    /// One iteration: a reflection with what follows from it, and now and then a restart.
    template <class F, class V>
    Outcome advance(const F& f, State<V>& state) const {
        const Index n = state.middle.size();
        const double m = adaptive ? std::max<double>(2, static_cast<double>(n)) : 2;
        const double expansion = 1 + 2 / m;
        const double contraction = 0.75 - 0.5 / m;
        const Vertex<V>& best = state.simplex.front();
        const Vertex<V>& worst = state.simplex.back();
        if (n == 0) return Outcome::no_progress;
        state.middle = best.x;
        for (Index i = 1; i < n; ++i) state.middle += at(state, i).x;
        state.middle /= static_cast<typename V::Scalar>(n);

        const auto along = [&](double t, Vertex<V>& trial) {
            trial.x = state.middle + static_cast<typename V::Scalar>(t) * (state.middle - worst.x);
            evaluate(f, trial);
            ++state.clock.epoch;
        };
        along(1, state.reflected);
        bool moved = true;
        if (state.reflected.value < best.value) {
            along(expansion, state.other);
            replace_worst(
                state, state.other.value < state.reflected.value ? state.other : state.reflected);
        } else if (state.reflected.value < at(state, n - 1).value) {
            replace_worst(state, state.reflected);
        } else {
            const bool outside = state.reflected.value < worst.value;
            along(outside ? contraction : -contraction, state.other);
            if (outside ? state.other.value <= state.reflected.value
                        : state.other.value < worst.value)
                replace_worst(state, state.other);
            else
                moved = shrink(f, state, 1 - 1 / m);
        }
        ++state.clock.iteration;
        if (!std::isfinite(state.simplex.front().value)) return Outcome::non_finite;
        if (state.restarts < restarts && state.clock.iteration % n == 0 && is_stuck(state))
            restart(f, state);
        return moved ? Outcome::advanced : Outcome::no_progress;
    }

    const auto& point(const auto& state) const { return state.simplex.front().x; }

    double value(const auto&, const auto& state) const { return state.simplex.front().value; }

    template <class V>
    Spread spread(const State<V>& state) const {
        const Vertex<V>& best = state.simplex.front();
        double points = 0;
        for (const Vertex<V>& vertex : state.simplex)
            points = std::max(points, distance(vertex.x, best.x));
        const double size = static_cast<double>(best.x.template lpNorm<Eigen::Infinity>());
        return {.points = points / std::max(1.0, size),
                .values = (state.simplex.back().value - best.value) /
                          std::max(1.0, std::abs(best.value))};
    }

private:
    template <class V>
    static Vertex<V>& at(State<V>& state, Index i) {
        return state.simplex[static_cast<std::size_t>(i)];
    }

    template <class V>
    static double distance(const V& x, const V& y) {
        return static_cast<double>((x - y).template lpNorm<Eigen::Infinity>());
    }

    template <class F, class V>
    static void evaluate(const F& f, Vertex<V>& vertex) {
        if constexpr (Composite<F, V>) f.prox(vertex.x, 0);  // into the box, if the penalty is one
        vertex.value = static_cast<double>(f.value(std::as_const(vertex.x)));
        if (std::isnan(vertex.value)) vertex.value = std::numeric_limits<double>::infinity();
    }

    /// Puts the new vertex behind those that are as good (Lagarias et al., tie-breaking rules).
    template <class V>
    static void replace_worst(State<V>& state, Vertex<V>& vertex) {
        auto place = state.simplex.end() - 1;
        std::swap(*place, vertex);
        for (; place != state.simplex.begin() && place->value < (place - 1)->value; --place)
            std::swap(*place, *(place - 1));
    }

    template <class V>
    static void sort(State<V>& state) {
        for (auto sorted = state.simplex.begin(); sorted != state.simplex.end(); ++sorted)
            for (auto place = sorted;
                 place != state.simplex.begin() && place->value < (place - 1)->value; --place)
                std::swap(*place, *(place - 1));
    }

    /// Draws all vertices to the best; false if the arithmetic has no room between them.
    template <class V>
    static bool shrink(const auto& f, State<V>& state, double factor) {
        bool moved = false;
        for (Index i = 1; i < static_cast<Index>(state.simplex.size()); ++i) {
            Vertex<V>& vertex = at(state, i);
            state.middle = at(state, 0).x +
                           static_cast<typename V::Scalar>(factor) * (vertex.x - at(state, 0).x);
            if (state.middle == vertex.x) continue;
            moved = true;
            vertex.x = state.middle;
            evaluate(f, vertex);
            ++state.clock.epoch;
        }
        sort(state);
        return moved;
    }

    /// Whether the simplex has lost a dimension, or the mean of its values has fallen since the
    /// last look by less than α ‖D‖² (Kelley 1999, section 2), where D is the slope of the simplex,
    /// edgeᵢᵀ D = f(xᵢ) − f(x), in units of `scale`. Leaves D in `slope`.
    template <class V>
    static bool is_stuck(State<V>& state) {
        const Index n = state.middle.size();
        const Vertex<V>& best = state.simplex.front();
        for (Index i = 0; i < n; ++i) {
            const Vertex<V>& vertex = at(state, i + 1);
            state.edges.col(i) =
                (vertex.x - best.x).template cast<double>().cwiseQuotient(state.scale);
            state.slope[i] = vertex.value - best.value;
        }
        const double mean = mean_value(state);
        const double fallen = state.mean - mean;
        state.mean = mean;
        if (!std::isfinite(mean)) return false;

        state.factored.compute(state.edges);
        const auto& qr = state.factored.matrixQR();
        const auto pivots = qr.diagonal().cwiseAbs();
        state.room.noalias() = state.factored.colsPermutation().transpose() * state.slope;
        if (!(pivots.minCoeff() > flat * pivots.maxCoeff())) {
            state.slope.setZero();
            return pivots.maxCoeff() > 0;
        }
        qr.template triangularView<Eigen::Upper>().transpose().solveInPlace(state.room);
        state.slope = state.room;
        apply_reflections(qr, state.factored.hCoeffs(), 0, state.slope);
        if (!std::isfinite(fallen)) return false;
        const double longest = state.edges.colwise().norm().maxCoeff();
        const double slope = state.slope.norm();
        if (state.promise == 0 && slope > 0) state.promise = sufficient_decrease * longest / slope;
        return fallen < state.promise * slope * slope;
    }

    template <class V>
    static double mean_value(const State<V>& state) {
        double sum = 0;
        for (const Vertex<V>& vertex : state.simplex) sum += vertex.value;
        return sum / static_cast<double>(state.simplex.size());
    }

    /// A simplex with edges along the axes, half as long as the shortest, that point downhill.
    template <class V>
    static void restart(const auto& f, State<V>& state) {
        const Index n = state.middle.size();
        const double shortest = state.edges.colwise().norm().minCoeff();
        for (Index i = 0; i < n; ++i) {
            Vertex<V>& vertex = at(state, i + 1);
            vertex.x = at(state, 0).x;
            const double length = shortest / 2 * state.scale[i];
            vertex.x[i] -= static_cast<typename V::Scalar>(state.slope[i] < 0 ? -length : length);
            evaluate(f, vertex);
            ++state.clock.epoch;
        }
        sort(state);
        ++state.restarts;
        state.mean = mean_value(state);
    }

    static constexpr double flat = 1e-14;                // 1 / condition number
    static constexpr double sufficient_decrease = 1e-4;  // of Kelley's α
};

}  // namespace ermine
