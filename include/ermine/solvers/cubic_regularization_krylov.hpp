// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/cubic_lanczos.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/curvature.hpp>
#include <ermine/solvers/model_run.hpp>
#include <ermine/solvers/needs_hessian.hpp>
#include <ermine/solvers/next_sigma.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// CubicRegularization for many variables: each step minimizes the cubic model over Krylov spaces
/// of the Hessian and the gradient, by Hessian products alone (CubicLanczos), until the gradient of
/// the model is at most min(0.1, √‖g‖)·‖g‖ (Cartis, Gould & Toint 2011, part I, section 7). The
/// space is kept for further trials. Where f offers `hessian` but no `hessian_product`, the Hessian
/// is formed once a step. In the Euclidean norm: measure the variables in units in which they
/// matter alike. From a point where the gradient is exactly zero it does not move.
struct CubicRegularizationKrylov {
    double sigma = 0;      ///< σ of the first step; 0 for (gᵀHg / gᵀg)² / ‖g‖ at x₀
    Index subspace = 100;  ///< dimensions of a Krylov space at most; as many vectors are kept
    int trials = 100;      ///< with larger and larger σ, then no step is found

    static constexpr bool repeats = true;

    template <class F, class V>
    struct Model {
        Curvature<F, V> curvature;
        CubicLanczos<V> solver;
        double size = 0;
        auto fields() { return std::tie(); }

        bool look(const auto& f, const Evaluation<V>& here) {
            size = static_cast<double>(here.gradient.stableNorm());
            if (!std::isfinite(size)) return false;
            curvature.look(f, here.x);
            solver.begin(here.gradient);
            return true;
        }

        ModelStep propose(const auto& f, const Evaluation<V>& here, double weight, V& p) {
            const CubicStep found =
                solver.step([&](const V& v, V& product) { curvature.apply(f, here.x, v, product); },
                            weight, std::min(0.1, std::sqrt(size)) * size, p);
            return {found.reduction,
                    found.finite ? found.length : std::numeric_limits<double>::quiet_NaN(), true};
        }
    };

    template <class F, class V>
    static consteval bool check() {
        return needs_curvature<F, V>();
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(sigma, "CubicRegularizationKrylov.sigma");
        require_trials(trials, "CubicRegularizationKrylov.trials");
        if (subspace < 1)
            throw std::invalid_argument("CubicRegularizationKrylov.subspace is " +
                                        std::to_string(subspace) + ": it must be at least 1");
        ModelRun<V, Model<F, V>> run(f, x, [&] {
            return Model<F, V>{Curvature<F, V>(x.size()), CubicLanczos<V>(x.size(), subspace)};
        });
        run.size = sigma;
        if (sigma == 0) {
            run.size = 1;
            if (run.known && run.model.size > 0) {
                const double bend =
                    run.model.solver.curvature_along_gradient([&](const V& v, V& product) {
                        run.model.curvature.apply(f, run.here.x, v, product);
                    });
                run.size = first_sigma(bend * bend / run.model.size);
            }
        }
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
};

/// CubicRegularizationKrylov{}.
constexpr CubicRegularizationKrylov cubic_regularization_krylov() { return {}; }

}  // namespace ermine
