// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <system_error>

#include <ermine/diagnostics/html_text.hpp>
#include <ermine/observers/chart.hpp>

namespace ermine {

/// A picture to stand in a page, or why there is none.
struct InlineSvg {
    std::string svg;      ///< an svg element, empty if there is none
    std::string failure;  ///< a sentence, empty if there is a picture
};

/// What gnuplot drew, an SVG file, as an element of an HTML page that has several: its names begin
/// with `prefix`, because a page has each once; without the declaration of XML, and without titles,
/// which browsers show under the pointer. `label` is for those who cannot see it.
inline std::string svg_element(std::string_view file, std::string_view prefix,
                               std::string_view label) {
    const std::size_t begin = file.find("<svg");
    if (begin == std::string_view::npos) return {};
    file.remove_prefix(begin + 4);
    std::string element = "<svg role=\"img\" aria-label=\"" + html_text(label) + '"';
    bool tag = true;  // between < and >, where names stand: gnuplot escapes < in texts
    while (!file.empty()) {
        std::size_t taken = 1;
        bool name = false;
        if (tag) {
            for (const std::string_view before :
                 {" id=\"", " id='", "href=\"#", "href='#", "url(#"})
                if (file.starts_with(before)) {
                    taken = before.size();
                    name = true;
                }
            tag = file.front() != '>';
        } else if (file.front() == '<') {
            for (const std::string_view opening : {"<title>", "<desc>"}) {
                const std::string closing = "</" + std::string(opening.substr(1));
                const std::size_t end = file.find(closing);
                if (!file.starts_with(opening) || end == std::string_view::npos) continue;
                file.remove_prefix(end + closing.size());
                taken = 0;
                break;
            }
            tag = taken != 0;
        }
        element += file.substr(0, taken);
        if (name) element += prefix;
        file.remove_prefix(taken);
    }
    return element;
}

/// Has gnuplot draw a chart into a temporary file, and reads it back. `prefix` and `label` are
/// those of `svg_element`. Throws std::invalid_argument as `draw` does.
inline InlineSvg inline_svg(const Chart& chart, std::string_view prefix, std::string_view label) {
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
    if (error) return {{}, "there is no folder for temporary files: " + error.message()};
    std::random_device entropy;
    const std::string name =
        "ermine-" + std::to_string(entropy()) + '-' + std::to_string(entropy()) + ".svg";
    const Picture picture{.path = (folder / name).string()};
    const std::string failure = draw(chart, picture);
    InlineSvg drawn;
    {
        std::ifstream file(picture.path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        if (failure.empty()) drawn.svg = svg_element(text, prefix, label);
    }
    std::remove(picture.path.c_str());
    const bool commands = std::remove(picture.script().c_str()) == 0;
    if (drawn.svg.empty())
        drawn.failure = commands          ? "gnuplot is missing or failed"
                        : failure.empty() ? "gnuplot made no picture"
                                          : failure;
    return drawn;
}

}  // namespace ermine
