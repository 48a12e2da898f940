// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef ERMINE_TORCH_STEPS
#define ERMINE_TORCH_STEPS "benchmarks/updates/torch_steps.py"  // from the top of the sources
#endif

/// PyTorch in a process of its own, which takes a step when it is told to. Between two steps it is
/// stopped, so that threads that wait by spinning do not take the processor from the others.
class TorchChild {
public:
    /// `waiting` is OpenMP's policy. PyTorch maps a temporary of 40 MB anew in each step, and takes
    /// longer to have its pages made than to compute; `keeps_memory` has malloc keep them.
    TorchChild(const std::string& work, long numbers, int threads, const char* waiting,
               bool keeps_memory) {
        int down[2];
        int up[2];
        if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0) return;
        pid_ = fork();
        if (pid_ == 0) {
            dup2(down[0], 0);
            dup2(up[1], 1);
            setenv("OMP_WAIT_POLICY", waiting, 1);
            if (keeps_memory) {
                setenv("MALLOC_MMAP_MAX_", "0", 1);
                setenv("MALLOC_TRIM_THRESHOLD_", "17179869184", 1);
            }
            execl("/usr/bin/python3", "python3", ERMINE_TORCH_STEPS, work.c_str(),
                  std::to_string(numbers).c_str(), std::to_string(threads).c_str(),
                  static_cast<char*>(nullptr));
            _exit(127);
        }
        close(down[0]);
        close(up[1]);
        to_ = fdopen(down[1], "w");
        from_ = fdopen(up[0], "r");
        std::istringstream names(line());
        for (std::string name; names >> name;) variants.push_back(name);
        if (pid_ > 0) kill(pid_, SIGSTOP);
    }

    TorchChild(const TorchChild&) = delete;
    TorchChild& operator=(const TorchChild&) = delete;

    ~TorchChild() {
        if (to_) std::fclose(to_);
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
        if (from_) std::fclose(from_);
    }

    /// The seconds of one step.
    double step(const std::string& variant) { return std::atof(ask(variant, 1).front().c_str()); }

    /// The first parameters of each variant.
    std::vector<std::vector<double>> points() {
        std::vector<std::vector<double>> all;
        for (const std::string& answer : ask("points", variants.size())) {
            std::istringstream numbers(answer);
            all.emplace_back();
            for (double x = 0; numbers >> x;) all.back().push_back(x);
        }
        return all;
    }

    std::vector<std::string> variants;  // none where there is no PyTorch

private:
    pid_t pid_ = -1;
    std::FILE* to_ = nullptr;
    std::FILE* from_ = nullptr;

    std::vector<std::string> ask(const std::string& word, std::size_t answers) {
        kill(pid_, SIGCONT);
        std::fprintf(to_, "%s\n", word.c_str());
        std::fflush(to_);
        std::vector<std::string> lines;
        for (std::size_t i = 0; i < answers; ++i) lines.push_back(line());
        kill(pid_, SIGSTOP);
        return lines;
    }

    std::string line() {
        char text[512] = "";
        if (!from_ || !std::fgets(text, sizeof text, from_)) return {};
        return text;
    }
};
