// SPDX-License-Identifier: MIT
#pragma once

#include "loss_choice.hpp"

#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/losses/absolute.hpp>
#include <ermine/losses/crammer_singer.hpp>
#include <ermine/losses/epsilon_insensitive.hpp>
#include <ermine/losses/exponential.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/losses/huber.hpp>
#include <ermine/losses/log_cosh.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/modified_huber.hpp>
#include <ermine/losses/poisson.hpp>
#include <ermine/losses/pseudo_huber.hpp>
#include <ermine/losses/quantile.hpp>
#include <ermine/losses/smoothed_hinge.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/objectives/pass_plan.hpp>

#include <type_traits>
#include <variant>

/// One of the losses of one prediction, chosen at run time: block by block, so that a risk is
/// compiled once for all of them. What the loss at hand lacks must not be asked of it: a second
/// derivative is 0 there, and instead of a bound of the curvature there is a number that the steps
/// of minibatches may go by.
struct AnyLoss {
    using form = ermine::Elementwise;
    static constexpr bool convex = true;
    static constexpr const char* name = "the loss";

    using Choice =
        std::variant<ermine::SquaredLoss, ermine::HuberLoss, ermine::PseudoHuberLoss,
                     ermine::LogCoshLoss, ermine::AbsoluteLoss, ermine::QuantileLoss,
                     ermine::EpsilonInsensitiveLoss, ermine::PoissonLoss, ermine::LogisticLoss,
                     ermine::HingeLoss, ermine::SquaredHingeLoss, ermine::SmoothedHingeLoss,
                     ermine::ModifiedHuberLoss, ermine::ExponentialLoss>;
    Choice choice;
    double stand_in = 1;  ///< for the bound of the curvature

    static AnyLoss of(const LossChoice& loss) {
        if (loss.is("squared")) return {ermine::SquaredLoss{}};
        if (loss.is("huber")) return {ermine::HuberLoss{loss.option}};
        if (loss.is("pseudo_huber")) return {ermine::PseudoHuberLoss{loss.option}};
        if (loss.is("log_cosh")) return {ermine::LogCoshLoss{}};
        if (loss.is("absolute")) return {ermine::AbsoluteLoss{}};
        if (loss.is("quantile")) return {ermine::QuantileLoss{loss.option}};
        if (loss.is("epsilon_insensitive")) return {ermine::EpsilonInsensitiveLoss{loss.option}};
        if (loss.is("poisson")) return {ermine::PoissonLoss{}};
        if (loss.is("hinge")) return {ermine::HingeLoss{}};
        if (loss.is("squared_hinge")) return {ermine::SquaredHingeLoss{}};
        if (loss.is("smoothed_hinge")) return {ermine::SmoothedHingeLoss{loss.option}};
        if (loss.is("modified_huber")) return {ermine::ModifiedHuberLoss{}};
        if (loss.is("exponential")) return {ermine::ExponentialLoss{}};
        return {ermine::LogisticLoss{}};
    }

    /// Of a number, or of a block, which lies on the stack.
    template <class P>
    using Values = std::conditional_t<std::is_arithmetic_v<P>, double,
                                      Eigen::Array<double, Eigen::Dynamic, 1, Eigen::ColMajor,
                                                   int{ermine::PassPlan::hessian_block}, 1>>;

    template <class P>
    Values<P> value(const P& p, const auto& y) const {
        return std::visit([&](const auto& loss) -> Values<P> { return loss.value(p, y); }, choice);
    }

    template <class P>
    Values<P> derivative(const P& p, const auto& y) const {
        return std::visit([&](const auto& loss) -> Values<P> { return loss.derivative(p, y); },
                          choice);
    }

    template <class P>
    Values<P> second_derivative(const P& p, const auto& y) const {
        return std::visit(
            [&]<class L>(const L& loss) -> Values<P> {
                if constexpr (ermine::TwiceDifferentiableLoss<L>)
                    return loss.second_derivative(p, y);
                else
                    return 0 * p;
            },
            choice);
    }

    double smoothness() const {
        return std::visit(
            [&]<class L>(const L& loss) {
                if constexpr (ermine::Smooth<L>)
                    return loss.smoothness();
                else
                    return stand_in;
            },
            choice);
    }

    double strong_convexity() const {
        return std::visit(
            []<class L>(const L& loss) {
                if constexpr (ermine::StronglyConvex<L>)
                    return loss.strong_convexity();
                else
                    return 0.0;
            },
            choice);
    }

    bool accepts(double target) const {
        return std::visit([&](const auto& loss) { return loss.accepts(target); }, choice);
    }
};

/// The same for losses of many predictions.
struct AnyManyLoss {
    using form = ermine::ManyOutputs;
    static constexpr bool convex = true;

    std::variant<ermine::SoftmaxCrossEntropy, ermine::CrammerSingerLoss> choice;

    static AnyManyLoss of(const LossChoice& loss) {
        if (loss.is("crammer_singer")) return {ermine::CrammerSingerLoss{}};
        return {ermine::SoftmaxCrossEntropy{}};
    }

    void value(const auto& p, const auto& y, auto&& values) const {
        std::visit([&](const auto& loss) { loss.value(p, y, values); }, choice);
    }

    void value_and_derivative(const auto& p, const auto& y, auto&& values, auto&& d) const {
        std::visit([&](const auto& loss) { loss.value_and_derivative(p, y, values, d); }, choice);
    }

    void curvature_product(const auto& p, const auto& y, const auto& u, auto&& hu) const {
        std::visit(
            [&]<class L>(const L& loss) {
                if constexpr (ermine::TwiceDifferentiableLoss<L>)
                    loss.curvature_product(p, y, u, hu);
                else
                    hu.setZero();
            },
            choice);
    }

    double smoothness() const {
        return std::visit(
            []<class L>(const L& loss) {
                if constexpr (ermine::Smooth<L>)
                    return loss.smoothness();
                else
                    return 1.0;
            },
            choice);
    }

    bool accepts(double target) const {
        return std::visit([&](const auto& loss) { return loss.accepts(target); }, choice);
    }
};
