// SPDX-License-Identifier: MIT
// Reports: what is in the page, that nothing in it comes from elsewhere, and that a text cannot
// become a tag. tests/site opens them in a browser.
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>

#include <ermine/data/data_error.hpp>
#include <ermine/diagnostics/figures_of.hpp>
#include <ermine/diagnostics/html_report.hpp>

#include "ermine_catch.hpp"
#include "folder.hpp"

using namespace ermine;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

bool gnuplot_is_here() { return std::system("gnuplot --version > /dev/null 2>&1") == 0; }

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

HtmlReport some_report() {
    const Chart loss{.title = "<script>alert(1)</script> & 'loss'",
                     .series = {{"</svg><script>", {0, 1, 2}, {3, 2, 1}}}};
    Diagnosis diagnosis;
    diagnosis.look_for(Difficulty::cliff);
    diagnosis.add({Difficulty::plateau, 0.75, "value < 1 & still", "a <b>longer</b> run"});
    return {.title = "A \"report\" <1>",
            .facts = {{"--method", "minibatch(8) | adam<"}},
            .result = "converged: <ok>\n",
            .diagnosis = diagnosis,
            .figures = {{loss, "falls & <falls>"}, {loss, ""}}};
}

/// All ids of a page, each of which may be there once.
std::multiset<std::string> ids_of(const std::string& page) {
    std::multiset<std::string> ids;
    for (const std::string quote : {"\"", "'"}) {
        const std::string before = " id=" + quote;
        for (std::size_t at = page.find(before); at != std::string::npos;
             at = page.find(before, at + 1)) {
            const std::size_t begin = at + before.size();
            ids.insert(page.substr(begin, page.find(quote, begin) - begin));
        }
    }
    return ids;
}

}  // namespace

TEST_CASE("a text in a page stays a text") {
    CHECK(html_text("a < b && \"c\" > 'd'") ==
          "a &lt; b &amp;&amp; &quot;c&quot; &gt; &#39;d&#39;");
    CHECK(html_text("η ≤ 1/L\n\t") == "η ≤ 1/L\n\t");
    CHECK(html_text(std::string("\0\x1b\x7f\xff\xc3", 5)) ==
          "&#xfffd;&#xfffd;&#xfffd;&#xfffd;&#xfffd;");
    CHECK(html_text("") == "");
}

TEST_CASE("a report holds what it was given, escaped, and nothing from elsewhere") {
    const Folder folder;
    some_report().write(folder / "report.html");
    CHECK(folder.count() == 1);
    const std::string page = content(folder / "report.html");
    CHECK(page.starts_with("<!doctype html>"));
    CHECK_THAT(page, contains("<title>A &quot;report&quot; &lt;1&gt;</title>"));
    CHECK_THAT(page, contains("<pre>converged: &lt;ok&gt;\n</pre>"));
    CHECK_THAT(page, contains("minibatch(8) | adam&lt;"));
    CHECK_THAT(page, contains("plateau") && contains("confidence 0.75"));
    CHECK_THAT(page, contains("value &lt; 1 &amp; still"));
    CHECK_THAT(page, contains("a &lt;b&gt;longer&lt;/b&gt; run"));
    CHECK_THAT(page, contains("not found: cliff."));
    CHECK_THAT(page, contains("<figcaption>falls &amp; &lt;falls&gt;</figcaption>"));

    CHECK_THAT(page, contains("default-src 'none'"));
    CHECK_THAT(page, !contains("<script") && !contains("<link") && !contains("src=") &&
                         !contains("@import"));
    // names of XML's vocabularies are no addresses
    CHECK(count(page, "http") == count(page, "http-equiv") + count(page, "http://www.w3.org/"));
    CHECK(count(page, "href=") == count(page, "href='#f1-") + count(page, "href='#f2-"));

    if (!gnuplot_is_here()) {
        WARN("gnuplot is not here: the pictures are not tested");
        return;
    }
    CHECK(count(page, "<svg ") == 2);
    CHECK(count(page, "</svg>") == 2);
    CHECK(count(page, "<path") > 4);
    CHECK(count(page, "<figure>") == 2);
    CHECK_THAT(page, contains("aria-label=\"falls &amp; &lt;falls&gt;\""));
    CHECK(count(page, "<title>") == 1);
    const auto ids = ids_of(page);
    CHECK(ids.size() > 10);
    for (const std::string& id : ids) {
        INFO(id);
        CHECK(ids.count(id) == 1);
    }
}

TEST_CASE(
    "without gnuplot, and for what it cannot draw, a report says so in place of the picture") {
    const Folder folder;
    HtmlReport report = some_report();
    const char* const had = std::getenv("PATH");
    const std::string path = had != nullptr ? had : "";
    setenv("PATH", folder.path.c_str(), 1);
    setenv("TMPDIR", folder.path.c_str(), 1);
    const std::string page = report.html();
    setenv("PATH", path.c_str(), 1);
    CHECK(count(page, "gnuplot is missing or failed.") == 2);
    CHECK_THAT(page, !contains("<svg") && contains("alert(1)&lt;/script&gt; &amp; &#39;loss&#39;"));
    CHECK(folder.count() == 0);

    if (gnuplot_is_here()) {
        const Chart nothing{.title = "NaN", .series = {{"none", {1, 2}, {unknown, unknown}}}};
        report.figures = {Figure{nothing, ""}};
        CHECK_THAT(report.html(), contains("There is no picture of “NaN”: gnuplot"));
        CHECK(folder.count() == 0);  // nothing is left in the folder for temporary files
    }
    unsetenv("TMPDIR");
    report.figures = {Figure{{.series = {{"loss", {1, 2}, {1}}}}}};
    CHECK_THROWS_WITH(report.html(), contains("2 x and 1 y"));
}

TEST_CASE("a report that cannot be written leaves what was there") {
    const Folder folder;
    folder.file("before", "report.html");
    HtmlReport report{.title = "short"};
    CHECK_THROWS_AS(report.write(folder / "no/such/report.html"), DataError);
    report.figures = {Figure{{.series = {{"loss", {1, 2}, {1}}}}}};
    CHECK_THROWS_AS(report.write(folder / "report.html"), std::invalid_argument);
    CHECK(content(folder / "report.html") == "before");
    CHECK(folder.count() == 1);
    report = {.title = "short"};
    report.write(folder / "report.html");
    const std::string page = content(folder / "report.html");
    CHECK_THAT(page, contains("<h1>short</h1>") && !contains("Diagnosis") && !contains("<figure"));
    CHECK(HtmlReport{.diagnosis = Diagnosis{}}.html().find("Nothing was looked for.") !=
          std::string::npos);
}

TEST_CASE("the pictures of a run are of what is known of it") {
    RunRecord record;
    for (int k = 0; k < 5000; ++k) {
        record.iteration.push_back(k);
        record.value.push_back(k % 2 == 0 ? std::exp(-0.002 * k) : unknown);
        record.gradient_norm.push_back(unknown);
        record.step.push_back(k == 7 ? 0.1 : unknown);
    }
    const auto figures = figures_of(record);
    REQUIRE(figures.size() == 1);  // no norm is known, and one step
    const Chart& chart = figures[0].chart;
    CHECK(chart.log_y);
    const Series& loss = chart.series.at(0);
    CHECK(loss.x.size() == loss.y.size());
    CHECK(loss.x.size() > 800);
    CHECK(loss.x.size() <= 1001);
    CHECK(loss.x.front() == 0);
    CHECK(loss.x.back() == 4998);
    for (std::size_t k = 0; k < loss.x.size(); ++k)
        CHECK(loss.y[k] == std::exp(-0.002 * loss.x[k]));
    CHECK(thinned("few", {1, 2, 3}, {4, unknown, 6}).x == std::vector<double>{1, 3});
    CHECK(figures_of(RunRecord{}).empty());
    RunRecord steps{.iteration = {0, 1, 2, 3},
                    .value = {4, 3, 2, 1},
                    .gradient_norm = {unknown, 9, 9, 9},
                    .step = {unknown, 0.1, 0.1, 0.1},
                    .epoch = {0, 1, 2, 3},
                    .validation = {5, unknown, unknown, 4}};
    CHECK(figures_of(steps).size() == 2);  // a constant step is no picture
    CHECK(figures_of(steps)[0].chart.series.size() == 2);
    CHECK(figures_of(steps)[0].chart.series[1].x == std::vector<double>{0, 3});
    CHECK_FALSE(figures_of(steps)[0].chart.log_y);
    steps.step[2] = 0.001;
    REQUIRE(figures_of(steps).size() == 3);
    CHECK(figures_of(steps)[2].chart.log_y);
    record.step.pop_back();
    CHECK_THROWS_WITH(figures_of(record), contains("5000 iterations"));
    CHECK(spans_decades({1, 100}));
    CHECK_FALSE(spans_decades({1, 99}));
    CHECK_FALSE(spans_decades({0, 100}));
    CHECK_FALSE(spans_decades({}));
}
