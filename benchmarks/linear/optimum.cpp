// SPDX-License-Identifier: MIT
#include "optimum.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>

#include "hinge_optimum.hpp"
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

}  // namespace

Optimum polished(const Problem& problem, const Eigen::VectorXd& start) {
    if (problem.loss == Loss::hinge) return hinge_optimum(problem, start);
    const bool l1 = problem.penalty == Penalty::l1;
    Eigen::VectorXd w = start;
    Optimum best{w, {INFINITY, -INFINITY}};
    int idle = 0;
    for (int step = 0; step < most_steps && idle < 3; ++step) {
        Point point = point_at(problem, w);
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
        if (best.bounds.relative_gap() <= enough) break;

        std::vector<Index> moving;
        Eigen::VectorXd right(w.size());
        for (Index j = 0; j < w.size(); ++j) {
            const double g = point.gradient.data()[j];
            if (!l1) {
                right[j] = -(g + problem.lambda * w[j]);
                moving.push_back(j);
            } else if (w[j] != 0 || std::abs(g) > problem.lambda) {
                const bool above = w[j] != 0 ? w[j] > 0 : g < 0;
                right[static_cast<Index>(moving.size())] =
                    -(g + (above ? problem.lambda : -problem.lambda));
                moving.push_back(j);
            }
        }
        right.conservativeResize(static_cast<Index>(moving.size()));
        if (moving.empty()) break;
        const Eigen::VectorXd direction = Curvature(problem, point.slopes, w, moving).solve(right);
        Eigen::VectorXd next = w;
        for (double length = 1; length > 1e-6; length /= 2) {
            for (std::size_t k = 0; k < moving.size(); ++k) {
                const Index j = moving[k];
                const double moved = w[j] + length * direction[static_cast<Index>(k)];
                const bool above = w[j] != 0 ? w[j] > 0 : right[static_cast<Index>(k)] > 0;
                next[j] = l1 && (moved > 0) != above ? 0 : moved;
            }
            if (value_at(problem, next) <= point.value * (1 + 1e-14)) break;
        }
        w = next;
    }
    return best;
}

}  // namespace linear
