// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <cstdint>
#include <tuple>

namespace ermine {

/// A point and the gradient of all of f there, as SVRG and its kin keep it of sums that are not
/// linear: an estimate then takes the gradient of the example at both points.
template <class V>
struct Snapshot {
    V at;
    V mean;
    V there;  // scratch
    auto fields() { return std::tie(at, mean); }

    template <class F>
    Snapshot(const F& f, const V& x) : at(x), mean(V::Zero(x.size())), there(V::Zero(x.size())) {
        refresh(f, x);
    }

    template <class F>
    void refresh(const F& f, const V& x) {
        at = x;
        f.value_and_gradient(at, mean);
    }

    /// g = ∇fᵢ(x) − ∇fᵢ(snapshot) + ∇f(snapshot). Returns fᵢ(x).
    template <class F>
    double estimate(const F& f, Index i, const V& x, V& g, double, bool) {
        const auto example = static_cast<std::int32_t>(i);
        const double value = f.value_and_gradient(x, Batch{&example, 1}, g);
        f.value_and_gradient(at, Batch{&example, 1}, there);
        g += mean - there;
        return value;
    }
};

}  // namespace ermine
