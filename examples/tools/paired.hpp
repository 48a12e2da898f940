// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stdexcept>
#include <tuple>
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
    return visit(std::get<I>(parts), std::get<I>(states.states));
}

/// What a checkpoint of another method is refused with.
struct OtherMethod : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Throws OtherMethod.
[[noreturn]] inline void refuse_other_method() {
    throw OtherMethod("the checkpoint is of another method: go on with the one that wrote it");
}

/// A state among several that a checkpoint holds only if it is the one in use.
template <std::size_t I, class States>
struct IfInUse {
    States* states;

    [[nodiscard]] bool has_value() const { return states->index() == I; }
    explicit operator bool() const { return has_value(); }
    auto& operator*() const { return std::get<I>(*states); }
    void emplace() const { refuse_other_method(); }
    void reset() const {
        if (has_value()) refuse_other_method();
    }
};

/// The state of the part in hand, which a checkpoint restores where it is the same part.
template <class States>
struct PairedState {
    States states;

    auto fields() {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return std::tuple{IfInUse<I, States>{&states}...};
        }(std::make_index_sequence<std::variant_size_v<States>>{});
    }
};

/// The states of parts of these types, each in the place of its part.
template <class Parts, class Make>
struct PairedStates;

template <class... Parts, class Make>
struct PairedStates<std::variant<Parts...>, Make> {
    using type = PairedState<
        std::variant<decltype(std::declval<const Make&>()(std::declval<const Parts&>()))...>>;
};

/// The state that `make(part)` returns for the part in hand, in its place.
template <std::size_t I = 0, class Parts, class Make>
auto paired_start(const Parts& parts, const Make& make) {
    using States = typename PairedStates<Parts, Make>::type;
    if constexpr (I + 1 < std::variant_size_v<Parts>) {
        if (parts.index() != I) return paired_start<I + 1>(parts, make);
    }
    return States{decltype(States::states)(std::in_place_index<I>, make(std::get<I>(parts)))};
}
