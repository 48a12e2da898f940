// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The rows begin, …, end − 1 that are wanted next. `in_one_piece` if they follow each other in
/// memory without a gap.
struct NextRows {
    Index begin = 0;
    Index end = 0;
    bool in_one_piece = false;
};

/// Asks for such rows, of `size` numbers each, from memory while others are worked on: a cache line
/// a call, in the order in which they lie, which is what the memory is fastest at.
template <class Row>
class NextLines {
public:
    NextLines(const Row& row, NextRows rows, Index size)
        : row_(&row), next_(rows.begin), last_(rows.end), size_(size) {
        if (rows.in_one_piece && next_ < last_) {
            at_ = address(row(next_));
            end_ = address(row(last_ - 1) + size);
            next_ = last_;
        }
    }

    void ask() {
        if (at_ >= end_) {
            if (next_ >= last_) return;
            at_ = address((*row_)(next_));
            end_ = address((*row_)(next_) + size_);
            ++next_;
        }
        __builtin_prefetch(at_);
        at_ += line;
    }

private:
    static constexpr Index line = 64;

    const Row* row_;
    Index next_;
    Index last_;
    Index size_;
    const char* at_ = nullptr;
    const char* end_ = nullptr;

    static const char* address(const void* number) { return static_cast<const char*>(number); }
};

}  // namespace ermine
