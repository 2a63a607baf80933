/* What the C programs here share. */
#ifndef COMMON_H
#define COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nirvana_labs.h"

/* Ends the program if `condition` does not hold, in release builds too. */
#define CHECK(condition)                                                             \
    do {                                                                             \
        if (!(condition)) {                                                          \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
            exit(1);                                                                 \
        }                                                                            \
    } while (0)

/* Ends the program, with the message, if a call that must succeed did not. The call names
 * `error`, which is declared here. */
#define OK(call)                                                                     \
    do {                                                                             \
        nirvana_error *error = NULL;                                                 \
        if ((call) != NIRVANA_OK) {                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, error->message);      \
            exit(1);                                                                 \
        }                                                                            \
    } while (0)

/* Checks that a call fails with this code, and that its message has these words in it. `also` is
 * a condition on `error`. */
#define FAILS(call, wanted, words, also)                                             \
    do {                                                                             \
        nirvana_error *error = NULL;                                                 \
        CHECK((call) == (wanted) && error != NULL && error->code == (wanted));       \
        printf("  %s\n", error->message);                                            \
        CHECK(strstr(error->message, words) != NULL && (also));                      \
        nirvana_error_free(error);                                                   \
    } while (0)

/* Prints JSON and frees it, after a check that it has these words in it. */
static inline void show(const char *json, const char *words) {
    puts(json);
    CHECK(strstr(json, words) != NULL);
    nirvana_string_free(json);
}

#endif
