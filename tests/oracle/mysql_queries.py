#!/usr/bin/env python3
"""The MySQL query oracle: random tables with awkward rows and random statements about them run on a
real MariaDB server and, translated, on a real PostgreSQL server. What a client sees has to be the
same, or a finding at the statement has to announce that it is not.

    mysql_queries.py --program DSQLINT [--seed N] [--batches N] [--shrink N] [--details]

A batch is two tables and some statements that a seed makes: `--seed N --batches 1` tries one again.
A statement that differs is shrunk to the smallest one that still does. What a statement writes is
read back and rolled back. Servers are started here, in a temporary folder, reachable by socket only,
and stopped however this ends. Without `--seed` and `--batches` what is proven is held to floors.txt.
"""

import argparse
import collections
import decimal
import json
import math
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import mariadb  # noqa: E402  (the servers are started as there)
import postgres  # noqa: E402

STATEMENTS = 60  # of a batch
BATCHES = 50  # without options: about a minute
SILENT = ("differs", "fails")
# Where MariaDB 10.11 is not MySQL 8, whom the translation follows. What a statement matches may
# differ; (pattern of the MySQL text, what the servers disagree on).
DISAGREEMENTS = [
    (r"JSON_EXTRACT\([^()]*\) *(<=>|[=<>!])|->", "MySQL compares JSON by value, MariaDB its text")
]
SESSION = (
    "set names utf8mb4 collate utf8mb4_unicode_520_nopad_ci, time_zone = '+00:00', "
    "max_statement_time = 20, sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,"
    "NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';\n"
)


# ---- Statements are trees, so that they can be made smaller.


class Node:
    """`parts` are texts and nodes. An `expr` may be replaced by one of its parts, a `clause` left
    out, and of a `list` members be left out."""

    __slots__ = ("kind", "parts", "separator")

    def __init__(self, kind, *parts, separator=""):
        self.kind, self.parts, self.separator = kind, list(parts), separator

    def __str__(self):
        return self.separator.join(str(part) for part in self.parts)

    def smaller(self):
        """Trees that have one thing less."""
        if self.kind == "expr":
            yield from (part for part in self.parts if isinstance(part, Node) and part.kind == "expr")
            if any(isinstance(part, Node) for part in self.parts):
                yield from (Node("expr", text) for text in ("1", "'a'", "NULL"))
        if self.kind == "clause" and self.parts:
            yield Node("clause")
        if self.kind == "list" and len(self.parts) > 1:
            for i in range(len(self.parts)):
                yield self.with_parts(self.parts[:i] + self.parts[i + 1 :])
        for i, part in enumerate(self.parts):
            if isinstance(part, Node):
                for other in part.smaller():
                    yield self.with_parts(self.parts[:i] + [other] + self.parts[i + 1 :])

    def with_parts(self, parts):
        return Node(self.kind, *parts, separator=self.separator)


def expr(*parts):
    return Node("expr", *parts)


def clause(*parts):
    return Node("clause", *parts)


def listed(parts, separator=", "):
    return Node("list", *parts, separator=separator)


# ---- Tables


def texts(rng, longest):
    words = [
        "",
        "a",
        "A",
        "abc",
        "ABC",
        "äöü",
        "ÄÖÜ",
        "a ",
        " b",
        "12abc",
        "1e3",
        "0",
        "-5",
        "3.7",
        "07",
        "2024-02-29",
        "x,y,z",
        "50%",
        "a_b",
        "it''s",
        "straße",
        "null",
        "e",
        "1.50",
        " 42 ",
        "99999999999",
    ]
    return "'" + rng.choice([word for word in words if len(word) <= longest]) + "'"


# The kind an expression takes a column for, its types, and a literal of it.
FAMILIES = {
    "f": ("flag", ["TINYINT(1)", "BOOLEAN"], lambda r: r.choice(["0", "1", "1", "TRUE", "FALSE"])),
    "k": ("int", ["TINYINT"], lambda r: r.choice(["0", "-1", "5", "-128", "127"])),
    "n": (
        "int",
        ["INT", "INT(11)"],
        lambda r: r.choice(["0", "1", "-7", "7", "100000", "-2147483648", "20240131"]),
    ),
    "g": ("int", ["SMALLINT"], lambda r: r.choice(["1", "2", "3"])),
    "u": ("int", ["INT UNSIGNED", "SMALLINT UNSIGNED"], lambda r: r.choice(["0", "1", "3", "65535"])),
    "b": ("int", ["BIGINT"], lambda r: r.choice(["0", "-9", "9007199254740993", "12"])),
    "q": ("int", ["BIGINT UNSIGNED"], lambda r: r.choice(["0", "7", "18446744073709551615"])),
    "m": (
        "dec",
        ["DECIMAL(10,2)", "DECIMAL(8,3)"],
        lambda r: r.choice(["0", "1.5", "-2.25", "100.01", "-0.5", "3"]),
    ),
    "x": ("dbl", ["DOUBLE"], lambda r: r.choice(["0", "0.1", "-2.5", "1e10", "3", "-0.75"])),
    "r": ("dbl", ["FLOAT"], lambda r: r.choice(["0", "0.5", "-2.25", "8"])),
    "v": ("text", ["VARCHAR(20)"], lambda r: texts(r, 20)),
    "w": ("text", ["VARCHAR(20) COLLATE utf8mb4_nopad_bin"], lambda r: texts(r, 20)),
    "h": ("text", ["CHAR(6) COLLATE utf8mb4_bin"], lambda r: texts(r, 6)),
    "z": ("text", ["TEXT COLLATE utf8mb4_nopad_bin"], lambda r: texts(r, 20)),
    "l": ("bytes", ["VARBINARY(20)", "BLOB"], lambda r: r.choice(["''", "'abc'", "0x0BFF", "x'41'"])),
    "d": (
        "date",
        ["DATE"],
        lambda r: r.choice(["'2024-01-31'", "'2024-02-29'", "'1999-12-31'", "'2000-01-01'"]),
    ),
    "t": (
        "moment",
        ["DATETIME"],
        lambda r: r.choice(["'2024-01-31 23:59:59'", "'2024-02-29 00:00:00'", "'1999-12-31 12:30:05'"]),
    ),
    "o": (
        "moment",
        ["DATETIME(3)", "DATETIME(6)"],
        lambda r: r.choice(["'2024-01-31 23:59:59.999'", "'2000-02-29 08:00:00.5'", "'2001-01-01'"]),
    ),
    "s": (
        "moment",
        ["TIMESTAMP NULL"],
        lambda r: r.choice(["'2024-03-10 02:30:00'", "'2020-06-15 18:00:01'"]),
    ),
    "i": ("time", ["TIME"], lambda r: r.choice(["'00:00:00'", "'23:59:59'", "'08:05:09'"])),
    "y": ("int", ["YEAR"], lambda r: r.choice(["1999", "2024", "2000"])),
    "e": ("text", ["ENUM('small','Medium','big')"], lambda r: r.choice(["'small'", "'Medium'", "'big'"])),
    "c": (
        "text",
        ["SET('red','green','blue')"],
        lambda r: r.choice(["'red'", "'red,blue'", "'green'", "''"]),
    ),
    "j": (
        "json",
        ["JSON"],
        lambda r: r.choice(
            ['\'{"a": 1, "b": [1, 2, 3]}\'', '\'{"a": "x", "c": {"d": null}}\'', "'[1, \"b\", true]'", "'{}'"]
        ),
    ),
    "p": ("flag", ["BIT(1)"], lambda r: r.choice(["b'0'", "b'1'"])),
}
Column = collections.namedtuple("Column", "name kind type not_null letter")


class Table:
    def __init__(self, rng, name):
        self.name = name
        letters = rng.sample(sorted(FAMILIES), rng.randint(6, 10))
        self.columns = [Column("id", "int", "INT", True, "n")]
        for letter in letters:
            kind, types, _ = FAMILIES[letter]
            self.columns.append(Column("c" + letter, kind, rng.choice(types), rng.random() < 0.25, letter))
        self.unique = (
            [c for c in self.columns if c.letter in "gnu" and c.name != "id" and c.not_null][:1]
            if rng.random() < 0.5
            else []
        )
        self.rows = []
        for i in range(1, rng.randint(6, 10)):
            row = [str(i)]
            for column in self.columns[1:]:
                null = not column.not_null and rng.random() < 0.2
                row.append(
                    "NULL" if null else str(i) if column in self.unique else FAMILIES[column.letter][2](rng)
                )
            self.rows.append(row)

    def sql(self):
        columns = [f"  {c.name} {c.type}{' NOT NULL' if c.not_null else ''}" for c in self.columns]
        columns.append("  PRIMARY KEY (id)")
        columns += [f"  UNIQUE KEY ({c.name})" for c in self.unique]
        rows = ",\n  ".join("(" + ", ".join(row) + ")" for row in self.rows)
        return (
            f"CREATE TABLE {self.name} (\n" + ",\n".join(columns) + "\n);\n"
            f"INSERT INTO {self.name} VALUES\n  {rows};\n"
        )


# ---- Expressions: what makes a value of a kind; {kind} is an argument.

NUMBERS = """
{num} + {num}|{num} - {num}|{num} * {num}|{num} / {num}|{num} % {int}|{int} DIV {int}|-{num}|ABS({num})
MOD({int}, {int})|{int} & {int}|{int} << 1|{int} ^ {int}|~{int}|{int} >> 1
ROUND({num})|ROUND({num}, 1)|ROUND({num}, -1)|TRUNCATE({num}, 1)|CEIL({num})|FLOOR({num})|SIGN({num})
GREATEST({num}, {num})|LEAST({num}, {num})|IFNULL({num}, {num})|COALESCE({num}, {num})|NULLIF({num}, {num})
IF({bool}, {num}, {num})|CASE WHEN {bool} THEN {num} ELSE {num} END|CASE {num} WHEN {num} THEN {num} END
LENGTH({text})|CHAR_LENGTH({text})|LOCATE({word}, {text})|INSTR({text}, {word})|POSITION({word} IN {text})
ASCII({text})|FIELD({text}, 'a', 'abc', 'x')|FIND_IN_SET({word}, {text})|STRCMP({text}, {text})
CAST({text} AS SIGNED)|CAST({num} AS SIGNED)|CAST({num} AS DECIMAL(10,2))|CAST({text} AS DECIMAL(10,2))
CAST({int} AS UNSIGNED)|{text} + 0|{bool} + {int}|SQRT({num})|POW({num}, 2)|EXP({int} % 5)|LN({num})|LOG({num})
LOG(2, {num})|LOG10({num})|LOG2({num})|DEGREES({dbl})|RADIANS({num})|SIN({num})|ATAN({num})|PI()
YEAR({day})|MONTH({day})|DAY({day})|HOUR({moment})|MINUTE({moment})|SECOND({moment})|QUARTER({day})
DAYOFWEEK({day})|WEEKDAY({day})|DAYOFYEAR({day})|WEEK({day}, 3)|WEEKOFYEAR({day})|MICROSECOND({moment})
EXTRACT(YEAR FROM {day})|EXTRACT(HOUR FROM {moment})|EXTRACT(YEAR_MONTH FROM {day})|TO_DAYS({day})
EXTRACT(DAY_SECOND FROM {moment})|DATEDIFF({day}, {day})|TIMESTAMPDIFF(DAY, {day}, {day})
TIMESTAMPDIFF(MONTH, {day}, {day})|TIMESTAMPDIFF(HOUR, {moment}, {moment})|UNIX_TIMESTAMP({moment})
TIME_TO_SEC({time})|JSON_LENGTH({json})|JSON_VALUE({json}, '$.a')|{day} + 0|ELT({int}, {num}, {num})
CRC32({text})|BIT_COUNT({int})|{num} MOD {int}|ORD({text})|BIT_LENGTH({text})|INTERVAL({int}, 1, 5)
LOCATE({word}, {text}, 2)
""".replace("\n", "|")
TEXTS = """
CONCAT({text}, {text})|CONCAT({any}, '-', {any})|CONCAT_WS(',', {any}, {text})|UPPER({text})|LOWER({text})
SUBSTR({text}, 2)|SUBSTRING({text}, 1, 3)|SUBSTR({text}, -2)|SUBSTR({text}, {int}, 2)|LEFT({text}, 2)|RIGHT({text}, 2)
TRIM({text})|LTRIM({text})|RTRIM({text})|TRIM(LEADING 'a' FROM {text})|REPLACE({text}, 'a', 'bb')|REVERSE({text})
LPAD({text}, 5, '*')|RPAD({text}, 5, 'xy')|REPEAT({text}, 2)|SPACE(2)|LEFT({text}, {int})
IF({bool}, {text}, {text})|IF({bool}, {any}, {any})|IFNULL({text}, {text})|IFNULL({any}, {any})|COALESCE({any}, {text})
CASE WHEN {bool} THEN {any} ELSE {any} END|NULLIF({text}, {text})|GREATEST({text}, {text})|LEAST({text}, 'm')
SUBSTRING_INDEX({text}, ',', 1)|SUBSTRING_INDEX({text}, ',', 2)|SUBSTRING_INDEX({text}, ',', -2)
CAST({num} AS CHAR)|CAST({any} AS CHAR)|HEX({int})|HEX({text})|MD5({text})|BIN({int})|CONV({int}, 10, 16)|OCT({int})
DATE_FORMAT({day}, '%Y-%m-%d')|DATE_FORMAT({moment}, '%d.%m.%y %H:%i')|DATE_FORMAT({day}, '%W %M %e %Y')
DAYNAME({day})|MONTHNAME({day})|ELT({int}, 'a', {text})|INSERT({text}, 2, 1, 'X')|FORMAT({num}, 2)
JSON_UNQUOTE(JSON_EXTRACT({json}, '$.a'))|{json}->>'$.a'|FROM_UNIXTIME({int}, '%Y-%m-%d')|QUOTE({text})|SHA2({text}, 256)
TO_BASE64({text})|LCASE({text})|MID({text}, 2, 2)|REGEXP_REPLACE({text}, '[ab]', 'X')|CHAR({int})
""".replace("\n", "|")
TESTS = """
{num} = {num}|{num} < {num}|{num} <> {num}|{num} >= {num}|{num} <=> {num}|{text} = {text}|{text} = {text}|{text} < {text}
{text} LIKE 'a%'|{text} LIKE '%b%'|{text} NOT LIKE '_'|{text} LIKE {text}|{text} REGEXP '^[a-c]'|{day} = {day}|{day} < {day}
{cmp} = {cmp}|{cmp} < {cmp}|{cmp} <=> {cmp}|{cmp} <> {cmp}|{any} IS NULL|{any} IS NOT NULL|ISNULL({any})
{num} IN ({num}, {num}, 1)|{text} IN ('a', {text})|{cmp} IN ({cmp}, {cmp})|{num} NOT IN (1, {num})|{text} = {num}
{num} BETWEEN {num} AND {num}|{cmp} BETWEEN {cmp} AND {cmp}|{text} BETWEEN 'a' AND {text}|{day} BETWEEN {day} AND {day}
{bool} AND {bool}|{bool} OR {bool}|NOT {bool}|{bool} XOR {bool}|! {flag}|({bool}) IS TRUE|({num}) IS NOT FALSE|{num}
{flag}|{flag} = 1|{flag} = {int}|{flag} AND {any}|{day} = '2024-02-29'|{day} > '2000-01-01'|{moment} >= '2024-01-31'
JSON_CONTAINS({json}, '1', '$.a')|JSON_VALID({text})|{json}->>'$.a' = '1'|({num}, {text}) = ({num}, {text})
{bool} = {bool}|{text}|EXISTS (SELECT 1 FROM {table} AS q WHERE q.id = {num})|{num} IN (SELECT q.id FROM {table} AS q)
{moment} = {day}|{num} = {day}|{time} < '12:00:00'|{text} = {day}|{num} = ANY (SELECT q.id FROM {table} AS q)
""".replace("\n", "|")
MOMENTS = """
{day} + INTERVAL 1 DAY|{day} - INTERVAL 1 MONTH|DATE_ADD({day}, INTERVAL {int} % 9 DAY)|DATE_SUB({moment}, INTERVAL 2 HOUR)
DATE({moment})|LAST_DAY({day})|IFNULL({day}, {day})|IF({bool}, {day}, {day})|CAST({moment} AS DATE)|CAST({day} AS DATETIME)
TIMESTAMP({day})|GREATEST({day}, {day})|STR_TO_DATE('31.01.2024', '%d.%m.%Y')|MAKEDATE(2024, {int} % 300 + 1)
TIMESTAMPADD(MONTH, 1, {day})|FROM_UNIXTIME({int} % 1000 + 5000)|ADDDATE({day}, 3)|COALESCE({day}, {moment})
{moment} + INTERVAL '1:30' HOUR_MINUTE|{day} + INTERVAL 1 QUARTER|FROM_DAYS(738000)|CAST({text} AS DATE)|DATE({text})
""".replace("\n", "|")
JSONS = """
JSON_OBJECT('k', {any})|JSON_ARRAY({any}, {num})|JSON_EXTRACT({json}, '$.b')|{json}->'$.b[1]'|JSON_SET({json}, '$.a', {num})
JSON_INSERT({json}, '$.z', {text})|JSON_REPLACE({json}, '$.a', 'r')|JSON_REMOVE({json}, '$.a')
""".replace("\n", "|")
GROUPS = """
COUNT(*)|COUNT({any})|COUNT(DISTINCT {cmp})|SUM({num})|AVG({num})|MIN({cmp})|MAX({cmp})|MIN({num})|MAX({text})|SUM({bool})
GROUP_CONCAT({any} ORDER BY id)|GROUP_CONCAT(DISTINCT {num} ORDER BY 1)|GROUP_CONCAT({text} ORDER BY id SEPARATOR ';')
SUM(DISTINCT {num})|STD({num})|VARIANCE({num})|BIT_OR({int})|BIT_AND({int})|COUNT(DISTINCT {cmp}, {cmp})|SUM({text})
SUM(IF({bool}, 1, 0))|COUNT(IF({bool}, 1, NULL))|MAX({day})|AVG({flag})|JSON_ARRAYAGG({num})
""".replace("\n", "|")
TEMPLATES = {
    kind: [row for row in rows.split("|") if row]
    for kind, rows in {
        "num": NUMBERS,
        "text": TEXTS,
        "bool": TESTS,
        "moment": MOMENTS,
        "json": JSONS,
        "group": GROUPS,
    }.items()
}
TEMPLATES["num"].append("{int} | {int}")  # `|` itself parts the templates
LITERALS = {
    "num": ["0", "1", "2", "-3", "2.5", "0.5", "1e2", "10", "NULL"],
    "int": ["0", "1", "2", "-3", "10", "7"],
    "text": ["'a'", "'abc'", "'ABC'", "''", "'a '", "'12abc'", "'1'", "'ä'", "NULL"],
    "word": ["'a'", "'B'", "','", "''"],
    "moment": ["'2024-02-29 10:00:00'", "TIMESTAMP '2024-01-31 23:59:59'"],
    "date": ["'2024-02-29'", "DATE '2000-01-01'"],
    "time": ["'12:00:00'"],
    "bool": ["TRUE", "FALSE", "1", "0", "NULL"],
    "flag": ["TRUE", "0", "1"],
    "json": ["'{\"a\": 5}'", "'[1, 2]'"],
    "bytes": ["x'4142'"],
    "dbl": ["1e0", "2.5e0"],
}
# What a column of this kind may stand for, the likeliest first.
STANDS = {
    "num": ["int", "int", "dec", "dbl", "flag"],
    "int": ["int"],
    "text": ["text"],
    "word": ["text"],
    "moment": ["moment"],
    "day": ["date", "moment"],
    "date": ["date"],
    "time": ["time"],
    "bool": ["flag"],
    "flag": ["flag"],
    "json": ["json"],
    "bytes": ["bytes"],
    "dbl": ["dbl"],
    "dec": ["dec"],
}
GROW = {
    "num": "num",
    "int": None,
    "text": "text",
    "day": "moment",
    "moment": None,
    "bool": "bool",
    "json": "json",
    "flag": None,
    "dbl": None,
}


class Maker:
    """Statements about some tables."""

    def __init__(self, rng, tables):
        self.rng, self.tables = rng, tables
        self.columns = []  # (text, Column) at hand
        self.mixed = rng.choice([0.0, 0.05, 0.15])  # how often the kind is another than wanted

    def value(self, kind, depth):
        rng = self.rng
        if kind in ("any", "cmp"):
            kind = rng.choice(
                ["num", "text", "day", "bool", "num", "text", "time", "flag"]
                + (["json"] if kind == "any" else [])
            )
        elif rng.random() < self.mixed and kind not in ("word", "json"):
            kind = rng.choice(["num", "text", "day", "bool"])
        grow = GROW.get(kind)
        if depth > 0 and grow is not None and rng.random() < 0.6:
            return self.template(rng.choice(TEMPLATES[grow]), depth - 1)
        fitting = [name for name, column in self.columns if column.kind in STANDS.get(kind, [kind])]
        if kind == "word" and rng.random() < 0.8 or not fitting or rng.random() < 0.15:
            literal = rng.choice(LITERALS.get("date" if kind == "day" else kind, LITERALS["num"]))
            return expr(literal)
        return expr(rng.choice(fitting))

    def template(self, text, depth):
        parts = []
        for part in re.split(r"(\{\w+\})", text):
            if part == "{table}":
                parts.append(self.rng.choice(self.tables).name)
            elif part.startswith("{"):
                inner = self.value(part[1:-1], depth)
                # Operators in operators stand in brackets.
                bare = len(inner.parts) == 1 or re.match(r"^\w+\(", str(inner.parts[0]))
                parts.append(inner if bare else Node("expr", "(", inner, ")"))
            elif part:
                parts.append(part)
        return expr(*parts)

    def over(self, *named):
        """Columns of these tables, `(table, alias)`, are at hand."""
        self.columns = [
            (f"{alias}.{c.name}" if alias else c.name, c) for table, alias in named for c in table.columns
        ]
        return self

    def where(self, depth=2):
        return clause(" WHERE ", self.value("bool", depth)) if self.rng.random() < 0.6 else clause()

    def assigned(self, column, depth=1):
        """A value for a column, mostly of its own kind."""
        kind = {"date": "day", "moment": "day", "dec": "num", "dbl": "num"}.get(column.kind, column.kind)
        if self.rng.random() < 0.2:
            return expr(FAMILIES[column.letter][2](self.rng))
        return self.value(kind if self.rng.random() < 0.9 else "any", depth)

    # Each gives (statement, tables it writes, are rows ordered).

    def select(self):
        rng, table = self.rng, self.rng.choice(self.tables)
        self.over((table, ""))
        items = listed([self.value("any", rng.choice([1, 2, 2, 3])) for _ in range(rng.randint(1, 3))])
        limit = (
            clause(f" LIMIT {rng.randint(1, 4)}" + rng.choice(["", " OFFSET 1"]))
            if rng.random() < 0.2
            else clause()
        )
        return (
            Node("fixed", "SELECT id, ", items, f" FROM {table.name}", self.where(), " ORDER BY id", limit),
            [],
            True,
        )

    def ordered(self):
        table = self.rng.choice(self.tables)
        self.over((table, ""))
        key = self.value("cmp", self.rng.choice([0, 0, 1, 2]))
        return (
            Node(
                "fixed",
                f"SELECT id FROM {table.name}",
                self.where(1),
                " ORDER BY ",
                key,
                self.rng.choice(["", " DESC"]),
                ", id",
            ),
            [],
            True,
        )

    def joined(self):
        rng = self.rng
        a, b = rng.choice(self.tables), rng.choice(self.tables)
        self.over((a, "a"), (b, "b"))
        how = rng.choice(["JOIN", "LEFT JOIN", "INNER JOIN", "RIGHT JOIN"])
        on = expr("a.id = b.id") if rng.random() < 0.4 else self.value("bool", 1)
        items = listed([self.value("any", 1) for _ in range(rng.randint(1, 2))])
        return (
            Node(
                "fixed",
                "SELECT a.id, b.id, ",
                items,
                f" FROM {a.name} AS a {how} {b.name} AS b ON ",
                on,
                self.where(1),
                " ORDER BY a.id, b.id",
            ),
            [],
            True,
        )

    def grouped(self):
        rng, table = self.rng, self.rng.choice(self.tables)
        self.over((table, ""))
        groups = listed(
            [
                self.template(rng.choice(TEMPLATES["group"]), rng.choice([0, 1, 1]))
                for _ in range(rng.randint(1, 2))
            ]
        )
        if rng.random() < 0.4:
            return Node("fixed", "SELECT ", groups, f" FROM {table.name}", self.where(1)), [], False
        by = self.value("cmp", rng.choice([0, 0, 1]))
        having = (
            clause(
                " HAVING ",
                self.template(
                    "COUNT(*) > 1|MAX({num}) > {int}|SUM({num}) IS NOT NULL".split("|")[rng.randint(0, 2)], 0
                ),
            )
            if rng.random() < 0.25
            else clause()
        )
        return (
            Node(
                "fixed",
                "SELECT ",
                by,
                " AS gk, ",
                groups,
                f" FROM {table.name}",
                self.where(1),
                " GROUP BY ",
                rng.choice(["gk", str(by)]) if rng.random() < 0.8 else "1",
                having,
            ),
            [],
            False,
        )

    def distinct(self):
        rng, table = self.rng, self.rng.choice(self.tables)
        self.over((table, ""))
        items = listed([self.value("cmp", rng.choice([0, 1])) for _ in range(rng.randint(1, 2))])
        return (Node("fixed", "SELECT DISTINCT ", items, f" FROM {table.name}", self.where(1)), [], False)

    def union(self):
        rng = self.rng
        kinds = [rng.choice(["num", "text", "day", "cmp", "bool"]) for _ in range(rng.randint(1, 2))]
        sides = []
        for _ in range(2):
            table = rng.choice(self.tables)
            self.over((table, ""))
            sides.append(
                Node(
                    "fixed", "SELECT ", listed([self.value(kind, 1) for kind in kinds]), f" FROM {table.name}"
                )
            )
        return Node("fixed", sides[0], rng.choice([" UNION ", " UNION ALL "]), sides[1]), [], False

    def windows(self):
        rng, table = self.rng, self.rng.choice(self.tables)
        self.over((table, ""))
        function = rng.choice(
            [
                "ROW_NUMBER()",
                "RANK()",
                "SUM({num})",
                "COUNT(*)",
                "LAG({any})",
                "MAX({num})",
                "FIRST_VALUE({text})",
            ]
        )
        value = self.template(function, 0)
        part = clause("PARTITION BY ", self.value("any", 0), " ") if rng.random() < 0.6 else clause()
        return (
            Node(
                "fixed",
                "SELECT id, ",
                value,
                " OVER (",
                part,
                "ORDER BY id) FROM ",
                table.name,
                " ORDER BY id",
            ),
            [],
            True,
        )

    def derived(self):
        rng, table = self.rng, self.rng.choice(self.tables)
        self.over((table, ""))
        inner = self.value("cmp", 2)
        outer = rng.choice(
            [
                "q.val",
                "q.val = 1",
                "CONCAT(q.val, '')",
                "q.val + 1",
                "IFNULL(q.val, 'none')",
                "COUNT(*)",
                "MAX(q.val)",
            ]
        )
        return (
            Node(
                "fixed",
                f"SELECT {outer} FROM (SELECT ",
                inner,
                f" AS val FROM {table.name}",
                self.where(1),
                ") AS q",
            ),
            [],
            False,
        )

    def written(self, table, least=1):
        """Columns to write, never the key."""
        columns = table.columns[1:]
        return self.rng.sample(columns, self.rng.randint(least, min(2, len(columns))))

    def update(self):
        rng, table = self.rng, self.rng.choice(self.tables)
        self.over((table, ""))
        sets = listed(
            [
                Node("fixed", c.name, " = ", self.assigned(c, rng.choice([0, 1, 2])))
                for c in self.written(table)
            ]
        )
        tail = clause(f" ORDER BY id LIMIT {rng.randint(1, 3)}") if rng.random() < 0.2 else clause()
        return Node("fixed", f"UPDATE {table.name} SET ", sets, self.where(1), tail), [table], False

    def update_joined(self):
        rng = self.rng
        a, b = rng.choice(self.tables), rng.choice(self.tables)
        self.over((a, "a"), (b, "b"))
        sets = listed([Node("fixed", f"a.{c.name} = ", self.assigned(c)) for c in self.written(a)])
        how = rng.choice(["JOIN", "LEFT JOIN", "INNER JOIN"])
        return (
            Node(
                "fixed", f"UPDATE {a.name} AS a {how} {b.name} AS b ON a.id = b.id SET ", sets, self.where(1)
            ),
            [a],
            False,
        )

    def delete(self):
        rng, table = self.rng, self.rng.choice(self.tables)
        self.over((table, ""))
        tail = clause(f" ORDER BY id LIMIT {rng.randint(1, 3)}") if rng.random() < 0.2 else clause()
        return (
            Node("fixed", f"DELETE FROM {table.name} WHERE ", self.value("bool", 2), tail),
            [table],
            False,
        )

    def delete_joined(self):
        rng = self.rng
        a, b = rng.choice(self.tables), rng.choice(self.tables)
        self.over((a, "a"), (b, "b"))
        if rng.random() < 0.4:
            return (
                Node(
                    "fixed",
                    f"DELETE a FROM {a.name} AS a LEFT JOIN {b.name} AS b ON ",
                    self.value("bool", 1),
                    " WHERE b.id IS NULL",
                ),
                [a],
                False,
            )
        return (
            Node(
                "fixed",
                rng.choice([f"DELETE a FROM {a.name} AS a", f"DELETE FROM a USING {a.name} AS a"]),
                f" JOIN {b.name} AS b ON a.id = b.id",
                self.where(1),
            ),
            [a],
            False,
        )

    def insert(self):
        rng, table = self.rng, self.rng.choice(self.tables)
        self.over()
        columns = [c for c in table.columns if c.name == "id" or c.not_null or rng.random() < 0.5]
        rows = []
        for i in range(rng.randint(1, 3)):
            values = [
                (
                    expr(str(rng.randint(5, 9) if rng.random() < 0.3 else 100 + i))
                    if c.name == "id"
                    else self.assigned(c)
                )
                for c in columns
            ]
            rows.append(Node("fixed", "(", Node("fixed", *values, separator=", "), ")"))
        verb = rng.choice(["INSERT INTO", "INSERT INTO", "INSERT IGNORE INTO", "REPLACE INTO"])
        tail = clause()
        if verb == "INSERT INTO" and rng.random() < 0.5:
            tail = self.upsert(table)
        return (
            Node(
                "fixed",
                f"{verb} {table.name} ({', '.join(c.name for c in columns)}) VALUES ",
                listed(rows),
                tail,
            ),
            [table],
            False,
        )

    def upsert(self, table):
        self.over((table, ""))
        sets = []
        for c in self.written(table):
            value = expr(f"VALUES({c.name})") if self.rng.random() < 0.5 else self.assigned(c)
            sets.append(Node("fixed", f"{c.name} = ", value))
        return clause(" ON DUPLICATE KEY UPDATE ", listed(sets))

    def insert_select(self):
        rng = self.rng
        table, source = rng.choice(self.tables), rng.choice(self.tables)
        columns = [c for c in table.columns if c.name == "id" or c.not_null or rng.random() < 0.4]
        self.over((source, ""))
        values = [
            expr(rng.choice(["id + 100", "id + 100", "id"])) if c.name == "id" else self.assigned(c)
            for c in columns
        ]
        where = self.where(1)
        verb = rng.choice(["INSERT INTO", "INSERT INTO", "REPLACE INTO", "INSERT IGNORE INTO"])
        tail = clause()
        if verb == "INSERT INTO" and rng.random() < 0.3 and source is not table:
            tail = self.upsert(table)
        return (
            Node(
                "fixed",
                f"{verb} {table.name} ({', '.join(c.name for c in columns)}) SELECT ",
                Node("fixed", *values, separator=", "),
                f" FROM {source.name}",
                where,
                tail,
            ),
            [table],
            False,
        )

    def statement(self):
        makers = [
            (self.select, 10),
            (self.ordered, 3),
            (self.joined, 3),
            (self.grouped, 5),
            (self.distinct, 2),
            (self.union, 2),
            (self.windows, 1),
            (self.derived, 2),
            (self.update, 5),
            (self.update_joined, 2),
            (self.delete, 2),
            (self.delete_joined, 1),
            (self.insert, 3),
            (self.insert_select, 3),
        ]
        make = self.rng.choices([m for m, _ in makers], [w for _, w in makers])[0]
        return make()


# ---- Servers: one client each that stays; scripts go by file.


class Client:
    def __init__(self, command, environment, folder, include, echo):
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
        )
        self.file = tempfile.NamedTemporaryFile("wb", suffix=".sql", dir=folder, delete=False)
        os.chmod(self.file.name, 0o644)
        self.include, self.echo = include, echo

    def run(self, script):
        """The lines that the client prints, errors among them."""
        self.file.seek(0)
        self.file.truncate()
        self.file.write(script.encode())
        self.file.flush()
        end = b"that was all"
        self.process.stdin.write(f"{self.include} {self.file.name}\n{self.echo}\n".encode())
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            line = line.rstrip(b"\n")
            if line == end:
                return lines
            lines.append(line)
        raise RuntimeError("a client ends: " + b"\n".join(lines[-5:]).decode(errors="replace"))

    def stop(self):
        self.process.kill()
        self.process.communicate()


Result = collections.namedtuple("Result", "error rows")


class Outcome(collections.namedtuple("Outcome", "kind maria post findings sql")):
    def told(self):
        return [finding for finding in self.findings if finding["severity"] != "info"]


def parts_of(lines, count, error):
    """Per statement its error, or its rows."""
    parts = [Result(None, []) for _ in range(count)]
    at = None
    for line in lines:
        if line.startswith(b"mark "):
            at = int(line[5:])
        elif at is not None and at < count:
            if error.match(line) and parts[at].error is None:
                parts[at] = Result(line.decode(errors="replace"), parts[at].rows)
            else:
                parts[at].rows.append(line)
    return parts


def same_value(left, right):
    """What a client takes for the same: 1 and true, 1.50 and 1.5, one JSON and the same JSON."""
    if left == right:
        return True
    if (left, right) in (
        (b"0", b"f"),
        (b"1", b"t"),
        (b"\x00", b"f"),
        (b"\x01", b"t"),
        (b"\x00", b"0"),
        (b"\x01", b"1"),
    ):
        return True
    if right.startswith(b"\\x"):
        try:
            return bytes.fromhex(right[2:].decode()) == left
        except ValueError:
            return False
    a, b = left.decode(errors="surrogateescape"), right.decode(errors="surrogateescape")
    if re.fullmatch(r"-?\d+(\.\d*)?(e[-+]?\d+)?", a) and re.fullmatch(r"-?\d+(\.\d*)?(e[-+]?\d+)?", b):
        if "e" not in a + b:
            # MySQL keeps fewer digits of a quotient.
            x, y = decimal.Decimal(a), decimal.Decimal(b)
            if x == y:
                return True
            digits = len(a.partition(".")[2])
            if digits > 0 and abs(x - y) <= decimal.Decimal(10) ** -digits:
                return True
        x, y = float(a), float(b)
        # Of a FLOAT, MySQL prints six digits.
        if len(re.sub(r"e.*|\D", "", a)) <= 6 and "e" in a:
            return math.isclose(x, y, rel_tol=1e-5)
        return ("." in a + b or "e" in a + b) and math.isclose(x, y, rel_tol=1e-12, abs_tol=1e-12)
    if re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", a):
        return re.sub(r"(\.\d*?)0+$", r"\1", a).rstrip(".") == re.sub(
            r"(\.\d*?)0+$", r"\1", re.sub(r"\+00$", "", b)
        ).rstrip(".")
    if re.match(r"\d\d:\d\d:\d\d\.", a):
        return a.rstrip("0").rstrip(".") == b.rstrip("0").rstrip(".")
    # A CHAR(6) comes with its padding, as the type has it.
    if len(b) == 6 and b.rstrip(" ") == a:
        return True
    if a[:1] in '[{"' and b[:1] in '[{"' and a and b:
        try:
            return json.loads(a) == json.loads(b)
        except ValueError:
            return False
    return False


def same_rows(left, right, ordered):
    if len(left) != len(right):
        return False
    left, right = [row.split(b"\t") for row in left], [row.split(b"\t") for row in right]
    same = lambda a, b: len(a) == len(b) and all(same_value(x, y) for x, y in zip(a, b))
    if all(same(a, b) for a, b in zip(left, right)):
        return True
    if ordered:
        return False
    rest = list(right)
    for row in left:
        found = next((i for i, other in enumerate(rest) if same(row, other)), None)
        if found is None:
            return False
        del rest[found]
    return True


class Oracle:
    def __init__(self, program):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="dsqlint-queries-")
        os.chmod(self.folder, 0o755)
        self.maria = self.post = self.left = self.right = None
        self.made = 0

    def __enter__(self):
        self.maria = mariadb.MariaDb(self.folder)
        self.post = postgres.Server(self.folder, "postgres")
        self.maria.client(["-e", "set global collation_server = utf8mb4_unicode_520_nopad_ci"])
        self.left = Client(
            [
                "mariadb",
                "--no-defaults",
                "--socket=" + self.maria.socket,
                "--user=root",
                "--batch",
                "--raw",
                "--force",
                "--default-character-set=utf8mb4",
                "--skip-column-names",
                "--unbuffered",
            ],
            None,
            self.folder,
            "source",
            "select 'that was all';",
        )
        self.right = Client(
            [self.post.client, "-XqAt", "-d", "postgres", "-f", "-"],
            self.post.environment,
            self.folder,
            "\\i",
            "\\echo that was all",
        )
        self.right.run(
            "\\pset null NULL\n\\pset fieldsep '\t'\n\\set VERBOSITY terse\nset statement_timeout = '20s';\n"
        )
        return self

    def __exit__(self, *_):
        for one in (self.left, self.right, self.maria, self.post):
            if one is not None:
                one.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def translate(self, text):
        source, target = os.path.join(self.folder, "in.sql"), os.path.join(self.folder, "out.sql")
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run(
            [
                self.program,
                "fix",
                "--no-config",
                "--dialect",
                "mysql",
                "--format",
                "json",
                "-o",
                target,
                source,
            ],
            capture_output=True,
        )
        if done.returncode not in (0, 1, 3):
            postgres.fail(
                f"{self.program} ends with {done.returncode}: {done.stderr.decode(errors='replace')}"
            )
        with open(target, encoding="utf-8") as file:
            return (mariadb.without_async(file.read()), json.loads(done.stdout)["files"][0]["diagnostics"])

    def run(self, schema, statements):
        """Outcomes of `(text, tables written, ordered)`, each as if it were the only one."""
        text, starts = schema, []
        for i, (sql, _, _) in enumerate(statements):
            starts.append(len(text.encode()))
            text += f"SELECT 'mark {i}';\n{sql};\n"
        translated, findings = self.translate(text)
        pieces = re.split(r"^SELECT 'mark (\d+)';$", translated, flags=re.M)
        target = {int(number): piece.strip() for number, piece in zip(pieces[1::2], pieces[2::2])}
        at = [[] for _ in statements]
        for finding in findings:
            index = sum(start <= finding["range"]["start"]["offset"] for start in starts) - 1
            if index >= 0:
                at[index].append(finding)
        self.made += 1
        name = f"b{self.made}"

        def script(begin, body, end):
            out = [begin]
            for i, (_, written, _) in enumerate(statements):
                reads = "".join(f"select * from {table} order by id;\n" for table in written)
                sql = body(i)
                out.append(f"select 'mark {i}';\n")
                out.append(f"begin;\n{sql}\n{reads}rollback;\n" if written else sql + "\n")
            return "".join(out) + "select 'mark 999999';\n" + end

        left = parts_of(
            self.left.run(
                script(
                    f"create database {name}; use {name};\n{SESSION}{schema}",
                    lambda i: statements[i][0] + ";",
                    f"drop database {name};\n",
                )
            ),
            len(statements),
            re.compile(rb"ERROR \d+ \("),
        )
        made = self.right.run(
            script(
                f"create schema {name}; set search_path = {name};\n{pieces[0]}",
                lambda i: target.get(i, ""),
                f"drop schema {name} cascade;\n",
            )
        )
        right = parts_of(made, len(statements), re.compile(rb"(psql:[^ ]* )?(ERROR|FATAL): "))
        outcomes = []
        for i, (sql, written, ordered) in enumerate(statements):
            told = [f for f in at[i] if f["severity"] != "info"]
            refused = [f for f in told if f["fix_result"]["status"] == "unfixable"]
            if left[i].error is not None:
                kind = "not MySQL"
            elif refused:
                kind = "refused"
            elif right[i].error is None and same_rows(left[i].rows, right[i].rows, ordered):
                kind = "equal, warned" if told else "equal"
            elif any(re.search(pattern, sql) for pattern, _ in DISAGREEMENTS):
                kind = "where MariaDB is not MySQL 8"
            elif told:
                kind = "fails, warned" if right[i].error else "differs, warned"
            else:
                kind = "fails" if right[i].error else "differs"
            outcomes.append(Outcome(kind, left[i], right[i], at[i], target.get(i, "")))
        return outcomes

    def shrink(self, schema, tree, written, ordered, kind, rounds=40):
        """The smallest statement that has the same outcome."""
        best, outcome = tree, None
        for _ in range(rounds):
            seen, candidates = set(), []
            for other in best.smaller():
                text = str(other)
                if len(text) <= len(str(best)) and text != str(best) and text not in seen:
                    seen.add(text)
                    candidates.append(other)
            candidates.sort(key=lambda c: len(str(c)))
            candidates = candidates[:80]
            if not candidates:
                break
            outcomes = self.run(schema, [(str(c), written, ordered) for c in candidates])
            better = next(((c, o) for c, o in zip(candidates, outcomes) if o.kind == kind), None)
            if better is None:
                break
            best, outcome = better
        return best, outcome


def batch(seed):
    rng = random.Random(seed)
    tables = [Table(rng, name) for name in ("t1", "t2")]
    maker = Maker(rng, tables)
    made = []
    for _ in range(STATEMENTS):
        tree, writes, ordered = maker.statement()
        made.append((tree, [table.name for table in writes], ordered))
    return tables, made


def shape_of(tree):
    """What differences of one kind have in common."""
    text = re.sub(r"\bc[a-z]\b|\d+|'[^']*'|\bTRUE\b|\bFALSE\b", "1", str(tree))
    return re.sub(r"\b[ab]\.|\bt[12]\b|\bid\b|WHERE [01]|\W", "", text)


def show(tables, tree, outcome, ordered):
    """What to read about a difference."""
    text = str(tree)
    types = {
        f"{c.name} {c.type}" + (" NOT NULL" if c.not_null else "")
        for table in tables
        if re.search(rf"\b{table.name}\b", text)
        for c in table.columns
        if c.name != "id" and re.search(rf"\b{c.name}\b", text)
    }
    print(
        f"    {text}\n      ({', '.join(sorted(types))})\n      PostgreSQL: " + " ".join(outcome.sql.split())
    )
    if outcome.post.error:
        print(f"      {re.sub(r'^psql:[^ ]* ', '', outcome.post.error)}")
    else:
        left, right = list(outcome.maria.rows), list(outcome.post.rows)
        if not ordered:
            left, right = sorted(left), sorted(right)
        for a, b in zip(left + [b"-"] * (len(right) - len(left)), right + [b"-"] * (len(left) - len(right))):
            if not same_rows([a], [b], True):
                cells = [(x, y) for x, y in zip(a.split(b"\t"), b.split(b"\t")) if not same_value(x, y)] or [
                    (a, b)
                ]
                print(
                    f"      {cells[0][0].decode(errors='replace')!r} is {cells[0][1].decode(errors='replace')!r}"
                )
                break
    for finding in outcome.told():
        print(f"      {finding['rule']}: {finding['message']}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--program", required=True)
    arguments.add_argument("--seed", type=int)
    arguments.add_argument("--batches", type=int)
    arguments.add_argument("--shrink", type=int, default=12, help="differences to shrink and show")
    arguments.add_argument("--kind", action="append", help="outcomes to show, instead of silent ones")
    arguments.add_argument(
        "--details", action="store_true", help="each kind of finding that refuses or warns"
    )
    options = arguments.parse_args()
    for program in ("mariadb-install-db", "mariadb"):
        if shutil.which(program) is None:
            postgres.fail(f"{program} is missing: install mariadb-server")
    if postgres.server_folder() is None:
        postgres.fail("no PostgreSQL server is installed")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    counts, why, met = collections.Counter(), collections.Counter(), set()
    wanted = set(options.kind or SILENT)
    begin = 1 if options.seed is None else options.seed
    batches = BATCHES if options.batches is None else options.batches
    with Oracle(options.program) as oracle:
        for seed in range(begin, begin + batches):
            tables, made = batch(seed)
            schema = "".join(table.sql() for table in tables)
            outcomes = oracle.run(schema, [(str(tree), writes, ordered) for tree, writes, ordered in made])
            for (tree, writes, ordered), outcome in zip(made, outcomes):
                counts[outcome.kind] += 1
                if options.details and outcome.kind not in SILENT:
                    for finding in outcome.told():
                        message = re.sub(r"`([ab]\.)?c[a-z]`", "`…`", finding["message"])
                        why[f"{outcome.kind}: {finding['rule']}: {message}"] += 1
                if outcome.kind not in wanted or options.shrink == 0:
                    continue
                small, again = oracle.shrink(schema, tree, writes, ordered, outcome.kind)
                shape = shape_of(small)
                if shape in met:
                    continue
                met.add(shape)
                options.shrink -= 1
                print(f"    seed {seed}, {outcome.kind}:")
                show(tables, small, again or outcome, ordered)
                sys.stdout.flush()
    for text, count in why.most_common(60):
        print(f"    {count:5} {text}")
    for kind, count in counts.most_common():
        print(f"    {count:6} {kind}")
    silent = sum(counts[kind] for kind in SILENT)
    ran = sum(counts.values()) - counts["not MySQL"]
    print(f"oracle: mysql_queries: {silent} of {ran} statements differ or fail without a finding")
    if options.seed is None and options.batches is None:
        sys.exit(
            1
            if postgres.hold_floors(
                "mysql_queries",
                {
                    "statements that MariaDB runs": ran,
                    "statements that run equal": counts["equal"] + counts["equal, warned"],
                    "statements that are equal, or have a finding": ran - silent,
                },
            )
            else 0
        )


if __name__ == "__main__":
    main()
