// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/model.hpp>
#include <ermine/concepts/objective.hpp>

#include <functional>
#include <memory>
#include <vector>

struct AnyTerms;

/// A risk whose model, loss and data are chosen at run time. Methods are compiled for this one type
/// instead of for each combination; a call through a function object costs nothing beside a pass
/// over the data.
struct AnyRisk {
    using Vector = Eigen::VectorXd;
    using Matrix = Eigen::MatrixXd;

    std::function<double(const Vector&)> value;
    std::function<double(const Vector&, Vector&)> on_all;
    std::function<double(const Vector&, ermine::Batch, Vector&)> on_batch;
    std::function<double(const Vector&, ermine::WeightedBatch, Vector&)> on_weighted_batch;
    std::function<void(const Vector&, Matrix&)> hessian;  ///< empty if the loss has no curvature
    std::function<double()> smoothness;                   ///< empty if the loss is not smooth
    std::function<double()> smoothness_per_example;       ///< likewise
    std::function<double()> strong_convexity;
    std::function<Vector()> example_smoothness;  ///< of each; empty if the loss is not smooth
    std::shared_ptr<const AnyTerms> terms;       ///< of a model of one prediction; else null
    std::vector<ermine::ParameterBlock> parameter_blocks;
    ermine::Index count = 0;

    /// Shares the risk f.
    template <class F>
    static AnyRisk of(std::shared_ptr<const F> f) {
        AnyRisk any;
        any.value = [f](const Vector& x) { return f->value(x); };
        any.on_all = [f](const Vector& x, Vector& g) { return f->value_and_gradient(x, g); };
        any.on_batch = [f](const Vector& x, ermine::Batch batch, Vector& g) {
            return f->value_and_gradient(x, batch, g);
        };
        any.on_weighted_batch = [f](const Vector& x, ermine::WeightedBatch batch, Vector& g) {
            return f->value_and_gradient(x, batch, g);
        };
        if constexpr (ermine::TwiceDifferentiable<F>)
            any.hessian = [f](const Vector& x, Matrix& h) { f->hessian(x, h); };
        if constexpr (ermine::Smooth<F>) {
            any.smoothness = [f] { return f->smoothness(); };
            any.smoothness_per_example = [f] { return f->smoothness_per_example(); };
        }
        any.strong_convexity = [f] {
            if constexpr (ermine::StronglyConvex<F>)
                return f->strong_convexity();
            else
                return 0.0;
        };
        const auto blocks = f->blocks();
        any.parameter_blocks.assign(blocks.begin(), blocks.end());
        any.count = f->examples();
        return any;
    }

    double value_and_gradient(const Vector& x, Vector& g) const { return on_all(x, g); }
    double value_and_gradient(const Vector& x, ermine::Batch batch, Vector& g) const {
        return on_batch(x, batch, g);
    }
    double value_and_gradient(const Vector& x, ermine::WeightedBatch batch, Vector& g) const {
        return on_weighted_batch(x, batch, g);
    }
    ermine::Index examples() const { return count; }
    const std::vector<ermine::ParameterBlock>& blocks() const { return parameter_blocks; }
};

/// The same with a penalty that has a kink, which methods treat by its proximal map.
struct AnyCompositeRisk {
    AnyRisk smooth;
    std::function<double(const AnyRisk::Vector&)> penalty;
    std::function<void(AnyRisk::Vector&, double)> prox;
    double lambda = 0;  ///< of an ℓ1 penalty

    double value(const AnyRisk::Vector& x) const { return smooth.value(x) + penalty(x); }
    const AnyRisk& smooth_part() const { return smooth; }
};
