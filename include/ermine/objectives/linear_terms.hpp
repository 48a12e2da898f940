// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <tuple>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The terms of a mean over examples that are functions of one linear prediction each,
///
///     fᵢ(θ) = ŵᵢ ℓ(xᵢᵀ w + b, yᵢ) + ½ shift ‖w‖²,     θ = [w; b],
///
/// one by one: the gradient of fᵢ is slope(i, p) [xᵢ; 1] + shift [w; 0], so that a method remembers
/// it as one number. A view: it lives no longer than the objective that made it. All in double.
template <class L, class R>
struct LinearTerms {
    using Rows = R;

    L loss;
    R rows;
    const double* targets = nullptr;
    const double* weights = nullptr;  ///< null if all examples count the same
    double weight_scale = 1;          ///< n / Σ w
    bool intercept = true;
    double shift = 0;  ///< curvature of an ℓ2 penalty

    [[nodiscard]] Index examples() const { return rows.examples; }
    [[nodiscard]] Index features() const { return rows.features; }

    /// The same terms with more curvature on w.
    [[nodiscard]] LinearTerms shifted(double by) const {
        LinearTerms terms = *this;
        terms.shift += by;
        return terms;
    }

    /// ŵᵢ times the derivative of ℓ in the prediction p.
    [[nodiscard]] double slope(Index i, double p) const {
        return weighted(i, [&] { return static_cast<double>(loss.derivative(p, targets[i])); });
    }

    /// ŵᵢ times the second derivative, where the loss has one.
    [[nodiscard]] double curvature(Index i, double p) const
        requires requires(const L& l, double y) { l.second_derivative(y, y); }
    {
        return weighted(i,
                        [&] { return static_cast<double>(loss.second_derivative(p, targets[i])); });
    }

    /// ŵᵢ ℓ(p, yᵢ).
    [[nodiscard]] double value(Index i, double p) const {
        return weighted(i, [&] { return static_cast<double>(loss.value(p, targets[i])); });
    }

    /// Calls f(j, x) with each number x of example i that is stored, and its column j.
    template <class F>
    void each(Index i, const F& f) const {
        if constexpr (requires { rows.columns; }) {
            const Index end = rows.offsets[i + 1];
            for (Index e = rows.offsets[i]; e < end; ++e)
                f(Index{rows.columns[e]}, static_cast<double>(rows.values[e]));
        } else {
            const auto* const row = rows.row(i);
            for (Index j = 0; j < rows.features; ++j) f(j, static_cast<double>(row[j]));
        }
    }

    /// Σⱼ xᵢⱼ v[j], for numbers or short arrays v[j]: in four sums, so that an addition need not
    /// wait for the one before it.
    template <class T>
    [[nodiscard]] T sum(Index i, const T* v) const {
        const auto [values, columns, count] = [&] {
            if constexpr (requires { rows.columns; }) {
                const Index begin = rows.offsets[i];
                return std::tuple{rows.values + begin, rows.columns + begin,
                                  rows.offsets[i + 1] - begin};
            } else {
                return std::tuple{rows.row(i), Counting{}, rows.features};
            }
        }();
        const auto term = [&](Index e) -> T {
            return static_cast<double>(values[e]) * v[columns[e]];
        };
        T a = T(v[0] * 0.0);
        T b = a;
        T c = a;
        T d = a;
        Index e = 0;
        for (; e + 3 < count; e += 4) {
            a += term(e);
            b += term(e + 1);
            c += term(e + 2);
            d += term(e + 3);
        }
        for (; e < count; ++e) a += term(e);
        return (a + b) + (c + d);
    }

    /// xᵢᵀ w + b.
    template <class V>
    [[nodiscard]] double predict(Index i, const V& theta) const {
        const double b = intercept ? static_cast<double>(theta[features()]) : 0;
        if constexpr (std::same_as<typename V::Scalar, double>) {
            return features() > 0 ? b + sum(i, theta.data()) : b;
        } else {
            double total = b;
            each(i, [&](Index j, double x) { total += x * static_cast<double>(theta[j]); });
            return total;
        }
    }

    /// g += s [xᵢ; 1].
    template <class G>
    void add(Index i, double s, G& g) const {
        using Scalar = typename G::Scalar;
        each(i, [&](Index j, double x) { g[j] += static_cast<Scalar>(s * x); });
        if (intercept) g[features()] += static_cast<Scalar>(s);
    }

    /// Asks for the numbers of example i, which will soon be needed.
    void prefetch(Index i) const {
        if constexpr (requires { rows.columns; }) {
            __builtin_prefetch(rows.values + rows.offsets[i]);
            __builtin_prefetch(rows.columns + rows.offsets[i]);
        } else {
            __builtin_prefetch(rows.row(i));
        }
    }

private:
    /// The columns of a dense row: 0, 1, …
    struct Counting {
        Index operator[](Index e) const { return e; }
    };

    /// An example of weight 0 counts nothing, even where its loss is infinite.
    template <class F>
    double weighted(Index i, const F& f) const {
        if (weights == nullptr) return f();
        return weights[i] > 0 ? weights[i] * weight_scale * f() : 0;
    }
};

/// Whether F is a mean of such terms: `f.linear_terms(looks)` are they, to be looked at so often,
/// which is for those who count.
template <class F>
concept LinearSum = requires(const F& f, Index looks) { f.linear_terms(looks); };

}  // namespace ermine
