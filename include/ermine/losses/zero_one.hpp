// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <Eigen/Core>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/heaviside.hpp>

namespace ermine {

/// 1 for a wrong answer, 0 for a right one: what classification is about, and what is reported.
/// It has no useful derivative: it is evaluated, and one of its surrogates is minimized.
///
/// With one output and targets ±1, p y <= 0 is an error: a prediction of 0 takes no side and
/// counts as wrong. With K outputs, the answer is the largest prediction, the first of several
/// that are equal. NaN predictions give NaN.
struct ZeroOneLoss {
    using form = Elementwise;
    static constexpr const char* name = "ZeroOneLoss";
    static constexpr const char* targets = "-1 or +1, or a class number 0, 1, …";
    static constexpr bool convex = false;
    static constexpr bool calibrated = true;

    /// 1 if p y <= 0, otherwise 0.
    auto value(const auto& p, const auto& y) const { return 1 - heaviside(y * p); }

    /// For B × K predictions p and B class numbers y: 1 where the largest of a row of p is not
    /// the y-th, otherwise 0.
    void value(const auto& p, const auto& y, auto&& values) const {
        for (Index i = 0; i < p.rows(); ++i) {
            Index best = 0;
            const auto largest = p.row(i).template maxCoeff<Eigen::PropagateNaN>(&best);
            using T = std::remove_cvref_t<decltype(values.coeffRef(i))>;
            values.coeffRef(i) = std::isnan(largest) ? static_cast<T>(largest)
                                                     : T(best != static_cast<Index>(y.coeff(i)));
        }
    }

    bool accepts(double target) const {
        return target == -1 || (target >= 0 && target == std::floor(target) && target < 0x1p31);
    }

    /// Asked by whoever needs a derivative: does not compile, and says what to use instead.
    template <class T>
    static consteval bool explain() {
        static_assert(has_derivative<T>,
                      "ZeroOneLoss has no useful derivative: minimize a surrogate (LogisticLoss, "
                      "HingeLoss, …) and evaluate with ZeroOneLoss");
        return false;
    }

private:
    template <class>
    static constexpr bool has_derivative = false;
};

}  // namespace ermine
