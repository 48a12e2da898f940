// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ermine/data/data_error.hpp>
#include <ermine/data/huge_pages.hpp>
#include <ermine/data/libsvm_line.hpp>
#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// Where a stretch of text comes from, for errors.
struct TextPlace {
    std::string path;
    std::int64_t lines_before = 0;
};

/// The examples of a stretch of LIBSVM text, as compressed sparse rows.
template <class T>
struct LibsvmBlock {
    std::unique_ptr<T[]> values;
    std::unique_ptr<std::int32_t[]> columns;
    std::unique_ptr<std::int64_t[]> offsets;  ///< examples + 1
    std::unique_ptr<double[]> targets;
    std::int64_t examples = 0;
    std::int64_t entries = 0;
    std::int64_t features = 0;  ///< the largest index
    std::int64_t lines = 0;     ///< of the text

    /// Room for so many numbers.
    static LibsvmBlock of(std::int64_t examples, std::int64_t entries) {
        LibsvmBlock block{room<T>(entries), room<std::int32_t>(entries),
                          room<std::int64_t>(examples + 1), room<double>(examples)};
        block.offsets[0] = 0;
        return block;
    }

    /// Reads whole lines: each of the texts, which follow one another, ends with a line feed, and 8
    /// bytes behind it are readable.
    ///
    /// They are cut at line ends into chunks, the same on any number of threads. A first pass
    /// counts their lines and colons, which are at least their examples and numbers, so that each
    /// chunk knows its place in the arrays and a second pass writes the numbers there: nothing is
    /// joined, but the gaps that comments leave are closed. Throws DataError for the first line
    /// that is wrong.
    static LibsvmBlock read(std::initializer_list<std::string_view> texts,
                            const LibsvmFormat& format, const TextPlace& place) {
        constexpr std::size_t chunk_bytes = std::size_t{1} << 18;
        std::vector<Chunk> chunks;
        for (const std::string_view text : texts)
            for (std::size_t begin = 0; begin < text.size();) {
                const std::size_t aim = std::min(begin + chunk_bytes, text.size()) - 1;
                const std::size_t end = text.find('\n', aim) + 1;
                chunks.push_back({.text = text.substr(begin, end - begin)});
                begin = end;
            }
        const auto count = static_cast<Index>(chunks.size());
        for_each_chunk(count, [&](Index k) { chunks[static_cast<std::size_t>(k)].measure(); });
        std::int64_t lines = 0;
        std::int64_t colons = 0;
        for (Chunk& chunk : chunks) {
            chunk.row = std::exchange(lines, lines + chunk.lines);
            chunk.entry = std::exchange(colons, colons + chunk.colons);
        }
        LibsvmBlock block = of(lines, colons);
        for_each_chunk(count, [&](Index k) {
            Chunk& chunk = chunks[static_cast<std::size_t>(k)];
            chunk.read(block, format, {place.path, place.lines_before + chunk.row});
        });
        block.lines = lines;
        for (const Chunk& chunk : chunks) block.close_gap(chunk);
        return block;
    }

    /// Puts another block behind what is there, for which there is room.
    void append(const LibsvmBlock& more) {
        std::copy_n(more.values.get(), more.entries, values.get() + entries);
        std::copy_n(more.columns.get(), more.entries, columns.get() + entries);
        std::copy_n(more.targets.get(), more.examples, targets.get() + examples);
        std::transform(more.offsets.get() + 1, more.offsets.get() + 1 + more.examples,
                       offsets.get() + examples + 1,
                       [this](std::int64_t end) { return entries + end; });
        examples += more.examples;
        entries += more.entries;
        features = std::max(features, more.features);
        lines += more.lines;
    }

private:
    template <class Number>
    static std::unique_ptr<Number[]> room(std::int64_t count) {
        const auto size = static_cast<std::size_t>(count);
        auto memory = std::make_unique_for_overwrite<Number[]>(size);
        prefer_huge_pages(memory.get(), size * sizeof(Number));
        return memory;
    }

    struct Chunk {
        std::string_view text;
        std::int64_t lines = 0;   // in the text
        std::int64_t colons = 0;  // likewise
        std::int64_t row = 0;     // where its examples begin in the block
        std::int64_t entry = 0;   // where their numbers begin
        std::int64_t examples = 0;
        std::int64_t entries = 0;
        std::int64_t features = 0;

        void measure() {
            constexpr std::size_t few = 192;  // so that a count fits in a byte
            for (std::size_t at = 0; at < text.size(); at += few) {
                const std::size_t size = std::min(few, text.size() - at);
                const char* const bytes = text.data() + at;
                std::uint8_t feeds = 0;
                std::uint8_t marks = 0;
                for (std::size_t i = 0; i < size; ++i) {
                    feeds = static_cast<std::uint8_t>(feeds + (bytes[i] == '\n'));
                    marks = static_cast<std::uint8_t>(marks + (bytes[i] == ':'));
                }
                lines += feeds;
                colons += marks;
            }
        }

        // Offsets are left relative to the chunk's first number.
        void read(LibsvmBlock& block, const LibsvmFormat& format, const TextPlace& place) {
            const char* at = text.data();
            const char* const end = at + text.size();
            const std::int64_t limit = format.limit();
            T* const numbers = block.values.get() + entry;
            std::int32_t* const places = block.columns.get() + entry;
            std::int64_t* const ends = block.offsets.get() + row + 1;
            double* const answers = block.targets.get() + row;
            for (std::int64_t line = 1; at != end; ++line) {
                LibsvmLine<T> example{numbers + entries, places + entries};
                if (const char* const next = example.read_usual(at, end, limit)) {
                    at = next;
                } else {
                    const auto* const feed = static_cast<const char*>(
                        std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
                    const char* const last = feed > at && feed[-1] == '\r' ? feed - 1 : feed;
                    const std::string_view whole(at, static_cast<std::size_t>(last - at));
                    if (const auto trouble = example.read(whole, format))
                        throw DataError(place.path, place.lines_before + line, trouble->column,
                                        trouble->sentence);
                    at = feed + 1;
                    if (example.blank) continue;
                }
                entries += example.entries;
                features = std::max(features, example.features);
                answers[examples] = example.target;
                ends[examples++] = entries;
            }
        }
    };

    // Moves the examples of the next chunk to the end of those that are in place.
    void close_gap(const Chunk& chunk) {
        const auto move = [](auto* to, const auto* from, std::int64_t n) {
            if (to != from && n > 0)
                std::memmove(to, from, static_cast<std::size_t>(n) * sizeof *to);
        };
        move(values.get() + entries, values.get() + chunk.entry, chunk.entries);
        move(columns.get() + entries, columns.get() + chunk.entry, chunk.entries);
        move(targets.get() + examples, targets.get() + chunk.row, chunk.examples);
        const std::int64_t* const from = offsets.get() + chunk.row + 1;
        std::int64_t* const to = offsets.get() + examples + 1;
        for (std::int64_t i = 0; i < chunk.examples; ++i) to[i] = entries + from[i];
        examples += chunk.examples;
        entries += chunk.entries;
        features = std::max(features, chunk.features);
    }
};

}  // namespace ermine
