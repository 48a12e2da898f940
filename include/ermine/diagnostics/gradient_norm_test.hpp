// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include <ermine/diagnostics/run_record.hpp>
#include <ermine/numerics/quantile.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of `gradient_norm_test`.
struct GradientNormOptions {
    double shrink = 10;       ///< the norm shrinks if its median falls by this factor
    double cliff = 10;        ///< a spike is so many times the median of the looks before it
    double percentile = 0.9;  ///< of the norms, for the clipping threshold
};

/// Whether the norm of the gradient shrank along a run, and what it did on the way. Made by
/// `gradient_norm_test`.
struct GradientNormTest {
    enum class Verdict { shrinks, does_not_shrink, unclear };

    /// From one iteration to another.
    struct Stretch {
        double from;
        double to;
    };

    Verdict verdict = Verdict::unclear;
    std::size_t looks = 0;                                    ///< at which the norm is known
    double first = std::numeric_limits<double>::quiet_NaN();  ///< median norm of the first tenth
    double last = std::numeric_limits<double>::quiet_NaN();   ///< median norm of the last tenth
    double fall = 0;  ///< of the value, from the first tenth to the last, in units of its range
    std::vector<Stretch> plateaus;  ///< where the value stood still before it fell on
    std::vector<double> cliffs;     ///< iterations at which the norm jumped, and fell back
    double clip_threshold = std::numeric_limits<double>::quiet_NaN();  ///< a percentile of the norm
    double largest = std::numeric_limits<double>::quiet_NaN();         ///< norm

    /// Verdict and reason.
    [[nodiscard]] std::string explain() const {
        char text[512];
        if (looks < 10) {
            std::snprintf(text, sizeof text,
                          "unclear: the norm is known at %zu iterations, and 10 are needed", looks);
            return text;
        }
        const double ratio = last / first;
        if (verdict == Verdict::does_not_shrink && ratio > 10)
            std::snprintf(
                text, sizeof text,
                "does not shrink, it grew from %.2g to %.2g: not a local-minimum problem; "
                "%s",
                first, last,
                fall > 0 ? "the value fell all the same, as it often does in training "
                           "that succeeds"
                         : "the gradient explodes: clip it, or shorten the step");
        else if (verdict == Verdict::does_not_shrink)
            std::snprintf(text, sizeof text,
                          "does not shrink (%.2g, then %.2g): not a local-minimum problem, the run "
                          "is near no critical point%s",
                          first, last,
                          fall > 0.1
                              ? "; the value still falls"
                              : ", and yet the value does not fall: look at the step against the "
                                "curvature (CurvatureMonitor) and at the noise "
                                "(gradient_statistics)");
        else if (verdict == Verdict::shrinks)
            std::snprintf(text, sizeof text,
                          "shrinks (%.2g to %.2g): inconclusive, because minima, saddle points and "
                          "plateaus all have small gradients; classify(f, x) tells them apart",
                          first, last);
        else
            std::snprintf(text, sizeof text,
                          "unclear: the norm fell from %.2g to %.2g, by a factor of %.2g: let it "
                          "run longer",
                          first, last, 1 / ratio);
        return text;
    }

    friend std::ostream& operator<<(std::ostream& out, const GradientNormTest& t) {
        out << "gradient norm: " << t.explain() << '\n';
        char text[256];
        for (const Stretch& s : t.plateaus) {
            std::snprintf(text, sizeof text,
                          "  plateau from iteration %.0f to %.0f, after which the value fell on\n",
                          s.from, s.to);
            out << text;
        }
        if (!t.cliffs.empty()) {
            std::snprintf(text, sizeof text,
                          "  cliffs: the norm jumped %zu times, first at iteration %.0f: clip at "
                          "the norm %.2g\n",
                          t.cliffs.size(), t.cliffs.front(), t.clip_threshold);
            out << text;
        }
        return out;
    }
};

/// Where values stood still, for a tenth of the looks at least, before they fell on by a twentieth
/// of their range: halves of a sliding window whose means differ by less than 0.2 % of it.
inline std::vector<GradientNormTest::Stretch> find_plateaus(const std::vector<double>& iteration,
                                                            const std::vector<double>& value) {
    std::vector<GradientNormTest::Stretch> found;
    const std::size_t m = value.size();
    if (m < 20) return found;
    const auto [least, most] = std::minmax_element(value.begin(), value.end());
    const double range = *most - *least;
    if (!(range > 0)) return found;
    const std::size_t half = std::max<std::size_t>(2, m / 40);
    std::vector<double> sums(m + 1, 0.0);
    for (std::size_t k = 0; k < m; ++k) sums[k + 1] = sums[k] + (value[k] - *least);
    const auto mean = [&](std::size_t from, std::size_t to) {
        return (sums[to] - sums[from]) / static_cast<double>(to - from);
    };
    std::size_t begin = 0;
    bool inside = false;
    for (std::size_t k = 0; k + 2 * half <= m; ++k) {
        const bool flat =
            std::abs(mean(k, k + half) - mean(k + half, k + 2 * half)) < 0.002 * range;
        if (flat && !inside) begin = k;
        const bool over = inside && !flat;
        inside = flat;
        if (!over) continue;
        const std::size_t end = std::min(k + half, m - half);
        const double level = mean(begin, end);
        const double later = mean(m - half, m);
        if (10 * (end - begin) >= m && level - later > 0.05 * range)
            found.push_back({iteration[begin], iteration[end]});
    }
    return found;
}

/// Where norms jump above `factor` times the median of the twenty before, and fall back within
/// five.
inline std::vector<double> find_cliffs(const std::vector<double>& iteration,
                                       const std::vector<double>& norm, double factor) {
    std::vector<double> found;
    std::size_t quiet_from = 0;
    for (std::size_t k = 5; k < norm.size(); ++k) {
        const std::size_t from = k > 20 ? k - 20 : 0;
        const double usual = median({norm.begin() + static_cast<std::ptrdiff_t>(from),
                                     norm.begin() + static_cast<std::ptrdiff_t>(k)});
        if (!(norm[k] > factor * usual) || k < quiet_from) continue;
        const std::size_t end = std::min(norm.size(), k + 6);
        for (std::size_t next = k + 1; next < end; ++next)
            if (norm[next] < norm[k] / 3) {
                found.push_back(iteration[k]);
                quiet_from = next;
                break;
            }
    }
    return found;
}

/// Does the norm of the gradient shrink to next to nothing? If it does not, no local minimum or
/// other critical point is what ails the run; if it does, nothing follows (Goodfellow, Bengio &
/// Courville, "Deep learning", 2016, section 8.2.2). Medians of the first and the last tenth of the
/// looks are compared, so that single batches do not count; beside minibatches the norm has a floor
/// of noise, and that of the whole gradient is the better test.
///
/// The clipping threshold is a percentile of the norms (Pascanu, Mikolov & Bengio, "On the
/// difficulty of training recurrent neural networks", ICML 2013, section 3.2, take the mean norm).
/// Throws std::invalid_argument for options out of range, and for a record of two runs.
[[nodiscard]] inline GradientNormTest gradient_norm_test(const RunRecord& record,
                                                         const GradientNormOptions& options = {}) {
    if (!(options.shrink > 1))
        refuse("GradientNormOptions.shrink", options.shrink, "it must be above 1");
    if (!(options.cliff > 1))
        refuse("GradientNormOptions.cliff", options.cliff, "it must be above 1");
    require_fraction(options.percentile, "GradientNormOptions.percentile");
    record.check("gradient_norm_test");
    GradientNormTest test;
    std::vector<double> when;
    std::vector<double> norm;
    std::vector<double> value_when;
    std::vector<double> value;
    for (std::size_t k = 0; k < record.size(); ++k) {
        if (std::isfinite(record.gradient_norm[k])) {
            when.push_back(record.iteration[k]);
            norm.push_back(record.gradient_norm[k]);
        }
        if (std::isfinite(record.value[k])) {
            value_when.push_back(record.iteration[k]);
            value.push_back(record.value[k]);
        }
    }
    test.looks = norm.size();
    const auto ends = [](const std::vector<double>& all, bool front) {
        const std::size_t tenth = std::max<std::size_t>(3, all.size() / 10);
        const auto count = static_cast<std::ptrdiff_t>(std::min(tenth, all.size()));
        return front ? median({all.begin(), all.begin() + count})
                     : median({all.end() - count, all.end()});
    };
    if (!value.empty()) {
        const auto [least, most] = std::minmax_element(value.begin(), value.end());
        if (*most > *least) test.fall = (ends(value, true) - ends(value, false)) / (*most - *least);
        test.plateaus = find_plateaus(value_when, value);
    }
    if (test.looks < 10) return test;
    test.first = ends(norm, true);
    test.last = ends(norm, false);
    test.largest = *std::max_element(norm.begin(), norm.end());
    test.clip_threshold = quantile(norm, options.percentile);
    test.cliffs = find_cliffs(when, norm, options.cliff);
    if (test.last * options.shrink <= test.first)
        test.verdict = GradientNormTest::Verdict::shrinks;
    else if (test.last >= test.first / 2)
        test.verdict = GradientNormTest::Verdict::does_not_shrink;
    return test;
}

}  // namespace ermine
