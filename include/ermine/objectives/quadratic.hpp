// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace ermine {

/// f(x) = ½ xᵀA x − bᵀx with a symmetric matrix A, definite or not. Where A is positive definite
/// the minimum is at A⁻¹ b. It knows its constants: L = max |λ(A)|, μ = max(0, min λ(A)).
template <class V>
class Quadratic {
public:
    using Matrix = SquareMatrix<V>;

    /// Throws std::invalid_argument if the shapes disagree or A is not symmetric and finite.
    Quadratic(Matrix a, V b) : a_(std::move(a)), b_(std::move(b)) {
        if (a_.rows() != a_.cols() || a_.rows() != b_.size())
            throw std::invalid_argument("Quadratic: A is " + std::to_string(a_.rows()) + " x " +
                                        std::to_string(a_.cols()) + ", b has length " +
                                        std::to_string(b_.size()));
        if (!a_.allFinite() || !b_.allFinite() || a_ != a_.transpose())
            throw std::invalid_argument("Quadratic: A must be symmetric, A and b finite");
    }

    const Matrix& matrix() const { return a_; }

    double value(const V& x) const {
        return static_cast<double>(x.dot(a_ * x)) / 2 - static_cast<double>(b_.dot(x));
    }

    double value_and_gradient(const V& x, V& g) const {
        g.noalias() = a_ * x;
        const double value = static_cast<double>(x.dot(g)) / 2 - static_cast<double>(b_.dot(x));
        g -= b_;
        return value;
    }

    void hessian(const V&, Matrix& H) const { H = a_; }

    void hessian_product(const V&, const V& v, V& Hv) const { Hv.noalias() = a_ * v; }

    double smoothness() const { return eigenvalues().cwiseAbs().maxCoeff(); }

    double strong_convexity() const { return std::max(0.0, eigenvalues().minCoeff()); }

private:
    Eigen::VectorXd eigenvalues() const {
        return a_.template cast<double>().template selfadjointView<Eigen::Lower>().eigenvalues();
    }

    Matrix a_;
    V b_;
};

template <class M, class B>
Quadratic(const Eigen::MatrixBase<M>&, const Eigen::MatrixBase<B>&)
    -> Quadratic<typename B::PlainObject>;

}  // namespace ermine
