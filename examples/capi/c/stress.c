/* Eight threads on one client of the sandbox, and eight calls to a server that never answers,
 * ended from another thread.
 *
 *     stress [ROUNDS]
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common.h"

#define THREADS 8

static nirvana_client *client;
static int rounds = 25;

/* Makes, changes and reads organizations that only this thread knows of. */
static void *work(void *argument) {
    for (int round = 0; round < rounds; round++) {
        char params[64];
        const char *json = NULL;
        int found = 0;
        nirvana_list *list = NULL;
        snprintf(params, sizeof params, "{\"name\": \"%d/%d\"}", *(int *)argument, round);
        OK(nirvana_create_organization(client, params, NULL, NULL, &json, &error));
        nirvana_string_free(json);
        CHECK(nirvana_get_organization(client, "org_none", NULL, NULL, &json, NULL) == NIRVANA_API);
        snprintf(params, sizeof params, "\"name\":\"%d/%d\"", *(int *)argument, round);
        OK(nirvana_list_organizations(client, "{\"limit\": 100}", NULL, NULL, &list, &error));
        for (;;) {
            OK(nirvana_list_next(list, &json, &error));
            if (json == NULL) break;
            found += strstr(json, params) != NULL;
            nirvana_string_free(json);
        }
        CHECK(found == 1);
        nirvana_list_free(list);
    }
    return NULL;
}

/* One list, from which all threads take items: each item goes to one of them. */
static void *take(void *argument) {
    nirvana_list *list = argument;
    long taken = 0;
    for (;;) {
        const char *json = NULL;
        OK(nirvana_list_next(list, &json, &error));
        if (json == NULL) return (void *)taken;
        nirvana_string_free(json);
        taken++;
    }
}

static void threads(void) {
    pthread_t ids[THREADS];
    int numbers[THREADS];
    nirvana_sandbox *sandbox = nirvana_sandbox_new();
    OK(nirvana_sandbox_client(sandbox, NULL, &client, &error));
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&ids[i], NULL, work, &numbers[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(ids[i], NULL) == 0);

    nirvana_list *list = NULL;
    long taken = 0;
    OK(nirvana_list_organizations(client, "{\"limit\": 7}", NULL, NULL, &list, &error));
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&ids[i], NULL, take, list) == 0);
    for (int i = 0; i < THREADS; i++) {
        void *some = NULL;
        CHECK(pthread_join(ids[i], &some) == 0);
        taken += (long)some;
    }
    CHECK(taken == (long)THREADS * rounds);
    nirvana_list_free(list);
    nirvana_client_free(client);
    nirvana_sandbox_free(sandbox);
    printf("%d threads, %ld organizations, each found by the thread that made it\n", THREADS, taken);
}

/* A server on this machine that takes connections and says nothing. */
static int listen_here(char *url, size_t size) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(listener >= 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, THREADS) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    snprintf(url, size, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return listener;
}

static void *wait_for_ever(void *token) {
    const char *json = NULL;
    FAILS(nirvana_get_organization(client, "org_1", NULL, token, &json, &error), NIRVANA_CANCELLED,
          "cancelled", json == NULL && !error->retryable);
    return NULL;
}

/* The client is as good as before, and its own limits hold. */
static void *limits(void *unused) {
    const char *json = NULL;
    FAILS(nirvana_get_organization(client, "org_1", "{\"max_retries\": 0, \"timeout_ms\": 100}", NULL,
                                   &json, &error),
          NIRVANA_TIMEOUT, "", error->retryable && error->attempts == 1);
    FAILS(nirvana_get_organization(client, "org_1", "{\"total_timeout_ms\": 100}", NULL, &json, &error),
          NIRVANA_DEADLINE, "", json == NULL);
    return unused;
}

/* Cancels calls that are known to be under way: the server has read their first bytes. */
static void cancel(void) {
    char url[64], options[128], bytes[4096];
    pthread_t ids[THREADS];
    int connections[THREADS];
    struct timespec before, after;
    int listener = listen_here(url, sizeof url);
    snprintf(options, sizeof options, "{\"api_key\": \"nl_key\", \"base_url\": \"%s\"}", url);
    OK(nirvana_client_new(options, &client, &error));
    nirvana_cancel_token *token = nirvana_cancel_token_new();
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&ids[i], NULL, wait_for_ever, token) == 0);
        connections[i] = accept(listener, NULL, NULL);
        CHECK(connections[i] >= 0 && read(connections[i], bytes, sizeof bytes) > 0);
        CHECK(memcmp(bytes, "GET /v1/organizations/org_1 HTTP/1.1\r\n", 38) == 0);
    }
    CHECK(!nirvana_cancel_token_is_cancelled(token));
    clock_gettime(CLOCK_MONOTONIC, &before);
    OK(nirvana_cancel_token_cancel(token, &error));
    CHECK(nirvana_cancel_token_is_cancelled(token));
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(ids[i], NULL) == 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK(after.tv_sec - before.tv_sec < 20); /* Far under the timeout of 60 s. */
    nirvana_cancel_token_free(token);

    /* In a thread: Rust keeps a handle of the main thread to the end, which valgrind counts. */
    CHECK(pthread_create(&ids[0], NULL, limits, NULL) == 0 && pthread_join(ids[0], NULL) == 0);
    nirvana_client_free(client);
    for (int i = 0; i < THREADS; i++) close(connections[i]);
    close(listener);
    printf("%d calls cancelled in flight\n", THREADS);
}

int main(int count, char **arguments) {
    if (count > 1) rounds = atoi(arguments[1]);
    CHECK(rounds > 0);
    threads();
    cancel();
    puts("done");
    return 0;
}
