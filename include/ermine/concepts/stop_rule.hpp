// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// When to stop. A rule is a value; what it remembers is made by `start(x)` and lives in the loop.
/// `check(progress, state)` returns an optional Status: empty to go on. A rule may offer
/// `keep(own, state)`, the point to be returned: the method's own or a better one, and
/// `validation(state)`, the validation risk it saw last, if any.
/// Any callable that takes a progress and returns a bool, true to stop, is a rule, too.
template <class R, class V = Eigen::VectorXd>
concept StopRule = requires(const R& rule, const V& x) { rule.start(x); };

}  // namespace ermine
