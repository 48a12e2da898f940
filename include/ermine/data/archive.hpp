// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace ermine {

/// What a state is saved to and restored from: `bytes(p, n)` writes n bytes, or fills them, and
/// `length(n)` writes a number of elements, or returns the one that was written. One that `reads`
/// also judges sizes: `accept(matrix, rows, columns)`.
template <class A>
concept Archive = requires(A& archive, void* p, std::size_t n, std::int64_t length) {
    archive.bytes(p, n);
    { archive.length(length) } -> std::same_as<std::int64_t>;
    { A::reads } -> std::convertible_to<bool>;
};

/// A dense matrix or vector of Eigen's that owns its numbers.
template <class T>
concept OwnedMatrix = requires(T& m) {
    requires std::same_as<typename T::PlainObject, T>;
    requires std::is_arithmetic_v<typename T::Scalar>;
    m.data();
};

/// What has elements at run time, one after the other: std::vector, std::string.
template <class T>
concept Resizable = requires(T& list, std::size_t n) {
    list.resize(n);
    list.data();
    list.size();
};

/// Writes a value to the archive, or fills it from there: numbers, enumerations, matrices and
/// vectors of Eigen's, std::vector, std::array, std::optional, std::variant, std::pair, std::tuple,
/// and every type that names what it remembers, `auto fields() { return std::tie(a, b); }`, however
/// deep. `resumed()`, where a type has it, is called once its fields are filled.
template <Archive A, class T>
void archive(A& to, T& value) {
    constexpr bool is_list = requires { std::tuple_size<T>::value; };
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
        static_assert(!std::same_as<T, long double>, "a long double has bytes without a meaning");
        to.bytes(&value, sizeof value);
    } else if constexpr (OwnedMatrix<T>) {
        const std::int64_t rows = to.length(value.rows());
        const std::int64_t columns = to.length(value.cols());
        if constexpr (A::reads) to.accept(value, rows, columns);
        to.bytes(value.data(), static_cast<std::size_t>(value.size()) * sizeof(*value.data()));
    } else if constexpr (Resizable<T>) {
        const std::int64_t count = to.length(static_cast<std::int64_t>(value.size()));
        if constexpr (A::reads) value.resize(static_cast<std::size_t>(count));
        if constexpr (std::is_arithmetic_v<typename T::value_type>)
            to.bytes(value.data(), value.size() * sizeof(typename T::value_type));
        else
            for (auto& element : value) archive(to, element);
    } else if constexpr (requires { value.fields(); }) {
        auto fields = value.fields();
        archive(to, fields);
        if constexpr (A::reads && requires { value.resumed(); }) value.resumed();
    } else if constexpr (requires { value.has_value(); }) {
        const bool there = to.length(value.has_value() ? 1 : 0) != 0;
        if constexpr (A::reads) {
            if (!there) value.reset();
            if (there && !value) value.emplace();
        }
        if (there) archive(to, *value);
    } else if constexpr (requires { std::variant_size<T>::value; }) {
        const std::int64_t which = to.length(static_cast<std::int64_t>(value.index()));
        if constexpr (A::reads) {
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                const auto choose = [&](auto i) {
                    if (which == i() && value.index() != i()) value.template emplace<i()>();
                };
                (choose(std::integral_constant<std::size_t, I>{}), ...);
            }(std::make_index_sequence<std::variant_size_v<T>>{});
        }
        std::visit([&](auto& held) { archive(to, held); }, value);
    } else if constexpr (is_list) {
        std::apply([&](auto&... element) { (archive(to, element), ...); }, value);
    } else {
        static_assert(std::is_empty_v<T>,
                      "a checkpoint cannot save this type: give its State "
                      "`auto fields() { return std::tie(...); }`, with all that it remembers from "
                      "one round to the next");
    }
}

}  // namespace ermine
