// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/autodiff.hpp>

#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ermine {

/// (1/n) Σ fᵢ(x) over functions of one's own; `finite_sum` makes it. Like every objective with a
/// workspace, one object is to be used by one thread at a time.
template <class Term>
class FiniteSumOf {
    template <class V>
    static constexpr bool with_gradient = std::invocable<const Term&, Index, const V&, V&>;

public:
    FiniteSumOf(Index examples, Term term) : examples_(examples), term_(std::move(term)) {
        if (examples < 1)
            throw std::invalid_argument("finite_sum of " + std::to_string(examples) +
                                        " functions: there must be at least 1");
    }

    Index examples() const { return examples_; }

    template <class V>
    double value(const V& x) const {
        if constexpr (with_gradient<V>) {
            auto&& unused = scratch(x);
            double sum = 0;
            for (Index i = 0; i < examples_; ++i) sum += static_cast<double>(term_(i, x, unused));
            return sum / static_cast<double>(examples_);
        } else {
            return static_cast<double>(mean(all())(x));
        }
    }

    template <class V>
    double value_and_gradient(const V& x, V& g) const {
        return take(all(), x, g);
    }

    /// The mean over the given terms.
    template <class V>
    double value_and_gradient(const V& x, Batch batch, V& g) const {
        return take(batch, x, g);
    }

    template <class V>
    void hessian(const V& x, SquareMatrix<V>& H) const
        requires(!with_gradient<V>)
    {
        autodiff(mean(all())).hessian(x, H);
    }

    template <class V>
    void hessian_product(const V& x, const V& v, V& Hv) const
        requires(!with_gradient<V>)
    {
        autodiff(mean(all())).hessian_product(x, v, Hv);
    }

private:
    /// The rows 0, …, n − 1, as a batch that takes no memory.
    struct All {
        Index n;
        std::size_t size() const { return static_cast<std::size_t>(n); }
        Index operator[](std::size_t k) const { return static_cast<Index>(k); }
    };

    All all() const { return {examples_}; }

    /// The mean over rows as a function of x alone, for numbers of any kind.
    auto mean(const auto& rows) const {
        return [this, rows](const auto& x) {
            using Number = typename std::remove_cvref_t<decltype(x)>::Scalar;
            Number sum(0);
            for (std::size_t k = 0; k < rows.size(); ++k) sum += term_(Index{rows[k]}, x);
            return Number(sum / static_cast<double>(rows.size()));
        };
    }

    template <class V>
    double take(const auto& rows, const V& x, V& g) const {
        if constexpr (with_gradient<V>) {
            auto&& one = scratch(x);
            double sum = 0;
            g.setZero(x.size());
            for (std::size_t k = 0; k < rows.size(); ++k) {
                sum += static_cast<double>(term_(Index{rows[k]}, x, one));
                g += one;
            }
            g /= static_cast<typename V::Scalar>(rows.size());
            return sum / static_cast<double>(rows.size());
        } else {
            return autodiff(mean(rows)).value_and_gradient(x, g);
        }
    }

    /// Room for one gradient: kept between calls where it would have to be allocated.
    template <class V>
    std::conditional_t<V::SizeAtCompileTime == Eigen::Dynamic, V&, V> scratch(const V& x) const {
        if constexpr (V::SizeAtCompileTime == Eigen::Dynamic) {
            auto& room = std::get<V>(scratch_);
            room.resize(x.size());
            return room;
        } else {
            return x;
        }
    }

    Index examples_;
    Term term_;
    mutable std::tuple<Eigen::VectorXd, Eigen::VectorXf> scratch_;
};

/// The mean of n functions: `f(i, x)` returns the i-th at x, a generic callable whose derivatives
/// are taken by `autodiff`, or `f(i, x, g)` returns it and fills g with its gradient:
///
///     finite_sum(n, [&](Index i, const auto& x) { return log_density(sample[i], x); })
///
/// It goes with full gradients and with minibatches; without gradients of its own it has Hessians,
/// too. Throws std::invalid_argument for n < 1.
template <class Term>
FiniteSumOf<Term> finite_sum(Index n, Term term) {
    return {n, std::move(term)};
}

}  // namespace ermine
