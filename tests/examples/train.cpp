// SPDX-License-Identifier: MIT
// Runs the programs train and predict, which are found on the PATH, in a folder of the test's own.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <ermine/data/blobs.hpp>
#include <ermine/data/read_libsvm.hpp>
#include <ermine/data/shuffle_to_npy.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/data/write_npy.hpp>
#include <ermine/directions/adam.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/weight_decay.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/one_cycle.hpp>
#include <ermine/tails/average.hpp>
#include <nlohmann/json.hpp>

#include "ermine_catch.hpp"

using Json = nlohmann::json;

namespace {

struct Run {
    int status;
    std::string out;
    std::string err;
};

std::string content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::string write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

Run run(const std::string& command) {
    const int status = std::system((command + " > out.txt 2> err.txt < /dev/null").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content("out.txt"), content("err.txt")};
}

Json json_of(const std::string& arguments) {
    const Run result = run("train " + arguments + " --json --quiet");
    INFO(arguments << '\n' << result.err);
    REQUIRE(result.status == 0);
    CHECK(result.err.empty());
    return Json::parse(result.out);
}

void refuses(const std::string& command, int status, const std::string& sentence) {
    const Run result = run(command);
    INFO(command << '\n' << result.err);
    CHECK(result.status == status);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, contains(sentence));
}

/// Two overlapping classes on a line, 0/1, with a second column that helps.
std::string two_classes(int n = 60) {
    std::string text;
    for (int i = 0; i < n; ++i) {
        const double x = std::sin(1.7 * i) + (i % 2 == 0 ? 0.5 : -0.5);
        text += std::string(i % 2 == 0 ? "1" : "0") + " 1:" + std::to_string(x) +
                " 2:" + std::to_string(std::cos(2.3 * i)) + '\n';
    }
    return write("two.svm", text);
}

std::string flowers() {
    std::string text = "size,colour,species\n";
    for (int i = 0; i < 30; ++i)
        text += std::to_string(i % 3 + 0.1 * std::sin(3.0 * i)) +
                (i % 2 == 0 ? ",red," : ",blue,") +
                (i % 3 == 0   ? "lily\n"
                 : i % 3 == 1 ? "rose\n"
                              : "\"aster, blue\"\n");
    return write("flowers.csv", text);
}

}  // namespace

TEST_CASE("train refuses flags that make no sense") {
    const std::string train = "train " + two_classes() + ' ';
    refuses(train + "--nonsense", 2, "nonsense");
    refuses("train", 2, "DATA");
    refuses(train + "--l2 -1", 2, "--l2 is -1");
    refuses(train + "--l1 nan", 2, "--l1 is nan");
    refuses(train + "--l2 x", 2, "--l2");
    refuses(train + "--batch 0", 2, "--batch is 0");
    refuses(train + "--batch 61", 2, "there are only 60 training examples");
    refuses(train + "--holdout 0.2 --batch 49", 2, "there are only 48 training examples");
    refuses(train + "--patience 0 --holdout 0.2", 2, "--patience is 0");
    refuses(train + "--patience 3", 2, "--patience needs --holdout");
    refuses(train + "--holdout 1", 2, "--holdout is 1");
    refuses(train + "--holdout 0", 2, "--holdout is 0");
    refuses(train + "--epochs 0", 2, "--epochs is 0");
    refuses(train + "--momentum 1", 2, "--momentum is 1");
    refuses(train + "--clip 0", 2, "--clip is 0");
    refuses(train + "--tolerance -1", 2, "--tolerance is -1");
    refuses(train + "--threads 0", 2, "--threads is 0");
    refuses(train + "--seed -1", 2, "'-1' is not a whole number");
    refuses(train + "--seed 18446744073709551616", 2, "is not a whole number from 0 to");
    refuses(train + "--model ''", 2, "it is empty");
    refuses(train + "--test ''", 2, "it is empty");
    refuses(train + "--model two.svm", 2, "--model is two.svm, the file of DATA");
    refuses(train + "--trace ./two.svm", 2, "the file of DATA");
    refuses(train + "--model new.json --trace new.json", 2, "the file of --model");
    write("labels.svg", "");
    refuses(train + "--labels labels.svg --curve labels.svg", 2, "the file of --labels");
    refuses(train + "--trace c.svg.gnuplot --curve c.svg", 2,
            "the script of --curve is c.svg.gnuplot, the file of --trace");
    refuses(train + "--loss hinge --solver newton", 2, "hinge has no second derivative");
    refuses(train + "--l1 0.1 --solver newton", 2, "needs a smooth penalty");
    refuses(train + "--momentum 0.9 --solver newton", 2, "--momentum with --solver newton");
    refuses(train + "--batch 8 --solver gd", 2, "--batch with --solver gd");
    refuses(train + "--loss hinge --solver gd", 2, "hinge is not smooth");
    refuses(train + "--solver sgd --step 1/L", 2, "theory names no constant step");
    refuses(train + "--step nonsense:1", 2, "--step nonsense:1 is not understood");
    refuses(train + "--step constant:-1", 2, "Constant.size is -1");
    refuses(train + "--step backtracking --momentum 0.5", 2, "--step backtracking with --momentum");
    refuses(train + "--loss softmax --task binary", 2, "that loss is not for that task");
    refuses(train + "--loss nonsense", 2,
            "there is no such loss; there are squared, huber[:DELTA]");
    refuses(train + "--loss logistic:2", 2, "this loss has no option");
    refuses(train + "--loss huber:x", 2, "behind the colon stands DELTA, a number");
    refuses(train + "--loss huber:0", 2, "DELTA must be more than 0");
    refuses(train + "--loss quantile:1", 2, "TAU must lie between 0 and 1");
    refuses(train + "--loss epsilon_insensitive:-1", 2, "EPSILON must be 0 or more");
    refuses(train + "--loss quantile:0.9 --solver newton", 2,
            "quantile:0.9 has no second derivative");
    refuses(train + "--loss exponential --solver fista", 2, "exponential grows exponentially");
    refuses(train + "--loss crammer_singer --step backtracking", 2, "gets stuck at kinks");
    refuses(train + "--task nonsense", 2, "--task");
    refuses(train + "--solver nonsense", 2, "--solver");
    refuses(train + "--missing mean", 2, "--missing is for CSV files");
    refuses("train " + flowers() + " --categorical colour --features 3", 2,
            "--features is for LIBSVM");
    refuses("train flowers.csv --categorical colour --loss logistic", 2, "3 different values");
}

TEST_CASE("train refuses malformed files with file, line and column") {
    const auto file = [](const std::string& text) {
        return "train " + write("bad.txt", text) + ' ';
    };
    refuses(file("+1 1:0.5\n-1 1:0.x\n"), 1, "bad.txt:2:");
    refuses(file("+1 0:0.5\n-1 1:1\n"), 1, "bad.txt:1:4: the index is 0");
    refuses(file("+1 2:0.5 1:1\n-1 1:1\n"), 1, "bad.txt:1:10:");
    refuses(file("+1 1:1 2147483648:0.5\n"), 1, "bad.txt:1:8:");
    refuses(file("+1 1:nan\n-1 1:2\n"), 1, "bad.txt:1:");
    refuses(file("nan 1:1\n-1 1:2\n"), 1, "bad.txt:1:1:");
    refuses(file(""), 1, "no examples");
    refuses(file("1,2,3\n1,2\n"), 1, "bad.txt:2:");
    refuses(file("1,\"2,3\n1,2,3\n"), 1, "bad.txt:1:");
    refuses(file("1,,0\n1,2,1\n"), 1, "missing cell");
    refuses(file("1,nan,0\n1,2,1\n"), 1, "bad.txt:1:");
    refuses(file("1,a,0\n1,b,1\n"), 1, "not a number");
    refuses(file("1,2,0\n1,2,1\n3,4,2\n") + "--task binary", 1, "3 different values");
    refuses(file("1,2,0\n1,2,0\n") + "--task binary", 1, "1 different values");
    refuses(file("1,2,a\n1,2,b\n") + "--task regression", 1, "the targets are text");
    refuses(file("1,2,3\n4,5,6\n") + "--target-column price", 1, "no column is called 'price'");
    refuses("train missing.svm", 1, "missing.svm");
    two_classes();
    run("(gzip -c two.svm | head -c 300 > cut.svm.gz)");
    refuses("train cut.svm.gz", 1, "the .gz is truncated");
    refuses("train two.svm --model no/such/folder/model", 1, "no/such/folder/model");
    CHECK_THAT(content("err.txt"), !contains("solver: "));  // refused before the fit
    run("rm -f pipe && mkfifo pipe");
    refuses("train pipe", 1, "a pipe cannot be read twice");
    refuses(file("1 1:1e308\n0 1:-1e308\n") + "--solver sgd", 1, "their squares overflow");
    refuses(file("1\n0\n") + "--no-intercept --solver gd", 1, "all features are zero");
    refuses("train two.svm --trace no/such/folder/trace", 1, "no/such/folder/trace");
}

TEST_CASE("a test file must be like the training file") {
    const std::string train = "train " + two_classes() + " --test ";
    refuses(train + write("wide.svm", "1 1:1 3:1\n"), 1, "wide.svm:1:7:");
    refuses(train + write("other.svm", "7 1:1\n"), 1, "example 1 has the target 7");
    refuses(train + flowers(), 1, "the file is CSV");
    refuses("train flowers.csv --categorical colour --test two.svm", 1, "LIBSVM format");
    refuses("train flowers.csv --categorical colour --test " +
                write("green.csv", "size,colour,species\n1,green,lily\n"),
            1, "green.csv:2:3:");
}

TEST_CASE("train reads a folder of shuffled examples") {
    two_classes();
    flowers();
    std::filesystem::remove_all("store");
    const auto data = ermine::read_libsvm("two.svm");
    ermine::shuffle_to_npy(data.with_class_names({"no", "yes"}), "store");
    const double best = json_of("two.svm --l2 0.05")["objective"];
    CHECK(json_of("store --l2 0.05 --test two.svm")["objective"].get<double>() ==
          Approx(best).epsilon(1e-12));
    CHECK(json_of("two.svm --l2 0.05 --test store")["test_error"]["n"] == 60);
    const std::string sgd = "store --solver sgd --batch 8 --l2 0.05 --holdout 0.2";
    CHECK(json_of(sgd + " --threads 1")["objective"] == json_of(sgd + " --threads 2")["objective"]);
    // minibatches are consecutive, whatever the seed
    const std::string plain = "store --solver sgd --batch 8 --epochs 3 --seed ";
    CHECK(json_of(plain + "1")["objective"] == json_of(plain + "2")["objective"]);
    CHECK_THAT(run("train store --solver sgd --epochs 1 --model m.json").err,
               contains("minibatches: in the order of the folder"));
    CHECK(run("predict m.json store").out == run("predict m.json store/").out);
    CHECK_THAT(run("predict m.json store").out, contains("yes\n"));
    CHECK(run("predict m.json two.svm").status == 0);

    refuses("train store --features 2", 2, "--features is for LIBSVM files, but store is a folder");
    refuses("train store --missing mean", 2, "--missing is for CSV files");
    refuses("train store --labels two.svm", 2, "--labels is for IDX files");
    refuses("train two.svm --test store --test-labels two.svm", 2, "are for IDX files");
    refuses("train store --model store/data.npy", 2, "a file of the folder of DATA");
    refuses("train two.svm --test store --trace store/store.txt", 2, "a file of the folder of");
    refuses("train flowers.csv --categorical colour --test store", 1, "the training file was CSV");
    refuses("train store --test flowers.csv", 1, "the file is CSV, the training file was not");
    refuses("train store/y.npy", 1, "is a NumPy array alone; give the folder");
    refuses("train .", 1, ".: is no store of shuffled examples, or was not finished");

    // the same in float, dense: rows of another kind
    Eigen::MatrixXf x = Eigen::MatrixXf::Zero(60, 2);
    for (ermine::Index i = 0; i < 60; ++i)
        for (std::size_t k = 0; k < data.rows().row_values(i).size(); ++k)
            x(i, data.rows().row_columns(i)[k]) = static_cast<float>(data.rows().row_values(i)[k]);
    std::filesystem::remove_all("floats");
    ermine::shuffle_to_npy(ermine::Dataset{x, data.targets(), Eigen::VectorXd::Ones(60)}, "floats");
    CHECK(json_of("floats --l2 0.05")["objective"].get<double>() == Approx(best).epsilon(1e-6));
    refuses("train store --test floats", 1, "floats: has dense rows, the training data sparse");
    ermine::shuffle_to_npy(ermine::blobs({.features = 3}), "floats");
    refuses("predict m.json floats", 1, "has 3 features, the training data had 2");

    const std::string y = content("store/y.npy");
    std::string altered = y;
    altered[130] = static_cast<char>(altered[130] ^ 4);
    write("store/y.npy", altered);
    refuses("train store", 1, "store/y.npy: was altered since the store was written");
    refuses("train two.svm --test store", 1, "store/y.npy: was altered");
    refuses("predict m.json store", 1, "store/y.npy: was altered");
    write("store/y.npy", y.substr(0, 200));
    refuses("train store", 1, "store/y.npy: was altered: it has 200 bytes, and had 608");
    std::filesystem::remove("store/y.npy");
    refuses("train store", 1, "store/y.npy: cannot be opened");
    write("store/y.npy", y);
    CHECK(run("train store").status == 0);
    std::filesystem::remove("store/store.txt");
    refuses("train store", 1, "it has no store.txt");
}

TEST_CASE("train reads IDX files and finds their labels") {
    const auto idx = [](const std::string& path, const std::string& dimensions,
                        const std::string& numbers) {
        std::string text(2, '\0');
        text += '\x08';
        text += static_cast<char>(dimensions.size());
        for (const char n : dimensions) text += std::string(3, '\0') + n;
        return write(path, text + numbers);
    };
    std::string pixels;
    std::string digits;
    for (int i = 0; i < 90; ++i) {
        digits += static_cast<char>(i % 3);
        for (int j = 0; j < 4; ++j)
            pixels += static_cast<char>((j == i % 3 ? 100 : 0) + (7 * i + 5 * j) % 60);
    }
    idx("some-images-idx3-ubyte", {90, 2, 2}, pixels);
    idx("some-labels-idx1-ubyte", {90}, digits);
    idx("more-images.idx", {30, 4}, pixels.substr(0, 120));
    idx("classes.idx", {30}, digits.substr(0, 30));
    const std::string flags = "some-images-idx3-ubyte --standardize --l2 0.01 --model digits.json";
    const Json json = json_of(flags + " --test more-images.idx --test-labels classes.idx");
    CHECK(json["train_error"]["mean"] == 0);
    CHECK(json["test_error"]["n"] == 30);
    CHECK(json["test_error"]["mean"] == 0);
    CHECK(json_of("more-images.idx --labels classes.idx")["train_error"]["n"] == 30);
    CHECK(run("(gzip -c some-images-idx3-ubyte > images.gz)").status == 0);
    const Run blind = run("predict digits.json more-images.idx");
    CHECK(blind.status == 0);
    CHECK(blind.out.starts_with("0\n1\n2\n0\n"));
    CHECK(blind.err.empty());
    CHECK_THAT(run("predict digits.json some-images-idx3-ubyte").err,
               contains("error (zero_one): 0"));
    CHECK(run("predict digits.json images.gz").out ==
          run("predict digits.json some-images-idx3-ubyte").out);

    const std::string train = "train more-images.idx ";
    refuses(train, 1, "more-images.idx: is an IDX file; name that of its labels: --labels");
    refuses(train + "--labels some-labels-idx1-ubyte", 1, "there are 90 labels, but 30 examples");
    refuses(train + "--labels more-images.idx", 1, "byte 3: labels have 1 dimension");
    refuses(train + "--labels none", 1, "none: cannot be opened");
    refuses(train + "--labels classes.idx --model classes.idx", 2, "the file of --labels");
    refuses("train some-images-idx3-ubyte --model some-labels-idx1-ubyte", 2, "file of --labels");
    refuses(train + "--labels classes.idx --test images.gz", 1, "--test-labels");
    refuses("train two.svm --test-labels classes.idx", 2, "--test-labels needs --test");
    refuses("train two.svm --labels classes.idx", 2,
            "--labels is for IDX files, but two.svm is in");
    write("cut.idx", content("more-images.idx").substr(0, 100));
    refuses("train cut.idx --labels classes.idx", 1, "cut.idx: byte 8: the dimensions announce");
    refuses("predict digits.json cut.idx", 1, "cut.idx: byte 8:");
    idx("wide.idx", {24, 5}, pixels.substr(0, 120));
    refuses("predict digits.json wide.idx", 1, "has 5 features, the training data had 4");
    idx("dark.idx", {30}, std::string(30, '\0'));
    refuses(train + "--labels dark.idx --task binary", 1, "1 different values");
}

TEST_CASE("train learns MNIST from its IDX files", "[real]") {
    const char* const root = std::getenv("ERMINE_DATA_DIR");
    const std::string folder = std::string(root == nullptr ? "" : root) + "/mnist/";
    if (root == nullptr || !std::filesystem::exists(folder)) {
        WARN("skipped: ERMINE_DATA_DIR does not name a folder with mnist/");
        return;
    }
    const Json json =
        json_of(folder + "t10k-images-idx3-ubyte.gz --standardize --holdout 0.2 " +
                "--solver sgd --epochs 5 --batch 64 --l2 0.01 --clip 1 --step cosine:0.05");
    CHECK(json["train_error"]["n"] == 8000);
    // trained on all 60,000 digits, linear softmax errs on 7 to 9 percent
    CHECK(json["validation_error"]["mean"].get<double>() < 0.12);
}

TEST_CASE("train --json prints one object with its keys") {
    const Json json = json_of(two_classes() + " --l2 0.01 --holdout 0.25 --test two.svm");
    std::vector<std::string> keys;
    for (const auto& [key, value] : json.items()) keys.push_back(key);
    CHECK(keys == std::vector<std::string>{"certificate", "counts", "gradient_norm", "objective",
                                           "seconds", "solver", "status", "test_error",
                                           "train_error", "validation_error"});
    CHECK(json["solver"] == "LinearNewtonCG");
    CHECK(json["status"] == "converged");
    CHECK(json["certificate"]["kind"] == "gap");
    CHECK(json["certificate"]["value"].get<double>() <= 1e-6 * json["objective"].get<double>());
    CHECK(json["train_error"]["n"] == 45);
    CHECK(json["validation_error"]["n"] == 15);
    CHECK(json["test_error"]["n"] == 60);
    CHECK(json["test_error"]["measure"] == "zero_one");
    CHECK(json["seconds"]["read"].get<double>() >= 0);
    const Json newton = json_of("two.svm --l2 0.01 --solver newton");
    CHECK(newton["gradient_norm"].get<double>() <= 1e-10);
    CHECK(newton["certificate"] == Json{{"kind", "none"}, {"value", nullptr}});
    const Json bare = json_of("two.svm --l2 0.01 --no-intercept --solver newton");
    CHECK(bare["validation_error"].is_null());
    CHECK(bare["certificate"]["kind"] == "strong_convexity");
    CHECK(bare["certificate"]["value"].get<double>() < 1e-15);
}

TEST_CASE("train --json stays valid where numbers are not finite") {
    const Json json =
        json_of(write("huge.svm", "1e308 1:1\n-1e308 1:-1\n3 1:0.5\n") + " --task regression");
    CHECK(json["objective"].is_null());
    CHECK(json["status"] == "non_finite");
    CHECK(json["certificate"] == Json{{"kind", "none"}, {"value", nullptr}});
    const Json diverged = json_of(two_classes() + " --solver gd --step 1e6");
    CHECK(diverged["status"] == "diverged");
    CHECK(diverged["objective"].get<double>() <= Approx(std::log(2.0)));
    const Json single = json_of("two.svm --l2 0.1 --holdout 0.02");
    CHECK(single["validation_error"]["n"] == 1);
    CHECK(single["validation_error"]["standard_error"].is_null());
}

TEST_CASE("every solver finds the same minimum") {
    two_classes();
    const std::string penalty = "two.svm --l2 0.05 ";
    const double best = json_of(penalty + "--solver newton")["objective"];
    for (const char* flags : {"--solver gd", "--solver fista", "--solver gd --step backtracking",
                              "--solver gd --step 0.5 --momentum 0.5"}) {
        INFO(flags);
        CHECK(json_of(penalty + flags)["objective"].get<double>() == Approx(best).epsilon(1e-9));
    }
    CHECK(json_of(penalty + "--solver sgd --epochs 200")["objective"].get<double>() ==
          Approx(best).epsilon(1e-2));
    const std::string sparse = "two.svm --l1 0.05 --tolerance 1e-9 ";
    CHECK(json_of(sparse + "--solver gd")["objective"].get<double>() ==
          Approx(json_of(sparse + "--solver fista")["objective"].get<double>()).epsilon(1e-12));
    const Json one = json_of("two.svm --solver sgd --momentum 0.9 --clip 1 --threads 1");
    const Json two = json_of("two.svm --solver sgd --momentum 0.9 --clip 1 --threads 2");
    CHECK(one["objective"] == two["objective"]);
}

TEST_CASE("train stops by the duality gap, which bounds the distance to the minimum") {
    two_classes();
    const auto fits = [](const std::string& flags, const std::string& reference) {
        INFO(flags);
        const double least = json_of("two.svm " + reference)["objective"];
        const Json json = json_of("two.svm " + flags);
        CHECK(json["status"] == "converged");
        CHECK(json["certificate"]["kind"] == "gap");
        const double above = json["objective"].get<double>() - least;
        CHECK(above <= json["certificate"]["value"].get<double>() + 1e-12);
        CHECK(above >= -1e-9);
        return json["solver"].get<std::string>();
    };
    const std::string exact = " --tolerance 1e-11";
    for (const std::string loss : {"logistic", "squared_hinge", "squared"}) {
        const std::string l2 = "--task binary --l2 0.02 --loss " + loss;
        CHECK(fits(l2, l2 + " --solver newton") == "LinearNewtonCG");
        CHECK(fits(l2 + " --solver newton-cg --gap 1e-9", l2 + " --solver newton") ==
              "LinearNewtonCG");
        const std::string l1 = "--task binary --l1 0.05 --loss " + loss;
        CHECK(fits(l1, l1 + " --solver fista" + exact) == "WorkingSet");
        const std::string both = l1 + " --l2 0.01 --gap 1e-8";
        CHECK(fits(both + " --solver working-set", l1 + " --l2 0.01 --solver fista" + exact) ==
              "WorkingSet");
    }
    const std::string bare = "--l2 0.02 --no-intercept --loss squared_hinge ";
    CHECK(fits(bare + "--solver dual", bare + "--solver newton") == "DualCoordinateAscent");
    CHECK(json_of("two.svm --loss hinge --l2 0.02")["solver"] == "SmoothedHingeNewton");
    CHECK(json_of("two.svm --loss hinge")["solver"] == "sgd");
    CHECK(json_of("two.svm --loss huber --task binary --l2 0.1")["solver"] == "newton");
    flowers();
    const std::string many = "flowers.csv --categorical colour --l2 0.01 ";
    CHECK(json_of(many)["solver"] == "MulticlassNewtonCG");
    CHECK(json_of(many)["objective"].get<double>() ==
          Approx(json_of(many + "--solver newton")["objective"].get<double>()).epsilon(2e-6));
    CHECK_THAT(run("train two.svm --l2 0.02").out, contains("of the minimum, certified"));

    refuses("train two.svm --gap 0", 2, "--gap is 0");
    refuses("train two.svm --gap 1e-6", 2, "without a penalty no gap");
    refuses("train two.svm --gap 1e-6 --l2 1 --solver sgd", 2, "--gap with --solver sgd");
    refuses("train two.svm --gap 1e-6 --l2 1 --step 0.1", 2, "--gap with --step");
    refuses("train two.svm --gap 1e-6 --l2 1 --loss hinge --l1 1", 2, "--gap with --loss hinge");
    refuses("train two.svm --l1 1 --solver newton-cg", 2, "it needs a smooth penalty");
    refuses("train two.svm --l2 1 --solver working-set", 2, "without --l1");
    refuses("train two.svm --l2 1 --solver dual", 2, "it is for hinge and squared_hinge");
    refuses("train two.svm --l2 1 --loss hinge --solver dual", 2, "an intercept would couple");
    refuses("train two.svm --l2 1 --batch 8 --solver newton-cg", 2, "--batch with --solver");
}

TEST_CASE("train goes along a path and chooses by cross-validation") {
    two_classes(300);
    const Json path = json_of("two.svm --l1 1 --path 6 --path-plot path.svg");
    REQUIRE(path["path"].size() == 6);
    CHECK(path["chosen"].is_null());
    CHECK(path["path"][0]["nonzeros"] == 0);
    CHECK(path["path"][5]["nonzeros"] == 2);
    CHECK(path["path"][5]["l1"].get<double>() ==
          Approx(1e-3 * path["path"][0]["l1"].get<double>()));
    const Json& third = path["path"][3];
    const Json alone = json_of("two.svm --gap 1e-9 --l1 " + third["l1"].dump());
    const double above = third["objective"].get<double>() - alone["objective"].get<double>();
    CHECK(above <= third["gap"].get<double>() + 1e-9);
    CHECK(above >= -1e-9 * alone["objective"].get<double>());
    CHECK((std::filesystem::exists("path.svg") || std::filesystem::exists("path.svg.gnuplot")));

    const std::string cross = "two.svm --l1 0.5 --l2 0.5 --path 8 --cv 5 --model chosen.json";
    const Json best = json_of(cross + " --cv-plot cv.svg");
    const std::size_t chosen = best["chosen"];
    for (const Json& point : best["path"])
        CHECK(point["cv_mean"].get<double>() >= best["path"][chosen]["cv_mean"].get<double>());
    CHECK(best["objective"] == best["path"][chosen]["objective"]);
    CHECK(best["path"][chosen]["l1"] == best["path"][chosen]["l2"]);
    CHECK(run("predict chosen.json two.svm").status == 0);
    CHECK((std::filesystem::exists("cv.svg") || std::filesystem::exists("cv.svg.gnuplot")));
    const std::size_t simple = json_of(cross + " --one-standard-error")["chosen"];
    CHECK(simple <= chosen);
    CHECK(best["path"][simple]["cv_mean"].get<double>() <=
          best["path"][chosen]["cv_mean"].get<double>() +
              best["path"][chosen]["cv_standard_error"].get<double>());
    CHECK(json_of(cross + " --threads 1")["path"] == json_of(cross + " --threads 2")["path"]);

    const Json held = json_of("two.svm --l2 1 --path 5 --holdout 0.3 --loss hinge");
    CHECK(held["validation_error"]["mean"] ==
          held["path"][held["chosen"].get<std::size_t>()]["validation_error"]);

    std::string text = "x,who,y\n";
    for (int i = 0; i < 40; ++i)
        text += std::to_string(std::sin(1.7 * i) + i % 2) + ",patient" + std::to_string(i % 8) +
                ',' + std::to_string(std::cos(i) + 2 * std::sin(1.7 * i)) + '\n';
    write("grouped.csv", text);
    CHECK(json_of("grouped.csv --groups who --l2 1 --path 4 --cv 4")["path"].size() == 4);
    refuses("train grouped.csv --groups who --l2 1 --path 4 --cv 9", 2, "of 8 groups");
    refuses("train grouped.csv --groups who", 2, "--groups needs --cv");
    refuses("train two.svm --cv 3 --groups who", 2, "--groups is for CSV files");
    refuses("train two.svm --path 1", 2, "--path is 1");
    refuses("train two.svm --cv 1", 2, "--cv is 1");
    refuses("train two.svm --path 5 --model m.json", 2, "--cv or --holdout chooses one");
    refuses("train two.svm --path 5 --path-plot a.pdf", 2, "a picture ends in .svg or .png");
    refuses("train two.svm --path 5 --batch 8", 2, "--batch with --path");
    refuses("train two.svm --cv 3 --solver sgd", 2, "--solver sgd with --cv");
    refuses("train two.svm --one-standard-error", 2, "needs --cv");
    refuses("train two.svm --cv 3 --loss huber --task binary", 2, "paths are for");
}

TEST_CASE("train and predict take LIBLINEAR's model format") {
    const auto model = [](const std::string& text) { return write("model.txt", text); };
    const std::string points = write("points.svm", "1 1:1\n1 2:1\n1 1:-1 2:-1\n");
    const auto answers = [&](const std::string& text) {
        return run("predict " + model(text) + ' ' + points + " --quiet").out;
    };
    // known by hand; a prediction that is exactly 0 is of the second label
    const std::string two = "\nnr_feature 2\nbias 0.5\nw\n2 \n-2 \n-2 \n";  // 2, -2, -1 and b -1
    CHECK(answers("solver_type L2R_LR\nnr_class 2\nlabel 1 -1" + two) == "1\n-1\n-1\n");
    CHECK(answers("solver_type L2R_L2LOSS_SVC\nnr_class 2\nlabel -3 5" + two) == "-3\n5\n5\n");
    const std::string tie = "\nnr_feature 2\nbias -1\nw\n0\n1\n";
    CHECK(answers("solver_type L1R_LR\nnr_class 2\nlabel 1 -1" + tie) == "-1\n1\n-1\n");
    CHECK(answers("solver_type L1R_LR\nnr_class 2\nlabel -1 1" + tie) == "1\n-1\n1\n");
    CHECK(answers("solver_type MCSVM_CS\nnr_class 3\nlabel 7 2 5\nnr_feature 2\nbias -1\nw\n"
                  "1 0 0.5\n0 1 0.25\n") == "7\n2\n5\n");
    CHECK(
        answers("solver_type L2R_L2LOSS_SVR\nnr_class 2\nnr_feature 2\nbias 1\nw\n2\n3\n0.25\n") ==
        "2.25\n3.25\n-4.75\n");
    const auto refused = [&](const std::string& text, const std::string& sentence) {
        refuses("predict " + model(text) + " points.svm", 1, sentence);
    };
    refused("solver_type L2R_LR\nnr_class 2\nlabel 1 -1\nnr_feature 2\nbias -1\nw\n1\n",
            "model.txt:8: the model ends before its last weight");
    refused("solver_type L2R_LR\nnr_class 2\nlabel 1 -1\nnr_feature 1\nbias -1\nw\nx\n",
            "model.txt:7: 'x' is not a number");
    refused("solver_type L2R_LR\nnr_class 3\nlabel 1 -1\nnr_feature 1\nbias -1\nw\n1\n",
            "2 labels for 3 classes");
    refused("solver_type L2R_LR\nnr_class 2\nlabel 1 1\nnr_feature 1\nbias -1\nw\n1\n",
            "the label 1 is there twice");
    refused("solver_type L2R_LR\nkernel rbf\n", "model.txt:2: 'kernel' is no entry");
    refused("solver_type ONECLASS_SVM\nnr_class 2\nnr_feature 1\nbias -1\nw\n1\n",
            "solver_type is 'ONECLASS_SVM'");

    // ours, and LIBLINEAR's own programs where they are installed
    two_classes();
    std::string three = content("two.svm") + "2 1:3 2:3\n2 1:4 2:3\n";
    write("three.svm", three);
    const bool installed = std::system("command -v liblinear-predict > /dev/null") == 0;
    const auto same_answers = [&](const std::string& data, const std::string& flags) {
        INFO(flags);
        REQUIRE(run("train " + data + " --model own.json " + flags).status == 0);
        REQUIRE(run("train " + data + " --model own.txt --format liblinear " + flags).status == 0);
        const std::string ours = run("predict own.json " + data + " --quiet").out;
        CHECK(run("predict own.txt " + data + " --quiet").out == ours);
        if (!installed) return;
        CHECK(run("liblinear-predict " + data + " own.txt theirs.txt").status == 0);
        CHECK(content("theirs.txt") == ours);
    };
    same_answers("two.svm", "--l2 0.01");
    same_answers("two.svm", "--l1 0.01 --standardize");
    same_answers("two.svm", "--loss hinge --l2 0.01 --no-intercept");
    same_answers("three.svm", "--l2 0.001");
    same_answers("three.svm", "--l2 0.01 --loss crammer_singer");
    CHECK_THAT(content("own.txt"), contains("solver_type MCSVM_CS\nnr_class 3\nlabel 0 1 2\n"));
    for (const int solver : {0, 1, 4, 7}) {
        if (!installed) break;
        const std::string type = std::to_string(solver);
        for (const std::string data : {"two.svm", "three.svm"}) {
            REQUIRE(run("liblinear-train -q -B 1 -s " + type + ' ' + data + " t.txt").status == 0);
            REQUIRE(run("liblinear-predict " + data + " t.txt theirs.txt").status == 0);
            CHECK(run("predict t.txt " + data + " --quiet").out == content("theirs.txt"));
        }
    }
    flowers();
    refuses("train flowers.csv --categorical colour --model m --format liblinear", 2,
            "its labels are whole numbers");
    refuses("train two.svm --task regression --loss poisson --l2 1 --format liblinear --model m", 2,
            "the mean e^p");
    refuses("train two.svm --format nonsense", 2, "--format");
    refuses("predict own.txt two.svm --probabilities", 2, "gives none");
}

TEST_CASE("train takes a method by name") {
    two_classes();
    const auto objective = [](const std::string& method, const std::string& flags = "") {
        return json_of("two.svm --l2 0.05 " + flags + " --method \"" + method + "\"")["objective"]
            .get<double>();
    };
    const double best = json_of("two.svm --l2 0.05 --solver newton")["objective"];
    // what converges by its theory, and penalties that it takes
    for (const char* method :
         {"newton", "lbfgs", "full_gradient", "full_gradient | nesterov", "saga", "sag", "svrg",
          "loopless_svrg", "katyusha(strong_convexity=0.05)", "katyusha",
          "full_gradient | momentum(0.5) | constant(0.5)"})
        CHECK(objective(method, "--epochs 200") == Approx(best).epsilon(1e-8));
    // what comes near
    for (const char* method :
         {"adam(0.05) ",
          "minibatch(8, sampler=stratified) | cosine(0.2)",
          "minibatch(8, sampler=importance(uniform=0.5)) | cosine(0.2)",
          "minibatch(8, held=2) | cosine(0.2)",
          "accumulated(8, batches=2) | cosine(0.5)",
          "growing_minibatch(8) | constant(0.5)",
          "norm_test_minibatch(8) | constant(0.5)",
          "minibatch(8) | clip_by_norm(1) | momentum(0.9, nesterov) | warmup(20) | cosine(0.1)",
          "minibatch(8) | joined(constant(0.3), cosine(0.3), epoch=5) | average(400)",
          "minibatch(8) | stochastic_polyak(longest=0.1)",
          "one_cycle(0.5) | lookahead(every=3)",
          "minibatch(8) | constant(0.3) | schedule_free",
          "rmsprop(centred) | cosine(0.05)",
          "nadam | cosine(0.05)",
          "amsgrad | cosine(0.05)",
          "radam | cosine(0.5)",
          "adagrad(0.5)",
          "lion | cosine(0.05)",
          "lamb | cosine(0.05)",
          "reduce_on_plateau(0.3) | exponential_average(0.9)",
          "polynomial(0.3)",
          "inverse_square_root(0.3, 20) | stochastic_weight_average(50)"})
        CHECK(objective(method, "--epochs 100") == Approx(best).epsilon(0.01));
    CHECK(json_of("two.svm --l1 0.05 --epochs 200 --method saga")["objective"].get<double>() ==
          Approx(json_of("two.svm --l1 0.05 --tolerance 1e-9")["objective"].get<double>())
              .epsilon(1e-8));
    // gradients are remembered whole where directions follow, or of many outputs; of dense rows
    CHECK(objective("saga | clip_by_norm(1e6)", "--epochs 200") == Approx(best).epsilon(1e-8));
    flowers();
    for (const char* flags : {"--categorical colour,species --target-column size",
                              "--categorical colour --loss softmax"}) {
        const std::string train = std::string("flowers.csv --l2 0.05 ") + flags;
        CHECK(json_of(train + " --epochs 400 --method saga")["objective"].get<double>() ==
              Approx(json_of(train + " --solver newton")["objective"].get<double>()).epsilon(1e-8));
    }
    CHECK(json_of("flowers.csv --categorical colour --standardize --epochs 300 --method \"muon | "
                  "cosine(0.05)\"")["train_error"]["mean"] == 0);

    // the flags are sentences
    CHECK(objective("minibatch(8) | clip_by_norm(0.3) | momentum(0.9) | cosine(0.1)") ==
          json_of("two.svm --l2 0.05 --batch 8 --clip 0.3 --momentum 0.9 --step "
                  "cosine:0.1")["objective"]);
    CHECK(objective("sgd(0.1, momentum=0.9)") == objective("momentum(0.9) | constant(0.1)"));
    CHECK(objective("adamw(0.01, weight_decay=0.1)") ==
          objective("adam | weight_decay(0.1) | constant(0.01)"));
    CHECK(objective("minibatch(16) | adam(0.01)", "--threads 1") ==
          objective("minibatch(16) | adam(0.01)", "--threads 2"));
    CHECK_THAT(run("train two.svm --method momentum").err, contains("step: cosine("));

    // to the last bit what is written in C++
    const auto data = ermine::read_libsvm("two.svm");
    const Eigen::VectorXd signs = 2 * data.targets().array() - 1;
    const auto risk =
        ermine::EmpiricalRisk{ermine::Linear{2}, ermine::LogisticLoss{}, data.with_targets(signs)} +
        ermine::L2{0.05};
    const auto written = ermine::minibatch(ermine::WithReplacement{.seed = 3}, {.size = 8}) |
                         ermine::ClipByNorm{.norm = 0.3} | ermine::Adam{.beta1 = 0.8} |
                         ermine::WeightDecay{.rate = 0.01} |
                         ermine::OneCycle{.peak = 0.1, .epochs = 20} | ermine::Average{.skip = 10};
    const auto answer = ermine::minimize(risk, risk.zero(), written, ermine::MaxEpochs{20});
    CHECK(objective("minibatch(8, sampler=with_replacement) | clip_by_norm(0.3) | adam(beta1=0.8) "
                    "| weight_decay(0.01) | one_cycle(0.1) | average(10)",
                    "--epochs 20 --seed 3") == answer.value);
}

TEST_CASE("every loss finds its best constant") {
    // without a feature that says anything, the answer is what is known of each loss
    const std::vector<double> numbers = {0, 1, 1, 2, 2, 3, 4, 7, 9, 31};
    std::string text;
    for (const double y : numbers) text += std::to_string(y) + " 1:0\n";
    write("numbers.svm", text);
    const auto constant = [](const std::string& flags) {
        INFO(flags);
        REQUIRE(run("train numbers.svm --task regression --model n.json --quiet " + flags).status ==
                0);
        const Run answer = run("predict n.json numbers.svm");
        REQUIRE(answer.status == 0);
        return std::stod(answer.out);
    };
    const auto solves = [&](const auto& slope, double p) {
        double sum = 0;
        for (const double y : numbers) sum += slope(p - y);
        return sum;
    };
    CHECK(constant("--loss poisson") == Approx(6).epsilon(1e-9));  // the mean
    CHECK(constant("--loss poisson --l1 0.01") == Approx(6).epsilon(1e-4));
    CHECK(constant("--loss poisson --method lbfgs") == Approx(6).epsilon(1e-5));
    CHECK(constant("--loss poisson --solver sgd --batch 10 --epochs 2000") ==
          Approx(6).epsilon(1e-3));
    CHECK(solves([](double r) { return std::tanh(r); }, constant("--loss log_cosh")) ==
          Approx(0).margin(1e-8));
    CHECK(solves([](double r) { return r / std::sqrt(1 + r * r / 4); },
                 constant("--loss pseudo_huber:2")) == Approx(0).margin(1e-8));
    CHECK(solves([](double r) { return std::clamp(r, -2.5, 2.5); }, constant("--loss huber:2.5")) ==
          Approx(0).margin(1e-8));
    // medians and quantiles, by shrinking steps
    const std::string steps = " --batch 10 --step cosine:3 --epochs 3000";
    const double median = constant("--loss absolute" + steps);
    CHECK(median > 1.99);
    CHECK(median < 3.01);
    CHECK(constant("--loss quantile:0.85" + steps) == Approx(9).margin(0.01));
    // from 14.5 to 15.5 one example on either side is outside the tube
    CHECK(constant("--loss epsilon_insensitive:14.5" + steps) == Approx(15).margin(0.501));
    CHECK(constant("--loss absolute") > 0);

    refuses("train " + write("negative.svm", "1 1:1\n-3 1:2\n2 1:1\n") + " --loss poisson", 1,
            "negative.svm: example 2 has the target -3, but --loss poisson takes counts");
    refuses("train numbers.svm --loss crammer_singer --task regression", 2, "not for that task");
    // two values are a regression for a loss that serves no classes
    two_classes();
    CHECK_THAT(run("train two.svm --loss poisson").out, contains("squared_error"));
    for (const char* loss : {"absolute", "modified_huber", "exponential", "log_cosh"}) {
        INFO(loss);
        REQUIRE(run(std::string("train two.svm --model two.json --loss ") + loss).status == 0);
        CHECK_THAT(run("predict two.json two.svm").err, contains("error (zero_one): 0."));
        refuses("predict two.json two.svm --probabilities", 2, "gives none");
    }
    // half the log-odds: the exponential loss of a constant
    write("odds.svm", "1 1:0\n1 1:0\n1 1:0\n0 1:0\n");
    CHECK(json_of("odds.svm --loss exponential")["objective"].get<double>() ==
          Approx(std::sqrt(3.0) / 2).epsilon(1e-9));
    flowers();
    CHECK(json_of("flowers.csv --categorical colour --standardize --loss crammer_singer "
                  "--epochs 300")["train_error"]["mean"] == 0);
    CHECK(json_of("two.svm --loss crammer_singer")["train_error"]["measure"] == "zero_one");
}

TEST_CASE("a trace of minibatches has the gradient's norm and the clip rate") {
    two_classes();
    for (const std::string method :
         {"minibatch(8)", "clip_by_norm(0.1) | momentum | cosine(0.1)", "adam",
          "minibatch(8) | momentum | clip_by_norm(0.1) | cosine(0.1)"}) {
        INFO(method);
        REQUIRE(
            run("train two.svm --epochs 3 --trace t.jsonl --method \"" + method + "\"").status ==
            0);
        std::istringstream lines(content("t.jsonl"));
        std::string line;
        int steps = 0;
        while (std::getline(lines, line)) {
            const Json json = Json::parse(line);
            if (json["iteration"] == 0) continue;
            ++steps;
            CHECK(json["gradient_norm"].get<double>() > 0);
            if (method.find("clip") != std::string::npos)
                CHECK(json["clip_rate"].get<double>() >= 0);
        }
        CHECK(steps > 3);
    }
    // where nothing has moved yet, it is the gradient at zero
    REQUIRE(run("train two.svm --epochs 1 --trace t.jsonl --method \"minibatch(60) | "
                "momentum | constant(1e-12)\" --no-intercept")
                .status == 0);
    const auto data = ermine::read_libsvm("two.svm");
    const Eigen::VectorXd signs = 2 * data.targets().array() - 1;
    const ermine::EmpiricalRisk risk{ermine::Linear{2, false}, ermine::LogisticLoss{},
                                     data.with_targets(signs)};
    Eigen::VectorXd gradient;
    risk.value_and_gradient(risk.zero(), gradient);
    const std::string trace = content("t.jsonl");
    const Json last = Json::parse(trace.substr(trace.rfind("{\"iteration\":")));
    CHECK(last["gradient_norm"].get<double>() ==
          Approx(gradient.lpNorm<Eigen::Infinity>()).epsilon(1e-9));
}

TEST_CASE("train puts a caret under what it cannot read of a method") {
    two_classes();
    const auto complains = [](const std::string& method, const std::string& message,
                              std::size_t column, const std::string& flags = "") {
        refuses("train two.svm " + flags + " --method \"" + method + "\"", 2, message);
        CHECK_THAT(content("err.txt"),
                   contains("\n  " + method + "\n  " + std::string(column, ' ') + "^\n"));
    };
    complains("minibatch(128) | adm(1e-3)", "there is no part \"adm\"; did you mean \"adam\"?", 17);
    complains("minibatch(8 | adam", "this parenthesis is not closed", 9);
    complains("adam(1e-3, beta3=1)", "adam has no option \"beta3\"; its options are rate, beta1",
              11);
    complains("adam(beta1=x)", "beta1 takes a number, not \"x\"", 11);
    complains("clip_by_norm(1) | adam(beta1=1)", "Adam.beta1 is 1: ", 18);
    complains("clip_by_norm(0) | adam", "ClipByNorm.norm is 0: ", 0);
    complains("adam | constant(-1)", "Constant.size is -1: ", 7);
    complains("adam(-1)", "Constant.size is -1: ", 0);
    complains("minibatch(61) | adam", "it must lie between 1 and the number of examples, 60", 0);
    complains("minibatch(8, sampler=chance)", "there is no sampler \"chance\"", 21);
    complains("minibatch(8, sampler=importance(uniform=2))",
              "ImportanceOptions.uniform is 2: ", 21);
    complains("minibatch(8, sampler=importance, held=2)", "goes with minibatch alone", 21);
    complains("cosine(0.1) | adam", "the order is estimator | sam | directions", 14);
    complains("saga | minibatch(8)", "one estimator", 7);
    complains("adam(0.1) | constant(0.1)", "one step", 12);
    complains("sgd(0.1) | average | lookahead", "one tail", 21);
    complains("newton | adam", "stands alone", 9);
    complains("saga | sam", "only an estimate of the gradient", 7);
    complains("adam | stochastic_polyak", "no direction may stand before it", 7);
    complains("momentum | adam", "no proximal map", 11, "--l1 0.1");
    complains("newton", "needs a smooth penalty", 0, "--l1 0.1");
    complains("lbfgs", "needs a smooth loss", 0, "--loss hinge");
    complains("full_gradient | constant", "theory names no step", 16, "--loss hinge");
    complains("lbfgs", "absolute is not smooth", 0, "--loss absolute");
    complains("saga | constant", "exponential grows exponentially", 7, "--loss exponential");
    complains("adam | joined(cosine)", "joined takes two steps", 7);
    complains("joined(cosine, constant(0.1))", "give the time to go over at", 0);
    complains("adam | average(-1)", "Average.skip is -1", 7);
    complains("muon", "without a matrix", 0);
    complains("freeze(bias)", "the blocks are weights and intercept", 7);
    refuses("train two.svm --method adam --batch 8", 2, "--batch with --method");
    refuses("train two.svm --method adam --solver sgd", 2, "--solver with --method");
    refuses("train two.svm --method ''", 2, "it is empty");
    refuses("train none.svm --method 'adam('", 2, "not closed");  // before the data are read
    const Run help = run("train --method help");
    CHECK(help.status == 0);
    CHECK_THAT(help.out, contains("adam(rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08)"));
    CHECK_THAT(run("train --help").out, contains("tails: average"));
}

TEST_CASE("train tests a range of steps") {
    two_classes();
    const Json json = json_of("two.svm --range-test --method \"minibatch(16) | momentum\"");
    CHECK(json["rates"].size() == json["losses"].size());
    CHECK(json["rates"][0].get<double>() == Approx(1e-6));
    CHECK(json["longest"].get<double>() == Approx(10 * json["suggested"].get<double>()));
    CHECK(json_of("two.svm --range-test --loss squared --batch 16")["exploded"] == true);
    CHECK_THAT(run("train two.svm --range-test").out, contains("begin with"));
    refuses("train two.svm --range-test --method newton", 2, "finds its own step");
    refuses("train two.svm --range-test --solver newton", 2, "finds its own step");
    refuses("train two.svm --range-test --model m.json", 2, "nothing is trained");
}

TEST_CASE("a run that is killed goes on from its checkpoint to the same bits") {
    two_classes(300);
    for (const std::string method :
         {"minibatch(8) | clip_by_norm(1) | adam | warmup(50) | cosine(0.01) | average(100)",
          "growing_minibatch(2, factor=1.1) | momentum | joined(constant(0.1), cosine(0.1), "
          "epoch=5) | stochastic_weight_average(20)",
          "minibatch(4, sampler=stratified) | reduce_on_plateau(0.1) | lookahead", "svrg",
          "full_gradient | momentum(0.9) | constant(0.001)"}) {
        INFO(method);
        std::filesystem::remove("run.ckpt");
        const std::string train =
            "train two.svm --quiet --holdout 0.2 --tolerance 1e-12 --epochs 400 --method \"" +
            method + "\" --model ";
        REQUIRE(run(train + "whole.json").status == 0);
        const std::string part = train + "part.json --checkpoint run.ckpt --resume ";
        for (int i = 0; i < 3; ++i) {  // killed once there is a checkpoint, and a little later
            write("kill.sh", part + "--checkpoint-seconds 0 > out.txt 2> err.txt &\n" +
                                 "while [ ! -e run.ckpt ] && kill -0 $!; do sleep 0.002; done\n" +
                                 "sleep 0.0" + std::to_string(3 * i) + "\nkill -9 $!\nwait\n");
            run("sh kill.sh");
        }
        CHECK(std::filesystem::exists("run.ckpt"));
        REQUIRE(run(part).status == 0);
        CHECK(content("part.json") == content("whole.json"));
    }
    const std::string resume = " --checkpoint run.ckpt --resume --method ";
    refuses("train two.svm --holdout 0.2" + resume + "\"full_gradient | adam(0.1)\"", 1,
            "run.ckpt: the checkpoint is of another method");
    refuses("train two.svm --holdout 0.2 --method newton --checkpoint run.ckpt --resume", 1,
            "the checkpoint is of the method");
    refuses("train two.svm" + resume + "\"full_gradient | momentum(0.9)\"", 1, "240 examples");
    std::string damaged = content("run.ckpt");
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
    write("run.ckpt", damaged);
    refuses("train two.svm --holdout 0.2" + resume + "\"full_gradient | momentum(0.9)\"", 1,
            "run.ckpt");
    CHECK(content("run.ckpt") == damaged);
    refuses("train two.svm --resume", 2, "--resume needs --checkpoint");
    refuses("train two.svm --checkpoint-seconds 3", 2, "--checkpoint-seconds needs --checkpoint");
    refuses("train two.svm --checkpoint two.svm", 2, "the file of DATA");
    refuses("train two.svm --checkpoint no/such/folder/file", 1, "no/such/folder/file");
}

TEST_CASE("train --report writes one page, without anything from elsewhere") {
    const std::string data = two_classes();
    const std::string flags = " --solver gd --epochs 50 --l2 0.1 --quiet";
    const Run plain = run("train " + data + flags);
    const Run reported = run("train " + data + flags + " --report 'report <1>.html'");
    INFO(reported.err);
    REQUIRE(reported.status == 0);
    CHECK(reported.err.empty());
    CHECK(plain.out.substr(0, 60) == reported.out.substr(0, 60));
    const std::string page = content("report <1>.html");
    CHECK(page.starts_with("<!doctype html>"));
    CHECK_THAT(page, contains("<h1>train two.svm</h1>") && contains("training error (zero_one)"));
    CHECK_THAT(page, contains("<h2>Diagnosis</h2>") && contains("saddle point"));
    CHECK_THAT(page, contains("<th scope=\"row\">--epochs</th><td>50</td>"));
    CHECK_THAT(page, contains("report &lt;1&gt;.html") && !contains("report <1>"));
    CHECK_THAT(page,
               contains("Loss against iterations") && contains("Gradient norm against iterations"));
    CHECK_THAT(page, !contains("<script") && !contains("src=") && !contains("https:"));
    json_of(data + " --method 'minibatch(8) | adam' --epochs 3 --report report.html");
    CHECK_THAT(content("report.html"), contains("Gradient norm against iterations"));
    json_of(data + " --l1 0.01 --report report.html");  // by a method that knows linear models
    CHECK_THAT(content("report.html"), contains("working-set") || contains("WorkingSet"));

    const std::string train = "train " + data + ' ';
    refuses(train + "--report " + data, 2, "which it would replace");
    refuses(train + "--report a.html --model a.html", 2, "which it would replace");
    refuses(train + "--report a.html --l1 1 --path 5", 2, "--report with --path");
    refuses(train + "--report a.html --range-test --batch 8", 2, "--report with --range-test");
    refuses(train + "--report ''", 2, "--report");
    refuses(train + "--report no/such/folder/a.html", 1, "cannot be written");
}

TEST_CASE("train infers the task and says so") {
    two_classes();
    CHECK_THAT(run("train two.svm").err, contains("task: binary"));
    CHECK_THAT(run("train " + flowers() + " --categorical colour").err,
               contains("task: multiclass"));
    CHECK_THAT(run("train flowers.csv --categorical colour,species --target-column size").err,
               contains("task: regression"));
    CHECK(run("train --categorical colour flowers.csv").status == 0);
    CHECK_THAT(run("train two.svm --quiet").err, Catch::Matchers::Equals(""));
}

TEST_CASE("a saved model predicts what was trained") {
    flowers();
    REQUIRE(run("train flowers.csv --categorical colour --standardize --l2 0.001 --model m.json")
                .status == 0);
    const Run known = run("predict m.json flowers.csv");
    REQUIRE(known.status == 0);
    CHECK(known.out.substr(0, 24) == "lily\nrose\n\"aster, blue\"\n");
    CHECK_THAT(known.err, contains("error (zero_one): 0"));
    // without the target, columns in another order
    const Run unknown =
        run("predict m.json " + write("new.csv", "colour,size\nred,1.0\nblue,0.0\n"));
    CHECK(unknown.out == "rose\nlily\n");
    CHECK(unknown.err.empty());
    const Run table = run("predict m.json new.csv --probabilities --output p.csv");
    REQUIRE(table.status == 0);
    CHECK(content("p.csv").substr(0, 47) == "prediction,\"p(aster, blue)\",p(lily),p(rose)\nros");

    two_classes();
    REQUIRE(run("train two.svm --loss hinge --model hinge.json").status == 0);
    refuses("predict hinge.json two.svm --probabilities", 2,
            "a model of the loss hinge gives none");
    refuses("predict hinge.json wide.svm", 1, "wide.svm");
    refuses("predict hinge.json flowers.csv", 1, "the file is CSV");

    refuses("predict two.svm two.svm", 1, "two.svm:1: the model is damaged");
    refuses("predict /dev/zero two.svm", 1, "/dev/zero:1: the model is damaged");
    refuses("predict hinge.json two.svm --output hinge.json", 2, "the file of MODEL");
    refuses("predict hinge.json two.svm --output two.svm", 2, "the file of DATA");
    refuses("predict no.json two.svm", 1, "no.json: cannot be opened");
    const std::string model = content("hinge.json");
    write("cut.json", model.substr(0, model.size() / 2));
    refuses("predict cut.json two.svm", 1, "the model is damaged");
    const auto changed = [&](const std::string& from, const std::string& to) {
        std::string text = model;
        return write("changed.json", text.replace(text.find(from), from.size(), to));
    };
    refuses("predict " + changed("\"version\": 1", "\"version\": 9") + " two.svm", 1, "version 9");
    refuses("predict " + changed("\"features\": 2", "\"features\": 3") + " two.svm", 1,
            "for 3 features");
    refuses("predict " + changed("\"binary\"", "\"multiclass\"") + " two.svm", 1,
            "do not make a model");
    refuses("predict " + changed("\"hinge\"", "\"quantile:0.9\"") + " two.svm", 1,
            "the loss quantile:0.9 is not for the task binary");
    refuses("predict " + changed("\"hinge\"", "\"hunge\"") + " two.svm", 1, "no such loss");
}

TEST_CASE("Ctrl-C ends a run and saves what was asked for") {
    two_classes();
    std::filesystem::remove("stopped.json");
    const pid_t child = fork();
    if (child == 0) {
        if (std::freopen("out.txt", "w", stdout) != nullptr &&
            std::freopen("err.txt", "w", stderr) != nullptr)
            execlp("train", "train", "two.svm", "--solver", "sgd", "--epochs", "1e9", "--model",
                   "stopped.json", "--trace", "stopped.jsonl", "--json",
                   static_cast<char*>(nullptr));
        _exit(127);
    }
    REQUIRE(child > 0);
    int status = 0;
    // the first line of progress says that the run has begun
    while (content("err.txt").find("epoch ") == std::string::npos &&
           waitpid(child, &status, WNOHANG) == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    kill(child, SIGINT);
    waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    CHECK_THAT(content("err.txt"), contains("the model was saved to stopped.json"));
    CHECK(Json::parse(content("out.txt"))["status"] == "stopped");
    CHECK(run("predict stopped.json two.svm").status == 0);
    std::istringstream trace(content("stopped.jsonl"));
    std::string line;
    int lines = 0;
    while (std::getline(trace, line)) {
        CHECK(Json::parse(line).contains("gradient_norm"));
        if (++lines == 100) break;
    }
    CHECK(lines > 0);
}
