/* What is wrong with an argument is answered, and never crashes: NULL where nothing may be
 * NULL, and text that is not UTF-8, for every function. */
#include "common.h"

#define BAD "\xff\xfe"

static int calls;

/* Refused, with the answer emptied and an error that says why. */
#define REFUSED(call, answer)                                                        \
    do {                                                                             \
        nirvana_error *error = NULL;                                                 \
        CHECK((call) == NIRVANA_INVALID_ARGUMENT);                                   \
        CHECK((answer) == NULL && error != NULL);                                    \
        CHECK(error->code == NIRVANA_INVALID_ARGUMENT && error->message[0] != '\0'); \
        CHECK(!error->retryable && !error->may_have_been_processed);                 \
        CHECK(error->status == 0 && error->attempts == 0 && error->retry_after_ms == -1); \
        CHECK(error->request_id == NULL && error->server_code == NULL);              \
        nirvana_error_free(error);                                                   \
        calls++;                                                                     \
    } while (0)

#define REFUSED_PLAINLY(call)                                                        \
    do {                                                                             \
        CHECK((call) == NIRVANA_INVALID_ARGUMENT);                                   \
        calls++;                                                                     \
    } while (0)

/* What was in an answer before the call. */
static const char *garbage = "garbage";

static void endpoints(nirvana_client *c) {
    const char *json;
    nirvana_list *list;
#define JSON(call) json = garbage; REFUSED(call, json)
#define LIST(call) list = (nirvana_list *)(void *)&calls; REFUSED(call, list)
    JSON(nirvana_create_organization(NULL, "{\"name\": \"a\"}", NULL, &json, &error));
    JSON(nirvana_create_organization(c, NULL, NULL, &json, &error));
    JSON(nirvana_create_organization(c, BAD, NULL, &json, &error));
    JSON(nirvana_create_organization(c, "{}", NULL, &json, &error));
    JSON(nirvana_get_organization(NULL, "id", NULL, &json, &error));
    JSON(nirvana_get_organization(c, NULL, NULL, &json, &error));
    JSON(nirvana_get_organization(c, BAD, NULL, &json, &error));
    JSON(nirvana_update_organization(NULL, "id", "{}", NULL, &json, &error));
    JSON(nirvana_update_organization(c, NULL, "{}", NULL, &json, &error));
    JSON(nirvana_update_organization(c, BAD, "{}", NULL, &json, &error));
    JSON(nirvana_update_organization(c, "id", NULL, NULL, &json, &error));
    JSON(nirvana_update_organization(c, "id", BAD, NULL, &json, &error));
    JSON(nirvana_update_organization(c, "id", "[", NULL, &json, &error));
    JSON(nirvana_get_organization_membership(NULL, "id", "m", NULL, &json, &error));
    JSON(nirvana_get_organization_membership(c, NULL, "m", NULL, &json, &error));
    JSON(nirvana_get_organization_membership(c, BAD, "m", NULL, &json, &error));
    JSON(nirvana_get_organization_membership(c, "id", NULL, NULL, &json, &error));
    JSON(nirvana_get_organization_membership(c, "id", BAD, NULL, &json, &error));
    JSON(nirvana_create_organization_address(NULL, "id", "{}", NULL, &json, &error));
    JSON(nirvana_create_organization_address(c, NULL, "{}", NULL, &json, &error));
    JSON(nirvana_create_organization_address(c, BAD, "{}", NULL, &json, &error));
    JSON(nirvana_create_organization_address(c, "id", NULL, NULL, &json, &error));
    JSON(nirvana_create_organization_address(c, "id", BAD, NULL, &json, &error));
    JSON(nirvana_get_organization_address(NULL, "id", NULL, &json, &error));
    JSON(nirvana_get_organization_address(c, NULL, NULL, &json, &error));
    JSON(nirvana_get_organization_address(c, BAD, NULL, &json, &error));
    JSON(nirvana_update_organization_address(NULL, "id", "{}", NULL, &json, &error));
    JSON(nirvana_update_organization_address(c, NULL, "{}", NULL, &json, &error));
    JSON(nirvana_update_organization_address(c, BAD, "{}", NULL, &json, &error));
    JSON(nirvana_update_organization_address(c, "id", NULL, NULL, &json, &error));
    JSON(nirvana_update_organization_address(c, "id", BAD, NULL, &json, &error));
    LIST(nirvana_list_organizations(NULL, 0, NULL, NULL, &list, &error));
    LIST(nirvana_list_organizations(c, 0, BAD, NULL, &list, &error));
    LIST(nirvana_list_organization_memberships(NULL, "id", 0, NULL, NULL, &list, &error));
    LIST(nirvana_list_organization_memberships(c, NULL, 0, NULL, NULL, &list, &error));
    LIST(nirvana_list_organization_memberships(c, BAD, 0, NULL, NULL, &list, &error));
    LIST(nirvana_list_organization_memberships(c, "id", 0, BAD, NULL, &list, &error));
    REFUSED(nirvana_leave_organization(NULL, "id", NULL, &error), NULL);
    REFUSED(nirvana_leave_organization(c, NULL, NULL, &error), NULL);
    REFUSED(nirvana_leave_organization(c, BAD, NULL, &error), NULL);
}

/* Nowhere to put the answer, which is known before anything is sent. */
static void no_answer(nirvana_client *c, nirvana_list *l) {
    REFUSED(nirvana_create_organization(c, "{\"name\": \"a\"}", NULL, NULL, &error), NULL);
    REFUSED(nirvana_get_organization(c, "id", NULL, NULL, &error), NULL);
    REFUSED(nirvana_update_organization(c, "id", "{}", NULL, NULL, &error), NULL);
    REFUSED(nirvana_list_organizations(c, 0, NULL, NULL, NULL, &error), NULL);
    REFUSED(nirvana_get_organization_membership(c, "id", "m", NULL, NULL, &error), NULL);
    REFUSED(nirvana_list_organization_memberships(c, "id", 0, NULL, NULL, NULL, &error), NULL);
    REFUSED(nirvana_create_organization_address(c, "id", "{}", NULL, NULL, &error), NULL);
    REFUSED(nirvana_get_organization_address(c, "id", NULL, NULL, &error), NULL);
    REFUSED(nirvana_update_organization_address(c, "id", "{}", NULL, NULL, &error), NULL);
    REFUSED(nirvana_list_next(l, NULL, &error), NULL);
    REFUSED(nirvana_list_next_cursor(l, NULL, &error), NULL);
    REFUSED(nirvana_list_total_count(l, NULL, &error), NULL);
    REFUSED(nirvana_list_items_left_on_page(l, NULL, &error), NULL);
}

static void handles(nirvana_sandbox *s) {
    const char *text;
    int64_t total = 7;
    uint64_t left = 7;
    nirvana_client *client;
#define TEXT(call) text = garbage; REFUSED(call, text)
#define CLIENT(call) client = (nirvana_client *)(void *)&calls; REFUSED(call, client)
    TEXT(nirvana_list_next(NULL, &text, &error));
    TEXT(nirvana_list_next_cursor(NULL, &text, &error));
    REFUSED(nirvana_list_total_count(NULL, &total, &error), NULL);
    REFUSED(nirvana_list_items_left_on_page(NULL, &left, &error), NULL);
    CHECK(total == -1 && left == 0);
    CLIENT(nirvana_client_new(NULL, NULL, &client, &error));
    CLIENT(nirvana_client_new(BAD, NULL, &client, &error));
    REFUSED(nirvana_client_new("nl_key", NULL, NULL, &error), NULL);
    REFUSED(nirvana_client_from_env(NULL, NULL, &error), NULL);
    CLIENT(nirvana_sandbox_client(NULL, NULL, NULL, &client, &error));
    CLIENT(nirvana_sandbox_client(s, BAD, NULL, &client, &error));
    REFUSED(nirvana_sandbox_client(s, NULL, NULL, NULL, &error), NULL);
    TEXT(nirvana_sandbox_add_user(NULL, "key", &text, &error));
    TEXT(nirvana_sandbox_add_user(s, NULL, &text, &error));
    TEXT(nirvana_sandbox_add_user(s, BAD, &text, &error));
    REFUSED(nirvana_sandbox_add_user(s, "key", NULL, &error), NULL);
    TEXT(nirvana_sandbox_add_member(NULL, "o", "u", "owner", &text, &error));
    TEXT(nirvana_sandbox_add_member(s, NULL, "u", "owner", &text, &error));
    TEXT(nirvana_sandbox_add_member(s, BAD, "u", "owner", &text, &error));
    TEXT(nirvana_sandbox_add_member(s, "o", NULL, "owner", &text, &error));
    TEXT(nirvana_sandbox_add_member(s, "o", BAD, "owner", &text, &error));
    TEXT(nirvana_sandbox_add_member(s, "o", "u", NULL, &text, &error));
    TEXT(nirvana_sandbox_add_member(s, "o", "u", BAD, &text, &error));
    TEXT(nirvana_sandbox_requests(NULL, &text, &error));
    REFUSED(nirvana_sandbox_requests(s, NULL, &error), NULL);
    REFUSED_PLAINLY(nirvana_sandbox_pass_next(NULL));
    REFUSED_PLAINLY(nirvana_sandbox_fail_next(NULL, 500));
    REFUSED_PLAINLY(nirvana_sandbox_respond_next(NULL, 500, NULL, NULL));
    REFUSED_PLAINLY(nirvana_sandbox_respond_next(s, 500, BAD, NULL));
    REFUSED_PLAINLY(nirvana_sandbox_respond_next(s, 500, NULL, BAD));
    REFUSED_PLAINLY(nirvana_sandbox_drop_next_response(NULL));
    REFUSED_PLAINLY(nirvana_sandbox_refuse_next(NULL));
    REFUSED_PLAINLY(nirvana_sandbox_delay_next(NULL, 1));
    REFUSED_PLAINLY(nirvana_cancel_token_cancel(NULL));
    CHECK(!nirvana_cancel_token_is_cancelled(NULL));
}

static void options(void) {
    nirvana_client_options *client = nirvana_client_options_new();
    nirvana_call_options *call = nirvana_call_options_new();
#define SETTINGS(set, options)                                                       \
    REFUSED_PLAINLY(set(NULL, "text"));                                              \
    REFUSED_PLAINLY(set(options, NULL));                                             \
    REFUSED_PLAINLY(set(options, BAD))
#define PAIRS(set, options)                                                          \
    REFUSED_PLAINLY(set(NULL, "name", "value"));                                     \
    REFUSED_PLAINLY(set(options, NULL, "value"));                                    \
    REFUSED_PLAINLY(set(options, BAD, "value"));                                     \
    REFUSED_PLAINLY(set(options, "name", NULL));                                     \
    REFUSED_PLAINLY(set(options, "name", BAD))
    SETTINGS(nirvana_client_options_base_url, client);
    SETTINGS(nirvana_client_options_user_agent, client);
    SETTINGS(nirvana_client_options_proxy, client);
    SETTINGS(nirvana_client_options_root_certificate_pem, client);
    PAIRS(nirvana_client_options_header, client);
    REFUSED_PLAINLY(nirvana_client_options_allow_http(NULL, true));
    REFUSED_PLAINLY(nirvana_client_options_timeout_ms(NULL, 1));
    REFUSED_PLAINLY(nirvana_client_options_connect_timeout_ms(NULL, 1));
    REFUSED_PLAINLY(nirvana_client_options_max_retries(NULL, 1));
    REFUSED_PLAINLY(nirvana_client_options_max_retry_wait_ms(NULL, 1));
    REFUSED_PLAINLY(nirvana_client_options_max_body_bytes(NULL, 1));
    SETTINGS(nirvana_call_options_idempotency_key, call);
    PAIRS(nirvana_call_options_header, call);
    PAIRS(nirvana_call_options_query, call);
    REFUSED_PLAINLY(nirvana_call_options_timeout_ms(NULL, 1));
    REFUSED_PLAINLY(nirvana_call_options_deadline_ms(NULL, 1));
    REFUSED_PLAINLY(nirvana_call_options_max_retries(NULL, 1));
    REFUSED_PLAINLY(nirvana_call_options_cancel_token(NULL, NULL));
    REFUSED_PLAINLY(nirvana_call_options_cancel_token(call, NULL));
    nirvana_client_options_free(client);
    nirvana_call_options_free(call);
}

static void free_nothing(void) {
    nirvana_string_free(NULL);
    nirvana_error_free(NULL);
    nirvana_client_free(NULL);
    nirvana_client_options_free(NULL);
    nirvana_call_options_free(NULL);
    nirvana_cancel_token_free(NULL);
    nirvana_list_free(NULL);
    nirvana_sandbox_free(NULL);
}

int main(void) {
    nirvana_client *client = NULL;
    nirvana_list *list = NULL;
    const char *json = NULL;
    nirvana_sandbox *sandbox = nirvana_sandbox_new();
    OK(nirvana_sandbox_client(sandbox, NULL, NULL, &client, &error));
    OK(nirvana_list_organizations(client, 0, NULL, NULL, &list, &error));
    endpoints(client);
    no_answer(client, list);
    handles(sandbox);
    options();
    free_nothing();

    /* Nothing of all that was sent, and everything still works, without error too. */
    OK(nirvana_sandbox_requests(sandbox, &json, &error));
    CHECK(strcmp(json, "[]") == 0);
    nirvana_string_free(json);
    CHECK(nirvana_get_organization(client, "", NULL, &json, NULL) == NIRVANA_REQUEST);
    CHECK(nirvana_list_next(list, &json, NULL) == NIRVANA_OK && json == NULL);
    nirvana_list_free(list);
    nirvana_client_free(client);
    nirvana_sandbox_free(sandbox);
    printf("%d calls refused\n", calls);
    return 0;
}
