// SPDX-License-Identifier: MIT
#include "race.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <thread>
#include <utility>

#include "ermine_auto.hpp"
#include "judge.hpp"
#include "liblinear.hpp"
#include "optimum.hpp"

namespace linear {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

double median(std::vector<double> numbers) {
    std::sort(numbers.begin(), numbers.end());
    return numbers[numbers.size() / 2];
}

bool is_liblinear(const Way& way) { return way.contestant.starts_with("liblinear"); }

/// One problem's race.
class Race {
public:
    Race(const Problem& problem, const Effort& effort, ScikitLearns& scikit_learns)
        : problem_(problem), effort_(effort), learns_(scikit_learns), liblinear_(problem) {
        outcome_.problem = problem.name;
    }

    Outcome run() {
        prove();
        sweep();
        for (const double accuracy : accuracies) measure(accuracy);
        // some contestant may have gone below the judge's own answer
        for (const Attempt& attempt : outcome_.attempts) lower(attempt.value);
        outcome_.proof = (outcome_.optimum - dual_) / dual_;
        return std::move(outcome_);
    }

private:
    const Problem& problem_;
    const Effort& effort_;
    ScikitLearns& learns_;
    Liblinear liblinear_;
    Outcome outcome_;
    double dual_ = 0;

    void lower(double value) { outcome_.optimum = std::min(outcome_.optimum, value); }

    Fit ermine(double accuracy, int threads) {
        return ermine_auto(problem_, accuracy, effort_.cap, threads);
    }

    Fit fit(const Way& way, double knob, int threads, bool active) {
        // threads that ran before stop spinning
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        if (is_liblinear(way))
            return liblinear_.fit(std::atoi(way.contestant.c_str() + sizeof "liblinear -s"),
                                  std::pow(10, -knob), effort_.cap);
        ScikitLearn& learn = threads == 1 ? learns_.one : active ? learns_.active : learns_.passive;
        return learn.fit(problem_, way, std::lround(std::exp2(knob)), 0, effort_.cap);
    }

    /// The optimum, from the best answer that some contestant has at its tightest.
    void prove() {
        Eigen::VectorXd start = Eigen::VectorXd::Zero(problem_.parameters());
        double least = value_at(problem_, start);
        const auto consider = [&](const Fit& fit) {
            if (!fit.ended()) return;
            const double value = value_at(problem_, fit.w);
            if (!(value < least)) return;
            least = value;
            start = fit.w;
        };
        const Fit tightest = ermine(1e-11, 2);
        consider(tightest);
        const bool kinks = problem_.loss == Loss::hinge || problem_.penalty == Penalty::l1;
        if (kinks && !(tightest.gap <= 1e-4 * least)) {
            for (const int solver : liblinear_.solvers())
                for (const double eps : {1e-2, 1e-5}) consider(liblinear_.fit(solver, eps, 10));
        }
        const Optimum optimum = polished(problem_, start);
        outcome_.optimum = std::min(optimum.bounds.primal, least);
        dual_ = optimum.bounds.dual;
    }

    [[nodiscard]] bool reached(const Attempt& attempt, double accuracy) const {
        return outcome_.suboptimality(attempt.value) <= accuracy;
    }

    /// The least seconds of a peer to this accuracy so far, at most the cap.
    [[nodiscard]] double best(double accuracy) const {
        double least = effort_.cap;
        for (const Attempt& attempt : outcome_.attempts)
            if (attempt.way.contestant != "ermine auto" && reached(attempt, accuracy))
                least = std::min(least, attempt.seconds);
        return least;
    }

    /// Tries the settings of a peer, from loose to tight, until it is at the last accuracy or
    /// cannot be the fastest anywhere, and then between those that decide.
    void sweep(const Way& way) {
        const bool eps = is_liblinear(way);
        const bool newton = way.contestant.find("newton") != std::string::npos;
        const double first = eps ? 1 : newton ? 0 : 2;
        const double last = eps ? 10 : 17;
        std::vector<Attempt> own;
        bool more = true;
        const auto attempt = [&](double knob) {
            Attempt now{.way = way, .knob = knob};
            const Fit answer = fit(way, knob, 1, false);
            now.seconds = answer.seconds;
            if (answer.ended()) {
                now.value = value_at(problem_, answer.w);
                lower(now.value);
                outcome_.attempts.push_back(now);
            }
            more = answer.ended() &&
                   (eps || answer.rounds == 0 || answer.rounds >= std::lround(std::exp2(knob)));
            return now;
        };
        for (double knob = first; more && knob <= last; ++knob) {
            own.push_back(attempt(knob));
            if (reached(own.back(), accuracies.back()) ||
                own.back().seconds > 1.2 * best(accuracies.back()))
                break;
        }
        for (const double accuracy : accuracies) {
            const auto there = std::find_if(own.begin(), own.end(),
                                            [&](const Attempt& a) { return reached(a, accuracy); });
            if (there == own.end() || there == own.begin()) continue;
            double low = (there - 1)->knob;
            double high = there->knob;
            if ((there - 1)->seconds > best(accuracy)) continue;
            for (int k = 0; k < effort_.refinements; ++k) {
                const double middle = (low + high) / 2;
                if (!eps && std::lround(std::exp2(middle)) == std::lround(std::exp2(low))) break;
                if (!eps && std::lround(std::exp2(middle)) == std::lround(std::exp2(high))) break;
                (reached(attempt(middle), accuracy) ? high : low) = middle;
            }
        }
    }

    void sweep() {
        const auto begin = Clock::now();
        std::vector<Way> ways;
        for (const int solver : liblinear_.solvers())
            ways.push_back({"liblinear -s " + std::to_string(solver)});
        for (const Way& way : scikit_learn_ways(problem_)) ways.push_back(way);
        if (effort_.few_peers && problem_.penalty == Penalty::l2)
            std::erase_if(ways, [](const Way& way) {
                return way.contestant.find(" sag") != std::string::npos ||
                       way.contestant.ends_with("newton-cg");
            });
        for (const Way& way : ways) {
            if (seconds_since(begin) > effort_.sweep_seconds) {
                outcome_.untried.push_back(way.name());
                continue;
            }
            sweep(way);
        }
    }

    /// The fastest attempt of each peer at this accuracy, none slower than so many times the best.
    [[nodiscard]] std::vector<Attempt> candidates(double accuracy, double factor) const {
        std::vector<Attempt> all;
        for (const Attempt& attempt : outcome_.attempts) {
            if (attempt.way.contestant == "ermine auto" || !reached(attempt, accuracy)) continue;
            const auto same = std::find_if(all.begin(), all.end(), [&](const Attempt& a) {
                return a.way.name() == attempt.way.name();
            });
            if (same == all.end())
                all.push_back(attempt);
            else if (attempt.seconds < same->seconds)
                *same = attempt;
        }
        const double most = factor * best(accuracy);
        std::erase_if(all, [&](const Attempt& a) { return a.seconds > most; });
        return all;
    }

    struct Runner {
        Attempt attempt;
        bool active = false;
        std::vector<double> seconds = {};

        /// How often it is timed, by how long it takes.
        [[nodiscard]] std::size_t repeats() const {
            if (seconds.empty()) return 1;
            return seconds.front() < 0.05 ? 9 : seconds.front() < 1 ? 3 : 1;
        }
    };

    void measure(double accuracy) {
        std::vector<Runner> runners;
        std::vector<Cell> cells;
        for (int threads = 1; threads <= (effort_.two_threads ? 2 : 1); ++threads) {
            cells.push_back({.accuracy = accuracy, .threads = threads});
            runners.push_back({{.way = {"ermine auto"}, .threads = threads}});
        }
        for (Attempt& peer : candidates(accuracy, 1.2)) runners.push_back({std::move(peer)});
        if (effort_.two_threads)
            for (Attempt& peer : candidates(accuracy, 2.4)) {
                if (!peer.way.threaded) continue;
                peer.threads = 2;
                runners.push_back({peer, false});
                runners.push_back({peer, true});
            }
        bool more = true;
        for (std::size_t round = 0; more; ++round) {
            more = false;
            for (Runner& runner : runners) {
                if (round >= runner.repeats()) continue;
                run(runner, accuracy, cells);
                more = true;
            }
        }
        for (Cell& cell : cells) {
            cell.peer.seconds = effort_.cap;
            for (const Runner& runner : runners) {
                Attempt now = runner.attempt;
                now.seconds = median(runner.seconds);
                if (now.way.contestant == "ermine auto") {
                    if (now.threads == cell.threads) cell.seconds = now.seconds;
                } else if (now.threads <= cell.threads && now.seconds < cell.peer.seconds) {
                    cell.peer = now;
                    cell.peer_solved = true;
                }
            }
            cell.solved = cell.solved && cell.seconds < effort_.cap;
            if (!cell.solved) cell.seconds = effort_.cap;
            outcome_.cells.push_back(cell);
        }
    }

    void run(Runner& runner, double accuracy, std::vector<Cell>& cells) {
        Attempt& attempt = runner.attempt;
        if (attempt.way.contestant != "ermine auto") {
            const Fit answer = fit(attempt.way, attempt.knob, attempt.threads, runner.active);
            runner.seconds.push_back(std::min(answer.seconds, effort_.cap));
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        const Fit answer = ermine(accuracy, attempt.threads);
        runner.seconds.push_back(std::min(answer.seconds, effort_.cap));
        if (runner.seconds.size() > 1 || !answer.ended()) return;
        Cell& cell = cells[static_cast<std::size_t>(attempt.threads) - 1];
        attempt.value = value_at(problem_, answer.w);
        attempt.seconds = answer.seconds;
        lower(attempt.value);
        cell.suboptimality = outcome_.suboptimality(attempt.value);
        cell.gap = answer.gap / outcome_.optimum;
        cell.solved = cell.suboptimality <= accuracy;
        outcome_.attempts.push_back(attempt);
    }
};

}  // namespace

std::string Attempt::setting() const {
    char text[40];
    if (is_liblinear(way))
        std::snprintf(text, sizeof text, "-e %.1e", std::pow(10, -knob));
    else
        std::snprintf(text, sizeof text, "max_iter %ld", std::lround(std::exp2(knob)));
    return text;
}

ScikitLearns::ScikitLearns(const std::string& folder)
    : one(folder, 1, "passive"), passive(folder, 2, "passive"), active(folder, 2, "active") {}

Outcome race(const Problem& problem, const Effort& effort, ScikitLearns& scikit_learns,
             const std::string& folder) {
    if (!scikit_learn_ways(problem).empty()) write_for_scikit_learn(problem, folder);
    for (ScikitLearn* learn : {&scikit_learns.one, &scikit_learns.passive, &scikit_learns.active})
        learn->forget();
    return Race(problem, effort, scikit_learns).run();
}

}  // namespace linear
