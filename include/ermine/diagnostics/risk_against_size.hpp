// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <numeric>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/shuffle.hpp>
#include <ermine/numerics/student_quantile.hpp>
#include <ermine/objectives/empirical_risk.hpp>

namespace ermine {

/// Options of `risk_against_size`.
struct SizeCurveOptions {
    std::vector<Index> sizes = {};  ///< increasing; none: halves of what is there, six of them
    Index repeats = 5;              ///< with other examples, at least 2
    double holdout = 0.25;          ///< share of the examples that the models are judged on
    std::uint64_t seed = 7;
};

/// What a model learns from more examples. Made by `risk_against_size`, or `of` risks from
/// elsewhere.
struct SizeCurve {
    std::vector<Index> sizes;
    Eigen::MatrixXd train_risks, test_risks;  ///< of each repeat (row) and size (column)
    /// Means over the repeats, with half of their 95 % intervals; repeats share examples, so that
    /// these are a little too short.
    std::vector<Estimate> train, test, gap;
    /// b in gap = c nᵇ, by least squares between the logarithms: −1 where the theory of regular
    /// models holds (Amari & Murata, "Statistical theory of learning curves under entropic loss
    /// criterion", Neural Computation 5, 1993), −½ is the worst that uniform convergence allows.
    /// The error is the jackknife's over repeats. NaN where fewer than two gaps are positive.
    Estimate slope;

    /// From tables of risks. Throws std::invalid_argument for tables that do not fit the sizes,
    /// sizes that do not increase, or fewer than 2 repeats or sizes.
    static SizeCurve of(std::vector<Index> sizes, Eigen::MatrixXd train, Eigen::MatrixXd test) {
        const Index repeats = train.rows();
        if (repeats < 2 || sizes.size() < 2 || train.rows() != test.rows() ||
            train.cols() != test.cols() || train.cols() != static_cast<Index>(sizes.size()))
            throw std::invalid_argument(
                "SizeCurve: tables of " + std::to_string(train.rows()) + " x " +
                std::to_string(train.cols()) + " and " + std::to_string(test.rows()) + " x " +
                std::to_string(test.cols()) + " risks for " + std::to_string(sizes.size()) +
                " sizes: give a row a repeat, a column a size, and two of each at least");
        for (std::size_t k = 0; k < sizes.size(); ++k)
            if (sizes[k] <= (k > 0 ? sizes[k - 1] : 0))
                throw std::invalid_argument("SizeCurve: size " + std::to_string(sizes[k]) +
                                            ": sizes are positive, and increase");
        SizeCurve curve;
        curve.sizes = std::move(sizes);
        curve.train_risks = std::move(train);
        curve.test_risks = std::move(test);
        const Eigen::MatrixXd gaps = curve.test_risks - curve.train_risks;
        curve.train = means(curve.train_risks);
        curve.test = means(curve.test_risks);
        curve.gap = means(gaps);
        curve.slope.value = curve.fit(gaps.colwise().mean());
        Eigen::ArrayXd without(repeats);
        for (Index r = 0; r < repeats; ++r)
            without[r] =
                curve.fit((gaps.colwise().sum() - gaps.row(r)) / static_cast<double>(repeats - 1));
        const auto k = static_cast<double>(repeats);
        curve.slope.error = student_interval(0.95, repeats - 1) *
                            std::sqrt((k - 1) / k * (without - without.mean()).square().sum());
        return curve;
    }

    /// What the gap would be with n examples, if it goes on as it does.
    [[nodiscard]] double gap_at(double n) const {
        return gap.back().value * std::pow(n / static_cast<double>(sizes.back()), slope.value);
    }

    [[nodiscard]] std::string explain() const {
        char text[320];
        const Estimate& last = gap.back();
        if (!(last.lower() > 0))
            std::snprintf(text, sizeof text,
                          "with %lld examples no gap is left beyond its error of %.1g: more data "
                          "lowers nothing, a larger model may",
                          static_cast<long long>(sizes.back()), last.error);
        else if (slope.upper() < 0)
            std::snprintf(text, sizeof text,
                          "the gap falls as n^%s: with twice the examples %.2g of its %.2g would "
                          "be left",
                          in_digits(slope.value, slope.error).c_str(),
                          gap_at(2 * static_cast<double>(sizes.back())), last.value);
        else
            std::snprintf(text, sizeof text,
                          "a gap of %.2g, of which these repeats do not show that it falls with "
                          "more examples",
                          last.value);
        return text;
    }

    friend std::ostream& operator<<(std::ostream& out, const SizeCurve& c) {
        out << "examples     training         test          gap  ± 95 %\n";
        for (std::size_t k = 0; k < c.sizes.size(); ++k) {
            char line[120];
            std::snprintf(line, sizeof line, "%8lld %12s %12s %12s  ± %.1g\n",
                          static_cast<long long>(c.sizes[k]),
                          in_digits(c.train[k].value, c.train[k].error).c_str(),
                          in_digits(c.test[k].value, c.test[k].error).c_str(),
                          in_digits(c.gap[k].value, c.gap[k].error).c_str(), c.gap[k].error);
            out << line;
        }
        return out << "slope of the gap " << c.slope << ": " << c.explain() << '\n';
    }

private:
    static std::vector<Estimate> means(const Eigen::MatrixXd& risks) {
        std::vector<Estimate> result;
        const auto k = static_cast<double>(risks.rows());
        for (Index c = 0; c < risks.cols(); ++c) {
            const double mean = risks.col(c).mean();
            const double square = (risks.col(c).array() - mean).square().sum();
            result.push_back({mean, student_interval(0.95, risks.rows() - 1) *
                                        std::sqrt(square / ((k - 1) * k))});
        }
        return result;
    }

    /// The slope of the logarithms, over the sizes whose gap is positive.
    [[nodiscard]] double fit(const Eigen::RowVectorXd& gaps) const {
        double count = 0, x = 0, y = 0, xx = 0, xy = 0;
        for (Index k = 0; k < gaps.size(); ++k) {
            if (!(gaps[k] > 0) || !std::isfinite(gaps[k])) continue;
            const double u = std::log(static_cast<double>(sizes[static_cast<std::size_t>(k)]) /
                                      static_cast<double>(sizes.front()));
            const double v = std::log(gaps[k]);
            count += 1;
            x += u;
            y += v;
            xx += u * u;
            xy += u * v;
        }
        if (count < 2) return std::numeric_limits<double>::quiet_NaN();
        return (count * xy - x * y) / (count * xx - x * x);
    }
};

/// The risk against the number of examples: for each repeat a part of the data is held out, the
/// rest is put in random order, and `solve(risk)` is asked to fit the first of them, more and more;
/// it returns the parameters, or a Result of `minimize`. Both risks are of `judge`.
///
///     const auto curve = risk_against_size(
///         Linear{d}, LogisticLoss{}, data, ZeroOneLoss{},
///         [](const auto& risk) { return minimize(risk + L2{1e-3}, risk.zero(), Auto{}); });
///
/// Where test and training risk meet too high, the model is too small; where a gap is left, and
/// falls with n, examples are missing. Throws std::invalid_argument for sizes that do not increase
/// or are more than is not held out, fewer than 2 repeats, and where a risk is not finite.
template <class M, class L, class Data, class Judge, class Solve>
[[nodiscard]] SizeCurve risk_against_size(const M& model, const L& loss, const Data& data,
                                          const Judge& judge, const Solve& solve,
                                          const SizeCurveOptions& options = {}) {
    require_fraction(options.holdout, "SizeCurveOptions.holdout");
    if (options.repeats < 2)
        refuse("SizeCurveOptions.repeats", options.repeats, "errors take at least 2");
    const Index n = data.examples();
    const auto held = static_cast<Index>(std::llround(options.holdout * static_cast<double>(n)));
    const Index most = n - held;
    std::vector<Index> sizes = options.sizes;
    if (sizes.empty()) {
        for (Index size = most; size >= 1 && sizes.size() < 6; size /= 2) sizes.push_back(size);
        std::reverse(sizes.begin(), sizes.end());
    }
    for (std::size_t k = 0; k < sizes.size(); ++k)
        if (sizes[k] <= (k == 0 ? 0 : sizes[k - 1]) || sizes[k] > most || held < 1)
            throw std::invalid_argument("risk_against_size: the size " + std::to_string(sizes[k]) +
                                        " out of " + std::to_string(most) + " examples, with " +
                                        std::to_string(held) +
                                        " held out: give increasing sizes within them");
    if (sizes.size() < 2) throw std::invalid_argument("risk_against_size: give at least two sizes");
    Eigen::MatrixXd train(options.repeats, static_cast<Index>(sizes.size()));
    Eigen::MatrixXd test = train;
    std::vector<std::int32_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    Random random{options.seed};
    for (Index repeat = 0; repeat < options.repeats; ++repeat) {
        shuffle(std::span{order}, random);
        const std::span<const std::int32_t> rows(order);
        const EmpiricalRisk unseen{model, judge,
                                   data.select(rows.first(static_cast<std::size_t>(held)))};
        for (std::size_t k = 0; k < sizes.size(); ++k) {
            const auto some = data.select(
                rows.subspan(static_cast<std::size_t>(held), static_cast<std::size_t>(sizes[k])));
            const EmpiricalRisk risk{model, loss, some};
            const auto fitted = solve(risk);
            const EmpiricalRisk seen{model, judge, some};
            const auto column = static_cast<Index>(k);
            const auto judged = [&](const auto& x) {
                train(repeat, column) = seen.value(x);
                test(repeat, column) = unseen.value(x);
            };
            if constexpr (requires { fitted.x; })
                judged(fitted.x);
            else
                judged(fitted);
            if (!std::isfinite(train(repeat, column)) || !std::isfinite(test(repeat, column)))
                throw std::invalid_argument("risk_against_size: the model fitted to " +
                                            std::to_string(sizes[k]) +
                                            " examples has a risk that is not finite");
        }
    }
    return SizeCurve::of(std::move(sizes), std::move(train), std::move(test));
}

/// The same, judged by the loss that is fitted.
template <class M, class L, class Data, class Solve>
[[nodiscard]] SizeCurve risk_against_size(const M& model, const L& loss, const Data& data,
                                          const Solve& solve,
                                          const SizeCurveOptions& options = {}) {
    return risk_against_size(model, loss, data, loss, solve, options);
}

}  // namespace ermine
