// SPDX-License-Identifier: MIT
// Does the time to fit a linear model grow as the work does? ℓ2-logistic regression with λ = 1/n
// by `ermine auto` to a relative gap of 1e-6, on the first n rows of dense data (20 columns, n from
// 1e4 to 1e7), and on sparse data of 50 000 rows with 10 to 1e5 columns. For each row of points the
// slope of log seconds over log n, or over log of the numbers that are stored, is fitted: 1 is
// growth as the data grows. Medians of at least three; picture and table.

#include <nlohmann/json.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/observers/gnuplot.hpp>

#include "flags.hpp"
#include "linear/ermine_auto.hpp"
#include "linear/ill_conditioned.hpp"
#include "linear/rounded.hpp"
#include "linear/text_like.hpp"
#include "report.hpp"
#include "table.hpp"

using namespace linear;

namespace {

constexpr double accuracy = 1e-6;
constexpr double most_seconds = 60;

struct Point {
    Index size;      ///< n or d
    double numbers;  ///< that are stored
    double seconds;
    double passes;  ///< over the data
};

/// Points that belong together.
struct Series {
    std::string name;
    std::string variable;
    int threads;
    std::vector<Point> points = {};

    /// Of log seconds over the log of the numbers that are stored, by least squares; NaN for fewer
    /// than two points.
    [[nodiscard]] double slope() const {
        double sum_x = 0;
        double sum_y = 0;
        double sum_xx = 0;
        double sum_xy = 0;
        for (const Point& point : points) {
            const double x = std::log(point.numbers);
            const double y = std::log(point.seconds);
            sum_x += x;
            sum_y += y;
            sum_xx += x * x;
            sum_xy += x * y;
        }
        const auto count = static_cast<double>(points.size());
        return (count * sum_xy - sum_x * sum_y) / (count * sum_xx - sum_x * sum_x);
    }
};

Point measure(const Data& data, Index size, int threads) {
    Problem problem{"", Loss::logistic, Penalty::l2, 1, data};
    problem.lambda = 1 / static_cast<double>(problem.examples());
    std::vector<double> seconds;
    double passes = 0;
    for (std::size_t k = 0; k < 3; ++k) {
        const Fit fit = ermine_auto(problem, accuracy, most_seconds, threads);
        seconds.push_back(fit.seconds);
        passes = fit.passes;
        if (fit.seconds > 5) break;
    }
    std::sort(seconds.begin(), seconds.end());
    return {size, static_cast<double>(problem.nonzeros()), seconds[seconds.size() / 2], passes};
}

std::string picture_of(const std::vector<Series>& all) {
    std::ostringstream out;
    out << "set multiplot layout 1,2\nset logscale xy\nset grid\nset key top left\n"
           "set format x '%g'\nset format y '%g'\nset ylabel 'seconds'\n";
    for (const char* variable : {"n", "d"}) {
        out << "set xlabel '" << (*variable == 'n' ? "rows" : "columns") << "'\nplot ";
        std::ostringstream numbers;
        bool first = true;
        for (const Series& series : all) {
            if (series.variable != variable) continue;
            out << (first ? "" : ", ") << "'-' with linespoints lw 2 pt 7 title \"" << series.name
                << ", " << series.threads << (series.threads == 1 ? " thread" : " threads")
                << ": slope " << text("%.2f", series.slope()) << '"';
            first = false;
            for (const Point& point : series.points)
                numbers << point.size << ' ' << point.seconds << '\n';
            numbers << "e\n";
        }
        out << '\n' << numbers.str();
    }
    out << "unset multiplot\n";
    return out.str();
}

}  // namespace

int main(int count, char** words) {
    bool quick = false;
    std::string json;
    std::string picture;
    if (!Flags{}
             .flag("--quick", quick)
             .text("--json", "FILE", json)
             .text("--picture", "FILE.svg", picture)
             .read(count, words))
        return 2;
    try {  // now, and not after the fits
        if (!picture.empty()) ermine::Picture{.path = picture}.check();
    } catch (const std::invalid_argument& refusal) {
        std::fprintf(stderr, "--picture: %s\n", refusal.what());
        return 2;
    }
    int threads = 1;
#ifdef _OPENMP
    threads = omp_get_max_threads();
#endif
    std::vector<Series> all;
    for (int t = 1; t <= threads; t *= 2) {
        all.push_back({"dense, 20 columns", "n", t});
        all.push_back({"sparse, 50 000 rows", "d", t});
    }
    {
        const Index most = quick ? 1'000'000 : 10'000'000;
        const Dense whole = standardized(ill_conditioned(most, 20, 20240105));
        for (Index n = 10'000; n <= most; n *= 10) {
            auto rows = whole.rows();
            rows.examples = n;
            const Dense part = Dense::view(rows, whole.targets().data());
            for (Series& series : all)
                if (series.variable == "n")
                    series.points.push_back(measure(part, n, series.threads));
        }
    }
    for (Index d = 10; d <= (quick ? 10'000 : 100'000); d *= 10) {
        const Sparse data = text_like(50'000, d, 50, 20240106);
        for (Series& series : all)
            if (series.variable == "d") series.points.push_back(measure(data, d, series.threads));
    }

    nlohmann::json records = nlohmann::json::array();
    std::vector<std::string> shortfalls;
    Table table({"data", "threads", "rows or columns", "numbers", "seconds", "passes",
                 "ns a number and pass"});
    for (const Series& series : all) {
        for (const Point& point : series.points) {
            table.add({series.name, std::to_string(series.threads), std::to_string(point.size),
                       text("%.3g", point.numbers), text("%.3g", point.seconds),
                       text("%.0f", point.passes),
                       text("%.2f", point.seconds / point.passes / point.numbers * 1e9)});
            auto entry =
                record(series.name + ", " + series.variable + " = " + std::to_string(point.size),
                       "ermine auto");
            entry["threads"] = series.threads;
            entry["accuracy"] = accuracy;
            entry["seconds"] = point.seconds;
            entry["evaluations"] = point.passes;
            entry["numbers"] = point.numbers;
            records.push_back(std::move(entry));
        }
        const double slope = series.slope();
        if (!(slope < 1.15))
            shortfalls.push_back(series.name + ", " + std::to_string(series.threads) +
                                 " threads: seconds grow as the power " + text("%.2f", slope) +
                                 " of the numbers that are stored");
    }
    table.print();
    std::printf("\n");
    for (const Series& series : all)
        std::printf("%s, %d thread%s: seconds ~ numbers^%.2f\n", series.name.c_str(),
                    series.threads, series.threads == 1 ? "" : "s", series.slope());
    if (!picture.empty()) {
        const std::string why =
            ermine::gnuplot({.path = picture, .width = 1000, .height = 420}, picture_of(all));
        std::printf("%s\n", why.empty() ? ("Seconds over size: " + picture).c_str() : why.c_str());
    }
    write_records(records, json);
    print_verdict(shortfalls);
}
