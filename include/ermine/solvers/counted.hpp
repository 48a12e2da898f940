// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/objectives/forwarding.hpp>
#include <ermine/solvers/counts.hpp>

namespace ermine {

/// The meter that fills Counts.
struct CountingMeter {
    Counts& counts;

    void value() const { ++counts.values; }
    void gradient(Index examples) const {
        ++counts.gradients;
        counts.examples += examples;
    }
    void hessian() const { ++counts.hessians; }
    void product() const { ++counts.products; }
    void residuals() const { ++counts.residuals; }
    void jacobian() const { ++counts.jacobians; }
    void partial() const { ++counts.partials; }
};

/// An objective with the same capabilities as F, each call of which is counted; penalties and their
/// proximal maps are free. It lives in the frame of the loop; no part of a method keeps a pointer
/// to it.
template <class F>
class Counted : public Forwarding<const F&, CountingMeter> {
    using Base = Forwarding<const F&, CountingMeter>;

public:
    Counted(const F& f, Counts& counts) : Base(f, {counts}) {}

    decltype(auto) smooth_part() const
        requires requires(const F& f) { f.smooth_part(); }
    {
        return Counted<SmoothPart<F>>(f_.smooth_part(), meter_.counts);
    }

    const auto& nonsmooth_part() const
        requires requires(const F& f) { f.nonsmooth_part(); }
    {
        return f_.nonsmooth_part();
    }

    template <class V>
    double penalty(const V& x) const
        requires Composite<F, V>
    {
        return f_.penalty(x);
    }

    template <class V>
    void prox(V& x, double step) const
        requires Composite<F, V>
    {
        f_.prox(x, step);
    }

private:
    using Base::f_;
    using Base::meter_;
};

}  // namespace ermine
