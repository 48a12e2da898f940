// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "work.hpp"

/// A work as a contestant sees it. It counts the points that are evaluated (value, gradient or
/// both, as long as the point stays the same) and judges each: solved is
/// ‖∇f(x)‖∞ <= max(1e-8, what one ulp in x changes). The count stands still from then on, so that
/// nobody pays for a stopping test of its own; `done` asks the contestant to come to an end.
class Problem {
public:
    static constexpr double tolerance = 1e-8;

    explicit Problem(const Work& work, long most = 20'000)
        : most_evaluations(most),
          work_(work),
          last_(work.start.size(), std::numeric_limits<double>::quiet_NaN()),
          last_gradient_(work.start.size()),
          moved_(work.start.size()),
          moved_gradient_(work.start.size()) {}

    const Work& work() const { return work_; }
    int size() const { return work_.size(); }

    double operator()(const double* x, double* gradient) {
        if (!std::equal(last_.begin(), last_.end(), x)) look(x);
        if (gradient) std::copy(last_gradient_.begin(), last_gradient_.end(), gradient);
        return last_value_;
    }

    void hessian(const double* x, double* h) {
        if (!over()) ++hessians;
        work_.hessian(x, h);
    }

    void hessian_product(const double* x, const double* v, double* product) {
        if (!over()) ++products;
        work_.hessian_product(x, v, product);
    }

    bool over() const { return solved || evaluations >= most_evaluations; }

    /// The same for functions that are only timed: there it is the gradient that is looked at.
    bool done(const double*) const { return over(); }

    /// What one ulp in one coordinate of x changes in the gradient, at most.
    double noise(const double* x, const std::vector<double>& gradient) {
        double most = 0;
        for (std::size_t i = 0; i < moved_.size(); ++i)
            for (const double where : {-infinity, infinity}) {
                std::copy_n(x, moved_.size(), moved_.begin());
                moved_[i] = std::nextafter(x[i], where);
                work_.function(moved_.data(), moved_gradient_.data());
                most = std::max(most, distance(gradient));
            }
        return most;
    }

    const long most_evaluations;
    long evaluations = 0;
    long hessians = 0;
    long products = 0;
    bool solved = false;
    bool overflowed = false;  ///< at the start
    /// At the solution; as long as there is none, at the point of the least gradient.
    double value = std::numeric_limits<double>::quiet_NaN();
    double least_gradient = infinity;

private:
    static constexpr double infinity = std::numeric_limits<double>::infinity();

    double distance(const std::vector<double>& gradient) const {
        double most = 0;
        for (std::size_t j = 0; j < moved_.size(); ++j)
            most = std::max(most, std::abs(moved_gradient_[j] - gradient[j]));
        return most;
    }

    void look(const double* x) {
        std::copy_n(x, last_.size(), last_.begin());
        last_value_ = work_.function(x, last_gradient_.data());
        if (over()) return;
        ++evaluations;
        double norm = std::isfinite(last_value_) ? 0 : infinity;
        for (const double g : last_gradient_)
            norm = std::isfinite(g) ? std::max(norm, std::abs(g)) : infinity;
        if (evaluations == 1) overflowed = norm == infinity;
        if (!(norm < least_gradient)) return;
        least_gradient = norm;
        value = last_value_;
        solved = norm <= tolerance || (near(x, norm) && norm <= noise(x, last_gradient_));
    }

    /// Whether it is worth looking at each coordinate: all moved by one ulp at once.
    bool near(const double* x, double norm) {
        for (std::size_t i = 0; i < moved_.size(); ++i) moved_[i] = std::nextafter(x[i], infinity);
        work_.function(moved_.data(), moved_gradient_.data());
        return norm <= 1000 * distance(last_gradient_);
    }

    const Work& work_;
    std::vector<double> last_;
    std::vector<double> last_gradient_;
    double last_value_ = 0;
    std::vector<double> moved_;
    std::vector<double> moved_gradient_;
};
