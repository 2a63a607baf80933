/* Eight threads share one client and one list. Then calls wait for a server that does not respond.
 * Another thread or a signal handler cancels them, or they end at a time limit.
 *
 *     stress [ROUNDS]
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

#define THREADS 8

static nirvana_client *client;
static nirvana_cancel_token *token;
static int rounds = 25;

/* Creates organizations, and finds each of them in the list once. */
static void *work(void *argument) {
    for (int round = 0; round < rounds; round++) {
        char params[64];
        const char *json = NULL;
        int found = 0;
        nirvana_list *list = NULL;
        snprintf(params, sizeof params, "{\"name\": \"%d/%d\"}", *(int *)argument, round);
        OK(nirvana_create_organization(client, params, NULL, NULL, &json, &error));
        nirvana_string_free(json);
        CHECK(nirvana_get_organization(client, "org_none", NULL, NULL, &json, NULL) == NIRVANA_STATUS);
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

/* Takes items from a list that all threads share: each item goes to one thread. */
static void *take(void *list) {
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
    long taken = 0;
    void *some = NULL;
    nirvana_list *list = NULL;
    nirvana_sandbox *sandbox = nirvana_sandbox_new();
    OK(nirvana_sandbox_client(sandbox, NULL, &client, &error));
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&ids[i], NULL, work, &numbers[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(ids[i], NULL) == 0);

    OK(nirvana_list_organizations(client, "{\"limit\": 7}", NULL, NULL, &list, &error));
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&ids[i], NULL, take, list) == 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(ids[i], &some) == 0);
        taken += (long)some;
    }
    CHECK(taken == (long)THREADS * rounds);
    nirvana_list_free(list);
    nirvana_client_free(client);
    nirvana_sandbox_free(sandbox);
    printf("%d threads, %ld organizations\n", THREADS, taken);
}

/* Opens a port on this machine, and makes a client whose timeout is longer than this test. */
static int listen_here(void) {
    char options[128];
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
    snprintf(options, sizeof options,
             "{\"api_key\": \"nl_key\", \"timeout_ms\": 600000, \"base_url\": \"http://127.0.0.1:%u\"}",
             (unsigned)ntohs(address.sin_port));
    OK(nirvana_client_new(options, &client, &error));
    return listener;
}

/* Starts a thread that makes a call, and waits until its request arrives. */
static int start_call(int listener, pthread_t *id, void *(*call)(void *)) {
    char bytes[4096];
    CHECK(pthread_create(id, NULL, call, NULL) == 0);
    int connection = accept(listener, NULL, NULL);
    CHECK(connection >= 0 && read(connection, bytes, sizeof bytes) > 0);
    CHECK(memcmp(bytes, "GET /v1/organizations/org_1 HTTP/1.1\r\n", 38) == 0);
    return connection;
}

static void *cancelled_call(void *unused) {
    const char *json = NULL;
    FAILS(nirvana_get_organization(client, "org_1", NULL, token, &json, &error), NIRVANA_CANCELLED,
          "", json == NULL && !error->retryable);
    return unused;
}

/* Cancels calls from another thread while they wait for a response. */
static void cancel(int listener) {
    pthread_t ids[THREADS];
    int connections[THREADS];
    token = nirvana_cancel_token_new();
    for (int i = 0; i < THREADS; i++) connections[i] = start_call(listener, &ids[i], cancelled_call);
    CHECK(!nirvana_cancel_token_is_cancelled(token));
    nirvana_cancel_token_cancel(token);
    CHECK(nirvana_cancel_token_is_cancelled(token));
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(ids[i], NULL) == 0);
        close(connections[i]);
    }
    nirvana_cancel_token_free(token);
    printf("%d calls cancelled by another thread\n", THREADS);
}

static void on_signal(int number) {
    nirvana_cancel_token_cancel(number == SIGUSR1 ? token : NULL);
}

/* Runs the signal handler on the thread that makes a call, and waits until the call ends. */
static void interrupt(pthread_t id) {
    struct sigaction action = {.sa_handler = on_signal};
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(pthread_kill(id, SIGUSR1) == 0 && pthread_join(id, NULL) == 0);
    nirvana_cancel_token_free(token);
}

/* Cancels a call from a signal handler while the call reads from its connection. */
static void interrupt_read(int listener) {
    pthread_t id;
    token = nirvana_cancel_token_new();
    int connection = start_call(listener, &id, cancelled_call);
    interrupt(id);
    close(connection);
}

/* Cancels a call from a signal handler while the call waits in the sandbox. */
static void interrupt_wait(void) {
    pthread_t id;
    const char *json = NULL;
    nirvana_sandbox *sandbox = nirvana_sandbox_new();
    OK(nirvana_sandbox_client(sandbox, "{\"timeout_ms\": 600000}", &client, &error));
    OK(nirvana_sandbox_next(sandbox, "{\"delay_ms\": 600000}", &error));
    token = nirvana_cancel_token_new();
    CHECK(pthread_create(&id, NULL, cancelled_call, NULL) == 0);
    do {
        /* The sandbox lists the request as soon as the wait begins. */
        nirvana_string_free(json);
        CHECK(sched_yield() == 0);
        OK(nirvana_sandbox_requests(sandbox, &json, &error));
    } while (strcmp(json, "[]") == 0);
    nirvana_string_free(json);
    interrupt(id);
    nirvana_client_free(client);
    nirvana_sandbox_free(sandbox);
    puts("2 calls cancelled by a signal handler");
}

/* Checks that the client is still usable, and that calls end at their time limits. */
static void *limited_calls(void *unused) {
    const char *json = NULL;
    FAILS(nirvana_get_organization(client, "org_1", "{\"max_retries\": 0, \"timeout_ms\": 100}", NULL,
                                   &json, &error),
          NIRVANA_TIMEOUT, "", error->retryable && error->attempts == 1);
    FAILS(nirvana_get_organization(client, "org_1", "{\"total_timeout_ms\": 100}", NULL, &json, &error),
          NIRVANA_DEADLINE, "", json == NULL);
    return unused;
}

int main(int count, char **arguments) {
    if (count > 1) rounds = atoi(arguments[1]);
    CHECK(rounds > 0);
    alarm(300); /* Ends a program that hangs. */
    threads();
    int listener = listen_here();
    cancel(listener);
    interrupt_read(listener);
    /* A new thread makes these calls: valgrind would report Rust's handle of the main thread. */
    pthread_t id;
    int connection = start_call(listener, &id, limited_calls);
    CHECK(pthread_join(id, NULL) == 0);
    close(connection);
    nirvana_client_free(client);
    close(listener);
    interrupt_wait();
    puts("done");
    return 0;
}
