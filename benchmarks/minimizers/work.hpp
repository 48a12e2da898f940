// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

/// A function and where to start.
struct Work {
    std::string name;
    std::vector<double> start;
    /// f(x); fills the gradient.
    std::function<double(const double* x, double* gradient)> function;
    /// Fills the n × n Hessian.
    std::function<void(const double* x, double* hessian)> hessian;
    /// ∇²f(x) v.
    std::function<void(const double* x, const double* v, double* product)> hessian_product;

    int size() const { return static_cast<int>(start.size()); }
};

/// The 35 problems of Moré, Garbow & Hillstrom (1981), each from the standard start and from ten
/// times it where that is another point.
std::vector<Work> more_garbow_hillstrom_works();
