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

/* Ends the program if a call that must succeed did not, and says why. The call names `error`,
 * which is declared here. */
#define OK(call)                                                                     \
    do {                                                                             \
        nirvana_error *error = NULL;                                                 \
        if ((call) != NIRVANA_OK) {                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,                       \
                    error != NULL ? error->message : #call);                         \
            exit(1);                                                                 \
        }                                                                            \
    } while (0)

/* Copies the first string with this name out of JSON. A real program has a JSON parser; ids,
 * which hold no escapes, are as far as this goes. */
static inline void copy_field(const char *json, const char *name, char *out, size_t size) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *start = strstr(json, key);
    CHECK(start != NULL);
    start += strlen(key);
    size_t length = strcspn(start, "\"");
    CHECK(length < size);
    memcpy(out, start, length);
    out[length] = '\0';
}

#endif
