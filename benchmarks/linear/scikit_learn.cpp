// SPDX-License-Identifier: MIT
#include "scikit_learn.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "passes.hpp"

#ifndef ERMINE_LINEAR_PEER
#define ERMINE_LINEAR_PEER "benchmarks/linear/scikit_learn.py"  // from the top of the sources
#endif

namespace linear {

namespace {

/// An array of NumPy's format 1.0.
class Npy {
public:
    Npy(const std::string& path, const std::string& type, const std::string& shape)
        : out_(path, std::ios::binary) {
        std::string head =
            "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
        head.append(63 - (10 + head.size()) % 64, ' ');
        head += '\n';
        out_.write("\x93NUMPY\x01\x00", 8);
        out_.put(static_cast<char>(head.size() & 255U));
        out_.put(static_cast<char>(head.size() >> 8U));
        out_ << head;
    }

    template <class T>
    void write(const T* numbers, std::size_t count) {
        out_.write(reinterpret_cast<const char*>(numbers),
                   static_cast<std::streamsize>(count * sizeof(T)));
    }

private:
    std::ofstream out_;
};

/// Dense rows where they have not many zeros, or few numbers.
bool keeps_rows(const Problem& problem) {
    const auto all = static_cast<double>(problem.examples() * problem.features());
    return !problem.sparse() || all <= 1e7;
}

/// The numbers that are not 0.
Index proper(const Problem& problem) {
    return std::visit(
        [](const auto& d) {
            Index count = 0;
            for (Index i = 0; i < d.examples(); ++i)
                for_row(d.rows(), i, [&](Index, double x) { count += x != 0 ? 1 : 0; });
            return count;
        },
        problem.data);
}

bool keeps_csr(const Problem& problem) {
    const auto all = static_cast<double>(problem.examples() * problem.features());
    return static_cast<double>(proper(problem)) <= 0.4 * all;
}

}  // namespace

void write_for_scikit_learn(const Problem& problem, const std::string& folder) {
    std::filesystem::create_directories(folder);
    for (const char* name : {"y", "X", "data", "indices", "indptr", "shape"})
        std::filesystem::remove(folder + '/' + name + ".npy");
    const std::string n = std::to_string(problem.examples());
    const std::string d = std::to_string(problem.features());
    const auto y = problem.targets();
    Npy(folder + "/y.npy", "<f8", n + ',').write(y.data(), static_cast<std::size_t>(y.size()));
    if (keeps_rows(problem)) {
        Npy out(folder + "/X.npy", "<f8", n + ", " + d);
        std::vector<double> row(static_cast<std::size_t>(problem.features()));
        std::visit(
            [&](const auto& data) {
                for (Index i = 0; i < data.examples(); ++i) {
                    std::fill(row.begin(), row.end(), 0);
                    for_row(data.rows(), i,
                            [&](Index j, double x) { row[static_cast<std::size_t>(j)] = x; });
                    out.write(row.data(), row.size());
                }
            },
            problem.data);
    }
    if (keeps_csr(problem)) {
        std::vector<double> values;
        std::vector<std::int32_t> columns;
        std::vector<std::int32_t> offsets{0};
        std::visit(
            [&](const auto& data) {
                for (Index i = 0; i < data.examples(); ++i) {
                    for_row(data.rows(), i, [&](Index j, double x) {
                        if (x == 0) return;
                        values.push_back(x);
                        columns.push_back(static_cast<std::int32_t>(j));
                    });
                    offsets.push_back(static_cast<std::int32_t>(values.size()));
                }
            },
            problem.data);
        const std::string count = std::to_string(values.size()) + ',';
        Npy(folder + "/data.npy", "<f8", count).write(values.data(), values.size());
        Npy(folder + "/indices.npy", "<i4", count).write(columns.data(), columns.size());
        Npy(folder + "/indptr.npy", "<i4", std::to_string(offsets.size()) + ',')
            .write(offsets.data(), offsets.size());
        const std::int64_t shape[2] = {problem.examples(), problem.features()};
        Npy(folder + "/shape.npy", "<i8", "2,").write(shape, 2);
    }
}

std::vector<Way> scikit_learn_ways(const Problem& problem) {
    const bool rows = keeps_rows(problem);
    const bool csr = keeps_csr(problem);
    const std::string usual = csr ? "csr" : "dense";
    std::vector<Way> ways;
    if (problem.loss == Loss::squared) {
        if (problem.examples() > problem.features())
            ways.push_back({"sklearn lasso gram", "columns", true});
        ways.push_back({"sklearn lasso cyclic", "columns", false});
        ways.push_back({"sklearn lasso random", "columns", false});
        return ways;
    }
    if (problem.loss != Loss::logistic && problem.loss != Loss::multinomial) return ways;
    if (problem.penalty == Penalty::l1) {
        ways.push_back({"sklearn saga", usual, false});
        return ways;
    }
    if (problem.loss == Loss::logistic && problem.features() <= 2000)
        ways.push_back({"sklearn newton-cholesky", rows ? "dense" : "csr", true});
    for (const char* solver : {"sklearn lbfgs", "sklearn newton-cg"}) {
        if (csr) ways.push_back({solver, "csr", false});
        if (rows) ways.push_back({solver, "dense", true});
    }
    ways.push_back({"sklearn sag", usual, false});
    ways.push_back({"sklearn saga", usual, false});
    return ways;
}

ScikitLearn::ScikitLearn(std::string folder, int threads, std::string waiting)
    : folder_(std::move(folder)), threads_(threads), waiting_(std::move(waiting)) {}

ScikitLearn::~ScikitLearn() { stop(); }

void ScikitLearn::start() {
    int down[2];
    int up[2];
    if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0) return;
    const std::string threads = std::to_string(threads_);
    pid_ = fork();
    if (pid_ == 0) {
        dup2(down[0], 0);
        dup2(up[1], 1);
        setenv("OMP_NUM_THREADS", threads.c_str(), 1);
        setenv("OPENBLAS_NUM_THREADS", threads.c_str(), 1);
        setenv("OMP_WAIT_POLICY", waiting_.c_str(), 1);
        execl("/usr/bin/python3", "python3", ERMINE_LINEAR_PEER, folder_.c_str(),
              static_cast<char*>(nullptr));
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    to_ = down[1];
    from_ = up[0];
    loaded_ = false;
    version_ = answer(60);
    if (pid_ > 0) kill(pid_, SIGSTOP);
}

void ScikitLearn::stop() {
    if (to_ >= 0) close(to_);
    if (from_ >= 0) close(from_);
    to_ = from_ = -1;
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        std::filesystem::remove(folder_ + "/coef-" + std::to_string(pid_) + ".bin");
    }
    pid_ = -1;
}

std::string ScikitLearn::answer(double patience) {
    const auto begin = std::chrono::steady_clock::now();
    std::string text;
    while (true) {
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
        pollfd waiting{from_, POLLIN, 0};
        const double left = patience - passed.count();
        if (left <= 0 || poll(&waiting, 1, static_cast<int>(left * 1e3) + 1) <= 0) return {};
        char c = 0;
        if (read(from_, &c, 1) != 1) return {};
        if (c == '\n') return text;
        text += c;
    }
}

std::string ScikitLearn::ask(const std::string& line, double patience) {
    kill(pid_, SIGCONT);
    std::string reply;
    if (write(to_, line.data(), line.size()) == static_cast<ssize_t>(line.size()))
        reply = answer(patience);
    if (reply.empty())
        stop();
    else
        kill(pid_, SIGSTOP);
    return reply;
}

Fit ScikitLearn::fit(const Problem& problem, const Way& way, long rounds, double tol, double cap) {
    if (version().empty()) return {};
    if (pid_ < 0) start();
    if (pid_ < 0) return {};
    if (!loaded_) loaded_ = ask("{\"load\": true}\n", 120) == "loaded";
    if (!loaded_) return {};
    const nlohmann::json task = {{"solver", way.contestant.substr(sizeof "sklearn " - 1)},
                                 {"form", way.form},
                                 {"rounds", rounds},
                                 {"tol", tol},
                                 {"lambda", problem.lambda},
                                 {"l1", problem.penalty == Penalty::l1},
                                 {"classes", problem.classes}};
    const std::string file = folder_ + "/coef-" + std::to_string(pid_) + ".bin";
    const std::string reply = ask(task.dump() + '\n', cap + 0.5);
    Fit fit;
    char* rest = nullptr;
    const double seconds = std::strtod(reply.c_str(), &rest);
    if (reply.empty() || seconds > cap) return fit;
    fit.rounds = std::strtol(rest, nullptr, 10);
    fit.w.resize(problem.parameters());
    std::ifstream in(file, std::ios::binary);
    in.read(reinterpret_cast<char*>(fit.w.data()),
            static_cast<std::streamsize>(fit.w.size() * Index{sizeof(double)}));
    if (!in) return {};
    fit.seconds = seconds;
    return fit;
}

}  // namespace linear
