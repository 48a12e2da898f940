// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

namespace ermine {

/// Shows a run to an observer: a value with `see(progress)`, or any callable that takes a progress.
/// An observer watches, and changes nothing.
template <class O>
void observe(O& observer, const auto& progress) {
    if constexpr (requires { observer.see(progress); })
        observer.see(progress);
    else
        observer(progress);
}

/// Whether an observer asks for the whole run, to save it: `keep(progress, run)`.
template <class O>
inline constexpr bool keeps_runs = requires { std::remove_cvref_t<O>::keeps_runs; };

/// The same, where some observer asks for the whole run.
template <class O>
void observe(O& observer, const auto& progress, const auto& run) {
    if constexpr (keeps_runs<O>)
        observer.keep(progress, run);
    else
        observe(observer, progress);
}

}  // namespace ermine
