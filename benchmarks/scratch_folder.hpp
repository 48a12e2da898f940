// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

/// A folder for what other processes read, gone with the object. Throws std::system_error where
/// none can be made.
struct ScratchFolder {
    std::filesystem::path path;

    ScratchFolder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "ermine-benchmark-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            throw std::system_error(errno, std::generic_category(), name);
        path = name;
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder() { std::filesystem::remove_all(path); }
};

/// Writes the numbers of a vector or matrix as they lie in memory.
void write_numbers(const auto& numbers, const std::filesystem::path& file) {
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(numbers.data()),
              static_cast<std::streamsize>(static_cast<std::size_t>(numbers.size()) *
                                           sizeof(*numbers.data())));
}
