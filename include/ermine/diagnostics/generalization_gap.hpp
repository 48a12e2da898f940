// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/diagnostics/early_stopping.hpp>
#include <ermine/diagnostics/example_losses.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of GeneralizationGap.
struct GeneralizationGapOptions {
    std::int64_t every = 1;  ///< epochs from one look to the next
};

/// Training and validation risk at one moment, with their standard errors.
struct GeneralizationPoint {
    std::int64_t iteration = 0;
    double epoch = 0;
    double train = 0;
    double train_error = 0;
    double validation = 0;
    double validation_error = 0;

    [[nodiscard]] double gap() const { return validation - train; }
    /// The two samples are independent. How θ depends on the training sample is no error, but what
    /// the gap measures.
    [[nodiscard]] double gap_error() const { return std::hypot(train_error, validation_error); }
};

/// Watches how far the risk on a validation set lies above that on the training set:
///
///     GeneralizationGap gap(risk, validation_risk);
///     minimize(risk, x0, method, MaxEpochs{50}, gap);
///     std::cout << gap << gap.early_stopping({.epochs = 5});
///
/// Risks that tell their examples' losses (of surrogates, or of ZeroOneLoss), without penalties.
/// Costs a pass over both sets a look. For one run.
template <class Train, class Validation>
class GeneralizationGap {
public:
    GeneralizationGap(Train train, Validation validation, GeneralizationGapOptions options = {})
        : train_(std::move(train)), validation_(std::move(validation)), options_(options) {
        require_count(options_.every, "GeneralizationGapOptions.every");
    }

    /// Called by the loop.
    void see(const auto& progress) {
        const double epoch = progress.whole_epochs();
        const std::int64_t iteration = progress.iteration();
        const bool last = progress.stopping && (points_.empty() || points_.back().epoch < epoch);
        if ((epoch < next_ && !last) || iteration == looked_) return;
        looked_ = iteration;
        const auto every = static_cast<double>(options_.every);
        next_ = (std::floor(epoch / every) + 1) * every;
        look(iteration, epoch, progress.point());
    }

    /// Adds a point by hand.
    template <class V>
    void look(std::int64_t iteration, double epoch, const V& x) {
        constexpr bool tells = TellsLosses<Train, V> && TellsLosses<Validation, V>;
        static_assert(tells,
                      "GeneralizationGap needs the losses of single examples: give the "
                      "EmpiricalRisk of a loss, without a penalty");
        if constexpr (tells) {
            const ExampleLosses train = example_losses(train_, x);
            last_ = example_losses(validation_, x);
            points_.push_back({iteration, epoch, train.mean(), train.standard_error(), last_.mean(),
                               last_.standard_error()});
            const double lowest = points_[best_].validation;
            if (points_.size() == 1 || points_.back().validation < lowest ||
                (std::isnan(lowest) && !std::isnan(points_.back().validation))) {
                best_ = points_.size() - 1;
                best_losses_ = last_;
            }
        }
    }

    [[nodiscard]] const std::vector<GeneralizationPoint>& points() const { return points_; }

    /// The point of the lowest validation risk. Throws std::logic_error before the first look.
    [[nodiscard]] const GeneralizationPoint& best() const {
        require_points();
        return points_[best_];
    }

    /// The gap at the end, with half of its 95 % interval.
    [[nodiscard]] Estimate gap() const {
        require_points();
        return {points_.back().gap(), 1.96 * points_.back().gap_error()};
    }

    /// By how much the validation risk rose from its lowest point to the end, with half of the 95 %
    /// interval: over the same examples, so that what makes some harder than others cancels. As
    /// the lowest point was chosen by the same examples it is a little too large.
    [[nodiscard]] Estimate rise() const {
        require_points();
        const ExampleLosses risen = last_.minus(best_losses_);
        return {risen.mean(), 1.96 * risen.standard_error()};
    }

    /// Whether the validation risk rose by more than its error while the gap is beyond its own.
    [[nodiscard]] bool overfits() const { return rise().lower() > 0 && gap().lower() > 0; }

    /// What `patience` would have done with this run.
    [[nodiscard]] EarlyStopping early_stopping(const PatienceOptions& options = {}) const {
        std::vector<double> epochs;
        std::vector<double> values;
        for (const GeneralizationPoint& p : points_) {
            if (!epochs.empty() && !(p.epoch > epochs.back())) continue;
            epochs.push_back(p.epoch);
            values.push_back(p.validation);
        }
        return ermine::early_stopping(epochs, values, options);
    }

    [[nodiscard]] std::string explain() const {
        const Estimate gap = this->gap();
        const Estimate rise = this->rise();
        char text[320];
        if (overfits())
            std::snprintf(
                text, sizeof text,
                "overfits: since epoch %g the validation risk rose by %s ± %.1g, and lies "
                "%s ± %.1g above the training risk: stop early, add a penalty or data",
                best().epoch, in_digits(rise.value, rise.error).c_str(), rise.error,
                in_digits(gap.value, gap.error).c_str(), gap.error);
        else if (gap.lower() > 0)
            std::snprintf(text, sizeof text,
                          "a gap of %s ± %.1g, and the validation risk has not risen beyond its "
                          "error",
                          in_digits(gap.value, gap.error).c_str(), gap.error);
        else
            std::snprintf(
                text, sizeof text,
                "no gap beyond its error of %.1g: if the risk is too high, a larger model "
                "or a longer run can lower it, more data cannot",
                gap.error);
        return text;
    }

    /// At most twenty points, and the verdict.
    friend std::ostream& operator<<(std::ostream& out, const GeneralizationGap& g) {
        g.require_points();
        out << "   epoch     training  validation         gap  ± standard error\n";
        const std::size_t stride = (g.points_.size() + 18) / 19;
        for (std::size_t k = 0; k < g.points_.size(); ++k) {
            if (k % stride != 0 && k + 1 != g.points_.size()) continue;
            const GeneralizationPoint& p = g.points_[k];
            char line[120];
            std::snprintf(line, sizeof line, "%8g  %11.4g %11.4g %11s  ± %.1g\n", p.epoch, p.train,
                          p.validation, in_digits(p.gap(), p.gap_error()).c_str(), p.gap_error());
            out << line;
        }
        return out << g.explain() << '\n';
    }

private:
    Train train_;
    Validation validation_;
    GeneralizationGapOptions options_;
    std::vector<GeneralizationPoint> points_;
    std::size_t best_ = 0;
    ExampleLosses best_losses_, last_;
    double next_ = 0;
    std::int64_t looked_ = -1;

    void require_points() const {
        if (points_.empty())
            throw std::logic_error(
                "GeneralizationGap: it has not seen a run: give it to minimize, by name");
    }
};

}  // namespace ermine
