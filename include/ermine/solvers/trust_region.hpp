// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/more_sorensen.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/model_run.hpp>
#include <ermine/solvers/needs_hessian.hpp>
#include <ermine/solvers/next_radius.hpp>
#include <ermine/solvers/scaled_hessian.hpp>

#include <tuple>
#include <utility>

namespace ermine {

/// The trust-region method with exact steps: each minimizes the quadratic model of f over
/// ‖D p‖ <= Δ, whatever the signs of its eigenvalues (MoreSorensen), so that the method leaves
/// saddles along negative curvature, descends monotonically, and ends as fast as Newton's (Moré &
/// Sorensen 1983; Conn, Gould & Toint, "Trust-region methods", 2000, chapters 6 and 7). D is the
/// scaling of ScaledHessian. The method of choice where Hessians can be had, of up to some hundreds
/// of variables: n³/3 operations a step near the minimum, about 5n³ far from it.
///
///     minimize(f, x0, TrustRegion{.radius = 10}, GradientNorm{1e-10})
///
/// Where f cannot tell points apart any more, gradients decide (`reduction_ratio`). The result
/// notes how many eigenvalues of the last Hessian are negative, and the condition number of
/// D⁻¹ H D⁻¹. From a point where the gradient is exactly zero it steps along the lowest
/// eigenvector, if that eigenvalue is negative and the stop rule lets it.
struct TrustRegion {
    double radius = 0;   ///< Δ of the first step, in ‖D p‖; 0 for ½ ‖D⁻¹ ∇f(x₀)‖
    bool scaled = true;  ///< false: D = I, the Euclidean norm
    int trials = 100;    ///< shorter and shorter, then no step is found

    static constexpr bool repeats = true;

    template <class V>
    struct Model {
        ScaledHessian<V> scaled;
        MoreSorensen<SquareMatrix<V>> solver;
        auto fields() { return std::tie(scaled); }

        bool look(const auto& f, const Evaluation<V>& here) {
            scaled.look(f, here);
            return solver.compute(scaled.matrix, scaled.gradient);
        }

        ModelStep propose(const auto&, const Evaluation<V>&, double delta, V& p) {
            const SecularSolution found = solver.in_ball(delta, p);
            const auto length = static_cast<double>(p.stableNorm());
            // with (H + λI) p = −g that is −(gᵀp + ½ pᵀHp), as a sum of positive terms
            const double slope = -static_cast<double>(scaled.gradient.dot(p));
            scaled.unscale(p);
            return {(slope + found.lambda * length * length) / 2, length, !found.interior};
        }
    };

    template <class F, class V>
    static consteval bool check() {
        return needs_hessian<F, V>();
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(radius, "TrustRegion.radius");
        require_trials(trials, "TrustRegion.trials");
        const Index n = x.size();
        ModelRun<V, Model<V>> run(f, x, [&] {
            return Model<V>{ScaledHessian<V>(n, scaled), MoreSorensen<SquareMatrix<V>>(n)};
        });
        const auto size = static_cast<double>(run.model.scaled.gradient.stableNorm());
        run.size = radius > 0 ? radius : first_radius(size / 2);
        return run;
    }

    template <class F>
    Outcome advance(const F& f, auto& run) const {
        return run.advance(f, trials, [&](double ratio, const ModelStep& step) {
            run.size = next_radius(run.size, ratio, step);
        });
    }

    const auto& point(const auto& run) const { return run.here.x; }

    double value(const auto&, const auto& run) const { return run.here.value; }

    void note(const auto& run, Notes& notes) const {
        if (!run.model.solver.known()) return;
        notes.negative_eigenvalues = run.model.solver.negative_eigenvalues();
        notes.condition_number = run.model.solver.condition_number();
    }
};

/// TrustRegion{}: the documented choice for smooth functions with Hessians.
constexpr TrustRegion trust_region() { return {}; }

}  // namespace ermine
