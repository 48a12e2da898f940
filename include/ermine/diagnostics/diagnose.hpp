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
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/diagnostics/diagnose_options.hpp>
#include <ermine/diagnostics/diagnose_point.hpp>
#include <ermine/diagnostics/diagnose_run.hpp>
#include <ermine/diagnostics/diagnosis.hpp>
#include <ermine/diagnostics/diagnostics.hpp>
#include <ermine/diagnostics/finding.hpp>
#include <ermine/diagnostics/gradient_spread.hpp>
#include <ermine/diagnostics/network_profile.hpp>
#include <ermine/diagnostics/network_risk_of.hpp>
#include <ermine/numerics/quantile.hpp>

namespace ermine {

/// The type of parameters that f takes: what a risk says of itself, otherwise vectors of double, or
/// of float where those are not taken.
template <class F>
struct ParametersOf {
    using type = std::conditional_t<Differentiable<SmoothPart<F>, Eigen::VectorXd>, Eigen::VectorXd,
                                    Eigen::VectorXf>;
};
template <class F>
    requires requires {
        typename std::remove_cvref_t<decltype(network_risk_of(std::declval<const F&>()))>::Point;
    }
struct ParametersOf<F> {
    using type =
        typename std::remove_cvref_t<decltype(network_risk_of(std::declval<const F&>()))>::Point;
};

/// What the looks at a run tell of its steps, by the function itself.
struct StepEvidence {
    RunSeries values;          ///< f at each look
    RunSeries norms;           ///< ‖∇f‖ there
    RunSeries ratios;          ///< ½ dᵀHd / −∇fᵀd of the step d that was taken: above 1 it leads up
    RunSeries noise;           ///< share of noise in E‖g‖², at some of the looks
    RunSeries scales;          ///< noise scale over the size of the batch, at some of the looks
    double mean_value = 0;     ///< of f at the looks of the last third
    double value_of_mean = 0;  ///< of f at the mean of the iterates between them
    bool batches = false;
};

/// Evaluates f at the looks: value and gradient at each, a product with the Hessian at each that a
/// step followed, and the noise of the gradient at up to eight of them.
template <class F, class V>
[[nodiscard]] StepEvidence step_evidence(const F& f, const std::vector<RunLook>& looks,
                                         const DiagnoseOptions& options) {
    StepEvidence e;
    const std::size_t count = looks.size();
    const std::size_t stride = std::max<std::size_t>(1, (count + 7) / 8);
    V g(looks.front().x.size());
    for (std::size_t k = 0; k < count; ++k) {
        const RunLook& look = looks[k];
        const auto when = static_cast<double>(look.iteration);
        const V x = look.x.template cast<typename V::Scalar>();
        const auto value = static_cast<double>(f.value_and_gradient(x, g));
        if (!std::isfinite(value) || !g.allFinite()) continue;
        const Eigen::VectorXd slope = g.template cast<double>();
        e.values.add(when, value);
        e.norms.add(when, slope.norm());
        if (look.moved.size() > 0 && look.moved.allFinite() && look.moved.squaredNorm() > 0) {
            Eigen::VectorXd image(x.size());
            try {
                CurvatureOperator<F, V>(f, x, "diagnose")(look.moved, image);
                const double down = -slope.dot(look.moved);
                const double bend = 0.5 * look.moved.dot(image);
                constexpr double infinity = std::numeric_limits<double>::infinity();
                e.ratios.add(when, down > 0 ? bend / down : infinity);
            } catch (const std::invalid_argument&) {  // no curvature there
            }
        }
        // of noise also the last look that a step followed
        if (k % stride != 0 && k + 2 != count) continue;
        if constexpr (FiniteSum<F, V>) {
            if (look.batch > 0) {
                const GradientSpread noise = example_spread(f, x, options.examples, options.seed);
                const Index n = f.examples();
                e.batches = true;
                e.noise.add(when, look.batch < n ? noise.share(look.batch) : 0);
                e.scales.add(when,
                             look.batch < n ? noise.scale() / static_cast<double>(look.batch) : 0);
                continue;
            }
        }
        // the last look of a run on batches, which no step followed
        if (e.batches && look.batch == 0) continue;
        e.noise.add(when, evaluation_spread(f, x).share(1));
    }
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(looks.front().x.size());
    double weight = 0;
    const double from = static_cast<double>(looks[count - 1 - count / 3].iteration);
    for (const RunLook& look : looks)
        if (static_cast<double>(look.iteration) > from) {
            mean += look.iterates * look.mean;
            weight += look.iterates;
        }
    if (weight > 0) {
        const V center = (mean / weight).template cast<typename V::Scalar>();
        e.value_of_mean = static_cast<double>(f.value(center));
    } else {
        e.value_of_mean = std::numeric_limits<double>::quiet_NaN();
    }
    std::size_t begin = 0;
    while (begin + 1 < e.values.size() && e.values.iteration[begin] < from) ++begin;
    e.mean_value = e.values.size() > 0 ? e.values.mean(begin, e.values.size()) : 0;
    return e;
}

/// Steps past the curvature: at half of the looks the step taken leads up to second order, ½ dᵀHd >
/// −∇fᵀd, most of it is no noise, and neither does the gradient shrink nor the value fall.
inline void find_long_steps(const StepEvidence& e, const std::vector<RunLook>& looks,
                            Diagnosis& diagnosis) {
    if (e.ratios.size() < 4 || e.values.size() < 6) return;
    diagnosis.look_for(Difficulty::long_step);
    const std::size_t third = e.values.size() / 3;
    const double first = median(
        {e.norms.number.begin(), e.norms.number.begin() + static_cast<std::ptrdiff_t>(third)});
    const double last = e.norms.last(third);
    const double ratio = median(e.ratios.number);
    if (!(last >= first / 2) || e.values.falls(third) || e.noise.last(4) > 0.5) return;
    const double confidence = confidence_of(ratio, 1);
    if (confidence == 0) return;
    std::vector<double> steps;
    for (const RunLook& look : looks)
        if (look.step > 0) steps.push_back(look.step);
    const double step = median(steps);
    diagnosis.add(
        {Difficulty::long_step, confidence,
         formatted("half of the steps rise to second order by %.2g times what they fall to first, "
                   "the gradient norm goes from %.2g to %.2g, the value from %.3g to %.3g",
                   ratio, first, last, e.values.number.front(), e.values.last(1)),
         (step > 0 ? formatted("a step of %.2g in place of %.2g", step / std::min(2 * ratio, 100.0),
                               step)
                   : std::string("a shorter step")) +
             ", or Backtracking{}, which finds one; Warmup{} where only the beginning is too "
             "steep"});
}

/// Noise that holds the value up: the mean of f at the iterates of the last third lies above f at
/// their mean by a share of what the run gained, the value does not fall on, and most of a step is
/// noise.
inline void find_noise(const StepEvidence& e, const DiagnoseOptions& options,
                       Diagnosis& diagnosis) {
    if (e.values.size() < 6 || e.noise.size() == 0) return;
    diagnosis.look_for(Difficulty::noisy_gradient);
    if (e.values.falls(e.values.size() / 3) || !(e.noise.last(4) > 0.5)) return;
    const double excess = e.mean_value - e.value_of_mean;
    const double gained = e.values.number.front() - e.value_of_mean;
    const double share = gained > 0 ? excess / gained : std::numeric_limits<double>::infinity();
    const double confidence = excess > 0 ? confidence_of(share, options.excess) : 0;
    if (confidence == 0) return;
    diagnosis.add(
        {Difficulty::noisy_gradient, confidence,
         formatted("in the last third the value is %.3g, and %.3g at the mean of the iterates: "
                   "noise is %.0f %% of E‖g‖², and the run gained %.3g in all",
                   e.mean_value, e.value_of_mean, 100 * e.noise.last(4), gained),
         less_noise});
}

/// Batches whose steps are nearly all noise while the value still falls: near the end those of any
/// size are, as the gradient vanishes and its noise does not.
inline void find_small_batches(const StepEvidence& e, const std::vector<RunLook>& looks,
                               const DiagnoseOptions& options, Diagnosis& diagnosis) {
    if (!e.batches) return;
    diagnosis.look_for(Difficulty::small_batch);
    const double top = e.values.number.front();
    const double bottom = *std::min_element(e.values.number.begin(), e.values.number.end());
    std::vector<double> scales;
    for (std::size_t k = 0; k < e.scales.size(); ++k) {
        const auto at = std::lower_bound(e.values.iteration.begin(), e.values.iteration.end(),
                                         e.scales.iteration[k]);
        if (at == e.values.iteration.end()) continue;
        const double value =
            e.values.number[static_cast<std::size_t>(at - e.values.iteration.begin())];
        if (value - bottom >= 0.1 * (top - bottom)) scales.push_back(e.scales.number[k]);
    }
    const double scale = median(scales);
    const double confidence = confidence_of(scale, options.noise_scale);
    if (confidence == 0) return;
    Index batch = 0;
    for (const RunLook& look : looks) batch = std::max(batch, look.batch);
    diagnosis.add(
        {Difficulty::small_batch, confidence,
         formatted("while the value fell, the noise scale was %.2g times the batch of %lld: a step "
                   "without noise would go so much further",
                   scale, static_cast<long long>(batch)),
         larger_batches});
}

/// Examples in a correlated order: see OrderWarning.
inline void find_order(const Eigen::Ref<const Eigen::VectorXd>& targets,
                       const std::vector<std::int32_t>& order, const DiagnoseOptions& options,
                       Diagnosis& diagnosis) {
    if (order.size() < 20) return;
    diagnosis.look_for(Difficulty::unshuffled);
    const double mean = targets.mean();
    double products = 0;
    double squares = 0;
    double last = 0;
    for (const std::int32_t row : order) {
        if (row >= targets.size())
            throw std::invalid_argument("diagnose: the watched run drew example " +
                                        std::to_string(row) + ", and the objective has " +
                                        std::to_string(targets.size()));
        const double deviation = targets[row] - mean;
        products += deviation * last;
        squares += deviation * deviation;
        last = deviation;
    }
    const double correlation = squares > 0 ? products / squares : 0;
    const double chance = 4 / std::sqrt(static_cast<double>(order.size()));
    const double confidence = confidence_of(correlation, std::max(options.order, chance));
    if (confidence == 0) return;
    diagnosis.add(
        {Difficulty::unshuffled, confidence,
         formatted(
             "targets of examples that follow each other have the correlation %.2f; by chance "
             "it is below %.2g",
             correlation, chance),
         "ShuffledEachEpoch{}, or ShuffledOnce{} where reading at random is slow"});
}

/// What a network was at the first look, in the middle, and at the last.
template <class F, class V>
void find_in_network(const F& f, const std::vector<RunLook>& looks, double first_value,
                     const DiagnoseOptions& options, Diagnosis& diagnosis) {
    std::vector<double> totals;
    const std::size_t last = looks.size() - 1;
    Index links = 0;
    for (const std::size_t k : {std::size_t{0}, last / 2, last}) {
        const V x = looks[k].x.template cast<typename V::Scalar>();
        const NetworkProfile profile = network_profile(f, x);
        links = profile.backward.links;
        if (!std::isnan(profile.backward.total)) totals.push_back(profile.backward.total);
        if (k == 0)
            // a run begins untrained, unless it goes on from another one
            find_bad_initialization(smooth_part(f), x, first_value, profile, options, diagnosis,
                                    0.5);
        if (k == last) find_dead_units(profile, options, diagnosis);
    }
    find_by_slopes(median(totals), links, options, diagnosis);
}

/// What is the matter with a run that was watched:
///
///     Diagnostics watch(held_out);
///     minimize(risk, x0, method, rule, watch);
///     std::cout << diagnose(risk, watch);
///
/// All that the record tells, that the last point does, and what takes both: steps past the
/// curvature, noise that holds the value up, batches that are small, examples in a correlated
/// order; of a network the initialization at the first point, the slopes at three. Costs about as
/// much as 40 iterations with the whole gradient, up to `.products` products with the Hessian, and
/// `.examples` gradients of single examples at each of eight points.
///
/// Throws std::invalid_argument for options out of range, a watcher that saw no run, or two, or one
/// of another function (by the size of x), and where f is not finite at the points that were seen.
template <class F, class Held>
[[nodiscard]] Diagnosis diagnose(const F& f, const Diagnostics<Held>& watch,
                                 const DiagnoseOptions& options = {}) {
    using V = typename ParametersOf<F>::type;
    constexpr bool differentiable = Differentiable<SmoothPart<F>, V>;
    static_assert(differentiable,
                  "diagnose needs the gradient of f: write autodiff(f) or finite_difference(f)");
    Diagnosis diagnosis;
    if constexpr (differentiable) {
        options.check();
        const std::vector<RunLook>& looks = watch.looks();
        if (looks.empty())
            throw std::invalid_argument(
                "diagnose: the Diagnostics saw no run: give it to minimize as an observer");
        const RunRecord& record = watch.record();
        record.check("diagnose");
        const RunSeries values = comparable_values(record);
        const RunSeries norms = known_numbers(record, record.gradient_norm);
        find_plateau(record, values, options, diagnosis);
        find_cliff(norms, options, diagnosis);
        find_explosion(norms, values, options, diagnosis);
        find_overfitting(record, values, options, diagnosis);

        const V x = looks.back().x.template cast<typename V::Scalar>();
        const auto& smooth = smooth_part(f);
        V gradient(x.size());
        if constexpr (requires {
                          { f.parameters() } -> std::convertible_to<Index>;
                      })
            if (x.size() != f.parameters())
                throw std::invalid_argument(
                    "diagnose: the watched run had " + std::to_string(x.size()) +
                    " variables, and the objective takes " + std::to_string(f.parameters()));
        const auto value = static_cast<double>(smooth.value_and_gradient(x, gradient));
        if (!std::isfinite(value) || !gradient.allFinite())
            throw std::invalid_argument(
                "diagnose: value or gradient is not finite at the last point that was seen");
        find_by_curvature(f, x, gradient, options, diagnosis);
        if constexpr (!Composite<F, V>) {  // whose penalty bends steps, too
            const StepEvidence evidence = step_evidence<F, V>(f, looks, options);
            find_long_steps(evidence, looks, diagnosis);
            find_noise(evidence, options, diagnosis);
            find_small_batches(evidence, looks, options, diagnosis);
        }
        if constexpr (requires { network_risk_of(f).data().targets(); }) {
            const Eigen::VectorXd targets = network_risk_of(f).data().targets();
            find_order(targets, watch.order(), options, diagnosis);
        }
        if constexpr (holds_network<F>) {
            const V x0 = looks.front().x.template cast<typename V::Scalar>();
            find_in_network<F, V>(f, looks, static_cast<double>(smooth.value(x0)), options,
                                  diagnosis);
        }
    }
    return diagnosis;
}

}  // namespace ermine
