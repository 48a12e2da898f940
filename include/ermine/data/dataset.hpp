// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/data/dense_rows.hpp>
#include <ermine/data/sparse_rows.hpp>

namespace ermine {

/// A dense Eigen matrix or expression of float or double.
template <class X>
concept DenseMatrix =
    std::same_as<typename X::StorageKind, Eigen::Dense> && std::floating_point<typename X::Scalar>;

/// An Eigen sparse matrix of float or double, in either order, compressed or not. Expressions must
/// be evaluated first.
template <class X>
concept SparseMatrix = std::same_as<typename X::StorageKind, Eigen::Sparse> &&
                       std::floating_point<typename X::Scalar> && requires(const X& x) {
                           x.outerIndexPtr();
                           x.innerIndexPtr();
                           x.valuePtr();
                       };

/// n examples, each a row of d features with a target and, if given, a weight.
///
/// A cheap immutable handle: copies share the memory, which lives as long as any of them. What a
/// target means is the loss's matter: -1 and +1, a class 0, …, K - 1 or any number.
/// Rows is DenseRows<T> or SparseRows<T>, and follows from X in `Dataset{X, y}`.
template <class Rows>
class Dataset {
public:
    using Scalar = typename Rows::Scalar;
    using Names = std::vector<std::string>;

    /// Copies X (n × d) and y (n numbers). Throws std::invalid_argument if they disagree in length,
    /// if there is no example, or if a number is NaN or infinite.
    template <class X, class Y>
        requires DenseMatrix<X> || SparseMatrix<X>
    Dataset(const X& x, const Eigen::DenseBase<Y>& y) {
        store(x);
        require_finite_values();
        targets_ = share(y);
        check(static_cast<Index>(y.size()), -1);
    }

    /// The same with example weights, >= 0, finite and not all zero, of a finite sum.
    template <class X, class Y, class W>
        requires DenseMatrix<X> || SparseMatrix<X>
    Dataset(const X& x, const Eigen::DenseBase<Y>& y, const Eigen::DenseBase<W>& weights) {
        store(x);
        require_finite_values();
        targets_ = share(y);
        weights_ = share(weights);
        check(static_cast<Index>(y.size()), static_cast<Index>(weights.size()));
    }

    /// A dataset over memory of others: the rows, `rows.examples` targets and as many weights (or
    /// null). `owner` keeps all of that alive; without it the memory is borrowed and must outlive
    /// every copy. Targets and weights are checked, features are taken as they are.
    static Dataset view(const Rows& rows, const double* targets, const double* weights = nullptr,
                        std::shared_ptr<const void> owner = nullptr) {
        Dataset result;
        result.rows_ = rows;
        result.targets_ = std::shared_ptr<const double>(owner, targets);
        result.weights_ = std::shared_ptr<const double>(owner, weights);
        result.owner_ = std::move(owner);
        result.check(rows.examples, weights == nullptr ? -1 : rows.examples);
        return result;
    }

    Index examples() const { return rows_.examples; }
    Index features() const { return rows_.features; }
    const Rows& rows() const { return rows_; }

    /// The n targets; always double, whatever the features are.
    Eigen::Map<const Eigen::VectorXd> targets() const { return {targets_.get(), examples()}; }

    bool weighted() const { return weights_ != nullptr; }

    /// The n example weights, or none if every example counts the same.
    Eigen::Map<const Eigen::VectorXd> weights() const {
        return {weights_.get(), weighted() ? examples() : 0};
    }

    /// Names of the classes 0, …, K - 1 (or of -1 and +1), or none.
    const Names& class_names() const { return class_names_ ? *class_names_ : none(); }

    /// Names of the d features, or none.
    const Names& feature_names() const { return feature_names_ ? *feature_names_ : none(); }

    /// Copies the given examples, in the given order; one may be given more than once. Throws
    /// std::invalid_argument for an empty list and std::out_of_range for a number outside
    /// 0, …, n - 1.
    Dataset select(std::span<const std::int32_t> chosen) const {
        if (chosen.empty()) {
            throw std::invalid_argument("Dataset::select: the list of examples is empty");
        }
        for (const std::int32_t i : chosen) {
            if (i < 0 || i >= examples()) {
                throw std::out_of_range("Dataset::select: example " + std::to_string(i) +
                                        " does not exist, there are " + std::to_string(examples()));
            }
        }
        Dataset result = *this;
        result.gather(rows_, chosen);
        result.targets_ = gather(targets(), chosen);
        if (weighted()) {
            result.weights_ = gather(weights(), chosen);
            result.check(result.examples(), result.examples());
        }
        return result;
    }

    /// The same examples with other targets.
    template <class Y>
    Dataset with_targets(const Eigen::DenseBase<Y>& y) const {
        Dataset result = *this;
        result.targets_ = share(y);
        result.check(static_cast<Index>(y.size()), -1);
        return result;
    }

    /// The same examples with other weights, >= 0, finite and not all zero.
    template <class W>
    Dataset with_weights(const Eigen::DenseBase<W>& weights) const {
        Dataset result = *this;
        result.weights_ = share(weights);
        result.check(examples(), static_cast<Index>(weights.size()));
        return result;
    }

    Dataset with_class_names(Names names) const {
        Dataset result = *this;
        result.class_names_ = std::make_shared<const Names>(std::move(names));
        return result;
    }

    /// Throws std::invalid_argument unless there is a name for each feature, or none at all.
    Dataset with_feature_names(Names names) const {
        if (!names.empty() && std::cmp_not_equal(names.size(), features())) {
            throw std::invalid_argument("Dataset: " + std::to_string(names.size()) +
                                        " feature names for " + std::to_string(features()) +
                                        " features");
        }
        Dataset result = *this;
        result.feature_names_ = std::make_shared<const Names>(std::move(names));
        return result;
    }

private:
    struct Csr {
        std::vector<Scalar> values;
        std::vector<std::int32_t> columns;
        std::vector<std::int64_t> offsets;
    };

    Rows rows_;
    std::shared_ptr<const double> targets_;
    std::shared_ptr<const double> weights_;
    std::shared_ptr<const void> owner_;
    std::shared_ptr<const Names> class_names_;
    std::shared_ptr<const Names> feature_names_;

    Dataset() = default;

    static const Names& none() {
        static const Names empty;
        return empty;
    }

    template <class Y>
    static std::shared_ptr<const double> share(const Eigen::DenseBase<Y>& y) {
        static_assert(Y::IsVectorAtCompileTime, "targets and weights are vectors, not matrices");
        const auto& values = y.eval();  // a product has no single entries
        auto copy = std::make_shared<Eigen::VectorXd>(y.size());
        for (Index i = 0; i < y.size(); ++i) {
            (*copy)[i] = static_cast<double>(values.coeff(i));
        }
        const double* first = copy->data();
        return {std::move(copy), first};
    }

    static std::shared_ptr<const double> gather(const Eigen::Map<const Eigen::VectorXd>& from,
                                                std::span<const std::int32_t> chosen) {
        auto copy = std::make_shared<Eigen::VectorXd>(static_cast<Index>(chosen.size()));
        for (std::size_t k = 0; k < chosen.size(); ++k) {
            (*copy)[static_cast<Index>(k)] = from[chosen[k]];
        }
        const double* first = copy->data();
        return {std::move(copy), first};
    }

    template <DenseMatrix X>
    void store(const X& x) {
        static_assert(std::same_as<Rows, DenseRows<typename X::Scalar>>);
        adopt(std::make_shared<const typename Rows::Matrix>(x));
    }

    template <SparseMatrix X>
    void store(const X& x) {
        static_assert(std::same_as<Rows, SparseRows<typename X::Scalar>>);
        constexpr bool by_rows = X::IsRowMajor;
        if (x.cols() > std::numeric_limits<std::int32_t>::max()) {
            throw std::invalid_argument("Dataset: X has " + std::to_string(x.cols()) +
                                        " columns; column numbers are of 32 bits");
        }
        auto csr = std::make_shared<Csr>();
        const auto each = [&x](auto&& see) {
            for (Index outer = 0; outer < x.outerSize(); ++outer) {
                const Index first = x.outerIndexPtr()[outer];
                const Index last = x.innerNonZeroPtr() != nullptr
                                       ? first + x.innerNonZeroPtr()[outer]
                                       : Index{x.outerIndexPtr()[outer + 1]};
                for (Index k = first; k < last; ++k) {
                    const Index inner = x.innerIndexPtr()[k];
                    see(by_rows ? outer : inner, by_rows ? inner : outer, x.valuePtr()[k]);
                }
            }
        };
        csr->offsets.assign(static_cast<std::size_t>(x.rows()) + 1, 0);
        each([&](Index i, Index, Scalar) { ++csr->offsets[static_cast<std::size_t>(i) + 1]; });
        for (std::size_t i = 1; i < csr->offsets.size(); ++i) {
            csr->offsets[i] += csr->offsets[i - 1];
        }
        csr->values.resize(static_cast<std::size_t>(csr->offsets.back()));
        csr->columns.resize(csr->values.size());
        std::vector<std::int64_t> next = csr->offsets;
        each([&](Index i, Index j, Scalar value) {
            const auto k = static_cast<std::size_t>(next[static_cast<std::size_t>(i)]++);
            csr->values[k] = value;
            csr->columns[k] = static_cast<std::int32_t>(j);
        });
        adopt(std::move(csr), x.rows(), x.cols());
    }

    void gather(const DenseRows<Scalar>& from, std::span<const std::int32_t> chosen) {
        auto copy = std::make_shared<typename DenseRows<Scalar>::Matrix>(
            static_cast<Index>(chosen.size()), from.features);
        for (std::size_t k = 0; k < chosen.size(); ++k) {
            std::copy_n(from.row(chosen[k]), from.features,
                        copy->data() + static_cast<Index>(k) * from.features);
        }
        adopt(std::move(copy));
    }

    void gather(const SparseRows<Scalar>& from, std::span<const std::int32_t> chosen) {
        auto copy = std::make_shared<Csr>();
        copy->offsets.assign(1, 0);
        copy->offsets.reserve(chosen.size() + 1);
        for (const std::int32_t i : chosen) {
            copy->offsets.push_back(copy->offsets.back() + from.nonzeros(i));
        }
        copy->values.reserve(static_cast<std::size_t>(copy->offsets.back()));
        copy->columns.reserve(static_cast<std::size_t>(copy->offsets.back()));
        for (const std::int32_t i : chosen) {
            const auto values = from.row_values(i);
            const auto columns = from.row_columns(i);
            copy->values.insert(copy->values.end(), values.begin(), values.end());
            copy->columns.insert(copy->columns.end(), columns.begin(), columns.end());
        }
        adopt(std::move(copy), static_cast<Index>(chosen.size()), from.features);
    }

    void adopt(std::shared_ptr<const typename DenseRows<Scalar>::Matrix> matrix) {
        rows_ = {matrix->data(), matrix->rows(), matrix->cols(), matrix->cols()};
        owner_ = std::move(matrix);
    }

    void adopt(std::shared_ptr<const Csr> csr, Index examples, Index features) {
        rows_ = {csr->values.data(), csr->columns.data(), csr->offsets.data(), examples, features};
        owner_ = std::move(csr);
    }

    void require_finite_values() const {
        const auto refuse = [](Index i, Index j, Scalar value) {
            throw std::invalid_argument("Dataset: X(" + std::to_string(i) + ", " +
                                        std::to_string(j) + ") is " + std::to_string(value) +
                                        "; features must be finite");
        };
        for (Index i = 0; i < examples(); ++i) {
            if constexpr (requires { rows_.columns; }) {
                for (std::size_t k = 0; k < rows_.row_values(i).size(); ++k) {
                    if (const Scalar value = rows_.row_values(i)[k]; !std::isfinite(value)) {
                        refuse(i, rows_.row_columns(i)[k], value);
                    }
                }
            } else {
                for (Index j = 0; j < features(); ++j) {
                    if (!std::isfinite(rows_.row(i)[j])) {
                        refuse(i, j, rows_.row(i)[j]);
                    }
                }
            }
        }
    }

    // Counts of targets and weights as given; -1 for no weights to look at.
    void check(Index target_count, Index weight_count) const {
        if (examples() == 0) {
            throw std::invalid_argument("Dataset: X has no rows; give at least one example");
        }
        const auto refuse_length = [this](const char* what, Index count) {
            throw std::invalid_argument("Dataset: X is " + std::to_string(examples()) + " x " +
                                        std::to_string(features()) + ", " + what + " has length " +
                                        std::to_string(count) + "; they must agree");
        };
        const auto refuse_number = [](const char* what, Index i, double value, const char* rule) {
            throw std::invalid_argument(std::string("Dataset: ") + what + "[" + std::to_string(i) +
                                        "] is " + std::to_string(value) + "; " + rule);
        };
        if (target_count != examples()) {
            refuse_length("y", target_count);
        }
        for (Index i = 0; i < examples(); ++i) {
            if (!std::isfinite(targets()[i])) {
                refuse_number("y", i, targets()[i], "targets must be finite");
            }
        }
        if (weight_count < 0) {
            return;
        }
        if (weight_count != examples()) {
            refuse_length("weights", weight_count);
        }
        double sum = 0;
        for (Index i = 0; i < examples(); ++i) {
            const double w = weights()[i];
            if (!std::isfinite(w) || w < 0) {
                refuse_number("weights", i, w, "weights must be finite and not negative");
            }
            sum += w;
        }
        if (sum == 0) {
            throw std::invalid_argument("Dataset: all weights are 0; give some example a weight");
        }
        if (!std::isfinite(sum) || !std::isfinite(static_cast<double>(examples()) / sum)) {
            throw std::invalid_argument(
                "Dataset: the sum of the weights is too large or too small for a number; scale "
                "them, only their ratios matter");
        }
    }
};

template <DenseMatrix X, class Y, class... W>
Dataset(const X&, const Y&, const W&...) -> Dataset<DenseRows<typename X::Scalar>>;

template <SparseMatrix X, class Y, class... W>
Dataset(const X&, const Y&, const W&...) -> Dataset<SparseRows<typename X::Scalar>>;

/// A dataset over a row-major matrix and targets that the caller keeps alive: nothing is copied.
/// X may be a block of another matrix. Features are not checked.
template <DenseMatrix X>
    requires((X::Flags & Eigen::RowMajorBit) != 0 && (X::Flags & Eigen::DirectAccessBit) != 0 &&
             X::InnerStrideAtCompileTime == 1)
Dataset<DenseRows<typename X::Scalar>> borrow(const X& x, const Eigen::VectorXd& y) {
    if (x.rows() != y.size()) {
        throw std::invalid_argument("borrow: X is " + std::to_string(x.rows()) + " x " +
                                    std::to_string(x.cols()) + ", y has length " +
                                    std::to_string(y.size()) + "; they must agree");
    }
    return Dataset<DenseRows<typename X::Scalar>>::view(
        {x.derived().data(), x.rows(), x.cols(), x.outerStride()}, y.data());
}

template <DenseMatrix X>
void borrow(const X&& x, const Eigen::VectorXd& y) = delete;
template <DenseMatrix X>
void borrow(const X& x, const Eigen::VectorXd&& y) = delete;

}  // namespace ermine
