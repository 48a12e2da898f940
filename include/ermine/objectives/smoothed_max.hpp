// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <concepts>
#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/panel_product.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/scratch.hpp>

namespace ermine {

/// A smooth function close to the largest of m affine ones, f(x) = max_i aᵢᵀx + bᵢ, made by
/// `smoothed_max` (Nesterov, "Smooth minimization of non-smooth functions", Math. Program. 103,
/// 2005, with the entropy as the prox function of the simplex, section 4.1):
///
///     f_μ(x) = μ log( Σᵢ exp((aᵢᵀx + bᵢ) / μ) / m ),    f_μ ≤ f ≤ f_μ + μ log m
///
/// Convex. Its gradient is a mean of the aᵢ, and its second derivative along v the variance of
/// aᵢᵀv over μ: it is maxᵢ ‖aᵢ‖-Lipschitz as f is, and maxᵢ ‖aᵢ‖² / μ-smooth. Holds memory that it
/// works in: one thread at a time.
template <std::floating_point T>
class SmoothedMax {
public:
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
    using Numbers = Eigen::Matrix<T, Eigen::Dynamic, 1>;

    /// Throws std::invalid_argument unless A is m × n with m ≥ 1, b has length m, and μ is positive
    /// and finite.
    SmoothedMax(Matrix a, Numbers b, double mu) : a_(std::move(a)), b_(std::move(b)), mu_(mu) {
        require_positive(mu, "smoothed_max: mu");
        if (a_.rows() < 1 || a_.rows() != b_.size())
            throw std::invalid_argument("smoothed_max: A is " + std::to_string(a_.rows()) + " x " +
                                        std::to_string(a_.cols()) + ", b has length " +
                                        std::to_string(b_.size()) +
                                        "; a row and a number for each function are needed");
        longest_ = static_cast<double>(a_.rowwise().norm().maxCoeff());
    }

    [[nodiscard]] Index parameters() const { return a_.cols(); }

    /// max_i aᵢᵀx + bᵢ, the function that is smoothed.
    template <Vector V>
    double maximum(const V& x) const {
        affine(x);
        return static_cast<double>(memory_->weights.template maxCoeff<Eigen::PropagateNaN>());
    }

    /// μ log m: f lies between f_μ and f_μ + gap().
    [[nodiscard]] double gap() const { return mu_ * std::log(static_cast<double>(a_.rows())); }

    template <Vector V>
    double value(const V& x) const {
        return soften(x);
    }

    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        const double value = soften(x);
        g.noalias() = a_.transpose() * memory_->weights;
        return value;
    }

    /// (Aᵀ diag(π) A − ∇f ∇fᵀ) / μ, with the weights π of the mean.
    template <Vector V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        soften(x);
        Memory& memory = *memory_;
        memory.mean.noalias() = a_.transpose() * memory.weights;
        memory.centered = a_.rowwise() - memory.mean.transpose();
        memory.centered.array().colwise() *= memory.weights.array().sqrt();
        panel_product(H, memory.centered.transpose(), memory.centered);
        H /= static_cast<T>(mu_);
    }

    template <Vector V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        soften(x);
        Memory& memory = *memory_;
        memory.along.noalias() = a_ * v;
        memory.along.array() -= memory.weights.dot(memory.along);
        memory.along.array() *= memory.weights.array();
        Hv.noalias() = a_.transpose() * memory.along;
        Hv /= static_cast<T>(mu_);
    }

    /// maxᵢ ‖aᵢ‖.
    [[nodiscard]] double lipschitz() const { return longest_; }

    /// maxᵢ ‖aᵢ‖² / μ.
    [[nodiscard]] double smoothness() const { return longest_ * longest_ / mu_; }

private:
    struct Memory {
        Numbers weights;
        Numbers along;
        Numbers mean;
        Matrix centered;
    };

    Matrix a_;
    Numbers b_;
    double mu_;
    double longest_ = 0;
    Scratch<Memory> memory_;

    template <class V>
    void affine(const V& x) const {
        static_assert(std::same_as<typename V::Scalar, T>,
                      "A and x must be of one type, float or double: cast one of them");
        if (x.size() != a_.cols())
            throw std::invalid_argument("smoothed_max: x has " + std::to_string(x.size()) +
                                        " numbers, A has " + std::to_string(a_.cols()) +
                                        " columns");
        memory_->weights = b_;
        memory_->weights.noalias() += a_ * x;
    }

    /// f_μ(x), and the weights of the functions in the mean. The largest is subtracted before
    /// exponentials are taken, so that nothing overflows.
    template <class V>
    double soften(const V& x) const {
        affine(x);
        Numbers& weights = memory_->weights;
        const T largest = weights.template maxCoeff<Eigen::PropagateNaN>();
        weights.array() = ((weights.array() - largest) / static_cast<T>(mu_)).exp();
        const T sum = weights.sum();
        weights /= sum;
        const double mean = static_cast<double>(sum) / static_cast<double>(a_.rows());
        return static_cast<double>(largest) + mu_ * std::log(mean);
    }
};

/// `smoothed_max(A, b, mu)`; for max |aᵢᵀx + bᵢ| stack A on −A and b on −b. With
/// μ = ε / (2 log m), minimizing f_μ to ε/2 minimizes f to ε.
template <class A, class B>
auto smoothed_max(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b, double mu) {
    return SmoothedMax<typename A::Scalar>(a, b, mu);
}

}  // namespace ermine
