/* Passes invalid arguments: NULL, text that is not UTF-8, and wrong JSON. Each call returns an
 * error that names the argument. Nothing crashes, and nothing is sent. */
#include "common.h"

static int calls;
static nirvana_client *c, *made;
static nirvana_list *list;
static const char *json;

/* Checks that a call is refused with this message, and sets its result, if any, to NULL. */
#define REFUSED(call, wanted)                                                        \
    do {                                                                             \
        nirvana_error *error = NULL;                                                 \
        int results = strstr(#call, "&json") || strstr(#call, "&made") || strstr(#call, "&list"); \
        json = (void *)&calls, made = (void *)&calls, list = (void *)&calls;         \
        CHECK((call) == NIRVANA_INVALID_ARGUMENT);                                   \
        CHECK((json == NULL) + (made == NULL) + (list == NULL) == results);          \
        if (strcmp(error->message, wanted) != 0) FAIL(error->message);               \
        CHECK(error->code == NIRVANA_INVALID_ARGUMENT && error->attempts == 0);      \
        CHECK(!error->retryable && !error->may_have_been_processed && error->status == 0); \
        CHECK(error->retry_after_ms == -1 && !error->request_id && !error->server_code);   \
        nirvana_error_free(error);                                                   \
        calls++;                                                                     \
    } while (0)
#define ABSENT(call, name) REFUSED(call, name " is NULL")
#define BAD "abc\xff"
#define NOT_UTF8(call, name) REFUSED(call, name " is not UTF-8 at byte 3")
/* Tests one argument, `it`, which must be UTF-8 and not NULL. */
#define TEXT(call, name)                                                             \
    do {                                                                             \
        const char *it = NULL;                                                       \
        ABSENT(call, name);                                                          \
        it = BAD;                                                                    \
        NOT_UTF8(call, name);                                                        \
    } while (0)
/* Tests the arguments that all endpoints have. `...` are the arguments before the options. */
#define ENDPOINT(function, out, result, ...)                                         \
    do {                                                                             \
        ABSENT(function(NULL, __VA_ARGS__, NULL, NULL, out, &error), "client");      \
        ABSENT(function(c, __VA_ARGS__, NULL, NULL, NULL, &error), result);          \
        NOT_UTF8(function(c, __VA_ARGS__, BAD, NULL, out, &error), "options");       \
    } while (0)
/* Tests one argument, `it`, of an endpoint. */
#define ARGUMENT(name, function, ...) TEXT(function(c, __VA_ARGS__, NULL, NULL, &json, &error), name)

static void endpoints(void) {
    ENDPOINT(nirvana_create_organization, &json, "json", "{\"name\": \"a\"}");
    ARGUMENT("params", nirvana_create_organization, it);
    ENDPOINT(nirvana_get_organization, &json, "json", "id");
    ARGUMENT("organization_id", nirvana_get_organization, it);
    ENDPOINT(nirvana_update_organization, &json, "json", "id", "{}");
    ARGUMENT("organization_id", nirvana_update_organization, it, "{}");
    ARGUMENT("params", nirvana_update_organization, "id", it);
    ENDPOINT(nirvana_get_organization_membership, &json, "json", "id", "m");
    ARGUMENT("organization_id", nirvana_get_organization_membership, it, "m");
    ARGUMENT("membership_id", nirvana_get_organization_membership, "id", it);
    ENDPOINT(nirvana_create_organization_address, &json, "json", "id", "{}");
    ARGUMENT("organization_id", nirvana_create_organization_address, it, "{}");
    ARGUMENT("params", nirvana_create_organization_address, "id", it);
    ENDPOINT(nirvana_get_organization_address, &json, "json", "id");
    ARGUMENT("organization_id", nirvana_get_organization_address, it);
    ENDPOINT(nirvana_update_organization_address, &json, "json", "id", "{}");
    ARGUMENT("organization_id", nirvana_update_organization_address, it, "{}");
    ARGUMENT("params", nirvana_update_organization_address, "id", it);
    ENDPOINT(nirvana_request, &json, "json", "GET", "/a", NULL, NULL);
    ARGUMENT("method", nirvana_request, it, "/a", NULL, NULL);
    ARGUMENT("path", nirvana_request, "GET", it, NULL, NULL);
    NOT_UTF8(nirvana_request(c, "GET", "/a", BAD, NULL, NULL, NULL, &json, &error), "query");
    NOT_UTF8(nirvana_request(c, "PUT", "/a", NULL, BAD, NULL, NULL, &json, &error), "body");
    ENDPOINT(nirvana_list_organizations, &list, "list", NULL);
    NOT_UTF8(nirvana_list_organizations(c, BAD, NULL, NULL, &list, &error), "params");
    ENDPOINT(nirvana_list_organization_memberships, &list, "list", "id", NULL);
    TEXT(nirvana_list_organization_memberships(c, it, NULL, NULL, NULL, &list, &error), "organization_id");
    ABSENT(nirvana_leave_organization(NULL, "id", NULL, NULL, &error), "client");
    TEXT(nirvana_leave_organization(c, it, NULL, NULL, &error), "organization_id");
    NOT_UTF8(nirvana_leave_organization(c, "id", BAD, NULL, &error), "options");
}

static void handles(nirvana_sandbox *s, nirvana_list *l) {
    ABSENT(nirvana_list_next(NULL, &json, &error), "list");
    ABSENT(nirvana_list_next(l, NULL, &error), "json");
    ABSENT(nirvana_list_resume(NULL, &json, &error), "list");
    ABSENT(nirvana_list_resume(l, NULL, &error), "json");
    ABSENT(nirvana_client_new("{}", NULL, &error), "client");
    NOT_UTF8(nirvana_client_new(BAD, &made, &error), "options");
    ABSENT(nirvana_client_from_env(NULL, NULL, &error), "client");
    NOT_UTF8(nirvana_client_from_env(BAD, &made, &error), "options");
    ABSENT(nirvana_sandbox_client(NULL, NULL, &made, &error), "sandbox");
    ABSENT(nirvana_sandbox_client(s, NULL, NULL, &error), "client");
    NOT_UTF8(nirvana_sandbox_client(s, BAD, &made, &error), "options");
    ABSENT(nirvana_sandbox_add_user(NULL, "key", &json, &error), "sandbox");
    ABSENT(nirvana_sandbox_add_user(s, "key", NULL, &error), "user_id");
    TEXT(nirvana_sandbox_add_user(s, it, &json, &error), "api_key");
    ABSENT(nirvana_sandbox_add_member(NULL, "o", "u", "r", &json, &error), "sandbox");
    ABSENT(nirvana_sandbox_add_member(s, "o", "u", "r", NULL, &error), "json");
    TEXT(nirvana_sandbox_add_member(s, it, "u", "r", &json, &error), "organization_id");
    TEXT(nirvana_sandbox_add_member(s, "o", it, "r", &json, &error), "user_id");
    TEXT(nirvana_sandbox_add_member(s, "o", "u", it, &json, &error), "role");
    ABSENT(nirvana_sandbox_requests(NULL, &json, &error), "sandbox");
    ABSENT(nirvana_sandbox_requests(s, NULL, &error), "json");
    ABSENT(nirvana_sandbox_next(NULL, "\"pass\"", &error), "sandbox");
    TEXT(nirvana_sandbox_next(s, it, &error), "script");
    CHECK(!nirvana_cancel_token_is_cancelled(NULL) && nirvana_list_total_count(NULL) == -1);
    nirvana_cancel_token_cancel(NULL);
    nirvana_string_free(NULL);
    nirvana_error_free(NULL);
    nirvana_client_free(NULL);
    nirvana_cancel_token_free(NULL);
    nirvana_list_free(NULL);
    nirvana_sandbox_free(NULL);
}

#define CLIENT(options, message) REFUSED(nirvana_client_new(options, &made, &error), message)
#define LIMIT(json_)                                                                 \
    REFUSED(nirvana_list_organizations(c, json_, NULL, NULL, &list, &error),         \
            "params.limit: expected a whole number from 1 to 4294967295")

/* Each error names the field and does not show its value. */
static void wrong_json(nirvana_sandbox *s) {
    CLIENT(NULL, "options: api_key is missing; set it, or use nirvana_client_from_env");
    CLIENT("{\"api_key\": 7}", "options.api_key: expected a string");
    CLIENT("{\"timeout_ms\": \"nl_key\"}", "options.timeout_ms: expected a whole number, 0 or more");
    CLIENT("{\"timeout_ms\": 1.5}", "options.timeout_ms: expected a whole number, 0 or more");
    CLIENT("{\"max_retries\": -1}", "options.max_retries: expected a whole number from 0 to 4294967295");
    CLIENT("{\"no_proxy\": 1}", "options.no_proxy: expected true or false");
    CLIENT("{\"headers\": \"X: nl_key\"}", "options.headers: expected an object");
    CLIENT("{\"headers\": {\"X\": 1}}", "options.headers.X: expected a string");
    CLIENT("[\"nl_key\"]", "options: expected an object, not an array");
    CLIENT("\"nl_key\"", "options: expected an object");
    CLIENT("{} x", "options: trailing characters at line 1 column 4");
    CLIENT("{\"api_key\": \"a\", \"api_key\": \"b\"}", "options: duplicate field `api_key` at line 1 column 26");
    REFUSED(nirvana_get_organization(c, "id", "{\"base_url\": \"a\"}", NULL, &json, &error),
            "options: unknown field `base_url`, expected one of `api_key`, `timeout_ms`, "
            "`total_timeout_ms`, `deadline_ms`, `max_retries`, `headers`, `query` at line 1 column 11");
    REFUSED(nirvana_get_organization(c, "id", "{\"query\": {\"a\": [null]}}", NULL, &json, &error),
            "options.query.a: expected a string, a number, true, false, or an array of these");
    LIMIT("{\"limit\": true}");
    LIMIT("{\"limit\": -1}");
    LIMIT("{\"limit\": 0}");
    REFUSED(nirvana_update_organization(c, "id", "{\"nom\": \"a\"}", NULL, NULL, &json, &error),
            "params: unknown field `nom`, expected `name` or `billing_email` at line 1 column 6");
    REFUSED(nirvana_request(c, "G T", "/a", NULL, NULL, NULL, NULL, &json, &error),
            "method: expected GET, POST or another HTTP method");
    REFUSED(nirvana_request(c, "GET", "/a?b=c", NULL, NULL, NULL, NULL, &json, &error),
            "path: it has a query or a fragment; use the argument query, or write %3F or %23");
    REFUSED(nirvana_request(c, "GET", "/%ff", NULL, NULL, NULL, NULL, &json, &error),
            "path: a percent-encoded character is not UTF-8");
    REFUSED(nirvana_request(c, "PUT", "/a", NULL, "{,}", NULL, NULL, &json, &error),
            "body: key must be a string at line 1 column 2");
    REFUSED(nirvana_sandbox_next(s, "{\"respond\": {\"status\": 7}}", &error),
            "script.respond: invalid status code");
}

#define SETTING(options, words) FAILS(nirvana_client_new(options, &made, &error), NIRVANA_CONFIG, words, made == NULL)

/* Messages name the options as C programs write them. */
static void settings(nirvana_sandbox *s) {
    SETTING("{\"api_key\": \"\"}", "API key");
    SETTING("{\"api_key\": \"k\", \"base_url\": \"http://a.example\"}", "the option allow_http");
    SETTING("{\"api_key\": \"k\", \"proxy\": \"socks5://a\"}", "the option no_proxy");
    SETTING("{\"api_key\": \"k\", \"root_certificate_pem\": \"?\"}", "");
    SETTING("{\"api_key\": \"k\", \"headers\": {\"Authorization\": \"?\"}}", "the option api_key");
    SETTING("{\"api_key\": \"k\", \"headers\": {\"Idempotency-Key\": \"?\"}}", "the call option headers");
    FAILS(nirvana_sandbox_client(s, "{\"proxy\": \"http://a\"}", &made, &error), NIRVANA_CONFIG, "",
          made == NULL);
}

int main(void) {
    nirvana_list *ready = NULL;
    nirvana_sandbox *sandbox = nirvana_sandbox_new();
    OK(nirvana_sandbox_client(sandbox, "", &c, &error));
    OK(nirvana_list_organizations(c, "null", "{\"timeout_ms\": null}", NULL, &ready, &error));
    endpoints();
    handles(sandbox, ready);
    wrong_json(sandbox);
    settings(sandbox);

    /* No request was sent, and everything still works, also without an error pointer. */
    OK(nirvana_sandbox_requests(sandbox, &json, &error));
    show(json, "[]");
    CHECK(nirvana_get_organization(c, "", NULL, NULL, &json, NULL) == NIRVANA_REQUEST);
    CHECK(nirvana_list_next(ready, &json, NULL) == NIRVANA_OK && json == NULL);
    nirvana_list_free(ready);
    nirvana_client_free(c);
    nirvana_sandbox_free(sandbox);
    printf("%d calls refused\n", calls);
    return 0;
}
