// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/steihaug_toint.hpp>
#include <ermine/solvers/curvature.hpp>
#include <ermine/solvers/model_run.hpp>
#include <ermine/solvers/needs_hessian.hpp>
#include <ermine/solvers/next_radius.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace ermine {

/// The trust-region method with steps by truncated conjugate gradients, for many variables: it
/// needs products with the Hessian alone, forms none, and goes to the boundary where it meets
/// negative curvature (SteihaugToint; Conn, Gould & Toint, "Trust-region methods", 2000, algorithm
/// 7.5.1). A step is as precise as min(½, √‖∇f‖)·‖∇f‖ asks: superlinear convergence. Where f offers
/// `hessian` but no `hessian_product`, the Hessian is formed once a step. In the Euclidean norm:
/// measure the variables in units in which they matter alike.
struct TrustRegionCG {
    double radius = 0;  ///< Δ of the first step, in ‖p‖; 0 for the length of the Cauchy step at x₀
    int trials = 100;   ///< shorter and shorter, then no step is found

    static constexpr bool repeats = true;

    template <class F, class V>
    struct Model {
        Curvature<F, V> curvature;
        SteihaugToint<V> solver;
        double size = 0;
        auto fields() { return std::tie(); }

        bool look(const auto& f, const Evaluation<V>& here) {
            size = static_cast<double>(here.gradient.stableNorm());
            if (std::isfinite(size)) curvature.look(f, here.x);
            return std::isfinite(size);
        }

        ModelStep propose(const auto& f, const Evaluation<V>& here, double delta, V& p) {
            const TruncatedStep found =
                solver.step([&](const V& v, V& product) { curvature.apply(f, here.x, v, product); },
                            here.gradient, delta, std::min(0.5, std::sqrt(size)) * size,
                            2 * here.x.size() + 20, p);
            return {found.reduction,
                    found.finite ? found.length : std::numeric_limits<double>::quiet_NaN(),
                    found.boundary};
        }
    };

    template <class F, class V>
    static consteval bool check() {
        return needs_curvature<F, V>();
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(radius, "TrustRegionCG.radius");
        require_trials(trials, "TrustRegionCG.trials");
        ModelRun<V, Model<F, V>> run(f, x, [&] {
            return Model<F, V>{Curvature<F, V>(x.size()), SteihaugToint<V>(x.size())};
        });
        run.size = radius;
        if (radius == 0 && run.known) {
            // ‖g‖³ / gᵀHg
            run.model.curvature.apply(f, run.here.x, run.here.gradient, run.step);
            const double size = run.model.size;
            const auto bend = static_cast<double>(run.here.gradient.dot(run.step)) / size / size;
            run.size = first_radius(size / std::abs(bend));
        }
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
};

/// TrustRegionCG{}.
constexpr TrustRegionCG trust_region_cg() { return {}; }

}  // namespace ermine
