/* The C API of dsqlint: checks, fixes and explains SQL that is to run on Amazon Aurora DSQL. JSON
 * in, JSON out; C99, and what every foreign function interface can call.
 *
 *     dsqlint_handle *handle = dsqlint_open();
 *     dsqlint_result *result = dsqlint_check(handle, request, strlen(request));
 *     fwrite(dsqlint_text(result), 1, dsqlint_size(result), stdout);
 *     dsqlint_free(result);
 *     dsqlint_close(handle);
 *
 * Requests. A request is one JSON object in UTF-8. A key that is not known, a key that is given
 * twice and a value of the wrong kind are errors that name the key. `dsqlint_check` and
 * `dsqlint_fix` take
 *
 *   documents        [{"name": "a.sql", "text": "create …"}, …]; required. The name stands in the
 *                    answer, and `name.down.sql` and the like are recognized by it; no file of that
 *                    name is read. Without a name it is "<text>".
 *   history          true (the default): the documents are run one after another on one database,
 *                    in the order given, a down script directly after what it reverts. false: each
 *                    stands alone.
 *   dialect          "postgres" (the default), "mysql", or "auto"
 *   engine           "YYYY-MM-DD": judge by what Aurora DSQL accepted on that date (the default is
 *                    the newest date known)
 *   select, ignore   a rule id or an array of them: only these rules; without these rules
 *   severity         {"rule_id": "error" | "warning" | "info" | "off", …}
 *   mysql            {"jsonb": true, …}: choices of the translation, as in dsqlint.toml
 *   fail_on          "error" (the default), "warning" or "info": see DSQLINT_FINDINGS
 *   ignore_comments  true (the default): `-- dsqlint: ignore` comments in the SQL are obeyed
 *   rewrite_history  true: a fix may change an earlier document (default: false)
 *   config           the path of a dsqlint.toml; what the request says goes before what the file
 *                    says. Without this key no file at all is read.
 *   threads          how many threads a big text may be read with; 1 is the default, and 0 means
 *                    as many as the machine has. The answer is the same.
 *
 * and `dsqlint_fix` also
 *
 *   safe_only        true: apply only fixes that need no review (default: false)
 *
 * `dsqlint_explain` takes {"rule": "serial_type"}, or {} for all rules.
 *
 * Answers. That of `dsqlint_check` and `dsqlint_fix` is, byte for byte, what the program prints
 * with `check --format json` and `fix --format json`: an entry of `files` for each document, in
 * order, with `diagnostics`, `error` (a document that cannot be read: the others are judged all the
 * same) and, from `dsqlint_fix`, `fixed_sql`, the whole text as the fixes make it, also where
 * nothing changes. Places have lines and columns, which count code points from 1, and `offset`,
 * which counts bytes of the UTF-8 text from 0. The answer of `dsqlint_explain` is the entry of the
 * rule in `dsqlint rules --format json`, and in `page` what `dsqlint explain` prints; for {} it is
 * the whole list, without pages.
 *
 * Errors. Where a request cannot be answered, the status is DSQLINT_ERROR and the answer is
 *
 *   {"error": {"kind": "request" | "memory" | "internal", "message": "…"}}
 *
 * Nothing is thrown across this border, and nothing is written to standard output or error.
 *
 * Threads. A handle may be used by several threads at the same time, and there may be several
 * handles: they share nothing. Only dsqlint_close has to wait until no other call uses the handle.
 * A result belongs to whoever got it; it is not changed, so several threads may read it. Each call
 * does its work on a thread with a big stack, so the caller's may be small. Between calls no thread
 * of ours runs: the process may fork then.
 *
 * Ownership. What dsqlint_open returns is closed with dsqlint_close, once. What dsqlint_check,
 * dsqlint_fix and dsqlint_explain return is freed with dsqlint_free, once, and may outlive the
 * handle. Texts belong to their result. A request is not looked at after the call.
 *
 * Versions. The number in the library's soname changes when a program built before would no longer
 * work. Within one number, functions, keys of requests and keys of answers are only added; rules
 * come and go with what Aurora DSQL accepts. Both types are opaque, so their size is nobody's
 * business. */
#ifndef DSQLINT_H
#define DSQLINT_H

#include <stddef.h>

#if defined(__GNUC__)
#define DSQLINT_API __attribute__((visibility("default")))
#else
#define DSQLINT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dsqlint_handle dsqlint_handle;
typedef struct dsqlint_result dsqlint_result;

/* The exit codes of the program. */
enum {
  DSQLINT_CLEAN = 0,    /* nothing is left to do */
  DSQLINT_FINDINGS = 1, /* findings of `fail_on` or above are left, or a document has an error */
  DSQLINT_ERROR = 2,    /* there is no answer but an error */
  DSQLINT_REVIEW = 3    /* dsqlint_fix: all is fixed, and some fixes need review */
};

/* "0.1.0"; static. */
DSQLINT_API const char* dsqlint_version(void);

/* NULL when there is no memory left. */
DSQLINT_API dsqlint_handle* dsqlint_open(void);
/* NULL is allowed. */
DSQLINT_API void dsqlint_close(dsqlint_handle* handle);

/* `size` is that of the request in bytes. Never NULL. */
DSQLINT_API dsqlint_result* dsqlint_check(dsqlint_handle* handle, const char* request, size_t size);
DSQLINT_API dsqlint_result* dsqlint_fix(dsqlint_handle* handle, const char* request, size_t size);
DSQLINT_API dsqlint_result* dsqlint_explain(dsqlint_handle* handle, const char* request,
                                            size_t size);

/* One of the four above. */
DSQLINT_API int dsqlint_status(const dsqlint_result* result);
/* JSON in UTF-8 with a NUL after it, and none in it. */
DSQLINT_API const char* dsqlint_text(const dsqlint_result* result);
/* Of the text in bytes, without the NUL. */
DSQLINT_API size_t dsqlint_size(const dsqlint_result* result);
/* NULL is allowed. */
DSQLINT_API void dsqlint_free(dsqlint_result* result);

#ifdef __cplusplus
}
#endif

#endif
