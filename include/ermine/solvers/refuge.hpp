// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/solver.hpp>
#include <ermine/solvers/status.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace ermine {

/// The point to fall back on when a run goes wrong: the lowest seen. Where values can be compared
/// it is looked for after every step; with minibatches once an epoch, by the mean of the epoch's
/// batch values, so that the update itself never has to write a second buffer.
template <class V>
class Refuge {
public:
    explicit Refuge(const V& x) : point_(x) {}

    const V& point() const { return point_; }

    /// The lowest value seen: infinite before there is one.
    double value() const { return value_; }

    /// The value at the starting point.
    void begin(double value) { start_ = last_ = value_ = value; }

    /// Looks at what a round has led to; false, with the reason, if the run must end.
    template <class M>
    bool accept(const M& method, const auto& f, const auto& state, Outcome outcome,
                Status& status) {
        const double value = method.value(f, state);
        if (outcome == Outcome::non_finite) {
            if (value == -std::numeric_limits<double>::infinity()) {
                status = Status::unbounded;
                return false;
            }
            const bool overflowed = value == std::numeric_limits<double>::infinity();
            status = overflowed || climbed<M>(last_) ? Status::diverged : Status::non_finite;
            return false;
        }
        if constexpr (M::repeats) {
            if (value < value_) keep(method.point(state), value);
            if (value <= value_) {
                last_ = value;
                return true;
            }
        } else if (state.clock.iteration == 1) {
            begin(value);  // the first batch was taken at the starting point
        } else if (state.clock.whole_epochs() > epoch_) {
            epoch_ = state.clock.whole_epochs();
            if (value < value_) keep(method.point(state), value);
        }
        last_ = value;
        // a method that sees one function may climb far and come back, as Newton's does
        constexpr double far = M::repeats ? 1e12 : 1e6;
        if (value > start_ + far * std::max(1.0, std::abs(start_))) {
            status = Status::diverged;
            return false;
        }
        return true;
    }

    /// Whether the run has climbed from where it began to this final value.
    template <class M>
    bool beats(double value) const {
        return std::isnan(start_) ? !std::isfinite(value) : climbed<M>(value) || std::isnan(value);
    }

    auto fields() { return std::tie(point_, value_, start_, last_, epoch_); }

private:
    void keep(const V& point, double value) {
        point_ = point;
        value_ = value;
    }

    /// Values are noisy: by rounding, and with minibatches those of a run must climb far to tell.
    template <class M>
    bool climbed(double value) const {
        constexpr double rounding = 16 * double{std::numeric_limits<typename V::Scalar>::epsilon()};
        const double noise = (M::repeats ? 1000 * rounding : 10) * std::max(1.0, std::abs(start_));
        return value > start_ + noise;
    }

    V point_;
    double value_ = std::numeric_limits<double>::infinity();
    double start_ = std::numeric_limits<double>::quiet_NaN();
    double last_ = std::numeric_limits<double>::quiet_NaN();
    double epoch_ = 0;
};

}  // namespace ermine
