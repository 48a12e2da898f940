// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/diagnostics/run_record.hpp>

/// So many looks with a value and a norm each.
inline ermine::RunRecord record_of(int looks, auto value, auto norm) {
    ermine::RunRecord r;
    for (int k = 0; k < looks; ++k) {
        r.iteration.push_back(k);
        r.value.push_back(value(k));
        r.gradient_norm.push_back(norm(k));
        r.step.push_back(0.1);
    }
    return r;
}
