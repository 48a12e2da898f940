// SPDX-License-Identifier: MIT
#pragma once

#include "../ermine_catch.hpp"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include <ermine/observers/checkpoint.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/resume.hpp>

/// A folder of its own, removed at the end.
struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() /
                                 ("ermine-runs-" + std::to_string(std::random_device{}()));
    Folder() { std::filesystem::create_directory(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }

    std::string operator/(const std::string& name) const { return (path / name).string(); }
};

inline constexpr ermine::CheckpointOptions at_the_end{.seconds = 1e9};

template <class V>
bool same_bytes(const V& a, const V& b) {
    return a.size() == b.size() &&
           std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(a[0])) == 0;
}

inline std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Stops at `middle` and goes on to `end`, against one run to the end.
template <class F, class M, class Rule = ermine::MaxIterations>
void goes_on(const char* name, const F& f, const auto& x0, const M& method, std::int64_t middle,
             std::int64_t end, const Rule& rule = {1000000000}) {
    INFO(name);
    const Folder folder;
    const std::string path = folder / "run.ckpt";
    const auto run = [&](const auto& from, std::int64_t iterations) {
        ermine::Checkpoint checkpoint(path, at_the_end);
        const auto result = ermine::minimize(
            f, from, method, ermine::first_of(rule, ermine::MaxIterations{iterations}), checkpoint);
        checkpoint.close();
        return result;
    };
    auto whole = run(x0, end);
    const std::string bytes = content(path);
    REQUIRE(run(x0, middle).iterations == middle);
    REQUIRE(content(path) != bytes);
    auto resumed = run(ermine::resume(path, x0), end);
    CHECK(same_bytes(whole.x, resumed.x));
    CHECK(std::memcmp(&whole.value, &resumed.value, sizeof(double)) == 0);
    CHECK(whole.counts.fields() == resumed.counts.fields());
    CHECK(whole.iterations == resumed.iterations);
    CHECK(std::memcmp(&whole.epochs, &resumed.epochs, sizeof(double)) == 0);
    CHECK(whole.status == resumed.status);
    // once more, from the end: it stops where it is
    auto again = run(ermine::resume(path, x0), end);
    CHECK(same_bytes(whole.x, again.x));
    CHECK(again.iterations == whole.iterations);
}
