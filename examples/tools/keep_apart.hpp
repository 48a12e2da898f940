// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

/// Throws std::invalid_argument if the output of a flag would replace the file of another, or one
/// of the files of a store of examples. Empty paths and what is no regular file (/dev/null) are
/// fine.
inline void keep_apart(const std::string& flag, const std::string& path, const std::string& other,
                       const std::string& other_path) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (path.empty() || other_path.empty()) return;
    if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) return;
    const fs::path whole = fs::weakly_canonical(path, ignored);
    if (fs::is_directory(other_path, ignored) &&
        whole.parent_path() == fs::canonical(other_path, ignored) &&
        (whole.extension() == ".npy" || whole.filename() == "store.txt"))
        throw std::invalid_argument(flag + " is " + path + ", a file of the folder of " + other +
                                    ", which it would replace");
    if (fs::weakly_canonical(path, ignored) == fs::weakly_canonical(other_path, ignored) ||
        fs::equivalent(path, other_path, ignored))
        throw std::invalid_argument(flag + " is " + path + ", the file of " + other +
                                    ", which it would replace");
}
