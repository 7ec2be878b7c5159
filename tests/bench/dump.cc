#include "tests/bench/dump.h"

#include <fmt/format.h>

#include <iterator>

namespace dsqlint::bench {
namespace {

constexpr const char* kPreamble =
    "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n\n";

void append_table(std::string& out, size_t n) {
  auto to = std::back_inserter(out);
  fmt::format_to(to,
                 "--\n-- Name: ledger_{0}; Type: TABLE; Schema: app; Owner: -\n--\n\n"
                 "CREATE TABLE app.ledger_{0} (\n"
                 "    id integer NOT NULL,\n"
                 "    account_id bigint NOT NULL,\n"
                 "    reference character varying(80) DEFAULT 'none'::character varying NOT NULL,\n"
                 "    amount numeric(12,2) DEFAULT 0.00 NOT NULL,\n"
                 "    details jsonb DEFAULT '{{}}'::jsonb NOT NULL,\n"
                 "    booked_at timestamp without time zone DEFAULT now() NOT NULL,\n"
                 "    closed boolean DEFAULT false NOT NULL,\n"
                 "    CONSTRAINT ledger_{0}_amount_check CHECK (((amount >= (0)::numeric) AND "
                 "(amount < (1000000)::numeric)))\n"
                 ");\n\n\n",
                 n);
  fmt::format_to(to,
                 "--\n-- Name: TABLE ledger_{0}; Type: COMMENT; Schema: app; Owner: -\n--\n\n"
                 "COMMENT ON TABLE app.ledger_{0} IS 'Bookings of branch {0}; the owner''s copy';\n"
                 "\n\n"
                 "--\n-- Name: ledger_{0}_id_seq; Type: SEQUENCE; Schema: app; Owner: -\n--\n\n"
                 "CREATE SEQUENCE app.ledger_{0}_id_seq\n"
                 "    START WITH 1\n    INCREMENT BY 1\n    NO MINVALUE\n    NO MAXVALUE\n"
                 "    CACHE 1;\n\n\n"
                 "ALTER SEQUENCE app.ledger_{0}_id_seq OWNED BY app.ledger_{0}.id;\n\n\n"
                 "ALTER TABLE ONLY app.ledger_{0} ALTER COLUMN id SET DEFAULT "
                 "nextval('app.ledger_{0}_id_seq'::regclass);\n\n\n",
                 n);
  fmt::format_to(to,
                 "ALTER TABLE ONLY app.ledger_{0}\n"
                 "    ADD CONSTRAINT ledger_{0}_pkey PRIMARY KEY (id);\n\n\n"
                 "CREATE INDEX index_ledger_{0}_on_account_id ON app.ledger_{0} USING btree "
                 "(account_id);\n\n\n"
                 "CREATE UNIQUE INDEX index_ledger_{0}_on_reference ON app.ledger_{0} USING btree "
                 "(lower((reference)::text)) WHERE (NOT closed);\n\n\n",
                 n);
  if (n > 0) {
    fmt::format_to(to,
                   "ALTER TABLE ONLY app.ledger_{0}\n"
                   "    ADD CONSTRAINT fk_ledger_{0} FOREIGN KEY (account_id) REFERENCES "
                   "app.ledger_{1}(id) ON DELETE CASCADE;\n\n\n",
                   n, n - 1);
  }
}

/// One row's values, with quotes and backslashes as real data has them.
template <typename Out>
void append_values(Out to, size_t n, const char* separator, const char* quote) {
  fmt::format_to(to,
                 "{0}{1}{2}{3}''s entry no. {0}, paid{2}{1}{2}2026-03-{4:02} 10:{5:02}:00{2}"
                 "{1}{6}.{7:02}{1}{8}",
                 n, separator, quote, "owner", n % 28 + 1, n % 60, n % 9000, n % 100,
                 n % 3 == 0 ? "NULL" : "true");
}

}  // namespace

std::string schema_dump(size_t bytes) {
  std::string out = kPreamble;
  out.reserve(bytes + 4096);
  out += "CREATE SCHEMA app;\n\n\n";
  for (size_t n = 0; out.size() < bytes; ++n) append_table(out, n);
  return out;
}

std::string refused_dump(size_t bytes) {
  std::string out;
  out.reserve(bytes + 4096);
  for (size_t n = 0; out.size() < bytes; ++n) {
    fmt::format_to(std::back_inserter(out),
                   "CREATE TABLE stock_{0} (\n    id serial PRIMARY KEY,\n"
                   "    shelf_id integer NOT NULL,\n    price money,\n    tags text[],\n"
                   "    outline box,\n    title varchar(200)\n);\n"
                   "CREATE INDEX stock_{0}_title ON stock_{0} (title);\n"
                   "CREATE INDEX stock_{0}_hash ON stock_{0} USING hash (title);\n"
                   "ALTER TABLE stock_{0} ADD CONSTRAINT stock_{0}_shelf FOREIGN KEY (shelf_id) "
                   "REFERENCES stock_{1} (id);\n"
                   "ALTER TABLE stock_{0} ALTER COLUMN title TYPE text;\n",
                   n, n == 0 ? 0 : n - 1);
  }
  return out;
}

std::string copy_dump(size_t bytes, bool refused) {
  std::string out = kPreamble;
  out.reserve(bytes + 4096);
  out += refused ? "CREATE TABLE entry (id serial, note text, amount money, paid boolean);\n"
                   "CREATE INDEX entry_note ON entry (note);\n"
                 : "CREATE TABLE entry (id bigint NOT NULL, note text, amount numeric(12,2), "
                   "paid boolean);\n";
  out += "\nCOPY entry (id, note, amount, paid) FROM stdin;\n";
  for (size_t n = 0; out.size() < bytes; ++n) {
    append_values(std::back_inserter(out), n, "\t", "");
    out += '\n';
  }
  out += "\\.\n";
  return out;
}

std::string insert_dump(size_t bytes, size_t rows) {
  std::string out = kPreamble;
  out.reserve(bytes + 4096);
  out +=
      "CREATE TABLE entry (id bigint NOT NULL, note text, amount numeric(12,2), paid boolean);\n";
  for (size_t n = 0; out.size() < bytes;) {
    out += "INSERT INTO entry VALUES (";
    for (size_t row = 0; row < rows; ++row, ++n) {
      if (row != 0) out += "), (";
      append_values(std::back_inserter(out), n, ", ", "'");
    }
    out += ");\n";
  }
  return out;
}

}  // namespace dsqlint::bench
