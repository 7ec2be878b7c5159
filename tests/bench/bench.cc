// Speed and memory. Every figure is a ratio against something measured in the same run: the parser
// alone over the same statements, a smaller copy of the input, or another program.
//
//   dsqlint_bench [--program PATH] [--corpus FOLDER] [--megabytes N] [--peer PATH] [--only PART]

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <pg_query.h>
#include <re2/re2.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "cli/memory.h"
#include "engine/catalog/apply.h"
#include "engine/catalog/catalog.h"
#include "engine/catalog/schema.h"
#include "engine/lint/linter.h"
#include "engine/parse/ast.h"
#include "engine/parse/document.h"
#include "engine/parse/parse.h"
#include "engine/parse/stack.h"
#include "engine/text/dialect.h"
#include "engine/text/statements.h"
#include "rules/rules.h"
#include "tests/bench/dump.h"
#include "tests/bench/many.h"

namespace {

using namespace dsqlint;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string program;
  std::string corpus;
  std::string peer;
  size_t megabytes = 5;
  std::string only;  ///< one part: corpus, dump, growth, catalog, fix, history, many, program
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

/// libpg_query as it is, and decoding: the yardstick.
void parse_and_decode(std::string& text, google::protobuf::Arena& arena) {
  PgQueryProtobufParseResult result = pg_query_parse_protobuf(text.c_str());
  if (result.error == nullptr) {
    google::protobuf::io::CodedInputStream stream(
        reinterpret_cast<const uint8_t*>(result.parse_tree.data),
        static_cast<int>(result.parse_tree.len));
    stream.SetRecursionLimit(static_cast<int>(kMaxNesting) * 8);
    google::protobuf::Arena::CreateMessage<pg::ParseResult>(&arena)->ParseFromCodedStream(&stream);
  }
  pg_query_free_protobuf_parse_result(result);
}

/// Trees alone, over the statements our own pass finds.
template <typename Parse>
void parse_only(const std::vector<Source>& sources, Parse&& parse) {
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
          parse(buffer, arena);
        }
      }
    }
  });
}

/// Many files side by side, a single one in pieces: as the program does.
void check_all(const std::vector<Source>& sources, unsigned threads) {
  Config config;
  config.threads = sources.size() > 1 ? 1 : threads;
  const Linter linter(all_rules(), config);
  std::atomic<size_t> next = 0;
  run_on_big_stacks(sources.size() > 1 ? threads : 1, [&](unsigned) {
    for (size_t i = next++; i < sources.size(); i = next++) linter.check(sources[i]);
  });
}

/// All of them on each of two threads that have nothing to do with each other: what the machine
/// gives to a second thread at best.
void check_twice(const std::vector<Source>& sources) {
  const Linter linter(all_rules(), Config{});
  run_on_big_stacks(2, [&](unsigned) {
    for (const Source& source : sources) linter.check(source);
  });
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

/// Runs programs from a process that has stayed small: what a child has of its parent's memory
/// before it becomes another program counts as the child's own.
class Launcher {
 public:
  Launcher() {
    int to[2];
    int from[2];
    if (::pipe(to) != 0 || ::pipe(from) != 0 || (pid_ = ::fork()) < 0) {
      fmt::print(stderr, "no process to measure programs with: {}\n", std::strerror(errno));
      std::exit(1);
    }
    if (pid_ == 0) serve(to[0], to[1], from[1]);
    ::close(to[0]);
    ::close(from[1]);
    to_ = to[1];
    from_ = from[0];
  }
  ~Launcher() {
    ::close(to_);
    ::close(from_);
    ::waitpid(pid_, nullptr, 0);
  }
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  Child run(const std::vector<std::string>& args) const {
    std::string message;
    for (const std::string& arg : args) message.append(arg).push_back('\0');
    const auto size = static_cast<uint32_t>(message.size());
    Child child{.status = -1};
    if (::write(to_, &size, sizeof size) != sizeof size ||
        ::write(to_, message.data(), size) != static_cast<ssize_t>(size) ||
        ::read(from_, &child, sizeof child) != sizeof child) {
      fmt::print(stderr, "{} could not be measured\n", args[0]);
      std::exit(1);
    }
    return child;
  }

 private:
  [[noreturn]] static void serve(int in, int unused, int out) {
    ::close(unused);
    for (uint32_t size = 0; ::read(in, &size, sizeof size) == sizeof size;) {
      std::string message(size, '\0');
      if (::read(in, message.data(), size) != static_cast<ssize_t>(size)) break;
      std::vector<char*> argv;
      for (size_t at = 0; at < size; at = message.find('\0', at) + 1) argv.push_back(&message[at]);
      argv.push_back(nullptr);
      const Child child = run_here(argv);
      if (::write(out, &child, sizeof child) != sizeof child) break;
    }
    ::_exit(0);
  }

  static Child run_here(const std::vector<char*>& argv) {
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

  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
};

double megabytes(const std::vector<Source>& sources) {
  double total = 0;
  for (const Source& source : sources) total += source->size();
  return total / 1e6;
}

void measure(const std::string& name, const std::vector<Source>& sources) {
  const double size = megabytes(sources);
  // In turn, so that a machine whose speed drifts is as fast for one as for the other.
  double cut = 1e9;
  double parse = 1e9;
  double own = 1e9;
  double one = 1e9;
  double two = 1e9;
  double twice = 1e9;
  for (int round = 0; round < 15; ++round) {
    const auto measure_once = [](double& best, const std::function<void()>& work) {
      best = std::min(best, seconds(work, 1));
    };
    measure_once(cut, [&] { cut_only(sources); });
    measure_once(parse, [&] { parse_only(sources, parse_and_decode); });
    measure_once(own, [&] { parse_only(sources, parse_statement); });
    measure_once(one, [&] { check_all(sources, 1); });
    measure_once(two, [&] { check_all(sources, 2); });
    measure_once(twice, [&] { check_twice(sources); });
  }
  parse -= cut;
  own -= cut;
  fmt::print(
      "{:<20} {:5.1f} MB  parse+decode {:5.1f} MB/s, ours {:5.1f} MB/s  check {:5.1f} MB/s  "
      "check/parse {:4.2f}x  two threads {:4.2f}x (two checks at once {:4.2f}x)\n",
      name, size, size / parse, size / own, size / one, one / parse, one / two, 2 * one / twice);
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

/// All passes against the first, which reads everything.
void measure_fix(size_t size) {
  fmt::print("\nFixing, nearly every statement (one thread): time against one pass\n");
  const Linter linter(all_rules(), Config{});
  const std::pair<const char*, std::string> dumps[] = {{"schema dump", bench::schema_dump(size)},
                                                       {"refused", bench::refused_dump(size)}};
  for (const auto& [name, text] : dumps) {
    const Source source = source_of("dump.sql", text);
    double pass = 1e9;
    double check = 1e9;
    double fix = 1e9;
    // In turn, as in `measure`.
    for (int round = 0; round < 5; ++round) {
      run_on_big_stacks(1, [&](unsigned) {
        pass = std::min(pass, seconds([&] { linter.pass(source); }, 1));
        check = std::min(check, seconds([&] { linter.check(source); }, 1));
        fix = std::min(fix, seconds([&] { (void)linter.fix(source); }, 1));
      });
    }
    fmt::print(
        "  {:<12} {:5.1f} MB  pass {:5.1f} MB/s  check {:4.2f}x  fix {:4.2f}x  "
        "(fix/check {:4.2f}x)\n",
        name, source->size() / 1e6, source->size() / 1e6 / pass, check / pass, fix / pass,
        fix / check);
  }
}

/// What grows with the square takes four times as long for twice as much.
void measure_many() {
  constexpr size_t kFew = 25'000;
  fmt::print("\nTwice as many of one thing, check and fix: time against the first\n");
  const Linter linter(all_rules(), Config{});
  const auto fix = [&](const std::string& text) {
    const Source source = source_of("many.sql", text);
    return seconds([&] { run_on_big_stacks(1, [&](unsigned) { (void)linter.fix(source); }); }, 2);
  };
  const std::vector<std::string> few = bench::many_of_everything(kFew);
  const std::vector<std::string> many = bench::many_of_everything(2 * kFew);
  for (size_t i = 0; i < few.size(); ++i) {
    const double once = fix(few[i]);
    const double twice = fix(many[i]);
    std::string name = many[i].substr(0, 40);
    std::replace(name.begin(), name.end(), '\n', ' ');
    fmt::print("  {:<40}  {:8.1f} ms  {:4.2f}x\n", name, twice * 1e3, twice / once);
  }
}

/// A thousand files as a migration tool keeps them, against the parser alone on the same texts.
void measure_migrations(const Options& options, const Launcher& launcher, const fs::path& folder) {
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
  const double parse = seconds([&] { parse_only(sources, parse_and_decode); });
  double best = 0;
  for (int i = 0; i < 3; ++i) {
    const Child child = launcher.run({options.program, "migrations", project.string()});
    if (i == 0 || child.seconds < best) best = child.seconds;
  }
  fmt::print("  {} migrations          {:7.0f} ms   {:.1f}x parse and decode\n", kFiles, best * 1e3,
             best / parse);
  fs::remove_all(project.parent_path());
}

/// What a state of the catalog costs: n tables are created, then each is altered once.
void measure_catalog() {
  fmt::print("\nThe catalog (n tables created, then each altered; a state per statement)\n");
  for (const size_t count : {1'000u, 10'000u}) {
    std::string text;
    for (size_t i = 0; i < count; ++i) {
      text += fmt::format("create table table_{} (id bigint primary key, note text);\n", i);
    }
    for (size_t i = 0; i < count; ++i) {
      text += fmt::format("alter table table_{} alter column note set not null;\n", i);
    }
    const Source source = source_of("catalog.sql", std::move(text));
    const Document document = Document::parse(source);
    catalog::Catalog made;
    size_t created = 0;
    const double apply = seconds(
        [&] {
          made = catalog::Catalog();
          catalog::Session session;
          for (size_t i = 0; i < document.statements().size(); ++i) {
            if (i == count) created = made.bytes();
            catalog::apply(made, session, document, i);
          }
        },
        1);
    const size_t altered = made.bytes() - created;
    size_t found = 0;
    const auto look_up = [&](const catalog::State& state) {
      return seconds([&] {
        for (size_t i = 0; i < count; ++i) {
          const ObjectName name{"", fmt::format("table_{}", (i * 7919) % count)};
          found += state.get(catalog::NameSpace::Relation, name) != nullptr;
        }
      });
    };
    const double spelling = seconds([&] {
      for (size_t i = 0; i < count; ++i) {
        found += fmt::format("table_{}", (i * 7919) % count).size();
      }
    });
    const auto each = [&](double all) {
      return (all - spelling) / static_cast<double>(count) * 1e9;
    };
    const double now = each(look_up(made.now()));
    const double middle = each(look_up({made, made.step() / 2}));
    if (found == 0) fmt::print("nothing found\n");
    fmt::print(
        "  {:>6} tables  {:5.2f} us a statement  {:4} bytes a changed object  look-up {:4.0f} ns "
        "({:4.0f} ns in the middle)\n",
        count, apply * 1e6 / static_cast<double>(document.statements().size()), altered / count,
        now, middle);
  }
}

/// How much of a check of a schema dump the catalog is.
void measure_catalog_of_dump() {
  const Source source = source_of("dump.sql", bench::schema_dump(5 << 20));
  const Document document = Document::parse(source);
  const double apply = seconds([&] {
    catalog::Catalog made;
    catalog::Session session;
    for (size_t i = 0; i < document.statements().size(); ++i) {
      catalog::apply(made, session, document, i);
    }
  });
  const double check = seconds([&] { check_all({source}, 1); });
  fmt::print("  schema dump    {:5.1f} ms/MB, {:4.1f} % of a check\n",
             apply * 1e3 / megabytes({source}), apply / check * 100);
}

/// The same dump again and again under other names, as the files of one history.
void measure_history() {
  fmt::print("\nA history of files (schema dump with other names each, one thread)\n");
  const std::string dump = bench::schema_dump(300'000);
  const Linter linter(all_rules(), Config{});
  double first = 0;
  for (const int copies : {1, 10, 100}) {
    std::vector<Source> files;
    for (int i = 0; i < copies; ++i) {
      std::string text = dump;
      RE2::GlobalReplace(&text, "ledger_", fmt::format("book{}_", i));
      files.push_back(source_of(fmt::format("{}.sql", i), std::move(text)));
    }
    const double size = megabytes(files);
    const double check = seconds([&] {
                           Schema history;
                           for (const Source& file : files)
                             linter.check(file, {.history = &history});
                         }) /
                         size;
    const double fix = seconds(
                           [&] {
                             Schema history;
                             for (const Source& file : files) {
                               (void)linter.fix(file, Safety::Review, {.history = &history});
                             }
                           },
                           1) /
                       size;
    if (first == 0) first = check;
    fmt::print("  {:>3} files  {:6.1f} MB  check {:7.2f} ms/MB ({:4.2f}x)  fix {:8.2f} ms/MB\n",
               copies, size, check * 1e3, check / first, fix * 1e3);
  }
}

void measure_program(const Options& options, const Launcher& launcher, const fs::path& folder) {
  if (options.program.empty()) return;
  const auto write = [&](const std::string& name, const std::string& text) {
    const fs::path path = folder / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  };
  const auto check = [&](const std::string& path, int runs) {
    Child best;
    for (int i = 0; i < runs; ++i) {
      const Child child = launcher.run({options.program, "check", "-j", "1", path});
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
  const std::string refused = write("refused.sql", bench::copy_dump(size_t{256} << 20, true));
  const double size = static_cast<double>(fs::file_size(refused)) / 1e6;
  const Child checked = check(refused, 2);
  const Child fixed = launcher.run({options.program, "fix", "-j", "1", "-o", "/dev/null", refused});
  fmt::print(
      "  COPY data, fixed         {:8.1f} MB  {:7.1f} MB/s   peak {:6.1f} MB  "
      "(fix/check {:4.2f}x, peak/size {:4.2f}x)\n",
      size, size / fixed.seconds, fixed.peak_mb, fixed.seconds / checked.seconds,
      fixed.peak_mb * 1.048576 / size);
  fs::remove(refused);
  report("INSERT, 1 row each", write("insert1.sql", bench::insert_dump(size_t{128} << 20, 1)));
  report("INSERT, 500 rows each",
         write("insert500.sql", bench::insert_dump(size_t{128} << 20, 500)));

  measure_migrations(options, launcher, folder);

  if (options.peer.empty()) {
    fmt::print("  (no peer beside it: squawk is not installed)\n");
    return;
  }
  const std::string dump = write("peer.sql", bench::schema_dump(200'000));
  const Child ours = check(dump, 3);
  const Child theirs = launcher.run({options.peer, dump});
  fmt::print("  200 KB schema: squawk {:.0f} ms, dsqlint {:.0f} ms ({:.0f}x)\n",
             theirs.seconds * 1e3, ours.seconds * 1e3, theirs.seconds / ours.seconds);
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();      // as the program does
  const Launcher launcher;  // before there is memory to copy
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    if (flag == "--program") options.program = argv[i + 1];
    if (flag == "--corpus") options.corpus = argv[i + 1];
    if (flag == "--peer") options.peer = argv[i + 1];
    if (flag == "--only") options.only = argv[i + 1];
    if (flag == "--megabytes") options.megabytes = std::strtoul(argv[i + 1], nullptr, 10);
  }
  const auto wanted = [&](std::string_view part) {
    return options.only.empty() || options.only == part;
  };
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
  if (!wanted("corpus")) {
  } else if (corpus.empty()) {
    fmt::print("corpus: none given, skipped\n");
  } else {
    measure(fmt::format("corpus, {} files", corpus.size()), corpus);
  }
  if (wanted("dump")) {
    measure("schema dump", {source_of("dump.sql", bench::schema_dump(options.megabytes << 20))});
  }
  if (wanted("growth")) measure_growth();
  if (wanted("catalog")) {
    measure_catalog();
    measure_catalog_of_dump();
  }
  if (wanted("fix")) measure_fix(options.megabytes << 20);
  if (wanted("history")) measure_history();
  if (wanted("many")) measure_many();
  if (!wanted("program")) return 0;
  const fs::path folder = fs::temp_directory_path() / fmt::format("dsqlint-bench-{}", ::getpid());
  fs::create_directories(folder);
  measure_program(options, launcher, folder);
  fs::remove_all(folder);
  return 0;
}
