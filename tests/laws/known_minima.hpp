// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <cstdint>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/quadratic.hpp>

// Problems whose minimum is known in closed form, for the laws of methods and of solvers.

/// A vector of standard normal numbers.
template <class V>
V normal_vector(ermine::Index n, ermine::Random& random) {
    V v(n);
    for (auto& entry : v) entry = static_cast<typename V::Scalar>(random.normal());
    return v;
}

/// A matrix of them.
inline Eigen::MatrixXd normal_matrix(ermine::Index n, ermine::Index d, ermine::Random& random) {
    Eigen::MatrixXd m(n, d);
    for (ermine::Index j = 0; j < d; ++j) m.col(j) = normal_vector<Eigen::VectorXd>(n, random);
    return m;
}

/// A quadratic that knows its constants.
template <class V>
struct KnownQuadratic : ermine::Quadratic<V> {
    double largest;
    double smallest;
    double smoothness() const { return largest; }
    double strong_convexity() const { return smallest; }
};

/// ½ xᵀ A x − (A target)ᵀ x, with eigenvalues of A from 1 to `condition` in equal ratios along
/// directions that are no axes.
template <class V>
struct Bowl {
    KnownQuadratic<V> f;
    V start;
    V target;
    double minimum;
};

template <class V>
Bowl<V> bowl(ermine::Index n, double condition, std::uint64_t seed = 1) {
    ermine::Random random(seed);
    const Eigen::MatrixXd noise = normal_matrix(n, n, random);
    const Eigen::MatrixXd q = noise.householderQr().householderQ();
    Eigen::VectorXd spectrum(n);
    for (ermine::Index i = 0; i < n; ++i)
        spectrum[i] = std::pow(condition, n == 1 ? 0 : double(i) / double(n - 1));
    const Eigen::MatrixXd skew = q * spectrum.asDiagonal() * q.transpose();
    const ermine::SquareMatrix<V> a =
        ((skew + skew.transpose()) / 2).template cast<typename V::Scalar>();
    const V target = normal_vector<V>(n, random);
    const V start = normal_vector<V>(n, random);
    const V b = a * target;
    // the largest one rounded up, the smallest one down
    const KnownQuadratic<V> f{ermine::Quadratic<V>(a, b), spectrum.maxCoeff() * (1 + 1e-6),
                              spectrum.minCoeff() * (1 - 1e-6)};
    return {f, start, target, f.value(target)};
}

/// (1/n) Σ ½ (rowᵢ · x − yᵢ)²: a finite sum.
struct MeanSquares {
    Eigen::MatrixXd rows;
    Eigen::VectorXd y;

    ermine::Index examples() const { return rows.rows(); }

    double value(const Eigen::VectorXd& x) const {
        return (rows * x - y).squaredNorm() / (2 * double(rows.rows()));
    }

    double value_and_gradient(const Eigen::VectorXd& x, Eigen::VectorXd& g) const {
        const Eigen::VectorXd residuals = rows * x - y;
        g.noalias() = rows.transpose() * residuals / double(rows.rows());
        return residuals.squaredNorm() / (2 * double(rows.rows()));
    }

    double value_and_gradient(const Eigen::VectorXd& x, ermine::Batch batch,
                              Eigen::VectorXd& g) const {
        double sum = 0;
        g.setZero(x.size());
        for (const auto i : batch) {
            const double residual = rows.row(i).dot(x) - y[i];
            sum += residual * residual / 2;
            g += residual * rows.row(i).transpose();
        }
        g /= double(batch.size());
        return sum / double(batch.size());
    }

    void hessian(const Eigen::VectorXd&, Eigen::MatrixXd& h) const {
        h.noalias() = rows.transpose() * rows / double(rows.rows());
    }

    double smoothness() const { return gram().eigenvalues().maxCoeff(); }
    double strong_convexity() const { return std::max(0.0, gram().eigenvalues().minCoeff()); }

private:
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> gram() const {
        return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(rows.transpose() * rows /
                                                              double(rows.rows()));
    }
};

/// Least squares that one point, `target`, fits exactly: minibatches agree there.
struct Interpolated {
    MeanSquares f;
    Eigen::VectorXd target;
};

inline Interpolated interpolated(ermine::Index n, ermine::Index d, std::uint64_t seed = 3) {
    ermine::Random random(seed);
    const Eigen::MatrixXd rows = normal_matrix(n, d, random);
    const auto target = normal_vector<Eigen::VectorXd>(d, random);
    return {{rows, rows * target}, target};
}

/// A smooth function plus a penalty with a proximal map, as a user would write it.
template <class F, ermine::Penalty P>
struct Penalized {
    F f;
    P p;

    const F& smooth_part() const { return f; }

    template <class V>
    double penalty(const V& x) const {
        return p.value(x);
    }

    template <class V>
    void prox(V& x, double step) const {
        p.prox(x, step);
    }

    template <class V>
    double value(const V& x) const {
        return f.value(x) + p.value(x);
    }
};

template <class F, class P>
Penalized(F, P) -> Penalized<F, P>;
