// SPDX-License-Identifier: MIT
// GSL's multimin, which is restarted where it says that it cannot go on, as its manual advises.

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>

#include <memory>

#include "contestant.hpp"

namespace {

/// Value and gradient are asked for apart, mostly at the same point.
template <class F>
struct Call {
    F& f;
    std::vector<double> x;
    std::vector<double> gradient;
    double value = 0;

    explicit Call(F& function)
        : f(function),
          x(static_cast<std::size_t>(f.size()), std::numeric_limits<double>::quiet_NaN()),
          gradient(x.size()) {}

    static Call& at(const gsl_vector* point, void* data) {
        auto& call = *static_cast<Call*>(data);
        if (!std::equal(call.x.begin(), call.x.end(), point->data)) {
            std::copy_n(point->data, call.x.size(), call.x.begin());
            call.value = call.f(call.x.data(), call.gradient.data());
        }
        return call;
    }
    static double only_value(const gsl_vector* point, void* data) { return at(point, data).value; }
    static void only_gradient(const gsl_vector* point, void* data, gsl_vector* g) {
        const Call& call = at(point, data);
        std::copy(call.gradient.begin(), call.gradient.end(), g->data);
    }
    static void both(const gsl_vector* point, void* data, double* value, gsl_vector* g) {
        only_gradient(point, data, g);
        *value = at(point, data).value;
    }
};

template <class F>
std::string minimize(const gsl_multimin_fdfminimizer_type* type, double tolerance, F& f,
                     double* x) {
    gsl_set_error_handler_off();
    const auto n = static_cast<std::size_t>(f.size());
    Call<F> call(f);
    gsl_multimin_function_fdf function{Call<F>::only_value, Call<F>::only_gradient, Call<F>::both,
                                       n, &call};
    const std::unique_ptr<gsl_multimin_fdfminimizer, decltype(&gsl_multimin_fdfminimizer_free)>
        minimizer(gsl_multimin_fdfminimizer_alloc(type, n), gsl_multimin_fdfminimizer_free);
    const gsl_vector_const_view start = gsl_vector_const_view_array(x, n);
    int end =
        gsl_multimin_fdfminimizer_set(minimizer.get(), &function, &start.vector, 1, tolerance);
    int failures = 0;
    for (long i = 0; i < 100'000 && failures < 10; ++i) {
        if (f.done(minimizer->gradient->data)) break;
        end = gsl_multimin_fdfminimizer_iterate(minimizer.get());
        if (end != GSL_SUCCESS) gsl_multimin_fdfminimizer_restart(minimizer.get());
        failures = end == GSL_SUCCESS ? 0 : failures + 1;
    }
    std::copy_n(minimizer->x->data, n, x);
    return gsl_strerror(end);
}

Contestant contestant(const char* name, Contestant::Kind kind,
                      const gsl_multimin_fdfminimizer_type* type, double tolerance) {
    return {name, kind,
            [=](Problem& problem) {
                std::vector<double> x = problem.work().start;
                return minimize(type, tolerance, problem, x.data());
            },
            [=](const Race& race, double* x) { minimize(type, tolerance, race, x); }};
}

}  // namespace

std::vector<Contestant> gsl_contestants() {
    using Kind = Contestant::Kind;
    return {contestant("gsl bfgs2", Kind::gradient, gsl_multimin_fdfminimizer_vector_bfgs2, 0.1),
            contestant("gsl cg pr", Kind::limited, gsl_multimin_fdfminimizer_conjugate_pr, 0.01),
            contestant("gsl cg fr", Kind::limited, gsl_multimin_fdfminimizer_conjugate_fr, 0.01)};
}
