// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ermine/data/byte_reader.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/libsvm_block.hpp>
#include <ermine/data/libsvm_line.hpp>
#include <ermine/data/mapped_file.hpp>
#include <ermine/data/sparse_rows.hpp>

namespace ermine {

/// Blocks of whole lines from a LIBSVM file, in order, read on all threads.
template <class T>
class LibsvmBlocks {
public:
    LibsvmBlocks(std::string path, const LibsvmFormat& format)
        : format_(format), place_{std::move(path)} {}

    /// All of them. A plain file is mapped and read in one block; what is packed, or a pipe, comes
    /// in blocks of 8 MB or one line.
    std::vector<LibsvmBlock<T>> read() {
        std::error_code ignored;
        std::optional<MappedFile> file;
        if (std::filesystem::is_regular_file(place_.path, ignored)) {
            file.emplace(place_.path);
            if (file->bytes().empty() || file->bytes().starts_with("\x1f\x8b")) file.reset();
        }
        file ? take_mapped(file->bytes()) : take_stream();
        return std::move(blocks_);
    }

private:
    static constexpr std::size_t readable = 8;  // bytes behind a text, by LibsvmBlock::read
    static constexpr std::string_view mark = "\xEF\xBB\xBF";  // the byte order mark of UTF-8

    LibsvmFormat format_;
    TextPlace place_;
    std::vector<LibsvmBlock<T>> blocks_;

    /// Whole lines, and behind them a rest, which has a line feed at its end or ends the file.
    void take(std::string_view text, std::string rest = {}) {
        if (!rest.empty() && rest.back() != '\n') rest += '\n';
        const std::size_t size = rest.size();
        rest.resize(size + readable, '\0');
        const std::string_view last = std::string_view(rest).substr(0, size);
        if (text.empty() && last.empty()) return;
        blocks_.push_back(LibsvmBlock<T>::read({text, last}, format_, place_));
        place_.lines_before += blocks_.back().lines;
    }

    void take_mapped(std::string_view text) {
        if (text.starts_with(mark)) text.remove_prefix(mark.size());
        // up to a line feed with enough behind it
        const std::size_t feed = text.size() > readable
                                     ? text.rfind('\n', text.size() - readable - 1)
                                     : std::string_view::npos;
        const std::size_t whole = feed == std::string_view::npos ? 0 : feed + 1;
        take(text.substr(0, whole), std::string(text.substr(whole)));
    }

    void take_stream() {
        ByteReader bytes(place_.path);
        std::string text(std::size_t{1} << 20, '\0');  // [0, size) is read, not yet taken
        std::size_t size = 0;
        std::size_t searched = 0;  // no line feed before
        bool first = true;
        for (;;) {
            constexpr std::size_t block = std::size_t{8} << 20;
            std::string trouble;
            std::size_t got = 1;
            while (got > 0 && trouble.empty() && size < std::max(block, searched + block)) {
                if (size + readable >= text.size()) text.resize(2 * text.size());
                got = bytes.read(text.data() + size, text.size() - readable - size, trouble);
                size += trouble.empty() ? got : 0;
            }
            std::size_t begin = 0;
            if (std::exchange(first, false) && std::string_view(text).starts_with(mark))
                begin = mark.size();
            const std::string_view all(text.data(), size);
            const std::size_t feed = all.substr(searched).rfind('\n');
            const std::size_t whole = feed == std::string_view::npos ? begin : searched + feed + 1;
            take(all.substr(begin, whole - begin));
            if (!trouble.empty())
                throw DataError(place_.path, place_.lines_before > 0 ? place_.lines_before + 1 : 0,
                                0, trouble);
            if (got == 0) return take({}, std::string(all.substr(whole)));
            text.erase(0, whole);
            size -= whole;
            searched = size;
            text.resize(std::max(text.size(), std::size_t{1} << 20));
        }
    }
};

/// Reads a file of LIBSVM (svmlight) format, plain or gzip, on all threads:
///
///     label index:value index:value …   # comment
///
/// Indices count from 1 and increase within a line; index i becomes column i - 1. Zeros that are
/// written are stored. A line may have a label alone; empty lines and comments are skipped.
/// Labels are numbers and become the targets as they are. Chang & Lin, "LIBSVM: a library for
/// support vector machines", ACM TIST 2, 2011. A plain file is mapped: see MappedFile.
///
/// Throws DataError with line and column for anything else: a label or value that is no finite
/// number, an index that is 0, above 2^31 - 1, repeated or out of order; for a file without
/// examples, or one that cannot be read.
template <class T = double>
Dataset<SparseRows<T>> read_libsvm(const std::string& path, const LibsvmFormat& format = {}) {
    if (format.features < 0 || format.features > LibsvmFormat::largest_index)
        throw std::invalid_argument("LibsvmFormat: features = " + std::to_string(format.features) +
                                    "; give 0 (take the largest index) to 2147483647");
    std::vector<LibsvmBlock<T>> blocks = LibsvmBlocks<T>(path, format).read();
    std::int64_t examples = 0;
    std::int64_t entries = 0;
    for (const LibsvmBlock<T>& block : blocks) {
        examples += block.examples;
        entries += block.entries;
    }
    if (examples == 0) throw DataError(path, "the file has no examples");
    auto all = std::make_shared<LibsvmBlock<T>>(
        blocks.size() == 1 ? std::move(blocks.front()) : LibsvmBlock<T>::of(examples, entries));
    if (blocks.size() > 1)
        for (LibsvmBlock<T>& block : blocks) {
            all->append(block);
            block = {};  // so that there are never two copies of all
        }
    const SparseRows<T> rows{all->values.get(), all->columns.get(), all->offsets.get(),
                             static_cast<Index>(all->examples),
                             static_cast<Index>(std::max(format.features, all->features))};
    const double* const targets = all->targets.get();
    return Dataset<SparseRows<T>>::view(rows, targets, nullptr, std::move(all));
}

}  // namespace ermine
