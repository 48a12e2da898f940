// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// ½ xᵀ A x − bᵀ x + c with A symmetric, for vectors of type V. Where A is positive definite its
/// only minimum solves A x = b; an indefinite A has none.
template <Vector V>
class Quadratic {
public:
    using Matrix = SquareMatrix<V>;

    /// Throws std::invalid_argument, naming the shapes, unless A is square, as long as b, and
    /// symmetric to rounding.
    Quadratic(Matrix a, V b, double constant = 0)
        : a_(std::move(a)), b_(std::move(b)), constant_(constant) {
        if (a_.rows() != a_.cols() || a_.rows() != b_.size())
            throw std::invalid_argument("Quadratic: A is " + std::to_string(a_.rows()) + " x " +
                                        std::to_string(a_.cols()) + ", b has length " +
                                        std::to_string(b_.size()) + "; they must agree");
        if (!(a_ - a_.transpose()).isMuchSmallerThan(a_))
            throw std::invalid_argument(
                "Quadratic: A is not symmetric; give (A + A.transpose()) / 2, the same function");
    }

    /// ½ (x − x*)ᵀ A (x − x*), whose minimum (for a positive definite A) is 0 at x*.
    static Quadratic around(const Matrix& a, const V& minimum) {
        const V b = a * minimum;
        return Quadratic(a, b, 0.5 * static_cast<double>(minimum.dot(b)));
    }

    /// The number of variables.
    [[nodiscard]] Index parameters() const { return b_.size(); }

    [[nodiscard]] const Matrix& matrix() const { return a_; }
    [[nodiscard]] const V& linear() const { return b_; }

    double value(const V& x) const {
        return static_cast<double>(x.dot((a_ * x) / 2 - b_)) + constant_;
    }

    double value_and_gradient(const V& x, V& g) const {
        g.noalias() = a_ * x;
        const double value =
            0.5 * static_cast<double>(x.dot(g)) - static_cast<double>(x.dot(b_)) + constant_;
        g -= b_;
        return value;
    }

    void hessian(const V&, Matrix& H) const { H = a_; }

    void hessian_product(const V&, const V& v, V& Hv) const { Hv.noalias() = a_ * v; }

    /// ∂f/∂xᵢ: a row of A.
    double partial(const V& x, Index i) const {
        return static_cast<double>(a_.col(i).dot(x)) - static_cast<double>(b_[i]);
    }

    /// |aᵢᵢ|.
    [[nodiscard]] double coordinate_smoothness(Index i) const {
        return std::abs(static_cast<double>(a_(i, i)));
    }

    /// The largest |λ| of A, rounded up. Factors A, as strong_convexity() does: O(n³).
    [[nodiscard]] double smoothness() const {
        const Eigen::VectorXd lambda = eigenvalues();
        const double largest = lambda.cwiseAbs().maxCoeff();
        return largest + rounding(largest);
    }

    /// The smallest λ of A, rounded down; 0 where that is not positive.
    [[nodiscard]] double strong_convexity() const {
        const Eigen::VectorXd lambda = eigenvalues();
        return std::max(0.0, lambda.minCoeff() - rounding(lambda.cwiseAbs().maxCoeff()));
    }

private:
    [[nodiscard]] Eigen::VectorXd eigenvalues() const {
        return a_.template cast<double>().template selfadjointView<Eigen::Lower>().eigenvalues();
    }

    /// What eigenvalues may be wrong by.
    [[nodiscard]] double rounding(double largest) const {
        return static_cast<double>(b_.size()) * std::numeric_limits<double>::epsilon() * largest;
    }

    Matrix a_;
    V b_;
    double constant_;
};

template <class A, class B>
Quadratic(const A&, const B&) -> Quadratic<PlainVector<B>>;
template <class A, class B>
Quadratic(const A&, const B&, double) -> Quadratic<PlainVector<B>>;

}  // namespace ermine
