// SPDX-License-Identifier: MIT
// ermine's trust regions and cubic regularization. TrustRegion is the documented choice where there
// are Hessians: `ermine default`.

#include <Eigen/Core>

#include <ermine/solvers/cubic_regularization.hpp>
#include <ermine/solvers/cubic_regularization_krylov.hpp>
#include <ermine/solvers/trust_region.hpp>
#include <ermine/solvers/trust_region_cg.hpp>
#include <ermine/solvers/trust_region_dogleg.hpp>

#include "ermine_function.hpp"

using namespace ermine;

std::vector<Contestant> ermine_trust_region_contestants() {
    return {ermine_hessian_contestant("ermine default", TrustRegion{}),
            ermine_hessian_contestant("ermine dogleg", TrustRegionDogleg{}),
            ermine_hessian_contestant("ermine region-cg", TrustRegionCG{}),
            ermine_hessian_contestant("ermine arc", CubicRegularization{}),
            ermine_hessian_contestant("ermine arc-krylov", CubicRegularizationKrylov{})};
}
