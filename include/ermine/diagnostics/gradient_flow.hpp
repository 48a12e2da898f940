// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of a GradientFlow: what is called vanishing, and what exploding, from one end to the
/// other.
struct FlowOptions {
    double vanishing = 1e-3;
    double exploding = 1e3;

    /// Throws std::invalid_argument unless vanishing < 1 < exploding.
    void check() const {
        require_fraction(vanishing, "FlowOptions.vanishing");
        if (!(exploding > 1) || !std::isfinite(exploding))
            refuse("FlowOptions.exploding", exploding, "it must be finite and above 1");
    }
};

/// What becomes of the length of something that is handed on from link to link: from layer to
/// layer, or from step to step of a recurrent layer.
struct GradientFlow {
    enum class Verdict {
        neither,
        vanishing,
        exploding,
        unknown  ///< it is zero where it begins
    };

    Verdict verdict = Verdict::neither;
    Index links = 0;   ///< that it goes through; with none there is nothing to judge
    double total = 1;  ///< length at the end over that at the beginning
    double ratio = 1;  ///< total^(1/links): the geometric mean of what a link does

    [[nodiscard]] bool sound() const { return verdict == Verdict::neither; }

    /// After how many links `share` of the length is left, if it goes on so: infinite where it does
    /// not shrink.
    [[nodiscard]] double horizon(double share = 0.01) const {
        require_fraction(share, "GradientFlow::horizon: share");
        if (ratio >= 1) return std::numeric_limits<double>::infinity();
        return ratio > 0 ? std::log(share) / std::log(ratio) : 0;
    }

    /// "vanishing, to 2.1e-06 of the length over 9 layers, times 0.24 a layer".
    [[nodiscard]] std::string text(const std::string& link) const {
        if (links == 0) return "not to be judged, there is one " + link + " alone";
        if (verdict == Verdict::unknown) return "not to be judged, it is zero from the first";
        const char* says = verdict == Verdict::vanishing   ? "vanishing"
                           : verdict == Verdict::exploding ? "exploding"
                                                           : "neither vanishing nor exploding";
        char buffer[160];
        std::snprintf(buffer, sizeof buffer, "%s, times %.2g over %lld %ss, times %.2g a %s", says,
                      total, static_cast<long long>(links), link.c_str(), ratio, link.c_str());
        return buffer;
    }
};

/// Of lengths in the order in which they are handed on. Numbers that are not finite are past what
/// the type can hold: exploding.
[[nodiscard]] inline GradientFlow gradient_flow(const std::vector<double>& lengths,
                                                const FlowOptions& options = {}) {
    options.check();
    GradientFlow flow;
    if (lengths.size() < 2) return flow;
    flow.links = static_cast<Index>(lengths.size()) - 1;
    bool finite = true;
    for (const double length : lengths) finite = finite && std::isfinite(length);
    if (!finite) {
        flow.verdict = GradientFlow::Verdict::exploding;
        flow.total = flow.ratio = std::numeric_limits<double>::infinity();
        return flow;
    }
    if (!(lengths.front() > 0)) {
        flow.verdict = GradientFlow::Verdict::unknown;
        flow.total = flow.ratio = std::numeric_limits<double>::quiet_NaN();
        return flow;
    }
    flow.total = lengths.back() / lengths.front();
    flow.ratio = std::pow(flow.total, 1 / static_cast<double>(flow.links));
    if (flow.total <= options.vanishing) flow.verdict = GradientFlow::Verdict::vanishing;
    if (flow.total >= options.exploding) flow.verdict = GradientFlow::Verdict::exploding;
    return flow;
}

}  // namespace ermine
