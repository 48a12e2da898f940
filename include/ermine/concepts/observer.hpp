// SPDX-License-Identifier: MIT
#pragma once

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

}  // namespace ermine
