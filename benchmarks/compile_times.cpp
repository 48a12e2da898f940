// SPDX-License-Identifier: MIT
// Does a call of lbfgs() compile in at most 1.5 times what a unit that only includes Eigen/Dense
// takes? Each compiler that is here compiles four units in turn, with -O2; the user's processor
// time is taken, the median counts.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "flags.hpp"
#include "report.hpp"
#include "scratch_folder.hpp"

#ifndef ERMINE_EIGEN
#define ERMINE_EIGEN "/usr/include/eigen3"
#endif

namespace {

namespace fs = std::filesystem;

struct Unit {
    const char* name;
    const char* text;
    bool has_goal = false;
    std::vector<double> seconds = {};

    double median() const {
        std::vector<double> sorted = seconds;
        std::sort(sorted.begin(), sorted.end());
        return sorted[sorted.size() / 2];
    }
};

constexpr double goal = 1.5;  // of the first unit's time

std::vector<Unit> units() {
    constexpr auto call = R"(
struct Bowl {
    double value(const Eigen::VectorXd& x) const { return x.squaredNorm(); }
    double value_and_gradient(const Eigen::VectorXd& x, Eigen::VectorXd& g) const {
        g = 2 * x;
        return x.squaredNorm();
    }
};
int main() {
    const Eigen::VectorXd x0 = Eigen::VectorXd::Ones(3);
    return ermine::minimize(Bowl{}, x0, ermine::lbfgs()).converged() ? 0 : 1;
}
)";
    static const std::string narrow = std::string(
                                          "#include <ermine/solvers/minimize.hpp>\n"
                                          "#include <ermine/solvers/quasi_newton_methods.hpp>\n") +
                                      call;
    static const std::string umbrella = std::string("#include <ermine/ermine.hpp>\n") + call;
    return {{"eigen dense", "#include <Eigen/Dense>\nint main() {}\n"},
            {"eigen core", "#include <Eigen/Core>\nint main() {}\n"},
            {"ermine lbfgs", narrow.c_str(), true},
            {"ermine umbrella", umbrella.c_str()}};
}

/// Runs a command; returns its user seconds, or less than 0 if it failed.
double user_seconds(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        execvp(arguments[0], arguments.data());
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    if (child < 0 || wait4(child, &status, 0, &usage) != child) return -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return -1;
    return static_cast<double>(usage.ru_utime.tv_sec) +
           1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

bool is_here(const std::string& compiler) {
    return std::system(("command -v " + compiler + " > /dev/null").c_str()) == 0;
}

}  // namespace

int main(int count, char** words) {
    bool quick = false;
    std::string json;
    if (!Flags{}.flag("--quick", quick).text("--json", "FILE", json).read(count, words)) return 2;
    const std::string headers = fs::path(__FILE__).parent_path().parent_path() / "include";
    const ScratchFolder scratch;
    const std::string folder = scratch.path;
    nlohmann::json records = nlohmann::json::array();
    bool short_of_it = false;
    for (const std::string compiler : {"g++", "clang++-19"}) {
        if (!is_here(compiler)) {
            std::printf("%s is not here\n", compiler.c_str());
            continue;
        }
        std::vector<Unit> all = units();
        for (int round = 0; round < (quick ? 3 : 7); ++round)
            for (Unit& unit : all) {
                const std::string source = folder + "/unit.cpp";
                std::ofstream(source) << unit.text;
                const double seconds =
                    user_seconds({compiler, "-std=c++20", "-O2", "-I" + headers, "-isystem",
                                  ERMINE_EIGEN, "-c", source, "-o", folder + "/unit.o"});
                if (seconds < 0) {
                    std::fprintf(stderr, "%s does not compile \"%s\"\n", compiler.c_str(),
                                 unit.name);
                    return 1;
                }
                unit.seconds.push_back(seconds);
            }
        std::printf("\n%-16s %14s %10s\n", compiler.c_str(), "user seconds", "to dense");
        for (const Unit& unit : all) {
            const double ratio = unit.median() / all.front().median();
            const bool misses = unit.has_goal && ratio > goal;
            short_of_it = short_of_it || misses;
            std::printf("%-16s %14.2f %10.2f%s\n", unit.name, unit.median(), ratio,
                        misses          ? "  falls short: the goal is 1.5"
                        : unit.has_goal ? "  within the goal of 1.5"
                                        : "");
            auto entry = record("compile with " + compiler + " -O2", unit.name);
            entry["threads"] = 1;
            entry["seconds"] = unit.median();
            records.push_back(std::move(entry));
        }
    }
    write_records(records, json);
    std::printf(short_of_it ? "\nFalls short.\n" : "\nNothing falls short.\n");
}
