// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

/// A folder of a test's own, which is removed with its files.
struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() /
                                 ("ermine-test-" + std::to_string(std::random_device{}()));
    Folder() { std::filesystem::create_directory(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }

    std::string operator/(const std::string& name) const { return (path / name).string(); }

    std::string file(const std::string& text, const std::string& name = "file") const {
        std::ofstream(path / name, std::ios::binary) << text;
        return *this / name;
    }

    auto count() const {
        return std::distance(std::filesystem::directory_iterator(path),
                             std::filesystem::directory_iterator());
    }
};

/// What stands in a file.
inline std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}
