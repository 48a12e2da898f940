// SPDX-License-Identifier: MIT
#include "method_parts.hpp"

#include "part_options.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

using namespace ermine;

namespace {

enum class Kind { whole, estimator, probe, direction, factor, step, tail };

struct Entry {
    const char* name;
    Kind kind;
    std::function<void(PartOptions&, AnyMethod&, const MethodContext&)> read;
};

/// A schedule that is not made of others, by its name.
struct StepEntry {
    const char* name;
    std::function<PlainStep(PartOptions&, const MethodContext&)> read;
};

/// What a name stands for, in a list of entries. Throws with the nearest name.
template <class Entries>
const auto& look_up(const Entries& entries, std::string_view text, const TextPart& part,
                    const char* what) {
    std::vector<std::string> names;
    for (const auto& entry : entries) {
        if (part.name == entry.name) return entry;
        names.emplace_back(entry.name);
    }
    const std::string near = nearest(part.name, names);
    throw error_at(text, part.at,
                   std::string("there is no ") + what + " \"" + part.name + "\"" +
                       (near.empty() ? "; train --method help lists them"
                                     : "; did you mean \"" + near + "\"?"));
}

const std::vector<StepEntry>& plain_steps() {
    static const std::vector<StepEntry> entries = {
        {"constant",
         [](PartOptions& o, const MethodContext&) {
             Constant step;
             o.number("size", step.size, "by theory");
             return PlainStep{step};
         }},
        {"inverse_time",
         [](PartOptions& o, const MethodContext&) {
             InverseTime step;
             o.number("initial", step.initial);
             o.number("decay", step.decay);
             return PlainStep{step};
         }},
        {"exponential",
         [](PartOptions& o, const MethodContext&) {
             Exponential step;
             o.number("initial", step.initial);
             o.number("decay", step.decay);
             return PlainStep{step};
         }},
        {"stepwise",
         [](PartOptions& o, const MethodContext&) {
             Stepwise step;
             o.number("initial", step.initial);
             o.number("decay", step.decay);
             o.number("every", step.every);
             return PlainStep{step};
         }},
        {"cosine",
         [](PartOptions& o, const MethodContext& c) {
             Cosine step{.epochs = c.epochs};
             o.number("initial", step.initial);
             o.number("final", step.final);
             o.number("epochs", step.epochs);
             return PlainStep{step};
         }},
        {"one_cycle",
         [](PartOptions& o, const MethodContext& c) {
             OneCycle step{.epochs = c.epochs};
             o.number("peak", step.peak);
             o.number("epochs", step.epochs);
             o.number("rise", step.rise);
             o.number("first", step.first);
             o.number("last", step.last);
             return PlainStep{step};
         }},
        {"warm_restarts",
         [](PartOptions& o, const MethodContext&) {
             WarmRestarts step;
             o.number("initial", step.initial);
             o.number("final", step.final);
             o.number("epochs", step.epochs);
             o.number("growth", step.growth);
             return PlainStep{step};
         }},
        {"polynomial",
         [](PartOptions& o, const MethodContext& c) {
             Polynomial step{.epochs = c.epochs};
             o.number("initial", step.initial);
             o.number("final", step.final);
             o.number("epochs", step.epochs);
             o.number("power", step.power);
             return PlainStep{step};
         }},
        {"inverse_square_root",
         [](PartOptions& o, const MethodContext&) {
             InverseSquareRoot step;
             o.number("peak", step.peak);
             o.count("warmup", step.warmup);
             return PlainStep{step};
         }},
        {"geometric_rise",
         [](PartOptions& o, const MethodContext&) {
             GeometricRise step;
             o.number("from", step.from);
             o.number("to", step.to);
             o.count("iterations", step.iterations);
             return PlainStep{step};
         }},
        {"reduce_on_plateau",
         [](PartOptions& o, const MethodContext&) {
             ReduceOnPlateau step;
             o.number("initial", step.initial);
             o.number("decay", step.decay);
             o.count("patience", step.patience);
             o.number("threshold", step.threshold);
             o.count("cooldown", step.cooldown);
             o.number("shortest", step.shortest);
             return PlainStep{step};
         }},
    };
    return entries;
}

PlainStep read_plain_step(std::string_view text, const TextPart& part, const MethodContext& c) {
    PartOptions options(text, part);
    PlainStep step = look_up(plain_steps(), text, part, "step to join").read(options, c);
    options.finish();
    return step;
}

bool is_natural(const PlainStep& step) {
    const auto* constant = std::get_if<Constant>(&step.choice);
    return constant != nullptr && !constant->size;
}

/// The order of the examples: an AnySampler, or Importance.
struct Order {
    AnySampler sampler;
    std::optional<Importance> importance;
    TextPlace place = {};
};

Order read_order(PartOptions& o, const MethodContext& c, bool may_weight) {
    Order order;
    order.sampler = random_order(c.seed, c.as_stored);
    const TextPart* given = o.part("sampler", "shuffled");
    if (given == nullptr) return order;
    PartOptions options(o.text(), *given);
    order.place = options.place();
    const bool ready = c.targets != nullptr;
    const std::string& name = given->name;
    if (name == "shuffled") {
        order.sampler.choice = ShuffledEachEpoch{.seed = c.seed};
    } else if (name == "shuffled_once") {
        order.sampler.choice = ShuffledOnce{.seed = c.seed};
    } else if (name == "sequential") {
        order.sampler.choice = Sequential{};
    } else if (name == "with_replacement") {
        order.sampler.choice = WithReplacement{.seed = c.seed};
    } else if (name == "stratified") {
        if (ready)
            order.place.blamed(
                [&] { order.sampler.choice = Stratified(*c.targets, {.seed = c.seed}); });
    } else if (name == "class_balanced") {
        if (ready)
            order.place.blamed(
                [&] { order.sampler.choice = ClassBalanced(*c.targets, {.seed = c.seed}); });
    } else if (name == "importance") {
        if (!may_weight)
            throw order.place.error(
                "importance gives its examples weights, and goes with "
                "minibatch alone, not held");
        ImportanceOptions importance{.uniform = 0.5, .seed = c.seed};
        options.number("uniform", importance.uniform);
        if (ready && !c.example_smoothness)
            throw order.place.error(
                "importance goes by the smoothness of the examples, and the "
                "loss is not smooth");
        order.place.blamed([&] {
            order.importance.emplace(ready ? c.example_smoothness() : Eigen::VectorXd::Ones(1),
                                     importance);
        });
    } else {
        const std::vector<std::string> names = {
            "shuffled",   "shuffled_once",  "sequential", "with_replacement",
            "stratified", "class_balanced", "importance"};
        throw order.place.error("there is no sampler \"" + name + "\": take one of " +
                                PartOptions::joined(names));
    }
    options.finish();
    return order;
}

/// A rate that stands in a direction is the method's constant step.
void take_rate(const std::optional<double>& rate, const PartOptions& o, AnyMethod& method) {
    if (!rate) return;
    if (method.step_given) throw o.place().error("a method has one step, and one is given already");
    method.step.choice.choice = PlainStep{Constant{.size = *rate}};
    method.step.place = o.place();
    method.step_given = true;
}

/// Entries for directions that may name their constant step first: adam(1e-3, beta1=0.8).
template <class D>
Entry rated(const char* name, double usual, std::function<void(PartOptions&, D&)> options,
            std::optional<double> decay = {}) {
    return {name, Kind::direction, [=](PartOptions& o, AnyMethod& method, const MethodContext&) {
                std::optional<double> rate;
                const std::string otherwise = text_of(usual);
                o.number("rate", rate, otherwise.c_str());
                D one;
                options(o, one);
                method.directions.all.push_back({one, o.place()});
                if (decay) {
                    WeightDecay own{.rate = *decay};
                    o.number("weight_decay", own.rate);
                    method.directions.all.push_back({own, o.place()});
                }
                method.usual_step = usual;
                take_rate(rate, o, method);
            }};
}

template <class D>
Entry direction(const char* name, std::function<void(PartOptions&, D&)> options) {
    return {name, Kind::direction, [=](PartOptions& o, AnyMethod& method, const MethodContext&) {
                D one;
                options(o, one);
                method.directions.all.push_back({one, o.place()});
            }};
}

/// An estimator that remembers gradients: no more than its seed comes from elsewhere.
template <class E>
Entry reduced(const char* name, std::function<void(PartOptions&, E&)> options) {
    return {name, Kind::estimator, [=](PartOptions& o, AnyMethod& method, const MethodContext& c) {
                E one;
                one.seed = c.seed;
                options(o, one);
                method.estimator.choice = one;
            }};
}

template <class T>
Entry tail(const char* name, std::function<void(PartOptions&, T&)> options) {
    return {name, Kind::tail, [=](PartOptions& o, AnyMethod& method, const MethodContext&) {
                T one;
                options(o, one);
                method.tail.choice = one;
                method.tail.place = o.place();
            }};
}

/// The block that is named alone in the parentheses.
ParameterBlock read_block(PartOptions& o) {
    const TextPart* given = o.part("block", "weights", false);
    if (o.telling()) return {"weights"};
    if (given == nullptr) throw o.place().error("name the block: weights or intercept");
    for (const char* name : {"weights", "intercept"})
        if (given->name == name && given->arguments.empty()) return {name};
    throw o.error(given->at, "the blocks are weights and intercept");
}

void adam_options(PartOptions& o, auto& rule) {
    o.number("beta1", rule.beta1);
    o.number("beta2", rule.beta2);
    o.number("epsilon", rule.epsilon);
}

std::vector<Entry> estimators() {
    return {
        {"minibatch", Kind::estimator,
         [](PartOptions& o, AnyMethod& method, const MethodContext& c) {
             Index size = c.batch;
             std::int64_t steps = 1;
             o.count("size", size);
             o.count("held", steps);
             const Order order = read_order(o, c, steps == 1);
             const MinibatchOver<AnySampler> batch{order.sampler, size};
             if (order.importance)
                 method.estimator.choice = MinibatchOver<Importance>{*order.importance, size};
             else if (steps == 1)
                 method.estimator.choice = batch;
             else
                 method.estimator.choice = ermine::held(batch, {.steps = steps});
         }},
        {"full_gradient", Kind::estimator,
         [](PartOptions&, AnyMethod& method, const MethodContext&) {
             method.estimator.choice = FullGradient{};
         }},
        {"accumulated", Kind::estimator,
         [](PartOptions& o, AnyMethod& method, const MethodContext& c) {
             Index size = c.batch;
             Index batches = 4;
             o.count("size", size);
             o.count("batches", batches);
             method.estimator.choice =
                 AccumulatedOver<AnySampler>{read_order(o, c, false).sampler, size, batches};
         }},
        {"growing_minibatch", Kind::estimator,
         [](PartOptions& o, AnyMethod& method, const MethodContext& c) {
             Growth growth;
             o.count("initial", growth.initial);
             o.number("factor", growth.factor);
             o.number("epochs", growth.epochs);
             o.count("largest", growth.largest, growth.largest == 0 ? "all" : "");
             method.estimator.choice = growing_minibatch(read_order(o, c, false).sampler, growth);
         }},
        {"norm_test_minibatch", Kind::estimator,
         [](PartOptions& o, AnyMethod& method, const MethodContext& c) {
             NormTest test;
             o.count("initial", test.initial);
             o.number("theta", test.theta);
             o.count("largest", test.largest, "all");
             o.count("parts", test.parts);
             method.estimator.choice = norm_test_minibatch(read_order(o, c, false).sampler, test);
         }},
        reduced<Saga>("saga", [](PartOptions&, Saga&) {}),
        reduced<Sag>("sag", [](PartOptions&, Sag&) {}),
        reduced<Svrg>("svrg", [](PartOptions& o, Svrg& e) { o.count("steps", e.steps, "2n"); }),
        reduced<LooplessSvrg>("loopless_svrg",
                              [](PartOptions& o, LooplessSvrg& e) {
                                  std::optional<double> renewal;
                                  o.number("renewal", renewal, "1/n");
                                  e.renewal = renewal.value_or(e.renewal);
                              }),
        reduced<Katyusha>("katyusha",
                          [](PartOptions& o, Katyusha& e) {
                              std::optional<double> renewal;
                              o.number("renewal", renewal, "1/n");
                              e.renewal = renewal.value_or(e.renewal);
                              o.number("strong_convexity", e.strong_convexity, "l2");
                          }),
        reduced<Spsa>("spsa",
                      [](PartOptions& o, Spsa& e) {
                          o.number("perturbation", e.perturbation);
                          o.number("decay", e.decay);
                          o.count("pairs", e.pairs);
                      }),
    };
}

std::vector<Entry> directions() {
    return {
        rated<Adam>("adam", 1e-3, adam_options<Adam>),
        rated<Adam>("adamw", 1e-3, adam_options<Adam>, 0.01),
        rated<AMSGrad>("amsgrad", 1e-3, adam_options<AMSGrad>),
        rated<NAdam>("nadam", 2e-3,
                     [](PartOptions& o, NAdam& d) {
                         adam_options(o, d);
                         o.number("momentum_decay", d.momentum_decay);
                     }),
        rated<RAdam>("radam", 1e-3, adam_options<RAdam>),
        rated<AdaGrad>("adagrad", 0.01,
                       [](PartOptions& o, AdaGrad& d) {
                           o.number("epsilon", d.epsilon);
                           o.number("initial", d.initial);
                       }),
        rated<RMSProp>("rmsprop", 0.01,
                       [](PartOptions& o, RMSProp& d) {
                           o.number("decay", d.decay);
                           o.number("epsilon", d.epsilon);
                           o.flag("centred", d.centred);
                       }),
        rated<AdaDelta>("adadelta", 1,
                        [](PartOptions& o, AdaDelta& d) {
                            o.number("decay", d.decay);
                            o.number("epsilon", d.epsilon);
                        }),
        rated<Lion>(
            "lion", 1e-4,
            [](PartOptions& o, Lion& d) {
                o.number("beta1", d.beta1);
                o.number("beta2", d.beta2);
            },
            0),
        rated<LAMB>("lamb", 1e-3,
                    [](PartOptions& o, LAMB& d) {
                        adam_options(o, d);
                        o.number("weight_decay", d.weight_decay);
                    }),
        rated<Muon>("muon", 0.02,
                    [](PartOptions& o, Muon& d) {
                        o.number("decay", d.decay);
                        o.flag("nesterov", d.nesterov);
                        o.count("iterations", d.iterations);
                    }),
        {"sgd", Kind::direction,
         [](PartOptions& o, AnyMethod& method, const MethodContext&) {
             std::optional<double> rate;
             Momentum momentum{.decay = 0};
             o.number("rate", rate, "a cosine");
             o.number("momentum", momentum.decay);
             o.flag("nesterov", momentum.nesterov);
             if (momentum.decay != 0)
                 method.directions.all.push_back({momentum, o.place()});
             else if (momentum.nesterov)
                 throw o.place().error("sgd with nesterov needs a momentum, such as 0.9");
             take_rate(rate, o, method);
         }},
        direction<Momentum>("momentum",
                            [](PartOptions& o, Momentum& d) {
                                o.number("decay", d.decay);
                                o.flag("nesterov", d.nesterov);
                            }),
        direction<ClipByNorm>("clip_by_norm",
                              [](PartOptions& o, ClipByNorm& d) { o.number("norm", d.norm); }),
        direction<ClipByBlockNorm>(
            "clip_by_block_norm",
            [](PartOptions& o, ClipByBlockNorm& d) { o.number("norm", d.norm); }),
        direction<ClipByValue>("clip_by_value",
                               [](PartOptions& o, ClipByValue& d) { o.number("limit", d.limit); }),
        direction<AdaptiveClip>("adaptive_clip",
                                [](PartOptions& o, AdaptiveClip& d) {
                                    o.number("ratio", d.ratio);
                                    o.number("least", d.least);
                                }),
        direction<WeightDecay>("weight_decay",
                               [](PartOptions& o, WeightDecay& d) { o.number("rate", d.rate); }),
        {"annealed_noise", Kind::direction,
         [](PartOptions& o, AnyMethod& method, const MethodContext& c) {
             AnnealedNoise noise{.seed = c.seed};
             o.number("variance", noise.variance);
             o.number("decay", noise.decay);
             method.directions.all.push_back({noise, o.place()});
         }},
        direction<Freeze>("freeze", [](PartOptions& o, Freeze& d) { d.blocks = {read_block(o)}; }),
        direction<ScaleBlocks>("scale_block",
                               [](PartOptions& o, ScaleBlocks& d) {
                                   double factor = 0.1;
                                   const ParameterBlock block = read_block(o);
                                   o.number("factor", factor);
                                   d.factors = {{block, factor}};
                               }),
    };
}

std::vector<Entry> steps_and_tails() {
    std::vector<Entry> entries = {
        {"sam", Kind::probe,
         [](PartOptions& o, AnyMethod& method, const MethodContext&) {
             Sam sam;
             o.number("radius", sam.radius);
             method.estimator.sam = sam;
             method.estimator.sam_place = o.place();
         }},
        {"warmup", Kind::factor,
         [](PartOptions& o, AnyMethod& method, const MethodContext&) {
             Warmup warmup;
             o.count("iterations", warmup.iterations);
             method.step.warmup = warmup;
             method.step.warmup_place = o.place();
         }},
        {"joined", Kind::step,
         [](PartOptions& o, AnyMethod& method, const MethodContext& c) {
             Clock at;
             const TextPart* first = o.part("", "constant(0.1)", false);
             const TextPart* second = o.part("", "cosine(0.1)", false);
             o.number("epoch", at.epoch);
             o.count("iteration", at.iteration);
             if (o.telling()) return;
             if (second == nullptr)
                 throw o.place().error(
                     "joined takes two steps, and when to go over: "
                     "joined(constant(0.1), cosine(0.1), epoch=5)");
             MethodContext rest = c;
             if (c.epochs > at.epoch) rest.epochs = c.epochs - at.epoch;
             const Joined step = ermine::joined(read_plain_step(o.text(), *first, c), at,
                                                read_plain_step(o.text(), *second, rest));
             method.natural_step = is_natural(step.first) || is_natural(step.second);
             method.step.choice.choice = step;
         }},
        {"stochastic_polyak", Kind::step,
         [](PartOptions& o, AnyMethod& method, const MethodContext&) {
             StochasticPolyak step;
             o.number("minimum", step.minimum);
             o.number("c", step.c);
             o.number("longest", step.longest);
             method.step.choice.choice = step;
         }},
        tail<Average>("average", [](PartOptions& o, Average& t) { o.count("skip", t.skip); }),
        tail<ExponentialAverage>(
            "exponential_average",
            [](PartOptions& o, ExponentialAverage& t) { o.number("decay", t.decay); }),
        tail<StochasticWeightAverage>("stochastic_weight_average",
                                      [](PartOptions& o, StochasticWeightAverage& t) {
                                          o.number("from", t.from);
                                          o.number("every", t.every);
                                      }),
        tail<Lookahead>("lookahead",
                        [](PartOptions& o, Lookahead& t) {
                            o.count("every", t.every);
                            o.number("rate", t.rate);
                        }),
        tail<ScheduleFree>(
            "schedule_free",
            [](PartOptions& o, ScheduleFree& t) { o.number("interpolation", t.interpolation); }),
        tail<Nesterov>("nesterov", [](PartOptions&, Nesterov&) {}),
        {"newton", Kind::whole,
         [](PartOptions& o, AnyMethod& method, const MethodContext&) {
             method.whole = "newton";
             method.whole_place = o.place();
         }},
        {"lbfgs", Kind::whole,
         [](PartOptions& o, AnyMethod& method, const MethodContext&) {
             method.whole = "lbfgs";
             o.count("memory", method.memory);
             method.whole_place = o.place();
         }},
    };
    for (const StepEntry& step : plain_steps())
        entries.push_back(
            {step.name, Kind::step,
             [read = step.read](PartOptions& o, AnyMethod& method, const MethodContext& c) {
                 const PlainStep plain = read(o, c);
                 method.natural_step = is_natural(plain);
                 method.step.choice.choice = plain;
             }});
    return entries;
}

const std::vector<Entry>& all_parts() {
    static const std::vector<Entry> entries = [] {
        std::vector<Entry> all = estimators();
        for (const auto& more : {directions(), steps_and_tails()})
            all.insert(all.end(), more.begin(), more.end());
        return all;
    }();
    return entries;
}

constexpr std::pair<Kind, const char*> kinds[] = {
    {Kind::estimator, "estimators"}, {Kind::probe, "probe"}, {Kind::direction, "directions"},
    {Kind::factor, "warmup"},        {Kind::step, "steps"},  {Kind::tail, "tails"},
    {Kind::whole, "whole methods"},
};

constexpr const char* grammar =
    "estimator | sam | directions | warmup | step | tail, of which all may be left out";

/// Whether the part may stand where it does, after the last of that kind.
void check_order(const PartOptions& o, Kind kind, std::optional<Kind> last,
                 const AnyMethod& method) {
    const TextPlace place = o.place();
    if (kind == Kind::whole || (last && *last == Kind::whole))
        if (last) throw place.error("a whole method, newton or lbfgs, stands alone");
    if (kind == Kind::estimator && method.estimator_given)
        throw place.error("a method has one estimator, and one is given already");
    if (kind == Kind::step && method.step_given)
        throw place.error("a method has one step, and one is given already");
    if (kind == Kind::tail && method.tail_given)
        throw place.error("a method has one tail, and one is given already");
    if (last && kind < *last) throw place.error(std::string("the order is ") + grammar);
    if (last && kind == *last && kind != Kind::direction)
        throw place.error("this part is given already");
}

/// What no part can see alone.
void check_whole(const AnyMethod& method) {
    if (method.estimator.sam)
        std::visit(
            [&]<class E>(const E&) {
                if (estimates_alone<E>)
                    throw method.estimator.sam_place.error(
                        "sam tries a second point of the same function, and this estimator has "
                        "none, only an estimate of the gradient: use it with minibatch");
            },
            method.estimator.choice);
    const bool polyak = std::holds_alternative<StochasticPolyak>(method.step.choice.choice);
    if (polyak && method.estimator.sam)
        throw method.step.place.error(
            "stochastic_polyak measures the gradient at the point, and "
            "sam takes it elsewhere");
    if (polyak && !method.directions.all.empty())
        throw method.step.place.error(
            "stochastic_polyak measures plain gradient steps: no direction may stand before it");
}

}  // namespace

AnyMethod read_method(const std::string& text, const MethodContext& context) {
    AnyMethod method;
    method.estimator.choice =
        AnyEstimator::Minibatch{random_order(context.seed, context.as_stored), context.batch};
    std::optional<Kind> last;
    for (const TextPart& part : MethodParser::parse(text)) {
        const Entry& entry = look_up(all_parts(), text, part, "part");
        PartOptions options(text, part);
        check_order(options, entry.kind, last, method);
        entry.read(options, method, context);
        options.finish();
        if (entry.kind == Kind::estimator) {
            method.estimator.place = options.place();
            method.estimator_given = true;
        }
        if (entry.kind == Kind::step) {
            method.step.place = options.place();
            method.step_given = true;
        }
        if (entry.kind == Kind::tail) method.tail_given = true;
        last = entry.kind;
    }
    check_whole(method);
    return method;
}

std::string method_help() {
    std::string text =
        "A method is a sentence of parts: estimator | sam | direction | ... | warmup | step | "
        "tail.\nOptions are given in their order or by name; what is left out has the value shown."
        "\nThe rate of a direction is its constant step: adam(1e-3) is adam | constant(1e-3).\n";
    for (const auto& [kind, title] : kinds) {
        text += std::string("\n") + title + ":\n";
        for (const Entry& entry : all_parts()) {
            if (entry.kind != kind) continue;
            PartOptions options;
            AnyMethod method;
            entry.read(options, method, {});
            text += std::string("  ") + entry.name +
                    (options.told().empty() ? "" : "(" + options.told() + ")") + '\n';
        }
    }
    return text +
           "\nsamplers (minibatch(128, sampler=with_replacement)):\n  shuffled, "
           "shuffled_once, sequential, with_replacement, stratified, class_balanced,\n  "
           "importance(uniform=0.5)\n";
}

std::string method_names() {
    std::string text;
    for (const auto& [kind, title] : kinds) {
        std::string line = std::string(title) + ':';
        std::size_t width = line.size();
        const char* separator = " ";
        for (const Entry& entry : all_parts()) {
            if (entry.kind != kind) continue;
            const std::string next = separator + std::string(entry.name);
            separator = ", ";
            if (width + next.size() > 90) {
                line += ",\n   ";
                width = 3;
                line += next.substr(1);
            } else {
                line += next;
            }
            width += next.size();
        }
        text += line + '\n';
    }
    return text;
}
