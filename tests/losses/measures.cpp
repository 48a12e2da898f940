// SPDX-License-Identifier: MIT
// Measures over whole sets of predictions against scikit-learn 1.2.1, and what a sample of losses
// says of the risk.

#include <cmath>
#include <limits>
#include <sstream>

#include <ermine/concepts/loss.hpp>
#include <ermine/losses/accuracy.hpp>
#include <ermine/losses/auc.hpp>
#include <ermine/losses/f1.hpp>
#include <ermine/losses/log_loss.hpp>
#include <ermine/losses/r2.hpp>
#include <ermine/losses/rmse.hpp>
#include <ermine/numerics/normal_quantile.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/risk_estimate.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::ArrayXd;

namespace {

const ArrayXd no_weights;
constexpr double nan_number = std::numeric_limits<double>::quiet_NaN();

ArrayXd predictions() {
    ArrayXd p(10);
    p << 2.5, -1.0, 0.3, 0.3, -0.7, 1.2, 0.3, -2.0, 0.8, -0.1;
    return p;
}

ArrayXd targets() {
    ArrayXd y(10);
    y << 1, -1, 1, -1, 1, 1, -1, -1, -1, 1;
    return y;
}

ArrayXd weights() {
    ArrayXd w(10);
    w << 1, 2, 0.5, 1.5, 3, 1, 0.25, 2, 1, 0.75;
    return w;
}

std::string text(const RiskEstimate& r) {
    std::ostringstream out;
    out << r;
    return out.str();
}

}  // namespace

TEST_CASE("measures agree with scikit-learn") {
    // accuracy_score, roc_auc_score, f1_score, log_loss, mean_squared_error ** 0.5, r2_score;
    // with sample_weight in the third column.
    const auto agrees = [](auto measure, double plain, double weighted) {
        STATIC_REQUIRE((Measure<decltype(measure)> && !Loss<decltype(measure)>));
        CAPTURE(measure.name);
        CHECK(measure.value(predictions(), targets(), no_weights) == Approx(plain).epsilon(1e-14));
        CHECK(measure.value(predictions(), targets(), weights()) ==
              Approx(weighted).epsilon(1e-14));
        // Equal weights are none; weight 2 is the example twice; floats and Maps are taken, too.
        CHECK(measure.value(predictions(), targets(), ArrayXd::Constant(10, 0.3)) ==
              Approx(plain).epsilon(1e-14));
        ArrayXd p(12), y(12), w = ArrayXd::Ones(10);
        p << predictions(), predictions().head(2);
        y << targets(), targets().head(2);
        w.head(2) = 2;
        CHECK(measure.value(p, y, no_weights) ==
              Approx(measure.value(predictions(), targets(), w)).epsilon(1e-14));
        const Eigen::ArrayXf single = predictions().cast<float>();
        CHECK(measure.value(single, targets(), no_weights) == Approx(plain).epsilon(1e-6));
        const ArrayXd kept = predictions();
        CHECK(measure.value(Eigen::Map<const Eigen::VectorXd>(kept.data(), 10), targets(),
                            no_weights) == Approx(plain).epsilon(1e-14));
        ArrayXd broken = predictions();
        broken(4) = nan_number;
        CHECK(std::isnan(measure.value(broken, targets(), no_weights)));
        CHECK_THROWS_WITH(measure.value(predictions().head(9), targets(), no_weights),
                          contains("9") && contains("10 targets"));
        CHECK_THROWS_WITH(measure.value(predictions(), targets(), weights().head(3)),
                          contains("3 weights"));
    };
    agrees(Accuracy{}, 0.5, 0.5);
    agrees(Auc{}, 0.68, 0.7333333333333333);
    agrees(F1{}, 0.5454545454545454, 0.43478260869565216);
    agrees(LogLoss{}, 0.6064111008504164, 0.6179851697281914);
    agrees(Rmse{}, 1.2041594578792296, 1.2499230745560672);
    agrees(R2{}, -0.4500000000000002, -0.5646222222222217);
}

TEST_CASE("accuracy and log-loss of several classes agree with scikit-learn") {
    Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> p(5, 3);
    p << 1, 0.5, -1, 0.2, 0.1, 0.9, -1, 2, 0.3, 0.4, 0.4, 0.1, 3, -2, 1.5;
    ArrayXd y(5), w(5);
    y << 0, 1, 1, 1, 2;
    w << 1, 2, 0.5, 1, 3;
    CHECK(Accuracy{}.value(p, y, no_weights) == Approx(0.4));
    CHECK(Accuracy{}.value(p, y, w) == Approx(0.2));
    CHECK(LogLoss{}.value(p, y, no_weights) == Approx(0.9889746087233695).epsilon(1e-14));
    CHECK(LogLoss{}.value(p, y, w) == Approx(1.2959877939918762).epsilon(1e-14));
}

TEST_CASE("measures at their limits") {
    const ArrayXd ones = ArrayXd::Ones(4);
    const ArrayXd p = Eigen::Array4d(-2, -1, 1, 2);
    const ArrayXd y = Eigen::Array4d(-1, -1, 1, 1);
    CHECK(Auc{}.value(p, y, no_weights) == 1);
    CHECK(Auc{}.value(-p, y, no_weights) == 0);
    CHECK(Auc{}.value(ones, y, no_weights) == 0.5);
    CHECK(std::isnan(Auc{}.value(p, ones, no_weights)));
    CHECK(F1{}.value(p, y, no_weights) == 1);
    CHECK(F1{}.value(-p, y, no_weights) == 0);
    CHECK(std::isnan(F1{}.value(-ones, -ones, no_weights)));
    CHECK(R2{}.value(p, p, no_weights) == 1);
    CHECK(R2{}.value(0 * p, p, no_weights) == 0);
    CHECK(R2{}.value(p, ones, no_weights) == -std::numeric_limits<double>::infinity());
    CHECK(LogLoss{}.value(-1e4 * y, y, no_weights) == 1e4);
    CHECK(std::isnan(Rmse{}.value(no_weights, no_weights, no_weights)));
}

TEST_CASE("AUC is the share of pairs in the right order") {
    Random random(1);
    ArrayXd p(300), y(300), w(300);
    for (Index i = 0; i < 300; ++i) {
        p(i) = std::round(5 * random.normal());
        y(i) = random.below(3) == 0 ? 1 : -1;
        w(i) = random.uniform();
    }
    double won = 0;
    double pairs = 0;
    for (Index i = 0; i < 300; ++i)
        for (Index j = 0; j < 300; ++j)
            if (y(i) > 0 && y(j) < 0) {
                won += w(i) * w(j) * (p(i) > p(j) ? 1 : p(i) == p(j) ? 0.5 : 0);
                pairs += w(i) * w(j);
            }
    CHECK(Auc{}.value(p, y, w) == Approx(won / pairs).epsilon(1e-12));
}

TEST_CASE("normal quantiles agree with SciPy's") {
    // scipy.stats.norm.ppf
    CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-15));
    CHECK(normal_quantile(1e-300) == Approx(-37.0470962993612).epsilon(1e-14));
    CHECK(normal_quantile(1e-10) == Approx(-6.361340902404056).epsilon(1e-15));
    CHECK(normal_quantile(0.3) == Approx(-0.5244005127080409).epsilon(1e-14));
    CHECK(normal_quantile(0.84) == Approx(0.994457883209753).epsilon(1e-14));
    CHECK(std::abs(normal_quantile(0.5)) < 1e-16);
    for (double p = 1e-6; p < 1; p += 0.000997)
        REQUIRE(0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0)) == Approx(p).epsilon(1e-14));
    CHECK(normal_quantile(0) == -std::numeric_limits<double>::infinity());
    CHECK(normal_quantile(1) == std::numeric_limits<double>::infinity());
    CHECK(std::isnan(normal_quantile(-0.1)));
    CHECK(std::isnan(normal_quantile(nan_number)));
}

TEST_CASE("a risk estimate is the mean with its standard error") {
    const ArrayXd losses = Eigen::Array4d(1, 2, 3, 6);
    const RiskEstimate r = estimate_risk(losses);
    CHECK(r.mean == 3);
    CHECK(r.standard_error == Approx(std::sqrt(14.0 / 3 / 4)));  // s² = (4 + 1 + 0 + 9) / 3
    CHECK((r.n == 4 && r.effective_n == 4));
    const RiskEstimate same = estimate_risk(losses, ArrayXd::Constant(4, 0.1));
    CHECK(same.standard_error == Approx(r.standard_error).epsilon(1e-14));
    CHECK(same.effective_n == Approx(4));
    const RiskEstimate part = estimate_risk(losses, Eigen::Array4d(1, 1, 1, 0));
    const RiskEstimate three = estimate_risk(losses.head(3));
    CHECK((part.mean == three.mean && part.n == 3));
    CHECK(part.standard_error == Approx(three.standard_error).epsilon(1e-14));
    CHECK(std::isnan(estimate_risk(losses.head(1)).standard_error));
    CHECK_THROWS_WITH(estimate_risk(ArrayXd{}), contains("no losses"));
    CHECK_THROWS_WITH(estimate_risk(losses, ArrayXd::Ones(3)), contains("3 weights for 4"));
}

TEST_CASE("intervals are the formulas, and are refused without sense") {
    const RiskEstimate r{0.2, 0.01, 1600, 1600};
    CHECK(r.interval(0.95).upper == Approx(0.2 + 1.959963984540054 * 0.01));
    CHECK(r.interval().lower == Approx(0.2 - 1.959963984540054 * 0.01));
    CHECK(r.hoeffding(0.95, 2).upper == Approx(0.2 + 2 * std::sqrt(std::log(40.0) / 3200)));
    CHECK(r.empirical_bernstein(0.95, 1).lower ==
          Approx(0.2 - 0.01 * std::sqrt(2 * std::log(80.0)) - 7 * std::log(80.0) / (3 * 1599)));
    CHECK_THROWS_WITH(r.interval(1), contains("level is 1"));
    CHECK_THROWS_WITH(r.hoeffding(95, 1), contains("level is 95"));
    CHECK_THROWS_WITH(r.hoeffding(0.95, 0), contains("range is 0"));
    CHECK_THROWS_WITH(r.empirical_bernstein(0.95, nan_number), contains("range is nan"));
}

TEST_CASE("a risk estimate prints as many digits as it knows") {
    CHECK(text({0.148, 0.003, 6512, 6512}) == "0.148 ± 0.003 (n = 6512)");
    CHECK(text({0.148, 0.00114, 6512, 6512}) == "0.1480 ± 0.0011 (n = 6512)");
    CHECK(text({0.5, 0.0998, 10, 10}) == "0.50 ± 0.10 (n = 10)");
    CHECK(text({14800.3, 96, 10, 10}) == "14800 ± 96 (n = 10)");
    CHECK(text({0, 0, 10, 10}) == "0 ± 0 (n = 10)");
    CHECK(text({1e-20, 1e-21, 10, 10}) == "1e-20 ± 1e-21 (n = 10)");
    CHECK(text({4, nan_number, 1, 1}) == "4 ± nan (n = 1)");
}

TEST_CASE("intervals cover the risk as often as they say") {
    Random random(7);
    const auto coverage = [&](double chance, Index n, double level, bool weighted) {
        struct {
            double normal = 0, hoeffding = 0, bernstein = 0;
        } covered;
        constexpr int trials = 4000;
        ArrayXd losses(n), w(n);
        for (int trial = 0; trial < trials; ++trial) {
            for (Index i = 0; i < n; ++i) {
                losses(i) = random.uniform() < chance ? 1 : 0;
                w(i) = weighted ? 0.2 + random.uniform() : 1;
            }
            const RiskEstimate r = estimate_risk(losses, w);
            const auto covers = [&](const Interval& interval) {
                return interval.lower <= chance && chance <= interval.upper ? 1.0 / trials : 0.0;
            };
            covered.normal += covers(r.interval(level));
            covered.hoeffding += covers(r.hoeffding(level, 1));
            covered.bernstein += covers(r.empirical_bernstein(level, 1));
        }
        return covered;
    };
    // Four standard errors of a simulated coverage of 0.9 are 0.019.
    for (const bool weighted : {false, true}) {
        const auto middle = coverage(0.3, 400, 0.9, weighted);
        CHECK(middle.normal == Approx(0.9).margin(0.02));
        CHECK(middle.hoeffding >= 0.9);
        CHECK(middle.bernstein >= 0.9);
        const auto rare = coverage(0.02, 400, 0.9, weighted);
        CHECK(rare.normal == Approx(0.9).margin(0.04));
        CHECK(rare.hoeffding >= 0.9);
        CHECK(rare.bernstein >= 0.9);
    }
    // Where losses vary little, empirical Bernstein is the shorter one.
    const RiskEstimate rare{0.01, std::sqrt(0.01 * 0.99 / 1e4), 10000, 1e4};
    CHECK(rare.empirical_bernstein(0.95, 1).upper < rare.hoeffding(0.95, 1).upper);
}
