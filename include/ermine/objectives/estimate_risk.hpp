// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/objectives/risk_estimate.hpp>

namespace ermine {

/// The mean loss of a risk at θ over its examples, with its standard error: an estimate of the
/// expected loss, if the examples were not used to choose θ. See RiskEstimate for intervals.
template <class Risk, class V>
    requires requires(const Risk& risk, const V& theta) {
        risk.losses(theta);
        risk.data().weights();
    }
RiskEstimate estimate_risk(const Risk& risk, const V& theta) {
    return estimate_risk(risk.losses(theta), risk.data().weights());
}

}  // namespace ermine
