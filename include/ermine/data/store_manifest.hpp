// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/atomic_file.hpp>
#include <ermine/data/crc32.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/data/mapped_file.hpp>

namespace ermine {

/// What a folder of shuffled examples says of itself in `store.txt`, the file that is written last:
/// what the arrays are, how long each file is and its checksum (CRC-32). Its own last line is the
/// checksum of all lines before it.
struct StoreManifest {
    struct File {
        std::string name;
        std::int64_t size = 0;
        std::uint32_t crc32 = 0;
    };

    bool complete = true;  ///< false while the arrays of a store are being replaced
    bool sparse = false;
    std::string element = "f8";  ///< of the features: "f4" or "f8"
    Index examples = 0;
    Index features = 0;
    std::uint64_t seed = 0;
    std::vector<File> files;
    std::vector<std::string> class_names;
    std::vector<std::string> feature_names;

    static std::string path_in(const std::string& folder) {
        return (std::filesystem::path(folder) / "store.txt").string();
    }

    /// Writes it, whole or not at all. Throws DataError if that fails.
    void write(const std::string& folder) const {
        std::string text = "ermine store 1\n";
        const auto line = [&text](std::string_view key, const std::string& value) {
            ((text += key) += ' ') += value;
            text += '\n';
        };
        line("complete", complete ? "yes" : "no");
        line("rows", sparse ? "sparse" : "dense");
        line("element", element);
        line("examples", std::to_string(examples));
        line("features", std::to_string(features));
        line("seed", std::to_string(seed));
        for (const File& file : files) {
            line("file", file.name + ' ' + std::to_string(file.size) + ' ' + hex(file.crc32));
        }
        for (const std::string& name : class_names) {
            line("class", escaped(name));
        }
        for (const std::string& name : feature_names) {
            line("feature", escaped(name));
        }
        line("crc32", hex(Crc32::of(text)));
        AtomicFile file(path_in(folder));
        file.write(text);
        file.commit();
    }

    /// Throws DataError if there is none, if it is not complete, if it was altered or is of a later
    /// version.
    static StoreManifest read(const std::string& folder) {
        namespace fs = std::filesystem;
        std::error_code ignored;
        if (!fs::is_directory(folder, ignored)) {
            throw DataError(folder, fs::exists(folder, ignored)
                                        ? "is no folder; a store of shuffled examples is one"
                                        : "the folder does not exist");
        }
        const std::string path = path_in(folder);
        if (!fs::exists(path, ignored)) {
            throw DataError(folder,
                            "is no store of shuffled examples, or was not finished: it has "
                            "no store.txt; shuffle_to_npy makes one");
        }
        const MappedFile file(path);
        std::string_view text = file.bytes();
        if (!text.starts_with("ermine store ")) {
            throw DataError(path, "does not describe a store of shuffled examples");
        }
        if (!text.starts_with("ermine store 1\n")) {
            throw DataError(path, "the store is of a later version than 1, or damaged");
        }
        const std::size_t cut = text.rfind("crc32 ");
        const std::string_view sum = cut == text.npos ? "" : text.substr(cut);
        text = text.substr(0, cut);
        if (sum != "crc32 " + hex(Crc32::of(text)) + '\n') {
            throw DataError(path, "the file is truncated or was altered: its checksum is wrong");
        }
        StoreManifest manifest;
        std::int64_t number = 0;
        for (text.remove_prefix(text.find('\n') + 1); !text.empty(); ++number) {
            const std::size_t end = text.find('\n');
            const std::string_view line = text.substr(0, end);
            if (end == text.npos || !manifest.take(line)) {
                throw DataError(path, number + 2, 0, "this line is not understood");
            }
            text.remove_prefix(end + 1);
        }
        if (!manifest.complete) {
            throw DataError(folder,
                            "the store was not finished: its writing was interrupted; "
                            "write it again");
        }
        return manifest;
    }

    /// Removes what killed writers have left in the folder: files NAME.npy.NUMBER.tmp and
    /// store.txt.NUMBER.tmp.
    static void remove_left_over(const std::string& folder) {
        namespace fs = std::filesystem;
        std::error_code ignored;
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(folder, ignored)) {
            const fs::path number = entry.path().stem();
            const bool digits =
                number.extension().string().find_first_not_of(".0123456789") == std::string::npos;
            const bool ours = number.stem() == "store.txt" || number.stem().extension() == ".npy";
            if (entry.path().extension() == ".tmp" && digits && ours) {
                found.push_back(entry.path());
            }
        }
        for (const fs::path& path : found) {
            fs::remove(path, ignored);
        }
    }

    /// The entry of a file, or null.
    const File* find(std::string_view name) const {
        for (const File& file : files) {
            if (file.name == name) {
                return &file;
            }
        }
        return nullptr;
    }

    /// As it stands in the manifest, eight digits.
    static std::string hex(std::uint32_t value) {
        std::array<char, 9> digits;
        std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(value));
        return digits.data();
    }

private:
    template <class Number>
    static bool parse(std::string_view text, Number& number, int base = 10) {
        const char* const end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, number, base);
        return read.ec == std::errc() && read.ptr == end && !text.starts_with('-');
    }

    bool take(std::string_view line) {
        const std::size_t space = line.find(' ');
        if (space == line.npos) {
            return false;
        }
        const std::string_view key = line.substr(0, space);
        const std::string_view value = line.substr(space + 1);
        if (key == "complete") {
            complete = value == "yes";
            return complete || value == "no";
        }
        if (key == "rows") {
            sparse = value == "sparse";
            return sparse || value == "dense";
        }
        if (key == "element") {
            element = value;
            return element == "f4" || element == "f8";
        }
        if (key == "examples") return parse(value, examples);
        if (key == "features") return parse(value, features);
        if (key == "seed") return parse(value, seed);
        if (key == "class") return take_name(value, class_names);
        if (key == "feature") return take_name(value, feature_names);
        const std::size_t first = value.find(' ');
        const std::size_t second = value.rfind(' ');
        if (key != "file" || first == value.npos || second == first) {
            return false;
        }
        File& file = files.emplace_back();
        file.name = value.substr(0, first);
        return parse(value.substr(first + 1, second - first - 1), file.size) &&
               parse(value.substr(second + 1), file.crc32, 16);
    }

    static std::string escaped(const std::string& name) {
        std::string text;
        for (const char c : name) {
            text += c == '\n' ? "\\n" : c == '\\' ? "\\\\" : std::string(1, c);
        }
        return text;
    }

    static bool take_name(std::string_view text, std::vector<std::string>& names) {
        std::string& name = names.emplace_back();
        for (std::size_t k = 0; k < text.size(); ++k) {
            if (text[k] != '\\') {
                name += text[k];
            } else if (++k < text.size()) {
                name += text[k] == 'n' ? '\n' : text[k];
            } else {
                return false;
            }
        }
        return true;
    }
};

}  // namespace ermine
