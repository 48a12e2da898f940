// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <stdexcept>
#include <string>

#include <ermine/concepts/model.hpp>
#include <ermine/data/dense_rows.hpp>
#include <ermine/data/row_block.hpp>
#include <ermine/data/sparse_rows.hpp>
#include <ermine/data/weighted_gram.hpp>
#include <ermine/numerics/mixed_row_products.hpp>
#include <ermine/numerics/next_lines.hpp>
#include <ermine/numerics/row_products.hpp>
#include <ermine/numerics/sparse_row_products.hpp>

namespace ermine {

/// f(x; θ) = wᵀ x + b with θ = [w; b]: one prediction an example, the intercept b last and not
/// penalized. Without `intercept`, θ = w.
struct Linear {
    Index features = 0;
    bool intercept = true;

    static constexpr const char* name = "Linear";
    using form = Elementwise;
    using Workspace = GramWorkspace;

    [[nodiscard]] Index parameters() const { return features + (intercept ? 1 : 0); }
    [[nodiscard]] Index penalized() const { return features; }
    [[nodiscard]] Index outputs() const { return 1; }

    /// "weights" and "intercept".
    [[nodiscard]] std::array<ParameterBlock, 2> blocks() const {
        return {{{"weights", 0, features, 1}, {"intercept", features, intercept ? 1 : 0, 1}}};
    }

    /// Throws std::invalid_argument for a negative number of features.
    void check() const {
        if (features < 0)
            throw std::invalid_argument("Linear: features is " + std::to_string(features) +
                                        ": give the number of columns of the data");
    }

    /// p[k] = wᵀ x_k + b, summed as RowProducts says. S is T or double.
    template <class T, class S>
    void predict(const RowBlock<DenseRows<T>>& block, const S* theta, double* p, Workspace&) const {
        with_rows(block, [&](const auto& row) {
            if constexpr (std::same_as<T, S>)
                RowProducts<T>::multiply(row, block.count, features, theta, p);
            else
                MixedRowProducts::multiply(row, block.count, next(block, 0, block.with_predict),
                                           features, theta, p);
        });
        add_intercept(block.count, theta, p);
    }

    /// The same for sparse examples, summed in double.
    template <class T, class S>
    void predict(const RowBlock<SparseRows<T>>& block, const S* theta, double* p,
                 Workspace&) const {
        for (Index k = 0; k < block.count; ++k) {
            const Index i = block.example(k);
            const Index begin = block.rows.offsets[i];
            p[k] = SparseRowProducts::dot(block.rows.values + begin, block.rows.columns + begin,
                                          block.rows.nonzeros(i), theta);
        }
        add_intercept(block.count, theta, p);
    }

    /// g += Σ_k s[k] [x_k; 1], in double.
    template <class T>
    void add_gradient(const RowBlock<DenseRows<T>>& block, const double* s, double* g,
                      Workspace&) const {
        with_rows(block, [&](const auto& row) {
            if constexpr (std::same_as<T, double>)
                RowProducts<T>::add_scaled(row, block.count, block.ahead, features, s, g);
            else
                MixedRowProducts::add_scaled(
                    row, block.count, next(block, block.with_predict, block.ahead), features, s, g);
        });
        add_intercept_gradient(block.count, s, g);
    }

    template <class T>
    void add_gradient(const RowBlock<SparseRows<T>>& block, const double* s, double* g,
                      Workspace&) const {
        for (Index k = 0; k < block.count; ++k) {
            const Index i = block.example(k);
            const Index begin = block.rows.offsets[i];
            SparseRowProducts::add_scaled(block.rows.values + begin, block.rows.columns + begin,
                                          block.rows.nonzeros(i), s[k], g);
        }
        add_intercept_gradient(block.count, s, g);
    }

    /// H += Σ_k c[k] [x_k; 1] [x_k; 1]ᵀ, the lower triangle.
    template <class Rows, class C, class H>
    void add_curvature(const RowBlock<Rows>& block, const C& c, Index, Index, H&& hessian,
                       Workspace& workspace) const {
        add_weighted_gram(block, intercept, c, hessian, workspace);
    }

private:
    /// Calls f with what finds the k-th row of the block: for consecutive rows, a step from row to
    /// row and no look into a list.
    template <class T, class F>
    static void with_rows(const RowBlock<DenseRows<T>>& block, const F& f) {
        if (block.picked != nullptr)
            f([rows = block.rows, picked = block.picked + block.first](Index k) {
                return rows.row(picked[k]);
            });
        else
            f([first = block.rows.row(block.first), stride = block.rows.stride](Index k) {
                return first + k * stride;
            });
    }

    /// The rows from so many behind the block to so many.
    template <class T>
    static NextRows next(const RowBlock<DenseRows<T>>& block, Index begin, Index end) {
        return {block.count + begin, block.count + end,
                block.picked == nullptr && block.rows.stride == block.rows.features};
    }

    template <class T>
    void add_intercept(Index count, const T* theta, double* p) const {
        if (!intercept) return;
        const double b = static_cast<double>(theta[features]);
        for (Index k = 0; k < count; ++k) p[k] += b;
    }

    void add_intercept_gradient(Index count, const double* s, double* g) const {
        if (!intercept) return;
        double sum = 0;
        for (Index k = 0; k < count; ++k) sum += s[k];
        g[features] += sum;
    }
};

static_assert(Model<Linear>);

}  // namespace ermine
