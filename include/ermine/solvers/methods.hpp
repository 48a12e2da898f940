// SPDX-License-Identifier: MIT
#pragma once

/// Every sentence that has a ready name but the proximal ones (solvers/proximal_methods.hpp).
/// For quicker compilation include the one header that has yours.
#include <ermine/solvers/adaptive_methods.hpp>
#include <ermine/solvers/gradient_methods.hpp>
#include <ermine/solvers/newton_methods.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/solvers/stochastic_methods.hpp>
