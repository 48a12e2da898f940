// SPDX-License-Identifier: MIT
#include "liblinear.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <linear.h>

#include "passes.hpp"

namespace linear {

struct Liblinear::Nodes {
    std::vector<feature_node> all;
    std::vector<feature_node*> rows;
    std::vector<double> targets;
    ::problem view{};
};

Liblinear::Liblinear(const Problem& problem) : problem_(problem) {
    if (solvers().empty()) return;
    nodes_ = std::make_unique<Nodes>();
    set_print_string_function([](const char*) {});
    const auto n = static_cast<std::size_t>(problem.examples());
    std::vector<std::size_t> starts;
    nodes_->all.reserve(static_cast<std::size_t>(problem.nonzeros()) + n);
    std::visit(
        [&](const auto& d) {
            for (Index i = 0; i < d.examples(); ++i) {
                starts.push_back(nodes_->all.size());
                for_row(d.rows(), i, [&](Index j, double x) {
                    if (x != 0) nodes_->all.push_back({static_cast<int>(j) + 1, x});
                });
                nodes_->all.push_back({-1, 0});
            }
        },
        problem.data);
    for (const std::size_t start : starts) nodes_->rows.push_back(nodes_->all.data() + start);
    const auto y = problem.targets();
    nodes_->targets.assign(y.begin(), y.end());
    nodes_->view.l = static_cast<int>(n);
    nodes_->view.n = static_cast<int>(problem.features());
    nodes_->view.y = nodes_->targets.data();
    nodes_->view.x = nodes_->rows.data();
    nodes_->view.bias = -1;
}

std::vector<int> Liblinear::solvers() const {
    if (problem_.penalty == Penalty::l1) {
        if (problem_.loss == Loss::logistic) return {L1R_LR};
        return {};
    }
    switch (problem_.loss) {
        case Loss::logistic:
            return {L2R_LR, L2R_LR_DUAL};
        case Loss::squared_hinge:
            return {L2R_L2LOSS_SVC, L2R_L2LOSS_SVC_DUAL};
        case Loss::hinge:
            return {L2R_L1LOSS_SVC_DUAL};
        case Loss::squared:
        case Loss::multinomial:
            break;
    }
    return {};
}

Fit Liblinear::fit(int solver, double eps, double cap) const {
    struct Answer {
        double seconds;
        std::int64_t done;
    };
    const auto size = static_cast<std::size_t>(problem_.features());
    const std::size_t bytes = sizeof(Answer) + size * sizeof(double);
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return {};
    auto* const answer = static_cast<Answer*>(memory);
    auto* const weights = reinterpret_cast<double*>(answer + 1);
    const pid_t child = fork();
    if (child == 0) {
#ifdef _OPENMP
        omp_set_num_threads(1);  // the threads of OpenMP are not there in a forked child
#endif
        const auto whole = static_cast<time_t>(cap);
        const auto micro = static_cast<suseconds_t>((cap - static_cast<double>(whole)) * 1e6);
        const itimerval timer{{0, 0}, {whole, micro}};
        setitimer(ITIMER_REAL, &timer, nullptr);
        ::parameter options{};
        options.solver_type = solver;
        options.eps = eps;
        options.C = 1 / (problem_.lambda * static_cast<double>(problem_.examples()));
        options.p = 0.1;
        const auto begin = std::chrono::steady_clock::now();
        const ::model* const trained = train(&nodes_->view, &options);
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        const double sign = trained->label[0] == 1 ? 1 : -1;
        for (std::size_t j = 0; j < size; ++j) weights[j] = sign * trained->w[j];
        answer->seconds = seconds.count();
        answer->done = 1;
        _exit(0);
    }
    Fit fit;
    if (child > 0) waitpid(child, nullptr, 0);
    if (child > 0 && answer->done == 1) {
        fit.seconds = answer->seconds;
        fit.w = Eigen::Map<const Eigen::VectorXd>(weights, static_cast<Index>(size));
    }
    munmap(memory, bytes);
    return fit;
}

Liblinear::~Liblinear() = default;

}  // namespace linear
