// SPDX-License-Identifier: MIT
// ermine's trust regions and cubic regularization. `ermine default` is what recommended() names
// where there are Hessians: the exact trust region.

#include <Eigen/Core>

#include <ermine/solvers/cubic_regularization.hpp>
#include <ermine/solvers/cubic_regularization_krylov.hpp>
#include <ermine/solvers/recommended.hpp>
#include <ermine/solvers/trust_region_cg.hpp>
#include <ermine/solvers/trust_region_dogleg.hpp>

#include "ermine_function.hpp"

using namespace ermine;

std::vector<Contestant> ermine_trust_region_contestants() {
    return {ermine_hessian_contestant("ermine default",
                                      recommended(ErmineHessian{}, Eigen::VectorXd())),
            ermine_hessian_contestant("ermine dogleg", TrustRegionDogleg{}),
            ermine_hessian_contestant("ermine region-cg", TrustRegionCG{}),
            ermine_hessian_contestant("ermine arc", CubicRegularization{}),
            ermine_hessian_contestant("ermine arc-krylov", CubicRegularizationKrylov{})};
}
