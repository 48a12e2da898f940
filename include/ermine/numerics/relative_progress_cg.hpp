// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <vector>

namespace ermine {

/// Conjugate gradients on φ(p) = gᵀp + ½ pᵀBp, B positive definite, until φ falls no faster than it
/// is worth: after iteration i > k where φᵢ < 0 and (φᵢ − φᵢ₋ₖ) / φᵢ < k ε, k = max(10, i / 10)
/// (Martens, "Deep learning via Hessian-free optimization", ICML 2010, section 4.4: the size of the
/// residual says little about φ). Some iterates on the way are kept, the last eight of those of the
/// numbers ⌈1.3ʲ⌉ and the last of all (section 4.6), for whom the function is not as φ.
template <Vector V>
class RelativeProgressCG {
public:
    static constexpr Index most_kept = 8;

    /// For n variables and at most `most` iterations.
    RelativeProgressCG(Index n, Index most)
        : residual_(V::Zero(n)),
          direction_(residual_),
          product_(residual_),
          kept_(static_cast<std::size_t>(most_kept), residual_),
          values_(static_cast<std::size_t>(most + 1)) {}

    /// Begins at p, if φ(p) < 0, otherwise at 0, and leaves the last iterate in p. apply(v, Bv)
    /// fills Bv. False if a number was not finite.
    template <std::invocable<const V&, V&> Operator>
    bool solve(const Operator& apply, const V& g, double epsilon, V& p) {
        using Scalar = typename V::Scalar;
        products_ = 0;
        count_ = 0;
        double value = begin(apply, g, p);
        double square = squares(residual_);
        if (!std::isfinite(value) || !std::isfinite(square)) return false;
        values_[0] = value;
        const double floor = square * 1e-30;
        double next_kept = 1;
        Index kept_at = -1;
        Index i = 0;
        const auto most = static_cast<Index>(values_.size()) - 1;
        direction_ = -residual_;
        while (i < most && square > floor) {
            apply(direction_, product_);
            ++products_;
            const auto bend = static_cast<double>(direction_.dot(product_));
            if (!std::isfinite(bend)) return false;
            if (!(bend > 0)) break;  // by rounding: B is positive definite
            const double along = square / bend;
            p += static_cast<Scalar>(along) * direction_;
            residual_ += static_cast<Scalar>(along) * product_;
            value -= along * square / 2;
            values_[static_cast<std::size_t>(++i)] = value;
            if (static_cast<double>(i) >= next_kept) {
                keep(p, value);
                kept_at = i;
                next_kept = std::ceil(next_kept * 1.3);
            }
            const Index k = std::max<Index>(10, i / 10);
            if (i > k && value < 0) {
                const double earlier = values_[static_cast<std::size_t>(i - k)];
                if (!((value - earlier) / value > static_cast<double>(k) * epsilon)) break;
            }
            const double next = squares(residual_);
            direction_ = static_cast<Scalar>(next / square) * direction_ - residual_;
            square = next;
        }
        if (kept_at != i && value < 0) keep(p, value);
        return true;
    }

    /// Products with B that the last call took.
    [[nodiscard]] Index products() const { return products_; }
    /// How many iterates are kept; none where g = 0.
    [[nodiscard]] Index kept() const { return std::min(count_, most_kept); }
    /// Number 0 is the last, ...
    [[nodiscard]] const V& iterate(Index number) const { return kept_[place(number)]; }
    /// ... and φ there.
    [[nodiscard]] double value(Index number) const { return kept_values_[place(number)]; }

private:
    static double squares(const V& v) { return static_cast<double>(v.squaredNorm()); }

    double begin(const auto& apply, const V& g, V& p) {
        if (squares(p) > 0) {
            apply(p, product_);
            ++products_;
            residual_ = product_ + g;
            const double value = static_cast<double>(p.dot(residual_) + p.dot(g)) / 2;
            if (value < 0) return value;
            p.setZero();
        }
        residual_ = g;
        return 0;
    }

    void keep(const V& p, double value) {
        ++count_;
        kept_[place(0)] = p;
        kept_values_[place(0)] = value;
    }

    [[nodiscard]] std::size_t place(Index number) const {
        return static_cast<std::size_t>((count_ - 1 - number) % most_kept);
    }

    V residual_;
    V direction_;
    V product_;
    std::vector<V> kept_;
    double kept_values_[most_kept] = {};
    std::vector<double> values_;
    Index products_ = 0;
    Index count_ = 0;
};

}  // namespace ermine
