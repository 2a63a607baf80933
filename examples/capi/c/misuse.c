/* What is wrong with an argument is an error that names it, and never a crash: NULL where nothing
 * may be NULL, text that is not UTF-8, JSON that is not what the function takes. */
#include "common.h"

#define BAD "abc\xff"

static int calls;
static nirvana_client *c, *made;
static nirvana_list *list;
static const char *json;

/* Refused with this message. `empty` says that the result, which held garbage, is empty now. */
#define REFUSED(call, message_, empty)                                               \
    do {                                                                             \
        nirvana_error *error = NULL;                                                 \
        json = (void *)&calls, made = (void *)&calls, list = (void *)&calls;         \
        CHECK((call) == NIRVANA_INVALID_ARGUMENT && (empty));                        \
        if (strcmp(error->message, message_) != 0) puts(error->message);             \
        CHECK(strcmp(error->message, message_) == 0);                                \
        CHECK(error->code == NIRVANA_INVALID_ARGUMENT && error->attempts == 0);      \
        CHECK(!error->retryable && !error->may_have_been_processed);                 \
        CHECK(error->status == 0 && error->retry_after_ms == -1);                    \
        CHECK(error->request_id == NULL && error->server_code == NULL);              \
        nirvana_error_free(error);                                                   \
        calls++;                                                                     \
    } while (0)
#define ABSENT(call, name, empty) REFUSED(call, name " is NULL", empty)
#define NOT_UTF8(call, name, empty) REFUSED(call, name " is not UTF-8 at byte 3", empty)
/* `it` is an argument that must be there and be UTF-8. */
#define TEXT(call, name, empty)                                                      \
    do {                                                                             \
        const char *it = NULL;                                                       \
        ABSENT(call, name, empty);                                                   \
        it = BAD;                                                                    \
        NOT_UTF8(call, name, empty);                                                 \
    } while (0)
/* What all endpoints have in common; the arguments are those before the options. */
#define ENDPOINT(function, out, result, ...)                                         \
    do {                                                                             \
        ABSENT(function(NULL, __VA_ARGS__, NULL, NULL, out, &error), "client", result == NULL); \
        ABSENT(function(c, __VA_ARGS__, NULL, NULL, NULL, &error), #result, true);   \
        NOT_UTF8(function(c, __VA_ARGS__, BAD, NULL, out, &error), "options", result == NULL);  \
    } while (0)

static void endpoints(void) {
    ENDPOINT(nirvana_create_organization, &json, json, "{\"name\": \"a\"}");
    ENDPOINT(nirvana_get_organization, &json, json, "id");
    ENDPOINT(nirvana_update_organization, &json, json, "id", "{}");
    ENDPOINT(nirvana_get_organization_membership, &json, json, "id", "m");
    ENDPOINT(nirvana_create_organization_address, &json, json, "id",
             "{\"city\": \"a\", \"country\": \"b\", \"line1\": \"c\", \"postal_code\": \"d\"}");
    ENDPOINT(nirvana_get_organization_address, &json, json, "id");
    ENDPOINT(nirvana_update_organization_address, &json, json, "id", "{}");
    ENDPOINT(nirvana_list_organizations, &list, list, NULL);
    ENDPOINT(nirvana_list_organization_memberships, &list, list, "id", NULL);
    ENDPOINT(nirvana_request, &json, json, "GET", "/a", NULL, NULL);
    ABSENT(nirvana_leave_organization(NULL, "id", NULL, NULL, &error), "client", true);
    NOT_UTF8(nirvana_leave_organization(c, "id", BAD, NULL, &error), "options", true);
#define CALL(name, function, ...) TEXT(function(c, __VA_ARGS__, NULL, NULL, &json, &error), name, json == NULL)
    CALL("params", nirvana_create_organization, it);
    CALL("organization_id", nirvana_get_organization, it);
    CALL("organization_id", nirvana_update_organization, it, "{}");
    CALL("params", nirvana_update_organization, "id", it);
    CALL("organization_id", nirvana_get_organization_membership, it, "m");
    CALL("membership_id", nirvana_get_organization_membership, "id", it);
    CALL("organization_id", nirvana_create_organization_address, it, "{}");
    CALL("params", nirvana_create_organization_address, "id", it);
    CALL("organization_id", nirvana_get_organization_address, it);
    CALL("organization_id", nirvana_update_organization_address, it, "{}");
    CALL("params", nirvana_update_organization_address, "id", it);
    CALL("method", nirvana_request, it, "/a", NULL, NULL);
    CALL("path", nirvana_request, "GET", it, NULL, NULL);
    TEXT(nirvana_leave_organization(c, it, NULL, NULL, &error), "organization_id", true);
    TEXT(nirvana_list_organization_memberships(c, it, NULL, NULL, NULL, &list, &error),
         "organization_id", list == NULL);
    NOT_UTF8(nirvana_list_organizations(c, BAD, NULL, NULL, &list, &error), "params", list == NULL);
    NOT_UTF8(nirvana_request(c, "GET", "/a", BAD, NULL, NULL, NULL, &json, &error), "query", true);
    NOT_UTF8(nirvana_request(c, "PUT", "/a", NULL, BAD, NULL, NULL, &json, &error), "body", true);
}

static void handles(nirvana_sandbox *s, nirvana_list *l) {
    ABSENT(nirvana_list_next(NULL, &json, &error), "list", json == NULL);
    ABSENT(nirvana_list_next(l, NULL, &error), "json", true);
    ABSENT(nirvana_list_position(NULL, &json, &error), "list", json == NULL);
    ABSENT(nirvana_list_position(l, NULL, &error), "json", true);
    ABSENT(nirvana_client_new("{}", NULL, &error), "client", true);
    NOT_UTF8(nirvana_client_new(BAD, &made, &error), "options", made == NULL);
    ABSENT(nirvana_client_from_env(NULL, NULL, &error), "client", true);
    NOT_UTF8(nirvana_client_from_env(BAD, &made, &error), "options", made == NULL);
    ABSENT(nirvana_sandbox_client(NULL, NULL, &made, &error), "sandbox", made == NULL);
    ABSENT(nirvana_sandbox_client(s, NULL, NULL, &error), "client", true);
    NOT_UTF8(nirvana_sandbox_client(s, BAD, &made, &error), "options", made == NULL);
    ABSENT(nirvana_sandbox_add_user(NULL, "key", &json, &error), "sandbox", json == NULL);
    ABSENT(nirvana_sandbox_add_user(s, "key", NULL, &error), "user_id", true);
    TEXT(nirvana_sandbox_add_user(s, it, &json, &error), "api_key", json == NULL);
    ABSENT(nirvana_sandbox_add_member(NULL, "o", "u", "r", &json, &error), "sandbox", json == NULL);
    ABSENT(nirvana_sandbox_add_member(s, "o", "u", "r", NULL, &error), "json", true);
    TEXT(nirvana_sandbox_add_member(s, it, "u", "r", &json, &error), "organization_id", json == NULL);
    TEXT(nirvana_sandbox_add_member(s, "o", it, "r", &json, &error), "user_id", json == NULL);
    TEXT(nirvana_sandbox_add_member(s, "o", "u", it, &json, &error), "role", json == NULL);
    ABSENT(nirvana_sandbox_requests(NULL, &json, &error), "sandbox", json == NULL);
    ABSENT(nirvana_sandbox_requests(s, NULL, &error), "json", true);
    ABSENT(nirvana_sandbox_next(NULL, "\"pass\"", &error), "sandbox", true);
    TEXT(nirvana_sandbox_next(s, it, &error), "script", true);
    ABSENT(nirvana_cancel_token_cancel(NULL, &error), "token", true);
    CHECK(!nirvana_cancel_token_is_cancelled(NULL));
    nirvana_string_free(NULL);
    nirvana_error_free(NULL);
    nirvana_client_free(NULL);
    nirvana_cancel_token_free(NULL);
    nirvana_list_free(NULL);
    nirvana_sandbox_free(NULL);
}

/* Wrong JSON is an error with the name of the field, and without its value. */
static void wrong_json(void) {
#define CLIENT(options, message) REFUSED(nirvana_client_new(options, &made, &error), message, made == NULL)
    CLIENT("{\"api_key\": 7}", "options.api_key: expected a string");
    CLIENT("{\"timeout_ms\": \"nl_key\"}", "options.timeout_ms: expected a whole number, not below 0");
    CLIENT("{\"timeout_ms\": 1.5}", "options.timeout_ms: expected a whole number, not below 0");
    CLIENT("{\"max_retries\": -1}", "options.max_retries: expected a whole number from 0 to 4294967295");
    CLIENT("{\"no_proxy\": 1}", "options.no_proxy: expected true or false");
    CLIENT("{\"headers\": \"X: nl_key\"}", "options.headers: expected an object");
    CLIENT("{\"headers\": {\"X\": 1}}", "options.headers.X: expected a string");
    CLIENT("[\"nl_key\"]", "options: expected an object, not an array");
    CLIENT("\"nl_key\"", "options: expected an object");
    CLIENT("{} x", "options: trailing characters at line 1 column 4");
    CLIENT("{\"api_key\": \"a\", \"api_key\": \"b\"}", "options: duplicate field `api_key` at line 1 column 26");
#define OPTIONS(options, message)                                                    \
    REFUSED(nirvana_get_organization(c, "id", options, NULL, &json, &error), message, json == NULL)
    OPTIONS("{\"base_url\": \"a\"}",
            "options: unknown field `base_url`, expected one of `api_key`, `timeout_ms`, "
            "`total_timeout_ms`, `deadline_ms`, `max_retries`, `headers`, `query`, "
            "`idempotency_key` at line 1 column 11");
    OPTIONS("{\"query\": {\"a\": [null]}}",
            "options.query.a: expected a string, a number, true, false, or an array of these");
    REFUSED(nirvana_list_organizations(c, "{\"limit\": true}", NULL, NULL, &list, &error),
            "params.limit: expected a whole number from 0 to 4294967295", list == NULL);
    REFUSED(nirvana_update_organization(c, "id", "{\"nom\": \"a\"}", NULL, NULL, &json, &error),
            "params: unknown field `nom`, expected `name` or `billing_email` at line 1 column 6",
            json == NULL);
    REFUSED(nirvana_request(c, "GET", "/a?b=c", NULL, NULL, NULL, NULL, &json, &error),
            "path: it has a query or a fragment; use the argument query, or write %3F or %23", true);
    REFUSED(nirvana_request(c, "PUT", "/a", NULL, "{,}", NULL, NULL, &json, &error),
            "body: key must be a string at line 1 column 2", true);
}

/* What the crate says to Rust programmers is said in words of C. */
static void words(nirvana_sandbox *s) {
#define SETTING(options, words) FAILS(nirvana_client_new(options, &made, &error), NIRVANA_CONFIG, words, made == NULL)
    SETTING(NULL, "set the option api_key, or set NIRVANA_LABS_API_KEY and use nirvana_client_from_env");
    SETTING("{\"api_key\": \"\"}", "empty");
    SETTING("{\"api_key\": \"k\", \"base_url\": \"http://a.example\"}", "set the option allow_http to true");
    SETTING("{\"api_key\": \"k\", \"proxy\": \"socks5://a\"}", "the option no_proxy");
    SETTING("{\"api_key\": \"k\", \"root_certificate_pem\": \"?\"}", "certificate");
    SETTING("{\"api_key\": \"k\", \"headers\": {\"Authorization\": \"?\"}}", "set by the option api_key");
    FAILS(nirvana_sandbox_client(s, "{\"proxy\": \"http://a\"}", &made, &error), NIRVANA_CONFIG, "proxy", made == NULL);
}

int main(void) {
    nirvana_list *ready = NULL;
    nirvana_sandbox *sandbox = nirvana_sandbox_new();
    OK(nirvana_sandbox_client(sandbox, "", &c, &error));
    OK(nirvana_list_organizations(c, "null", "{\"timeout_ms\": null}", NULL, &ready, &error));
    endpoints();
    handles(sandbox, ready);
    wrong_json();
    words(sandbox);

    /* Nothing of all that was sent, and everything still works, without error too. */
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
