// SPDX-License-Identifier: MIT
// The text of a method as it is parsed: what is read, and where the caret stands under what is not.
#include <stdexcept>
#include <string>

#include "../../examples/tools/method_text.hpp"
#include "../../examples/tools/part_options.hpp"
#include "ermine_catch.hpp"

namespace {

std::string complaint_of(const std::string& text) {
    try {
        MethodParser::parse(text);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "none";
}

/// Checks message and column of the complaint.
void refuses(const std::string& text, const std::string& message, std::size_t column) {
    INFO(text);
    CHECK(complaint_of(text) ==
          "--method: " + message + "\n  " + text + "\n  " + std::string(column, ' ') + '^');
}

/// What is left to complain of in options that a part `p(decay, size, flat)` reads.
struct Read {
    double decay = 0.5;
    int size = 3;
    bool flat = false;
    std::string complaint;
};

Read read(const std::string& text) {
    Read read;
    try {
        const auto parts = MethodParser::parse(text);
        PartOptions options(text, parts[0]);
        options.number("decay", read.decay);
        options.count("size", read.size);
        options.flag("flat", read.flat);
        options.finish();
    } catch (const std::invalid_argument& error) {
        read.complaint = error.what();
    }
    return read;
}

}  // namespace

TEST_CASE("a method is read as parts with arguments and places") {
    const auto parts =
        MethodParser::parse(" a |b( 1e-3,key =-.5 , word) | c(in(+2, x=y), deeper=d(1))");
    REQUIRE(parts.size() == 3);
    CHECK(parts[0].name == "a");
    CHECK(parts[0].at == 1);
    CHECK(parts[0].arguments.empty());
    REQUIRE(parts[1].arguments.size() == 3);
    CHECK(parts[1].at == 4);
    CHECK(parts[1].arguments[0].number == 1e-3);
    CHECK(parts[1].arguments[1].key == "key");
    CHECK(parts[1].arguments[1].number == -0.5);
    CHECK(parts[1].arguments[2].is_word("word"));
    REQUIRE(parts[2].arguments.size() == 2);
    const TextArgument& nested = parts[2].arguments[0];
    CHECK(nested.part.name == "in");
    CHECK(nested.part.arguments[0].number == 2);
    CHECK(nested.part.arguments[1].part.name == "y");
    CHECK(parts[2].arguments[1].key == "deeper");
    CHECK(parts[2].arguments[1].part.arguments[0].number == 1);
}

TEST_CASE("what does not parse has a caret under the place") {
    refuses("", "here the name of a part is expected, not the end", 0);
    refuses("a | ", "here the name of a part is expected, not the end", 4);
    refuses("a || b", "here the name of a part is expected, not \"|\"", 3);
    refuses("a b", "here a | or the end is expected, not \"b\"", 2);
    refuses("a)", "here a | or the end is expected, not \")\"", 1);
    refuses("a | b(1 | c", "this parenthesis is not closed", 5);
    refuses("a(", "this parenthesis is not closed", 1);
    refuses("a(1 2)", "here a comma or ) is expected, not \"2\"", 4);
    refuses("a(1, )", "here a value is expected, not \")\"", 5);
    refuses("a(k=)", "here a value is expected, not \")\"", 4);
    refuses("a(k=", "here a value is expected, not the end", 4);
    refuses("a(1e-3x)", "\"1e-3x\" is not a number", 2);
    refuses("a(1.2.3)", "\"1.2.3\" is not a number", 2);
    refuses("a(--1)", "\"-\" is not a number", 2);
    refuses("a(1e999)", "the number 1e999 is too large or too small", 2);
    refuses("a(((", "here a value is expected, not \"(\"", 2);
    refuses("a(b(c(d(e(f(g(h(i(1)))))))))", "parentheses are nested too deeply", 17);
    // the caret counts characters, not bytes
    CHECK_THAT(complaint_of("a(1) | \xC3\xA9"), contains("\n         ^"));
    CHECK(complaint_of("a(1,\n b)") == "none");
}

TEST_CASE("options are taken in their order and by name") {
    CHECK(read("p").decay == 0.5);
    CHECK(read("p(0.1, 7)").size == 7);
    CHECK(read("p(0.1, flat)").flat);
    CHECK(read("p(flat=true, size=4)").size == 4);
    CHECK_FALSE(read("p(flat=false)").flat);
    CHECK(read("p(size=2, decay=0.25)").decay == 0.25);

    const auto complains = [](const std::string& text, const std::string& message, int column) {
        INFO(text);
        CHECK(read(text).complaint == "--method: " + message + "\n  " + text + "\n  " +
                                          std::string(static_cast<std::size_t>(column), ' ') + '^');
    };
    complains("p(rate=1)", "p has no option \"rate\"; its options are decay, size, flat", 2);
    complains("p(0.1, loud)", "p has no option \"loud\"; its options are decay, size, flat", 7);
    complains("p(1, 2, 3)", "p takes fewer numbers; its options are decay, size, flat", 8);
    complains("p(0.1, decay=0.2)", "the option decay is given twice", 7);
    complains("p(decay=much)", "decay takes a number, not \"much\"", 8);
    complains("p(size=2.5)", "size is 2.5: a whole number is expected", 2);
    complains("p(size=1e300)", "size is 1e+300: a whole number is expected", 2);
    complains("p(flat=2)", "flat is either true or false", 2);

    PartOptions telling;
    Read defaults;
    telling.number("decay", defaults.decay);
    telling.count("size", defaults.size);
    telling.flag("flat", defaults.flat);
    telling.finish();
    CHECK(telling.told() == "decay=0.5, size=3, flat=false");
}

TEST_CASE("the nearest name is found, and none where none is near") {
    const std::vector<std::string> names = {"adam", "adamw", "momentum", "cosine"};
    CHECK(nearest("adm", names) == "adam");
    CHECK(nearest("momentun", names) == "momentum");
    CHECK(nearest("cosin", names) == "cosine");
    CHECK(nearest("zebra", names).empty());
}
