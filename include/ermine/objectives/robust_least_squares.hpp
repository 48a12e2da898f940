// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <utility>

#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/scratch.hpp>

namespace ermine {

/// What robust_least_squares makes, for vectors of type V.
template <class F, ScalarLoss L, Vector V = Eigen::VectorXd>
    requires LeastSquares<F, V> && SurrogateLoss<L>
class RobustLeastSquares {
public:
    /// Throws std::invalid_argument where the loss has options that make no sense.
    RobustLeastSquares(F f, L loss) : f_(std::move(f)), loss_(std::move(loss)) {
        if constexpr (requires { loss_.check(); }) loss_.check();
    }

    /// Σ ρ(rᵢ).
    double value(const V& x) const {
        look(x);
        double sum = 0;
        for (const auto r : last_->residuals) sum += rho(r);
        return sum;
    }

    /// Σ ρ(rᵢ), and Σ ρ'(rᵢ) ∇rᵢ into g.
    double value_and_gradient(const V& x, V& g) const {
        look(x);
        f_.jacobian(x, last_->jacobian);
        double sum = 0;
        g.setZero(x.size());
        for (Index i = 0; i < last_->residuals.size(); ++i) {
            sum += rho(last_->residuals[i]);
            g += slope(last_->residuals[i]) * last_->jacobian.row(i).transpose();
        }
        return sum;
    }

    /// The reweighted residuals sᵢ = √(ρ(rᵢ) / rᵢ²) rᵢ.
    void residuals(const V& x, ResidualVector<V>& s) const {
        look(x);
        s.resize(last_->residuals.size());
        for (Index i = 0; i < s.size(); ++i)
            s[i] = static_cast<Scalar>(
                std::copysign(std::sqrt(rho(last_->residuals[i])), last_->residuals[i]));
    }

    /// The derivatives of the reweighted residuals.
    void jacobian(const V& x, JacobianMatrix<V>& J) const {
        look(x);
        f_.jacobian(x, J);
        for (Index i = 0; i < J.rows() && i < last_->residuals.size(); ++i) {
            const Scalar r = last_->residuals[i];
            const double root = std::sqrt(rho(r));
            constexpr double near = 1e-6;  // where the limit for r to 0 is taken
            const double factor =
                root > 0 ? std::abs(static_cast<double>(slope(r))) / (2 * root)
                         : std::sqrt(static_cast<double>(loss_.value(near, 0.0))) / near;
            J.row(i) *= static_cast<Scalar>(factor);
        }
    }

private:
    using Scalar = typename V::Scalar;

    // The last point that the residuals were taken at: a Jacobian there asks for no new ones.
    struct Last {
        V x;
        ResidualVector<V> residuals;
        JacobianMatrix<V> jacobian;
        bool known = false;
    };

    void look(const V& x) const {
        if (last_->known && last_->x.size() == x.size() && last_->x == x) return;
        last_->known = false;
        f_.residuals(x, last_->residuals);
        last_->x = x;
        last_->known = true;
    }

    double rho(Scalar r) const {
        return static_cast<double>(loss_.value(static_cast<double>(r), 0.0));
    }
    Scalar slope(Scalar r) const {
        return static_cast<Scalar>(loss_.derivative(static_cast<double>(r), 0.0));
    }

    F f_;
    L loss_;
    Scratch<Last> last_;
};

/// Σ ρ(rᵢ(x)) over the residuals of f, with ρ(r) = loss.value(r, 0): with HuberLoss or a loss of
/// one's own a fit in which outliers pull less. The loss must be smooth, and grow like a r², a > 0,
/// from its minimum 0 at 0 (`HuberLoss`, with a = ½; not the absolute value).
///
/// It is itself LeastSquares, of the reweighted residuals sᵢ = √(ρ(rᵢ) / rᵢ²) rᵢ, whose squares add
/// up to the value exactly (Engels, Stewénius & Nistér, "Bundle adjustment rules", 2006), so that
/// LevenbergMarquardt needs to know nothing of losses. It keeps the residuals of the last point,
/// so one thread at a time may use it; a copy is a handle for another.
template <Vector V = Eigen::VectorXd, class F, class L>
auto robust_least_squares(F f, L loss) {
    return RobustLeastSquares<F, L, V>(std::move(f), std::move(loss));
}

}  // namespace ermine
