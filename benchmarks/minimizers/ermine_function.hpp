// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <string>

#include "contestant.hpp"

#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/minimize.hpp>

/// A function of arrays as an objective.
template <class F>
struct ErmineFunction {
    F* f = nullptr;

    template <class V>
    double value(const V& x) const {
        V gradient(x.size());
        return (*f)(x.data(), gradient.data());
    }
    template <class V>
    double value_and_gradient(const V& x, V& g) const {
        return (*f)(x.data(), g.data());
    }
};

/// The same with Hessians.
struct ErmineHessian : ErmineFunction<Problem> {
    template <class V, class H>
    void hessian(const V& x, H& h) const {
        h.resize(x.size(), x.size());
        f->hessian(x.data(), h.data());
    }
    template <class V>
    void hessian_product(const V& x, const V& v, V& hv) const {
        hv.resize(x.size());
        f->hessian_product(x.data(), v.data(), hv.data());
    }
};

/// One of ermine's methods on F, until the problem says that it is over.
template <class F, class M>
Contestant ermine_contestant(const char* name, Contestant::Kind kind, const M& method) {
    return {name, kind, [=](Problem& problem) {
                const Eigen::VectorXd x0 =
                    Eigen::VectorXd::Map(problem.work().start.data(), problem.size());
                const auto over = [&](const auto& progress) {
                    return problem.over() || progress.iteration() > 1'000'000;
                };
                const auto result = ermine::minimize(F{{&problem}}, x0, method, over);
                return std::string(ermine::name(result.status));
            }};
}

template <class M>
Contestant ermine_hessian_contestant(const char* name, const M& method) {
    return ermine_contestant<ErmineHessian>(name, Contestant::Kind::hessian, method);
}

/// Races with vectors of type V.
template <class V, class M>
void ermine_race(const M& method, const Race& race, double* x) {
    Eigen::Map<V> point(x, race.n);
    point = ermine::minimize(ErmineFunction<const Race>{&race}, V(point), method,
                             ermine::GradientNorm{Problem::tolerance})
                .x;
}
