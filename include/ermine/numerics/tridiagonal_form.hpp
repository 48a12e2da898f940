// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/stretches.hpp>

namespace ermine {

/// A = Q T Qᵀ for a symmetric A, with T tridiagonal and Q a product of Householder's reflections
/// (Golub & Van Loan 2013, algorithm 8.3.1), which is never formed: a function of A is applied to a
/// vector by that of T, Q f(T) Qᵀ v. Eigen's SelfAdjointEigenSolver forms Q and the eigenvectors,
/// which costs several times as much, allocates, and takes seven seconds to compile.
template <std::floating_point Scalar>
class TridiagonalForm {
public:
    using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
    using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

    explicit TridiagonalForm(Index n)
        : a_(n, n),
          diagonal_(n),
          off_diagonal_(n > 0 ? n - 1 : 0),
          weight_(off_diagonal_.size()),
          work_(n) {}

    /// Reduces A, of which both triangles are read; 2 n³ operations.
    template <class Derived>
    void compute(const Eigen::MatrixBase<Derived>& matrix) {
        a_ = matrix;
        const Index n = a_.rows();
        for (Index k = 0; k + 1 < n; ++k) {
            diagonal_[k] = a_(k, k);
            const Index left = n - k - 1;
            Scalar* const v = &a_(k + 1, k);
            weight_[k] = reflect(left, v, off_diagonal_[k]);
            if (weight_[k] == 0) continue;
            // (I − τ v vᵀ) B (I − τ v vᵀ) = B − v wᵀ − w vᵀ with p = τ B v, w = p − ½ τ (pᵀ v) v
            Scalar* const w = work_.data();
            for (Index i = 0; i < left; ++i) w[i] = 0;
            for (Index j = 0; j < left; ++j)
                add_multiple(left, weight_[k] * v[j], &a_(k + 1, k + 1 + j), w);
            add_multiple(left, -weight_[k] / 2 * dot_product(left, w, v), v, w);
            for (Index j = 0; j < left; ++j) {
                add_multiple(left, -w[j], v, &a_(k + 1, k + 1 + j));
                add_multiple(left, -v[j], w, &a_(k + 1, k + 1 + j));
            }
        }
        if (n > 0) diagonal_[n - 1] = a_(n - 1, n - 1);
    }

    [[nodiscard]] const Vector& diagonal() const { return diagonal_; }
    [[nodiscard]] const Vector& off_diagonal() const { return off_diagonal_; }

    /// v ← Qᵀ v.
    void to_form(Vector& v) const {
        for (Index k = 0; k < weight_.size(); ++k) apply(k, v);
    }

    /// v ← Q v.
    void from_form(Vector& v) const {
        for (Index k = weight_.size() - 1; k >= 0; --k) apply(k, v);
    }

private:
    /// Replaces v by the vector of the reflection I − τ v vᵀ that takes it to `image` e₁; returns
    /// τ, 0 where there is nothing to do.
    static Scalar reflect(Index size, Scalar* v, Scalar& image) {
        image = v[0];
        Scalar largest = 0;
        for (Index i = 1; i < size; ++i) largest = std::max(largest, std::abs(v[i]));
        if (largest == 0) return 0;
        largest = std::max(largest, std::abs(v[0]));
        for (Index i = 0; i < size; ++i) v[i] /= largest;
        const Scalar norm = std::sqrt(dot_product(size, v, v));
        const Scalar end = v[0] > 0 ? -norm : norm;
        image = end * largest;
        v[0] -= end;
        return 2 / dot_product(size, v, v);
    }

    void apply(Index k, Vector& v) const {
        const Index left = v.size() - k - 1;
        const Scalar* const axis = &a_(k + 1, k);
        Scalar* const part = v.data() + k + 1;
        add_multiple(left, -weight_[k] * dot_product(left, axis, part), axis, part);
    }

    Matrix a_;  // the vector of reflection k below the diagonal of column k
    Vector diagonal_;
    Vector off_diagonal_;
    Vector weight_;
    Vector work_;
};

}  // namespace ermine
