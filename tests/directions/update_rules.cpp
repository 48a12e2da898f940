// SPDX-License-Identifier: MIT
// Each update rule against the paper's recursion written naively, and against PyTorch's numbers.
#include "ermine_catch.hpp"
#include "same_bytes.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <ermine/directions/annealed_noise.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/clip_by_value.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/solvers/adaptive_methods.hpp>

using namespace ermine;
using Eigen::VectorXd;
using Eigen::VectorXf;

namespace {

constexpr int coordinates = 37;  // whole packets and a rest
constexpr int steps = 200;

/// Numbers in [−1, 1) that are exact in float and that any language computes alike:
/// scripts/check_updates has the same.
class Sequence {
public:
    double next() {
        state_ = (state_ * 1103515245U + 12345U) % 2147483648U;
        return static_cast<double>(state_ >> 11) / 524288 - 1;
    }

private:
    std::uint64_t state_ = 1;
};

/// A starting point and the gradients of all steps, whatever the point: of sizes from 1/16 to 16,
/// around means that are not zero; every fifth coordinate has none in four of five steps.
struct Given {
    std::vector<double> start;
    std::vector<std::vector<double>> gradients;
};

const Given& given() {
    static const Given numbers = [] {
        Sequence sequence;
        Given made;
        for (int i = 0; i < coordinates; ++i) made.start.push_back(2 * sequence.next());
        for (int t = 0; t < steps; ++t) {
            auto& gradient = made.gradients.emplace_back();
            for (int i = 0; i < coordinates; ++i) {
                const double size = std::ldexp(1.0, i % 9 - 4);
                const double number = size * (sequence.next() + 0.25);
                gradient.push_back(i % 5 == 4 && t % 5 != 2 ? 0 : number);
            }
        }
        return made;
    }();
    return numbers;
}

/// The function whose gradients are given, one after the other.
template <class V>
struct Fixed {
    mutable std::size_t calls = 0;

    double value(const V&) const { return 0; }

    double value_and_gradient(const V&, V& gradient) const {
        const auto& numbers = given().gradients[calls++ % steps];
        for (Index i = 0; i < gradient.size(); ++i)
            gradient[i] = static_cast<typename V::Scalar>(numbers[static_cast<std::size_t>(i)]);
        return 0;
    }
};

/// One whose gradient is the same everywhere, made by a function of the coordinate.
template <class G>
struct GivenBy {
    G gradient_at;

    double value(const VectorXf&) const { return 0; }

    double value_and_gradient(const VectorXf&, VectorXf& gradient) const {
        for (Index i = 0; i < gradient.size(); ++i) gradient[i] = gradient_at(i);
        return 0;
    }
};

void use_threads([[maybe_unused]] int threads) {
#ifdef _OPENMP
    omp_set_num_threads(threads);
#endif
}

/// The point after all steps. With `resume`, what the parts say they remember is moved to a fresh
/// state half way.
template <class Scalar>
std::vector<double> run(const auto& method, bool resume = false) {
    using V = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
    const Fixed<V> f;
    V x(coordinates);
    for (Index i = 0; i < x.size(); ++i)
        x[i] = static_cast<Scalar>(given().start[static_cast<std::size_t>(i)]);
    auto state = method.start(f, x);
    for (int t = 0; t < steps; ++t) {
        if (resume && t == steps / 2) {
            auto fresh = method.start(Fixed<V>{}, x);
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                ((std::get<I>(fresh.directions).fields() = std::get<I>(state.directions).fields()),
                 ...);
            }(std::make_index_sequence<std::tuple_size_v<decltype(state.directions)>>{});
            state.directions = fresh.directions;
        }
        REQUIRE(method.advance(f, state) == Outcome::advanced);
    }
    return {state.here.x.begin(), state.here.x.end()};
}

/// One coordinate's rule: from the gradient and the point at step t = 1, 2, … to the next point.
using Recursion = std::function<double(int t, double x, double g)>;

/// A rule by its name in the table of PyTorch's numbers, as ermine runs it and as the paper says.
struct Rule {
    std::string name;
    std::function<std::vector<double>()> in_double;
    std::function<std::vector<double>()> in_float;
    std::function<std::vector<double>()> resumed;
    std::function<Recursion()> naive;  // one with fresh memory
};

Rule rule(std::string name, double step, const auto& directions, std::function<Recursion()> naive) {
    const auto method = FullGradient{} | directions | Constant{.size = step};
    return {std::move(name), [method] { return run<double>(method); },
            [method] { return run<float>(method); }, [method] { return run<double>(method, true); },
            std::move(naive)};
}

/// Adam's averages, with their biases corrected.
struct Averages {
    double beta1 = 0.9, beta2 = 0.999, m = 0, v = 0, mean = 0, mean_square = 0;

    void add(int t, double g) {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        mean = m / (1 - std::pow(beta1, t));
        mean_square = v / (1 - std::pow(beta2, t));
    }
};

Recursion naive_momentum(double step, double decay, bool nesterov, double coupled) {
    return [=, m = 0.0](int, double x, double g) mutable {
        g += coupled * x;
        m = decay * m + g;
        return x - step * (nesterov ? g + decay * m : m);
    };
}

Recursion naive_adagrad(double step) {
    return [=, s = 0.0](int, double x, double g) mutable {
        s += g * g;
        return x - step * g / (std::sqrt(s) + 1e-10);
    };
}

Recursion naive_rmsprop(double step, bool centred, double momentum) {
    return [=, v = 0.0, m = 0.0, u = 0.0](int, double x, double g) mutable {
        v = 0.99 * v + 0.01 * g * g;
        m = 0.99 * m + 0.01 * g;
        u = momentum * u + g / (std::sqrt(centred ? v - m * m : v) + 1e-8);
        return x - step * u;
    };
}

Recursion naive_adadelta(double step) {
    return [=, v = 0.0, u = 0.0](int, double x, double g) mutable {
        v = 0.9 * v + 0.1 * g * g;
        const double d = std::sqrt(u + 1e-6) / std::sqrt(v + 1e-6) * g;
        u = 0.9 * u + 0.1 * d * d;
        return x - step * d;
    };
}

Recursion naive_adam(double step, Averages memory, double coupled, double decoupled) {
    return [=](int t, double x, double g) mutable {
        memory.add(t, g + coupled * x);
        return x - step * decoupled * x -
               step * memory.mean / (std::sqrt(memory.mean_square) + 1e-8);
    };
}

Recursion naive_amsgrad(double step) {
    return [=, memory = Averages{}, largest = 0.0](int t, double x, double g) mutable {
        memory.add(t, g);
        largest = std::max(largest, memory.v);
        return x -
               step * memory.mean / (std::sqrt(largest / (1 - std::pow(memory.beta2, t))) + 1e-8);
    };
}

Recursion naive_nadam(double step) {
    return [=, memory = Averages{}, product = 1.0](int t, double x, double g) mutable {
        const auto mu = [](int at) { return 0.9 * (1 - 0.5 * std::pow(0.96, at * 0.004)); };
        memory.add(t, g);
        product *= mu(t);
        const double mean =
            mu(t + 1) * memory.m / (1 - product * mu(t + 1)) + (1 - mu(t)) * g / (1 - product);
        return x - step * mean / (std::sqrt(memory.mean_square) + 1e-8);
    };
}

Recursion naive_radam(double step) {
    return [=, memory = Averages{}](int t, double x, double g) mutable {
        memory.add(t, g);
        const double left = std::pow(memory.beta2, t);
        const double limit = 2 / (1 - memory.beta2) - 1;
        const double rho = limit - 2 * t * left / (1 - left);
        if (rho <= 5) return x - step * memory.mean;
        const double r =
            std::sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho));
        return x - step * r * memory.mean * std::sqrt(1 - left) / (std::sqrt(memory.v) + 1e-8);
    };
}

Recursion naive_lion(double step, double decoupled) {
    return [=, m = 0.0](int, double x, double g) mutable {
        const double c = 0.9 * m + (1 - 0.9) * g;
        m = 0.99 * m + (1 - 0.99) * g;
        return x - step * ((c > 0) - (c < 0) + decoupled * x);
    };
}

Recursion naive_clipped_adam(double step) {
    return [adam = naive_adam(step, {}, 0, 0)](int t, double x, double g) mutable {
        return adam(t, x, std::clamp(g, -0.5, 0.5) + 0.01 * x);
    };
}

const std::vector<Rule>& rules() {
    static const std::vector<Rule> all{
        rule("momentum", 0.01, Momentum{}, [] { return naive_momentum(0.01, 0.9, false, 0); }),
        rule("nesterov", 0.01, WeightDecay{.rate = 0.1} | Momentum{.decay = 0.8, .nesterov = true},
             [] { return naive_momentum(0.01, 0.8, true, 0.1); }),
        rule("adagrad", 0.05, AdaGrad{}, [] { return naive_adagrad(0.05); }),
        rule("rmsprop", 0.01, RMSProp{}, [] { return naive_rmsprop(0.01, false, 0); }),
        rule("rmsprop centred", 0.002, RMSProp{.centred = true} | Momentum{},
             [] { return naive_rmsprop(0.002, true, 0.9); }),
        rule("adadelta", 1, AdaDelta{}, [] { return naive_adadelta(1); }),
        rule("adam", 0.01, Adam{.beta1 = 0.8, .beta2 = 0.99},
             [] { return naive_adam(0.01, {.beta1 = 0.8, .beta2 = 0.99}, 0, 0); }),
        rule("adam coupled", 0.01, WeightDecay{.rate = 0.1} | Adam{},
             [] { return naive_adam(0.01, {}, 0.1, 0); }),
        rule("adamw", 0.01, Adam{} | WeightDecay{.rate = 0.1},
             [] { return naive_adam(0.01, {}, 0, 0.1); }),
        rule("amsgrad", 0.01, AMSGrad{}, [] { return naive_amsgrad(0.01); }),
        rule("nadam", 0.01, NAdam{}, [] { return naive_nadam(0.01); }),
        rule("radam", 0.01, RAdam{}, [] { return naive_radam(0.01); }),
        rule("lion", 0.01, Lion{} | WeightDecay{.rate = 0.1}, [] { return naive_lion(0.01, 0.1); }),
        rule("clipped adam", 0.01, ClipByValue{0.5} | WeightDecay{.rate = 0.01} | Adam{},
             [] { return naive_clipped_adam(0.01); }),
    };
    return all;
}

std::vector<double> by_recursion(const std::function<Recursion()>& fresh) {
    std::vector<double> points;
    for (std::size_t i = 0; i < coordinates; ++i) {
        const Recursion next = fresh();
        double x = given().start[i];
        for (std::size_t t = 0; t < steps; ++t)
            x = next(static_cast<int>(t) + 1, x, given().gradients[t][i]);
        points.push_back(x);
    }
    return points;
}

/// The first coordinates' points in double, by PyTorch 1.13: `scripts/check_updates … --table`.
const std::map<std::string, std::vector<double>> by_pytorch{
    {"momentum",
     {-0.161388341836921, -1.882744761639548, -2.1605088338961167, -2.3599654208444316,
      0.9368362019268607}},
    {"nesterov",
     {-0.05842995173773453, -0.6760584303704961, -0.7391273987800254, -0.7918218424947202,
      0.3391653290983202}},
    {"adagrad",
     {-0.26204138036124686, -1.609757362921592, -1.3848255286925866, -0.4957967651674764,
      1.6121028087761728}},
    {"rmsprop",
     {-0.7436355433841801, -2.1071218695572913, -2.21976668172334, -1.3287173460668216,
      1.362569568570716}},
    {"rmsprop centred",
     {-1.4675196026392083, -2.935459179640349, -3.7457495984140343, -2.8489902643812615,
      0.9484110536259499}},
    {"adadelta",
     {-0.1415583992200699, -1.5726247215036226, -1.0106410763572737, -0.15545528161236263,
      1.7593858020533777}},
    {"adam",
     {-0.5597587928192599, -2.0035880441737843, -1.6878340496774755, -0.7084190765580199,
      1.473013688230084}},
    {"adam coupled",
     {-0.13987446891737468, -0.44919733368334785, -0.7367202638271946, -0.5680256933542029,
      0.6952654120582186}},
    {"adamw",
     {-0.5082094757086976, -1.6977290840468824, -1.472094542037705, -0.6510769487148353,
      1.1691061584653362}},
    {"amsgrad",
     {-0.5457298218818748, -1.9860782933225143, -1.7001822747233115, -0.7048226557407691,
      1.4712201273466357}},
    {"nadam",
     {-0.5646953523145984, -2.0199916034272256, -1.6678774590705026, -0.6767683582762646,
      1.4747423354860825}},
    {"radam",
     {-0.07883846868630982, -1.4572177174511605, -0.9587290670047586, -0.032539529584797174,
      1.7160599241747323}},
    {"clipped adam",
     {-0.4615962888340176, -1.6585484526398635, -1.5772323431953656, -0.6757334376182786,
      1.3617547354096091}},
};

double worst(const std::vector<double>& ours, const std::vector<double>& theirs) {
    double worst = ours.size() == theirs.size() ? 0 : std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i)
        worst = std::max(worst, std::abs(ours[i] - theirs[i]) / std::max(1.0, std::abs(theirs[i])));
    return worst;
}

}  // namespace

TEST_CASE("200 steps of each update rule are those of its recursion") {
    for (const Rule& rule : rules()) {
        CAPTURE(rule.name);
        const std::vector<double> expected = by_recursion(rule.naive);
        CHECK(worst(rule.in_double(), expected) <= 1e-12);
        CHECK(worst(rule.in_float(), expected) <= 2e-5);
    }
}

TEST_CASE("200 steps of each update rule that PyTorch has end where PyTorch does") {
    int compared = 0;
    for (const Rule& rule : rules()) {
        const auto theirs = by_pytorch.find(rule.name);
        if (theirs == by_pytorch.end()) continue;
        CAPTURE(rule.name);
        std::vector<double> ours = rule.in_double();
        ours.resize(theirs->second.size());
        CHECK(worst(ours, theirs->second) <= 1e-12);
        ours = rule.in_float();
        ours.resize(theirs->second.size());
        CHECK(worst(ours, theirs->second) <= 2e-5);
        ++compared;
    }
    CHECK(compared == 13);
}

TEST_CASE("a rule that goes on from its saved fields ends at the same bits") {
    for (const Rule& rule : rules()) {
        CAPTURE(rule.name);
        CHECK(rule.resumed() == rule.in_double());
    }
}

TEST_CASE("vectors of fixed size take the same steps") {
    const auto method = FullGradient{} | ClipByNorm{3} | AnnealedNoise{} | Momentum{} | AdaGrad{} |
                        RMSProp{.centred = true} | AdaDelta{} | Adam{} | AMSGrad{} | NAdam{} |
                        RAdam{} | Lion{} | WeightDecay{} | Constant{.size = 0.01};
    const Fixed<Eigen::Vector3f> f3;
    const Fixed<VectorXf> fx;
    auto fixed = method.start(f3, Eigen::Vector3f{1, 2, -3});
    auto dynamic = method.start(fx, VectorXf{{1, 2, -3}});
    for (int t = 0; t < 50; ++t) {
        REQUIRE(method.advance(f3, fixed) == Outcome::advanced);
        REQUIRE(method.advance(fx, dynamic) == Outcome::advanced);
    }
    CHECK((fixed.here.x - dynamic.here.x).norm() <= 1e-5F);
    CHECK((fixed.here.x - Eigen::Vector3f{1, 2, -3}).norm() > 0.01F);
}

TEST_CASE("a long vector takes the same bits on any number of threads") {
    const Index n = 300'001;
    const auto gradient = [](Index i) { return static_cast<float>((i * 7919) % 1009) / 100 - 5; };
    const auto points = [&](int threads) {
        use_threads(threads);
        const auto method = FullGradient{} | ClipByNorm{500} | AnnealedNoise{.seed = 3} |
                            Momentum{} | ClipByNorm{400} | Adam{} | WeightDecay{} |
                            Constant{.size = 0.01};
        const GivenBy<decltype(gradient)> f{gradient};
        auto state = method.start(f, VectorXf::Ones(n).eval());
        for (int t = 0; t < 5; ++t) REQUIRE(method.advance(f, state) == Outcome::advanced);
        use_threads(1);
        return state.here.x;
    };
    const VectorXf one = points(1);
    for (const int threads : {2, 3, 5}) CHECK(same_bytes(one, points(threads)));
}

TEST_CASE("clipping by norm measures what squares in float cannot hold") {
    for (const float size : {1e-30F, 1e-3F, 1e3F, 1e25F}) {
        const VectorXf d = VectorXf::Constant(1000, size);
        const double exact = 1000 * double{size} * double{size};
        CHECK(std::abs(ClipByNorm{}.measure(d) - exact) <= 1e-5 * exact);
    }
    CHECK(ClipByNorm{}.measure(VectorXf::Zero(1000).eval()) == 0);
    CHECK_FALSE(std::isfinite(ClipByNorm{}.measure(VectorXd::Constant(3, 1e200).eval())));
}

TEST_CASE("annealed noise has the variance that it should, however the vector is cut") {
    const Index n = 200'000;
    const AnnealedNoise noise{.variance = 0.3, .decay = 0.55, .seed = 5};
    VectorXd before;
    for (const std::int64_t iteration : {0, 1, 1000}) {
        const Clock clock{.iteration = iteration};
        auto state = noise.start(0, 0);
        noise.begin(state, clock);
        VectorXd d = VectorXd::Zero(n);
        noise.apply(d, state, Stretch<>{0, n}, clock);
        const double variance = 0.3 / std::pow(1 + static_cast<double>(iteration), 0.55);
        const double count = static_cast<double>(n);
        CHECK(std::abs(d.mean()) <= 4 * std::sqrt(variance / count));
        CHECK(std::abs(d.squaredNorm() / count / variance - 1) <= 4 * std::sqrt(2 / count));
        // neither neighbours nor iterations are correlated
        CHECK(std::abs(d.head(n - 1).dot(d.tail(n - 1))) / count / variance <=
              4 / std::sqrt(count));
        if (before.size() != 0)
            CHECK(std::abs(before.dot(d)) / before.norm() / d.norm() <= 4 / std::sqrt(count));
        before = d;

        VectorXd parts = VectorXd::Zero(n);
        for (Index at = 0; at < n; at += 777) {
            const Stretch<> stretch{at, std::min<Index>(777, n - at)};
            noise.apply(stretch(parts), state, stretch, clock);
        }
        CHECK(same_bytes(d, parts));
    }
}

TEST_CASE("a square that overflows ends the run: its coordinate does not stop silently") {
    const auto ends = [](const auto& direction) {
        const auto method = FullGradient{} | direction | Constant{.size = 0.01};
        const auto huge = [](Index i) { return i == 1 ? 1e20F : 1.0F; };
        const GivenBy<decltype(huge)> f{huge};
        auto state = method.start(f, VectorXf::Ones(40).eval());
        return method.advance(f, state) == Outcome::non_finite;
    };
    CHECK(ends(AdaGrad{}));
    CHECK(ends(RMSProp{}));
    CHECK(ends(AdaDelta{}));
    CHECK(ends(Adam{}));
    CHECK(ends(AMSGrad{}));
    CHECK(ends(NAdam{}));
}

TEST_CASE("centred RMSProp survives gradients that have no variance") {
    const auto method = FullGradient{} | RMSProp{.centred = true} | Constant{.size = 1e-4};
    const auto constant = [](Index i) { return 0.1F * static_cast<float>(i + 1); };
    const GivenBy<decltype(constant)> f{constant};
    auto state = method.start(f, VectorXf::Zero(40).eval());
    for (int t = 0; t < 5000; ++t) REQUIRE(method.advance(f, state) == Outcome::advanced);
    const VectorXf before = state.here.x;
    REQUIRE(method.advance(f, state) == Outcome::advanced);
    // one step of at most 1e-4 / √ε
    CHECK((state.here.x - before).lpNorm<Eigen::Infinity>() <= 0.3F);
}

TEST_CASE("options of update rules that make no sense are refused by name") {
    const Eigen::Vector2d x{1, 2};
    const auto refused = [&](const auto& part, const std::string& option) {
        CHECK_THROWS_WITH(part.start(0, x), Catch::Matchers::StartsWith(option + " is "));
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    refused(Momentum{.decay = 1}, "Momentum.decay");
    refused(Momentum{.decay = -0.1, .nesterov = true}, "Momentum.decay");
    refused(AdaGrad{.epsilon = 0}, "AdaGrad.epsilon");
    refused(AdaGrad{.initial = -1}, "AdaGrad.initial");
    refused(RMSProp{.decay = 1}, "RMSProp.decay");
    refused(RMSProp{.epsilon = nan}, "RMSProp.epsilon");
    refused(AdaDelta{.decay = 1.5}, "AdaDelta.decay");
    refused(AdaDelta{.epsilon = -1}, "AdaDelta.epsilon");
    refused(Adam{.beta1 = 1}, "Adam.beta1");
    refused(Adam{.beta2 = nan}, "Adam.beta2");
    refused(Adam{.epsilon = 0}, "Adam.epsilon");
    refused(AMSGrad{.beta1 = -1}, "AMSGrad.beta1");
    refused(AMSGrad{.beta2 = 1}, "AMSGrad.beta2");
    refused(NAdam{.beta1 = 1}, "NAdam.beta1");
    refused(NAdam{.momentum_decay = -1}, "NAdam.momentum_decay");
    refused(RAdam{.beta2 = 1}, "RAdam.beta2");
    refused(RAdam{.epsilon = -1}, "RAdam.epsilon");
    refused(Lion{.beta1 = 1}, "Lion.beta1");
    refused(Lion{.beta2 = 2}, "Lion.beta2");
    refused(WeightDecay{.rate = -1e-4}, "WeightDecay.rate");
    refused(AnnealedNoise{.variance = 0}, "AnnealedNoise.variance");
    refused(AnnealedNoise{.decay = -1}, "AnnealedNoise.decay");
    refused(ClipByNorm{0}, "ClipByNorm.norm");
    refused(ClipByValue{-1}, "ClipByValue.limit");
}

TEST_CASE("ready names are their sentences") {
    const auto method = adamw(2e-3, {.weight_decay = 0.02, .adam = {.beta1 = 0.8}}, {.size = 64});
    static_assert(std::same_as<std::remove_const_t<decltype(method)>,
                               decltype(Minibatch{} | Adam{} | WeightDecay{} | Constant{})>);
    CHECK(method.estimator.size == 64);
    CHECK(std::get<0>(method.directions.parts).beta1 == 0.8);
    CHECK(std::get<0>(method.directions.parts).beta2 == 0.999);
    CHECK(std::get<1>(method.directions.parts).rate == 0.02);
    CHECK(method.step.size == 2e-3);
    static_assert(std::same_as<decltype(momentum(0.1, {.nesterov = true})),
                               decltype(Minibatch{} | Momentum{} | Constant{})>);
    static_assert(std::same_as<decltype(lion(1e-4, {.weight_decay = 1})),
                               decltype(Minibatch{} | Lion{} | WeightDecay{} | Constant{})>);
    CHECK(std::get<0>(rmsprop(0.1, {.centred = true}).directions.parts).centred);
    CHECK(adagrad(0.1).step.size == 0.1);
    CHECK(adadelta().step.size == 1);
    CHECK(adam().step.size == 1e-3);
    CHECK(amsgrad().step.size == 1e-3);
    CHECK(nadam().step.size == 2e-3);
    CHECK(radam().step.size == 1e-3);
}

// Run by scripts/check_updates, which compares the numbers with those of PyTorch here.
TEST_CASE("print the points", "[.points]") {
    for (const Rule& rule : rules())
        for (const bool single : {false, true}) {
            std::printf("%s,%s", rule.name.c_str(), single ? "float" : "double");
            for (const double x : single ? rule.in_float() : rule.in_double())
                std::printf(",%.17g", x);
            std::printf("\n");
        }
}
