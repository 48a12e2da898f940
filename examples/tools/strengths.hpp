// SPDX-License-Identifier: MIT
#pragma once

#include "problem.hpp"
#include "text_of.hpp"
#include "train_options.hpp"

#include <ermine/observers/gnuplot.hpp>
#include <ermine/solvers/cross_validate.hpp>
#include <ermine/solvers/regularization_path.hpp>
#include <ermine/solvers/result.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <iomanip>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// The models for a grid of strengths λ of the penalty, and the one that is chosen among them: by
/// cross-validation, or by the error on held-out examples.
class Strengths {
public:
    using Vector = Eigen::VectorXd;

    /// Throws std::invalid_argument where there is no method for loss and penalty.
    Strengths(const Problem& problem, const TrainOptions& o, const std::vector<double>& groups)
        : parameters_(problem.start.size()), share_(problem.request.normalized()) {
        if (!share_.fits())
            throw std::invalid_argument(
                std::string(o.path ? "--path" : "--cv") + " with --loss " + share_.loss +
                (share_.l1 > 0 ? " and --l1" : "") +
                ": paths are for logistic, squared_hinge and squared, and with --l2 alone for "
                "hinge and softmax");
        path_ = problem.linear.path(share_, o.path.value_or(100));
        if (o.cv) {
            std::vector<double> lambdas;
            for (const auto& point : path_) lambdas.push_back(point.lambda);
            cv_ = problem.linear.cross_validate(share_, std::move(lambdas),
                                                {.folds = *o.cv, .seed = o.seed, .groups = groups});
            chosen_ = o.one_standard_error ? cv_->one_standard_error : cv_->best;
        } else if (problem.validation_error) {
            for (std::size_t k = 0; k < path_.size(); ++k) {
                held_out_.push_back(problem.validation_error(path_[k].x(parameters_)).mean);
                if (!chosen_ || held_out_[k] < held_out_[*chosen_]) chosen_ = k;
            }
        }
    }

    bool chooses() const { return chosen_.has_value(); }

    /// The chosen model, as a fit gives it.
    ermine::Result<Vector> result() const {
        const ermine::PathPoint& point = path_[chosen_.value()];
        ermine::Result<Vector> result{.x = point.x(parameters_), .value = point.value};
        result.status = point.status;
        if (std::isfinite(point.gap))
            result.certificate = {ermine::Certificate::Kind::gap, point.gap};
        for (const auto& each : path_) result.seconds += each.seconds;
        return result;
    }

    /// A line a λ.
    void print(std::ostream& out, const std::string& measure) const {
        out << std::setw(12) << "lambda" << std::setw(10) << "nonzeros" << std::setw(14)
            << "objective" << std::setw(12) << "gap";
        if (cv_) out << std::setw(14) << measure << " +- standard error";
        if (!held_out_.empty()) out << std::setw(14) << measure;
        out << '\n';
        for (std::size_t k = 0; k < path_.size(); ++k) {
            const auto& point = path_[k];
            const auto at = static_cast<ermine::Index>(k);
            out << std::setw(12) << point.lambda << std::setw(10) << point.nonzeros << std::setw(14)
                << point.value << std::setw(12) << point.gap;
            if (cv_)
                out << std::setw(14) << cv_->means[at] << " +- " << std::setw(14) << std::left
                    << cv_->errors[at] << std::right;
            if (!held_out_.empty()) out << std::setw(14) << held_out_[k];
            if (chosen_ == k) out << " <-";
            out << '\n';
        }
        if (cv_ && cv_->unconverged > 0)
            out << cv_->unconverged << " fits of the folds did not reach --gap\n";
    }

    nlohmann::ordered_json json() const {
        const auto known = [](double number) -> nlohmann::ordered_json {
            return std::isfinite(number) ? nlohmann::ordered_json(number) : nullptr;
        };
        auto list = nlohmann::ordered_json::array();
        for (std::size_t k = 0; k < path_.size(); ++k) {
            const auto& point = path_[k];
            const auto at = static_cast<ermine::Index>(k);
            nlohmann::ordered_json entry = {
                {"lambda", point.lambda},          {"l1", point.lambda * share_.l1},
                {"l2", point.lambda * share_.l2},  {"nonzeros", point.nonzeros},
                {"objective", known(point.value)}, {"gap", known(point.gap)},
                {"status", name(point.status)}};
            if (cv_) {
                entry["cv_mean"] = known(cv_->means[at]);
                entry["cv_standard_error"] = known(cv_->errors[at]);
            }
            if (!held_out_.empty()) entry["validation_error"] = known(held_out_[k]);
            list.push_back(std::move(entry));
        }
        return {{"path", std::move(list)},
                {"chosen", chosen_ ? nlohmann::ordered_json(*chosen_) : nullptr}};
    }

    /// Draws the coefficients against λ: the 50 that grow largest. `weights` of them are penalized.
    void draw_path(const std::string& picture, ermine::Index weights) const {
        std::vector<double> most(static_cast<std::size_t>(weights), 0);
        for (const auto& point : path_)
            for (std::size_t k = 0; k < point.support.size(); ++k)
                if (point.support[k] < weights) {
                    double& size = most[static_cast<std::size_t>(point.support[k])];
                    size = std::max(size, std::abs(point.values[k]));
                }
        std::vector<std::size_t> order;
        for (std::size_t j = 0; j < most.size(); ++j)
            if (most[j] > 0) order.push_back(j);
        const std::size_t shown = std::min<std::size_t>(order.size(), 50);
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown),
                          order.end(),
                          [&](std::size_t a, std::size_t b) { return most[a] > most[b]; });
        std::string text = "$path << END\n";
        for (const auto& point : path_) {
            const Vector x = point.x(parameters_);
            text += number(point.lambda);
            for (std::size_t k = 0; k < shown; ++k)
                text += number(x[static_cast<ermine::Index>(order[k])]);
            text += '\n';
        }
        text += "END\n" + axis() + "set ylabel 'coefficient'; unset key\n";
        if (chosen_) text += mark(*chosen_, "'#999999'");
        text += "plot for [k=2:" + std::to_string(std::max<std::size_t>(shown, 1) + 1) +
                "] $path using 1:k with lines lw 1.5\n";
        finish(picture, text);
    }

    /// Draws the errors of cross-validation against λ, with bars of a standard error.
    void draw_cv(const std::string& picture, const std::string& measure) const {
        std::string text = "$cv << END\n";
        for (std::size_t k = 0; k < path_.size(); ++k) {
            const auto at = static_cast<ermine::Index>(k);
            text +=
                number(path_[k].lambda) + number(cv_->means[at]) + number(cv_->errors[at]) + '\n';
        }
        text += "END\n" + axis() + "set ylabel " + ermine::quoted(measure, "''") +
                "; set key above\n" + mark(cv_->best, "'#d55e00'") +
                mark(cv_->one_standard_error, "'#009e73'") +
                "plot $cv using 1:2:3 with yerrorbars lc rgb '#999999' title 'mean and standard "
                "error', $cv using 1:2 with linespoints lw 2 pt 7 ps 0.4 lc rgb '#0072b2' notitle, "
                "NaN lc rgb '#d55e00' title 'best', NaN lc rgb '#009e73' title 'largest within one "
                "standard error'\n";
        finish(picture, text);
    }

private:
    ermine::Index parameters_;
    LinearRequest share_;
    std::vector<ermine::PathPoint> path_;
    std::optional<ermine::CrossValidated> cv_;
    std::vector<double> held_out_;
    std::optional<std::size_t> chosen_;

    static std::string number(double value) { return text_of(value) + ' '; }

    std::string axis() const {
        return "set grid; set logscale x; set format x '%g'; set xlabel 'lambda'; set xrange [" +
               number(1.1 * path_.front().lambda) + ": " + number(path_.back().lambda / 1.1) +
               "]\n";
    }

    std::string mark(std::size_t k, const std::string& colour) const {
        const std::string at = text_of(path_[k].lambda);
        return "set arrow from " + at + ", graph 0 to " + at +
               ", graph 1 nohead lw 1.5 dashtype 2 lc rgb " + colour + '\n';
    }

    static void finish(const std::string& picture, const std::string& commands) {
        const std::string failure = ermine::gnuplot({.path = picture}, commands);
        if (!failure.empty())
            std::fprintf(stderr, "ermine: %s is not drawn: %s\n", picture.c_str(), failure.c_str());
    }
};
