// SPDX-License-Identifier: MIT
// Does it matter in what order the examples come? Minibatches of a store that was shuffled once on
// disk, read from the first to the last in each epoch, beside the same examples shuffled anew each
// epoch, drawn with replacement, and sorted by their labels: on a9a with logistic regression
// (sparse) and MNIST with multinomial logistic regression (dense, of ERMINE_DATA_DIR), over several
// seeds of the shuffle, with one schedule for all. A seed fixes an order, and the seeds of one line
// of the table have nothing to do with those of another, so that differences are not paired: their
// standard error is the root of the sum of the squares of both. The store must be within two of the
// reshuffled examples in each column, the sorted ones must be worse by more than two.

#include <nlohmann/json.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include <ermine/data/map_npy.hpp>
#include <ermine/data/read_idx.hpp>
#include <ermine/data/read_libsvm.hpp>
#include <ermine/data/sequential.hpp>
#include <ermine/data/shuffle_to_npy.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/shuffled_once.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/cosine.hpp>

#include "flags.hpp"
#include "mean_and_error.hpp"
#include "report.hpp"
#include "table.hpp"

using namespace ermine;

namespace {

constexpr std::array orders{"shuffled once, on disk", "reshuffled each epoch", "with replacement",
                            "sorted by label"};
enum Order { stored, reshuffled, replaced, sorted };

constexpr std::array figures{"training risk", "test risk", "test error, %"};

/// The figures of one order, a number for each seed.
using Seeds = std::array<std::vector<double>, figures.size()>;

struct Setting {
    Index batch;
    double epochs;
    double rate;  // what the cosine begins with
};

/// The examples in the order of a seed, those of a class together.
template <class Rows>
Dataset<Rows> sorted_by_label(const Dataset<Rows>& data, std::uint64_t seed) {
    auto rows = ShuffledOnce{seed}.start(data.examples()).epoch.rows;
    std::vector<std::pair<double, std::size_t>> places;  // label, place in the shuffle
    for (std::size_t k = 0; k < rows.size(); ++k) places.emplace_back(data.targets()[rows[k]], k);
    std::sort(places.begin(), places.end());
    const auto shuffled = rows;
    for (std::size_t k = 0; k < rows.size(); ++k) rows[k] = shuffled[places[k].second];
    return data.select(rows);
}

/// A folder of our own, which goes with this object.
class Folder {
public:
    Folder()
        : path_((std::filesystem::temp_directory_path() /
                 ("ermine_compare_orders_" + std::to_string(getpid())))
                    .string()) {}
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

template <class Model, class Loss, class Rows>
std::array<Seeds, orders.size()> train(const Model& model, const Loss& loss,
                                       const Dataset<Rows>& examples, const Dataset<Rows>& test,
                                       const Setting& setting, std::uint64_t seeds) {
    std::array<Seeds, orders.size()> all;
    const EmpiricalRisk test_risk{model, loss, test};
    const EmpiricalRisk test_error{model, ZeroOneLoss{}, test};
    const auto run = [&](Order order, const Dataset<Rows>& data, const auto& sampler) {
        const EmpiricalRisk risk{model, loss, data};
        const auto method = minibatch(sampler, {.size = setting.batch}) |
                            Cosine{.initial = setting.rate, .epochs = setting.epochs};
        const auto result = minimize(risk, risk.zero(), method, MaxEpochs{setting.epochs});
        all[order][0].push_back(result.value);
        all[order][1].push_back(test_risk.value(result.x));
        all[order][2].push_back(100 * test_error.value(result.x));
    };
    const Folder folder;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        shuffle_to_npy(examples, folder.path(), {.seed = seed});
        run(stored, map_npy<Rows>(folder.path()), Sequential{});
        run(reshuffled, examples, ShuffledEachEpoch{.seed = seed});
        run(replaced, examples, WithReplacement{.seed = seed});
        run(sorted, sorted_by_label(examples, seed), Sequential{});
    }
    return all;
}

void report(const std::string& name, const Setting& setting,
            const std::array<Seeds, orders.size()>& all, nlohmann::json& records,
            std::vector<std::string>& shortfalls) {
    std::printf("\n%s: minibatches of %td, %g epochs, cosine from %g to 0, %zu seeds\n\n",
                name.c_str(), setting.batch, setting.epochs, setting.rate, all[0][0].size());
    using Cells = std::array<MeanAndError, figures.size()>;
    Table table({"order", figures[0], figures[1], figures[2]});
    const auto add = [&](const char* title, const Cells& cells) {
        table.add({title, cells[0].text(), cells[1].text(), cells[2].text()});
        return cells;
    };
    std::array<Cells, orders.size()> means;
    for (std::size_t order = 0; order < orders.size(); ++order) {
        auto entry = record(name, orders[order]);
        for (std::size_t k = 0; k < figures.size(); ++k) {
            means[order][k] = MeanAndError::of(all[order][k]);
            entry[figures[k]] = all[order][k];
        }
        add(orders[order], means[order]);
        records.push_back(std::move(entry));
    }
    const auto difference = [&](const char* title, Order order) {
        Cells cells;
        for (std::size_t k = 0; k < figures.size(); ++k)
            cells[k] = means[order][k] - means[reshuffled][k];
        return add(title, cells);
    };
    const auto once = difference("once − reshuffled", stored);
    const auto by_label = difference("sorted − reshuffled", sorted);
    table.print();
    std::fflush(stdout);
    for (std::size_t k = 0; k < figures.size(); ++k) {
        const std::string where = name + ", " + figures[k] + ": ";
        if (!(std::abs(once[k].mean) <= 2 * once[k].error))
            shortfalls.push_back(where + "shuffled once − reshuffled is " + once[k].text() +
                                 ", more than two standard errors");
        if (!(by_label[k].mean > 2 * by_label[k].error))
            shortfalls.push_back(where +
                                 "sorted data is not measurably worse: " + by_label[k].text());
    }
}

}  // namespace

int main(int count, char** words) {
    bool quick = false;
    std::string json;
    if (!Flags{}.flag("--quick", quick).text("--json", "FILE", json).read(count, words)) return 2;
    const char* const data_folder = std::getenv("ERMINE_DATA_DIR");
    if (data_folder == nullptr) {
        std::printf("ERMINE_DATA_DIR is not set, so there is no a9a or MNIST\n");
        return 0;
    }
    const std::string folder = data_folder;
    nlohmann::json records = nlohmann::json::array();
    std::vector<std::string> shortfalls;
    const std::uint64_t seeds = quick ? 3 : 5;
    {
        const Setting setting{.batch = 128, .epochs = quick ? 5.0 : 20.0, .rate = 0.5};
        const auto train_data = read_libsvm(folder + "/libsvm/a9a.gz", {.features = 123});
        const auto test = read_libsvm(folder + "/libsvm/a9a.t.gz", {.features = 123});
        report("a9a", setting,
               train(Linear{.features = 123}, LogisticLoss{}, train_data, test, setting, seeds),
               records, shortfalls);
    }
    {
        const Setting setting{.batch = 128, .epochs = quick ? 5.0 : 20.0, .rate = 0.1};
        const IdxFormat pixels{.scale = 1.0 / 255};
        const std::string mnist = folder + "/mnist/";
        const auto train_data = read_idx<float>(mnist + "train-images-idx3-ubyte.gz",
                                                mnist + "train-labels-idx1-ubyte.gz", pixels);
        const auto test = read_idx<float>(mnist + "t10k-images-idx3-ubyte.gz",
                                          mnist + "t10k-labels-idx1-ubyte.gz", pixels);
        report("MNIST", setting,
               train(LinearMulticlass{.features = 784, .classes = 10}, SoftmaxCrossEntropy{},
                     train_data, test, setting, seeds),
               records, shortfalls);
    }
    write_records(records, json);
    print_verdict(shortfalls);
}
