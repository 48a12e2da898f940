// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include <ermine/models/network.hpp>

namespace ermine {

/// The empirical risk of a network.
template <class F>
concept NetworkRisk = requires(const F& f) {
    typename F::Columns;
    typename F::Scalar;
    f.model();
    f.loss();
    f.data();
} && NetworkModel<std::remove_cvref_t<decltype(std::declval<const F&>().model())>>;

/// The empirical risk of a network that f is, or that it adds a penalty to; f itself where there is
/// none.
template <class F>
const auto& network_risk_of(const F& f) {
    if constexpr (NetworkRisk<F>)
        return f;
    else if constexpr (requires { f.unpenalized(); })
        return network_risk_of(f.unpenalized());
    else if constexpr (requires { requires std::is_lvalue_reference_v<decltype(f.smooth_part())>; })
        return network_risk_of(f.smooth_part());
    else
        return f;
}

/// Whether f is the empirical risk of a network, or that and a penalty.
template <class F>
inline constexpr bool holds_network =
    NetworkRisk<std::remove_cvref_t<decltype(network_risk_of(std::declval<const F&>()))>>;

}  // namespace ermine
