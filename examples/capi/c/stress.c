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

/* Makes, changes, reads and lists organizations that only this thread knows of. */
static void *work(void *argument) {
    int number = *(int *)argument;
    for (int round = 0; round < rounds; round++) {
        char params[64], wanted[64], id[64];
        const char *json = NULL;
        nirvana_list *list = NULL;
        int found = 0;

        snprintf(params, sizeof params, "{\"name\": \"%d/%d\"}", number, round);
        OK(nirvana_create_organization(client, params, NULL, &json, &error));
        copy_field(json, "id", id, sizeof id);
        nirvana_string_free(json);

        snprintf(params, sizeof params, "{\"name\": \"%d/%d!\"}", number, round);
        OK(nirvana_update_organization(client, id, params, NULL, &json, &error));
        nirvana_string_free(json);
        OK(nirvana_get_organization(client, id, NULL, &json, &error));
        snprintf(wanted, sizeof wanted, "\"name\":\"%d/%d!\"", number, round);
        CHECK(strstr(json, wanted) != NULL);
        nirvana_string_free(json);

        nirvana_error *error = NULL;
        CHECK(nirvana_get_organization(client, "org_none", NULL, &json, &error) == NIRVANA_API);
        CHECK(error->status == 404);
        nirvana_error_free(error);

        OK(nirvana_list_organizations(client, 100, NULL, NULL, &list, &error));
        for (;;) {
            OK(nirvana_list_next(list, &json, &error));
            if (json == NULL) break;
            found += strstr(json, wanted) != NULL;
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
    OK(nirvana_sandbox_client(sandbox, NULL, NULL, &client, &error));
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&ids[i], NULL, work, &numbers[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(ids[i], NULL) == 0);

    nirvana_list *list = NULL;
    long taken = 0;
    OK(nirvana_list_organizations(client, 7, NULL, NULL, &list, &error));
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
    printf("%d threads, %ld organizations, each list and name right\n", THREADS, taken);
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

static void *wait_for_ever(void *argument) {
    const char *json = NULL;
    nirvana_error *error = NULL;
    CHECK(nirvana_get_organization(client, "org_1", argument, &json, &error) ==
          NIRVANA_CANCELLED);
    CHECK(json == NULL && error->code == NIRVANA_CANCELLED && !error->retryable);
    nirvana_error_free(error);
    return NULL;
}

/* Cancels calls that are known to be under way: the server has read their first bytes. */
static void cancel(void) {
    char url[64], bytes[4096];
    pthread_t ids[THREADS];
    int connections[THREADS];
    struct timespec before, after;
    nirvana_error *error = NULL;
    const char *json = NULL;
    int listener = listen_here(url, sizeof url);

    nirvana_client_options *settings = nirvana_client_options_new();
    nirvana_client_options_base_url(settings, url);
    OK(nirvana_client_new("nl_key", settings, &client, &error));
    nirvana_client_options_free(settings);
    nirvana_cancel_token *token = nirvana_cancel_token_new();
    nirvana_call_options *options = nirvana_call_options_new();
    CHECK(nirvana_call_options_cancel_token(options, token) == NIRVANA_OK);

    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&ids[i], NULL, wait_for_ever, options) == 0);
        connections[i] = accept(listener, NULL, NULL);
        CHECK(connections[i] >= 0 && read(connections[i], bytes, sizeof bytes) > 0);
        CHECK(memcmp(bytes, "GET /v1/organizations/org_1 HTTP/1.1\r\n", 38) == 0);
    }
    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK(nirvana_cancel_token_cancel(token) == NIRVANA_OK);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(ids[i], NULL) == 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK(after.tv_sec - before.tv_sec < 20); /* Far under the timeout of 60 s. */

    /* The client is as good as before, and its own limits hold. */
    nirvana_call_options *limited = nirvana_call_options_new();
    nirvana_call_options_max_retries(limited, 0);
    nirvana_call_options_timeout_ms(limited, 100);
    CHECK(nirvana_get_organization(client, "org_1", limited, &json, &error) == NIRVANA_TIMEOUT);
    CHECK(error->retryable && error->attempts == 1);
    nirvana_error_free(error);
    nirvana_call_options_timeout_ms(limited, 60000);
    nirvana_call_options_deadline_ms(limited, 100);
    CHECK(nirvana_get_organization(client, "org_1", limited, &json, &error) == NIRVANA_DEADLINE);
    nirvana_error_free(error);

    nirvana_call_options_free(limited);
    nirvana_call_options_free(options);
    nirvana_cancel_token_free(token);
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
