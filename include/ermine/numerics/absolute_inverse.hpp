// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/implicit_qr.hpp>

namespace ermine {

/// |T|⁻¹ for a symmetric tridiagonal T, its eigenvalues θ replaced by
/// max(|θ|, floor · max|θ|) + damping. The eigenvalues are found by the implicit QR method with
/// Wilkinson's shift (Golub & Van Loan 2013, algorithms 8.3.2 and 8.3.3); the eigenvectors stay
/// a product of rotations, which is applied to the vector: O(n²) in all.
template <std::floating_point Scalar>
class AbsoluteInverse {
public:
    using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

    explicit AbsoluteInverse(Index n) : values_(n), off_(n) {
        // about 0.9 n² are needed, more than n² for small n
        rotations_.reserve(static_cast<std::size_t>(n * (n + n / 2 + 32)));
    }

    /// Decomposes T, given its diagonal and the n − 1 numbers beside it; false where it is not
    /// finite.
    bool compute(const Vector& diagonal, const Vector& off_diagonal) {
        const Index n = diagonal.size();
        rotations_.clear();
        values_ = diagonal;
        for (Index i = 0; i + 1 < n; ++i) off_[i] = off_diagonal[i];
        if (!implicit_qr(values_, off_,
                         [this](const PlaneRotation<Scalar>& r) { rotations_.push_back(r); }))
            return false;
        largest_ = 0;
        smallest_ = std::numeric_limits<Scalar>::infinity();
        for (Index i = 0; i < n; ++i) {
            if (!std::isfinite(values_[i])) return false;
            largest_ = std::max(largest_, std::abs(values_[i]));
            smallest_ = std::min(smallest_, std::abs(values_[i]));
        }
        return true;
    }

    /// v ← |T|⁻¹ v. Where T = 0, each eigenvalue counts as 1.
    void solve_in_place(Vector& v, double floor, double damping) const {
        const Scalar least = static_cast<Scalar>(std::max(floor, rounding())) * largest_;
        for (const PlaneRotation<Scalar>& r : rotations_) {
            const Scalar x = v[r.at];
            v[r.at] = r.c * x - r.s * v[r.at + 1];
            v[r.at + 1] = r.s * x + r.c * v[r.at + 1];
        }
        for (Index i = 0; i < v.size(); ++i)
            v[i] /= (largest_ > 0 ? std::max(std::abs(values_[i]), least) : Scalar{1}) +
                    static_cast<Scalar>(damping);
        for (auto r = rotations_.rbegin(); r != rotations_.rend(); ++r) {
            const Scalar x = v[r->at];
            v[r->at] = r->c * x + r->s * v[r->at + 1];
            v[r->at + 1] = r->c * v[r->at + 1] - r->s * x;
        }
    }

    /// The eigenvalues of T, in no order.
    [[nodiscard]] const Vector& eigenvalues() const { return values_; }

    /// How many eigenvalues of T are negative, beyond what rounding makes of zero.
    [[nodiscard]] Index negative_eigenvalues() const {
        const Scalar noise = static_cast<Scalar>(rounding()) * largest_;
        return std::count_if(values_.data(), values_.data() + values_.size(),
                             [&](Scalar value) { return value < -noise; });
    }

    /// max|θ| / min|θ|, infinite for a singular T.
    [[nodiscard]] double condition_number() const {
        return static_cast<double>(largest_) / static_cast<double>(smallest_);
    }

private:
    /// What eigenvalues may be wrong by, in units of the largest.
    [[nodiscard]] double rounding() const {
        return static_cast<double>(values_.size()) *
               static_cast<double>(std::numeric_limits<Scalar>::epsilon());
    }

    Vector values_;
    Vector off_;
    std::vector<PlaneRotation<Scalar>> rotations_;
    Scalar largest_ = 0;
    Scalar smallest_ = 0;
};

}  // namespace ermine
