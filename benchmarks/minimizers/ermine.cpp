// SPDX-License-Identifier: MIT
// ermine's methods that take gradients alone.

#include <Eigen/Core>

#include <ermine/solvers/gradient_methods.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/solvers/recommended.hpp>

#include "ermine_function.hpp"

using namespace ermine;

namespace {

template <class M>
Contestant contestant(const char* name, Contestant::Kind kind, const M& method) {
    return ermine_contestant<ErmineFunction<Problem>>(name, kind, method);
}

/// And races, with dynamic vectors.
template <class M>
Contestant racer(const char* name, Contestant::Kind kind, const M& method) {
    Contestant it = contestant(name, kind, method);
    it.race = [=](const Race& race, double* x) { ermine_race<Eigen::VectorXd>(method, race, x); };
    return it;
}

/// Races alone, with vectors of a size that the compiler knows.
void race_fixed(const Race& race, double* x) {
    if (race.n == 2)
        ermine_race<Eigen::Vector2d>(lbfgs(), race, x);
    else
        ermine_race<Eigen::Vector<double, 10>>(lbfgs(), race, x);
}

}  // namespace

std::vector<Contestant> ermine_contestants() {
    using Kind = Contestant::Kind;
    return {racer("ermine lbfgs", Kind::limited, lbfgs()),
            racer("ermine ncg", Kind::limited, conjugate_gradient()),
            contestant("ermine default", Kind::gradient,
                       recommended(ErmineFunction<Problem>{}, Eigen::VectorXd())),
            racer("ermine bfgs", Kind::gradient, bfgs()),
            {"ermine lbfgs fixed", Kind::gradient, nullptr, race_fixed, 10}};
}
