// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ermine {

/// What is known of a function of one variable at t: its value and its slope.
struct LinePoint {
    double t;
    double value;
    double slope;
};

/// The interval of uncertainty of Moré & Thuente's line search ("Line search algorithms with
/// guaranteed sufficient decrease", ACM TOMS 20, 1994): it holds a point that satisfies the strong
/// Wolfe conditions, its end `best()` is the lowest point so far, and the next trial in it comes
/// from the cubic and quadratic interpolants of their section 4. Values are relative to that at 0.
class LineInterval {
public:
    /// From the point t = 0 and the constant μ of sufficient decrease ψ(t) = φ(t) − μ t φ'(0) <= 0.
    LineInterval(const LinePoint& origin, double decrease)
        : best_(origin), other_(origin), decrease_slope_(decrease * origin.slope) {}

    const LinePoint& best() const { return best_; }

    /// The next trial.
    double next() const { return next_; }

    /// Whether the interval has shrunk to what rounding can tell apart.
    bool exhausted() const {
        return bracketed_ &&
               std::abs(other_.t - best_.t) <= 4 * std::numeric_limits<double>::epsilon() *
                                                   std::max(std::abs(other_.t), std::abs(best_.t));
    }

    /// After a trial at t where φ is not finite: no step is as long as that. Returns the next one.
    double retreat(double t) {
        limit_ = t;
        return next_ = best_.t + 0.1 * (t - best_.t);
    }

    /// Takes a trial in, finds the next one; true if the trial is the new best().
    bool take(const LinePoint& trial) {
        // Until some trial satisfies ψ <= 0 with φ' >= 0, ψ takes the place of φ (their section 3).
        if (trial.value <= trial.t * decrease_slope_ && trial.slope >= 0) tilted_ = false;
        const bool tilt =
            tilted_ && trial.value <= best_.value && trial.value > trial.t * decrease_slope_;
        const double tilt_slope = tilt ? decrease_slope_ : 0;
        const auto tilted = [&](const LinePoint& p) {
            return LinePoint{p.t, p.value - p.t * tilt_slope, p.slope - tilt_slope};
        };
        next_ = interpolate(tilted(best_), tilted(other_), tilted(trial));
        const bool better = update(trial, tilted(best_), tilted(trial));
        if (bracketed_) {
            // two updates together must shrink the interval by a third
            const double width = std::abs(other_.t - best_.t);
            if (width >= 0.66 * width_before_last_) next_ = best_.t + 0.5 * (other_.t - best_.t);
            width_before_last_ = std::exchange(last_width_, width);
        }
        return better;
    }

private:
    /// The minimizer of the cubic through the values and slopes at a and b.
    static double cubic(const LinePoint& a, const LinePoint& b) {
        const double theta = 3 * (a.value - b.value) / (b.t - a.t) + a.slope + b.slope;
        const double scale = std::max({std::abs(theta), std::abs(a.slope), std::abs(b.slope)});
        if (!(scale > 0)) return a.t + (b.t - a.t) / 2;
        const double inside =
            (theta / scale) * (theta / scale) - (a.slope / scale) * (b.slope / scale);
        const double gamma = std::copysign(scale * std::sqrt(std::max(0.0, inside)), b.t - a.t);
        const double p = gamma - a.slope + theta;
        const double q = 2 * gamma - a.slope + b.slope;
        return a.t + p / q * (b.t - a.t);
    }

    /// The minimizer of the parabola through the value and slope at a and the value at b.
    static double quadratic(const LinePoint& a, const LinePoint& b) {
        const double width = b.t - a.t;
        return a.t + a.slope / ((a.value - b.value) / width + a.slope) / 2 * width;
    }

    /// Where the line through both slopes is 0.
    static double secant(const LinePoint& a, const LinePoint& b) {
        return b.t - b.slope / (b.slope - a.slope) * (b.t - a.t);
    }

    static double nearer(double to, double a, double b) {
        return std::abs(a - to) < std::abs(b - to) ? a : b;
    }

    /// The next trial, by the four cases of their section 4.
    double interpolate(const LinePoint& best, const LinePoint& other, const LinePoint& trial) {
        const double slope_along = trial.slope * std::copysign(1.0, trial.t - best.t);
        if (trial.value > best.value) {
            // higher: a minimum lies between
            bracketed_ = true;
            const double c = cubic(best, trial);
            const double q = quadratic(best, trial);
            return nearer(best.t, c, q) == c ? c : c + (q - c) / 2;
        }
        if (slope_along > 0) {
            // lower, and the slope has turned: a minimum lies between
            bracketed_ = true;
            const double c = cubic(trial, best);
            const double s = secant(best, trial);
            return nearer(trial.t, c, s) == c ? s : c;
        }
        if (std::abs(trial.slope) <= std::abs(best.slope)) {
            // lower, and the slope flattens: a minimum lies beyond
            const double s = secant(best, trial);
            const double c = cubic_beyond(best, trial);
            if (bracketed_) {
                const double t = nearer(trial.t, c, s);
                const double most = trial.t + 0.66 * (other.t - trial.t);
                return trial.t > best.t ? std::min(most, t) : std::max(most, t);
            }
            const double t = nearer(trial.t, c, s) == c ? s : c;
            return clamp_beyond(best, trial, t);
        }
        // lower, and steeper
        if (bracketed_) return cubic(trial, other);
        return longest(best, trial);
    }

    /// The cubic's minimizer where it lies beyond the trial, otherwise as far as one may go.
    double cubic_beyond(const LinePoint& best, const LinePoint& trial) const {
        const double theta =
            3 * (best.value - trial.value) / (trial.t - best.t) + best.slope + trial.slope;
        const double scale =
            std::max({std::abs(theta), std::abs(best.slope), std::abs(trial.slope)});
        const double inside = scale > 0 ? (theta / scale) * (theta / scale) -
                                              (best.slope / scale) * (trial.slope / scale)
                                        : 0;
        const double gamma =
            std::copysign(scale * std::sqrt(std::max(0.0, inside)), best.t - trial.t);
        const double p = gamma - trial.slope + theta;
        const double q = gamma + (best.slope - trial.slope) + gamma;
        const double r = p / q;
        if (r < 0 && gamma != 0) return trial.t + r * (best.t - trial.t);
        return longest(best, trial);
    }

    double longest(const LinePoint& best, const LinePoint& trial) const {
        return std::min(trial.t + 10 * (trial.t - best.t), trial.t + 0.9 * (limit_ - trial.t));
    }

    double clamp_beyond(const LinePoint& best, const LinePoint& trial, double t) const {
        const double least = trial.t + 0.1 * (trial.t - best.t);
        return std::clamp(t, std::min(least, longest(best, trial)), longest(best, trial));
    }

    bool update(const LinePoint& trial, const LinePoint& best, const LinePoint& seen) {
        if (seen.value > best.value) {
            other_ = trial;
            return false;
        }
        if (seen.slope * (best.t - seen.t) < 0) other_ = best_;
        best_ = trial;
        return true;
    }

    LinePoint best_;
    LinePoint other_;
    double decrease_slope_;
    double next_ = 0;
    double last_width_ = std::numeric_limits<double>::infinity();
    double width_before_last_ = std::numeric_limits<double>::infinity();
    double limit_ = std::numeric_limits<double>::infinity();
    bool bracketed_ = false;
    bool tilted_ = true;
};

}  // namespace ermine
