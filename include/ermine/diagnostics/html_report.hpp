// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <ermine/data/atomic_file.hpp>
#include <ermine/diagnostics/diagnosis.hpp>
#include <ermine/diagnostics/html_text.hpp>
#include <ermine/diagnostics/inline_svg.hpp>
#include <ermine/diagnostics/json_string.hpp>
#include <ermine/observers/chart.hpp>

namespace ermine {

/// A chart of a report, and what is to be seen on it.
struct Figure {
    Chart chart;
    std::string caption = {};
};

/// A line of a table: a name and what it is.
struct Fact {
    std::string name;
    std::string text;
};

/// A run, what is the matter with it, and pictures, as one file that a browser opens without a
/// network: no scripts, no fonts, nothing from elsewhere; light or dark as the browser is.
///
///     RunRecord record;
///     const auto result = minimize(risk, x0, method, rule, record);
///     HtmlReport{.title = "Logistic regression",
///                .result = printed(result),
///                .diagnosis = diagnose(record),
///                .figures = figures_of(record)}
///         .write("report.html");
///
/// The pictures are drawn by gnuplot; without it their places say so.
struct HtmlReport {
    std::string title = "Report";
    std::vector<Fact> facts = {};  ///< what was asked for: options, data
    std::string result = {};       ///< as it prints itself
    std::optional<Diagnosis> diagnosis = {};
    std::vector<Figure> figures = {};

    /// The page. Throws std::invalid_argument for a chart that `draw` refuses.
    [[nodiscard]] std::string html() const {
        std::string page = head(title);
        page += "<h1>" + html_text(title) + "</h1>\n";
        if (!result.empty()) page += "<h2>Result</h2>\n<pre>" + html_text(result) + "</pre>\n";
        if (diagnosis) page += findings(*diagnosis);
        if (!figures.empty()) page += "<h2>Pictures</h2>\n";
        std::size_t number = 0;
        for (const Figure& figure : figures) page += drawn(figure, ++number);
        if (!facts.empty()) {
            page += "<h2>What was asked for</h2>\n<table>\n";
            for (const auto& [name, text] : facts)
                page += "<tr><th scope=\"row\">" + html_text(name) + "</th><td>" + html_text(text) +
                        "</td></tr>\n";
            page += "</table>\n";
        }
        return page + "</main>\n</body>\n</html>\n";
    }

    /// Writes the page: whole or not at all. Throws DataError if it cannot be written.
    void write(const std::string& path) const {
        const std::string page = html();
        AtomicFile file(path);
        file.write(page);
        file.commit();
    }

private:
    static std::string head(const std::string& title) {
        return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               // the browser refuses what is not in the file
               "<meta http-equiv=\"Content-Security-Policy\" "
               "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
               html_text(title) +
               "</title>\n<style>\n"
               "body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1d2430; "
               "background: #fff }\n"
               "main { max-width: 60rem; margin: 0 auto; padding: 1.5rem }\n"
               "h1 { line-height: 1.2 } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccd }\n"
               "pre { padding: 1rem; overflow-x: auto; background: #f3f4f7; border-radius: 6px }\n"
               "table { border-collapse: collapse }\n"
               "th, td { padding: .25rem 1rem .25rem 0; text-align: left; vertical-align: top; "
               "overflow-wrap: anywhere }\n"
               "li { margin-bottom: 1rem } meter { width: 8rem; margin: 0 .5rem }\n"
               "figure { margin: 1.5rem 0 } svg { max-width: 100%; height: auto }\n"
               ".missing { padding: 1rem; border: 1px dashed #99a }\n"
               "@media (prefers-color-scheme: dark) {\n"
               "body { color: #dde2ea; background: #14171c } pre { background: #20242c }\n"
               "h2 { border-color: #445 }\n"
               // white becomes nearly black, and hues stay
               "svg { filter: invert(.92) hue-rotate(180deg) }\n"
               "}\n</style>\n</head>\n<body>\n<main>\n";
    }

    static std::string findings(const Diagnosis& diagnosis) {
        std::string text = "<h2>Diagnosis</h2>\n";
        if (!diagnosis.healthy()) text += "<ol>\n";
        for (const Finding& finding : diagnosis.findings) {
            const std::string confidence = json_number(std::round(100 * finding.confidence) / 100);
            text += std::string("<li><strong>") + name_of(finding.what) +
                    "</strong> <meter min=\"0\" max=\"1\" value=\"" + confidence + "\">" +
                    confidence + "</meter> confidence " + confidence + "<br>\n" +
                    html_text(finding.evidence) + "<br>\n<em>Try:</em> " +
                    html_text(finding.advice) + "</li>\n";
        }
        if (!diagnosis.healthy()) text += "</ol>\n";
        std::string others;
        for (const Difficulty what : diagnosis.checked)
            if (diagnosis.find(what) == nullptr)
                others += (others.empty() ? "" : ", ") + std::string(name_of(what));
        if (!others.empty()) text += "<p>Looked for, and not found: " + others + ".</p>\n";
        if (diagnosis.checked.empty()) text += "<p>Nothing was looked for.</p>\n";
        return text;
    }

    static std::string drawn(const Figure& figure, std::size_t number) {
        const std::string label = figure.caption.empty() ? figure.chart.title : figure.caption;
        const InlineSvg picture =
            inline_svg(figure.chart, 'f' + std::to_string(number) + '-', label);
        std::string text = "<figure>\n";
        if (picture.failure.empty())
            text += picture.svg;
        else
            text += "<p class=\"missing\">There is no picture of “" +
                    html_text(figure.chart.title) + "”: " + html_text(picture.failure) + ".</p>\n";
        if (!figure.caption.empty())
            text += "<figcaption>" + html_text(figure.caption) + "</figcaption>\n";
        return text + "</figure>\n";
    }
};

/// What a value prints, as a text.
[[nodiscard]] std::string printed(const auto& value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

}  // namespace ermine
