// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Makes the columns orthonormal, one after the other, each from those before it, with a positive
/// part along what it was (Gram & Schmidt, classical, twice, which is enough: Giraud, Langou &
/// Rozložník, "The loss of orthogonality in the Gram–Schmidt orthogonalization process", Computers
/// & Mathematics with Applications 50, 2005). The same bits on every platform: sums have one order,
/// and no product is added to in the same expression. A column that depends on those before becomes
/// one of NaN or of rounding errors.
class Orthonormalization {
public:
    void run(Eigen::MatrixXd& columns) {
        products_.resize(columns.rows());
        for (Index k = 0; k < columns.cols(); ++k) {
            auto column = columns.col(k);
            for (int pass = 0; pass < 2; ++pass)
                for (Index j = 0; j < k; ++j) {
                    multiply(columns.col(j), column);
                    const double along = sum();
                    scale(columns.col(j), along);
                    column -= products_;
                }
            multiply(column, column);
            column /= std::sqrt(sum());
        }
    }

private:
    Eigen::VectorXd products_;

    // A call that is not inlined: a compiler must not fuse a product with the sum that it goes to.
    template <class A, class B>
    [[gnu::noinline]] void multiply(const A& a, const B& b) {
        products_ = a.cwiseProduct(b);
    }
    template <class A>
    [[gnu::noinline]] void scale(const A& a, double factor) {
        products_ = a * factor;
    }

    double sum() const {
        constexpr Index lanes = 8;
        double part[lanes] = {};
        const Index whole = products_.size() / lanes * lanes;
        for (Index i = 0; i < whole; i += lanes)
            for (Index lane = 0; lane < lanes; ++lane) part[lane] += products_[i + lane];
        for (Index i = whole; i < products_.size(); ++i) part[0] += products_[i];
        return ((part[0] + part[4]) + (part[1] + part[5])) +
               ((part[2] + part[6]) + (part[3] + part[7]));
    }
};

/// See Orthonormalization.
inline void orthonormalize(Eigen::MatrixXd& columns) { Orthonormalization{}.run(columns); }

}  // namespace ermine
