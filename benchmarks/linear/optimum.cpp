// SPDX-License-Identifier: MIT
#include "optimum.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>

#include "hinge_optimum.hpp"
#include "lasso_descent.hpp"
#include "terms.hpp"

namespace linear {

namespace {

constexpr double enough = 1e-13;
constexpr int most_steps = 60;
constexpr Index most_factored = 1200;

/// The second derivative at one point, restricted to the weights that may move.
class Curvature {
public:
    Curvature(const Problem& problem, const Matrix& slopes, const Eigen::VectorXd& w,
              std::vector<Index> moving)
        : problem_(problem), moving_(std::move(moving)), weights_(slopes) {
        if (problem.loss == Loss::multinomial) {
            for (Index i = 0; i < weights_.rows(); ++i)
                weights_(i, static_cast<Index>(problem.targets()[i])) += 1;
        } else {
            const Eigen::Map<const Matrix> at(w.data(), problem.features(), 1);
            weights_ = multiply(problem.data, at);
            for (Index i = 0; i < weights_.rows(); ++i)
                weights_(i, 0) =
                    Term::of(problem.loss, weights_(i, 0), problem.targets()[i]).curvature;
        }
        ridge_ = problem.penalty == Penalty::l2 ? problem.lambda : 0;
    }

    /// H⁻¹ r, numbers in the order of `moving`.
    Eigen::VectorXd solve(const Eigen::VectorXd& r) const {
        return problem_.classes == 1 && r.size() <= most_factored ? factor(r) : iterate(r);
    }

private:
    const Problem& problem_;
    std::vector<Index> moving_;
    Matrix weights_;  // ℓ'' or the probabilities
    double ridge_ = 0;

    Eigen::VectorXd factor(const Eigen::VectorXd& r) const {
        const Index size = r.size();
        std::vector<Index> place(static_cast<std::size_t>(problem_.features()), -1);
        for (std::size_t k = 0; k < moving_.size(); ++k)
            place[static_cast<std::size_t>(moving_[k])] = static_cast<Index>(k);
        Eigen::MatrixXd h = Eigen::MatrixXd::Zero(size, size);
        constexpr Index block = 2048;
        Eigen::MatrixXd columns(size, block);
        std::visit(
            [&](const auto& d) {
                for (Index first = 0; first < d.examples(); first += block) {
                    const Index count = std::min(block, d.examples() - first);
                    columns.setZero();
                    for (Index k = 0; k < count; ++k) {
                        const double scale = std::sqrt(weights_(first + k, 0));
                        for_row(d.rows(), first + k, [&](Index j, double x) {
                            const Index at = place[static_cast<std::size_t>(j)];
                            if (at >= 0) columns(at, k) = scale * x;
                        });
                    }
                    h.selfadjointView<Eigen::Lower>().rankUpdate(columns.leftCols(count));
                }
            },
            problem_.data);
        h /= static_cast<double>(problem_.examples());
        h.diagonal().array() += ridge_ + 1e-14 * h.trace() / static_cast<double>(size);
        return h.selfadjointView<Eigen::Lower>().ldlt().solve(r);
    }

    Matrix spread(const Eigen::VectorXd& v) const {
        Matrix all = Matrix::Zero(problem_.features(), problem_.classes);
        for (std::size_t k = 0; k < moving_.size(); ++k)
            all.data()[moving_[k]] = v[static_cast<Index>(k)];
        return all;
    }

    Eigen::VectorXd gathered(const Matrix& all) const {
        Eigen::VectorXd v(static_cast<Index>(moving_.size()));
        for (std::size_t k = 0; k < moving_.size(); ++k)
            v[static_cast<Index>(k)] = all.data()[moving_[k]];
        return v;
    }

    Eigen::VectorXd product(const Eigen::VectorXd& v) const {
        Matrix u = multiply(problem_.data, spread(v));
        if (problem_.loss == Loss::multinomial) {
            for (Index i = 0; i < u.rows(); ++i) {
                const double mean = weights_.row(i).dot(u.row(i));
                u.row(i) = weights_.row(i).cwiseProduct((u.row(i).array() - mean).matrix());
            }
        } else {
            u = u.cwiseProduct(weights_).eval();
        }
        return gathered(multiply_transposed(problem_.data, u)) /
                   static_cast<double>(problem_.examples()) +
               ridge_ * v;
    }

    Eigen::VectorXd diagonal() const {
        Matrix sum = Matrix::Zero(problem_.features(), problem_.classes);
        std::visit(
            [&](const auto& d) {
                for (Index i = 0; i < d.examples(); ++i)
                    for_row(d.rows(), i, [&](Index j, double x) {
                        if (x == 0) return;
                        for (Index k = 0; k < problem_.classes; ++k) {
                            const double q = weights_(i, k);
                            sum(j, k) +=
                                x * x * (problem_.loss == Loss::multinomial ? q * (1 - q) : q);
                        }
                    });
            },
            problem_.data);
        return (gathered(sum) / static_cast<double>(problem_.examples())).array() + ridge_ + 1e-30;
    }

    /// Conjugate gradients, preconditioned by the diagonal.
    Eigen::VectorXd iterate(const Eigen::VectorXd& right) const {
        const Eigen::VectorXd inverse = diagonal().cwiseInverse();
        Eigen::VectorXd x = Eigen::VectorXd::Zero(right.size());
        Eigen::VectorXd r = right;
        Eigen::VectorXd z = inverse.cwiseProduct(r);
        Eigen::VectorXd p = z;
        double rz = r.dot(z);
        const double end = 1e-8 * 1e-8 * rz;
        for (int k = 0; k < 400 && rz > end; ++k) {
            const Eigen::VectorXd hp = product(p);
            const double alpha = rz / p.dot(hp);
            x += alpha * p;
            r -= alpha * hp;
            z = inverse.cwiseProduct(r);
            const double next = r.dot(z);
            p = z + next / rz * p;
            rz = next;
        }
        return x;
    }
};

/// What may move in a Newton step: for ℓ1 the weights that are not 0 and, of those at 0 that should
/// not be, at most `most` that are farthest from it. `right` is minus their gradient.
std::vector<Index> moving_weights(const Problem& problem, const Eigen::VectorXd& w,
                                  const Matrix& gradient, std::size_t most,
                                  Eigen::VectorXd& right) {
    std::vector<Index> moving;
    if (problem.penalty == Penalty::l2) {
        moving.resize(static_cast<std::size_t>(w.size()));
        std::iota(moving.begin(), moving.end(), Index{0});
        right = -problem.lambda * w;
        for (Index j = 0; j < w.size(); ++j) right[j] -= gradient.data()[j];
        return moving;
    }
    const auto slope = [&](Index j) { return gradient.data()[j]; };
    std::vector<Index> wrong;
    for (Index j = 0; j < w.size(); ++j) {
        if (w[j] != 0)
            moving.push_back(j);
        else if (std::abs(slope(j)) > problem.lambda)
            wrong.push_back(j);
    }
    if (wrong.size() > most) {
        std::nth_element(wrong.begin(), wrong.begin() + static_cast<std::ptrdiff_t>(most),
                         wrong.end(),
                         [&](Index a, Index b) { return std::abs(slope(a)) > std::abs(slope(b)); });
        wrong.resize(most);
    }
    moving.insert(moving.end(), wrong.begin(), wrong.end());
    std::sort(moving.begin(), moving.end());
    right.resize(static_cast<Index>(moving.size()));
    for (std::size_t k = 0; k < moving.size(); ++k) {
        const Index j = moving[k];
        const bool above = w[j] != 0 ? w[j] > 0 : slope(j) < 0;
        right[static_cast<Index>(k)] = -(slope(j) + (above ? problem.lambda : -problem.lambda));
    }
    return moving;
}

/// Newton steps from w until the gap is at most `goal`, or none helps.
Optimum newton(const Problem& problem, Eigen::VectorXd w, double goal) {
    const bool l1 = problem.penalty == Penalty::l1;
    Optimum best{w, {INFINITY, -INFINITY}};
    int idle = 0;
    for (int step = 0; step < most_steps && idle < 3; ++step) {
        const Point point = point_at(problem, w);
        const double dual = dual_value(problem, point.slopes);
        // the best primal and the best dual value need not be of one point
        const bool better =
            point.value < best.bounds.primal || dual > best.bounds.dual + 1e-15 * std::abs(dual);
        if (point.value < best.bounds.primal) {
            best.w = w;
            best.bounds.primal = point.value;
        }
        best.bounds.dual = std::max(best.bounds.dual, dual);
        idle = better ? 0 : idle + 1;
        if (best.bounds.relative_gap() <= goal) break;

        Eigen::VectorXd right;
        const auto kept = static_cast<std::size_t>((w.array() != 0).count());
        const std::vector<Index> moving =
            moving_weights(problem, w, point.gradient, std::max<std::size_t>(10, kept / 2), right);
        if (moving.empty()) break;
        const Eigen::VectorXd direction = Curvature(problem, point.slopes, w, moving).solve(right);
        const auto step_to = [&](double length) {
            Eigen::VectorXd next = w;
            for (std::size_t k = 0; k < moving.size(); ++k) {
                const Index j = moving[k];
                const double moved = w[j] + length * direction[static_cast<Index>(k)];
                const bool above = w[j] != 0 ? w[j] > 0 : right[static_cast<Index>(k)] > 0;
                next[j] = l1 && (moved > 0) != above ? 0 : moved;
            }
            return next;
        };
        double length = 1;
        Eigen::VectorXd next = step_to(length);
        while (length > 1e-6 && value_at(problem, next) > point.value * (1 + 1e-14))
            next = step_to(length /= 2);
        w = next;
    }
    return best;
}

}  // namespace

Optimum polished(const Problem& problem, const Eigen::VectorXd& start) {
    if (problem.loss == Loss::hinge) return hinge_optimum(problem, start);
    if (problem.penalty == Penalty::l2 || bounds_at(problem, start).relative_gap() < 1e-2)
        return newton(problem, start, enough);
    if (problem.loss == Loss::squared) return newton(problem, lasso_descent(problem), enough);
    // far from it, along the path from the λ whose minimizer is 0
    Problem easier = problem;
    const Eigen::VectorXd zero = Eigen::VectorXd::Zero(start.size());
    easier.lambda = point_at(problem, zero).gradient.lpNorm<Eigen::Infinity>();
    Eigen::VectorXd w = zero;
    while ((easier.lambda *= 0.7) > problem.lambda) w = newton(easier, w, 1e-2).w;
    return newton(problem, w, enough);
}

}  // namespace linear
