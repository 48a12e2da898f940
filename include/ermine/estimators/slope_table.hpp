// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <cstddef>
#include <tuple>
#include <vector>

namespace ermine {

/// The gradients of all terms of a linear sum at the points where they were looked at last, as one
/// number a term, and their mean, without the ℓ2 part, which is always known exactly.
struct SlopeTable {
    std::vector<double> slopes;
    Eigen::VectorXd mean;
    auto fields() { return std::tie(slopes, mean); }

    template <class F, class V>
    SlopeTable(const F& f, const V& x, bool filled = true)
        : slopes(static_cast<std::size_t>(f.examples())), mean(Eigen::VectorXd::Zero(x.size())) {
        if (filled) refresh(f, x);
    }

    /// Looks at all terms at x.
    template <class F, class V>
    void refresh(const F& f, const V& x) {
        const auto terms = f.linear_terms(f.examples());
        mean.setZero();
        for (Index i = 0; i < terms.examples(); ++i) {
            const double slope = terms.slope(i, terms.predict(i, x));
            slopes[static_cast<std::size_t>(i)] = slope;
            terms.add(i, slope, mean);
        }
        mean /= static_cast<double>(terms.examples());
    }

    /// g = the mean plus `weight` times what term i has changed by; keeps the new gradient if told
    /// to. Returns fᵢ(x).
    template <class F, class V>
    double estimate(const F& f, Index i, const V& x, V& g, double weight, bool remember) {
        const auto terms = f.linear_terms(1);
        double& known = slopes[static_cast<std::size_t>(i)];
        const double p = terms.predict(i, x);
        const double slope = terms.slope(i, p);
        const double change = slope - known;
        g = mean.cast<typename V::Scalar>();
        terms.add(i, weight * change, g);
        const auto w = x.head(terms.features());
        g.head(terms.features()) += static_cast<typename V::Scalar>(terms.shift) * w;
        if (remember) {
            known = slope;
            terms.add(i, change / static_cast<double>(terms.examples()), mean);
        }
        return terms.value(i, p) + terms.shift / 2 * static_cast<double>(w.squaredNorm());
    }
};

}  // namespace ermine
