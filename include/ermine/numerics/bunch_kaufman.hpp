// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/stretches.hpp>

namespace ermine {

/// P A Pᵀ = L D Lᵀ of a symmetric indefinite A, with D of 1 × 1 and 2 × 2 blocks and rook pivoting:
/// backward stable with bounded L (Bunch & Kaufman 1977; Ashcraft, Grimes & Lewis 1998; Higham
/// 2002, algorithm 11.5). Eigen's LDLT takes its pivots from the diagonal alone, which fails on
/// [0 1; 1 0]. By Sylvester's law of inertia D has as many negative eigenvalues as A.
template <std::floating_point Scalar>
class BunchKaufman {
public:
    using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
    using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

    explicit BunchKaufman(Index n)
        : a_(n, n), work_(n), origin_(static_cast<std::size_t>(n)), block_(origin_.size()) {}

    /// Factors A, of which both triangles are read; 2 n³ / 3 operations.
    template <class Derived>
    void compute(const Eigen::MatrixBase<Derived>& matrix) {
        a_ = matrix;
        const Index n = a_.rows();
        Scalar largest = 0;
        for (Index j = 0; j < n; ++j) largest = std::max(largest, largest_off(j, 0).first);
        for (Index i = 0; i < n; ++i) largest = std::max(largest, std::abs(a_(i, i)));
        noise_ = static_cast<Scalar>(n) * std::numeric_limits<Scalar>::epsilon() * largest;
        negative_ = 0;
        for (Index i = 0; i < n; ++i) origin_[at(i)] = i;
        for (Index k = 0; k < n; k += block_[at(k)]) {
            block_[at(k)] = choose_pivot(k);
            if (block_[at(k)] == 1)
                eliminate_one(k);
            else
                eliminate_two(k);
        }
    }

    /// How many eigenvalues of A are negative, beyond what rounding makes of zero.
    [[nodiscard]] Index negative_eigenvalues() const { return negative_; }

    /// Replaces v by the solution of A x = v. Along a pivot of exactly zero, where A is singular,
    /// it does not go.
    template <class V>
    void solve_in_place(V& v) {
        const Index n = a_.rows();
        for (Index i = 0; i < n; ++i) work_[i] = v[origin_[at(i)]];
        for (Index k = 0; k < n; k += block_[at(k)]) {
            const Index next = k + block_[at(k)];
            for (Index j = k; j < next; ++j)
                add_multiple(n - next, -work_[j], &a_(0, j) + next, work_.data() + next);
        }
        for (Index k = 0; k < n; k += block_[at(k)]) {
            if (block_[at(k)] == 1) {
                work_[k] = a_(k, k) == 0 ? Scalar{0} : work_[k] / a_(k, k);
            } else {
                const auto [x, y] = solve_block(k, work_[k], work_[k + 1]);
                work_[k] = x;
                work_[k + 1] = y;
            }
        }
        for (Index j = n - 1; j >= 0; --j) {
            const Index next = j + (is_second(j) || block_[at(j)] == 1 ? 1 : 2);
            work_[j] -= dot_product(n - next, &a_(0, j) + next, work_.data() + next);
        }
        for (Index i = 0; i < n; ++i) v[origin_[at(i)]] = work_[i];
    }

private:
    static std::size_t at(Index i) { return static_cast<std::size_t>(i); }

    [[nodiscard]] bool is_second(Index j) const { return block_[at(j)] == 0; }

    /// The largest entry of column j off the diagonal, in what is left from k on, and its row.
    [[nodiscard]] std::pair<Scalar, Index> largest_off(Index j, Index k) const {
        Scalar largest = 0;
        Index row = j;
        for (Index i = k; i < a_.rows(); ++i)
            if (i != j && std::abs(a_(i, j)) > largest) {
                largest = std::abs(a_(i, j));
                row = i;
            }
        return {largest, row};
    }

    /// Brings a pivot to k, and says whether it is one number or a block of 2 × 2. It must be at
    /// least α times as large as what stands beside it.
    Index choose_pivot(Index k) {
        const Scalar alpha = (1 + std::sqrt(Scalar{17})) / 8;
        Index i = k;
        auto [beside, row] = largest_off(i, k);
        while (std::abs(a_(i, i)) < alpha * beside) {
            const auto [other, next] = largest_off(row, k);
            if (std::abs(a_(row, row)) >= alpha * other) {
                i = row;
                break;
            }
            if (other <= beside) {  // the largest of its row and of its column
                exchange(k, i);
                exchange(k + 1, row == k ? i : row);
                block_[at(k + 1)] = 0;
                return 2;
            }
            i = row;
            beside = other;
            row = next;
        }
        exchange(k, i);
        return 1;
    }

    void exchange(Index p, Index q) {
        if (p == q) return;
        for (Index i = 0; i < a_.rows(); ++i) std::swap(a_(p, i), a_(q, i));
        for (Index i = 0; i < a_.rows(); ++i) std::swap(a_(i, p), a_(i, q));
        std::swap(origin_[at(p)], origin_[at(q)]);
    }

    /// Row k keeps what column k was: L takes the place of the column.
    void eliminate_one(Index k) {
        const Scalar pivot = a_(k, k);
        negative_ += pivot < -noise_;
        const Index n = a_.rows();
        for (Index i = k + 1; i < n; ++i)  // a pivot of zero has a column of zeros
            a_(i, k) = pivot == 0 ? Scalar{0} : a_(i, k) / pivot;
        for (Index j = k + 1; j < n; ++j)
            add_multiple(n - k - 1, -a_(k, j), &a_(0, k) + k + 1, &a_(0, j) + k + 1);
    }

    void eliminate_two(Index k) {
        const Scalar mean = (a_(k, k) + a_(k + 1, k + 1)) / 2;
        const Scalar apart = (a_(k, k) - a_(k + 1, k + 1)) / 2;
        negative_ += mean - std::hypot(apart, a_(k + 1, k)) < -noise_;
        const Index n = a_.rows();
        for (Index i = k + 2; i < n; ++i) {
            const auto [x, y] = solve_block(k, a_(i, k), a_(i, k + 1));
            a_(i, k) = x;
            a_(i, k + 1) = y;
        }
        for (Index j = k + 2; j < n; ++j)
            for (Index of = k; of < k + 2; ++of)
                add_multiple(n - k - 2, -a_(of, j), &a_(0, of) + k + 2, &a_(0, j) + k + 2);
    }

    /// The solution of the 2 × 2 system at k, in numbers relative to its entry off the diagonal,
    /// which is the largest.
    [[nodiscard]] std::pair<Scalar, Scalar> solve_block(Index k, Scalar x, Scalar y) const {
        const Scalar b = a_(k + 1, k);
        const Scalar first = a_(k, k) / b;
        const Scalar second = a_(k + 1, k + 1) / b;
        const Scalar scale = 1 / ((first * second - 1) * b);
        return {(second * x - y) * scale, (first * y - x) * scale};
    }

    Matrix a_;
    Vector work_;
    std::vector<Index> origin_;  // where entry i of the permuted system comes from
    std::vector<Index> block_;   // the size of the pivot block that begins at i, or 0
    Scalar noise_ = 0;
    Index negative_ = 0;
};

}  // namespace ermine
