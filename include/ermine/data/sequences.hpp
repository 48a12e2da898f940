// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/data/dataset.hpp>

namespace ermine {

/// n examples that are sequences: each some consecutive steps, a step being a row of features, with
/// a target a step or one for all of it. A cheap immutable handle, as Dataset is.
///
/// Where they are windows of streams (see `windows`), example i goes on where i − streams() ended.
template <class T>
class Sequences {
public:
    using Scalar = T;
    using Steps = Dataset<DenseRows<T>>;

    /// Copies X, the steps of all sequences one after the other, and y: a target for each row of X,
    /// or one for each sequence. Throws std::invalid_argument for a sequence of length 0, and where
    /// the three disagree.
    template <DenseMatrix X, class Y>
    Sequences(const X& x, const Eigen::DenseBase<Y>& y, std::vector<Index> lengths)
        : Sequences(Steps(x, spread(y, x.rows(), lengths)), begins_of(lengths), lengths,
                    y.size() == x.rows()) {}

    /// So many steps from each of these places on, which may overlap, with a target a step.
    /// `streams` says which examples go on where others ended.
    Sequences(Steps steps, std::vector<Index> begins, std::vector<Index> lengths,
              bool target_each_step = true, Index streams = 0)
        : steps_(std::move(steps)), target_each_step_(target_each_step), streams_(streams) {
        auto cuts = std::make_shared<Cuts>();
        cuts->begins = std::move(begins);
        cuts->lengths = std::move(lengths);
        if (cuts->begins.size() != cuts->lengths.size() || cuts->begins.empty())
            throw std::invalid_argument("Sequences: " + std::to_string(cuts->begins.size()) +
                                        " begin and " + std::to_string(cuts->lengths.size()) +
                                        " have a length: give both for at least one");
        if (steps_.weighted())
            throw std::invalid_argument("Sequences: their steps have weights, which are not used");
        for (std::size_t i = 0; i < cuts->begins.size(); ++i) {
            check(static_cast<Index>(i), cuts->begins[i], cuts->lengths[i]);
            cuts->before.push_back(cuts->total);
            cuts->total += cuts->lengths[i];
            cuts->longest = std::max(cuts->longest, cuts->lengths[i]);
        }
        cuts_ = std::move(cuts);
    }

    [[nodiscard]] Index examples() const { return static_cast<Index>(cuts_->begins.size()); }
    [[nodiscard]] Index features() const { return steps_.features(); }
    /// The row of `steps()` that example i begins at.
    [[nodiscard]] Index begin(Index i) const { return cuts_->begins[static_cast<std::size_t>(i)]; }
    [[nodiscard]] Index length(Index i) const {
        return cuts_->lengths[static_cast<std::size_t>(i)];
    }
    /// How many steps all examples before the i-th have.
    [[nodiscard]] Index steps_before(Index i) const {
        return cuts_->before[static_cast<std::size_t>(i)];
    }
    [[nodiscard]] Index total_steps() const { return cuts_->total; }
    [[nodiscard]] Index longest() const { return cuts_->longest; }
    [[nodiscard]] bool target_each_step() const { return target_each_step_; }
    /// 0 unless the examples are windows that go on in others.
    [[nodiscard]] Index streams() const { return streams_; }

    /// The rows that sequences are cut from.
    [[nodiscard]] const Steps& steps() const { return steps_; }
    /// None: every example counts the same.
    [[nodiscard]] Eigen::Map<const Eigen::VectorXd> weights() const { return {nullptr, 0}; }

    /// Some of them, as to hold out others; what goes on elsewhere cannot be chosen from. Throws
    /// std::invalid_argument for an empty list and for streams, std::out_of_range for a number
    /// outside 0, …, n - 1.
    [[nodiscard]] Sequences select(std::span<const std::int32_t> chosen) const {
        if (streams_ > 0)
            throw std::invalid_argument(
                "Sequences::select: windows of streams belong together: cut the rows instead, and "
                "make windows of each part");
        std::vector<Index> begins;
        std::vector<Index> lengths;
        for (const std::int32_t i : chosen) {
            if (i < 0 || i >= examples())
                throw std::out_of_range("Sequences::select: example " + std::to_string(i) +
                                        " does not exist, there are " + std::to_string(examples()));
            begins.push_back(begin(i));
            lengths.push_back(length(i));
        }
        return {steps_, std::move(begins), std::move(lengths), target_each_step_};
    }

private:
    struct Cuts {
        std::vector<Index> begins;
        std::vector<Index> lengths;
        std::vector<Index> before;
        Index total = 0;
        Index longest = 0;
    };

    Steps steps_;
    std::shared_ptr<const Cuts> cuts_;
    bool target_each_step_;
    Index streams_;

    static void check_length(Index i, Index length) {
        if (length < 1)
            throw std::invalid_argument("Sequences: sequence " + std::to_string(i) +
                                        " has length " + std::to_string(length) +
                                        ": leave it out, or give it a step");
    }

    void check(Index i, Index begin, Index length) const {
        check_length(i, length);
        if (begin < 0 || begin + length > steps_.examples())
            throw std::invalid_argument("Sequences: sequence " + std::to_string(i) + " has steps " +
                                        std::to_string(begin) + " to " +
                                        std::to_string(begin + length - 1) + ", there are " +
                                        std::to_string(steps_.examples()));
    }

    static std::vector<Index> begins_of(const std::vector<Index>& lengths) {
        std::vector<Index> begins(lengths.size());
        std::exclusive_scan(lengths.begin(), lengths.end(), begins.begin(), Index{0});
        return begins;
    }

    /// A target for each step.
    template <class Y>
    static Eigen::VectorXd spread(const Eigen::DenseBase<Y>& y, Index rows,
                                  const std::vector<Index>& lengths) {
        for (std::size_t i = 0; i < lengths.size(); ++i)
            check_length(static_cast<Index>(i), lengths[i]);
        const auto count = static_cast<Index>(lengths.size());
        const Index sum = std::accumulate(lengths.begin(), lengths.end(), Index{0});
        if (sum != rows || (y.size() != rows && y.size() != count))
            throw std::invalid_argument(
                "Sequences: X has " + std::to_string(rows) + " rows, the lengths of " +
                std::to_string(count) + " sequences sum to " + std::to_string(sum) +
                ", and there are " + std::to_string(y.size()) +
                " targets: give a row a step, and a target for each or one a sequence");
        if (y.size() == rows) return y.derived().template cast<double>();
        Eigen::VectorXd targets(rows);
        Index at = 0;
        for (Index i = 0; i < count; ++i) {
            const Index length = lengths[static_cast<std::size_t>(i)];
            targets.segment(at, length).setConstant(static_cast<double>(y.derived().coeff(i)));
            at += length;
        }
        return targets;
    }
};

template <DenseMatrix X, class Y>
Sequences(const X&, const Y&, std::vector<Index>) -> Sequences<typename X::Scalar>;

}  // namespace ermine
