// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/vector_sample.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of `gradient_errors` and `hessian_errors`.
struct DerivativeErrorOptions {
    Index draws = 100;  ///< at least 3
    Index batch = 0;    ///< examples, drawn with replacement, of each; 0: the function as a whole
    std::uint64_t seed = 1;
};

/// How a derivative that is inexact differs from the exact one, over repeated draws.
struct DerivativeErrors {
    Index draws = 0;
    double exact_norm = 0;  ///< of the exact gradient, or product
    Estimate squared_bias;  ///< ‖E e‖², without bias of its own: may be negative within its error
    Estimate variance;      ///< E ‖e − E e‖²

    [[nodiscard]] double bias() const { return std::sqrt(std::max(squared_bias.value, 0.0)); }
    [[nodiscard]] double deviation() const { return std::sqrt(variance.value); }
    /// E ‖e‖².
    [[nodiscard]] double mean_square() const {
        return std::max(squared_bias.value, 0.0) + variance.value;
    }

    /// Whether it is wrong on average, beyond its error and that of rounding.
    [[nodiscard]] bool biased() const {
        constexpr double rounding = 64 * std::numeric_limits<double>::epsilon();
        return squared_bias.lower() > rounding * rounding * exact_norm * exact_norm;
    }

    friend std::ostream& operator<<(std::ostream& out, const DerivativeErrors& e) {
        const auto root = [](const Estimate& of) {
            const double value = std::sqrt(std::max(of.value, 0.0));
            return Estimate{value, value > 0 ? of.error / (2 * value) : 0};
        };
        out << "over " << e.draws << " draws, exact norm " << in_digits(e.exact_norm, 0)
            << "\n  bias ";
        if (e.biased())
            out << root(e.squared_bias);
        else
            out << "none to be seen, at most "
                << in_digits(std::sqrt(std::max(e.squared_bias.upper(), 0.0)),
                             std::sqrt(std::max(e.squared_bias.upper(), 0.0)) / 20);
        return out << "\n  deviation " << root(e.variance) << '\n';
    }
};

/// The point with its first number moved by so many places of its last digit: the function is the
/// same there, what is drawn by the bits of the point is another.
template <class V>
V nudged(V x, Index places) {
    if (x.size() == 0) return x;
    using Scalar = typename V::Scalar;
    for (Index k = 0; k < places; ++k)
        x[0] = std::nextafter(x[0], std::numeric_limits<Scalar>::max());
    return x;
}

/// Batches drawn with replacement, each by its number.
class BatchDraws {
public:
    BatchDraws(Index examples, Index size, std::uint64_t seed)
        : examples_(static_cast<std::uint64_t>(examples)),
          rows_(static_cast<std::size_t>(size)),
          seed_(seed) {}

    Batch operator()(Index k) {
        Random random{Random(seed_ + static_cast<std::uint64_t>(k)).bits()};
        for (std::int32_t& row : rows_) row = static_cast<std::int32_t>(random.below(examples_));
        return rows_;
    }

private:
    std::uint64_t examples_;
    std::vector<std::int32_t> rows_;
    std::uint64_t seed_;
};

/// Bias and variance of draws, against what they should be: e = draw − exact. draw(k, v) is called
/// twice for each k, and must make the same.
template <class V, class Draw>
[[nodiscard]] DerivativeErrors derivative_errors(const V& exact, Index draws, const Draw& draw) {
    if (draws < 3)
        throw std::invalid_argument("DerivativeErrorOptions.draws is " + std::to_string(draws) +
                                    ": variances take at least 3");
    if (!exact.allFinite())
        throw std::invalid_argument("derivative_errors: the exact one is not finite there");
    bool finite = true;
    const VectorSample sample = sample_vectors(draws, exact, [&](Index k, V& error) {
        draw(k, error);
        error -= exact;
        finite = finite && error.allFinite();
    });
    if (!finite)
        throw std::invalid_argument("derivative_errors: an inexact one is not finite there");
    DerivativeErrors result;
    result.draws = draws;
    result.exact_norm = static_cast<double>(exact.norm());
    result.squared_bias = sample.square_estimate();
    result.variance = sample.spread_estimate();
    return result;
}

/// Whether f has products with the Hessian of a batch.
template <class F, class V>
concept BatchCurvatureProducts = requires(const F& f, const V& x, Batch batch, const V& v, V& Hv) {
    f.hessian_product(x, batch, v, Hv);
};

/// Bias and variance of the gradients of `inexact` at x, against those of `exact`:
///
///     gradient_errors(noisy(f, {.gradient = {.additive = 0.1}}), f, x)
///     gradient_errors(risk, risk, x, {.batch = 32})       // what a minibatch costs
///
/// Without `.batch` the function is asked at points that differ in the last digits of their first
/// number alone, so that what `noisy` draws by the point is drawn anew. Throws
/// std::invalid_argument for fewer than 3 draws, a batch that is too large, and what is not finite.
template <class G, class F, class V>
[[nodiscard]] DerivativeErrors gradient_errors(const G& inexact, const F& exact, const V& x,
                                               const DerivativeErrorOptions& options = {}) {
    static_assert(Differentiable<G, V> && Differentiable<F, V>,
                  "gradient_errors compares gradients: both functions need "
                  "f.value_and_gradient(x, g)");
    V truth(x.size());
    exact.value_and_gradient(x, truth);
    if (options.batch == 0)
        return derivative_errors(truth, options.draws, [&](Index k, V& g) {
            inexact.value_and_gradient(nudged(x, k), g);
        });
    if constexpr (FiniteSum<G, V>) {
        require_batch(options.batch, inexact.examples(), "DerivativeErrorOptions.batch");
        BatchDraws batches(inexact.examples(), options.batch, options.seed);
        return derivative_errors(truth, options.draws, [&](Index k, V& g) {
            inexact.value_and_gradient(x, batches(k), g);
        });
    } else {
        throw std::invalid_argument(
            "gradient_errors: DerivativeErrorOptions.batch is given, and the function is no sum "
            "over examples");
    }
}

/// The same for products of the Hessian with one unit vector, drawn at random: of `noisy`, of
/// finite differences, or of the Hessian of a batch.
template <class G, class F, class V>
[[nodiscard]] DerivativeErrors hessian_errors(const G& inexact, const F& exact, const V& x,
                                              const DerivativeErrorOptions& options = {}) {
    static_assert(CurvatureProducts<G, V> && CurvatureProducts<F, V>,
                  "hessian_errors compares products: both functions need "
                  "f.hessian_product(x, v, Hv)");
    Random random{options.seed};
    V v(x.size());
    for (Index i = 0; i < v.size(); ++i) v[i] = static_cast<typename V::Scalar>(random.normal());
    v.normalize();
    V truth(x.size());
    exact.hessian_product(x, v, truth);
    if (options.batch == 0)
        return derivative_errors(truth, options.draws, [&](Index k, V& Hv) {
            inexact.hessian_product(nudged(x, k), v, Hv);
        });
    if constexpr (FiniteSum<G, V> && BatchCurvatureProducts<G, V>) {
        require_batch(options.batch, inexact.examples(), "DerivativeErrorOptions.batch");
        BatchDraws batches(inexact.examples(), options.batch, options.seed);
        return derivative_errors(truth, options.draws, [&](Index k, V& Hv) {
            inexact.hessian_product(x, batches(k), v, Hv);
        });
    } else {
        throw std::invalid_argument(
            "hessian_errors: DerivativeErrorOptions.batch is given, and the function has no "
            "products with the Hessian of a batch");
    }
}

}  // namespace ermine
