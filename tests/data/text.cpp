// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <ermine/data/data_error.hpp>
#include <ermine/data/read_text.hpp>
#include <ermine/data/text.hpp>
#include <ermine/data/windows.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/embedding.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/sample_sequence.hpp>

using namespace ermine;

TEST_CASE("A text is numbers and an alphabet") {
    const Text text = as_text("banana\xff");
    CHECK(text.alphabet == "abn\xff");
    CHECK(text.characters == std::vector<std::int32_t>{1, 0, 2, 0, 2, 0, 3});
    CHECK(text.spell(text.characters) == "banana\xff");
    CHECK(text.read("nab") == std::vector<std::int32_t>{2, 0, 1});
    CHECK_THROWS_WITH(text.read("x"), contains("no character of code 120"));
    CHECK_THROWS_WITH(as_text("a"), contains("a text of 1 characters"));
}

TEST_CASE("Parts of a text share no character that is to be foretold") {
    const Text text = as_text("abcdefghij");
    const auto first = next_characters<float>(text, 0, 0.5);
    const auto second = next_characters<float>(text, 0.5, 1);
    CHECK(first.targets() == Eigen::Vector4d(1, 2, 3, 4));
    CHECK(first.rows().matrix() == Eigen::Vector4f(0, 1, 2, 3));
    CHECK(second.examples() == 5);
    CHECK(second.targets()[0] == 5);
    CHECK(second.rows().matrix()(0, 0) == 4);
    CHECK_THROWS_WITH(next_characters(text, 0, 0.1), contains("no character that follows"));
    CHECK_THROWS_WITH(next_characters(text, 0.5, 1.5), contains("next_characters: to"));
}

TEST_CASE("Windows of streams follow each other") {
    const Text text = as_text("abcdefghijklmnopqrst");  // 19 steps
    const auto cut = windows(next_characters(text), {.steps = 4, .streams = 2});
    CHECK(cut.examples() == 6);  // 9 steps a stream: 4, 4 and 1
    CHECK(cut.streams() == 2);
    CHECK(cut.total_steps() == 18);
    CHECK(cut.begin(3) == 13);  // the second window of the second stream
    CHECK(cut.length(3) == 4);
    CHECK(cut.length(5) == 1);
    CHECK(windows(next_characters(text), {.steps = 4, .streams = 1}).total_steps() == 19);
    CHECK_THROWS_WITH(cut.select(std::vector<std::int32_t>{0}), contains("belong together"));
}

TEST_CASE("Texts are read from files") {
    const std::string path =
        (std::filesystem::temp_directory_path() / "ermine_text_test.txt").string();
    const auto write = [&](const std::string& written) {
        std::ofstream(path, std::ios::binary) << written;
    };
    const std::string long_text = std::string(3000000, 'x') + "\n";
    write(long_text);
    const Text text = read_text(path);
    CHECK(text.size() == 3000001);
    CHECK(text.alphabet == "\nx");
    write("");
    CHECK_THROWS_AS(read_text(path), DataError);
    std::remove(path.c_str());
    CHECK_THROWS_AS(read_text(path), DataError);
}

TEST_CASE("Samples follow the network's probabilities, and the seed") {
    // After 0 comes 1, after 1 comes 2, after 2 comes 0 three times out of four, or 2 again.
    const auto model = network(1, embedding(3, 3), dense(3));
    Eigen::VectorXd theta = Eigen::VectorXd::Zero(model.parameters());
    Eigen::Map<Eigen::Matrix3d> table(theta.data());  // a column a number
    table << -90, -90, std::log(3), 90, -90, -90, -90, 90, 0;
    Eigen::Map<Eigen::Matrix3d>(theta.data() + 9).setIdentity();
    const std::int32_t first[] = {0};
    const auto drawn = sample_sequence(model, theta, first, {.length = 40000, .seed = 3});
    int repeated = 0;
    int twos = 0;
    std::int32_t before = 0;
    bool follows = true;
    for (const std::int32_t next : drawn) {
        if (before == 2) {
            ++twos;
            repeated += next == 2 ? 1 : 0;
            follows = follows && next != 1;
        } else {
            follows = follows && next == before + 1;
        }
        before = next;
    }
    CHECK(follows);
    // four standard deviations
    CHECK(double(repeated) / twos == Approx(0.25).margin(4 * std::sqrt(0.25 * 0.75 / twos)));
    CHECK(drawn == sample_sequence(model, theta, first, {.length = 40000, .seed = 3}));
    CHECK(drawn != sample_sequence(model, theta, first, {.length = 40000, .seed = 4}));
    CHECK_THROWS_WITH(sample_sequence(model, theta, {}), contains("at least one"));
    CHECK_THROWS_WITH(sample_sequence(network(2, dense(2)), theta, first),
                      contains("takes 2 numbers a step"));
    CHECK_THROWS_WITH(sample_sequence(model, theta.head(4), first), contains("21"));
}
