// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/solvers/objective_mark.hpp>
#include <ermine/version.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>

#if __has_include(<cxxabi.h>)
#include <cxxabi.h>
#endif

namespace ermine {

/// What must be the same of a run that is resumed, beside its state.
struct RunIdentity {
    std::string library;
    std::int64_t parameters = 0;
    std::int64_t examples = 0;  ///< 0 where the objective is no sum
    std::int64_t scalar = 0;    ///< bytes
    std::string method;         ///< names of types, as the compiler knows them
    std::string rule;
    ObjectiveMark mark = {};

    auto fields() { return std::tie(library, parameters, examples, scalar, method, rule, mark); }

    static RunIdentity of(const auto& run, const ObjectiveMark& mark) {
        using V = std::remove_cvref_t<decltype(run.origin)>;
        std::int64_t examples = 0;
        auto&& smooth = smooth_part(run.f);
        if constexpr (requires { smooth.examples(); }) examples = smooth.examples();
        return {.library = version,
                .parameters = run.origin.size(),
                .examples = examples,
                .scalar = sizeof(typename V::Scalar),
                .method = typeid(run.method).name(),
                .rule = typeid(run.rule).name(),
                .mark = mark};
    }

    /// A sentence on the first thing that differs in `here`, this run; empty if nothing does,
    /// but for the objective.
    std::string difference(const RunIdentity& here) const {
        const auto sentence = [](const std::string& there, const std::string& now) {
            return "the checkpoint is " + there + ", and this run has " + now;
        };
        if (library != here.library)
            return "the checkpoint was written by ermine " + library + ", and this is ermine " +
                   here.library + ": end the run with the version that began it";
        if (scalar != here.scalar)
            return sentence("of numbers of " + std::to_string(8 * scalar) + " bits",
                            "numbers of " + std::to_string(8 * here.scalar));
        if (parameters != here.parameters)
            return sentence("of " + std::to_string(parameters) + " parameters",
                            std::to_string(here.parameters));
        if (examples != here.examples)
            return sentence("of " + std::to_string(examples) + " examples",
                            std::to_string(here.examples));
        if (method != here.method)
            return sentence("of the method " + readable(method), readable(here.method));
        if (rule != here.rule)
            return sentence("of the stop rule " + readable(rule), readable(here.rule));
        return {};
    }

    /// What to say where the objective is another one.
    std::string other_objective(const ObjectiveMark& here) const {
        const auto number = [](double a) {
            char text[32];
            std::snprintf(text, sizeof text, "%.9g", a);
            return std::string(text);
        };
        return "the checkpoint is of another objective: its value near the start was " +
               number(mark.value) + " (along the gradient " + number(mark.slope) +
               "), and here it is " + number(here.value) + " (" + number(here.slope) + ")";
    }

private:
    static std::string readable(const std::string& name) {
        std::string text = name;
#if __has_include(<cxxabi.h>)
        int status = 0;
        const std::unique_ptr<char, decltype(&std::free)> plain(
            abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
        if (plain) text = plain.get();
#endif
        constexpr std::string_view space = "ermine::";
        for (std::size_t at = 0; (at = text.find(space, at)) != std::string::npos;)
            text.erase(at, space.size());
        return text;
    }
};

}  // namespace ermine
