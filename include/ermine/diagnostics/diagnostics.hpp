// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/diagnostics/run_record.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of Diagnostics.
struct DiagnosticsOptions {
    Index looks = 16;       ///< points that are kept, spread over the run; at least 8
    Index order = 1 << 16;  ///< examples whose order is looked at, of the first epoch
};

/// A moment of a run that Diagnostics kept.
struct RunLook {
    std::int64_t iteration = 0;
    Eigen::VectorXd x;
    Eigen::VectorXd moved;  ///< by the step from here; empty where none followed
    Eigen::VectorXd mean;   ///< of the iterates since the look before
    double iterates = 0;    ///< that it is the mean of
    double step = std::numeric_limits<double>::quiet_NaN();
    Index batch = 0;  ///< examples that the step was made from; 0 without batches
};

/// What `Diagnostics` is without a validation risk.
struct NoHeldOut {};

/// Watches a run, for `diagnose` to look into afterwards:
///
///     Diagnostics watch(held_out);         // or without a validation risk: Diagnostics watch;
///     minimize(risk, x0, method, rule, watch);
///     std::cout << diagnose(risk, watch);
///
/// Of each iteration it keeps the six numbers of a RunRecord, and some points spread evenly over
/// the run, each with the step from there and the mean of the iterates since the one before: memory
/// for 3 · looks vectors, and a pass over the iterate each iteration. Of the first epoch it keeps
/// the order of the examples. The validation risk, in which less is better, is evaluated once an
/// epoch; it must outlive the watcher's run. For one run.
template <class Held = NoHeldOut>
class Diagnostics {
public:
    /// Throws std::invalid_argument for options out of range.
    explicit Diagnostics(DiagnosticsOptions options = {})
        requires std::same_as<Held, NoHeldOut>
        : options_(options) {
        check();
    }

    /// With a validation risk. Throws std::invalid_argument for one in which more is better, too.
    explicit Diagnostics(const Held& held_out, DiagnosticsOptions options = {})
        requires(!std::same_as<Held, NoHeldOut>)
        : held_(&held_out), options_(options) {
        check();
        if constexpr (requires { held_out.higher_is_better(); })
            if (held_out.higher_is_better())
                throw std::invalid_argument(
                    "Diagnostics: of the validation risk more is better: give one that falls, such "
                    "as the risk that is minimized on held-out examples");
    }

    explicit Diagnostics(const Held&&, DiagnosticsOptions = {}) = delete;

    /// Called by the loop.
    void see(const auto& progress) {
        const std::int64_t now = progress.iteration();
        if (now == seen_) return;
        record_.see(progress);
        examples_ = progress.examples();
        const auto& iterate = progress.iterate();
        if constexpr (!std::same_as<Held, NoHeldOut>) {
            const double epoch = progress.whole_epochs();
            // of this risk alone, not of one that a stop rule looks at
            record_.validation.back() = std::numeric_limits<double>::quiet_NaN();
            if (epoch != validated_ || progress.stopping) {
                validated_ = epoch;
                record_.validation.back() = static_cast<double>(held_->value(progress.point()));
            }
        }
        Index batch = 0;
        if (now > 0) {
            if constexpr (requires { progress.state().estimator.batch.rows.size(); })
                batch = see_order(progress.state().estimator.batch.rows);
            else if constexpr (requires { progress.state().estimator.rows.size(); })
                batch = see_order(progress.state().estimator.rows);
        }
        if (!looks_.empty() && looks_.back().iteration + 1 == now && seen_ + 1 == now) {
            RunLook& before = looks_.back();
            before.moved = iterate.template cast<double>() - before.x;
            before.step = progress.step();
            before.batch = batch;
        }
        seen_ = now;
        if (sum_.size() == 0) sum_.setZero(iterate.size());
        sum_ += iterate.template cast<double>();
        ++summed_;
        if (now % stride_ != 0 && !progress.stopping) return;
        looks_.push_back({.iteration = now,
                          .x = iterate.template cast<double>(),
                          .moved = {},
                          .mean = sum_ / summed_,
                          .iterates = summed_});
        sum_.setZero();
        summed_ = 0;
        if (looks_.size() > static_cast<std::size_t>(options_.looks)) thin_out();
    }

    [[nodiscard]] const RunRecord& record() const { return record_; }
    [[nodiscard]] const std::vector<RunLook>& looks() const { return looks_; }
    /// The examples of the first epoch, in the order in which batches brought them.
    [[nodiscard]] const std::vector<std::int32_t>& order() const { return order_; }

private:
    const Held* held_ = nullptr;
    DiagnosticsOptions options_;
    RunRecord record_;
    std::vector<RunLook> looks_;
    std::vector<std::int32_t> order_;
    Eigen::VectorXd sum_;
    double summed_ = 0;
    double validated_ = -1;
    std::int64_t stride_ = 1;
    std::int64_t seen_ = -1;
    Index examples_ = 0;

    void check() const {
        if (options_.looks < 8)
            refuse("DiagnosticsOptions.looks", std::int64_t{options_.looks},
                   "it must be at least 8");
        require_not_negative(options_.order, "DiagnosticsOptions.order");
    }

    Index see_order(const auto& rows) {
        const Index most = std::min(options_.order, examples_);
        for (const std::int32_t row : rows)
            if (static_cast<Index>(order_.size()) < most) order_.push_back(row);
        return static_cast<Index>(rows.size());
    }

    /// Drops the looks whose iterations are no multiple of twice the stride; their means go to the
    /// look behind them.
    void thin_out() {
        stride_ *= 2;
        std::vector<RunLook> kept;
        Eigen::VectorXd sum = Eigen::VectorXd::Zero(sum_.size());
        double count = 0;
        for (std::size_t k = 0; k < looks_.size(); ++k) {
            RunLook& look = looks_[k];
            sum += look.iterates * look.mean;
            count += look.iterates;
            if (look.iteration % stride_ != 0 && k + 1 < looks_.size()) continue;
            look.mean = sum / count;
            look.iterates = count;
            sum.setZero();
            count = 0;
            kept.push_back(std::move(look));
        }
        looks_ = std::move(kept);
    }
};

Diagnostics() -> Diagnostics<NoHeldOut>;
Diagnostics(DiagnosticsOptions) -> Diagnostics<NoHeldOut>;

}  // namespace ermine
