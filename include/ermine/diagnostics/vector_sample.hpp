// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/student_quantile.hpp>
#include <ermine/objectives/risk_estimate.hpp>

namespace ermine {

/// What K vectors that were drawn alike say of their mean and of how they scatter, in numbers that
/// need no vector to be kept: aₖ = ‖vₖ − v̄‖² and cₖ = (vₖ − v̄)ᵀ v̄. Made by `sample_vectors`.
///
/// Errors are those of the jackknife, which leaves out one vector after the other (Efron & Stein,
/// "The jackknife estimate of variance", Annals of Statistics 9, 1981), times Student's t.
class VectorSample {
public:
    VectorSample(double mean_square, Eigen::ArrayXd squares, Eigen::ArrayXd products)
        : mean_square_(mean_square), a_(std::move(squares)), c_(std::move(products)) {
        const double k = count();
        // the two without each: Σ‖v − v̄'‖² / (K − 2) and ‖v̄'‖²
        const Eigen::ArrayXd spread = (a_.sum() - a_ * (k / (k - 1))) / (k - 2);
        const Eigen::ArrayXd square =
            mean_square_ - 2 * c_ / (k - 1) + a_ / ((k - 1) * (k - 1)) - spread / (k - 1);
        const Eigen::ArrayXd ds = spread - spread.mean();
        const Eigen::ArrayXd dq = square - square.mean();
        const double factor = k > 2 ? (k - 1) / k : std::numeric_limits<double>::quiet_NaN();
        variances_ << ds.square().sum(), (ds * dq).sum(), dq.square().sum();
        variances_ *= factor;
        quantile_ = student_interval(0.95, static_cast<Index>(k) - 1);
    }

    [[nodiscard]] double count() const { return static_cast<double>(a_.size()); }

    /// The trace of the covariance, Σ aₖ / (K − 1): without bias.
    [[nodiscard]] double spread() const { return a_.sum() / (count() - 1); }

    /// ‖E v‖², without bias: ‖v̄‖² less what the scatter adds to it. `unseen` is the share of all
    /// vectors that there are which was not drawn: of all of them the mean is known.
    [[nodiscard]] double square(double unseen = 1) const {
        return mean_square_ - unseen * spread() / count();
    }

    /// With errors that are `scale` times as large as if there were endlessly many vectors.
    [[nodiscard]] Estimate spread_estimate(double scale = 1) const {
        return {spread(), scale * quantile_ * std::sqrt(variances_[0])};
    }
    [[nodiscard]] Estimate square_estimate(double unseen = 1, double scale = 1) const {
        return {square(unseen), scale * quantile_ * std::sqrt(variances_[2])};
    }

    /// The 95 % interval of spread / ‖E v‖²: all ρ that are not refuted as spread − ρ square = 0,
    /// endless where the mean is lost in the scatter (Fieller, "Some problems in interval
    /// estimation", JRSS B 16, 1954).
    [[nodiscard]] Interval ratio_interval(double unseen = 1, double scale = 1) const {
        const double t = scale * scale * quantile_ * quantile_;
        const double s = spread();
        const double q = square(unseen);
        const double a = q * q - t * variances_[2];
        const double b = s * q - t * variances_[1];
        const double c = s * s - t * variances_[0];
        const double root = std::sqrt(std::max(b * b - a * c, 0.0));
        constexpr double endless = std::numeric_limits<double>::infinity();
        if (q > 0 && a > 0) return {std::max((b - root) / a, 0.0), (b + root) / a};
        // at ρ = 0 the parabola is c: refuted up to its positive root
        return {c > 0 && a < 0 ? (b - root) / a : 0, endless};
    }

private:
    double mean_square_;
    Eigen::ArrayXd a_, c_;
    Eigen::Array3d variances_;  // of the spread, of both, of the square
    double quantile_ = 0;
};

/// The sample of what draw(k, v) makes of v for k = 0, …, count − 1; it is called twice for each k,
/// and must make the same. `like` is a vector of the right size. Deviations are taken from the mean
/// itself, so that nothing cancels.
template <class V, class Draw>
[[nodiscard]] VectorSample sample_vectors(Index count, const V& like, const Draw& draw) {
    V one(like.size());
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(like.size());
    for (Index k = 0; k < count; ++k) {
        draw(k, one);
        mean += one.template cast<double>();
    }
    mean /= static_cast<double>(count);
    Eigen::ArrayXd squares(count);
    Eigen::ArrayXd products(count);
    for (Index k = 0; k < count; ++k) {
        draw(k, one);
        const Eigen::VectorXd deviation = one.template cast<double>() - mean;
        squares[k] = deviation.squaredNorm();
        products[k] = deviation.dot(mean);
    }
    return {mean.squaredNorm(), std::move(squares), std::move(products)};
}

}  // namespace ermine
