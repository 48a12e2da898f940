// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require_same_size.hpp>

namespace ermine {

/// Σᵢ cᵢ xᵢ^pᵢ with whole powers pᵢ >= 2: stationary points of any degeneracy, in closed form.
///
///     PowerSum x2_plus_y4({{1, 2}, {1, 4}});     // a minimum with a singular Hessian
///     PowerSum x2_minus_y4({{1, 2}, {-1, 4}});   // a saddle that no Hessian tells from it
///     PowerSum cubic({{1, 2}, {1, 3}});          // an inflection along y
///
/// The origin is the only stationary point. It is the minimum, 0, where all powers are even and all
/// coefficients positive; otherwise the function falls to −∞, along axis i where cᵢ < 0 or pᵢ is
/// odd. Its Hessian there is diagonal, 2 cᵢ where pᵢ = 2 and 0 elsewhere, and Newton's method
/// contracts the axes with pᵢ > 2 by (pᵢ − 2)/(pᵢ − 1) a step only, towards saddles, too.
class PowerSum {
public:
    struct Term {
        double coefficient;
        int power;
    };

    /// Throws std::invalid_argument without terms, for powers below 2 and coefficients of 0.
    explicit PowerSum(std::vector<Term> terms) : terms_(std::move(terms)) {
        if (terms_.empty()) throw std::invalid_argument("PowerSum: there are no terms");
        for (const Term& term : terms_) {
            if (term.coefficient == 0 || !std::isfinite(term.coefficient))
                throw std::invalid_argument("PowerSum: a coefficient is " +
                                            std::to_string(term.coefficient) +
                                            ": it must be finite and not 0");
            if (term.power < 2)
                throw std::invalid_argument("PowerSum: a power is " + std::to_string(term.power) +
                                            ": it must be at least 2");
        }
    }

    [[nodiscard]] const std::vector<Term>& terms() const { return terms_; }
    [[nodiscard]] Index size() const { return static_cast<Index>(terms_.size()); }

    /// Whether the origin is the minimum.
    [[nodiscard]] bool bounded() const {
        for (const Term& term : terms_)
            if (term.coefficient < 0 || term.power % 2 == 1) return false;
        return true;
    }

    template <Vector V>
    double value(const V& x) const {
        check(x);
        double sum = 0;
        for (Index i = 0; i < x.size(); ++i) sum += at(i).coefficient * power(x[i], at(i).power);
        return sum;
    }

    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        check(x);
        g.resize(x.size());
        double sum = 0;
        for (Index i = 0; i < x.size(); ++i) {
            const double below = at(i).coefficient * power(x[i], at(i).power - 1);
            sum += below * static_cast<double>(x[i]);
            g[i] = static_cast<typename V::Scalar>(at(i).power * below);
        }
        return sum;
    }

    template <Vector V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        check(x);
        H.setZero(x.size(), x.size());
        for (Index i = 0; i < x.size(); ++i)
            H(i, i) = static_cast<typename V::Scalar>(curvature(x, i));
    }

    template <Vector V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        check(x);
        check(v);
        Hv.resize(x.size());
        for (Index i = 0; i < x.size(); ++i)
            Hv[i] = static_cast<typename V::Scalar>(curvature(x, i) * static_cast<double>(v[i]));
    }

private:
    [[nodiscard]] const Term& at(Index i) const { return terms_[static_cast<std::size_t>(i)]; }

    template <class V>
    double curvature(const V& x, Index i) const {
        return at(i).coefficient * (at(i).power * (at(i).power - 1)) * power(x[i], at(i).power - 2);
    }

    template <class T>
    static double power(T base, int exponent) {
        double result = 1;
        for (int k = 0; k < exponent; ++k) result *= static_cast<double>(base);
        return result;
    }

    template <class V>
    void check(const V& x) const {
        require_same_size(size(), "terms of a PowerSum", x.size(), "variables");
    }

    std::vector<Term> terms_;
};

}  // namespace ermine
