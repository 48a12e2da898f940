// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

namespace ermine {

/// Memory that a value works in, made once and kept so that nothing is allocated in a loop. It is
/// no part of the value: a copy starts with none of its own, and const functions may write to it.
/// That makes an object that holds one cheap to copy, and usable by one thread at a time; give each
/// thread a copy.
template <class T>
class Scratch {
public:
    Scratch() = default;
    Scratch(const Scratch&) {}
    Scratch(Scratch&& other) noexcept : memory_(std::move(other.memory_)) {}
    Scratch& operator=(const Scratch&) { return *this; }
    Scratch& operator=(Scratch&& other) noexcept {
        memory_ = std::move(other.memory_);
        return *this;
    }
    ~Scratch() = default;

    T& operator*() const { return memory_; }
    T* operator->() const { return &memory_; }

private:
    mutable T memory_{};
};

}  // namespace ermine
