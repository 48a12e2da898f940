// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>

#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/critical_point.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/diagnostics/spectrum_options.hpp>
#include <ermine/numerics/dense_eigen.hpp>
#include <ermine/numerics/lanczos_eigenpairs.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of `classify`.
struct ClassifyOptions {
    double gradient = 1e-6;   ///< ‖∇f‖∞ that counts as 0, in units of max(1, max|λ|)
    double curvature = 1e-7;  ///< |λ| that counts as 0, in units of max|λ|
    Index directions = 3;     ///< escape directions that are kept
    Index max_index = 20;     ///< of an estimate: up to so many negative eigenvalues are counted
    Exactness by = Exactness::automatic;
    Index exact_size = 400;
    double memory = 1e9;
    Index max_products = 2000;
    std::uint64_t seed = 1;
};

/// How much f falls within a short way along ± the columns of `directions`; none if nowhere.
template <class F, class V>
std::optional<double> fall_along(const F& f, const V& x, double value,
                                 const Eigen::MatrixXd& directions) {
    const double size = std::max(1.0, static_cast<double>(x.template lpNorm<Eigen::Infinity>()));
    const double rounding =
        64 * static_cast<double>(std::numeric_limits<typename V::Scalar>::epsilon()) *
        std::max(std::abs(value), 1e-12);
    double deepest = 0;
    for (Index k = 0; k < directions.cols(); ++k)
        for (const double t : {1e-2, -1e-2, 1e-1, -1e-1}) {
            const V there = x + (t * size * directions.col(k)).template cast<typename V::Scalar>();
            deepest = std::max(deepest, value - static_cast<double>(f.value(there)));
        }
    if (deepest > rounding) return deepest;
    return std::nullopt;
}

/// What kind of point x is, with the evidence:
///
///     std::cout << classify(risk, theta);   // saddle point of index 3 of 64: eigenvalues …
///
/// Stationary if ‖∇f‖∞ is small; then by the signs of the eigenvalues of the Hessian, where those
/// below `curvature` · max|λ| in size count as 0. Negative and positive ones make a saddle,
/// whatever else there is; a zero among eigenvalues of one sign makes the point degenerate, as the
/// second derivatives then do not tell (the monkey saddle): a look along flat directions may find
/// that f falls there, which is said.
///
/// Up to `exact_size` variables from all eigenvalues (the inertia is exact to rounding), beyond by
/// lanczos_eigenpairs: at most `max_index` negative eigenvalues are counted, and
/// `index_is_complete` says whether those are all. Throws std::invalid_argument for curvature that
/// is not finite.
template <class F, Vector V>
[[nodiscard]] CriticalPoint classify(const F& f, const V& x, const ClassifyOptions& options = {}) {
    constexpr bool smooth = !requires { f.smooth_part(); };
    static_assert(smooth,
                  "classify needs a smooth function: at a kink of the penalty the Hessian does not "
                  "tell what a point is; classify(f.smooth_part(), x) leaves the penalty out");
    require_positive(options.gradient, "ClassifyOptions.gradient");
    require_positive(options.curvature, "ClassifyOptions.curvature");
    require_not_negative(options.directions, "ClassifyOptions.directions");
    require_count(options.max_index, "ClassifyOptions.max_index");
    const CurvatureOperator<F, V> hessian(f, x, "classify");
    const Index n = x.size();
    CriticalPoint point;
    point.x = x.template cast<double>();
    V g(n);
    point.value = static_cast<double>(f.value_and_gradient(x, g));
    if (!std::isfinite(point.value) || !g.allFinite())
        throw std::invalid_argument("classify: value or gradient is not finite at x");
    point.gradient_norm = static_cast<double>(g.template lpNorm<Eigen::Infinity>());

    Index positive = 0;
    bool sure = true;
    Eigen::MatrixXd downhill;
    Eigen::MatrixXd level;
    const double curvature = std::max(options.curvature, 16 * hessian.accuracy());
    const auto count = [&](double norm) {
        point.zero = std::max(curvature * norm, std::numeric_limits<double>::min());
    };
    const SpectrumOptions choice{
        .by = options.by, .exact_size = options.exact_size, .memory = options.memory};
    if (choice.exactly(n, "classify")) {
        const DenseEigen all =
            dense_eigen(dense_matrix(n, hessian, hessian.accuracy(), "classify"));
        const double norm = std::max(std::abs(all.values[0]), std::abs(all.values[n - 1]));
        count(norm);
        point.exact = true;
        point.smallest = all.values[0];
        point.largest = all.values[n - 1];
        point.error =
            norm * std::max(hessian.accuracy(),
                            static_cast<double>(n) * std::numeric_limits<double>::epsilon());
        point.index = (all.values.array() < -point.zero).count();
        positive = (all.values.array() > point.zero).count();
        point.flat = n - point.index - positive;
        downhill = all.vectors.leftCols(std::min(options.directions, point.index));
        level = all.vectors.middleCols(point.index, std::min<Index>(point.flat, 20));
    } else {
        require_symmetric(n, hessian, hessian.accuracy(), "classify");
        ExtremeEigenpairs ends;
        // Most points have few negative eigenvalues: ask for more only where all were.
        for (Index asked = std::min<Index>(4, options.max_index);; asked = options.max_index) {
            ends = lanczos_eigenpairs(n, hessian,
                                      {.largest = 1,
                                       .smallest = std::min(asked, n - 1),
                                       .tolerance = curvature / 4,
                                       .max_products = options.max_products,
                                       .seed = options.seed});
            count(ends.norm);
            point.index = (ends.smallest.values.array() < -point.zero).count();
            if (point.index < ends.smallest.values.size() || asked == options.max_index) break;
        }
        const auto& low = ends.smallest.values;
        point.smallest = low[0];
        point.largest = ends.largest.values[0];
        point.error =
            std::max(ends.smallest.residuals.maxCoeff(), ends.largest.residuals.maxCoeff());
        sure = ends.converged;
        point.index_is_complete = sure && point.index < low.size();
        point.flat = (low.array().abs() <= point.zero).count();
        positive = point.largest > point.zero ? 1 : 0;
        if (positive == 0 && std::abs(point.largest) <= point.zero && point.flat == 0)
            point.flat = 1;
        // With a largest eigenvalue below 0 all of them are.
        if (point.largest < -point.zero) {
            point.index = n;
            point.index_is_complete = sure;
        }
        downhill =
            ends.smallest.vectors.leftCols(std::min({options.directions, point.index, low.size()}));
        if (point.flat > 0 && point.index < low.size())
            level = ends.smallest.vectors.middleCols(
                point.index, std::min(point.flat, low.size() - point.index));
    }
    point.products = hessian.products();
    point.gradient_allowed =
        options.gradient * std::max({1.0, std::abs(point.smallest), std::abs(point.largest)});
    for (Index k = 0; k < downhill.cols(); ++k)
        if (downhill.col(k).dot(g.template cast<double>()) > 0) downhill.col(k) *= -1;
    point.escape_directions = downhill;

    if (point.gradient_norm > point.gradient_allowed)
        point.kind = PointKind::not_stationary;
    else if (point.index > 0 && positive > 0)
        point.kind = PointKind::saddle;
    else if (!sure)
        point.kind = PointKind::undecided;
    else if (point.flat > 0)
        point.kind = PointKind::degenerate;
    else
        point.kind = point.index > 0 ? PointKind::maximum : PointKind::minimum;
    if (point.kind == PointKind::degenerate) point.falls_by = fall_along(f, x, point.value, level);
    return point;
}

}  // namespace ermine
