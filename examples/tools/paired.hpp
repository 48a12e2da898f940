// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>
#include <variant>

/// What `visit(part, state)` returns for the part in hand and its state, which has the same place
/// among its alternatives: parts and states are variants, the states of several parts may be of one
/// type.
template <std::size_t I = 0>
decltype(auto) paired(const auto& parts, auto& states, auto&& visit) {
    constexpr std::size_t last = std::variant_size_v<std::remove_cvref_t<decltype(parts)>> - 1;
    if constexpr (I < last) {
        if (parts.index() != I) return paired<I + 1>(parts, states, visit);
    }
    return visit(std::get<I>(parts), std::get<I>(states));
}

/// The states of parts of these types, each in the place of its part.
template <class Parts, class Make>
struct PairedStates;

template <class... Parts, class Make>
struct PairedStates<std::variant<Parts...>, Make> {
    using type =
        std::variant<decltype(std::declval<const Make&>()(std::declval<const Parts&>()))...>;
};

/// The state that `make(part)` returns for the part in hand, in its place.
template <std::size_t I = 0, class Parts, class Make>
auto paired_start(const Parts& parts, const Make& make) {
    using States = typename PairedStates<Parts, Make>::type;
    if constexpr (I + 1 < std::variant_size_v<Parts>) {
        if (parts.index() != I) return paired_start<I + 1>(parts, make);
    }
    return States(std::in_place_index<I>, make(std::get<I>(parts)));
}
