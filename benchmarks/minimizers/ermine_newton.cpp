// SPDX-License-Identifier: MIT
// ermine's Newton methods.

#include <Eigen/Core>

#include <ermine/solvers/newton_methods.hpp>

#include "ermine_function.hpp"

using namespace ermine;

std::vector<Contestant> ermine_newton_contestants() {
    return {ermine_hessian_contestant("ermine newton", newton()),
            ermine_hessian_contestant("ermine saddle-free", saddle_free_newton()),
            ermine_hessian_contestant("ermine newton-cg", newton_cg())};
}
