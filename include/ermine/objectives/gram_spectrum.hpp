// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include <ermine/data/dataset.hpp>
#include <ermine/data/row_block.hpp>
#include <ermine/data/weighted_gram.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/lanczos.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>

namespace ermine {

/// Bounds on the spectrum of the Gram matrix G = Σ wᵢ x̃ᵢ x̃ᵢᵀ / Σ wᵢ of a dataset, x̃ = [x; 1] with
/// an intercept and x without: what smoothness and strong convexity of a linear model come down to.
/// Every bound errs to the safe side: largest eigenvalues are rounded up, smallest down.
///
/// Up to `exact_size` columns G is formed, and t is a bound when the Cholesky factorization of
/// t I − G (or G − t I) exists, which is certain up to a rounding error that is added; bisection
/// finds t to one part in a million. Above, the largest eigenvalue is the upper bound of `lanczos`,
/// which fails with a probability below 1e-9.
template <class Rows>
class GramSpectrum {
public:
    static constexpr Index exact_size = 512;

    GramSpectrum(Dataset<Rows> data, bool intercept)
        : data_(std::move(data)), intercept_(intercept) {
        const Index n = data_.examples();
        total_ = data_.weighted() ? data_.weights().sum() : static_cast<double>(n);
        for (Index i = 0; i < n; ++i) {
            double square = intercept_ ? 1 : 0;
            each(i, [&](Index, double x) { square += x * x; });
            const double share = weight(i) / total_;
            trace_ += share * square;
            mean_length_ += share * std::sqrt(square);
            largest_example_ = std::max(largest_example_, static_cast<double>(n) * share * square);
        }
    }

    /// maxᵢ n wᵢ ‖x̃ᵢ‖² / Σ w.
    [[nodiscard]] double largest_example() const { return up(largest_example_); }

    /// Σ wᵢ ‖x̃ᵢ‖ / Σ w.
    [[nodiscard]] double mean_length() const { return up(mean_length_); }

    /// λmax(G), not too small.
    [[nodiscard]] double largest_eigenvalue() const {
        if (!largest_)
            largest_ = size() <= exact_size ? largest_by_cholesky() : largest_by_lanczos();
        return *largest_;
    }

    /// λmin(G + shift · diag(1, …, 1, 0)), the 0 at the intercept; not too large, and never
    /// negative. Above `exact_size` columns: `shift` without an intercept, otherwise 0.
    [[nodiscard]] double smallest_eigenvalue(double shift = 0) const {
        const double least = intercept_ ? 0 : shift;
        if (size() > exact_size || size() == 0) return least;
        if (smallest_ && smallest_->first == shift) return smallest_->second;
        Eigen::MatrixXd shifted = gram();
        shifted.diagonal().head(data_.features()).array() += shift;
        const double error = rounding() * (trace_ + shift);
        double high = shifted.diagonal().minCoeff();
        double low = 0;
        for (double t = high / 2; low == 0 && t > error; t /= 8)
            positive_definite(shifted, t, 1) ? low = t : high = t;
        while (low > 0 && high - low > 1e-6 * low) {
            const double t = low + (high - low) / 2;
            if (t <= low || t >= high) break;
            positive_definite(shifted, t, 1) ? low = t : high = t;
        }
        smallest_ = {shift, std::max(least, low - error)};
        return smallest_->second;
    }

private:
    Dataset<Rows> data_;
    bool intercept_;
    double total_ = 0;
    double trace_ = 0;
    double mean_length_ = 0;
    double largest_example_ = 0;
    mutable std::optional<double> largest_;
    mutable std::optional<std::pair<double, double>> smallest_;  // of a shift
    mutable std::optional<Eigen::MatrixXd> gram_;

    [[nodiscard]] Index size() const { return data_.features() + (intercept_ ? 1 : 0); }
    [[nodiscard]] double weight(Index i) const { return data_.weighted() ? data_.weights()[i] : 1; }

    /// Of sums over the examples and of a factorization, relative to the trace.
    [[nodiscard]] double rounding() const {
        return static_cast<double>(data_.examples() + 4 * size() + 64) *
               std::numeric_limits<double>::epsilon();
    }

    [[nodiscard]] double up(double x) const { return x * (1 + rounding()); }

    /// Calls see(j, x_ij) for the stored numbers of example i.
    template <class See>
    void each(Index i, const See& see) const {
        const Rows& rows = data_.rows();
        if constexpr (requires { rows.columns; }) {
            for (Index e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e)
                see(Index{rows.columns[e]}, static_cast<double>(rows.values[e]));
        } else {
            const auto* const x = rows.row(i);
            for (Index j = 0; j < rows.features; ++j) see(j, static_cast<double>(x[j]));
        }
    }

    [[nodiscard]] const Eigen::MatrixXd& gram() const {
        if (gram_) return *gram_;
        const Index m = size();
        gram_.emplace(m, m);
        constexpr Index block = 256;
        const Chunks chunks = chunks_for(data_.examples(), 4 * block, 8);
        PartialSums<double> sums;
        Eigen::Map<Eigen::VectorXd> out(gram_->data(), m * m);
        parallel_sum(chunks, sums, out, [&](Index begin, Index end, auto& partial) {
            GramWorkspace workspace;
            Eigen::Map<Eigen::MatrixXd> sum(partial.data(), m, m);
            for (Index first = begin; first < end; first += block) {
                const Index count = std::min(block, end - first);
                Eigen::ArrayXd shares(count);
                for (Index k = 0; k < count; ++k) shares[k] = weight(first + k) / total_;
                add_weighted_gram(RowBlock<Rows>{data_.rows(), nullptr, first, count}, intercept_,
                                  shares, sum, workspace);
            }
            return 0.0;
        });
        gram_->template triangularView<Eigen::StrictlyUpper>() = gram_->transpose();
        return *gram_;
    }

    /// Whether sign (A − t I) has a Cholesky factorization.
    static bool positive_definite(const Eigen::MatrixXd& a, double t, double sign) {
        Eigen::MatrixXd shifted = sign * a;
        shifted.diagonal().array() -= sign * t;
        return Eigen::LLT<Eigen::MatrixXd>(shifted).info() == Eigen::Success;
    }

    [[nodiscard]] double largest_by_cholesky() const {
        if (!(trace_ > 0)) return 0;
        const Eigen::MatrixXd& g = gram();
        Eigen::VectorXd v = Eigen::VectorXd::Ones(size());
        for (int k = 0; k < 20; ++k) v = (g * v).normalized();
        double low = std::max(g.diagonal().maxCoeff(), v.allFinite() ? v.dot(g * v) : 0.0);
        double high = std::min(up(trace_), g.cwiseAbs().rowwise().sum().maxCoeff());
        while (high - low > 1e-6 * low) {
            // Power steps come close to the largest eigenvalue from below: look there first.
            const double t =
                std::min(low + (high - low) / 2, low * (1 + 64e-6) + (high - low) / 64);
            positive_definite(g, t, -1) ? high = t : low = t;
        }
        return high + rounding() * trace_;
    }

    [[nodiscard]] double largest_by_lanczos() const {
        using Direction = Eigen::Matrix<typename Rows::Scalar, Eigen::Dynamic, 1>;
        const Linear model{data_.features(), intercept_};
        constexpr Index block = 32;
        const Chunks chunks = chunks_for(data_.examples(), 32 * block, 8);
        PartialSums<double> sums;
        const auto apply = [&](const Direction& v, Direction& product) {
            product.resize(size());
            parallel_sum(chunks, sums, product, [&](Index begin, Index end, auto& partial) {
                Linear::Workspace workspace;
                std::array<double, block> p;
                for (Index first = begin; first < end; first += block) {
                    const RowBlock<Rows> rows{data_.rows(), nullptr, first,
                                              std::min(block, end - first)};
                    model.predict(rows, v.data(), p.data(), workspace);
                    for (Index k = 0; k < rows.count; ++k)
                        p[static_cast<std::size_t>(k)] *= weight(first + k) / total_;
                    model.add_gradient(rows, p.data(), partial.data(), workspace);
                }
                return 0.0;
            });
        };
        return up(std::min(trace_, lanczos<Direction>(size(), apply).upper_bound));
    }
};

}  // namespace ermine
