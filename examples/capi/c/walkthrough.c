/* The whole API in one run, on the sandbox: nothing leaves this machine. */
#include "common.h"

static nirvana_sandbox *sandbox;
static nirvana_client *client;

static void show(const char *what, const char *json) {
    printf("%-22s %s\n", what, json);
}

/* Prints a list to its end. In pages of one item, so that there are several. */
static int print_list(const char *what, nirvana_list *list) {
    int items = 0;
    int64_t total = 0;
    for (;;) {
        const char *json = NULL, *cursor = NULL;
        uint64_t left = 0;
        OK(nirvana_list_next(list, &json, &error));
        if (json == NULL) break;
        show(what, json);
        nirvana_string_free(json);
        items++;
        OK(nirvana_list_items_left_on_page(list, &left, &error));
        OK(nirvana_list_next_cursor(list, &cursor, &error));
        CHECK(left == 0);
        nirvana_string_free(cursor);
    }
    OK(nirvana_list_total_count(list, &total, &error));
    CHECK(items == total);
    nirvana_list_free(list);
    return items;
}

static void organizations(char *id, size_t size) {
    const char *json = NULL;
    OK(nirvana_create_organization(client, "{\"name\": \"Acme\", \"billing_email\": \"b@acme.io\"}",
                                   NULL, &json, &error));
    show("created", json);
    copy_field(json, "id", id, size);
    nirvana_string_free(json);

    OK(nirvana_create_organization(client, "{\"name\": \"Globex\"}", NULL, &json, &error));
    nirvana_string_free(json);

    /* A field that is left out stays, null clears it, a string sets it. */
    OK(nirvana_update_organization(client, id, "{\"billing_email\": null}", NULL, &json, &error));
    show("updated", json);
    CHECK(strstr(json, "\"billing_email\":null") != NULL);
    CHECK(strstr(json, "\"name\":\"Acme\"") != NULL);
    nirvana_string_free(json);

    OK(nirvana_get_organization(client, id, NULL, &json, &error));
    CHECK(strstr(json, "\"name\":\"Acme\"") != NULL);
    nirvana_string_free(json);

    nirvana_list *list = NULL;
    OK(nirvana_list_organizations(client, 1, NULL, NULL, &list, &error));
    CHECK(print_list("listed", list) == 2);
}

static void addresses(const char *id) {
    const char *json = NULL;
    OK(nirvana_create_organization_address(
        client, id,
        "{\"city\": \"San Francisco\", \"country\": \"US\", \"line1\": \"123 Main St\","
        " \"postal_code\": \"94105\", \"state\": \"CA\", \"line2\": \"Suite 4\"}",
        NULL, &json, &error));
    show("address created", json);
    nirvana_string_free(json);

    OK(nirvana_update_organization_address(
        client, id, "{\"line1\": \"1 Elm St\", \"line2\": null}", NULL, &json, &error));
    nirvana_string_free(json);

    OK(nirvana_get_organization_address(client, id, NULL, &json, &error));
    show("address updated", json);
    CHECK(strstr(json, "\"line1\":\"1 Elm St\"") != NULL);
    CHECK(strstr(json, "\"line2\":null") != NULL);
    CHECK(strstr(json, "\"state\":\"CA\"") != NULL);
    nirvana_string_free(json);
}

static void memberships(const char *id) {
    const char *user = NULL, *json = NULL;
    char membership[64];
    OK(nirvana_sandbox_add_user(sandbox, "nl_second_user", &user, &error));
    OK(nirvana_sandbox_add_member(sandbox, id, user, "owner", &json, &error));
    copy_field(json, "id", membership, sizeof membership);
    nirvana_string_free(json);

    OK(nirvana_get_organization_membership(client, id, membership, NULL, &json, &error));
    show("membership", json);
    CHECK(strstr(json, user) != NULL);
    nirvana_string_free(json);
    nirvana_string_free(user);

    nirvana_list *list = NULL;
    OK(nirvana_list_organization_memberships(client, id, 1, NULL, NULL, &list, &error));
    CHECK(print_list("member", list) == 2);

    OK(nirvana_leave_organization(client, id, NULL, &error));
    printf("%-22s %s\n", "left", id);

    /* The second user is still there, and now alone. */
    nirvana_client *second = NULL;
    OK(nirvana_sandbox_client(sandbox, "nl_second_user", NULL, &second, &error));
    OK(nirvana_list_organization_memberships(second, id, 1, NULL, NULL, &list, &error));
    CHECK(print_list("member", list) == 1);
    nirvana_client_free(second);
}

/* A list that is put down after its first page, and taken up again from its cursor. */
static void resume(void) {
    const char *json = NULL, *cursor = NULL;
    nirvana_list *list = NULL;
    OK(nirvana_create_organization(client, "{\"name\": \"Initech\"}", NULL, &json, &error));
    nirvana_string_free(json);

    OK(nirvana_list_organizations(client, 1, NULL, NULL, &list, &error));
    OK(nirvana_list_next(list, &json, &error));
    OK(nirvana_list_next_cursor(list, &cursor, &error));
    nirvana_list_free(list);
    nirvana_string_free(json);
    CHECK(cursor != NULL);

    OK(nirvana_list_organizations(client, 1, cursor, NULL, &list, &error));
    nirvana_string_free(cursor);
    OK(nirvana_list_next(list, &json, &error));
    CHECK(json != NULL);
    show("resumed at", json);
    nirvana_string_free(json);
    nirvana_list_free(list);
}

static void show_error(const char *what, const nirvana_error *error) {
    printf("%-22s code %u, status %u, %s, %s: %s\n", what, error->code, error->status,
           error->retryable ? "retryable" : "final",
           error->may_have_been_processed ? "may have been processed" : "not processed",
           error->message);
}

static void errors(void) {
    nirvana_error *error = NULL;
    const char *json = NULL;

    CHECK(nirvana_get_organization(client, "org_missing", NULL, &json, &error) == NIRVANA_API);
    CHECK(json == NULL && error->code == NIRVANA_API && error->status == 404);
    CHECK(!error->retryable && error->retry_after_ms == -1 && error->attempts == 1);
    show_error("not found", error);
    nirvana_error_free(error);

    nirvana_call_options *once = nirvana_call_options_new();
    CHECK(nirvana_call_options_max_retries(once, 0) == NIRVANA_OK);

    nirvana_sandbox_respond_next(sandbox, 429, "7", "{\"message\": \"slow down\"}");
    CHECK(nirvana_get_organization(client, "org_1", once, &json, &error) == NIRVANA_API);
    CHECK(error->status == 429 && error->retryable && error->retry_after_ms == 7000);
    show_error("rate limited", error);
    nirvana_error_free(error);

    /* For the second request: the first is served. */
    nirvana_sandbox_pass_next(sandbox);
    nirvana_sandbox_fail_next(sandbox, 500);
    OK(nirvana_get_organization(client, "org_2", once, &json, &error));
    nirvana_string_free(json);
    CHECK(nirvana_create_organization(client, "{\"name\": \"Hooli\"}", once, &json, &error) ==
          NIRVANA_API);
    CHECK(error->status == 500 && error->may_have_been_processed && !error->retryable);
    show_error("server failed", error);
    nirvana_error_free(error);

    /* The answer is lost, so nobody knows: look before creating again. */
    nirvana_sandbox_drop_next_response(sandbox);
    CHECK(nirvana_create_organization(client, "{\"name\": \"Hooli\"}", NULL, &json, &error) ==
          NIRVANA_CLOSED);
    CHECK(error->status == 0 && error->may_have_been_processed && !error->retryable);
    show_error("answer lost", error);
    nirvana_error_free(error);

    nirvana_sandbox_refuse_next(sandbox);
    CHECK(nirvana_create_organization(client, "{\"name\": \"Umbrella\"}", once, &json, &error) ==
          NIRVANA_CONNECT);
    CHECK(!error->may_have_been_processed && error->retryable);
    show_error("connection refused", error);
    nirvana_error_free(error);

    CHECK(nirvana_update_organization(client, "org_1", "{\"nom\": \"?\"}", NULL, &json, &error) ==
          NIRVANA_INVALID_ARGUMENT);
    CHECK(error->attempts == 0);
    show_error("unknown field", error);
    nirvana_error_free(error);
    nirvana_call_options_free(once);
}

static void options(void) {
    const char *json = NULL;
    nirvana_error *error = NULL;
    nirvana_call_options *call = nirvana_call_options_new();
    nirvana_cancel_token *token = nirvana_cancel_token_new();
    nirvana_call_options_timeout_ms(call, 5000);
    nirvana_call_options_deadline_ms(call, 60000);
    nirvana_call_options_header(call, "X-Request-Id", "walkthrough-1");
    nirvana_call_options_query(call, "expand", "domains");
    nirvana_call_options_idempotency_key(call, "create-umbrella-1");
    nirvana_call_options_cancel_token(call, token);
    /* With the idempotency key, a create is repeated too. */
    nirvana_sandbox_respond_next(sandbox, 503, "0", NULL);
    OK(nirvana_create_organization(client, "{\"name\": \"Umbrella\"}", call, &json, &error));
    show("created, 2nd attempt", json);
    nirvana_string_free(json);

    OK(nirvana_sandbox_requests(sandbox, &json, &error));
    CHECK(strstr(json, "\"status\":503") != NULL);
    nirvana_string_free(json);

    /* One second's patience for an answer that takes a minute. */
    nirvana_call_options_deadline_ms(call, 1000);
    nirvana_sandbox_delay_next(sandbox, 60000);
    CHECK(nirvana_get_organization(client, "org_2", call, &json, &error) == NIRVANA_DEADLINE);
    show_error("deadline", error);
    nirvana_error_free(error);

    CHECK(!nirvana_cancel_token_is_cancelled(token));
    nirvana_cancel_token_cancel(token);
    CHECK(nirvana_cancel_token_is_cancelled(token));
    CHECK(nirvana_get_organization(client, "org_2", call, &json, &error) == NIRVANA_CANCELLED);
    show_error("cancelled", error);
    nirvana_error_free(error);
    nirvana_cancel_token_free(token);
    nirvana_call_options_free(call);
}

/* How a client of the real service is made. Nothing is sent until its first call. */
static void real_client(void) {
    nirvana_client *real = NULL;
    nirvana_error *error = NULL;
    nirvana_client_options *settings = nirvana_client_options_new();
    nirvana_client_options_base_url(settings, "https://api.example.com/nirvana");
    nirvana_client_options_allow_http(settings, false);
    nirvana_client_options_user_agent(settings, "walkthrough/1.0");
    nirvana_client_options_proxy(settings, "http://proxy.example.com:3128");
    nirvana_client_options_timeout_ms(settings, 20000);
    nirvana_client_options_connect_timeout_ms(settings, 3000);
    nirvana_client_options_max_retries(settings, 4);
    nirvana_client_options_max_retry_wait_ms(settings, 10000);
    nirvana_client_options_max_body_bytes(settings, 1 << 20);
    nirvana_client_options_header(settings, "X-Team", "platform");
    OK(nirvana_client_new("nl_key", settings, &real, &error));
    nirvana_client_free(real);

    CHECK(nirvana_client_new("", settings, &real, &error) == NIRVANA_CONFIG);
    CHECK(real == NULL);
    show_error("empty key", error);
    nirvana_error_free(error);

    nirvana_client_options_root_certificate_pem(settings, "not a certificate");
    CHECK(nirvana_client_new("nl_key", settings, &real, &error) == NIRVANA_CONFIG);
    show_error("bad certificate", error);
    nirvana_error_free(error);
    nirvana_client_options_free(settings);

    /* As the environment has it, which need not be at all. */
    if (nirvana_client_from_env(NULL, &real, &error) != NIRVANA_OK) {
        show_error("environment", error);
    }
    nirvana_error_free(error);
    nirvana_client_free(real);
}

int main(void) {
    char id[64];
    printf("nirvana_labs %s\n", nirvana_version());
    sandbox = nirvana_sandbox_new();
    OK(nirvana_sandbox_client(sandbox, NULL, NULL, &client, &error));

    organizations(id, sizeof id);
    addresses(id);
    memberships(id);
    resume();
    errors();
    options();
    real_client();

    nirvana_client_free(client);
    nirvana_sandbox_free(sandbox);
    puts("done");
    return 0;
}
