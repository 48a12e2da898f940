// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ermine {

/// A picture to be drawn. The ending of its path says SVG or PNG.
struct Picture {
    std::string path;
    int width = 900;
    int height = 500;

    /// Where the commands that draw it are written.
    [[nodiscard]] std::string script() const { return path + ".gnuplot"; }

    /// Throws std::invalid_argument for another ending.
    void check() const {
        if (!path.ends_with(".svg") && !path.ends_with(".png"))
            throw std::invalid_argument("a picture ends in .svg or .png, and \"" + path +
                                        "\" does not");
    }
};

/// The text within single quotes, where each that it has itself is written as `quote`.
inline std::string quoted(std::string_view text, std::string_view quote) {
    std::string all = "'";
    for (const char c : text) {
        if (c == '\'')
            all += quote;
        else
            all += c;
    }
    return all + '\'';
}

/// Has gnuplot (5 or later), if it is on the PATH, draw a picture by commands, data among them.
/// They are written beside it, to `picture.script()`, and stay there only where there is no
/// picture. Returns an empty text if it was drawn, and otherwise a sentence that says why not.
/// Throws std::invalid_argument for an ending that is neither .svg nor .png, and nothing else that
/// memory allows.
inline std::string gnuplot(const Picture& picture, std::string_view commands) {
    picture.check();
    const bool png = picture.path.ends_with(".png");
    const std::string head =
        std::string("set terminal ") + (png ? "pngcairo" : "svg") + " noenhanced size " +
        std::to_string(picture.width) + ',' + std::to_string(picture.height) +
        " font 'sans,12' background rgb 'white'\nset output " + quoted(picture.path, "''") + '\n';
    const std::string script = picture.script();
    errno = 0;
    std::FILE* const file = std::fopen(script.c_str(), "w");
    bool written = file != nullptr;
    for (const std::string_view part : {std::string_view(head), commands})
        written = written && std::fwrite(part.data(), 1, part.size(), file) == part.size();
    if (file != nullptr && std::fclose(file) != 0) written = false;
    if (!written) return script + " cannot be written: " + std::strerror(errno != 0 ? errno : EIO);
    // as its input: a name that begins with a dash would be an option
    const std::string line = "gnuplot < " + quoted(script, "'\\''") + " > /dev/null 2>&1";
    if (std::system(line.c_str()) != 0)
        return "gnuplot is missing or failed; its commands and data are in " + script;
    std::remove(script.c_str());
    return {};
}

}  // namespace ermine
