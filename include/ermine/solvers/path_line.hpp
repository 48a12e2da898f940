// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include <ermine/concepts/vector.hpp>
#include <ermine/objectives/linear_pass.hpp>

namespace ermine {

/// A point of a regularization path with its predictions, and what both are thought to be at the
/// next λ: on the polynomial of degree two at most through the last solutions, which takes no look
/// at the data and leaves an error of third order in the step (a predictor, as of Park & Hastie,
/// "L1-regularization path algorithm for generalized linear models", JRSS B 69, 2007, with one
/// solution more).
template <class Problem>
class PathLine {
public:
    Eigen::VectorXd x;     ///< a number a parameter
    Eigen::VectorXd p;     ///< (X x)ᵢ, a number an example
    Eigen::VectorXd s, c;  ///< slopes and curvatures of the losses there
    double primal = 0;     ///< F there

    PathLine(Index examples, Index parameters) : x(Eigen::VectorXd::Zero(parameters)) {
        for (Eigen::VectorXd* v : {&p, &s, &c, &moved_, &fresh_}) v->setZero(examples);
        for (Solution& solution : past_) solution = {x, p, 0};
    }

    /// Goes on from another point, of which nothing before is known.
    void put(const Problem& problem, LinearPass<Problem>& pass, const Eigen::VectorXd& from) {
        x = from;
        pass.predict(problem, x, p);
        known_ = 0;
    }

    /// From the solution at the place before (λ or its logarithm) to what is thought to be that at
    /// `place`; `penalty(x)` is what F adds to the risk there.
    template <class Penalty>
    void predict(const Problem& problem, LinearPass<Problem>& pass, double place,
                 const Penalty& penalty) {
        if (known_ == 0 || place != place_) go(place);
        primal = pass.slopes(problem, p, s, c) + penalty(x);
    }

    /// How far along the step from x to `to`, whose predictions are p + image: the first of 1, ½,
    /// ¼, … that does not raise F, and goes there. 0 if there is none. `to` is written over.
    template <class Penalty>
    double search(const Problem& problem, LinearPass<Problem>& pass, Eigen::VectorXd& to,
                  const Eigen::VectorXd& image, const Penalty& penalty) {
        const double noise = 4 * std::numeric_limits<double>::epsilon() * std::abs(primal);
        double t = 1;
        for (int trial = 0; trial < 20; ++trial, t /= 2) {
            moved_ = p + t * image;
            const double risk = pass.slopes(problem, moved_, s, fresh_);
            if (t != 1) to = x + (to - x) / 2;
            const double value = risk + penalty(to);
            if (value <= primal + noise) {
                c.swap(fresh_);
                p.swap(moved_);
                x.swap(to);
                primal = value;
                return t;
            }
        }
        return 0;
    }

private:
    struct Solution {
        Eigen::VectorXd x, p;
        double place = 0;
    };

    std::array<Solution, 2> past_;  // the latest first
    double place_ = 0;
    std::size_t known_ = 0;  // solutions in a row, with that at place_
    Eigen::VectorXd moved_, fresh_;

    void go(double place) {
        const std::array<double, 3> at{place_, past_[0].place, past_[1].place};
        std::array<double, 3> share{1, 0, 0};  // Lagrange's polynomials at `place`
        for (std::size_t i = 0; i < known_; ++i) {
            share[i] = 1;
            for (std::size_t j = 0; j < known_; ++j)
                if (j != i) share[i] *= (place - at[j]) / (at[i] - at[j]);
        }
        Solution& oldest = past_[1];  // makes room for the new one
        oldest.x = share[0] * x + share[1] * past_[0].x + share[2] * oldest.x;
        oldest.p = share[0] * p + share[1] * past_[0].p + share[2] * oldest.p;
        oldest.x.swap(x);
        oldest.p.swap(p);
        oldest.place = place_;
        std::swap(past_[0], past_[1]);
        place_ = place;
        known_ = std::min<std::size_t>(known_ + 1, 3);
    }
};

}  // namespace ermine
