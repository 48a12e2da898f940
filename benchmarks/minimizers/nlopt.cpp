// SPDX-License-Identifier: MIT
// NLopt's codes by Luksan. They stop by themselves only where told to, or where they cannot go on.

#include <nlopt.h>

#include <memory>

#include "contestant.hpp"

namespace {

template <class F>
struct Call {
    F& f;
    nlopt_opt optimizer;
    std::vector<double> scratch;

    static double value(unsigned, const double* x, double* gradient, void* data) {
        auto& call = *static_cast<Call*>(data);
        if (!gradient) gradient = call.scratch.data();
        const double value = call.f(x, gradient);
        if (call.f.done(gradient)) nlopt_force_stop(call.optimizer);
        return value;
    }
};

template <class F>
std::string minimize(nlopt_algorithm algorithm, F& f, double* x) {
    const auto n = static_cast<unsigned>(f.size());
    const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimizer(
        nlopt_create(algorithm, n), nlopt_destroy);
    Call<F> call{f, optimizer.get(), std::vector<double>(n)};
    nlopt_set_min_objective(optimizer.get(), Call<F>::value, &call);
    if (algorithm != NLOPT_LD_VAR2) nlopt_set_vector_storage(optimizer.get(), 10);
    // 0 would be replaced by 1e-14 and 1e-16
    nlopt_set_ftol_rel(optimizer.get(), 1e-300);
    nlopt_set_xtol_rel(optimizer.get(), 1e-300);
    double value = 0;
    return nlopt_result_to_string(nlopt_optimize(optimizer.get(), x, &value));
}

Contestant contestant(const char* name, Contestant::Kind kind, nlopt_algorithm algorithm) {
    return {name, kind,
            [=](Problem& problem) {
                std::vector<double> x = problem.work().start;
                return minimize(algorithm, problem, x.data());
            },
            [=](const Race& race, double* x) { minimize(algorithm, race, x); }};
}

}  // namespace

std::vector<Contestant> nlopt_contestants() {
    using Kind = Contestant::Kind;
    return {contestant("nlopt lbfgs", Kind::limited, NLOPT_LD_LBFGS),
            contestant("nlopt tnewton", Kind::gradient, NLOPT_LD_TNEWTON_PRECOND_RESTART),
            contestant("nlopt var2", Kind::gradient, NLOPT_LD_VAR2)};
}
