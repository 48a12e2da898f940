// SPDX-License-Identifier: MIT
#pragma once

#include "any_loss.hpp"
#include "any_risk.hpp"

#include <ermine/data/dense_rows.hpp>
#include <ermine/data/sparse_rows.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/linear_terms.hpp>

#include <type_traits>
#include <utility>

/// The terms of a linear risk whose loss and rows are chosen at run time.
struct AnyTerms {
    ermine::LinearTerms<AnyLoss, ermine::DenseRows<double>> dense;
    ermine::LinearTerms<AnyLoss, ermine::SparseRows<double>> sparse;
    bool is_sparse = false;
    bool intercept = true;
    double shift = 0;

    template <class Rows>
    static AnyTerms of(const ermine::LinearTerms<AnyLoss, Rows>& terms) {
        AnyTerms any{{}, {}, false, terms.intercept, terms.shift};
        if constexpr (std::is_same_v<Rows, ermine::SparseRows<double>>) {
            any.sparse = terms;
            any.is_sparse = true;
        } else {
            any.dense = terms;
        }
        return any;
    }

    decltype(auto) visit(const auto& f) const { return is_sparse ? f(sparse) : f(dense); }

    ermine::Index examples() const {
        return visit([](const auto& terms) { return terms.examples(); });
    }
    ermine::Index features() const {
        return visit([](const auto& terms) { return terms.features(); });
    }
    double slope(ermine::Index i, double p) const {
        return visit([&](const auto& terms) { return terms.slope(i, p); });
    }
    double value(ermine::Index i, double p) const {
        return visit([&](const auto& terms) { return terms.value(i, p); });
    }
    void each(ermine::Index i, const auto& f) const {
        visit([&](const auto& terms) { terms.each(i, f); });
    }
    template <class T>
    T sum(ermine::Index i, const T* v) const {
        return visit([&](const auto& terms) -> T { return terms.sum(i, v); });
    }
    double predict(ermine::Index i, const auto& theta) const {
        return visit([&](const auto& terms) { return terms.predict(i, theta); });
    }
    void add(ermine::Index i, double s, auto& g) const {
        visit([&](const auto& terms) { terms.add(i, s, g); });
    }
    void prefetch(ermine::Index i) const {
        visit([&](const auto& terms) { terms.prefetch(i); });
    }
};

/// A risk of one linear prediction an example, with its terms.
struct AnyLinearRisk : AnyRisk {
    explicit AnyLinearRisk(AnyRisk risk) : AnyRisk(std::move(risk)) {}
    AnyTerms linear_terms(ermine::Index) const { return *terms; }
};

/// The same with ℓ1.
struct AnyLinearCompositeRisk {
    AnyLinearRisk smooth;
    AnyCompositeRisk whole;
    ermine::L1 l1;

    double value(const AnyRisk::Vector& x) const { return whole.value(x); }
    double penalty(const AnyRisk::Vector& x) const { return whole.penalty(x); }
    void prox(AnyRisk::Vector& x, double t) const { whole.prox(x, t); }
    const AnyLinearRisk& smooth_part() const { return smooth; }
    const ermine::L1& nonsmooth_part() const { return l1; }
};
