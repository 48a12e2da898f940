// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/dense_eigen.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// How `lanczos_eigenpairs` runs.
struct EigenpairOptions {
    Index largest = 1;          ///< how many of the largest eigenvalues
    Index smallest = 1;         ///< how many of the smallest
    double tolerance = 1e-8;    ///< of the residuals, relative to ‖A‖
    Index max_products = 2000;  ///< with A at most
    Index basis = 0;            ///< vectors that are kept; 0: 2 · wanted + 40
    bool copies = true;         ///< whether more copies of multiple eigenvalues are looked for
    std::uint64_t seed = 1;     ///< of the random starts
};

/// Eigenpairs at one end, the outermost first.
struct Eigenpairs {
    Eigen::VectorXd values;
    Eigen::VectorXd residuals;  ///< ‖A v − λ v‖: an eigenvalue lies this near to each value
    Eigen::MatrixXd vectors;    ///< of length 1, in columns
};

/// What `lanczos_eigenpairs` found.
struct ExtremeEigenpairs {
    Eigenpairs largest;   ///< in decreasing order
    Eigenpairs smallest;  ///< in increasing order
    double norm = 0;      ///< ‖A‖, the largest |λ| that was seen
    Index products = 0;
    bool converged = false;  ///< all residuals are as small as asked, and no copy was found, if any
                             ///< was looked for
};

/// Thick-restart Lanczos with full reorthogonalization.
template <class Operator>
class ThickRestartLanczos {
public:
    ThickRestartLanczos(Index n, const Operator& apply, const EigenpairOptions& options)
        : n_(n), apply_(apply), options_(options), random_(options.seed) {
        require_count(n, "lanczos_eigenpairs: the operator's size");
        require_not_negative(options.largest, "EigenpairOptions.largest");
        require_not_negative(options.smallest, "EigenpairOptions.smallest");
        require_count(options.largest + options.smallest, "EigenpairOptions.largest + smallest");
        require_positive(options.tolerance, "EigenpairOptions.tolerance");
        require_count(options.max_products, "EigenpairOptions.max_products");
        top_ = std::min(options.largest, n);
        bottom_ = std::min(options.smallest, n);
        const Index wanted = top_ + bottom_;
        size_ = options.basis > 0 ? options.basis : 2 * wanted + 40;
        if (size_ < n && size_ < wanted + 3)
            refuse("EigenpairOptions.basis", std::int64_t{size_},
                   "it must hold three vectors more than the eigenvalues that are wanted");
        size_ = std::min({size_, n, std::max(options.max_products, wanted + 3)});
        basis_.resize(n, size_ + 1);
        projected_ = Eigen::MatrixXd::Zero(size_, size_);
        next_.resize(n);
    }

    ExtremeEigenpairs run() {
        draw(0);
        Index kept = 0;
        bool checking = false;  // a fresh direction was added to what had converged
        Index fresh = 0;        // products since
        for (;;) {
            const bool enough = fill(kept, fresh);
            const Index m = filled_;
            const DenseEigen ritz = dense_eigen(projected_.topLeftCorner(m, m));
            norm_ = std::max({norm_, std::abs(ritz.values[0]), std::abs(ritz.values[m - 1])});
            const double rounding =
                std::sqrt(static_cast<double>(n_)) * norm_ * std::numeric_limits<double>::epsilon();
            // Half: what is left of a cluster below may be as wrong again.
            const double accurate = options_.tolerance / 2 * norm_ + rounding;
            const auto residual = [&](Index i) { return left_ * std::abs(ritz.vectors(m - 1, i)); };
            bool converged = true;
            for (Index i = 0; i < top_; ++i)
                converged = converged && residual(m - 1 - i) <= accurate;
            for (Index i = 0; i < bottom_; ++i) converged = converged && residual(i) <= accurate;
            const bool all = m == n_;
            // Krylov's space of one vector holds one vector of an eigenspace: whether there are
            // more shows in that of a second vector, once its own end has taken shape.
            bool settled = converged && checking && fresh >= std::min<Index>(n_ - m + 1, 10);
            if (converged && !options_.copies) settled = true;
            if (settled && options_.copies && m > top_ + bottom_ + 1) {
                const Index above = m - 1 - top_;
                if (top_ > 0)
                    settled = settled && ritz.values[above] + residual(above) <=
                                             ritz.values[above + 1] + accurate;
                if (bottom_ > 0)
                    settled = settled && ritz.values[bottom_] - residual(bottom_) >=
                                             ritz.values[bottom_ - 1] - accurate;
            }
            if (all || settled || !enough) return answer(ritz, all || settled);

            const bool start_check = converged && !checking;
            kept = compress(ritz, start_check);
            if (start_check) {
                draw(kept);
                left_ = 0;
                fresh = 0;
            } else {
                basis_.col(kept) = next_ / left_;
            }
            // What was converged before a check began may have moved for a copy that was found.
            checking = start_check || (checking && converged);
        }
    }

private:
    Index n_;
    const Operator& apply_;
    EigenpairOptions options_;
    Random random_;
    Index top_ = 0;
    Index bottom_ = 0;
    Index size_ = 0;
    Index filled_ = 0;
    Index products_ = 0;
    double left_ = 0;  // the norm of next_, what the last product has outside of the basis
    double norm_ = 0;
    Eigen::MatrixXd basis_;
    Eigen::MatrixXd projected_;  // A in the basis
    Eigen::VectorXd next_;
    Eigen::VectorXd product_;

    /// A random vector, orthogonal to the first k of the basis, as number k of it.
    void draw(Index k) {
        auto column = basis_.col(k);
        for (;;) {
            for (Index i = 0; i < n_; ++i) column[i] = random_.normal();
            column /= column.norm();
            for (int pass = 0; pass < 3; ++pass) {
                if (k > 0)
                    column -= basis_.leftCols(k) * (basis_.leftCols(k).transpose() * column).eval();
                const double length = column.norm();
                if (!(length > 1e-12)) break;
                column /= length;
                if (pass == 2) return;
            }
        }
    }

    /// Products from vector `kept` of the basis on, until the basis is full; false where there may
    /// be no more of them.
    bool fill(Index kept, Index& fresh) {
        for (Index j = kept; j < size_; ++j) {
            product_ = basis_.col(j);
            apply_(std::as_const(product_), next_);
            ++products_;
            ++fresh;
            const double before = next_.norm();
            if (!std::isfinite(before))
                throw std::invalid_argument(
                    "lanczos_eigenpairs: product " + std::to_string(products_) +
                    " with the operator is not finite: there are no eigenvalues to find");
            norm_ = std::max(norm_, before);
            const auto known = basis_.leftCols(j + 1);
            Eigen::VectorXd along = Eigen::VectorXd::Zero(j + 1);
            double size = before;
            if (j > kept) {
                // What the recurrence says is taken off first; the rest is then most often
                // rounding, and one pass over the basis is enough.
                along[j - 1] = left_;
                next_ -= left_ * basis_.col(j - 1);
                along[j] = next_.dot(basis_.col(j));
                next_ -= along[j] * basis_.col(j);
                size = next_.norm();
            }
            for (int pass = 0; pass < 2; ++pass) {
                const Eigen::VectorXd again = known.transpose() * next_;
                next_.noalias() -= known * again;
                along += again;
                left_ = next_.norm();
                if (left_ > 0.7 * size) break;
                size = left_;
            }
            projected_.col(j).head(j + 1) = along;
            projected_.row(j).head(j + 1) = along.transpose();
            filled_ = j + 1;
            const double rounding =
                std::sqrt(static_cast<double>(n_)) * norm_ * std::numeric_limits<double>::epsilon();
            const bool invariant = left_ <= rounding;
            if (j + 1 == n_) {
                left_ = 0;
                return true;
            }
            if (products_ >= options_.max_products && filled_ >= top_ + bottom_) return false;
            if (j + 1 == size_) {
                if (invariant) left_ = 0;
                return true;
            }
            if (invariant) {
                draw(j + 1);
                left_ = 0;
            } else {
                basis_.col(j + 1) = next_ / left_;
            }
        }
        return true;
    }

    /// Replaces the basis by Ritz vectors: those that are wanted, and some that will be a help;
    /// all of the wanted alone before a check. Returns how many.
    Index compress(const DenseEigen& ritz, bool wanted_only) {
        const Index m = filled_;
        const Index wanted = top_ + bottom_;
        const Index extra = wanted_only ? 0 : std::max<Index>(0, (m - wanted) * 2 / 5);
        Index high = top_;
        Index low = bottom_;
        if (top_ > 0 && bottom_ > 0) {
            high += extra / 2;
            low += extra / 2;
        } else {
            (top_ > 0 ? high : low) += extra;
        }
        while (high + low > m - 2) high > low ? --high : --low;
        const Index kept = high + low;
        Eigen::MatrixXd turn(m, kept);
        turn.leftCols(low) = ritz.vectors.leftCols(low);
        turn.rightCols(high) = ritz.vectors.rightCols(high);
        // By blocks of rows: no second basis.
        constexpr Index rows = 256;
        Eigen::MatrixXd block;
        for (Index first = 0; first < n_; first += rows) {
            const Index count = std::min(rows, n_ - first);
            block.resize(count, kept);
            for (Index k = 0; k < kept; ++k)  // a product of matrices would wait for threads
                block.col(k).noalias() = basis_.block(first, 0, count, m) * turn.col(k);
            basis_.block(first, 0, count, kept) = block;
        }
        projected_.setZero();
        projected_.diagonal().head(low) = ritz.values.head(low);
        projected_.diagonal().segment(low, high) = ritz.values.tail(high);
        if (left_ == 0 && !wanted_only) {  // an invariant space: go on in another direction
            draw(kept);
            next_ = basis_.col(kept);
            left_ = 1;
        }
        return kept;
    }

    ExtremeEigenpairs answer(const DenseEigen& ritz, bool converged) {
        ExtremeEigenpairs result;
        const Index m = filled_;
        const auto take = [&](Eigenpairs& pairs, Index count, bool from_top) {
            pairs.values.resize(count);
            pairs.residuals.resize(count);
            pairs.vectors.resize(n_, count);
            for (Index k = 0; k < count; ++k) {
                const Index i = from_top ? m - 1 - k : k;
                product_.noalias() = basis_.leftCols(m) * ritz.vectors.col(i);
                product_ /= product_.norm();
                // Measured, not inferred: a check forgets what was left.
                apply_(std::as_const(product_), next_);
                ++products_;
                pairs.values[k] = ritz.values[i];
                pairs.residuals[k] = (next_ - ritz.values[i] * product_).norm();
                pairs.vectors.col(k) = product_;
            }
        };
        take(result.largest, std::min(top_, m), true);
        take(result.smallest, std::min(bottom_, m), false);
        result.norm = std::max(std::abs(ritz.values[0]), std::abs(ritz.values[m - 1]));
        result.products = products_;
        result.converged = converged;
        return result;
    }
};

/// The outermost eigenpairs of a symmetric operator from products alone: apply(v, Av) fills Av.
///
/// Lanczos' method with full reorthogonalization (classical Gram–Schmidt, again where it cancels:
/// Daniel, Gragg, Kaufman & Stewart 1976) and thick restarts: when the basis is full, it is
/// replaced by the Ritz vectors at both ends and what is left of the last product, and the
/// recurrence goes on (Wu & Simon, "Thick-restart Lanczos method for large symmetric eigenvalue
/// problems", SIMAX 22, 2000). All products of the basis are kept, so that a restart needs no
/// formula for what couples it. The residual of each pair bounds the distance to an eigenvalue.
/// When all are small, a random direction is added, to find the other copies of multiple
/// eigenvalues; it has converged when that has brought nothing new.
///
/// Memory for (basis + 1) · n numbers. Throws std::invalid_argument for options out of range and
/// where a product is not finite.
template <class Operator>
ExtremeEigenpairs lanczos_eigenpairs(Index n, const Operator& apply,
                                     const EigenpairOptions& options = {}) {
    return ThickRestartLanczos<Operator>(n, apply, options).run();
}

}  // namespace ermine
