// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/directions/chain.hpp>
#include <ermine/directions/newton.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/pipe.hpp>
#include <ermine/steps/backtracking.hpp>
#include <ermine/steps/constant.hpp>
#include <ermine/tails/nesterov.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// What theory must be told of a problem and its starting point. NaN: not known; upper bounds will
/// do.
struct ProblemFacts {
    double distance = std::numeric_limits<double>::quiet_NaN();  ///< R, ‖x₀ − x*‖
    double gap = std::numeric_limits<double>::quiet_NaN();       ///< Δ, F(x₀) − F*
    /// For Newton's method: M with ‖∇²f(x) − ∇²f(y)‖ <= M ‖x − y‖, ...
    double hessian_lipschitz = std::numeric_limits<double>::quiet_NaN();
    bool self_concordant = false;  ///< ... or that f is self-concordant: |φ'''| <= 2 φ''^(3/2)
};

/// After how many iterations F(x) − F* <= ε for certain, and by which theorem.
struct ConvergenceBound {
    std::int64_t iterations;
    const char* theorem;
};

/// The smallest of several bounds, of which those not known are infinite or NaN.
class SmallestBound {
public:
    void offer(double iterations, const char* theorem) {
        if (!(iterations < least_)) return;
        least_ = iterations;
        theorem_ = theorem;
    }

    /// Throws std::invalid_argument, saying what is needed, where there is no bound.
    ConvergenceBound result(const char* needed) const {
        if (least_ == std::numeric_limits<double>::infinity())
            throw std::invalid_argument(std::string("convergence_bound: ") + needed);
        const double whole = std::clamp(std::ceil(least_), 0.0, 0x1p62);
        return {static_cast<std::int64_t>(whole), theorem_};
    }

private:
    double least_ = std::numeric_limits<double>::infinity();
    const char* theorem_ = "";
};

/// How often an error of `from` must shrink to (1 − rate) of itself to be at most `to`.
inline double shrinkings(double from, double to, double rate) {
    if (from <= to) return 0;
    if (!(rate > 0)) return std::numeric_limits<double>::infinity();
    return rate < 1 ? std::log(from / to) / -std::log1p(-rate) : 1;
}

/// strong_convexity() of the smooth part, 0 where it does not know any.
template <class F>
double known_strong_convexity(const F& f) {
    if constexpr (StronglyConvex<SmoothPart<F>>)
        return smooth_part(f).strong_convexity();
    else
        return 0;
}

/// L of the smooth part; refuses one that does not know it.
template <class F>
double needed_smoothness(const F& f) {
    constexpr bool knows_its_smoothness = Smooth<SmoothPart<F>>;
    static_assert(knows_its_smoothness,
                  "convergence_bound needs the objective's smoothness(): state it by "
                  "with_lipschitz(f, {.gradient = L})");
    if constexpr (knows_its_smoothness) {
        const double smoothness = smooth_part(f).smoothness();
        require_nonnegative(smoothness, "convergence_bound: the objective's smoothness()");
        return smoothness;
    } else {
        return 0;
    }
}

/// Gradient descent with a constant step t on a convex F, L = smoothness(), μ =
/// strong_convexity(), h = tL < 2. After k steps F(x_k) − F* is at most
/// - L R² / (4kh + 2) for h <= 1 (Drori & Teboulle, "Performance of first-order methods for smooth
///   convex minimization", Math. Program. 145, 2014, Theorem 3.1), which is attained;
/// - 2 Δ R² / (2R² + k t (2 − h) Δ) (Nesterov 2018, Theorem 2.1.14);
/// - (1 − μ t (2 − h))^k Δ, with the step 1/L (1 − μ/L)^k Δ (Karimi, Nutini & Schmidt 2016,
///   Theorem 1);
/// and with a proximal part, h <= 1, at most
/// - R² / 2kt (Beck & Teboulle 2009, Theorem 3.1),
/// - (1 − μt)^k R² / 2t, μ of the smooth part (Beck, "First-order methods in optimization", 2017,
///   Theorem 10.29).
/// Throws std::invalid_argument where facts are missing, and where no theorem holds for the step.
template <class F>
ConvergenceBound convergence_bound(
    const Pipe<FullGradient, Chain<>, std::tuple<>, Constant, Absent>& method, const F& f,
    double epsilon, const ProblemFacts& facts) {
    require_positive(epsilon, "convergence_bound: epsilon");
    const double L = needed_smoothness(f);
    const double mu = known_strong_convexity(f);
    const double t = method.step.size.value_or(L > 0 ? 1 / L : 1);
    const double h = t * L;
    const double squared = facts.distance * facts.distance;
    SmallestBound bound;
    if constexpr (requires { f.smooth_part(); }) {
        if (h <= 1 + 1e-12) {
            bound.offer(squared / (2 * t * epsilon), "Beck & Teboulle 2009, Theorem 3.1");
            bound.offer(shrinkings(squared / (2 * t), epsilon, mu * t), "Beck 2017, Theorem 10.29");
        }
        return bound.result(
            "the proximal gradient method needs a step of at most 1/L, and the distance to the "
            "minimizer");
    } else {
        const double gap = std::fmin(facts.gap, L * squared / 2);
        if (h <= 1 + 1e-12)
            bound.offer((L * squared / epsilon - 2) / (4 * h),
                        "Drori & Teboulle 2014, Theorem 3.1");
        if (h < 2) {
            bound.offer(2 * squared * (1 / epsilon - 1 / gap) / (t * (2 - h)),
                        "Nesterov 2018, Theorem 2.1.14");
            bound.offer(shrinkings(gap, epsilon, mu * t * (2 - h)),
                        "Karimi, Nutini & Schmidt 2016, Theorem 1");
        }
        return bound.result(
            "gradient descent needs a step below 2/L, and the distance to the minimizer; on a "
            "strongly convex objective the gap will do instead");
    }
}

/// Nesterov's method with a constant step t <= 1/L on a convex F, composite ones included: after k
/// steps F(x_k) − F* <= 2R² / (t (k + 1)²) (Beck & Teboulle 2009, Theorem 4.4), with R² <= 2Δ/μ
/// where only Δ is known. In the strongly convex form (1 − √(μt))^(k−1) (Δ + μ/2 R²), the √κ of
/// Nesterov (2018, Theorem 2.2.3) for t = 1/L.
/// Throws std::invalid_argument where facts are missing, where no theorem holds for the step, and
/// with adaptive restart, of which no bound is known.
template <class F, std::same_as<Nesterov> T>
ConvergenceBound convergence_bound(
    const Pipe<FullGradient, Chain<>, std::tuple<>, Constant, T>& method, const F& f,
    double epsilon, const ProblemFacts& facts) {
    require_positive(epsilon, "convergence_bound: epsilon");
    if constexpr (requires { T::Restart::never; }) {
        if (method.tail.restart != T::Restart::never)
            throw std::invalid_argument(
                "convergence_bound: no bound is known for adaptive restart; give "
                "Nesterov{.restart = Nesterov::Restart::never}");
    }
    const double L = needed_smoothness(f);
    double mu = known_strong_convexity(f);
    const double t = method.step.size.value_or(L > 0 ? 1 / L : 1);
    const double squared =
        std::fmin(facts.distance * facts.distance, mu > 0 ? 2 * facts.gap / mu : facts.distance);
    SmallestBound bound;
    if (t * L <= 1 + 1e-12) {
        bool strong = false;
        if constexpr (requires { T::Form::strongly_convex; }) {
            strong = method.tail.form == T::Form::strongly_convex;
            mu = method.tail.strong_convexity.value_or(mu);
        }
        double gap = facts.gap;
        if constexpr (!requires { f.smooth_part(); }) gap = std::fmin(gap, L * squared / 2);
        if (strong)
            bound.offer(1 + shrinkings(gap + mu * squared / 2, epsilon, std::sqrt(mu * t)),
                        "Nesterov 2018, Theorem 2.2.3");
        else
            bound.offer(std::sqrt(2 * squared / (t * epsilon)) - 1,
                        "Beck & Teboulle 2009, Theorem 4.4");
    }
    return bound.result(
        "Nesterov's method needs a step of at most 1/L, and the distance to the minimizer; on a "
        "strongly convex objective the gap will do instead");
}

/// Newton's method with backtracking: a damped phase, each step of which gains γ or more, and a
/// quadratic one that doubles the digits (Boyd & Vandenberghe, "Convex optimization", 2004), with
/// α = sufficient_decrease < 1/2 and β = shrink / 5, the least of a step that is tried after it
/// failed:
/// - for m <= ∇²f <= L, m = strong_convexity(), and an M-Lipschitz Hessian, Δ/γ +
///   log₂ log₂(2m³ / (M² ε)) iterations, γ = α β η² m / L², η = min(1, 3(1 − 2α)) m²/M
///   (section 9.5.3); one iteration where M = 0;
/// - for a self-concordant f, Δ/γ + log₂ log₂(1/ε), γ = α β (1 − 2α)² / (20 − 8α) (section 9.6.4).
/// Throws std::invalid_argument where facts are missing.
template <class F>
ConvergenceBound convergence_bound(
    const Pipe<FullGradient, Chain<Newton>, std::tuple<>, Backtracking, Absent>& method, const F& f,
    double epsilon, const ProblemFacts& facts) {
    require_positive(epsilon, "convergence_bound: epsilon");
    const double alpha = method.step.sufficient_decrease;
    const double beta = method.step.shrink / 5;
    const double M = facts.hessian_lipschitz;
    const auto quadratic_phase = [&](double begin) {
        return std::ceil(std::log2(std::max(1.0, std::log2(begin / epsilon))));
    };
    SmallestBound bound;
    if (alpha < 0.5 && facts.self_concordant) {
        const double gamma = alpha * beta * (1 - 2 * alpha) * (1 - 2 * alpha) / (20 - 8 * alpha);
        bound.offer(facts.gap / gamma + quadratic_phase(1),
                    "Boyd & Vandenberghe 2004, section 9.6.4");
    }
    if constexpr (Smooth<F> && StronglyConvex<F>) {
        const double L = f.smoothness();
        const double m = f.strong_convexity();
        if (M == 0 && m > 0) bound.offer(1, "Newton's method is exact on quadratics");
        if (alpha < 0.5 && M > 0 && m > 0) {
            const double eta = std::min(1.0, 3 * (1 - 2 * alpha)) * m * m / M;
            const double gamma = alpha * beta * eta * eta * m / (L * L);
            bound.offer(facts.gap / gamma + quadratic_phase(2 * m * m * m / (M * M)),
                        "Boyd & Vandenberghe 2004, section 9.5.3");
        }
    }
    return bound.result(
        "Newton's method needs sufficient_decrease < 1/2, the gap, and either self_concordant or "
        "hessian_lipschitz on an objective that knows smoothness() and strong_convexity() > 0");
}

/// After how many iterations a method has F(x) − F* <= ε on a convex F by theory, which takes L and
/// μ from the objective itself:
///
///     convergence_bound(gradient_descent(), f, 1e-6, {.distance = 3}).iterations
///
/// Bounds hold for exact arithmetic and constants that are true: verify_smoothness and
/// verify_convexity look for what would prove them wrong. A method that no theorem covers is
/// refused by the compiler.
template <class M, class F>
ConvergenceBound convergence_bound(const M&, const F&, double, const ProblemFacts&) {
    constexpr bool theory_knows_the_method = !std::same_as<M, M>;
    static_assert(theory_knows_the_method,
                  "theory bounds the iterations of gradient_descent(), FullGradient{} | Constant{} "
                  "| Nesterov{} and newton() only: for other methods measure them, with "
                  "minimize(...).iterations");
    return {};
}

}  // namespace ermine
