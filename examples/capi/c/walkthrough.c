/* Uses every function of the library with the sandbox, and sends nothing to the network. The
 * program has no JSON parser: it relies on the ids of the sandbox, which start at org_1. */
#include "common.h"

static nirvana_sandbox *sandbox;
static nirvana_client *client;
static const char *json;

static void organizations(void) {
    OK(nirvana_create_organization(client, "{\"name\": \"Acme\", \"billing_email\": \"b@acme.io\"}",
                                   NULL, NULL, &json, &error));
    show(json, "\"id\":\"org_1\"");
    OK(nirvana_create_organization(client, "{\"name\": \"Globex\"}", NULL, NULL, &json, &error));
    show(json, "\"name\":\"Globex\"");
    /* A field that is left out does not change, and null clears a field. */
    OK(nirvana_update_organization(client, "org_1", "{\"billing_email\": null}", NULL, NULL, &json,
                                   &error));
    show(json, "\"billing_email\":null");
    OK(nirvana_get_organization(client, "org_1", NULL, NULL, &json, &error));
    show(json, "\"name\":\"Acme\"");
}

static void addresses(void) {
    OK(nirvana_create_organization_address(
        client, "org_1",
        "{\"city\": \"Antwerp\", \"country\": \"BE\", \"line1\": \"Kapelstraat 1\","
        " \"postal_code\": \"2000\", \"line2\": \"Box 4\"}",
        NULL, NULL, &json, &error));
    show(json, "\"line2\":\"Box 4\"");
    OK(nirvana_update_organization_address(client, "org_1", "{\"line2\": null}", NULL, NULL, &json,
                                           &error));
    show(json, "\"line2\":null");
    OK(nirvana_get_organization_address(client, "org_1", NULL, NULL, &json, &error));
    show(json, "\"city\":\"Antwerp\"");
}

static void memberships(void) {
    nirvana_list *list = NULL;
    const char *user = NULL;
    int members = 0;
    OK(nirvana_sandbox_add_user(sandbox, "nl_second", &user, &error));
    OK(nirvana_sandbox_add_member(sandbox, "org_1", user, "owner", &json, &error));
    show(json, user);
    OK(nirvana_get_organization_membership(client, "org_1", "mem_3", NULL, NULL, &json, &error));
    show(json, user);
    nirvana_string_free(user);

    OK(nirvana_list_organization_memberships(client, "org_1", NULL, NULL, NULL, &list, &error));
    for (;;) {
        OK(nirvana_list_next(list, &json, &error));
        if (json == NULL) break;
        show(json, "\"role\":\"owner\"");
        members++;
    }
    CHECK(members == 2);
    nirvana_list_free(list);

    OK(nirvana_leave_organization(client, "org_1", NULL, NULL, &error));
    FAILS(nirvana_get_organization(client, "org_1", NULL, NULL, &json, &error), NIRVANA_STATUS, "404",
          error->status == 404 && !error->retryable && error->attempts == 1);
    /* The second user is still a member: a call can use another API key. */
    OK(nirvana_get_organization(client, "org_1", "{\"api_key\": \"nl_second\"}", NULL, &json, &error));
    show(json, "\"id\":\"org_1\"");
}

/* Continues a list whose second page failed. */
static void resume(void) {
    nirvana_list *list = NULL;
    const char *rest = NULL;
    OK(nirvana_create_organization(client, "{\"name\": \"Initech\"}", NULL, NULL, &json, &error));
    show(json, "\"id\":\"org_3\"");
    OK(nirvana_list_organizations(client, "{\"limit\": 1}", NULL, NULL, &list, &error));
    CHECK(nirvana_list_total_count(list) == -1);
    OK(nirvana_list_next(list, &json, &error));
    show(json, "\"id\":\"org_2\"");
    CHECK(nirvana_list_total_count(list) == 2);
    OK(nirvana_sandbox_next(sandbox, "{\"fail\": 403}", &error));
    FAILS(nirvana_list_next(list, &json, &error), NIRVANA_STATUS, "403", json == NULL);
    OK(nirvana_list_resume(list, &rest, &error));
    nirvana_list_free(list);

    OK(nirvana_list_organizations(client, rest, NULL, NULL, &list, &error));
    show(rest, "\"limit\":1");
    OK(nirvana_list_next(list, &json, &error));
    show(json, "\"id\":\"org_3\"");
    OK(nirvana_list_resume(list, &rest, &error));
    CHECK(rest == NULL);
    nirvana_list_free(list);
}

static void any_endpoint(void) {
    OK(nirvana_request(client, "GET", "/v1/organizations", "{\"limit\": 1}", NULL, NULL, NULL, &json,
                       &error));
    show(json, "{\"status\":200,");
    OK(nirvana_request(client, "PATCH", "v1/organizations/org%5F2", NULL, "{\"name\": \"Umbrella\"}",
                       "{\"headers\": {\"X-Team\": \"platform\"}, \"query\": {\"a\": [\"b c\", 1]}}",
                       NULL, &json, &error));
    show(json, "\"name\":\"Umbrella\"");
    FAILS(nirvana_request(client, "GET", "/v1/../keys", NULL, NULL, NULL, NULL, &json, &error),
          NIRVANA_REQUEST, "..", error->attempts == 0);
    OK(nirvana_sandbox_requests(sandbox, &json, &error));
    CHECK(strstr(json, "\"query\":\"a=b%20c&a=1\"") != NULL);
    show(json, "{\"body\":{\"name\":\"Umbrella\"},\"method\":\"PATCH\",\"path\":\"/v1/organizations/org_2\"");
    /* Fields that the library does not know are kept. */
    OK(nirvana_sandbox_next(sandbox,
        "{\"respond\": {\"status\": 200, \"body\": {\"id\": \"mem_9\", \"organization_id\": \"org_2\","
        "\"user_id\": \"usr_1\", \"role\": \"owner\", \"created_at\": \"2026-06-01T12:00:00Z\","
        "\"updated_at\": \"2026-06-01T12:00:00Z\", \"seat\": {\"paid\": true}}}}", &error));
    OK(nirvana_get_organization_membership(client, "org_2", "mem_9", NULL, NULL, &json, &error));
    show(json, "\"seat\":{\"paid\":true}");
}

static void errors(void) {
    const char *once = "{\"max_retries\": 0}";
    OK(nirvana_sandbox_next(sandbox, "{\"respond\": {\"status\": 429, \"headers\": {\"retry-after\":"
        " \"7\", \"x-request-id\": \"req_7\"}, \"body\": {\"message\": \"slow\", \"code\": \"busy\"}}}",
        &error));
    FAILS(nirvana_get_organization(client, "org_2", once, NULL, &json, &error), NIRVANA_STATUS, "slow",
          error->retryable && error->retry_after_ms == 7000 && !strcmp(error->request_id, "req_7")
          && !strcmp(error->server_code, "busy"));
    OK(nirvana_sandbox_next(sandbox, "{\"respond\": {\"status\": 200, \"body\": {}}}", &error));
    FAILS(nirvana_get_organization(client, "org_2", NULL, NULL, &json, &error), NIRVANA_DECODE, "id",
          error->status == 200);
    /* The first request is served, and the second fails. */
    OK(nirvana_sandbox_next(sandbox, "\"pass\"", &error));
    OK(nirvana_sandbox_next(sandbox, "{\"fail\": 500}", &error));
    OK(nirvana_get_organization(client, "org_2", NULL, NULL, &json, &error));
    show(json, "Umbrella");
    FAILS(nirvana_create_organization(client, "{\"name\": \"Hooli\"}", NULL, NULL, &json, &error),
          NIRVANA_STATUS, "500", error->may_have_been_processed && !error->retryable);
    /* The response is lost: check whether the organization exists before creating it again. */
    OK(nirvana_sandbox_next(sandbox, "\"drop_response\"", &error));
    FAILS(nirvana_create_organization(client, "{\"name\": \"Hooli\"}", NULL, NULL, &json, &error),
          NIRVANA_CLOSED, "", error->may_have_been_processed && error->status == 0);
    OK(nirvana_sandbox_next(sandbox, "\"refuse\"", &error));
    FAILS(nirvana_create_organization(client, "{\"name\": \"Hooli\"}", once, NULL, &json, &error),
          NIRVANA_CONNECT, "", !error->may_have_been_processed && error->retryable);
    /* With an Idempotency-Key, a create is retried too. */
    OK(nirvana_sandbox_next(sandbox, "{\"fail\": 503}", &error));
    OK(nirvana_create_organization(client, "{\"name\": \"Hooli\"}",
                                   "{\"headers\": {\"Idempotency-Key\": \"7\"}}", NULL, &json, &error));
    show(json, "Hooli");
    OK(nirvana_sandbox_next(sandbox, "{\"delay_ms\": 60000}", &error));
    FAILS(nirvana_get_organization(client, "org_2", "{\"deadline_ms\": 200}", NULL, &json, &error),
          NIRVANA_DEADLINE, "", error->attempts == 1);
    nirvana_cancel_token *token = nirvana_cancel_token_new();
    nirvana_cancel_token_cancel(token);
    FAILS(nirvana_get_organization(client, "org_2", NULL, token, &json, &error), NIRVANA_CANCELLED,
          "", !error->retryable);
    nirvana_cancel_token_free(token);
}

/* Makes a client of the real API. Nothing is sent before its first call. */
static void real_client(void) {
    nirvana_client *real = NULL;
    OK(nirvana_client_new(
        "{\"api_key\": \"nl_key\", \"base_url\": \"https://api.example.com/nirvana\","
        " \"allow_http\": false, \"user_agent\": \"walkthrough/1.0\", \"timeout_ms\": 20000,"
        " \"connect_timeout_ms\": 3000, \"total_timeout_ms\": 90000, \"max_retries\": 4,"
        " \"max_retry_wait_ms\": 10000, \"max_body_bytes\": 1048576, \"no_proxy\": null,"
        " \"headers\": {\"X-Team\": \"platform\"}, \"proxy\": \"http://proxy.example.com:3128\"}",
        &real, &error));
    nirvana_client_free(real);
    unsetenv("NIRVANA_LABS_API_KEY");
    FAILS(nirvana_client_from_env(NULL, &real, &error), NIRVANA_CONFIG, "NIRVANA_LABS_API_KEY",
          real == NULL);
    OK(nirvana_client_from_env("{\"api_key\": \"nl_key\"}", &real, &error));
    nirvana_client_free(real);
}

int main(void) {
    printf("nirvana_labs %s\n", nirvana_version());
    sandbox = nirvana_sandbox_new();
    OK(nirvana_sandbox_client(sandbox, NULL, &client, &error));
    organizations();
    addresses();
    memberships();
    resume();
    any_endpoint();
    errors();
    real_client();
    nirvana_client_free(client);
    nirvana_sandbox_free(sandbox);
    puts("done");
    return 0;
}
