// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <ermine/data/read.hpp>
#include <ermine/data/write_libsvm.hpp>

#include "ermine_catch.hpp"
#include "files.hpp"

using namespace ermine;

namespace {

// The place and sentence of the error, "3:7: …", without the name of the file.
std::string refusal(const std::string& path, auto&& read) {
    try {
        read(path);
    } catch (const DataError& error) {
        CHECK(error.file == path);
        const std::string text = error.what();
        REQUIRE(text.starts_with(path + ":"));
        const std::string rest = text.substr(path.size() + 1);
        CHECK((error.line == 0) == rest.starts_with(" "));
        return rest;
    }
    return "accepted";
}

const std::vector<double> as_vector(const auto& numbers) {
    return {numbers.begin(), numbers.end()};
}

}  // namespace

TEST_CASE("A LIBSVM file becomes sparse rows") {
    const Folder folder;
    const std::string text =
        "# made by hand\n+1 1:0.5 3:-1e3   # a comment\r\n-1.0\n\n2.5e0\t2:.25 4:5. \n0 4:0";
    for (const std::string& content :
         {text, packed(text), packed(text.substr(0, 20)) + packed(text.substr(20))}) {
        const auto data = read_libsvm(folder.file(content));
        CHECK(data.examples() == 4);
        CHECK(data.features() == 4);
        CHECK(as_vector(data.targets()) == std::vector<double>{1, -1, 2.5, 0});
        CHECK(as_vector(data.rows().row_values(0)) == std::vector<double>{0.5, -1000});
        CHECK(as_vector(data.rows().row_columns(0)) == std::vector<double>{0, 2});
        CHECK(data.rows().nonzeros(1) == 0);
        CHECK(data.rows().nonzeros() == 5);
    }
    CHECK(read_libsvm(folder.file(text), {.features = 9}).features() == 9);
    CHECK(read_libsvm<float>(folder.file("1 1:0.1\n")).rows().values[0] == 0.1f);
    CHECK(read_libsvm(folder.file("1 2147483647:1\n")).features() == 2147483647);
    CHECK(read_libsvm(folder.file("1 qid:7 1:2\n"), {.skip_query_ids = true}).rows().nonzeros() ==
          1);
    CHECK(read_libsvm(folder.file("\xEF\xBB\xBF"
                                  "1 1:2\n"))
              .examples() == 1);
    CHECK(read_libsvm(folder.file("1 1:1e-999\n")).rows().values[0] == 0);
}

TEST_CASE("Lines of a LIBSVM file may be longer than any buffer") {
    const Folder folder;
    std::string text = "1";
    for (int j = 1; j <= 300000; ++j) {
        text += ' ' + std::to_string(j) + ":0.5";
    }
    CHECK(text.size() > 3000000);
    const auto data = read_libsvm(folder.file("-1 1:1\n" + text + "\n-1 2:1"));
    CHECK(data.examples() == 3);
    CHECK(data.rows().nonzeros(1) == 300000);
    CHECK(data.rows().values[300001] == 1);
}

TEST_CASE("What is no LIBSVM file is refused with its place") {
    const Folder folder;
    const auto refused = [&](const std::string& text, const LibsvmFormat& format = {}) {
        return refusal(folder.file(text), [&](const auto& path) { read_libsvm(path, format); });
    };
    CHECK_THAT(refused("1 1:2\n-1 0:3\n"), contains("2:4: the index is 0"));
    CHECK_THAT(refused("1 2:1 1:1\n"), contains("1:7: the index '1' follows 2"));
    CHECK_THAT(refused("1 2:1 2:1\n"), contains("1:7: the index '2' is there twice"));
    CHECK_THAT(refused("1 2147483648:1\n"), contains("1:3: the index '2147483648' is above"));
    CHECK_THAT(refused("1 99999999999999999999999999:1\n"), contains("1:3: the index"));
    CHECK_THAT(refused("1 5:1\n", {.features = 4}), contains("above 4, the number of features"));
    CHECK_THAT(refused("1 1:abc\n"), contains("1:5: the value 'abc' of index '1' is not a number"));
    CHECK_THAT(refused("1 1:\n"), contains("1:5: the value ''"));
    CHECK_THAT(refused("1 1:2x\n"), contains("'2x'"));
    CHECK_THAT(refused("1 1:nan\n"), contains("1:5: the value 'nan' of index '1' is not a number"));
    CHECK_THAT(refused("1 1:-inf\n"), contains("is infinite"));
    CHECK_THAT(refused("1 1:1e999\n"), contains("too large"));
    CHECK_THAT(refused("1 1:+-1\n"), contains("not a number"));
    CHECK_THAT(refused("1 1:0x1p3\n"), contains("not a number"));
    CHECK_THAT(refused("nan 1:1\n"), contains("1:1: the label 'nan' is not a number"));
    CHECK_THAT(refused("yes 1:1\n"), contains("the label 'yes'"));
    CHECK_THAT(refused("1,2 1:1\n"), contains("the label '1,2'"));
    CHECK_THAT(refused("1:1 2:1\n"), contains("the label '1:1'"));
    CHECK_THAT(refused("1 1:1 junk\n"), contains("1:7: 'junk' is not of the form index:value"));
    CHECK_THAT(refused("1 -1:1\n"), contains("1:3: '-1:1'"));
    CHECK_THAT(refused("1 qid:7 1:2\n"), contains("1:3: qid"));
    CHECK_THAT(refused(std::string("1 1:2\0003\n", 8)), contains("1:5:"));
    CHECK_THAT(refused(""), contains("the file has no examples"));
    CHECK_THAT(refused("# nothing\n\n"), contains("the file has no examples"));
    CHECK_THROWS_WITH(read_libsvm(folder.file("1\n"), {.features = -1}), contains("features = -1"));
    CHECK_THROWS_WITH(read_libsvm((folder.path / "none").string()), contains("No such file"));
    CHECK_THROWS_WITH(read_libsvm(folder.path.string()), contains("cannot be read"));
}

TEST_CASE("A damaged .gz is refused") {
    const Folder folder;
    std::string text;
    for (int i = 0; i < 2000; ++i) {
        text += std::to_string(i) + " 1:" + std::to_string(i * 37 % 101) + "\n";
    }
    const std::string whole = packed(text);
    CHECK(read_libsvm(folder.file(whole)).examples() == 2000);
    const auto refused = [&](const std::string& bytes) {
        return refusal(folder.file(bytes), [](const auto& path) { read_libsvm(path); });
    };
    for (const std::size_t size :
         {whole.size() - 1, whole.size() - 8, whole.size() / 2, std::size_t{12}, std::size_t{2}}) {
        CHECK_THAT(refused(whole.substr(0, size)), contains("truncated"));
    }
    std::string damaged = whole;
    damaged[whole.size() - 6] ^= 1;  // the checksum
    CHECK_THAT(refused(damaged), contains("corrupt"));
    CHECK_THAT(refused(whole + "behind"), contains("corrupt"));
}

TEST_CASE("What is written as LIBSVM reads back exactly") {
    const Folder folder;
    const std::string path = (folder.path / "out").string();
    const double tiny = std::numeric_limits<double>::denorm_min();
    Eigen::MatrixXd x(3, 4);
    x << 0.1, 0, -1.0 / 3, 1e300, 0, 0, 0, 0, tiny, -5, 1e-300, std::nextafter(1.0, 2.0);
    const Eigen::Vector3d y(-1, 1.0 / 7, 3);
    write_libsvm(path, Dataset{x, y});
    const auto once = read_libsvm(path, {.features = 4});
    Eigen::MatrixXd back = Eigen::MatrixXd::Zero(3, 4);
    for (Index i = 0; i < 3; ++i) {
        for (Index k = 0; k < once.rows().nonzeros(i); ++k) {
            const auto at = static_cast<std::size_t>(k);
            back(i, once.rows().row_columns(i)[at]) = once.rows().row_values(i)[at];
        }
    }
    CHECK(back == x);
    CHECK(once.targets() == y);
    write_libsvm(path, once);
    CHECK(as_vector(read_libsvm(path).rows().row_values(2)) ==
          as_vector(once.rows().row_values(2)));
    CHECK(folder.count() == 1);
}

TEST_CASE("A LIBSVM file is written whole or not at all") {
    const Folder folder;
    const std::string path = folder.file("before");
    Eigen::MatrixXd x = Eigen::MatrixXd::Ones(3, 2);
    const Eigen::Vector3d y(1, 2, 3);
    CHECK_THROWS_WITH(write_libsvm(path, Dataset{x, y, y}), contains("weights"));
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> bad = x;
    const Eigen::VectorXd targets = y;
    bad(2, 1) = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH(write_libsvm(path, borrow(bad, targets)), contains("feature 2 of example 3"));
    std::string content;
    std::ifstream(path) >> content;
    CHECK(content == "before");
    CHECK(folder.count() == 1);
    CHECK_THROWS_AS(write_libsvm((folder.path / "none" / "x").string(), Dataset{x, y}), DataError);
    if (std::filesystem::exists("/dev/full")) {
        CHECK_THROWS_WITH(write_libsvm("/dev/full", Dataset{x, y}), contains("No space left"));
    }
}

TEST_CASE("A CSV file becomes dense rows") {
    const Folder folder;
    const auto read = [&](const std::string& text, const CsvFormat& format = {}) {
        return read_csv(folder.file(text), format);
    };
    Eigen::MatrixXd expected(2, 2);
    expected << 1, 2, 4, -5.5;
    for (const std::string text :
         {"1,2,3\n4,-5.5,6\n", "1;2;3\r\n4;-5.5;6", "1\t2\t3\n\n4\t-5.5\t6\n\n",
          "1|2|3\n4|-5.5|6\n", " 1 , 2 , 3 \n4,\"-5.5\", \"6\" \n", "a,b,c\n1,2,3\n4,-5.5,6\n",
          "\xEF\xBB\xBF"
          "1,2,3\n4,-5.5,6\n"}) {
        for (const std::string& content : {std::string(text), packed(text)}) {
            const CsvTable<double> table = read(content);
            CHECK(table.data.rows().matrix() == expected);
            CHECK(as_vector(table.data.targets()) == std::vector<double>{3, 6});
        }
    }
    const auto named = read("a,b,c\n1,2,3\n4,5,6\n", {.target = "a", .drop = {"-1"}}).data;
    CHECK(named.feature_names() == std::vector<std::string>{"b"});
    CHECK(as_vector(named.targets()) == std::vector<double>{1, 4});
    CHECK(read_csv<float>(folder.file(".1,2\n.2,3\n")).data.rows().values[0] == 0.1f);
}

TEST_CASE("The first line is a header when asked, or when text stands over a number") {
    const Folder folder;
    const auto header = [&](const std::string& text, const CsvFormat& format = {}) {
        return has_csv_header(folder.file(text), format);
    };
    CHECK(header("a,b\n1,2\n"));
    CHECK_FALSE(header("1,2\n3,4\n"));
    CHECK_FALSE(header("M,1\nF,2\n"));
    CHECK(header("sex,n\nM,1\nF,2\n"));
    CHECK(header("a,b\n?,\n,NA\n3,x\n"));  // the first cell that is not missing decides
    CHECK_FALSE(header("x,y\np,q\n"));
    CHECK(header("x,y\np,q\n", {.target = "y"}));
    CHECK(header("x,y\np,q\n", {.categorical = {"x"}}));
    CHECK(header("1,2\n3,4\n", {.header = Header::present}));
    CHECK_FALSE(header("a,b\n1,2\n", {.header = Header::absent}));
}

TEST_CASE("Quotes hold separators, line breaks and quotes") {
    const Folder folder;
    const auto table = read_csv(
        folder.file("id,\"a \"\"b\"\", c\",t\n1,\"x,\r\ny\",p\n2,\"\"\"\",q\n3,\"x,\ny\",\"p\"\n"),
        {.drop = {"id"}, .categorical = {"a \"b\", c"}});
    CHECK(table.schema.columns[1].categories == std::vector<std::string>{"\"", "x,\ny"});
    CHECK(table.schema.class_names() == std::vector<std::string>{"p", "q"});
    CHECK(as_vector(table.data.targets()) == std::vector<double>{0, 1, 0});
    CHECK(table.data.rows().matrix().col(1) == Eigen::Vector3d(1, 0, 1));
    CHECK(table.data.feature_names()[0] == "a \"b\", c=\"");
}

TEST_CASE("Missing cells are refused, dropped or filled") {
    const Folder folder;
    const std::string path = folder.file("a,c,t\n1,x,1\n?,y,2\nNA,,3\n6,y,4\nnan,x,5\n2,Null,6\n");
    const auto read = [&](Missing missing) {
        return read_csv(path, {.categorical = {"c"}, .missing = missing});
    };
    CHECK_THROWS_WITH(read(Missing::refuse), contains("file:3:1: column 'a' has a missing cell"));
    const auto dropped = read(Missing::drop);
    CHECK(dropped.dropped == 4);
    CHECK(as_vector(dropped.data.targets()) == std::vector<double>{1, 4});
    const auto mean = read(Missing::mean);
    CHECK(mean.data.rows().matrix().col(0).isApprox(
        (Eigen::VectorXd(6) << 1, 3, 3, 6, 3, 2).finished(), 1e-15));
    CHECK(mean.data.rows().matrix().col(1).sum() == 4);  // as many x as y: the first fills
    const auto median = read(Missing::median);
    CHECK(median.schema.columns[0].fill == 2);

    const std::string holes = folder.file("1,\n2,3\n", "holes");
    CHECK_THROWS_WITH(read_csv(holes, {.missing = Missing::mean}), contains("not imputed"));
    CHECK(read_csv(holes, {.missing = Missing::drop}).data.examples() == 1);
    CHECK_THROWS_WITH(read_csv(folder.file("?,1\n?,2\n"), {.missing = Missing::mean}),
                      contains("no value to impute from"));
    CHECK_THROWS_WITH(read_csv(folder.file("?,1\n?,2\n"), {.missing = Missing::drop}),
                      contains("every row has a missing cell"));
}

TEST_CASE("A schema reads a second file into the same features") {
    const Folder folder;
    const auto learnt = read_csv(folder.file("n,c,t\n1,b,yes\n5,a,no\n,a,no\n", "first"),
                                 {.categorical = {"c"}, .missing = Missing::mean});
    const CsvSchema& schema = learnt.schema;
    CHECK(schema.features() == 3);
    CHECK(schema.feature_names() == std::vector<std::string>{"n", "c=a", "c=b"});
    const auto second = read_csv(folder.file("t,c,n\nno,b,?\n"), schema);
    CHECK(second.data.rows().matrix() == Eigen::RowVector3d(3, 0, 1));
    CHECK(second.data.targets()[0] == 0);
    CHECK(second.data.class_names() == std::vector<std::string>{"no", "yes"});
    CHECK(second.schema == schema);

    const std::string bare = folder.file("n,c\n2,a\n");
    CHECK_THROWS_WITH(read_csv(bare, schema), contains("1:4: column 't' is missing"));
    const auto inputs = read_csv(bare, schema, Targets::optional);
    CHECK_FALSE(inputs.has_targets);
    CHECK(inputs.data.rows().matrix() == Eigen::RowVector3d(2, 1, 0));
    CHECK_THROWS_WITH(read_csv(folder.file("n,c,t\n1,z,no\n"), schema),
                      contains("2:3: 'z' in column 'c' was not among the categories"));
    CHECK_THROWS_WITH(read_csv(folder.file("n,c,t\n1,a,maybe\n"), schema), contains("'maybe'"));
    CHECK_THROWS_WITH(read_csv(folder.file("n,c,u\n1,a,no\n"), schema),
                      contains("1:5: the header"));
    CHECK_THROWS_WITH(read_csv(folder.file("c,t\na,no\n"), schema),
                      contains("column 'n' is missing"));

    const CsvSchema plain = read_csv(folder.file("1,2,3\n4,5,6\n")).schema;
    CHECK(read_csv(folder.file("7,8\n"), plain, Targets::optional).data.features() == 2);
    CHECK_THROWS_WITH(read_csv(folder.file("7,8\n"), plain), contains("column 3 is missing"));
}

TEST_CASE("What is no CSV table is refused with its place") {
    const Folder folder;
    const auto refused = [&](const std::string& text, const CsvFormat& format = {}) {
        return refusal(folder.file(text), [&](const auto& path) { read_csv(path, format); });
    };
    CHECK_THAT(refused("1,2,3\n4,5\n"),
               contains("2:4: the row has 2 fields, where 3 are expected"));
    CHECK_THAT(refused("1,2\n4,5,6\n"), contains("2:5: the row has 3 fields, where 2"));
    CHECK_THAT(refused("1,2\n3,\"4\n5,6\n"), contains("2:3: the quote that opens here"));
    CHECK_THAT(refused("\"1\n\",2\n3,\"4\"x\n"), contains("3:6: text after a closing quote"));
    CHECK_THAT(refused(""), contains("no examples"));
    CHECK_THAT(refused("\n \n"), contains("no examples"));
    CHECK_THAT(refused("a,b\n", {.header = Header::present}), contains("no examples"));
    CHECK_THAT(refused("1\n2\n"), contains("one column only"));
    CHECK_THAT(refused("1,2\ninf,3\n"), contains("2:1: 'inf' in column 1 is infinite"));
    CHECK_THAT(refused("a,b\n1,2\n1e400,3\n"), contains("3:1: '1e400' in column 'a' is too large"));
    CHECK_THAT(refused("a,b\n1,2\n3,-inf\n"), contains("3:3: '-inf' in column 'b'"));
    CHECK_THAT(refused("c,b\nred,2\nblue,3\n"),
               contains("2:1: 'red' in column 'c' is not a number; "
                        "list the column under categorical"));
    CHECK_THAT(refused("1;2\n1,5;3\n", {.separator = ';'}), contains("2:1: '1,5' in column 1"));
    CHECK_THAT(refused("1,2\n3,x\n"), contains("2:3: 'x' in column 2, the target, is text, but "
                                               "line 1 has a number"));
    CHECK_THAT(refused("1,x\n3,4\n", {.header = Header::absent}),
               contains("is a number, but line 1"));
    CHECK_THAT(refused("1,2\n", {.target = "0"}), contains("target: there is no column 0"));
    CHECK_THAT(refused("1,2\n", {.target = "3"}), contains("there is no column 3; the first is 1"));
    CHECK_THAT(refused("1,2\n", {.target = "-3"}), contains("there is no column -3"));
    CHECK_THAT(refused("1,2\n", {.target = "price"}), contains("no column is called 'price'"));
    CHECK_THAT(refused("1,2\n", {.drop = {"2"}}), contains("drop: '2' is the target"));
    CHECK_THAT(refused("1,2\n", {.drop = {"1"}}), contains("every column but the target"));
    CHECK_THAT(refused("1,2,3\n", {.drop = {"1"}, .categorical = {"1"}}), contains("is dropped"));
    CHECK_THAT(refused("a,a,b\n1,2,3\n", {.drop = {"a"}}), contains("two columns are called 'a'"));
}

TEST_CASE("The format is told by content") {
    const Folder folder;
    const auto detect = [&](const std::string& text) { return detect_format(folder.file(text)); };
    for (const std::string text : {"1 1:2\n", "# c\n\n-1\n+1 3:1\n", "1\t2:3\t5:1\n",
                                   "1 qid:2 3:1\n", "1 0:1\n", "1 # 2,3\n", "1\n2\n"}) {
        CHECK(detect(text) == FileFormat::libsvm);
        CHECK(detect(packed(text)) == FileFormat::libsvm);
    }
    for (const std::string text : {"1,2\n", "a;b\n", "1\t2\n", "1|2\n", "2020-01-01 12:30,5\n"}) {
        CHECK(detect(text) == FileFormat::csv);
    }
    CHECK_THROWS_WITH(detect(""), contains("no examples"));
    CHECK(std::get<0>(read(folder.file("1 1:2\n"))).features() == 1);
    CHECK(std::get<1>(read(folder.file("1,2\n"))).data.features() == 1);
}

TEST_CASE("Public data sets are read as their table says", "[real]") {
    const char* const root = std::getenv("ERMINE_DATA_DIR");
    if (root == nullptr) {
        WARN("skipped: ERMINE_DATA_DIR does not name a folder with libsvm/ and csv/");
        return;
    }
    struct Sparse {
        const char* name;
        Index rows, columns, entries, positive;
    };
    const Folder folder;
    for (const auto& [name, rows, columns, entries, positive] :
         std::vector<Sparse>{{"a9a.gz", 32561, 123, 451592, 7841},
                             {"a9a.t.gz", 16281, 122, -1, 3846},
                             {"heart_scale", 270, 13, -1, 120},
                             {"agaricus.txt.train.gz", 6513, 126, 143286, 3140},
                             {"agaricus.txt.test.gz", 1611, 126, 35442, 776},
                             {"ijcnn1.trn.gz", 49990, 22, 649870, 4853},
                             {"ijcnn1.tst.gz", 91701, 22, 1192113, 8712},
                             {"reuters.trn.gz", 7770, 8315, 339837, 538},
                             {"reuters.tst.gz", 3299, 8315, 136821, 179},
                             {"sample_libsvm_data.txt.gz", 100, 692, 13510, 57},
                             {"sample_linear_regression_data.txt.gz", 501, 10, 5010, -1},
                             {"bodyfat_scale", 252, 14, 3528, -1}}) {
        INFO(name);
        const std::string path = std::string(root) + "/libsvm/" + name;
        CHECK(detect_format(path) == FileFormat::libsvm);
        const auto data = read_libsvm(path);
        CHECK(data.examples() == rows);
        CHECK(data.features() == columns);
        CHECK((entries < 0 || data.rows().nonzeros() == entries));
        CHECK((positive < 0 || (data.targets().array() == 1).count() == positive));
        const std::string copy = (folder.path / "copy").string();
        write_libsvm(copy, data);
        const auto back = read_libsvm(copy, {.features = columns});
        CHECK(back.targets() == data.targets());
        CHECK(std::equal(data.rows().offsets, data.rows().offsets + rows + 1, back.rows().offsets));
        CHECK(std::equal(data.rows().values, data.rows().values + data.rows().nonzeros(),
                         back.rows().values));
        CHECK(std::equal(data.rows().columns, data.rows().columns + data.rows().nonzeros(),
                         back.rows().columns));
    }
    struct Dense {
        const char* name;
        Index rows, columns;
        std::size_t classes;
        CsvFormat format;
    };
    for (const auto& [name, rows, columns, classes, format] : std::vector<Dense>{
             {"iris.csv", 150, 4, 3, {}},
             {"wine.csv", 178, 13, 0, {}},
             {"breast-cancer-wisconsin.csv", 683, 9, 0, {.missing = Missing::drop}},
             {"breast-cancer-wisconsin.csv", 699, 9, 0, {.missing = Missing::median}},
             {"winequality-red.csv", 1599, 11, 0, {}},
             {"winequality-white.csv", 4898, 11, 0, {}},
             {"boston-housing.csv", 506, 13, 0, {}},
             {"california-housing.csv.gz",
              20640,
              13,
              0,
              {.target = "median_house_value",
               .categorical = {"ocean_proximity"},
               .missing = Missing::mean}},
             {"california-housing.csv.gz",
              20433,
              13,
              0,
              {.target = "9", .categorical = {"-1"}, .missing = Missing::drop}},
             {"abalone.csv", 4177, 10, 0, {.categorical = {"1"}}},
             {"sonar.csv", 208, 60, 2, {}},
             {"ionosphere.csv", 351, 34, 2, {}},
             {"spambase.csv", 4601, 57, 0, {}},
             {"magic04.csv.gz", 19020, 10, 2, {}},
             {"optdigits.tra.csv.gz", 3823, 64, 0, {}},
             {"optdigits.tes.csv.gz", 1797, 64, 0, {}}}) {
        INFO(name);
        const std::string path = std::string(root) + "/csv/" + name;
        CHECK(detect_format(path) == FileFormat::csv);
        const auto table = read_csv(path, format);
        CHECK(table.data.examples() == rows);
        CHECK(table.data.features() == columns);
        CHECK(table.data.class_names().size() == classes);
        CHECK(table.schema.header == std::string(name).starts_with("california"));
    }
}
