// SPDX-License-Identifier: MIT
#pragma once

#include <ctime>

namespace ermine {

/// Seconds since some moment in the past, by a clock that is not set while the program runs where
/// there is one. As std::chrono::steady_clock, whose header takes a twentieth of the time in which
/// a whole call of `minimize` compiles.
inline double seconds_now() {
    std::timespec now{};
#ifdef CLOCK_MONOTONIC
    ::clock_gettime(CLOCK_MONOTONIC, &now);
#else
    std::timespec_get(&now, TIME_UTC);
#endif
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace ermine
