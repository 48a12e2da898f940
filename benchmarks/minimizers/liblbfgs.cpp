// SPDX-License-Identifier: MIT
// libLBFGS, with its line searches.

#include <lbfgs.h>

#include <memory>

#include "contestant.hpp"

namespace {

template <class F>
double evaluate(void* data, const double* x, double* gradient, int, double) {
    return (*static_cast<F*>(data))(x, gradient);
}

template <class F>
int progress(void* data, const double*, const double* gradient, double, double, double, double, int,
             int, int) {
    return static_cast<F*>(data)->done(gradient) ? 1 : 0;
}

template <class F>
std::string minimize(int search, F& f, double* x) {
    lbfgs_parameter_t options;
    lbfgs_parameter_init(&options);
    options.m = 10;
    options.epsilon = 0;
    options.linesearch = search;
    options.max_linesearch = 100;
    double value = 0;
    const int n = f.size();
    // its vectors are read in packets of 16 bytes, and must be of even length
    const std::unique_ptr<double, decltype(&lbfgs_free)> point(lbfgs_malloc(n), lbfgs_free);
    std::copy_n(x, n, point.get());
    using Plain = std::remove_const_t<F>;
    const int end =
        lbfgs(n, point.get(), &value, evaluate<F>, progress<F>, const_cast<Plain*>(&f), &options);
    std::copy_n(point.get(), n, x);
    return "code " + std::to_string(end);
}

Contestant contestant(const char* name, int search) {
    return {name, Contestant::Kind::limited,
            [=](Problem& problem) {
                std::vector<double> x = problem.work().start;
                return minimize(search, problem, x.data());
            },
            [=](const Race& race, double* x) { minimize(search, race, x); }};
}

}  // namespace

std::vector<Contestant> liblbfgs_contestants() {
    return {contestant("liblbfgs more-thuente", LBFGS_LINESEARCH_MORETHUENTE),
            contestant("liblbfgs backtracking", LBFGS_LINESEARCH_BACKTRACKING_STRONG_WOLFE)};
}
