// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/solvers/status.hpp>

#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// Options of `patience`.
struct PatienceOptions {
    int epochs = 5;            ///< how long to wait for a better validation risk
    bool restore_best = true;  ///< answer with the point of the best one
};

/// Early stopping (Goodfellow, Bengio & Courville 2016, algorithm 7.1): made by `patience`.
template <class Target>
struct Patience {
    const Target* target;
    PatienceOptions options;

    template <class V>
    struct State {
        V best;
        double lowest = std::numeric_limits<double>::infinity();
        double lowest_epoch = 0;
        double looked = -1;  // the epoch of the last look
        double last = std::numeric_limits<double>::quiet_NaN();
        auto fields() { return std::tie(best, lowest, lowest_epoch, looked, last); }
    };

    template <class V>
    State<V> start(const V& x) const {
        return {x};
    }

    template <class V>
    std::optional<Status> check(const auto& progress, State<V>& state) const {
        const double epoch = progress.whole_epochs();
        if (epoch != state.looked) look(progress.point(), epoch, state);
        if (epoch - state.lowest_epoch >= options.epochs) return Status::early_stopped;
        return std::nullopt;
    }

    /// The best point, once there is one.
    template <class V>
    const V& keep(const V& own, const State<V>& state) const {
        return options.restore_best && std::isfinite(state.lowest) ? state.best : own;
    }

    template <class V>
    std::optional<double> validation(const State<V>& state) const {
        if (std::isnan(state.last)) return std::nullopt;
        return state.last;
    }

private:
    template <class V>
    void look(const V& x, double epoch, State<V>& state) const {
        state.looked = epoch;
        state.last = static_cast<double>(target->value(x));
        const double risk = higher_is_better() ? -state.last : state.last;
        if (!(risk < state.lowest)) return;
        state.lowest = risk;
        state.lowest_epoch = epoch;
        state.best = x;
    }

    bool higher_is_better() const {
        if constexpr (requires { target->higher_is_better(); })
            return target->higher_is_better();
        else
            return false;
    }
};

/// Stops when the target, what one cares about on a validation set, has not improved for so many
/// epochs; the point of the best one is the answer. The target is looked at once an epoch, before
/// the first, too. It must outlive the run: give it a name. Its evaluations cost the method
/// nothing. Throws std::invalid_argument for epochs < 1.
template <class Target>
Patience<Target> patience(const Target& target, PatienceOptions options = {}) {
    if (options.epochs < 1)
        throw std::invalid_argument("patience of " + std::to_string(options.epochs) +
                                    " epochs: it must be at least 1");
    return {&target, options};
}

template <class Target>
Patience<Target> patience(const Target&&, PatienceOptions = {}) = delete;

}  // namespace ermine
