// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ermine/data/crc32.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/data/mapped_file.hpp>
#include <ermine/data/npy_header.hpp>
#include <ermine/data/npy_header_parser.hpp>
#include <ermine/data/number_format.hpp>
#include <ermine/data/store_manifest.hpp>

namespace ermine {

/// The mapped arrays of a folder that shuffle_to_npy has written, with what it says of itself. It
/// owns the mappings: pointers to numbers live as long as it does.
class MappedStore {
public:
    /// Throws DataError unless the folder holds a complete store. `verify`: checksums are compared,
    /// for which each file is read once.
    MappedStore(std::string folder, bool verify)
        : folder_(std::move(folder)), verify_(verify), manifest_(StoreManifest::read(folder_)) {}

    const StoreManifest& manifest() const { return manifest_; }

    /// Maps an array: its numbers of type T, row by row. Throws DataError if the file is missing,
    /// was altered, or is not of this type and shape.
    template <class T>
    const T* array(const std::string& name, const std::vector<std::int64_t>& shape) {
        const std::string path = (std::filesystem::path(folder_) / name).string();
        const StoreManifest::File* const entry = manifest_.find(name);
        if (entry == nullptr) {
            throw DataError(StoreManifest::path_in(folder_), "does not list the file " + name);
        }
        const MappedFile& file = files_.emplace_back(path);
        const std::string_view bytes = file.bytes();
        if (std::cmp_not_equal(bytes.size(), entry->size)) {
            throw DataError(path, "was altered: it has " + std::to_string(bytes.size()) +
                                      " bytes, and had " + std::to_string(entry->size) +
                                      " when the store was written");
        }
        if (verify_) {
            if (const std::uint32_t found = Crc32::of(bytes); found != entry->crc32) {
                throw DataError(path, "was altered since the store was written: its checksum is " +
                                          StoreManifest::hex(found) + ", not " +
                                          StoreManifest::hex(entry->crc32));
            }
        }
        const NpyHeader header = NpyHeaderParser(bytes, path).header();
        const auto refuse = [&](const std::string& sentence) {
            throw DataError::at_byte(path, 0, sentence);
        };
        if (header.format != NumberFormat::of<T>()) {
            refuse("the numbers are of type " + header.format.name() + ", the store needs " +
                   NumberFormat::of<T>().name() + " here");
        }
        if (header.shape != shape || (header.fortran_order && shape.size() > 1)) {
            refuse("the array is of another shape or order than the store needs here");
        }
        if (header.size % static_cast<std::int64_t>(sizeof(T)) != 0) {
            refuse(
                "the numbers do not begin at a multiple of their size, so that they cannot be "
                "mapped");
        }
        return reinterpret_cast<const T*>(bytes.data() + header.size);
    }

private:
    std::string folder_;
    bool verify_;
    StoreManifest manifest_;
    std::vector<MappedFile> files_;
};

}  // namespace ermine
