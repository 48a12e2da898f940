// SPDX-License-Identifier: MIT
#pragma once

#include "ermine_catch.hpp"
#include "folder.hpp"
#include "same_bytes.hpp"

#include <cstdint>
#include <cstring>
#include <string>

#include <ermine/observers/checkpoint.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/resume.hpp>

inline constexpr ermine::CheckpointOptions at_the_end{.seconds = 1e9};

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
