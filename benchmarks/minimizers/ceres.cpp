// SPDX-License-Identifier: MIT
// Ceres' GradientProblemSolver.

#include <ceres/gradient_problem.h>
#include <ceres/gradient_problem_solver.h>
#include <glog/logging.h>

#include "contestant.hpp"

namespace {

/// Where ‖g‖∞ is asked for, Ceres stops by its own gradient_tolerance.
template <class F>
class Function final : public ceres::FirstOrderFunction {
public:
    explicit Function(F& f) : f_(f), scratch_(static_cast<std::size_t>(f.size())) {}

    bool Evaluate(const double* x, double* cost, double* gradient) const override {
        *cost = f_(x, gradient ? gradient : scratch_.data());
        return true;
    }
    int NumParameters() const override { return f_.size(); }

private:
    F& f_;
    mutable std::vector<double> scratch_;
};

struct Stop final : ceres::IterationCallback {
    explicit Stop(const Problem& p) : problem(p) {}
    ceres::CallbackReturnType operator()(const ceres::IterationSummary&) override {
        return problem.over() ? ceres::SOLVER_TERMINATE_SUCCESSFULLY : ceres::SOLVER_CONTINUE;
    }
    const Problem& problem;
};

using Options = ceres::GradientProblemSolver::Options;

Options tight(Options options) {
    options.max_num_iterations = 1'000'000;
    options.function_tolerance = 0;
    options.gradient_tolerance = 0;
    options.parameter_tolerance = 0;
    options.max_lbfgs_rank = 10;
    options.max_num_line_search_step_size_iterations = 100;
    options.min_line_search_step_size = 1e-20;
    options.max_num_line_search_direction_restarts = 100;
    options.logging_type = ceres::SILENT;
    return options;
}

Contestant contestant(const char* name, Contestant::Kind kind, const Options& given) {
    const Options options = tight(given);
    return {name, kind,
            [=](Problem& problem) {
                std::vector<double> x = problem.work().start;
                Stop stop(problem);
                Options mine = options;
                mine.callbacks.push_back(&stop);
                ceres::GradientProblemSolver::Summary summary;
                ceres::Solve(mine, ceres::GradientProblem(new Function<Problem>(problem)), x.data(),
                             &summary);
                return std::string(ceres::TerminationTypeToString(summary.termination_type));
            },
            [=](const Race& race, double* x) {
                Options mine = options;
                mine.gradient_tolerance = 1e-8;
                ceres::GradientProblemSolver::Summary summary;
                ceres::Solve(mine, ceres::GradientProblem(new Function<const Race>(race)), x,
                             &summary);
            }};
}

}  // namespace

std::vector<Contestant> ceres_contestants() {
    FLAGS_minloglevel = google::GLOG_FATAL;  // a line for each restart is neither fast nor read
    using Kind = Contestant::Kind;
    Options scaled;
    scaled.use_approximate_eigenvalue_bfgs_scaling = true;
    Options bfgs;
    bfgs.line_search_direction_type = ceres::BFGS;
    Options cg;
    cg.line_search_direction_type = ceres::NONLINEAR_CONJUGATE_GRADIENT;
    cg.nonlinear_conjugate_gradient_type = ceres::POLAK_RIBIERE;
    return {contestant("ceres lbfgs", Kind::limited, {}),
            contestant("ceres lbfgs scaled", Kind::limited, scaled),
            contestant("ceres cg", Kind::limited, cg),
            contestant("ceres bfgs", Kind::gradient, bfgs)};
}
