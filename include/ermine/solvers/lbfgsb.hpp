// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/compact_bfgs.hpp>
#include <ermine/numerics/line_interval.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace ermine {

/// L-BFGS for f + Box{…}, Bounds{…} or Nonnegative{} (Byrd, Lu, Nocedal & Zhu, "A limited memory
/// algorithm for bound constrained optimization", SIAM J. Sci. Comput. 16, 1995). The quadratic
/// model of f is minimized along the projected gradient path up to its first local minimum
/// (algorithm CP), which settles what stays on a bound, then in the numbers that are free (section
/// 5.1), with the projection of Morales & Nocedal ("Remark on algorithm 778", ACM TOMS 38, 2011);
/// a strong Wolfe search leads there, and beyond it up to the first bound. Without finite bounds it
/// is L-BFGS.
struct LBFGSB {
    static constexpr bool repeats = true;

    Index memory = 10;                  ///< number of pairs
    double sufficient_decrease = 1e-4;  ///< c₁ of the search
    double curvature = 0.9;             ///< c₂ of the search
    int trials = 40;                    ///< most evaluations in one search

    template <class V>
    struct State {
        Evaluation<V> here;
        Evaluation<V> there;
        Evaluation<V> best;
        V lower, upper;
        V cauchy;     // the Cauchy point, then the point to search towards
        V direction;  // d: the point moves by t d
        V free;       // 1 where a number is between its bounds, otherwise 0
        V breaks;     // where a number meets its bound on the projected gradient path
        std::vector<Index> order;
        CompactBFGS<V> hessian;
        Eigen::VectorXd p, c, row, work;
        bool bounded;
        Clock clock = {};
        double length = 0;
        auto fields() { return std::tie(here, hessian, clock, length); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool has_bounds = [] {
            if constexpr (requires(const F& f) { f.nonsmooth_part(); })
                return bounds_each<
                    std::remove_cvref_t<decltype(std::declval<const F&>().nonsmooth_part())>>;
            else
                return false;
        }();
        static_assert(has_bounds,
                      "LBFGSB needs bounds: f + Box{...}, f + Bounds{...} or f + Nonnegative{}; "
                      "without bounds use lbfgs(), for L1 OWLQN{}, for other sets projected "
                      "gradients");
        if constexpr (!has_bounds) {
            return false;
        } else {
            constexpr bool has_gradient = Differentiable<SmoothPart<F>, V>;
            static_assert(has_gradient,
                          "LBFGSB needs f.value_and_gradient(x, g) of the smooth part: write it, "
                          "or wrap f in autodiff(f) or finite_difference(f)");
            return has_gradient;
        }
    }

    /// Projects x to the box. Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    State<V> start(const F& f, const V& x) const {
        require_positive(static_cast<double>(memory), "LBFGSB.memory");
        require_positive(static_cast<double>(trials), "LBFGSB.trials");
        if (!(0 < sufficient_decrease && sufficient_decrease < curvature && curvature < 1))
            throw std::invalid_argument("LBFGSB: sufficient_decrease is " +
                                        std::to_string(sufficient_decrease) + " and curvature is " +
                                        std::to_string(curvature) +
                                        ": 0 < sufficient_decrease < curvature < 1 is needed");
        using Scalar = typename V::Scalar;
        constexpr Scalar infinity = std::numeric_limits<Scalar>::infinity();
        const Index n = x.size();
        const V zero = V::Zero(n);
        const Evaluation<V> at{x, 0, zero};
        const Eigen::VectorXd small = Eigen::VectorXd::Zero(2 * memory);
        State<V> state{.here = at,
                       .there = at,
                       .best = at,
                       .lower = V::Constant(n, -infinity),
                       .upper = V::Constant(n, infinity),
                       .cauchy = zero,
                       .direction = zero,
                       .free = zero,
                       .breaks = zero,
                       .order = std::vector<Index>(static_cast<std::size_t>(n)),
                       .hessian = CompactBFGS<V>(n, memory),
                       .p = small,
                       .c = small,
                       .row = small,
                       .work = small,
                       .bounded = false};
        f.prox(state.lower, 0);  // the nearest points of the box are its corners
        f.prox(state.upper, 0);
        f.prox(state.here.x, 0);
        state.bounded =
            (state.lower.array() > -infinity).any() || (state.upper.array() < infinity).any();
        evaluate(f.smooth_part(), state.here);
        return state;
    }

    template <class F>
    Outcome advance(const F& f, auto& state) const {
        auto&& smooth = f.smooth_part();
        if (!state.here.gradient.allFinite()) return Outcome::non_finite;
        do {
            aim(state);
            if (search(smooth, state)) {
                state.hessian.update(state.there.x - state.here.x,
                                     state.there.gradient - state.here.gradient);
                swap(state.here, state.there);
                ++state.clock.iteration;
                return std::isfinite(state.here.value) ? Outcome::advanced : Outcome::non_finite;
            }
        } while (state.hessian.forget());  // once more, with nothing learnt
        return Outcome::no_progress;
    }

    const auto& point(const auto& state) const { return state.here.x; }
    double value(const auto&, const auto& state) const { return state.here.value; }

private:
    template <class V>
    static void evaluate(auto&& smooth, Evaluation<V>& at) {
        at.value = static_cast<double>(smooth.value_and_gradient(std::as_const(at.x), at.gradient));
    }

    /// The direction from here to the model's minimizer in the box.
    template <class V>
    static void aim(State<V>& state) {
        using Scalar = typename V::Scalar;
        const auto& x = state.here.x;
        const auto& g = state.here.gradient;
        if (state.bounded) {
            find_cauchy_point(state);
            state.free = ((state.cauchy.array() > state.lower.array()) &&
                          (state.cauchy.array() < state.upper.array()))
                             .template cast<Scalar>();
        } else {
            state.cauchy = x;
            if (state.hessian.size() == 0) state.cauchy -= g;
            state.c.setZero();
            state.free.setOnes();
        }
        if (state.hessian.size() > 0 && (state.free.array() > 0).any()) {
            // −B_F⁻¹ times the model's gradient at the Cauchy point (eqs. 5.4, 5.11)
            V& d = state.direction;
            const auto theta = static_cast<Scalar>(state.hessian.theta());
            state.work = state.c;
            state.hessian.middle(state.work);
            d.setZero();
            state.hessian.spread(state.work, d);
            d = (g + theta * (state.cauchy - x) - d).cwiseProduct(state.free);
            if (state.hessian.solve(state.free, d)) move_within(state);
        }
        state.direction = state.cauchy - x;
    }

    /// From the Cauchy point along −d: projected to the box, or if that leads uphill, as far as the
    /// box allows.
    template <class V>
    static void move_within(State<V>& state) {
        using Scalar = typename V::Scalar;
        const V& d = state.direction;
        V& target = state.breaks;  // no longer needed
        target = (state.cauchy - d).cwiseMax(state.lower).cwiseMin(state.upper);
        if (state.here.gradient.dot(target - state.here.x) < 0) {
            state.cauchy = target;
            return;
        }
        Scalar share = 1;
        for (Index i = 0; i < d.size(); ++i) {
            const Scalar room = d[i] > 0   ? state.cauchy[i] - state.lower[i]
                                : d[i] < 0 ? state.upper[i] - state.cauchy[i]
                                           : std::numeric_limits<Scalar>::infinity();
            if (room < share * std::abs(d[i])) share = room / std::abs(d[i]);
        }
        state.cauchy = (state.cauchy - share * d).cwiseMax(state.lower).cwiseMin(state.upper);
    }

    /// Algorithm CP: the first local minimizer of the model along the projected gradient path,
    /// and c = Wᵀ(cauchy − x).
    template <class V>
    static void find_cauchy_point(State<V>& state) {
        using Scalar = typename V::Scalar;
        const auto& [x, value, g] = state.here;
        auto& p = state.p;
        auto& c = state.c;
        auto& row = state.row;
        auto& work = state.work;
        const Index size = state.hessian.size();
        const double theta = state.hessian.theta();
        V& d = state.direction;
        std::size_t count = 0;
        for (Index i = 0; i < x.size(); ++i) {
            const Scalar bound = g[i] < 0 ? state.upper[i] : state.lower[i];
            state.breaks[i] =
                g[i] == 0 ? std::numeric_limits<Scalar>::infinity() : (x[i] - bound) / g[i];
            d[i] = state.breaks[i] > 0 ? -g[i] : Scalar{0};
            if (state.breaks[i] > 0 && std::isfinite(state.breaks[i])) state.order[count++] = i;
        }
        const auto later = [&](Index i, Index j) { return state.breaks[i] > state.breaks[j]; };
        const auto begin = state.order.begin();
        auto end = begin + static_cast<std::ptrdiff_t>(count);
        std::make_heap(begin, end, later);

        state.hessian.gather(d, p);
        c.setZero();
        const auto middle = [&](const Eigen::VectorXd& v) -> const Eigen::VectorXd& {
            work = v;
            state.hessian.middle(work);
            return work;
        };
        const auto dot = [size](const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
            return a.head(size).dot(b.head(size));
        };
        double slope = -static_cast<double>(d.squaredNorm());
        double bend = -theta * slope - dot(p, middle(p));
        const double least = std::numeric_limits<double>::epsilon() * -theta * slope;
        bend = std::max(bend, least);
        double passed = 0;  // the last break
        double onward = slope < 0 ? -slope / bend : 0;
        state.cauchy = x;
        while (begin != end) {
            const Index b = *begin;
            const double t = static_cast<double>(state.breaks[b]);
            const double span = t - passed;
            if (onward < span) break;
            std::pop_heap(begin, end--, later);
            state.cauchy[b] = d[b] > 0 ? state.upper[b] : state.lower[b];
            const double moved = static_cast<double>(state.cauchy[b]) - static_cast<double>(x[b]);
            const auto gb = static_cast<double>(g[b]);
            c.head(size) += span * p.head(size);
            state.hessian.row(b, row);
            const Eigen::VectorXd& m = middle(row);
            slope += span * bend + gb * gb + theta * gb * moved - gb * dot(m, c);
            bend -= theta * gb * gb + 2 * gb * dot(m, p) + gb * gb * dot(m, row);
            bend = std::max(bend, least);
            p.head(size) += gb * row.head(size);
            d[b] = 0;
            passed = t;
            onward = slope < 0 ? -slope / bend : 0;
            if (begin == end && (d.array() == 0).all()) onward = 0;
        }
        c.head(size) += onward * p.head(size);
        state.cauchy += static_cast<Scalar>(passed + onward) * d;
        state.cauchy = state.cauchy.cwiseMax(state.lower).cwiseMin(state.upper);
    }

    /// The longest step in the box.
    template <class V>
    static double longest(const State<V>& state) {
        double most = std::numeric_limits<double>::infinity();
        if (!state.bounded) return most;
        const auto& [x, value, g] = state.here;
        const V& d = state.direction;
        for (Index i = 0; i < x.size(); ++i) {
            if (d[i] == 0) continue;
            const auto bound = d[i] > 0 ? state.upper[i] : state.lower[i];
            most = std::min(most, static_cast<double>(bound - x[i]) / static_cast<double>(d[i]));
        }
        return std::max(most, 1.0);  // the target of the first trial is in the box
    }

    /// A strong Wolfe step in the box, by Moré & Thuente's interval; whether there is one. Its
    /// point is `there`.
    template <class V>
    bool search(const auto& smooth, State<V>& state) const {
        using Scalar = typename V::Scalar;
        const auto& here = state.here;
        auto& there = state.there;
        const auto slope = static_cast<double>(here.gradient.dot(state.direction));
        if (!(slope < 0)) return false;
        const double most = longest(state);
        const double rounding = std::numeric_limits<Scalar>::digits > 24 ? 1e-10 : 1e-5;
        LineInterval interval({0, 0, slope}, sufficient_decrease);
        const auto norm = static_cast<double>(state.direction.norm());
        double t = state.hessian.size() == 0 && norm > 1 ? 1 / norm : 1;
        for (int trial = 0; trial < trials; ++trial) {
            t = std::min(t, most);
            there.x = here.x + static_cast<Scalar>(t) * state.direction;
            if (state.bounded)
                there.x = there.x.cwiseMax(state.lower).cwiseMin(state.upper);  // against rounding
            evaluate(smooth, there);
            state.clock.epoch += 1;
            const auto slope_there = static_cast<double>(there.gradient.dot(state.direction));
            double change = there.value - here.value;
            if (!std::isfinite(change) || !std::isfinite(slope_there)) {
                if (change == -std::numeric_limits<double>::infinity()) return true;
                t = interval.retreat(t);
                continue;
            }
            // what drowns in the rounding of f is told by the slopes at both ends
            if (std::abs(change) <= rounding * std::abs(here.value))
                change = t * (slope + slope_there) / 2;
            const bool flat = std::abs(slope_there) <= curvature * -slope;
            const bool at_end = t == most && slope_there < 0;
            if (change <= sufficient_decrease * t * slope && (flat || at_end)) {
                state.length = t;
                return true;
            }
            if (interval.take({t, change, slope_there})) std::swap(state.best, there);
            if (interval.exhausted()) break;
            t = interval.next();
        }
        if (!(interval.best().t > 0)) return false;
        std::swap(state.best, there);
        state.length = interval.best().t;
        return true;
    }
};

}  // namespace ermine
