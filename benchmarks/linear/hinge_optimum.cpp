// SPDX-License-Identifier: MIT
#include "hinge_optimum.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <numeric>
#include <vector>

#include <ermine/numerics/random.hpp>

#include "passes.hpp"

namespace linear {

namespace {

/// max over 0 <= α <= 1 of mean(α) − ½ λ ‖w‖² with w = Σ αᵢ yᵢ xᵢ / (λ n).
template <class Rows>
class HingeDual {
public:
    HingeDual(const Problem& problem, const Rows& rows)
        : problem_(problem),
          rows_(rows),
          n_(rows.examples),
          scale_(1 / (problem.lambda * static_cast<double>(n_))),
          alpha_(n_),
          squares_(n_),
          w_(Eigen::VectorXd::Zero(rows.features)) {
        for (Index i = 0; i < n_; ++i) {
            double sum = 0;
            for_row(rows_, i, [&](Index, double x) { sum += x * x; });
            squares_[i] = sum * scale_;
        }
    }

    /// What the margins at w tell of α.
    void begin(const Eigen::VectorXd& w) {
        w_ = w;
        for (Index i = 0; i < n_; ++i) {
            const double m = margin(i);
            alpha_[i] = m < 1 - 1e-5 ? 1 : m > 1 + 1e-5 ? 0 : 0.5;
        }
        rebuild();
    }

    /// Takes rounding errors out of w.
    void rebuild() {
        w_.setZero();
        for (Index i = 0; i < n_; ++i) add(w_, i, alpha_[i] * scale_);
    }

    void ascend(std::vector<Index>& examples, ermine::Random& random) {
        for (std::size_t k = examples.size(); k > 1; --k)
            std::swap(examples[k - 1], examples[random.below(k)]);
        for (const Index i : examples) {
            if (squares_[i] == 0) continue;
            const double old = alpha_[i];
            alpha_[i] = std::clamp(old + (1 - margin(i)) / squares_[i], 0.0, 1.0);
            if (alpha_[i] != old) add(w_, i, (alpha_[i] - old) * scale_);
        }
    }

    [[nodiscard]] std::vector<Index> free() const {
        std::vector<Index> inside;
        for (Index i = 0; i < n_; ++i)
            if (alpha_[i] > 0 && alpha_[i] < 1) inside.push_back(i);
        return inside;
    }

    /// Solves for the α inside that bring their margins to 1, by conjugate gradients, and goes
    /// there as far as the bounds let it.
    void solve(const std::vector<Index>& inside) {
        const auto size = static_cast<Index>(inside.size());
        if (size == 0) return;
        const auto at = [&](Index k) { return inside[static_cast<std::size_t>(k)]; };
        Eigen::VectorXd r(size);
        for (Index k = 0; k < size; ++k) r[k] = 1 - margin(at(k));
        Eigen::VectorXd step = Eigen::VectorXd::Zero(size);
        Eigen::VectorXd p = r;
        Eigen::VectorXd image(size);
        Eigen::VectorXd v(w_.size());
        double rr = r.squaredNorm();
        const double end = 1e-24 * rr;
        for (int iteration = 0; iteration < 500 && rr > end; ++iteration) {
            v.setZero();
            for (Index k = 0; k < size; ++k) add(v, at(k), p[k] * scale_);
            for (Index k = 0; k < size; ++k) image[k] = margin(at(k), v);
            const double curvature = p.dot(image);
            if (!(curvature > 1e-14 * p.squaredNorm())) break;
            step += rr / curvature * p;
            r -= rr / curvature * image;
            const double next = r.squaredNorm();
            p = r + next / rr * p;
            rr = next;
        }
        double length = 1;
        for (Index k = 0; k < size; ++k) {
            const double room = step[k] > 0 ? 1 - alpha_[at(k)] : alpha_[at(k)];
            if (std::abs(step[k]) * length > room) length = room / std::abs(step[k]);
        }
        for (Index k = 0; k < size; ++k)
            alpha_[at(k)] = std::clamp(alpha_[at(k)] + length * step[k], 0.0, 1.0);
        rebuild();
    }

    [[nodiscard]] double dual() const {
        long double sum = 0;
        for (const double a : alpha_) sum += static_cast<long double>(a);
        return static_cast<double>(sum / static_cast<long double>(n_)) -
               problem_.lambda * w_.squaredNorm() / 2;
    }

    [[nodiscard]] const Eigen::VectorXd& w() const { return w_; }

private:
    const Problem& problem_;
    const Rows& rows_;
    Index n_;
    double scale_;
    Eigen::VectorXd alpha_;
    Eigen::VectorXd squares_;
    Eigen::VectorXd w_;

    [[nodiscard]] double margin(Index i) const { return margin(i, w_); }
    [[nodiscard]] double margin(Index i, const Eigen::VectorXd& w) const {
        double sum = 0;
        for_row(rows_, i, [&](Index j, double x) { sum += x * w[j]; });
        return sum * problem_.targets()[i];
    }

    void add(Eigen::VectorXd& to, Index i, double times) const {
        if (times == 0) return;
        const double factor = times * problem_.targets()[i];
        for_row(rows_, i, [&](Index j, double x) { to[j] += factor * x; });
    }
};

}  // namespace

Optimum hinge_optimum(const Problem& problem, const Eigen::VectorXd& start) {
    Optimum best{start, {value_at(problem, start), -INFINITY}};
    std::visit(
        [&](const auto& data) {
            HingeDual dual(problem, data.rows());
            dual.begin(start);
            ermine::Random random(1);
            std::vector<Index> all(static_cast<std::size_t>(data.examples()));
            std::iota(all.begin(), all.end(), Index{0});
            for (int round = 0; round < 300; ++round) {
                dual.ascend(all, random);
                std::vector<Index> inside = dual.free();
                for (int k = 0; k < 10; ++k) dual.ascend(inside, random);
                for (int k = 0; k < 5; ++k) dual.solve(dual.free());
                const double value = value_at(problem, dual.w());
                if (value < best.bounds.primal) {
                    best.w = dual.w();
                    best.bounds.primal = value;
                }
                best.bounds.dual = std::max(best.bounds.dual, dual.dual());
                if (best.bounds.relative_gap() <= 1e-13) break;
                if (std::getenv("ERMINE_TRACE") != nullptr)
                    std::fprintf(stderr, "%d: %zu inside, gap %.2e\n", round, dual.free().size(),
                                 best.bounds.relative_gap());
            }
        },
        problem.data);
    return best;
}

}  // namespace linear
