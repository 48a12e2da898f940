// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/dogleg.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/model_run.hpp>
#include <ermine/solvers/needs_hessian.hpp>
#include <ermine/solvers/next_radius.hpp>
#include <ermine/solvers/scaled_hessian.hpp>

#include <tuple>

namespace ermine {

/// The trust-region method with Powell's dogleg (see Dogleg, which says what is done where the
/// Hessian is not positive definite), in the scaled variables of ScaledHessian. A step costs one
/// Cholesky factorization, n³/3 operations, also far from the minimum; TrustRegion takes fewer
/// steps. The result notes how many Hessians were regularized.
struct TrustRegionDogleg {
    double radius = 0;   ///< Δ of the first step, in ‖D p‖; 0 for ½ ‖D⁻¹ ∇f(x₀)‖
    bool scaled = true;  ///< false: D = I, the Euclidean norm
    int trials = 100;    ///< shorter and shorter, then no step is found

    static constexpr bool repeats = true;

    template <class V>
    struct Model {
        ScaledHessian<V> scaled;
        Dogleg<SquareMatrix<V>> solver;
        V product;
        std::int64_t regularized = 0;
        bool known = false;
        auto fields() { return std::tie(scaled, regularized); }

        bool look(const auto& f, const Evaluation<V>& here) {
            scaled.look(f, here);
            known = solver.compute(scaled.matrix, scaled.gradient);
            regularized += solver.regularized();
            return known;
        }

        ModelStep propose(const auto&, const Evaluation<V>&, double delta, V& p) {
            const bool boundary = solver.step(delta, p);
            const auto length = static_cast<double>(p.stableNorm());
            product.noalias() = scaled.matrix * p;
            const double reduction = -static_cast<double>(scaled.gradient.dot(p)) -
                                     static_cast<double>(product.dot(p)) / 2;
            scaled.unscale(p);
            return {reduction, length, boundary};
        }
    };

    template <class F, class V>
    static consteval bool check() {
        return needs_hessian<F, V>();
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(radius, "TrustRegionDogleg.radius");
        require_trials(trials, "TrustRegionDogleg.trials");
        const Index n = x.size();
        ModelRun<V, Model<V>> run(f, x, [&] {
            return Model<V>{ScaledHessian<V>(n, scaled), Dogleg<SquareMatrix<V>>(n), V::Zero(n)};
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
        notes.regularized_hessians = run.model.regularized;
        if (!run.model.known) return;
        notes.condition_number = run.model.solver.condition_number();
        if (!run.model.solver.regularized()) notes.negative_eigenvalues = 0;
    }
};

/// TrustRegionDogleg{}.
constexpr TrustRegionDogleg trust_region_dogleg() { return {}; }

}  // namespace ermine
