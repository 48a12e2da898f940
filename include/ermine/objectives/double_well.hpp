// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require_same_size.hpp>

namespace ermine {

/// Σ_{i < index} (¼ xᵢ⁴ − ½ xᵢ²) + Σ_{i >= index} ½ xᵢ²: a saddle of any index that is bounded
/// below. At the origin the Hessian is diagonal with `index` entries −1 and the rest 1. The minima,
/// with value −index/4, are where the first `index` variables are ±1 and the rest 0; where some of
/// the former are 0 there are saddles of lower index. The Hessian at the minima has eigenvalues 2
/// and 1.
struct DoubleWell {
    Index index = 1;  ///< how many variables have two wells; all where there are fewer

    /// Where all wells are the positive ones.
    template <Vector V>
    [[nodiscard]] V minimum(Index size = V::RowsAtCompileTime) const {
        V x = V::Zero(size);
        x.head(wells(size)).setOnes();
        return x;
    }

    /// The value there.
    [[nodiscard]] double minimum_value(Index size) const {
        return -0.25 * static_cast<double>(wells(size));
    }

    /// The origin, a saddle of index `index`.
    template <Vector V>
    [[nodiscard]] static V saddle(Index size = V::RowsAtCompileTime) {
        return V::Zero(size);
    }

    template <Vector V>
    double value(const V& x) const {
        double sum = 0;
        for (Index i = 0; i < x.size(); ++i) {
            const double square = static_cast<double>(x[i]) * static_cast<double>(x[i]);
            sum += i < wells(x.size()) ? square * (square - 2) / 4 : square / 2;
        }
        return sum;
    }

    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        g = x;
        for (Index i = 0; i < wells(x.size()); ++i) g[i] *= x[i] * x[i] - 1;
        return value(x);
    }

    template <Vector V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        H.setIdentity(x.size(), x.size());
        for (Index i = 0; i < wells(x.size()); ++i) H(i, i) = 3 * x[i] * x[i] - 1;
    }

    template <Vector V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        require_same_size(x.size(), "variables", v.size(), "numbers in v");
        Hv = v;
        for (Index i = 0; i < wells(x.size()); ++i) Hv[i] *= 3 * x[i] * x[i] - 1;
    }

private:
    [[nodiscard]] Index wells(Index size) const { return std::clamp<Index>(index, 0, size); }
};

}  // namespace ermine
