// SPDX-License-Identifier: MIT
#include "judge.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "terms.hpp"

namespace linear {

namespace {

Eigen::Map<const Matrix> weights_of(const Problem& problem, const Eigen::VectorXd& w) {
    return {w.data(), problem.features(), problem.classes};
}

double penalty_at(const Problem& problem, const Eigen::VectorXd& w) {
    long double sum = 0;
    for (const double x : w)
        sum += problem.penalty == Penalty::l2 ? static_cast<long double>(x) * x / 2
                                              : static_cast<long double>(std::abs(x));
    return static_cast<double>(problem.lambda * sum);
}

/// The mean loss of predictions p, which become slopes.
double mean_loss(const Problem& problem, Matrix& p) {
    const auto y = problem.targets();
    std::array<long double, parts> sums{};
    for_parts(p.rows(), [&](Index first, Index last, Index part) {
        long double sum = 0;
        for (Index i = first; i < last; ++i) {
            if (problem.loss == Loss::multinomial) {
                sum += static_cast<long double>(multinomial(p.row(i), y[i]));
            } else {
                const Term term = Term::of(problem.loss, p(i, 0), y[i]);
                sum += static_cast<long double>(term.value);
                p(i, 0) = term.slope;
            }
        }
        sums[static_cast<std::size_t>(part)] = sum;
    });
    long double sum = 0;
    for (const long double part : sums) sum += part;
    return static_cast<double>(sum / static_cast<long double>(p.rows()));
}

}  // namespace

double value_at(const Problem& problem, const Eigen::VectorXd& w) {
    Matrix p = multiply(problem.data, weights_of(problem, w));
    return mean_loss(problem, p) + penalty_at(problem, w);
}

Point point_at(const Problem& problem, const Eigen::VectorXd& w) {
    Point point;
    point.slopes = multiply(problem.data, weights_of(problem, w));
    point.value = mean_loss(problem, point.slopes) + penalty_at(problem, w);
    point.gradient = multiply_transposed(problem.data, point.slopes);
    point.gradient /= static_cast<double>(problem.examples());
    return point;
}

double dual_value(const Problem& problem, Matrix slopes) {
    const auto n = static_cast<double>(problem.examples());
    const auto y = problem.targets();
    Matrix v = multiply_transposed(problem.data, slopes) / n;
    if (problem.penalty == Penalty::l1) {
        const double largest = v.lpNorm<Eigen::Infinity>();
        if (largest > problem.lambda) slopes *= problem.lambda / largest;
    }
    std::array<long double, parts> sums{};
    for_parts(slopes.rows(), [&](Index first, Index last, Index part) {
        long double sum = 0;
        for (Index i = first; i < last; ++i) {
            if (problem.loss == Loss::multinomial) {
                for (Index k = 0; k < slopes.cols(); ++k) {
                    const double a = slopes(i, k) + (k == static_cast<Index>(y[i]) ? 1 : 0);
                    if (a > 0) sum += static_cast<long double>(a * std::log(a));
                }
            } else {
                sum += static_cast<long double>(Term::conjugate(problem.loss, slopes(i, 0), y[i]));
            }
        }
        sums[static_cast<std::size_t>(part)] = sum;
    });
    long double sum = 0;
    for (const long double part : sums) sum += part;
    const double mean = static_cast<double>(sum / static_cast<long double>(slopes.rows()));
    return problem.penalty == Penalty::l2 ? -mean - v.squaredNorm() / (2 * problem.lambda) : -mean;
}

Bounds bounds_at(const Problem& problem, const Eigen::VectorXd& w) {
    Point point = point_at(problem, w);
    return {point.value, dual_value(problem, std::move(point.slopes))};
}

}  // namespace linear
