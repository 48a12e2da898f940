// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Eigenvalues>

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/apply_reflections.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/search_stop.hpp>
#include <ermine/solvers/spread.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace ermine {

/// Covariance matrix adaptation: (μ/μ_w, λ)-CMA-ES of Hansen, "The CMA evolution strategy: a
/// tutorial", arXiv 1604.00772, with its default parameters (table 1), negative weights among them.
/// A generation draws λ points from a normal distribution and moves its mean to the weighted mean
/// of the better half; the covariance C learns from the path of the mean (rank one) and from the
/// steps of the generation (rank μ), the step size σ from the length of the path. Only the order of
/// the values counts. The answer is the best point ever seen.
///
/// A value that is NaN counts as +∞; a point outside the box of a Composite is moved into it. For
/// up to some hundred variables, with kinks, noise, or bad conditioning; a larger population finds
/// the lowest of many minima more often. The same seed draws the same numbers on every platform.
struct CmaEs {
    static constexpr bool repeats = true;
    using Stop = SearchStop;

    double sigma = 0.3;      ///< first standard deviation along each axis: a third of the range of
                             ///< where the minimum may lie
    int population = 0;      ///< λ; 0: 4 + ⌊3 ln n⌋
    std::uint64_t seed = 7;  ///< of the generations

    /// The constants of a run.
    struct Rates {
        double mean;        // μ_eff
        double path_sigma;  // c_σ
        double damping;     // d_σ
        double path;        // c_c
        double one;         // c_1
        double mu;          // c_μ
        double length;      // E ‖N(0, I)‖
        std::int64_t lazy;  // generations between two decompositions of C
    };

    template <class V>
    struct State {
        static constexpr int N = V::RowsAtCompileTime;
        using Matrix = Eigen::Matrix<double, N, N>;
        using Column = Eigen::Matrix<double, N, 1>;
        using Columns = Eigen::Matrix<double, N, Eigen::Dynamic>;

        V best;
        V candidate;
        double best_value = 0;
        Rates rates = {};
        double sigma = 0;
        Column mean = {};
        Column path_sigma = {};
        Column path = {};
        Matrix covariance = {};  // its lower triangle
        Matrix axes = {};        // B D, C = B D² Bᵀ
        Column lengths = {};     // D
        Columns z = {};          // the generation, as drawn
        Columns y = {};          // B D z
        Column step = {};        // of the mean, in units of σ
        Column room = {};
        Eigen::VectorXd weights = {};
        std::vector<double> values = {};
        std::vector<Index> order = {};
        Eigen::Tridiagonalization<Matrix> reflections{};
        Eigen::SelfAdjointEigenSolver<Matrix> decomposed = {};
        Column diagonal = {};
        typename Eigen::Tridiagonalization<Matrix>::SubDiagonalType beside = {};
        Random random{0};
        Spread spread = {};
        double width = 0;  // of the generation, around its mean
        int flat = 0;      // generations on a plateau
        int returns = 0;   // to the best point
        Clock clock = {};
        auto fields() {
            return std::tie(best, best_value, sigma, mean, path_sigma, path, covariance, axes,
                            lengths, random, spread.points, spread.values, width, flat, returns,
                            clock);
        }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool has_value = Objective<F, V>;
        static_assert(has_value, "CmaEs needs f.value(x) for x of the starting point's type");
        return has_value;
    }

    /// Makes all memory of a run; evaluates f at x.
    /// Throws std::invalid_argument unless sigma is positive and finite and population is 0 or at
    /// least 4.
    template <class F, class V>
    State<V> start(const F& f, const V& x) const {
        require_positive(sigma, "CmaEs.sigma");
        if (population != 0 && population < 4)
            throw std::invalid_argument("CmaEs.population is " + std::to_string(population) +
                                        ": it must be at least 4, or 0 to choose by the number of "
                                        "variables");
        const Index n = x.size();
        const auto size =
            population != 0
                ? Index{population}
                : 4 + static_cast<Index>(3 * std::log(std::max<double>(1, static_cast<double>(n))));
        State<V> state{.best = x, .candidate = x};
        state.best_value = evaluate(f, state.best);
        state.sigma = sigma;
        state.mean = state.best.template cast<double>();
        state.path_sigma = state.path = state.step = state.room = 0 * state.mean;
        state.covariance.setIdentity(n, n);
        state.z.setZero(n, size);
        state.y = state.z;
        state.values.resize(static_cast<std::size_t>(size));
        state.order.resize(static_cast<std::size_t>(size));
        state.axes = state.covariance;
        state.lengths.setOnes(n);
        if (n > 0) state.decomposed.compute(state.covariance);  // makes its memory
        if (n > 0) decompose(state);
        state.random = Random(seed);
        constexpr double infinity = std::numeric_limits<double>::infinity();
        state.spread = {.points = infinity, .values = infinity};
        choose_rates(state);
        return state;
    }

    /// One generation.
    template <class F, class V>
    Outcome advance(const F& f, State<V>& state) const {
        if (state.mean.size() == 0) return Outcome::no_progress;
        draw(f, state);
        ++state.clock.iteration;
        state.clock.epoch += static_cast<double>(state.values.size());
        if (!std::isfinite(state.best_value)) return Outcome::non_finite;
        if (!std::isfinite(value_of(state, 0))) {  // look nearer to the best
            state.mean = state.best.template cast<double>();
            state.sigma /= 2;
            return state.sigma > 0 ? Outcome::advanced : Outcome::no_progress;
        }
        adapt(state, recombine(state));
        if (state.clock.iteration % state.rates.lazy == 0 && !decompose(state))
            return Outcome::non_finite;
        return settle(state);
    }

    const auto& point(const auto& state) const { return state.best; }

    double value(const auto&, const auto& state) const { return state.best_value; }

    /// Of the last generation around the best point.
    Spread spread(const auto& state) const { return state.spread; }

private:
    template <class F, class V>
    static double evaluate(const F& f, V& x) {
        if constexpr (Composite<F, V>) f.prox(x, 0);  // into the box, if the penalty is one
        const auto value = static_cast<double>(f.value(std::as_const(x)));
        return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
    }

    /// The value of the generation's k-th best.
    static double value_of(const auto& state, Index k) {
        return state.values[std::size_t(state.order[std::size_t(k)])];
    }

    /// Weights and constants: equations 49 to 58.
    template <class V>
    static void choose_rates(State<V>& state) {
        const auto n = static_cast<double>(std::max<Index>(state.mean.size(), 1));
        const Index size = state.z.cols();
        auto& w = state.weights;
        w.resize(size);
        for (Index i = 0; i < size; ++i)
            w[i] = std::log((static_cast<double>(size) + 1) / 2) -
                   std::log(static_cast<double>(i + 1));
        const auto better = w.head(size / 2);
        const auto worse = w.tail(size - size / 2);
        const double mean = better.sum() * better.sum() / better.squaredNorm();
        const double mean_worse = worse.sum() * worse.sum() / worse.squaredNorm();
        const double path_sigma = (mean + 2) / (n + mean + 5);
        const double one = 2 / ((n + 1.3) * (n + 1.3) + mean);
        const double mu =
            std::min(1 - one, 2 * (0.25 + mean + 1 / mean - 2) / ((n + 2) * (n + 2) + mean));
        state.rates = {
            .mean = mean,
            .path_sigma = path_sigma,
            .damping = 1 + 2 * std::max(0.0, std::sqrt((mean - 1) / (n + 1)) - 1) + path_sigma,
            .path = (4 + mean / n) / (n + 4 + 2 * mean / n),
            .one = one,
            .mu = mu,
            .length = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
            .lazy =
                std::max<std::int64_t>(1, static_cast<std::int64_t>(1 / (10 * n * (one + mu))))};
        const double most =
            std::min({1 + one / mu, 1 + 2 * mean_worse / (mean + 2), (1 - one - mu) / (n * mu)});
        w.head(size / 2) /= better.sum();
        w.tail(size - size / 2) *= most / -worse.sum();
    }

    /// Draws the generation, evaluates it and orders it by value.
    template <class F, class V>
    static void draw(const F& f, State<V>& state) {
        for (Index k = 0; k < state.z.cols(); ++k) {
            for (Index i = 0; i < state.z.rows(); ++i) state.z(i, k) = state.random.normal();
            state.y.col(k).noalias() = state.axes * state.z.col(k);
            state.candidate =
                (state.mean + state.sigma * state.y.col(k)).template cast<typename V::Scalar>();
            const double value = evaluate(f, state.candidate);
            state.values[static_cast<std::size_t>(k)] = value;
            state.order[static_cast<std::size_t>(k)] = k;
            if (value < state.best_value) {
                state.best = state.candidate;
                state.best_value = value;
                state.flat = 0;
            }
        }
        std::sort(state.order.begin(), state.order.end(), [&](Index a, Index b) {
            const double left = state.values[static_cast<std::size_t>(a)];
            const double right = state.values[static_cast<std::size_t>(b)];
            return left < right || (left == right && a < b);
        });
        double farthest = 0;
        state.width = 0;
        for (Index k = 0; k < state.z.cols(); ++k) {
            state.room = state.sigma * state.y.col(k);
            state.width = std::max(state.width, state.room.template lpNorm<Eigen::Infinity>());
            state.room += state.mean - state.best.template cast<double>();
            farthest = std::max(farthest, state.room.template lpNorm<Eigen::Infinity>());
        }
        const auto size = static_cast<double>(state.best.template lpNorm<Eigen::Infinity>());
        state.spread = {.points = farthest / std::max(1.0, size),
                        .values = (value_of(state, state.z.cols() - 1) - state.best_value) /
                                  std::max(1.0, std::abs(state.best_value))};
    }

    /// Moves the mean and both paths along with it: equations 38, 39, 43 and 45. Points where f is
    /// infinite have no share in it. Returns h_σ.
    template <class V>
    static bool recombine(State<V>& state) {
        const Rates& rates = state.rates;
        double used = 0;
        state.room.setZero();
        for (Index i = 0; i < state.z.cols() / 2; ++i) {
            if (!std::isfinite(value_of(state, i))) break;
            state.room += state.weights[i] * state.z.col(state.order[std::size_t(i)]);
            used += state.weights[i];
        }
        state.room /= used;
        state.step.noalias() = state.axes * state.room;
        state.mean += state.sigma * state.step;
        // B z, for y = B D z
        state.room.array() /= state.lengths.array();
        const double turned = std::sqrt(rates.path_sigma * (2 - rates.path_sigma) * rates.mean);
        state.path_sigma *= 1 - rates.path_sigma;
        state.path_sigma.noalias() += turned * (state.axes * state.room);

        const auto n = static_cast<double>(state.mean.size());
        const auto generation = static_cast<double>(state.clock.iteration);
        const double settled = std::sqrt(1 - std::pow(1 - rates.path_sigma, 2 * generation));
        const bool short_path =
            state.path_sigma.norm() / settled < (1.4 + 2 / (n + 1)) * rates.length;
        const double along = std::sqrt(rates.path * (2 - rates.path) * rates.mean);
        state.path *= 1 - rates.path;
        if (short_path) state.path += along * state.step;
        return short_path;
    }

    /// Adapts the step size and the covariance: equations 44, 46 and 47.
    template <class V>
    static void adapt(State<V>& state, bool short_path) {
        const Rates& rates = state.rates;
        const double growth =
            rates.path_sigma / rates.damping * (state.path_sigma.norm() / rates.length - 1);
        state.sigma *= std::exp(std::min(1.0, growth));

        const auto n = static_cast<double>(state.mean.size());
        const double stalled = short_path ? 0 : rates.path * (2 - rates.path);
        state.covariance *= 1 + rates.one * stalled - rates.one - rates.mu * state.weights.sum();
        auto covariance = state.covariance.template selfadjointView<Eigen::Lower>();
        covariance.rankUpdate(state.path, rates.one);
        for (Index i = 0; i < state.z.cols(); ++i) {
            const Index k = state.order[std::size_t(i)];
            double weight = state.weights[i];
            if (weight < 0) weight *= n / state.z.col(k).squaredNorm();
            state.room = state.y.col(k);
            covariance.rankUpdate(state.room, rates.mu * weight);
        }
    }

    /// C = B D² Bᵀ, by which the next generations are drawn; false if C is not finite. In two
    /// steps, because Eigen's own compute() allocates.
    template <class V>
    static bool decompose(State<V>& state) {
        const Index n = state.mean.size();
        if (n > 1) {
            state.reflections.compute(state.covariance);
            state.diagonal = state.reflections.diagonal();
            state.beside = state.reflections.subDiagonal();
            state.decomposed.computeFromTridiagonal(state.diagonal, state.beside);
            if (state.decomposed.info() != Eigen::Success) return false;
            state.lengths = state.decomposed.eigenvalues();
            state.axes = state.decomposed.eigenvectors();
            const auto& packed = state.reflections.packedMatrix();
            for (Index k = 0; k + 1 < n; ++k) {  // those that Eigen hands out are a copy
                const double squared = packed.col(k).tail(n - k - 2).squaredNorm();
                state.diagonal[k] = squared > 0 ? 2 / (1 + squared) : 0;
            }
            for (Index j = 0; j < n; ++j)
                apply_reflections(packed, state.diagonal, 1, state.axes.col(j));
        } else {
            state.lengths = state.covariance.diagonal();
            state.axes.setOnes();
        }
        const double least = 1e-14 * state.lengths.maxCoeff();
        state.lengths = state.lengths.cwiseMax(least).cwiseSqrt();
        const double longest = state.lengths.maxCoeff();
        if (longest < 1e-6 || longest > 1e6) {  // the same distribution, its size in σ alone
            state.sigma *= longest;
            state.path /= longest;
            state.lengths /= longest;
            state.covariance /= longest * longest;
        }
        for (Index j = 0; j < n; ++j) state.axes.col(j) *= state.lengths[j];
        return state.axes.allFinite();
    }

    /// What the tutorial leaves to whoever runs the search. Where the order of the values says
    /// nothing: a plateau is left by growing (appendix B.3), until that has led nowhere; around a
    /// minimum, where values differ by rounding, the search contracts to the best point. If it has
    /// contracted elsewhere, and is not as good, it begins again, smaller, at the best point.
    template <class V>
    Outcome settle(State<V>& state) const {
        const Index size = state.z.cols();
        const double lowest = value_of(state, 0);
        const double highest = value_of(state, size - 1);
        const double scale =
            std::max(1.0, static_cast<double>(state.best.template lpNorm<Eigen::Infinity>()));
        const double noise = 16 * double{std::numeric_limits<typename V::Scalar>::epsilon()};
        if (state.spread.points == 0) return Outcome::no_progress;
        if (state.width > 1e-5 * scale) {
            if (lowest != value_of(state, std::min(size - 1, (7 * size + 9) / 10)))
                return Outcome::advanced;
            state.sigma *= std::exp(0.2 + state.rates.path_sigma / state.rates.damping);
            ++state.flat;
            return state.flat < 100 && state.sigma * state.lengths.maxCoeff() < 1e4 * sigma
                       ? Outcome::advanced
                       : Outcome::no_progress;
        }
        state.room = state.best.template cast<double>() - state.mean;
        const auto distance = state.room.template lpNorm<Eigen::Infinity>();
        if (highest - lowest <= noise * std::abs(lowest) &&
            lowest - state.best_value <= noise * std::abs(lowest)) {
            state.mean = state.best.template cast<double>();
            state.sigma *= 0.7;
        } else if (state.best_value < lowest && distance > 100 * state.width) {
            state.mean = state.best.template cast<double>();
            state.covariance.setIdentity();
            state.axes.setIdentity();
            state.lengths.setOnes();
            state.path.setZero();
            state.path_sigma.setZero();
            state.sigma = distance * std::pow(0.1, ++state.returns);
        }
        return Outcome::advanced;
    }
};

}  // namespace ermine
