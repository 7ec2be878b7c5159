// Speed and memory. Every figure is a ratio against something measured in the same run: the parser
// alone over the same statements, a smaller copy of the input, or another program.
//
//   dsqlint_bench [--program PATH] [--corpus FOLDER] [--megabytes N] [--peer PATH]

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "engine/dialect.h"
#include "engine/linter.h"
#include "engine/parse.h"
#include "engine/stack.h"
#include "engine/statements.h"
#include "rules/rules.h"
#include "tests/bench/dump.h"

namespace {

using namespace dsqlint;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string program;
  std::string corpus;
  std::string peer;
  size_t megabytes = 5;
};

/// The shortest of several runs: noise only ever adds.
double seconds(const std::function<void()>& work, int runs = 3) {
  double best = 1e9;
  for (int i = 0; i < runs; ++i) {
    const auto start = Clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best;
}

using Source = std::shared_ptr<const SourceFile>;

Source source_of(std::string name, std::string text) {
  auto source = SourceFile::from_text(std::move(name), std::move(text));
  if (!source) {
    fmt::print(stderr, "{}\n", source.error().message);
    std::exit(1);
  }
  return *source;
}

/// libpg_query and decoding alone, over the statements our own pass finds.
void parse_only(const std::vector<Source>& sources) {
  run_on_big_stacks(1, [&](unsigned) {
    std::string buffer;
    for (const Source& source : sources) {
      google::protobuf::Arena arena;
      Splitter splitter(source->text());
      StatementBatch batch;
      while (splitter.next(batch, 1u << 20)) {
        for (const StatementText& statement : batch.statements) {
          const Tokens tokens(source->text(), statement.range);
          buffer.assign(1, ' ');
          buffer.append(source->slice(statement.range));
          apply_masks(buffer, statement.range.begin - kLocationShift,
                      find_masks(tokens, statement, false));
          parse_statement(buffer, arena);
        }
      }
    }
  });
}

size_t check_all(const std::vector<Source>& sources, unsigned threads) {
  Config config;
  config.threads = threads;
  const Linter linter(all_rules(), config);
  size_t findings = 0;
  for (const Source& source : sources) findings += linter.check(source).findings.size();
  return findings;
}

/// The statements of `sources`, cut and tokenized: what the parser-only figure has to be cleared of
/// to be the parser's alone.
void cut_only(const std::vector<Source>& sources) {
  for (const Source& source : sources) {
    Splitter splitter(source->text());
    StatementBatch batch;
    while (splitter.next(batch, 1u << 20)) {
      for (const StatementText& statement : batch.statements) {
        const Tokens tokens(source->text(), statement.range);
        find_masks(tokens, statement, false);
      }
    }
  }
}

struct Child {
  double seconds = 0;
  double peak_mb = 0;
  int status = 0;
};

Child run_program(std::vector<std::string> args) {
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  const auto start = Clock::now();
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, 0);
    ::dup2(null, 1);
    ::dup2(null, 2);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  Child child;
  struct rusage usage = {};
  ::wait4(pid, &child.status, 0, &usage);
  child.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  child.peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;
  return child;
}

double megabytes(const std::vector<Source>& sources) {
  double total = 0;
  for (const Source& source : sources) total += source->size();
  return total / 1e6;
}

void measure(const std::string& name, const std::vector<Source>& sources) {
  const double size = megabytes(sources);
  const double cut = seconds([&] { cut_only(sources); });
  const double parse = seconds([&] { parse_only(sources); }) - cut;
  const double one = seconds([&] { check_all(sources, 1); });
  const double two = seconds([&] { check_all(sources, 2); });
  fmt::print(
      "{:<28} {:7.1f} MB  parse+decode {:6.1f} MB/s  check {:6.1f} MB/s  "
      "check/parse {:4.2f}x  two threads {:4.2f}x\n",
      name, size, size / parse, size / one, one / parse, one / two);
}

void measure_growth() {
  fmt::print("\nGrowth with size (schema dump, one thread): per-MB time against the first\n");
  double first = 0;
  for (const size_t factor : {1, 4, 16}) {
    const std::vector<Source> sources = {source_of("dump.sql", bench::schema_dump(factor << 20))};
    const double size = megabytes(sources);
    const double check = seconds([&] { check_all(sources, 1); }, 2) / size;
    Config config;
    const Linter linter(all_rules(), config);
    const double fix = seconds([&] { (void)linter.fix(sources[0]); }, 1) / size;
    if (first == 0) first = check;
    fmt::print("  {:>2}x  {:6.1f} MB  check {:7.2f} ms/MB ({:4.2f}x)  fix {:8.2f} ms/MB\n", factor,
               size, check * 1e3, check / first, fix * 1e3);
  }
}

/// A thousand files as a migration tool keeps them, against the parser alone on the same texts.
void measure_migrations(const Options& options, const fs::path& folder) {
  constexpr int kFiles = 1000;
  const fs::path project = folder / "project" / "migrations";
  fs::create_directories(project);
  std::vector<Source> sources;
  for (int i = 1; i <= kFiles; ++i) {
    const std::string text = fmt::format(
        "-- +goose Up\nCREATE TABLE t{0} (id bigint PRIMARY KEY, name text NOT NULL);\n"
        "CREATE INDEX ASYNC t{0}_name ON t{0} (name);\n"
        "INSERT INTO t{0} (id, name) VALUES (1, 'a'), (2, 'b');\n-- +goose Down\n"
        "DROP TABLE t{0};\n",
        i);
    const fs::path path = project / fmt::format("{:05}_t.sql", i);
    std::ofstream(path, std::ios::binary) << text;
    sources.push_back(source_of(path.string(), text));
  }
  const double parse = seconds([&] { parse_only(sources); });
  double best = 0;
  for (int i = 0; i < 3; ++i) {
    const Child child = run_program({options.program, "migrations", project.string()});
    if (i == 0 || child.seconds < best) best = child.seconds;
  }
  fmt::print("  {} migrations          {:7.0f} ms   {:.1f}x parse and decode\n", kFiles, best * 1e3,
             best / parse);
  fs::remove_all(project.parent_path());
}

void measure_program(const Options& options, const fs::path& folder) {
  if (options.program.empty()) return;
  const auto write = [&](const std::string& name, const std::string& text) {
    const fs::path path = folder / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  };
  const auto check = [&](const std::string& path, int runs) {
    Child best;
    for (int i = 0; i < runs; ++i) {
      const Child child = run_program({options.program, "check", "-j", "1", path});
      if (i == 0 || child.seconds < best.seconds) best = child;
    }
    return best;
  };
  fmt::print("\nThe program, from start to exit\n");
  const std::string small = write("small.sql", bench::schema_dump(1000));
  Child child = check(small, 20);
  fmt::print("  1 KB file                 {:7.1f} ms   peak {:6.1f} MB\n", child.seconds * 1e3,
             child.peak_mb);
  const auto report = [&](const char* name, const std::string& path) {
    const double size = static_cast<double>(fs::file_size(path)) / 1e6;
    const Child result = check(path, 2);
    fmt::print("  {:<24} {:8.1f} MB  {:7.1f} MB/s   peak {:6.1f} MB\n", name, size,
               size / result.seconds, result.peak_mb);
    fs::remove(path);
  };
  report("schema dump", write("schema.sql", bench::schema_dump(options.megabytes << 20)));
  report("COPY data", write("copy.sql", bench::copy_dump(size_t{256} << 20)));
  report("INSERT, 1 row each", write("insert1.sql", bench::insert_dump(size_t{128} << 20, 1)));
  report("INSERT, 500 rows each",
         write("insert500.sql", bench::insert_dump(size_t{128} << 20, 500)));

  measure_migrations(options, folder);

  if (options.peer.empty()) {
    fmt::print("  (no peer beside it: squawk is not installed)\n");
    return;
  }
  const std::string dump = write("peer.sql", bench::schema_dump(200'000));
  const Child ours = check(dump, 3);
  const Child theirs = run_program({options.peer, dump});
  fmt::print("  200 KB schema: squawk {:.0f} ms, dsqlint {:.0f} ms ({:.0f}x)\n",
             theirs.seconds * 1e3, ours.seconds * 1e3, theirs.seconds / ours.seconds);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    if (flag == "--program") options.program = argv[i + 1];
    if (flag == "--corpus") options.corpus = argv[i + 1];
    if (flag == "--peer") options.peer = argv[i + 1];
    if (flag == "--megabytes") options.megabytes = std::strtoul(argv[i + 1], nullptr, 10);
  }
  std::vector<Source> corpus;
  if (!options.corpus.empty()) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(options.corpus)) {
      if (entry.path().extension() == ".sql") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
      if (auto source = SourceFile::load(path.string())) corpus.push_back(*source);
    }
  }
  if (corpus.empty()) {
    fmt::print("corpus: none given, skipped\n");
  } else {
    measure(fmt::format("corpus, {} files", corpus.size()), corpus);
  }
  measure("schema dump", {source_of("dump.sql", bench::schema_dump(options.megabytes << 20))});
  measure_growth();
  const fs::path folder = fs::temp_directory_path() / fmt::format("dsqlint-bench-{}", ::getpid());
  fs::create_directories(folder);
  measure_program(options, folder);
  fs::remove_all(folder);
  return 0;
}
