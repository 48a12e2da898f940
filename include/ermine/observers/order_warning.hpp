// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Warns, once, where a run visits its examples in a correlated order: sorted by class, or rows of
/// a video one after the other. Then each batch is much like the one before, and none like the
/// data.
///
///     minimize(risk, risk.zero(), minibatch(Sequential{}) | …, …, OrderWarning{data.targets()});
///
/// It looks at the targets in the order in which batches bring them, through the first epoch that
/// is drawn. In random order their lag-1 autocorrelation r is normal with mean 0 and deviation
/// 1/√n (Bartlett 1946), so more than 4/√n is no chance; below `least` it does not matter. It
/// watches methods on minibatches: others have no order.
class OrderWarning {
public:
    static constexpr double least = 0.1;

    /// From the targets of the examples, or any other number that each of them has. The warning is
    /// printed to `stream`, or to none if that is null.
    template <class Y>
    explicit OrderWarning(const Eigen::DenseBase<Y>& targets, std::FILE* stream = stderr)
        : targets_(targets.template cast<double>()), stream_(stream) {
        if (targets_.size() == 0)
            throw std::invalid_argument("OrderWarning: there are no targets to look at");
        mean_ = targets_.mean();
    }

    /// Called by the loop.
    void see(const auto& progress) {
        if (decided_) return;
        if (progress.iteration() > seen_) {
            seen_ = progress.iteration();
            add(rows(progress.state().estimator));
        }
        if (count_ >= targets_.size() || (progress.stopping && count_ > 0)) decide();
    }

    /// Lag-1 autocorrelation of the targets that were seen; 0 where all of them are equal.
    [[nodiscard]] double autocorrelation() const { return squares_ > 0 ? products_ / squares_ : 0; }

    /// Whether the order was found to be correlated.
    [[nodiscard]] bool correlated() const {
        return autocorrelation() > least &&
               autocorrelation() > 4 / std::sqrt(static_cast<double>(count_));
    }

private:
    Eigen::VectorXd targets_;
    std::FILE* stream_;
    double mean_ = 0;
    double last_ = 0;
    double products_ = 0;
    double squares_ = 0;
    Index count_ = 0;
    std::int64_t seen_ = 0;
    bool decided_ = false;

    static const auto& rows(const auto& estimator) {
        if constexpr (requires { estimator.batch.rows; }) {
            return estimator.batch.rows;
        } else {
            constexpr bool has_batches = requires { estimator.rows; };
            static_assert(has_batches,
                          "OrderWarning watches the order of minibatches: take it out where the "
                          "method begins with another estimator");
            return estimator.rows;
        }
    }

    void add(const auto& batch) {
        for (const std::int32_t i : batch) {
            if (i < 0 || i >= targets_.size())
                throw std::invalid_argument(
                    "OrderWarning was made with " + std::to_string(targets_.size()) +
                    " targets, and the run draws example " + std::to_string(i));
            const double deviation = targets_[i] - mean_;
            if (count_ > 0) products_ += deviation * last_;
            squares_ += deviation * deviation;
            last_ = deviation;
            ++count_;
        }
    }

    void decide() {
        decided_ = true;
        if (stream_ == nullptr || !correlated()) return;
        std::fprintf(stream_,
                     "ermine: the examples come in a correlated order: neighbours' targets have "
                     "the correlation %.2f, chance is below %.2g. Shuffle them: "
                     "ShuffledEachEpoch{}, or the data once.\n",
                     autocorrelation(), 4 / std::sqrt(static_cast<double>(count_)));
    }
};

}  // namespace ermine
