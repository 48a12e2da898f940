// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <ermine/diagnostics/json_string.hpp>

namespace ermine {

/// A text as it stands in HTML, between tags or in a quoted attribute: what has a meaning there is
/// escaped (WHATWG HTML, section 13.1), and what is no UTF-8, or a control character other than the
/// ends of lines and tabs, becomes U+FFFD.
inline std::string html_text(std::string_view text) {
    std::string escaped;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto c = static_cast<unsigned char>(text.front());
        const bool control = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
        if (length == 0 || control)
            escaped += "&#xfffd;";
        else if (c == '&')
            escaped += "&amp;";
        else if (c == '<')
            escaped += "&lt;";
        else if (c == '>')
            escaped += "&gt;";
        else if (c == '"')
            escaped += "&quot;";
        else if (c == '\'')
            escaped += "&#39;";
        else
            escaped += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return escaped;
}

}  // namespace ermine
