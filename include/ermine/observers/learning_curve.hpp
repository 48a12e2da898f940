// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/data/data_error.hpp>
#include <ermine/observers/gnuplot.hpp>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ermine {

/// Options of LearningCurve.
struct LearningCurveOptions {
    std::string title = {};
    int points = 1000;           ///< at most so many are kept, at least 4
    std::FILE* stream = stderr;  ///< where it is said that there is no picture; none if null
};

/// Draws how a run went, through gnuplot, to a file that ends in .svg or .png:
///
///     LearningCurve curve("curve.svg");
///     minimize(risk, x0, sgd(0.1), first_of(patience(held_out), MaxEpochs{50}), curve);
///
/// Above, over the epochs, the method's value and the validation risk, where a stop rule looks at
/// one: where the first goes on falling and the second rises, the model overfits. Below, the norm
/// of the gradient (see Trace) and the step. An axis is logarithmic where all on it is positive and
/// spans a factor of a hundred. A point is kept once an epoch; of a long run each second one is
/// dropped whenever there are too many, so that memory is bounded.
///
/// The picture is made when the curve is destroyed, or by draw(). Without gnuplot the commands and
/// the data stay in a file beside it, which is said in one line; a failure never disturbs the run.
/// For one run.
class LearningCurve {
public:
    /// What is known at one moment; NaN where it is not.
    struct Point {
        double epoch;
        double value;
        double validation;
        double gradient_norm;
        double step;
    };

    /// Throws std::invalid_argument for another ending and fewer than 4 points, DataError if
    /// nothing can be written there.
    explicit LearningCurve(std::string path, LearningCurveOptions options = {})
        : picture_{.path = std::move(path), .width = 900, .height = 700},
          options_(std::move(options)) {
        picture_.check();
        if (options_.points < 4)
            throw std::invalid_argument("LearningCurveOptions.points is " +
                                        std::to_string(options_.points) +
                                        ": it must be at least 4");
        // asked now: the run may take hours
        const std::string script = picture_.script();
        errno = 0;
        std::FILE* const probe = std::fopen(script.c_str(), "w");
        if (probe == nullptr)
            throw DataError(script, std::string("cannot be written: ") + std::strerror(errno));
        std::fclose(probe);
        std::remove(script.c_str());
        points_.reserve(static_cast<std::size_t>(options_.points) + 1);
    }

    LearningCurve(LearningCurve&&) = default;

    ~LearningCurve() {
        try {
            draw();
        } catch (const std::exception&) {  // no memory: there is nobody to tell
        }
    }

    /// Called by the loop.
    void see(const auto& progress) {
        const double epoch = progress.whole_epochs();
        const bool last = progress.stopping && progress.iteration() != seen_;
        if (epoch < next_ && !last) return;
        seen_ = progress.iteration();
        next_ = (std::floor(epoch / stride_) + 1) * stride_;
        points_.push_back({progress.epoch(), progress.value(),
                           progress.validation.value_or(unknown), progress.gradient_norm_here(),
                           seen_ > 0 ? progress.step() : unknown});
        drawn_ = false;
        if (points_.size() > static_cast<std::size_t>(options_.points)) thin_out();
    }

    /// What was kept so far.
    [[nodiscard]] const std::vector<Point>& points() const { return points_; }

    /// Draws what was kept so far, unless that is done. Returns whether there is a picture of it.
    bool draw() {
        if (drawn_ || points_.empty()) return made_;
        drawn_ = true;
        const std::string failure = gnuplot(picture_, commands());
        made_ = failure.empty();
        if (!made_ && options_.stream != nullptr)
            std::fprintf(options_.stream, "ermine: %s is not drawn: %s\n", picture_.path.c_str(),
                         failure.c_str());
        return made_;
    }

private:
    /// One of the numbers of a point, as a curve: its column, its name, and its axis.
    struct Column {
        double Point::* member;
        int number;
        const char* title;
        const char* axes;
        const char* style;
    };

    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

    Picture picture_;
    LearningCurveOptions options_;
    std::vector<Point> points_;
    double stride_ = 1;
    double next_ = 0;
    std::int64_t seen_ = -1;
    bool drawn_ = false;
    bool made_ = false;

    void thin_out() {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < points_.size(); i += 2) points_[kept++] = points_[i];
        points_.resize(kept);
        stride_ *= 2;
        next_ = (std::floor(points_.back().epoch / stride_) + 1) * stride_;
    }

    [[nodiscard]] bool known(const Column& column) const {
        return std::any_of(points_.begin(), points_.end(),
                           [&](const Point& p) { return std::isfinite(p.*column.member); });
    }

    /// Whether a logarithmic axis shows the curves better.
    [[nodiscard]] bool logarithmic(const std::vector<Column>& columns) const {
        double least = std::numeric_limits<double>::infinity();
        double most = 0;
        for (const Column& column : columns)
            for (const Point& p : points_) {
                const double y = p.*column.member;
                if (!std::isfinite(y)) continue;
                if (!(y > 0)) return false;
                least = std::min(least, y);
                most = std::max(most, y);
            }
        return most >= 100 * least;
    }

    /// The commands for a panel: curves on the left axis and on the right.
    [[nodiscard]] std::string panel(const std::vector<Column>& left,
                                    const std::vector<Column>& right) const {
        const std::vector<Column> groups[] = {left, right};
        std::string text = "unset logscale; unset y2tics; unset y2label; set ytics nomirror\n";
        if (logarithmic(left)) text += "set logscale y; set format y '%g'\n";
        if (!right.empty()) {
            text += "set y2tics; set y2label 'step'\n";
            if (logarithmic(right)) text += "set logscale y2; set format y2 '%g'\n";
        }
        const char* separator = "plot ";
        for (const auto& group : groups)
            for (const Column& column : group) {
                text += separator;
                text += "$curve using 1:" + std::to_string(column.number) + " axes " + column.axes +
                        " with " + column.style + " title '" + column.title + '\'';
                separator = ", \\\n     ";
            }
        return text + '\n';
    }

    [[nodiscard]] std::string commands() const {
        std::string text = "$curve << END\n# epoch value validation gradient_norm step\n";
        for (const Point& p : points_) {
            for (const double y : {p.epoch, p.value, p.validation, p.gradient_norm, p.step}) {
                char number[40];
                std::snprintf(number, sizeof number, "%.9g ", y);
                text += std::isfinite(y) ? number : "NaN ";
            }
            text.back() = '\n';
        }
        text +=
            "END\nset grid; set xlabel 'epoch'; set key above\nset lmargin 12; set rmargin 12\n";
        const auto present = [&](std::initializer_list<Column> all) {
            std::vector<Column> some;
            for (const Column& column : all)
                if (known(column)) some.push_back(column);
            return some;
        };
        const auto risks =
            present({{&Point::value, 2, "training value", "x1y1", "lines lw 2 lc rgb '#0072b2'"},
                     {&Point::validation, 3, "validation", "x1y1", "lines lw 2 lc rgb '#d55e00'"}});
        auto norms = present(
            {{&Point::gradient_norm, 4, "gradient norm", "x1y1", "lines lw 1.5 lc rgb '#009e73'"}});
        auto steps = present({{&Point::step, 5, "step", "x1y2", "lines lw 1.5 lc rgb '#cc79a7'"}});
        if (norms.empty() && !steps.empty()) {
            steps.front().axes = "x1y1";
            std::swap(norms, steps);
        }
        const int panels = (risks.empty() ? 0 : 1) + (norms.empty() ? 0 : 1);
        text += "set multiplot layout " + std::to_string(std::max(panels, 1)) + ",1";
        if (!options_.title.empty()) text += " title " + quoted(options_.title, "''");
        text += '\n';
        if (!risks.empty()) text += panel(risks, {});
        if (!norms.empty()) text += panel(norms, steps);
        return text + "unset multiplot\n";
    }
};

}  // namespace ermine
