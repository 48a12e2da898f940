// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/more_sorensen.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/model_run.hpp>
#include <ermine/solvers/needs_hessian.hpp>
#include <ermine/solvers/next_sigma.hpp>
#include <ermine/solvers/scaled_hessian.hpp>

#include <tuple>

namespace ermine {

/// Adaptive regularization with cubics (ARC): each step minimizes, exactly and globally, the model
/// f + gᵀp + ½ pᵀHp + σ/3 ‖D p‖³, where σ is raised until f falls as the model says, and lowered
/// where the model is good (Cartis, Gould & Toint, "Adaptive cubic regularisation methods for
/// unconstrained optimization", parts I and II, Math. Program. 127 and 130, 2011: it needs
/// O(ε^(−3/2)) evaluations at most to ‖∇f‖ <= ε, which no method of this order betters). It leaves
/// saddles like TrustRegion, with the same scaling D, notes and endings; a step costs an
/// eigendecomposition, about 5n³ operations. For many variables see CubicRegularizationKrylov.
struct CubicRegularization {
    double sigma = 0;    ///< σ of the first step; 0 for 1 / ‖D⁻¹ ∇f(x₀)‖
    bool scaled = true;  ///< false: D = I, the Euclidean norm
    int trials = 100;    ///< with larger and larger σ, then no step is found

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

        ModelStep propose(const auto&, const Evaluation<V>&, double weight, V& p) {
            const SecularSolution found = solver.with_cubic(weight, p);
            const auto length = static_cast<double>(p.stableNorm());
            // with (H + λI) p = −g and λ = σ‖p‖ the model's reduction is a sum of positive terms
            const double slope = -static_cast<double>(scaled.gradient.dot(p));
            scaled.unscale(p);
            return {slope / 2 + found.lambda * length * length / 6, length, true};
        }
    };

    template <class F, class V>
    static consteval bool check() {
        return needs_hessian<F, V>();
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(sigma, "CubicRegularization.sigma");
        require_trials(trials, "CubicRegularization.trials");
        const Index n = x.size();
        ModelRun<V, Model<V>> run(f, x, [&] {
            return Model<V>{ScaledHessian<V>(n, scaled), MoreSorensen<SquareMatrix<V>>(n)};
        });
        const auto size = static_cast<double>(run.model.scaled.gradient.stableNorm());
        run.size = sigma > 0 ? sigma : first_sigma(1 / size);
        return run;
    }

    template <class F>
    Outcome advance(const F& f, auto& run) const {
        return run.advance(f, trials, [&](double ratio, const ModelStep& step) {
            run.size = next_sigma(run.size, ratio, step);
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

/// CubicRegularization{}.
constexpr CubicRegularization cubic_regularization() { return {}; }

}  // namespace ermine
