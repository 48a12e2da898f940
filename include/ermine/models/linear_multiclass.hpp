// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>

#include <Eigen/Core>

#include <ermine/concepts/model.hpp>
#include <ermine/data/dense_rows.hpp>
#include <ermine/data/row_block.hpp>
#include <ermine/data/sparse_rows.hpp>
#include <ermine/data/weighted_gram.hpp>

namespace ermine {

/// f(x; θ) = Wᵀ x + b with K numbers, one a class: θ = [W; b], where W is features × classes, row
/// by row (the K weights of a feature stand together), then the K intercepts, which are not
/// penalized. Without `intercept`, θ = W. All sums are in double.
struct LinearMulticlass {
    Index features = 0;
    Index classes = 2;
    bool intercept = true;

    static constexpr const char* name = "LinearMulticlass";
    using form = ManyOutputs;

    /// Room for the weights and for a block of examples as doubles.
    struct Workspace : GramWorkspace {
        Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> weights;
        Eigen::MatrixXd gram;
    };

    [[nodiscard]] Index parameters() const { return inputs() * classes; }
    [[nodiscard]] Index penalized() const { return features * classes; }
    [[nodiscard]] Index outputs() const { return classes; }

    /// "weights" and "intercept".
    [[nodiscard]] std::array<ParameterBlock, 2> blocks() const {
        return {{{"weights", 0, features, classes},
                 {"intercept", features * classes, intercept ? 1 : 0, classes}}};
    }

    /// Throws std::invalid_argument for a negative number of features or fewer than 2 classes.
    void check() const {
        if (features < 0)
            throw std::invalid_argument("LinearMulticlass: features is " +
                                        std::to_string(features) +
                                        ": give the number of columns of the data");
        if (classes < 2)
            throw std::invalid_argument("LinearMulticlass: classes is " + std::to_string(classes) +
                                        ": give at least 2");
    }

    /// p = X W + 1 bᵀ, B × K, row by row.
    template <class T, class S>
    void predict(const RowBlock<DenseRows<T>>& block, const S* theta, double* p,
                 Workspace& workspace) const {
        const auto x = as_doubles(block, intercept, workspace);
        const Eigen::Map<const RowMajor<S>> parameters(theta, inputs(), classes);
        workspace.weights = parameters.template cast<double>();
        Eigen::Map<RowMajor<double>>(p, block.count, classes).noalias() = x * workspace.weights;
    }

    template <class T, class S>
    void predict(const RowBlock<SparseRows<T>>& block, const S* theta, double* p,
                 Workspace&) const {
        const Eigen::Map<const RowMajor<S>> weights(theta, inputs(), classes);
        Eigen::Map<RowMajor<double>> out(p, block.count, classes);
        for (Index k = 0; k < block.count; ++k) {
            if (intercept)
                out.row(k) = weights.row(features).template cast<double>();
            else
                out.row(k).setZero();
            const auto values = block.rows.row_values(block.example(k));
            const auto columns = block.rows.row_columns(block.example(k));
            for (std::size_t e = 0; e < values.size(); ++e)
                out.row(k) += static_cast<double>(values[e]) *
                              weights.row(columns[e]).template cast<double>();
        }
    }

    /// g += [X 1]ᵀ S with S a row an example.
    template <class T>
    void add_gradient(const RowBlock<DenseRows<T>>& block, const double* s, double* g,
                      Workspace& workspace) const {
        const auto x = as_doubles(block, intercept, workspace);
        const Eigen::Map<const RowMajor<double>> slopes(s, block.count, classes);
        Eigen::Map<RowMajor<double>>(g, inputs(), classes).noalias() += x.transpose() * slopes;
    }

    template <class T>
    void add_gradient(const RowBlock<SparseRows<T>>& block, const double* s, double* g,
                      Workspace&) const {
        const Eigen::Map<const RowMajor<double>> slopes(s, block.count, classes);
        Eigen::Map<RowMajor<double>> out(g, inputs(), classes);
        for (Index k = 0; k < block.count; ++k) {
            const auto values = block.rows.row_values(block.example(k));
            const auto columns = block.rows.row_columns(block.example(k));
            for (std::size_t e = 0; e < values.size(); ++e)
                out.row(columns[e]) += static_cast<double>(values[e]) * slopes.row(k);
            if (intercept) out.row(features) += slopes.row(k);
        }
    }

    /// Adds M = Σ_k c[k] [x_k; 1] [x_k; 1]ᵀ to the entries of H of the weights of classes a and b,
    /// and of b and a: those in the lower triangle of H.
    template <class Rows, class C, class H>
    void add_curvature(const RowBlock<Rows>& block, const C& c, Index a, Index b, H&& hessian,
                       Workspace& workspace) const {
        workspace.gram.setZero(inputs(), inputs());
        add_weighted_gram(block, intercept, c, workspace.gram, workspace);
        for (Index j = 0; j < inputs(); ++j) {
            for (Index i = j; i < inputs(); ++i) {
                hessian(i * classes + a, j * classes + b) += workspace.gram(i, j);
                if (a != b) hessian(i * classes + b, j * classes + a) += workspace.gram(i, j);
            }
        }
    }

private:
    template <class T>
    using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    [[nodiscard]] Index inputs() const { return features + (intercept ? 1 : 0); }
};

static_assert(ManyOutputModel<LinearMulticlass>);

}  // namespace ermine
