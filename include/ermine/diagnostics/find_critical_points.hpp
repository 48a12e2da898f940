// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/classify.hpp>
#include <ermine/diagnostics/critical_point.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/numerics/dense_eigen.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of `find_critical_points`.
struct CriticalPointOptions {
    std::int64_t starts = 50;       ///< points from which a search begins
    double spread = 1;              ///< deviation of the starts about x0, in each variable
    std::int64_t iterations = 200;  ///< of a search, at most
    double same = 1e-5;             ///< points nearer than this times max(1, ‖x‖∞) are one
    std::uint64_t seed = 1;
    ClassifyOptions classify = {};  ///< its exact_size is the largest problem that is searched
};

/// The distinct critical points that were found, in the order of their values. Made by
/// `find_critical_points`.
struct CriticalPoints {
    std::vector<CriticalPoint> points;
    std::int64_t starts = 0;
    std::int64_t failed = 0;  ///< searches that ended where the gradient is not 0

    /// The correlation of the share of negative eigenvalues with the value: in random landscapes
    /// critical points of high index lie high (Bray & Dean 2007; Dauphin et al., "Identifying and
    /// attacking the saddle point problem in high-dimensional non-convex optimization", NeurIPS
    /// 2014, section 3). NaN for fewer than three points, and where all are alike.
    [[nodiscard]] double index_value_correlation() const {
        const auto m = static_cast<Index>(points.size());
        if (m < 3) return std::numeric_limits<double>::quiet_NaN();
        Eigen::ArrayXd index(m);
        Eigen::ArrayXd value(m);
        for (Index k = 0; k < m; ++k) {
            index[k] = points[static_cast<std::size_t>(k)].index_share();
            value[k] = points[static_cast<std::size_t>(k)].value;
        }
        index -= index.mean();
        value -= value.mean();
        return (index * value).sum() / std::sqrt(index.square().sum() * value.square().sum());
    }

    /// How many are of a kind.
    [[nodiscard]] std::int64_t count(PointKind kind) const {
        return std::count_if(points.begin(), points.end(),
                             [kind](const CriticalPoint& p) { return p.kind == kind; });
    }

    friend std::ostream& operator<<(std::ostream& out, const CriticalPoints& all) {
        char line[160];
        std::snprintf(line, sizeof line,
                      "%lld critical points from %lld starts, of which %lld led to none\n",
                      static_cast<long long>(all.points.size()), static_cast<long long>(all.starts),
                      static_cast<long long>(all.failed));
        out << line << "       value   index  smallest   largest  runs\n";
        const std::size_t shown = std::min<std::size_t>(all.points.size(), 20);
        for (std::size_t k = 0; k < shown; ++k) {
            const CriticalPoint& p = all.points[k];
            std::snprintf(
                line, sizeof line, "  %10.5g  %6lld  %8s  %8s  %4lld  %s\n", p.value,
                static_cast<long long>(p.index),
                in_digits(p.smallest, std::max(p.error, 1e-3 * std::abs(p.smallest))).c_str(),
                in_digits(p.largest, std::max(p.error, 1e-3 * std::abs(p.largest))).c_str(),
                static_cast<long long>(p.runs), name(p.kind));
            out << line;
        }
        if (shown < all.points.size()) out << "  and " << all.points.size() - shown << " more\n";
        if (const double r = all.index_value_correlation(); std::isfinite(r)) {
            std::snprintf(line, sizeof line, "  correlation of index and value %.2f\n", r);
            out << line;
        }
        return out;
    }
};

/// From x, a point nearby where the gradient vanishes; none where there is no way down for ½‖∇f‖².
/// Newton's method on ∇f = 0 with Levenberg's damping, d = −(H² + μ I)⁻¹ H g, from the eigenvalues
/// of H, so that a rejected step costs no factorization (Nocedal & Wright 2006, section 11.2).
/// It goes to saddles and maxima as to minima.
template <class F, Vector V>
std::optional<V> stationary_point_near(const F& f, V x, std::int64_t iterations,
                                       double gradient_allowed) {
    const Index n = x.size();
    V g(n);
    V trial(n);
    V gradient(n);
    f.value_and_gradient(x, g);
    double norm = static_cast<double>(g.norm());
    double damping = 1e-3;  // in units of max λ²
    bool polished = false;
    for (std::int64_t k = 0; k < iterations && std::isfinite(norm); ++k) {
        DenseEigen h;
        try {
            const CurvatureOperator<F, V> hessian(f, x, "find_critical_points");
            h = dense_eigen(dense_matrix(n, hessian, hessian.accuracy(), "find_critical_points"));
        } catch (const std::invalid_argument&) {  // the search has left where f is finite
            return std::nullopt;
        }
        const double size = std::max(std::abs(h.values[0]), std::abs(h.values[n - 1]));
        const bool there = static_cast<double>(g.template lpNorm<Eigen::Infinity>()) <=
                           gradient_allowed * std::max(1.0, size);
        if (there && polished) return x;
        const Eigen::VectorXd along = h.vectors.transpose() * g.template cast<double>();
        bool moved = false;
        for (int attempt = 0; attempt < 12 && !moved; ++attempt) {
            const double mu = damping * size * size;
            const Eigen::VectorXd step =
                h.vectors * (along.array() * h.values.array() /
                             (h.values.array().square() + mu + std::numeric_limits<double>::min()))
                                .matrix();
            trial = x - step.template cast<typename V::Scalar>();
            const double value = static_cast<double>(f.value_and_gradient(trial, gradient));
            const auto next = static_cast<double>(gradient.norm());
            moved = std::isfinite(value) && next < norm;
            if (moved) {
                x = trial;
                g = gradient;
                norm = next;
                damping = std::max(damping / 10, 1e-20);
            } else {
                damping = std::min(std::max(damping, 1e-12) * 10, 1e8);
            }
        }
        // One more step after it is near enough: neighbours of one point then agree in all digits.
        if (there) polished = true;
        if (!moved) return there ? std::optional<V>(x) : std::nullopt;
    }
    return std::nullopt;
}

/// Critical points of all kinds, from many random starts about x0:
///
///     std::cout << find_critical_points(f, x0, {.starts = 100, .spread = 2});
///
/// From each start `stationary_point_near` goes to a zero of the gradient; points that are the same
/// are counted once, and classified. What is found depends on the starts: that none else was found
/// does not mean that there is none. Each iteration takes all eigenvalues of the Hessian, so that
/// it is for up to `classify.exact_size` variables. Throws std::invalid_argument for more, naming
/// the way out.
template <class F, Vector V>
[[nodiscard]] CriticalPoints find_critical_points(const F& f, const V& x0,
                                                  const CriticalPointOptions& options = {}) {
    require_count(options.starts, "CriticalPointOptions.starts");
    require_positive(options.spread, "CriticalPointOptions.spread");
    require_count(options.iterations, "CriticalPointOptions.iterations");
    require_positive(options.same, "CriticalPointOptions.same");
    if (x0.size() > options.classify.exact_size)
        throw std::invalid_argument(
            "find_critical_points: " + std::to_string(x0.size()) +
            " variables, and each iteration takes all eigenvalues of the Hessian: raise "
            "CriticalPointOptions.classify.exact_size if " +
            in_digits(24e-9 * static_cast<double>(x0.size()) * static_cast<double>(x0.size()), 0) +
            " GB are at hand, or minimize by SaddleFreeNewton and classify the answer");
    CriticalPoints result;
    result.starts = options.starts;
    Random random{options.seed};
    for (std::int64_t run = 0; run < options.starts; ++run) {
        V start = x0;
        if (run > 0)
            for (Index i = 0; i < start.size(); ++i)
                start[i] += static_cast<typename V::Scalar>(options.spread * random.normal());
        const auto found =
            stationary_point_near(f, start, options.iterations, options.classify.gradient);
        if (!found) {
            ++result.failed;
            continue;
        }
        const Eigen::VectorXd x = found->template cast<double>();
        const auto known =
            std::find_if(result.points.begin(), result.points.end(), [&](const CriticalPoint& p) {
                return (p.x - x).lpNorm<Eigen::Infinity>() <=
                       options.same * std::max(1.0, x.lpNorm<Eigen::Infinity>());
            });
        if (known != result.points.end())
            ++known->runs;
        else
            result.points.push_back(classify(f, *found, options.classify));
    }
    std::sort(result.points.begin(), result.points.end(),
              [](const CriticalPoint& a, const CriticalPoint& b) { return a.value < b.value; });
    return result;
}

}  // namespace ermine
