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

/// How a process waits in OpenMP, and whether malloc keeps its memory: PyTorch maps large
/// temporaries anew in each step, and takes longer to have their pages made than to compute.
struct TorchSetting {
    const char* waiting;
    bool keeps_memory;
    const char* name;  ///< what it adds to a contestant's

    static std::vector<TorchSetting> all(int threads) {
        std::vector<TorchSetting> settings{{"passive", false, ""},
                                           {"passive", true, ", memory kept"}};
        if (threads > 1) settings.push_back({"active", false, ", active"});
        if (threads > 1) settings.push_back({"active", true, ", active, memory kept"});
        return settings;
    }
};

/// PyTorch in a process of its own, a script that answers to the lines that it is given. While it
/// isn't asked it is stopped, so that threads that wait by spinning do not take the processor from
/// the others.
class TorchChild {
public:
    TorchChild(const std::string& script, const std::vector<std::string>& arguments,
               const TorchSetting& setting) {
        int down[2];
        int up[2];
        if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0) return;
        pid_ = fork();
        if (pid_ == 0) {
            dup2(down[0], 0);
            dup2(up[1], 1);
            setenv("OMP_WAIT_POLICY", setting.waiting, 1);
            if (setting.keeps_memory) {
                setenv("MALLOC_MMAP_MAX_", "0", 1);
                setenv("MALLOC_TRIM_THRESHOLD_", "17179869184", 1);
            }
            std::vector<std::string> words{"python3", script};
            words.insert(words.end(), arguments.begin(), arguments.end());
            std::vector<char*> pointers;
            for (std::string& word : words) pointers.push_back(word.data());
            pointers.push_back(nullptr);
            execv("/usr/bin/python3", pointers.data());
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

    /// So many answers, a line each, to a line; empty where there is no PyTorch.
    std::vector<std::string> ask(const std::string& words, std::size_t answers = 1) {
        kill(pid_, SIGCONT);
        std::fprintf(to_, "%s\n", words.c_str());
        std::fflush(to_);
        std::vector<std::string> lines;
        for (std::size_t i = 0; i < answers; ++i) lines.push_back(line());
        kill(pid_, SIGSTOP);
        return lines;
    }

    std::vector<std::string> variants;  ///< its first line; none where there is no PyTorch

private:
    pid_t pid_ = -1;
    std::FILE* to_ = nullptr;
    std::FILE* from_ = nullptr;

    std::string line() {
        char text[512] = "";
        if (!from_ || !std::fgets(text, sizeof text, from_)) return {};
        return text;
    }
};
