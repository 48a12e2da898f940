// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/data/dataset.hpp>

namespace ermine {

/// The map x ↦ (x - mean) / scale of each feature, learnt from one dataset and applied to others,
/// to be kept with the model that is fitted behind it.
struct Standardization {
    Eigen::VectorXd mean;   ///< All 0 if nothing is centred.
    Eigen::VectorXd scale;  ///< Positive; 1 for a feature that is constant.

    /// Learns the weighted mean and standard deviation of each feature, √(Σ wᵢ(xᵢ - m)² / Σ wᵢ),
    /// in two passes with the correction of Chan, Golub & LeVeque, "Algorithms for computing the
    /// sample variance", The American Statistician 37, 1983, eq. (1.7). Examples of weight 0 do
    /// not count. With `centre` false (for a model without intercept), and always for sparse rows,
    /// whose zeros would be lost, features are scaled only: the mean is left at 0.
    /// Throws std::invalid_argument if a deviation overflows.
    template <class Rows>
    static Standardization fit(const Dataset<Rows>& data, bool centre = true) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        const Index d = data.features();
        const auto weight = [&](Index i) { return data.weighted() ? data.weights()[i] : 1.0; };
        Eigen::VectorXd low = Eigen::VectorXd::Constant(d, infinity);
        Eigen::VectorXd high = -low;
        Eigen::VectorXd mean = Eigen::VectorXd::Zero(d);
        Eigen::VectorXd seen = Eigen::VectorXd::Zero(d);  // weight of the entries that are stored
        double all = 0;
        for (Index i = 0; i < data.examples(); ++i) {
            const double w = weight(i);
            all += w;
            each(data.rows(), i, [&](Index j, double x) {
                if (w > 0) {
                    seen[j] += w;
                    mean[j] += (w / seen[j]) * x - (w / seen[j]) * mean[j];
                    low[j] = std::min(low[j], x);
                    high[j] = std::max(high[j], x);
                }
            });
        }
        std::vector<Index> stored(static_cast<std::size_t>(d), 0);
        Index counted = 0;
        for (Index i = 0; i < data.examples(); ++i) {
            counted += weight(i) > 0 ? 1 : 0;
            each(data.rows(), i, [&](Index j, double) {
                stored[static_cast<std::size_t>(j)] += weight(i) > 0 ? 1 : 0;
            });
        }
        for (Index j = 0; j < d; ++j) {
            if (stored[static_cast<std::size_t>(j)] < counted) {  // the zeros that are not stored
                mean[j] *= seen[j] / all;
                low[j] = std::min(low[j], 0.0);
                high[j] = std::max(high[j], 0.0);
            } else {
                seen[j] = all;
            }
        }
        Eigen::VectorXd squares = (all - seen.array()) * mean.array().square();
        Eigen::VectorXd sums = (seen.array() - all) * mean.array();
        for (Index i = 0; i < data.examples(); ++i) {
            const double w = weight(i);
            each(data.rows(), i, [&](Index j, double x) {
                squares[j] += w * (x - mean[j]) * (x - mean[j]);
                sums[j] += w * (x - mean[j]);
            });
        }
        Standardization result{mean, Eigen::VectorXd::Ones(d)};
        for (Index j = 0; j < d; ++j) {
            if (low[j] == high[j]) {
                result.mean[j] = low[j];
                continue;
            }
            result.mean[j] += sums[j] / all;  // takes out the rounding of the first pass
            const double variance = (squares[j] - sums[j] * (sums[j] / all)) / all;
            if (!std::isfinite(variance)) {
                throw std::invalid_argument("Standardization: feature " + std::to_string(j) +
                                            " has no finite variance; its numbers are too large");
            }
            // Too small to be a positive variance: as good as constant.
            result.scale[j] = variance > 0 ? std::sqrt(variance) : 1.0;
        }
        if (!centre || is_sparse<Rows>) {
            result.mean.setZero();
        }
        return result;
    }

    /// The dataset in standardized features; targets, weights and names are shared. Throws
    /// std::invalid_argument if it has another number of features, or if it is sparse and a mean
    /// is not 0.
    template <class Rows>
    Dataset<Rows> apply(const Dataset<Rows>& data) const {
        using T = typename Rows::Scalar;
        struct Memory {
            std::vector<T> values;
            Dataset<Rows> original;  // keeps what is shared
        };
        if (data.features() != mean.size()) {
            throw std::invalid_argument("Standardization: learnt from " +
                                        std::to_string(mean.size()) + " features, applied to " +
                                        std::to_string(data.features()));
        }
        if (is_sparse<Rows> && !mean.isZero(0)) {
            throw std::invalid_argument(
                "Standardization: sparse data cannot be centred; learn it "
                "from sparse data, or with centre = false");
        }
        auto memory = std::make_shared<Memory>(Memory{{}, data});
        memory->values.reserve(static_cast<std::size_t>(data.rows().nonzeros()));
        for (Index i = 0; i < data.examples(); ++i) {
            each(data.rows(), i, [&](Index j, double x) {
                memory->values.push_back(static_cast<T>((x - mean[j]) / scale[j]));
            });
        }
        Rows rows = data.rows();
        rows.values = memory->values.data();
        if constexpr (!is_sparse<Rows>) {
            rows.stride = rows.features;
        }
        return Dataset<Rows>::view(rows, data.targets().data(),
                                   data.weighted() ? data.weights().data() : nullptr,
                                   std::move(memory))
            .with_feature_names(data.feature_names())
            .with_class_names(data.class_names());
    }

    /// Turns the coefficients w (d × K, a column for each output) and intercepts b (K) of a linear
    /// model of standardized features into those of raw features, with the same predictions:
    /// wⱼ / scaleⱼ and b - Σⱼ wⱼ meanⱼ / scaleⱼ.
    void unstandardize(Eigen::Ref<Eigen::MatrixXd> w, Eigen::Ref<Eigen::VectorXd> b) const {
        if (w.rows() != scale.size() || w.cols() != b.size()) {
            throw std::invalid_argument("Standardization: " + std::to_string(scale.size()) +
                                        " features, coefficients " + std::to_string(w.rows()) +
                                        " x " + std::to_string(w.cols()) + ", " +
                                        std::to_string(b.size()) + " intercepts; they must agree");
        }
        w.array().colwise() /= scale.array();
        b.noalias() -= w.transpose() * mean;
    }

private:
    template <class Rows>
    static constexpr bool is_sparse = requires(const Rows& rows) { rows.columns; };

    template <class Rows>
    static void each(const Rows& rows, Index i, auto&& see) {
        if constexpr (is_sparse<Rows>) {
            const auto values = rows.row_values(i);
            const auto columns = rows.row_columns(i);
            for (std::size_t k = 0; k < values.size(); ++k) {
                see(Index{columns[k]}, static_cast<double>(values[k]));
            }
        } else {
            for (Index j = 0; j < rows.features; ++j) {
                see(j, static_cast<double>(rows.row(i)[j]));
            }
        }
    }
};

}  // namespace ermine
