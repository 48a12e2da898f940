// SPDX-License-Identifier: MIT
// Charts: what is refused, what gnuplot is told, and what it draws where it is here.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>

#include <ermine/observers/chart.hpp>

#include "ermine_catch.hpp"
#include "folder.hpp"

using namespace ermine;

namespace {

bool gnuplot_is_here() { return std::system("gnuplot --version > /dev/null 2>&1") == 0; }

/// What gnuplot is told: it is left in a file where there is no gnuplot.
std::string commands_of(const Chart& chart, const Folder& folder) {
    const char* const had = std::getenv("PATH");
    const std::string path = had != nullptr ? had : "";
    setenv("PATH", folder.path.c_str(), 1);
    const std::string svg = folder / "commands.svg";
    const std::string failure = draw(chart, {.path = svg});
    setenv("PATH", path.c_str(), 1);
    CHECK_THAT(failure, contains("gnuplot is missing or failed; its commands and data are in " +
                                 svg + ".gnuplot"));
    CHECK_FALSE(std::filesystem::exists(svg));
    return content(svg + ".gnuplot");
}

}  // namespace

TEST_CASE("a chart that cannot be drawn is refused with a sentence") {
    const Folder folder;
    const Picture picture{.path = folder / "chart.svg"};
    CHECK_THROWS_WITH(draw(Chart{.title = "empty"}, picture),
                      contains("draw: the chart has no series"));
    const Chart unequal{.series = {{"fine", {1, 2}, {1, 2}}, {"loss", {1, 2, 3}, {1, 2}}}};
    CHECK_THROWS_AS(draw(unequal, picture), std::invalid_argument);
    CHECK_THROWS_WITH(draw(unequal, picture), contains("the series \"loss\" has 3 x and 2 y"));
    const Chart fine{.series = {{"loss", {1, 2}, {1, 2}}}};
    CHECK_THROWS_WITH(draw(fine, {.path = folder / "chart.pdf"}),
                      contains("a picture ends in .svg or .png, and \"") && contains(".pdf\""));
    CHECK(folder.count() == 0);
}

TEST_CASE("gnuplot is told the finite points, the axes and the names, whatever is in them") {
    const Folder folder;
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const Chart chart{
        .title = "it's \"quoted\"\nset output '/tmp/elsewhere'",
        .x_label = "k's",
        .log_x = true,
        .log_y = true,
        .series = {{"a 'loss'", {1, 2, 3, 4, unknown}, {1e-9, unknown, infinity, 123456.75, 1}},
                   {"seen", {1}, {2}, true}}};
    const std::string told = commands_of(chart, folder);
    CHECK_THAT(told, contains("$s0 << END\n1 1e-09\n4 123456.75\nEND\n"));
    CHECK_THAT(told, contains("$s1 << END\n1 2\nEND\n"));
    CHECK_THAT(told, contains("set title 'it''s \"quoted\" set output ''/tmp/elsewhere'''\n"));
    CHECK_THAT(told, contains("set xlabel 'k''s'\nset ylabel ''\n") && contains("set key above\n"));
    CHECK_THAT(told, contains("set logscale x\n") && contains("set logscale y\n"));
    CHECK_THAT(told, contains("title 'a ''loss''' with lines"));
    CHECK_THAT(told, contains("title 'seen' with points"));
    CHECK_THAT(commands_of({.series = {{"plain", {1}, {1}}}}, folder), !contains("logscale"));
}

TEST_CASE("a chart is drawn, as SVG and as PNG, and leaves no commands") {
    if (!gnuplot_is_here()) {
        WARN("gnuplot is not here: the pictures are not tested");
        return;
    }
    const Folder folder;
    const Chart chart{.title = "it's <1 & \"quoted\"",
                      .log_y = true,
                      .series = {{"a 'loss' & <more>", {0, 1, 2}, {1, 0.1, 0.01}},
                                 {"points", {0, 2}, {0.5, 0.5}, true}}};
    const std::string svg = folder / "it's a chart.svg";
    const std::string png = folder / "chart.png";
    CHECK(draw(chart, {.path = svg}) == "");
    CHECK(draw(chart, {.path = png, .width = 300, .height = 200}) == "");
    CHECK(folder.count() == 2);
    const std::string drawn = content(svg);
    CHECK_THAT(drawn, contains("width=\"900\" height=\"500\"") && contains("<path"));
    CHECK_THAT(drawn, contains("it's &lt;1 &amp; \"quoted\""));
    CHECK_THAT(drawn, contains("a 'loss' &amp; &lt;more>"));
    // the size stands in the second line of a PNG's header, big-endian (RFC 2083, section 11.2.1)
    const std::string bytes = content(png);
    REQUIRE(bytes.size() > 24);
    CHECK(bytes.substr(1, 3) == "PNG");
    const auto byte = [&](std::size_t k) { return int{static_cast<unsigned char>(bytes[k])}; };
    CHECK(256 * byte(18) + byte(19) == 300);
    CHECK(256 * byte(22) + byte(23) == 200);

    // nothing finite: there is no picture, and a sentence
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    CHECK_THAT(
        draw({.series = {{"nothing", {1, 2}, {unknown, unknown}}}}, {.path = folder / "none.svg"}),
        contains("gnuplot is missing or failed"));
    CHECK_THAT(draw(chart, {.path = folder / "no/such/folder/chart.svg"}),
               contains("cannot be written"));
}
