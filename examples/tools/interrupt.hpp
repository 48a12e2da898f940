// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>

/// Ctrl-C asks for an end, and a second one kills as usual. While an Interrupt lives, the first is
/// only noted; `asked()` is a stop rule's question.
class Interrupt {
public:
    Interrupt() {
        asked_ = 0;
        before_ = std::signal(SIGINT, note);
    }
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt() { std::signal(SIGINT, before_ == SIG_ERR ? SIG_DFL : before_); }

    static bool asked() { return asked_ != 0; }

private:
    using Handler = void (*)(int);

    static void note(int) {
        asked_ = 1;
        std::signal(SIGINT, SIG_DFL);
    }

    inline static volatile std::sig_atomic_t asked_ = 0;
    Handler before_ = SIG_DFL;
};
