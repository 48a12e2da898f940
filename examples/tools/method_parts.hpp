// SPDX-License-Identifier: MIT
#pragma once

#include "any_method.hpp"

#include <cstdint>
#include <functional>
#include <string>

/// What the parts of a method are made with that their text does not say.
struct MethodContext {
    double epochs = 30;  ///< of the run: where schedules end
    std::uint64_t seed = 7;
    ermine::Index batch = 32;
    bool as_stored = false;                                    ///< the data are in random order
    const Eigen::VectorXd* targets = nullptr;                  ///< null: they are not read yet
    std::function<Eigen::VectorXd()> example_smoothness = {};  ///< empty: not smooth, or not read
};

/// Makes a method of its text, `minibatch(128) | clip_by_norm(1) | adamw(1e-3)`. Throws
/// std::invalid_argument with a caret under the place for what does not parse, parts and options
/// that do not exist, and sentences in a wrong order. Where no targets are there yet, samplers that
/// go by them are stood in for.
AnyMethod read_method(const std::string& text, const MethodContext& context);

/// All parts by kind, with their options and defaults.
std::string method_help();

/// Their names by kind, a line each.
std::string method_names();
