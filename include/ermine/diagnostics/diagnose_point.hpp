// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/diagnostics/diagnose_options.hpp>
#include <ermine/diagnostics/diagnosis.hpp>
#include <ermine/diagnostics/finding.hpp>
#include <ermine/diagnostics/gradient_spread.hpp>
#include <ermine/diagnostics/network_profile.hpp>
#include <ermine/diagnostics/network_risk_of.hpp>
#include <ermine/numerics/dense_eigen.hpp>
#include <ermine/numerics/lanczos_ends.hpp>
#include <ermine/numerics/quantile.hpp>

namespace ermine {

/// What `diagnose` needs to know of the spectrum of a Hessian.
struct CurvatureEnds {
    double smallest = 0;
    double largest = 0;
    double lowest_positive = 0;  ///< the smallest that is not 0 to within the error; 0: not known
    double error = 0;
    Index negative = 0;  ///< how many are below −error, or at least
    bool exact = false;
};

/// All eigenvalues of few variables, the ends by Lanczos' method of many.
template <class F, class V>
[[nodiscard]] CurvatureEnds curvature_ends(const F& f, const V& x, const DiagnoseOptions& options) {
    const CurvatureOperator<F, V> hessian(f, x, "diagnose");
    const Index n = x.size();
    CurvatureEnds ends;
    if (n <= options.exact_size) {
        const Eigen::VectorXd all =
            dense_eigen(dense_matrix(n, hessian, hessian.accuracy(), "diagnose"), false).values;
        ends.exact = true;
        ends.smallest = all[0];
        ends.largest = all[n - 1];
        const double most = std::max(std::abs(all[0]), std::abs(all[n - 1]));
        ends.error = most * std::max(hessian.accuracy(), 1e-15) * static_cast<double>(n);
        for (Index i = n - 1; i >= 0; --i) {
            if (all[i] > ends.error) ends.lowest_positive = all[i];
            if (all[i] < -ends.error) ++ends.negative;
        }
        return ends;
    }
    // of a network the sign of the lowest is asked alone
    constexpr double tolerance = holds_network<F> ? 1e-3 : 1e-6;
    const SpectrumEnds found =
        lanczos_ends(n, hessian,
                     {.tolerance = std::max(tolerance, 4 * hessian.accuracy()),
                      .max_products = options.products,
                      .seed = options.seed});
    ends.smallest = found.smallest;
    ends.largest = found.value;
    const double most = std::max(std::abs(found.smallest), std::abs(found.value));
    ends.error = std::max(found.smallest_residual, 1e-6 * most);
    if (ends.smallest > ends.error) ends.lowest_positive = ends.smallest;
    if (ends.smallest < -ends.error) ends.negative = 1;
    return ends;
}

/// √n times the median |xᵢ|, 1 at least: ‖x‖ but for a few numbers that are far larger than the
/// others.
template <class V>
[[nodiscard]] double usual_length(const V& x) {
    std::vector<double> sizes(static_cast<std::size_t>(x.size()));
    for (Index i = 0; i < x.size(); ++i)
        sizes[static_cast<std::size_t>(i)] = std::abs(static_cast<double>(x[i]));
    return std::max(1.0, std::sqrt(static_cast<double>(x.size())) * median(std::move(sizes)));
}

/// Whether the point is next to a saddle point, and, where the function curves upward in all
/// directions, how different these are. A network is not asked the second: some of its directions
/// always matter little, and no method needs to follow them.
template <class F, class V>
void find_by_curvature(const F& f, const V& x, const V& gradient, const DiagnoseOptions& options,
                       Diagnosis& diagnosis) {
    const CurvatureEnds ends = curvature_ends(f, x, options);
    const double most = std::max(std::abs(ends.smallest), std::abs(ends.largest));
    diagnosis.look_for(Difficulty::saddle_point);
    const double down = -ends.smallest;
    if (down > 0.01 * most && down > 2 * ends.error) {
        const double norm = gradient.template cast<double>().norm();
        const double scale = usual_length(x);
        const double pull = options.saddle * scale * down;
        const double confidence =
            confidence_of(norm > 0 ? pull / norm : std::numeric_limits<double>::infinity(), 1);
        if (confidence > 0)
            diagnosis.add(
                {.what = Difficulty::saddle_point,
                 .confidence = confidence,
                 .evidence = formatted(
                     "the gradient norm is %.2g, and %s%lld of the %lld eigenvalues of the Hessian "
                     "negative, the lowest %.2g (the highest %.2g): a step of %.2g down that "
                     "direction finds a gradient of %.2g",
                     norm, ends.exact ? "" : "at least ", static_cast<long long>(ends.negative),
                     static_cast<long long>(x.size()), ends.smallest, ends.largest,
                     options.saddle * scale, pull),
                 .advice =
                     "the escape_directions of classify(f, x); SaddleFreeNewton{}, or a random "
                     "step; in networks weights that differ, by He{} or Glorot{}"});
        return;
    }
    if (holds_network<F> || down > std::max(1e-6 * most, 2 * ends.error) ||
        ends.lowest_positive == 0)
        return;
    diagnosis.look_for(Difficulty::ill_conditioned);
    const double condition = ends.largest / ends.lowest_positive;
    const double confidence = confidence_of(condition, options.condition);
    if (confidence > 0)
        diagnosis.add(
            {.what = Difficulty::ill_conditioned,
             .confidence = confidence,
             .evidence =
                 formatted("the eigenvalues of the Hessian reach from %.2g to %.2g: "
                           "condition number %s%.2g, so that gradient descent takes about %.2g "
                           "steps for each further digit",
                           ends.lowest_positive, ends.largest, ends.exact ? "" : "at least ",
                           condition, 1.15 * condition),
             .advice = "Newton{} or lbfgs(), which measure the curvature; Standardization of the "
                       "features; Nesterov{} takes about the square root of the steps"});
}

/// Slopes that vanish or explode on their way back through the layers of a network.
inline void find_by_slopes(double total, Index links, const DiagnoseOptions& options,
                           Diagnosis& diagnosis) {
    if (links == 0) return;
    diagnosis.look_for(Difficulty::vanishing_gradient);
    diagnosis.look_for(Difficulty::exploding_gradient);
    const std::string through = formatted(" over %lld layers", static_cast<long long>(links));
    if (const double sure = confidence_of(1 / total, options.depth); sure > 0)
        diagnosis.add({.what = Difficulty::vanishing_gradient,
                       .confidence = sure,
                       .evidence = formatted("from the last layer back to the first the slope of "
                                             "the loss shrinks to %.2g of its length",
                                             total) +
                                   through,
                       .advice = "relu() or leaky_relu() with He{}, tanh() with Glorot{} or "
                                 "Orthogonal{}; batch_norm() or layer_norm(); residual(...); "
                                 "LSUV{}; Adam{}, whose steps do not shrink with the gradient"});
    if (const double sure = confidence_of(total, options.depth); sure > 0)
        diagnosis.add({.what = Difficulty::exploding_gradient,
                       .confidence = sure,
                       .evidence = formatted("from the last layer back to the first the slope of "
                                             "the loss grows to %.2g times its length",
                                             total) +
                                   through,
                       .advice = "ClipByNorm{}, or ClipByBlockNorm{} layer by layer; smaller "
                                 "weights to begin with, He{} or Orthogonal{}; layer_norm()"});
}

/// Units that are shut for all examples. In deep and narrow networks of rectifiers about a tenth of
/// them are by chance (Lu, Shin, Su & Karniadakis, "Dying ReLU and initialization", Commun. Comput.
/// Phys. 28, 2020), so that of a layer of few units more must be: four standard deviations.
inline void find_dead_units(const NetworkProfile& profile, const DiagnoseOptions& options,
                            Diagnosis& diagnosis) {
    diagnosis.look_for(Difficulty::dead_units);
    const LayerProfile* worst = nullptr;
    double confidence = 0;
    for (const LayerProfile& layer : profile.layers) {
        const double chance = 0.1 + 4 * std::sqrt(0.09 / static_cast<double>(layer.units));
        const double sure = confidence_of(layer.dead, std::max(options.dead, chance));
        if (sure <= confidence) continue;
        confidence = sure;
        worst = &layer;
    }
    if (worst == nullptr) return;
    diagnosis.add({.what = Difficulty::dead_units,
                   .confidence = confidence,
                   .evidence = formatted("%.0f of the %lld units of ",
                                         worst->dead * static_cast<double>(worst->units),
                                         static_cast<long long>(worst->units)) +
                               worst->name +
                               formatted(" hand on 0 for each of the %lld examples",
                                         static_cast<long long>(profile.examples)),
                   .advice = "leaky_relu() or elu(), whose slope is nowhere 0; a shorter step, or "
                             "Warmup{}; biases that begin at 0; batch_norm()"});
}

/// f with the weights of the network's last layer at 0: what it is worth to know nothing of the
/// inputs.
template <class F, class V>
[[nodiscard]] double value_of_no_network(const F& f, const V& x) {
    const auto& model = network_risk_of(f).model();
    V without = x;
    for (auto block = model.blocks().rbegin(); block != model.blocks().rend(); ++block)
        if (block->offset < model.penalized() && block->rows * block->columns > 0) {
            without.segment(block->offset, block->rows * block->columns).setZero();
            break;
        }
    return static_cast<double>(f.value(without));
}

/// The first matrix of weights all of whose rows, a unit each, are the same; empty if none is. The
/// last is not looked at: targets tell outputs apart.
template <class F, class V>
[[nodiscard]] std::string twin_units(const F& f, const V& x) {
    const auto& model = network_risk_of(f).model();
    Index last = 0;
    for (const ParameterBlock& block : model.blocks())
        if (block.offset < model.penalized() && block.rows * block.columns > 0) last = block.offset;
    for (const ParameterBlock& block : model.blocks()) {
        if (block.offset >= model.penalized() || block.rows < 2 || block.columns < 1) continue;
        if (block.offset == last) continue;
        bool same = true;
        for (Index row = 1; same && row < block.rows; ++row)
            same = x.segment(block.offset + row * block.columns, block.columns) ==
                   x.segment(block.offset, block.columns);
        if (same) return std::string(block.name);
    }
    return {};
}

/// The layers of a network half of whose numbers are shut in health, too.
template <class F>
[[nodiscard]] std::vector<std::string> rectifiers_of(const F& f) {
    std::vector<std::string> names;
    const auto& model = network_risk_of(f).model();
    model.layers().each_shape(
        model.features, [&]<class L>(const L&, const std::string& label, Index, Index, Index) {
            if constexpr (is_homogeneous<L>) names.push_back(label);
        });
    return names;
}

/// Whether an untrained network, one whose value is at least `trained` times that with its last
/// weights at 0, begins badly: units that are all the same, signals that vanish or explode on their
/// way, numbers at the flat ends of their activations, a loss far above chance. A trained network
/// may be any of these.
template <class F, class V>
void find_bad_initialization(const F& f, const V& x, double value, const NetworkProfile& profile,
                             const DiagnoseOptions& options, Diagnosis& diagnosis, double trained) {
    const double chance = value_of_no_network(f, x);
    if (value < trained * chance) return;
    diagnosis.look_for(Difficulty::bad_initialization);
    const char* const advice =
        "He{} for relu(), Glorot{} for tanh(), LSUV{} for anything; Orthogonal{} for depth; "
        "Standardization of the inputs";
    const auto add = [&](double confidence, const std::string& evidence) {
        if (confidence > 0)
            diagnosis.add({Difficulty::bad_initialization, confidence, evidence, advice});
    };
    if (const std::string twins = twin_units(f, x); !twins.empty())
        add(1, "all units of " + twins + " have the same weights: no gradient tells them apart");
    const double from = profile.inputs.spread;
    double least = 1;
    double most = 1;
    for (const LayerProfile& layer : profile.layers) {
        if (!layer.weighted || !(from > 0)) continue;
        const double ratio = layer.spread / from;  // NaN where outputs are infinite
        if (std::isnan(ratio)) {
            most = std::numeric_limits<double>::infinity();
            continue;
        }
        least = std::min(least, ratio);
        most = std::max(most, ratio);
    }
    add(confidence_of(1 / least, options.signal),
        formatted("what tells examples apart shrinks to %.2g of what it is in the inputs", least));
    add(confidence_of(most, options.signal),
        formatted("signals grow to %.2g times what they are in the inputs", most));
    const std::vector<std::string> rectifiers = rectifiers_of(f);
    for (const LayerProfile& layer : profile.layers) {
        if (std::find(rectifiers.begin(), rectifiers.end(), layer.name) != rectifiers.end())
            continue;
        add(confidence_of(layer.closed, options.saturated),
            formatted("%.0f %% of what ", 100 * layer.closed) + layer.name +
                " hands on lets less than 1 % of the slope pass");
    }
    add(confidence_of(value / chance, options.above_chance),
        formatted("the loss of the untrained network is %.3g, without it %.3g", value, chance));
}

/// Batches of the size and steps of the length that are asked about, against the noise of the
/// gradient at the point.
template <class F, class V>
void find_by_noise(const F& f, const V& x, double value, const DiagnoseOptions& options,
                   Diagnosis& diagnosis) {
    require_batch(options.batch, f.examples(), "DiagnoseOptions.batch");
    const GradientSpread noise = example_spread(f, x, options.examples, options.seed);
    const auto b = static_cast<double>(options.batch);
    diagnosis.look_for(Difficulty::small_batch);
    if (const double sure = confidence_of(noise.scale() / b, options.noise_scale); sure > 0)
        diagnosis.add(
            {Difficulty::small_batch, sure,
             formatted("the noise scale of the gradient is %.2g here, and batches have %lld "
                       "examples: %.0f %% of E‖g‖² is noise",
                       noise.scale(), static_cast<long long>(options.batch),
                       100 * noise.share(options.batch)),
             larger_batches});
    if (!(options.step > 0)) return;
    diagnosis.look_for(Difficulty::noisy_gradient);
    const double floor = options.step * noise.trace / (4 * b);
    if (const double sure = confidence_of(floor / std::abs(value), options.excess); sure > 0)
        diagnosis.add(
            {Difficulty::noisy_gradient, sure,
             formatted("steps of %.2g on batches of %lld keep the value about ε tr Σ / 4b = %.2g "
                       "above where they lead, and it is %.3g here",
                       options.step, static_cast<long long>(options.batch), floor, value),
             less_noise});
}

/// What is the matter with f at x:
///
///     std::cout << diagnose(risk, x);
///
/// Ill-conditioning and saddle points, by the Hessian; of a network vanishing and exploding
/// gradients, dead units, and, before it is trained, a bad initialization; with `.batch` (and
/// `.step`) whether batches of that size are small, and the noise of their gradients (a floor of
/// ε tr Σ / 4b under small steps ε on a quadratic: Mandt, Hoffman & Blei, "Stochastic gradient
/// descent as approximate Bayesian inference", JMLR 18, 2017, section 3). Beside each search stands
/// what it takes for a difficulty; thresholds are in DiagnoseOptions.
///
/// Throws std::invalid_argument for options out of range, an x of another size than f takes, and
/// where value, gradient or curvature are not finite.
template <class F, Vector V>
[[nodiscard]] Diagnosis diagnose(const F& f, const V& x, const DiagnoseOptions& options = {}) {
    constexpr bool differentiable = Differentiable<SmoothPart<F>, V>;
    static_assert(differentiable,
                  "diagnose needs the gradient of f: write autodiff(f) or finite_difference(f), "
                  "and give parameters of the type that f takes, float or double");
    Diagnosis diagnosis;
    if constexpr (differentiable) {
        options.check();
        if constexpr (requires {
                          { f.parameters() } -> std::convertible_to<Index>;
                      })
            if (x.size() != f.parameters())
                throw std::invalid_argument("diagnose: x has " + std::to_string(x.size()) +
                                            " numbers, and the objective takes " +
                                            std::to_string(f.parameters()));
        V gradient(x.size());
        const auto value = static_cast<double>(smooth_part(f).value_and_gradient(x, gradient));
        if (!x.allFinite() || !std::isfinite(value) || !gradient.allFinite())
            throw std::invalid_argument(
                "diagnose: x, the value or the gradient there is not finite: give the last good "
                "point, the x of a Result");
        find_by_curvature(f, x, gradient, options, diagnosis);
        if constexpr (holds_network<F>) {
            const NetworkProfile profile = network_profile(f, x);
            find_by_slopes(profile.backward.total, profile.backward.links, options, diagnosis);
            find_dead_units(profile, options, diagnosis);
            find_bad_initialization(smooth_part(f), x, value, profile, options, diagnosis, 0.9);
        }
        if constexpr (FiniteSum<SmoothPart<F>, V>) {
            if (options.batch > 0) find_by_noise(smooth_part(f), x, value, options, diagnosis);
        } else if (options.batch > 0) {
            throw std::invalid_argument(
                "diagnose: DiagnoseOptions.batch is given, and f is no sum over examples");
        }
    }
    return diagnosis;
}

}  // namespace ermine
