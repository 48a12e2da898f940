// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/quasi_definite.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace ermine {

/// The Hessian B that limited-memory BFGS updates make of θ I, θ = yᵀy / sᵀy, with the last pairs
/// s = x⁺ − x, y = ∇f⁺ − ∇f, in the compact form B = θ I − W M Wᵀ with W = [Y θS] and
/// M⁻¹ = [−D Lᵀ; L θSᵀS], where D + L is the lower triangle of SᵀY (Byrd, Nocedal & Schnabel 1994,
/// eq. 3.5; Byrd, Lu, Nocedal & Zhu 1995, eqs. 3.2–3.4). Unlike two loops it gives products with B
/// in a subspace, and solves there. Pairs are kept at ‖s‖ = 1, which changes nothing but rounding.
/// Small vectors have room for 2 · memory numbers, of which the first `size()` count.
template <class V>
class CompactBFGS {
public:
    using Scalar = typename V::Scalar;
    using Small = Eigen::VectorXd;

    CompactBFGS(Index n, Index memory)
        : memory_(memory),
          s_(Columns::Zero(n, memory)),
          y_(Columns::Zero(n, memory)),
          ss_(Eigen::MatrixXd::Zero(memory, memory)),
          sy_(ss_),
          yy_(ss_),
          free_ss_(ss_),
          free_sy_(ss_),
          free_yy_(ss_),
          middle_(2 * memory),
          inner_(2 * memory),
          work_(Small::Zero(2 * memory)) {}

    /// 2 · the number of pairs.
    Index size() const { return 2 * known_; }
    double theta() const { return theta_; }

    /// Forgets all pairs: B = I. False if there were none.
    bool forget() {
        const bool some = known_ > 0;
        known_ = next_ = 0;
        theta_ = 1;
        return some;
    }

    /// Takes a pair in, in the place of the oldest if there is no more room. One without positive
    /// curvature, to rounding, is left out.
    void update(const auto& s, const auto& y) {
        const double length = std::sqrt(dot(s, s));
        const double curvature = dot(s, y);
        const double squared = dot(y, y);
        constexpr double noise = std::numeric_limits<Scalar>::epsilon();
        if (!(curvature > noise * std::sqrt(squared) * length) || !std::isfinite(squared)) return;
        const Index j = next_;
        s_.col(j) = s / static_cast<Scalar>(length);
        y_.col(j) = y / static_cast<Scalar>(length);
        next_ = next_ + 1 == memory_ ? 0 : next_ + 1;
        known_ = std::min(known_ + 1, memory_);
        theta_ = squared / curvature;
        for (Index i = 0; i < known_; ++i) {
            ss_(i, j) = ss_(j, i) = dot(s_.col(i), s_.col(j));
            yy_(i, j) = yy_(j, i) = dot(y_.col(i), y_.col(j));
            sy_(i, j) = dot(s_.col(i), y_.col(j));
            sy_(j, i) = dot(s_.col(j), y_.col(i));
        }
        write_middle(middle_.lower(), 0);
        if (!middle_.factor(size(), known_)) forget();
    }

    /// v ← M v.
    void middle(Small& v) const { middle_.solve(v); }

    /// w ← row i of W.
    void row(Index i, Small& w) const {
        for (Index k = 0; k < known_; ++k) {
            w[k] = static_cast<double>(y_(i, slot(k)));
            w[known_ + k] = theta_ * static_cast<double>(s_(i, slot(k)));
        }
    }

    /// v ← Wᵀ d.
    void gather(const V& d, Small& v) const {
        for (Index k = 0; k < known_; ++k) {
            v[k] = dot(y_.col(slot(k)), d);
            v[known_ + k] = theta_ * dot(s_.col(slot(k)), d);
        }
    }

    /// d ← d + W v.
    void spread(const Small& v, V& d) const {
        for (Index k = 0; k < known_; ++k) {
            d += static_cast<Scalar>(v[k]) * y_.col(slot(k));
            d += static_cast<Scalar>(theta_ * v[known_ + k]) * s_.col(slot(k));
        }
    }

    /// Solves B u = r in the subspace of the numbers i with free[i] = 1 (otherwise 0), where r must
    /// be 0 outside, in place (Byrd et al. 1995, eq. 5.11); false where rounding prevents it.
    bool solve(const V& free, V& r) {
        if (known_ > 0) {
            measure(free);
            write_middle(inner_.lower(), 1);
            if (!inner_.factor(size(), known_)) return false;
            gather(r, work_);
            inner_.solve(work_);
            work_ /= theta_;
            spread(work_, r);
            r = r.cwiseProduct(free);
        }
        r /= static_cast<Scalar>(theta_);
        return true;
    }

    auto fields() { return std::tie(known_, next_, theta_, s_, y_, ss_, sy_, yy_); }
    void resumed() {
        if (known_ == 0) return;
        write_middle(middle_.lower(), 0);
        middle_.factor(size(), known_);
    }

private:
    using Columns = Eigen::Matrix<Scalar, V::RowsAtCompileTime, Eigen::Dynamic>;

    /// Where the k-th oldest pair is.
    Index slot(Index k) const {
        return known_ < memory_ ? k : (next_ + k < memory_ ? next_ + k : next_ + k - memory_);
    }

    /// Writes M⁻¹ − share · W_FᵀW_F / θ, with share 0 or 1.
    void write_middle(Eigen::MatrixXd& m, double share) const {
        for (Index a = 0; a < known_; ++a) {
            for (Index b = 0; b <= a; ++b) {
                const Index i = slot(a);
                const Index j = slot(b);
                m(a, b) = (a == b ? -sy_(i, i) : 0) - share * free_yy_(i, j) / theta_;
                m(known_ + a, known_ + b) = theta_ * (ss_(i, j) - share * free_ss_(i, j));
            }
            for (Index b = 0; b < known_; ++b) {
                const Index i = slot(a);
                const Index j = slot(b);
                m(known_ + a, b) = (a > b ? sy_(i, j) : 0) - share * free_sy_(i, j);
            }
        }
    }

    /// The inner products over the free numbers, from the smaller of both sets.
    void measure(const V& free) {
        const auto count = static_cast<Index>(std::lround(static_cast<double>(free.sum())));
        const bool others = 2 * count > free.size();
        for (auto* m : {&free_ss_, &free_sy_, &free_yy_})
            m->topLeftCorner(known_, known_).setZero();
        for (Index i = 0; i < free.size(); ++i) {
            if ((free[i] == 0) != others) continue;
            for (Index b = 0; b < known_; ++b) {
                const auto s = static_cast<double>(s_(i, b));
                const auto y = static_cast<double>(y_(i, b));
                for (Index a = 0; a < known_; ++a) {
                    free_ss_(a, b) += static_cast<double>(s_(i, a)) * s;
                    free_sy_(a, b) += static_cast<double>(s_(i, a)) * y;
                    free_yy_(a, b) += static_cast<double>(y_(i, a)) * y;
                }
            }
        }
        if (others) {
            const auto rest = [&](Eigen::MatrixXd& part, const Eigen::MatrixXd& all) {
                part.topLeftCorner(known_, known_) =
                    all.topLeftCorner(known_, known_) - part.topLeftCorner(known_, known_);
            };
            rest(free_ss_, ss_);
            rest(free_sy_, sy_);
            rest(free_yy_, yy_);
        }
    }

    static double dot(const auto& a, const auto& b) { return static_cast<double>(a.dot(b)); }

    Index memory_;
    Index known_ = 0;
    Index next_ = 0;
    double theta_ = 1;
    Columns s_;
    Columns y_;
    Eigen::MatrixXd ss_, sy_, yy_;                 // inner products, sy(i, j) = sᵢᵀyⱼ
    Eigen::MatrixXd free_ss_, free_sy_, free_yy_;  // over the free numbers alone
    QuasiDefinite middle_;                         // M⁻¹
    QuasiDefinite inner_;                          // of the subspace
    Small work_;
};

}  // namespace ermine
