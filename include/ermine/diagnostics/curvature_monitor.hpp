// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/diagnostics/curvature_sample.hpp>
#include <ermine/numerics/lanczos_ends.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of CurvatureMonitor.
struct CurvatureMonitorOptions {
    std::int64_t every = 1;         ///< iterations between two looks
    Index sharpness_products = 20;  ///< for λmax at each look, at most; 0: not looked at
};

/// Watches the curvature along a run, and says when the step is past it:
///
///     CurvatureMonitor monitor(risk, {.every = 50});
///     minimize(risk, x0, sgd(0.1), MaxEpochs{5}, monitor);
///     std::cout << monitor;
///
/// At each look: gᵀg against gᵀHg with gradient and Hessian of the whole objective at the iterate,
/// the change of the value that both predict for the step that is then taken, −ε gᵀg + ½ ε² gᵀHg,
/// beside the true one, the largest safe step 2 gᵀg / gᵀHg, and the sharpness λmax against 2/ε
/// (Goodfellow, Bengio & Courville, "Deep learning", 2016, section 8.2.1: in an ill-conditioned
/// problem gᵀHg grows where gᵀg does not shrink, and even small steps increase the cost).
///
/// Of an objective with a penalty that has a kink all this is about its smooth part. A look costs
/// one gradient and one value over all examples and 2 + sharpness_products products,
/// which it makes itself: the run's counts do not show them. It keeps a copy of the objective, and
/// memory for five vectors. A look where something is not finite is left out. For one run.
template <class F>
class CurvatureMonitor {
public:
    explicit CurvatureMonitor(F f, CurvatureMonitorOptions options = {})
        : f_(std::move(f)), options_(options) {
        require_count(options_.every, "CurvatureMonitorOptions.every");
        require_not_negative(options_.sharpness_products,
                             "CurvatureMonitorOptions.sharpness_products");
    }

    /// Called by the loop.
    void see(const auto& progress) {
        const auto& x = progress.iterate();
        using V = std::remove_cvref_t<decltype(x)>;
        static_assert(Differentiable<SmoothPart<F>, V>,
                      "CurvatureMonitor needs the gradient of its objective: write autodiff(f)");
        const std::int64_t iteration = progress.iteration();
        if (waiting_ && iteration > samples_.back().iteration) complete(progress.step(), x);
        if (iteration % options_.every != 0 || iteration == looked_) return;
        looked_ = iteration;
        look(iteration, x);
    }

    [[nodiscard]] const std::vector<CurvatureSample>& samples() const { return samples_; }

    /// In how many of the steps that were looked at ε was past 2 gᵀg / gᵀHg.
    [[nodiscard]] std::int64_t past_curvature() const {
        return std::count_if(samples_.begin(), samples_.end(),
                             [](const CurvatureSample& s) { return s.past_curvature(); });
    }

    /// Whether the steps of the last third of the looks are past the curvature, most of them.
    [[nodiscard]] bool too_long() const {
        const auto steps = with_steps();
        if (steps.empty()) return false;
        const std::size_t recent = std::max<std::size_t>(1, steps.size() / 3);
        const auto past =
            std::count_if(steps.end() - static_cast<std::ptrdiff_t>(recent), steps.end(),
                          [](const CurvatureSample& s) { return s.past_curvature(); });
        return 2 * static_cast<std::size_t>(past) > recent;
    }

    /// What was seen, in one sentence or two.
    [[nodiscard]] std::string verdict() const {
        const auto steps = with_steps();
        if (steps.empty()) return "no step was looked at";
        const CurvatureSample& last = steps.back();
        char text[512];
        int end = 0;
        const double share = last.step / last.largest_safe_step();
        if (too_long())
            end = std::snprintf(text, sizeof text,
                                "even small steps now increase the cost: the step %.2g is past "
                                "2 gᵀg/gᵀHg = %.2g, the largest that is safe along the gradient; "
                                "take %.2g, a line search, or second-order steps",
                                last.step, last.largest_safe_step(), last.best_step());
        else if (last.gHg > 0)
            end = std::snprintf(text, sizeof text,
                                "the steps are within the curvature: the last one, %.2g, is %.2g "
                                "times the largest that is safe along the gradient",
                                last.step, share);
        else
            end = std::snprintf(text, sizeof text,
                                "the cost does not curve upward along the gradient: no step is "
                                "too long to second order");
        std::string sentence(text, static_cast<std::size_t>(std::clamp(end, 0, 511)));
        if (last.sharpness > 0) {
            std::snprintf(text, sizeof text, ". The sharpness is %.2g, %s 2/ε = %.2g",
                          last.sharpness, last.past_stability() ? "above" : "below", 2 / last.step);
            sentence += text;
        }
        const CurvatureSample& first = steps.front();
        const double rose = (last.gHg / last.gg) / (first.gHg / first.gg);
        if (first.gHg > 0 && rose > 10 && last.gg > 0.1 * first.gg) {
            std::snprintf(text, sizeof text,
                          ". Ill-conditioned: gᵀHg/gᵀg rose %.2g times, and the gradient did not "
                          "shrink",
                          rose);
            sentence += text;
        }
        return sentence;
    }

    /// A table of up to a dozen looks, and the verdict.
    friend std::ostream& operator<<(std::ostream& out, const CurvatureMonitor& m) {
        out << "iteration       value        gᵀg       gᵀHg       step  safe step   predicted   "
               "change  sharpness       2/ε\n";
        const std::size_t count = m.samples_.size();
        const std::size_t stride = std::max<std::size_t>(1, (count + 11) / 12);
        for (std::size_t k = 0; k < count; k += stride) {
            const CurvatureSample& s = m.samples_[k];
            char line[256];
            std::snprintf(
                line, sizeof line,
                "%9lld  %10.4g %10.3g %10.3g %10.3g %10.3g  %10.3g %8.2g %10.3g %9.2g%s\n",
                static_cast<long long>(s.iteration), s.value, s.gg, s.gHg, s.step,
                s.largest_safe_step(), s.predicted(), s.actual, s.sharpness, 2 / s.step,
                s.past_curvature() ? "  past" : "");
            out << line;
        }
        return out << m.verdict() << '\n';
    }

private:
    F f_;
    CurvatureMonitorOptions options_;
    std::vector<CurvatureSample> samples_;
    std::int64_t looked_ = -1;
    bool waiting_ = false;  // for the step from the last sample
    Eigen::VectorXd x_;
    Eigen::VectorXd g_;

    [[nodiscard]] std::vector<CurvatureSample> with_steps() const {
        std::vector<CurvatureSample> some;
        for (const CurvatureSample& s : samples_)
            if (std::isfinite(s.step) && s.step > 0) some.push_back(s);
        return some;
    }

    template <class V>
    void look(std::int64_t iteration, const V& x) {
        const auto& smooth = smooth_part(f_);
        V g(x.size());
        CurvatureSample sample{.iteration = iteration};
        sample.value = static_cast<double>(smooth.value_and_gradient(x, g));
        if (!std::isfinite(sample.value) || !g.allFinite() || !x.allFinite()) return;
        x_ = x.template cast<double>();
        g_ = g.template cast<double>();
        Eigen::VectorXd image(x.size());
        try {
            const CurvatureOperator<F, V> hessian(f_, x, "CurvatureMonitor");
            hessian(g_, image);
            sample.gg = g_.squaredNorm();
            sample.gHg = g_.dot(image);
            if (options_.sharpness_products > 0)
                sample.sharpness =
                    lanczos_ends(x.size(), hessian,
                                 {.tolerance = 1e-3, .max_products = options_.sharpness_products})
                        .value;
        } catch (const std::invalid_argument&) {  // curvature that is not finite
            return;
        }
        samples_.push_back(sample);
        waiting_ = true;
    }

    template <class V>
    void complete(double step, const V& next) {
        waiting_ = false;
        CurvatureSample& sample = samples_.back();
        sample.step = step;
        sample.actual = static_cast<double>(smooth_part(f_).value(next)) - sample.value;
        const V x = x_.template cast<typename V::Scalar>();
        const Eigen::VectorXd moved = next.template cast<double>() - x_;
        if (!moved.allFinite()) return;
        Eigen::VectorXd image(x.size());
        try {
            CurvatureOperator<F, V>(f_, x, "CurvatureMonitor")(moved, image);
            sample.modelled = g_.dot(moved) + 0.5 * moved.dot(image);
        } catch (const std::invalid_argument&) {
        }
    }
};

}  // namespace ermine
