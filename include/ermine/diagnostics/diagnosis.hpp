// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <ermine/diagnostics/finding.hpp>
#include <ermine/diagnostics/json_string.hpp>

namespace ermine {

/// What is the matter, the surest finding first. Made by `diagnose`:
///
///     std::cout << diagnose(risk, x);
///
/// That something was not found means nothing unless it was looked for, which `checked` tells: a
/// trace knows nothing of layers, and a point nothing of a run.
struct Diagnosis {
    std::vector<Finding> findings;    ///< ranked by confidence
    std::vector<Difficulty> checked;  ///< what was looked for, in the order of the enumeration

    [[nodiscard]] bool healthy() const { return findings.empty(); }

    /// The finding of that kind; null if there is none.
    [[nodiscard]] const Finding* find(Difficulty what) const {
        for (const Finding& finding : findings)
            if (finding.what == what) return &finding;
        return nullptr;
    }

    /// Whether it was looked for.
    [[nodiscard]] bool looked_for(Difficulty what) const {
        return std::find(checked.begin(), checked.end(), what) != checked.end();
    }

    /// Notes that it was looked for.
    void look_for(Difficulty what) {
        if (looked_for(what)) return;
        checked.insert(std::upper_bound(checked.begin(), checked.end(), what), what);
    }

    /// Adds a finding at its rank. Of two of the same kind the surer one stays. A confidence
    /// that is no number ranks last.
    void add(Finding finding) {
        look_for(finding.what);
        const auto sure = [](const Finding& f) { return f.confidence > 0 ? f.confidence : 0; };
        for (auto old = findings.begin(); old != findings.end(); ++old)
            if (old->what == finding.what) {
                if (sure(*old) >= sure(finding)) return;
                findings.erase(old);
                break;
            }
        const auto place = std::find_if(findings.begin(), findings.end(),
                                        [&](const Finding& f) { return sure(f) < sure(finding); });
        findings.insert(place, std::move(finding));
    }

    /// Adds all that another diagnosis of the same run found and looked for.
    void add(const Diagnosis& other) {
        for (const Difficulty what : other.checked) look_for(what);
        for (const Finding& finding : other.findings) add(finding);
    }

    /// {"findings":[{"what":"cliff","confidence":0.9,"evidence":"…","advice":"…"},…],
    /// "checked":["cliff",…]}, one line, ranked.
    [[nodiscard]] std::string json() const {
        std::string text = "{\"findings\":[";
        const char* separator = "";
        for (const Finding& finding : findings) {
            text += separator;
            text += "{\"what\":" + json_string(name_of(finding.what)) +
                    ",\"confidence\":" + json_number(finding.confidence) +
                    ",\"evidence\":" + json_string(finding.evidence) +
                    ",\"advice\":" + json_string(finding.advice) + '}';
            separator = ",";
        }
        text += "],\"checked\":[";
        separator = "";
        for (const Difficulty what : checked) {
            text += separator;
            text += json_string(name_of(what));
            separator = ",";
        }
        return text + "]}";
    }

    /// A paragraph a finding, and what was looked for and not found.
    friend std::ostream& operator<<(std::ostream& out, const Diagnosis& d) {
        int number = 0;
        for (const Finding& finding : d.findings) {
            char head[96];
            std::snprintf(head, sizeof head, "%d. %s (confidence %.2f)\n", ++number,
                          name_of(finding.what), finding.confidence);
            out << head << "   " << finding.evidence << "\n   try: " << finding.advice << '\n';
        }
        if (d.checked.empty()) return out << "nothing was looked for\n";
        std::string others;
        for (const Difficulty what : d.checked)
            if (d.find(what) == nullptr)
                others += (others.empty() ? "" : ", ") + std::string(name_of(what));
        if (!others.empty()) out << "not found: " << others << '\n';
        return out;
    }
};

}  // namespace ermine
