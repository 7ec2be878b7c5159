/* The C API as a C99 program uses it: answers, statuses, errors, and several threads. */

#define _POSIX_C_SOURCE 200809L

#include <dsqlint.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

static void fail(const char* what, const char* wanted, const char* text) {
  ++failures;
  fprintf(stderr, "%s: wanted %s; the answer is\n%.2000s\n", what, wanted, text);
}

typedef dsqlint_result* (*call)(dsqlint_handle*, const char*, size_t);

/* Calls, and looks for the status and for a part of the answer. */
static void expect(dsqlint_handle* handle, call function, const char* request, int status,
                   const char* part) {
  dsqlint_result* result = function(handle, request, strlen(request));
  const char* text = dsqlint_text(result);
  if (dsqlint_status(result) != status) {
    char wanted[32];
    snprintf(wanted, sizeof wanted, "status %d, not %d", status, dsqlint_status(result));
    fail(request, wanted, text);
  }
  if (strstr(text, part) == NULL) fail(request, part, text);
  if (strlen(text) != dsqlint_size(result)) fail(request, "the size of the text", text);
  dsqlint_free(result);
}

#define TEMP "{\"name\": \"a.sql\", \"text\": \"create temp table t (id int);\\n\"}"
#define CLEAN "{\"name\": \"b.sql\", \"text\": \"select 1;\\n\"}"
#define BROKEN "{\"name\": \"c.sql\", \"text\": \"selec 1;\\n\"}"

static void answers(dsqlint_handle* handle) {
  expect(handle, dsqlint_check, "{\"documents\": []}", DSQLINT_CLEAN, "\"schema_version\": 1");
  expect(handle, dsqlint_check, "{\"documents\": [" CLEAN "]}", DSQLINT_CLEAN,
         "\"file\": \"b.sql\"");
  expect(handle, dsqlint_check, "{\"documents\": [" TEMP "]}", DSQLINT_FINDINGS,
         "\"rule\": \"temp_table\"");
  /* Bytes, not characters. */
  expect(handle, dsqlint_check, "{\"documents\": [{\"text\": \"select '\xC3\xA9'; selec 2;\"}]}",
         DSQLINT_FINDINGS, "\"column\": 13,\n              \"offset\": 13");
  expect(handle, dsqlint_fix, "{\"documents\": [" TEMP "]}", DSQLINT_REVIEW,
         "\"fixed_sql\": \"create table t (id int);\\n\"");
  expect(handle, dsqlint_fix, "{\"documents\": [" TEMP "], \"safe_only\": true}", DSQLINT_FINDINGS,
         "\"fixed_sql\": \"create temp table t (id int);\\n\"");
  expect(handle, dsqlint_fix, "{\"documents\": [" CLEAN "]}", DSQLINT_CLEAN,
         "\"fixed_sql\": \"select 1;\\n\"");
  expect(handle, dsqlint_fix, "{\"documents\": [" TEMP ", " BROKEN "]}", DSQLINT_FINDINGS,
         "\"rule\": \"parse_error\"");
  expect(handle, dsqlint_check, "{\"documents\": [" TEMP "], \"ignore\": \"temp_table\"}",
         DSQLINT_CLEAN, "\"diagnostics\": []");
  expect(handle, dsqlint_check, "{\"documents\": [" TEMP "], \"select\": [\"parse_error\"]}",
         DSQLINT_CLEAN, "\"diagnostics\": []");
  expect(handle, dsqlint_check,
         "{\"documents\": [" TEMP "], \"severity\": {\"temp_table\": \"warning\"}}", DSQLINT_CLEAN,
         "\"severity\": \"warning\"");
  expect(handle, dsqlint_check,
         "{\"documents\": [" TEMP
         "], \"severity\": {\"temp_table\": \"warning\"}, "
         "\"fail_on\": \"warning\"}",
         DSQLINT_FINDINGS, "\"severity\": \"warning\"");
  expect(handle, dsqlint_check,
         "{\"documents\": [" TEMP "], \"severity\": {\"temp_table\": \"off\"}}", DSQLINT_CLEAN,
         "\"diagnostics\": []");
  expect(handle, dsqlint_check,
         "{\"documents\": [{\"text\": \"-- dsqlint: ignore temp_table: it is one\\n"
         "create temp table t (id int);\"}], \"ignore_comments\": false}",
         DSQLINT_FINDINGS, "\"rule\": \"temp_table\"");
  expect(handle, dsqlint_check,
         "{\"documents\": [{\"text\": \"create table t (a json);\"}], \"engine\": "
         "\"2026-01-01\", \"threads\": 0}",
         DSQLINT_FINDINGS, "\"rule\": \"json_type\"");
  expect(handle, dsqlint_fix,
         "{\"documents\": [{\"text\": \"create table `t` (`a` json, `b` int primary key);\"}], "
         "\"dialect\": \"auto\", \"mysql\": {\"jsonb\": true}}",
         DSQLINT_CLEAN, "a JSONB");
}

static void histories(dsqlint_handle* handle) {
#define SPLIT                                                                      \
  "{\"documents\": [{\"name\": \"1.sql\", \"text\": \"create table t (a int);\"}," \
  "{\"name\": \"2.sql\", \"text\": \"alter table t add primary key (a);\"}]"
  expect(handle, dsqlint_fix, SPLIT "}", DSQLINT_FINDINGS,
         "\"fixed_sql\": \"create table t (a int);\"");
  expect(handle, dsqlint_fix, SPLIT ", \"rewrite_history\": true}", DSQLINT_CLEAN,
         "\"fixed_sql\": \"create table t (a int, primary key (a));\"");
#define AGAIN                                                                      \
  "{\"documents\": [{\"name\": \"1.sql\", \"text\": \"create table t (a int);\"}," \
  "{\"name\": \"2.sql\", \"text\": \"create table v (a kind);\"},"                 \
  "{\"name\": \"3.sql\", \"text\": \"create domain kind as text;\"}]"
  expect(handle, dsqlint_check, AGAIN "}", DSQLINT_FINDINGS,
         "type `kind` is created only later, in 3.sql:1");
  expect(handle, dsqlint_check, AGAIN ", \"history\": false}", DSQLINT_CLEAN,
         "\"rule\": \"unknown_type\"");
}

static void explanations(dsqlint_handle* handle) {
  expect(handle, dsqlint_explain, "{\"rule\": \"serial_type\"}", DSQLINT_CLEAN,
         "{\n  \"id\": \"serial_type\",\n  \"summary\": ");
  expect(handle, dsqlint_explain, "{\"rule\": \"serial_type\"}", DSQLINT_CLEAN,
         "\"page\": \"serial_type: ");
  expect(handle, dsqlint_explain, "{}", DSQLINT_CLEAN, "\"id\": \"xml_type\"");
  expect(handle, dsqlint_explain, "{\"rule\": \"serial_typ\"}", DSQLINT_ERROR,
         "did you mean `serial_type`?");
  expect(handle, dsqlint_explain, "{\"rule\": 1}", DSQLINT_ERROR, "`rule` must be a string");
  expect(handle, dsqlint_explain, "{\"rules\": \"a\"}", DSQLINT_ERROR,
         "`rules` is not a key of the request; did you mean `rule`?");
}

static void errors(dsqlint_handle* handle) {
  static const struct {
    const char* request;
    const char* message;
  } rows[] = {
      {"", "the request is not JSON in UTF-8: see byte 1"},
      {"nonsense", "the request is not JSON in UTF-8: see byte 2"},
      {"[]", "the request must be a JSON object"},
      {"{}", "`documents` is missing"},
      {"{\"documents\": {}}", "`documents` must be an array"},
      {"{\"documents\": [1]}", "`documents[0]` must be an object with `name` and `text`"},
      {"{\"documents\": [{}]}", "`documents[0].text` is missing"},
      {"{\"documents\": [" CLEAN ", {\"text\": 1}]}", "`documents[1].text` must be a string"},
      {"{\"documents\": [{\"text\": \"\", \"nam\": \"\"}]}",
       "`nam` is not a key of `documents[0]`; did you mean `name`?"},
      {"{\"documents\": [{\"text\": \"\", \"name\": \"\"}]}", "`documents[0].name` must be a name"},
      {"{\"documents\": [], \"documents\": []}", "`documents` is given twice"},
      {"{\"documents\": [], \"dialekt\": \"mysql\"}",
       "`dialekt` is not a key of the request; did you mean `dialect`?"},
      {"{\"documents\": [], \"dialect\": \"oracle\"}", "`dialect` must be one of"},
      {"{\"documents\": [], \"safe_only\": true}", "`safe_only` is not a key of the request"},
      {"{\"documents\": [], \"engine\": \"2026-02-31\"}", "`engine`"},
      {"{\"documents\": [], \"engine\": \"1999-01-01\"}", "`engine`"},
      {"{\"documents\": [], \"select\": [\"serial_typ\"]}", "did you mean `serial_type`?"},
      {"{\"documents\": [], \"ignore\": [1]}", "`ignore` must be a rule id or an array of them"},
      {"{\"documents\": [], \"severity\": {\"serial_type\": \"loud\"}}",
       "`severity.serial_type` must be one of"},
      {"{\"documents\": [], \"fail_on\": null}", "`fail_on` must be one of"},
      {"{\"documents\": [], \"mysql\": {\"json\": true}}", "`json` is not a key of `mysql`"},
      {"{\"documents\": [], \"threads\": 4096}", "`threads` must be a number from 0 to 1024"},
      {"{\"documents\": [], \"threads\": 1e999}", "the request"},
      {"{\"documents\": [], \"config\": \"no/such/dsqlint.toml\"}", "no/such/dsqlint.toml"},
      {"{\"documents\": [{\"text\": \"caf\xE9\"}]}", "the request is not JSON in UTF-8"},
      {"{\"documents\": [{\"text\": \"\\ud800\"}]}", "the request is not JSON in UTF-8"},
      {"{\"a\": [[[[[[[[[[[[[[[[[[[[", "the request is nested too deeply at byte "},
  };
  size_t i;
  for (i = 0; i < sizeof rows / sizeof *rows; ++i) {
    expect(handle, dsqlint_check, rows[i].request, DSQLINT_ERROR, rows[i].message);
    expect(handle, dsqlint_check, rows[i].request, DSQLINT_ERROR,
           "{\n  \"error\": {\n    \"kind\": \"request\",\n");
  }
  expect(NULL, dsqlint_check, "{}", DSQLINT_ERROR, "the handle is NULL");
  expect(NULL, dsqlint_explain, "{}", DSQLINT_ERROR, "the handle is NULL");
  dsqlint_free(NULL);
  dsqlint_close(NULL);
  if (dsqlint_status(NULL) != DSQLINT_ERROR || dsqlint_size(NULL) != 0) {
    fail("no result", "an error", dsqlint_text(NULL));
  }
}

/* One document that cannot be read does not keep the others from being judged. */
static void documents_with_errors(dsqlint_handle* handle) {
  const char* request =
      "{\"documents\": [{\"name\": \"n.sql\", \"text\": \"select\\u0000 1;\"}, " TEMP "]}";
  expect(handle, dsqlint_check, request, DSQLINT_FINDINGS, "\"error\": \"n.sql");
  expect(handle, dsqlint_check, request, DSQLINT_FINDINGS, "\"rule\": \"temp_table\"");
}

/* A request of one document: `unit` again and again between `begin` and `end`. */
static char* repeated(const char* begin, const char* unit, size_t count, const char* end) {
  size_t step = strlen(unit);
  size_t size = strlen(begin) + step * count + strlen(end) + 1;
  char* request = malloc(size);
  char* at = request;
  size_t i;
  if (request == NULL) exit(2);
  at += sprintf(at, "%s", begin);
  for (i = 0; i < count; ++i, at += step) memcpy(at, unit, step);
  strcpy(at, end);
  return request;
}

static void sizes(dsqlint_handle* handle) {
  char* request =
      repeated("{\"documents\": [{\"text\": \"select 1; -- ", "blah ", 1600000, "\"}]}");
  expect(handle, dsqlint_check, request, DSQLINT_CLEAN, "\"findings\": 0");
  free(request);
  request = repeated("{\"documents\": [{\"text\": \"select ", "(", 100000, "\"}]}");
  expect(handle, dsqlint_check, request, DSQLINT_FINDINGS, "\"diagnostics\": [\n");
  free(request);
  request = repeated("{\"documents\": ", "[", 1000000, "");
  expect(handle, dsqlint_check, request, DSQLINT_ERROR, "nested too deeply");
  free(request);
  request = repeated("{\"documents\": [", CLEAN ", ", 2000, CLEAN "]}");
  expect(handle, dsqlint_check, request, DSQLINT_CLEAN, "\"files\": 2001");
  free(request);
}

enum { kThreads = 4, kRounds = 8 };
#define REQUEST                                                        \
  "{\"documents\": [" TEMP                                             \
  ", {\"name\": \"d.sql\", \"text\": \"create table t (id serial);\\n" \
  "create index on t (id);\\n\"}], \"threads\": 2}"

struct task {
  dsqlint_handle* handle;
  const char* check;
  const char* fix;
  int different;
};

static void* work(void* argument) {
  struct task* task = argument;
  int i;
  for (i = 0; i < kRounds; ++i) {
    dsqlint_result* check = dsqlint_check(task->handle, REQUEST, strlen(REQUEST));
    dsqlint_result* fix = dsqlint_fix(task->handle, REQUEST, strlen(REQUEST));
    if (strcmp(dsqlint_text(check), task->check) != 0) ++task->different;
    if (strcmp(dsqlint_text(fix), task->fix) != 0) ++task->different;
    dsqlint_free(check);
    dsqlint_free(fix);
  }
  return NULL;
}

/* `shared`: all on one handle; otherwise each has its own. */
static void threads(int shared) {
  pthread_t ids[kThreads];
  struct task tasks[kThreads];
  dsqlint_handle* first = dsqlint_open();
  dsqlint_result* check = dsqlint_check(first, REQUEST, strlen(REQUEST));
  dsqlint_result* fix = dsqlint_fix(first, REQUEST, strlen(REQUEST));
  int i;
  if (strstr(dsqlint_text(check), "serial_type") == NULL) {
    fail("threads", "a finding", dsqlint_text(check));
  }
  for (i = 0; i < kThreads; ++i) {
    tasks[i].handle = shared ? first : dsqlint_open();
    tasks[i].check = dsqlint_text(check);
    tasks[i].fix = dsqlint_text(fix);
    tasks[i].different = 0;
    if (pthread_create(&ids[i], NULL, work, &tasks[i]) != 0) exit(2);
  }
  for (i = 0; i < kThreads; ++i) {
    pthread_join(ids[i], NULL);
    if (tasks[i].different != 0) fail("threads", "the same answers", "");
    if (!shared) dsqlint_close(tasks[i].handle);
  }
  dsqlint_close(first);
  /* They outlive their handle. */
  if (dsqlint_status(fix) == DSQLINT_ERROR) fail("threads", "a fix", dsqlint_text(fix));
  dsqlint_free(check);
  dsqlint_free(fix);
}

int main(void) {
  dsqlint_handle* handle = dsqlint_open();
  if (handle == NULL) return 2;
  answers(handle);
  histories(handle);
  explanations(handle);
  errors(handle);
  documents_with_errors(handle);
  sizes(handle);
  dsqlint_close(handle);
  threads(1);
  threads(0);
  if (failures == 0) printf("dsqlint %s: all answers are as they should be\n", dsqlint_version());
  return failures == 0 ? 0 : 1;
}
