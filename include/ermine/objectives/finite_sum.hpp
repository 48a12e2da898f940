// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/autodiff.hpp>

namespace ermine {

/// The mean of n functions of one's own, made by `finite_sum`.
template <class Term>
class FiniteSumOf {
public:
    /// Throws std::invalid_argument for n < 1 or an n beyond 32 bits.
    FiniteSumOf(Index n, Term term) : n_(n), term_(std::move(term)) {
        if (n < 1 || n > 0x7fffffff)
            throw std::invalid_argument("finite_sum: n is " + std::to_string(n) +
                                        ": give the number of terms, from 1 to 2147483647");
    }

    [[nodiscard]] Index examples() const { return n_; }

    template <Vector V>
        requires(std::invocable<const Term&, Index, const V&> ||
                 std::invocable<const Term&, Index, const V&, V&>)
    double value(const V& x) const {
        return mean(n_, every, [&](Index i) { return term_value(i, x); });
    }

    template <Vector V>
    double value(const V& x, Batch batch) const {
        return mean(checked(batch), of(batch), [&](Index i) { return term_value(i, x); });
    }

    template <Vector V>
        requires(std::invocable<const Term&, Index, const V&> ||
                 std::invocable<const Term&, Index, const V&, V&>)
    double value_and_gradient(const V& x, V& g) const {
        return mean_gradient(n_, every, x, g);
    }

    template <Vector V>
    double value_and_gradient(const V& x, Batch batch, V& g) const {
        return mean_gradient(checked(batch), of(batch), x, g);
    }

    template <Vector V>
    double value_and_gradient(const V& x, WeightedBatch batch, V& g) const {
        const Index count = checked(batch.rows);
        if (batch.weights.empty()) return mean_gradient(count, of(batch.rows), x, g);
        if (batch.weights.size() != batch.rows.size())
            throw std::invalid_argument("finite_sum: a batch of " +
                                        std::to_string(batch.rows.size()) + " terms has " +
                                        std::to_string(batch.weights.size()) + " weights");
        const auto which = of(batch.rows);
        V one = V::Zero(x.size());
        g.setZero(x.size());
        double sum = 0;
        for (Index k = 0; k < count; ++k) {
            const double weight = batch.weights[static_cast<std::size_t>(k)];
            if constexpr (has_gradient<V>) {
                one.setZero();
                sum += weight * static_cast<double>(term_(which(k), x, one));
            } else {
                sum += weight * differentiated(which(k)).value_and_gradient(x, one);
            }
            g += static_cast<typename V::Scalar>(weight) * one;
        }
        g /= static_cast<typename V::Scalar>(count);
        return sum / static_cast<double>(count);
    }

    /// ∇²f by differentiating each term twice: for terms that are written without a gradient.
    template <Vector V>
        requires(!std::invocable<const Term&, Index, const V&, V&>)
    void hessian(const V& x, SquareMatrix<V>& H) const {
        H.setZero(x.size(), x.size());
        SquareMatrix<V> one(x.size(), x.size());
        for (Index i = 0; i < n_; ++i) {
            differentiated(i).hessian(x, one);
            H += one;
        }
        H /= static_cast<typename V::Scalar>(n_);
    }

private:
    Index n_;
    Term term_;

    static constexpr auto every = [](Index k) { return k; };
    static auto of(Batch batch) {
        return [batch](Index k) { return Index{batch[static_cast<std::size_t>(k)]}; };
    }

    Index checked(Batch batch) const {
        if (batch.empty()) throw std::invalid_argument("finite_sum: the batch is empty");
        for (const std::int32_t i : batch)
            if (i < 0 || i >= n_)
                throw std::invalid_argument("finite_sum: the batch names term " +
                                            std::to_string(i) + ", there are " +
                                            std::to_string(n_));
        return static_cast<Index>(batch.size());
    }

    auto differentiated(Index i) const {
        return autodiff([this, i](const auto& x) { return term_(i, x); });
    }

    template <class V>
    static constexpr bool has_gradient = std::invocable<const Term&, Index, const V&, V&>;

    template <class V>
    double term_value(Index i, const V& x) const {
        if constexpr (has_gradient<V>) {
            V unused = V::Zero(x.size());
            return static_cast<double>(term_(i, x, unused));
        } else {
            return static_cast<double>(term_(i, x));
        }
    }

    template <class Which, class Number>
    static double mean(Index count, const Which& which, const Number& number) {
        double sum = 0;
        for (Index k = 0; k < count; ++k) sum += number(which(k));
        return sum / static_cast<double>(count);
    }

    template <class Which, class V>
    double mean_gradient(Index count, const Which& which, const V& x, V& g) const {
        g.setZero(x.size());
        double sum = 0;
        if constexpr (has_gradient<V>) {
            for (Index k = 0; k < count; ++k) sum += static_cast<double>(term_(which(k), x, g));
        } else {
            V one(x.size());
            for (Index k = 0; k < count; ++k) {
                sum += differentiated(which(k)).value_and_gradient(x, one);
                g += one;
            }
        }
        g /= static_cast<typename V::Scalar>(count);
        return sum / static_cast<double>(count);
    }
};

/// (1/n) Σᵢ fᵢ(x), i = 0, …, n − 1, of which batches can be taken, such as a negative mean
/// log-likelihood. The term is one of two kinds:
///
///     [&](Index i, const auto& x) { … return number; }       // differentiated automatically
///     [&](Index i, const VectorXd& x, VectorXd& g) { … }     // adds ∇fᵢ to g, returns fᵢ(x)
///
/// The first kind is called with dual numbers (see `autodiff`), and has a Hessian, too.
template <class Term>
auto finite_sum(Index n, Term term) {
    return FiniteSumOf<Term>(n, std::move(term));
}

}  // namespace ermine
