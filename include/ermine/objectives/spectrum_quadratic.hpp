// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/require_same_size.hpp>
#include <ermine/numerics/scratch.hpp>

namespace ermine {

/// n numbers from `smallest` to `largest` in equal ratios.
/// Throws std::invalid_argument unless both are positive and finite.
inline Eigen::VectorXd log_spectrum(Index n, double smallest, double largest) {
    require_positive(smallest, "log_spectrum: smallest");
    require_positive(largest, "log_spectrum: largest");
    Eigen::VectorXd spectrum(n);
    for (Index i = 0; i < n; ++i) {
        const double part = n == 1 ? 1 : static_cast<double>(i) / static_cast<double>(n - 1);
        spectrum[i] = std::exp(std::log(smallest) * (1 - part) + std::log(largest) * part);
    }
    if (n > 0) spectrum[n - 1] = largest;
    if (n > 1) spectrum[0] = smallest;
    return spectrum;
}

/// ½ (x − c)ᵀ Q Λ Qᵀ (x − c): the quadratic of given eigenvalues Λ, with an orthonormal basis Q
/// drawn uniformly from a seed (Stewart, "The efficient generation of random orthogonal matrices",
/// SIAM J. Numer. Anal. 17, 1980). With all Λ > 0 its only minimum is 0 at the center c; with k
/// negative ones c is a saddle point of index k.
///
///     SpectrumQuadratic f(log_spectrum(100, 1, 1e12));
///     minimize(f, f.start(), lbfgs())    // f.minimum() is the answer
///
/// Value and gradient are computed from Q and Λ, so that even at condition numbers where the
/// rounding of the matrix QΛQᵀ exceeds the smallest eigenvalues, value and gradient are those of
/// the spectrum, relative errors of some n ε in each eigenvalue aside. Nothing is allocated after
/// the constructor, but evaluations write to memory of the object: one thread at a time.
template <Vector V = Eigen::VectorXd>
class SpectrumQuadratic {
public:
    using Matrix = SquareMatrix<V>;

    /// The center is drawn from the seed, too: independent standard normal numbers.
    explicit SpectrumQuadratic(const V& eigenvalues, std::uint64_t seed = 1)
        : SpectrumQuadratic(eigenvalues, seed, normal(eigenvalues.size(), seed)) {}

    /// Throws std::invalid_argument where eigenvalues and center differ in size or are not finite.
    SpectrumQuadratic(V eigenvalues, std::uint64_t seed, V center)
        : eigenvalues_(std::move(eigenvalues)), center_(std::move(center)) {
        const Index n = eigenvalues_.size();
        require_same_size(n, "eigenvalues", center_.size(), "numbers in the center");
        if (n == 0) throw std::invalid_argument("SpectrumQuadratic: there are no eigenvalues");
        if (!eigenvalues_.allFinite() || !center_.allFinite())
            throw std::invalid_argument(
                "SpectrumQuadratic: an eigenvalue or a number of the center is not finite");
        Random random{seed + 1};
        Eigen::MatrixXd noise(n, n);
        for (Index j = 0; j < n; ++j)
            for (Index i = 0; i < n; ++i) noise(i, j) = random.normal();
        const Eigen::HouseholderQR<Eigen::MatrixXd> qr(noise);
        Eigen::MatrixXd q = qr.householderQ();
        for (Index j = 0; j < n; ++j)  // the signs that make the distribution uniform
            if (qr.matrixQR()(j, j) < 0) q.col(j) *= -1;
        const Eigen::MatrixXd a =
            q * eigenvalues_.template cast<double>().asDiagonal() * q.transpose();
        matrix_ = ((a + a.transpose()) / 2).template cast<typename V::Scalar>();
        basis_ = q.template cast<typename V::Scalar>();
    }

    /// The center, where the gradient vanishes and the value is 0: the minimum where no eigenvalue
    /// is negative.
    [[nodiscard]] const V& center() const { return center_; }
    [[nodiscard]] const V& minimum() const { return center_; }

    /// 0, the usual start for a center that was drawn.
    [[nodiscard]] V start() const { return V::Zero(center_.size()); }

    [[nodiscard]] const V& eigenvalues() const { return eigenvalues_; }

    /// Q, whose columns are the eigenvectors, in the order of the eigenvalues.
    [[nodiscard]] const Matrix& basis() const { return basis_; }

    /// QΛQᵀ, symmetric to the last bit.
    [[nodiscard]] const Matrix& matrix() const { return matrix_; }

    double value(const V& x) const {
        const V& z = coordinates(x);
        return 0.5 * static_cast<double>(z.cwiseAbs2().dot(eigenvalues_));
    }

    double value_and_gradient(const V& x, V& g) const {
        const V& z = coordinates(x);
        scratch_->scaled = z.cwiseProduct(eigenvalues_);
        g.noalias() = basis_ * scratch_->scaled;
        return 0.5 * static_cast<double>(z.dot(scratch_->scaled));
    }

    void hessian(const V&, Matrix& H) const { H = matrix_; }

    void hessian_product(const V&, const V& v, V& Hv) const {
        require_same_size(center_.size(), "variables", v.size(), "numbers in v");
        scratch_->z.noalias() = basis_.transpose() * v;
        scratch_->scaled = scratch_->z.cwiseProduct(eigenvalues_);
        Hv.noalias() = basis_ * scratch_->scaled;
    }

    /// The largest |λ|, rounded up.
    [[nodiscard]] double smoothness() const {
        return static_cast<double>(eigenvalues_.cwiseAbs().maxCoeff()) * (1 + rounding());
    }

    /// The smallest λ, rounded down; 0 where one is negative.
    [[nodiscard]] double strong_convexity() const {
        return std::max(0.0, static_cast<double>(eigenvalues_.minCoeff()) * (1 - rounding()));
    }

private:
    using Scalar = typename V::Scalar;

    struct Memory {
        V z;
        V scaled;
    };

    const V& coordinates(const V& x) const {
        require_same_size(center_.size(), "variables", x.size(), "numbers in x");
        scratch_->scaled = x - center_;
        scratch_->z.noalias() = basis_.transpose() * scratch_->scaled;
        return scratch_->z;
    }

    static V normal(Index n, std::uint64_t seed) {
        Random random{seed};
        V center(n);
        for (Index i = 0; i < n; ++i) center[i] = static_cast<Scalar>(random.normal());
        return center;
    }

    /// What Q is wrong by, times the two sides that it stands on.
    [[nodiscard]] double rounding() const {
        return 16 * static_cast<double>(center_.size()) *
               double{std::numeric_limits<Scalar>::epsilon()};
    }

    V eigenvalues_;
    V center_;
    Matrix basis_;
    Matrix matrix_;
    Scratch<Memory> scratch_;
};

}  // namespace ermine
