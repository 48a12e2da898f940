// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string>

#include <Eigen/Core>

namespace linear {

/// What a contestant answered.
struct Fit {
    double seconds = INFINITY;  ///< infinite if it was ended by the cap
    Eigen::VectorXd w = {};     ///< in ermine's order; empty if there is none
    long rounds = 0;            ///< as the contestant counts them, 0 if it does not say
    double passes = 0;          ///< over the data, where ermine counts them
    double gap = INFINITY;      ///< F(w) − min F at most, by the contestant's own word

    [[nodiscard]] bool ended() const { return w.size() > 0; }
};

/// One way to fit: a solver with all that is set but how far it goes.
struct Way {
    std::string contestant;  ///< "liblinear -s 0", "sklearn lbfgs"
    std::string form = {};   ///< of the data, where there is a choice: "dense" or "csr"
    bool threaded = false;   ///< whether it could use a second thread

    [[nodiscard]] std::string name() const {
        return form.empty() ? contestant : contestant + ' ' + form;
    }
};

}  // namespace linear
