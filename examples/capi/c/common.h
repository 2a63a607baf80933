/* Macros that the C programs share. */
#ifndef COMMON_H
#define COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nirvana_labs.h"

/* Ends the program with a message. */
#define FAIL(message)                                                                \
    do {                                                                             \
        fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, message);                 \
        exit(1);                                                                     \
    } while (0)

/* Ends the program if the condition is false, in release builds too. */
#define CHECK(condition)                                                             \
    do {                                                                             \
        if (!(condition)) FAIL("failed: " #condition);                               \
    } while (0)

/* Ends the program if the call fails. The macro declares the `error` that the call uses. */
#define OK(call)                                                                     \
    do {                                                                             \
        nirvana_error *error = NULL;                                                 \
        if ((call) != NIRVANA_OK) FAIL(error->message);                              \
    } while (0)

/* Checks that the call fails with this code, that its message contains `words`, and that the
 * condition `also` on `error` is true. */
#define FAILS(call, wanted, words, also)                                             \
    do {                                                                             \
        nirvana_error *error = NULL;                                                 \
        CHECK((call) == (wanted) && error != NULL && error->code == (wanted));       \
        printf("  %s\n", error->message);                                            \
        CHECK(strstr(error->message, words) != NULL && (also));                      \
        nirvana_error_free(error);                                                   \
    } while (0)

/* Prints JSON, checks that it contains `words`, and frees it. */
static inline void show(const char *json, const char *words) {
    puts(json);
    CHECK(strstr(json, words) != NULL);
    nirvana_string_free(json);
}

#endif
