/* C interface to the Nirvana Labs Organizations API. Generated from src/: see README.md. */

#ifndef NIRVANA_LABS_H
#define NIRVANA_LABS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Calls. Every function that can fail returns a nirvana_code. Where that is not NIRVANA_OK, its
 * result is NULL, and *error tells more; error may be NULL to get only the code. What was in a
 * result or in *error before is overwritten, not freed.
 *
 * Text is UTF-8 and ends in NUL. What goes in is copied. NULL is for options, cancel and error,
 * and where a description says so; any other NULL, and text that is not UTF-8, is
 * NIRVANA_INVALID_ARGUMENT, and nothing is sent. JSON is as strict: an unknown field and a value
 * of the wrong type are errors that name it. What the server sends comes out whole, fields that
 * this library does not know included.
 *
 * Memory. The caller frees what it gets: text with nirvana_string_free, a handle or an error
 * with its own _free function, once, and while no other thread uses it. Never free().
 *
 * Threads. Clients, sandboxes, cancel tokens and lists may be used by any number of threads at
 * once: calls on one client run side by side, those on one list take turns. Calls block.
 *
 * fork. A forked child must make a client of its own, and must not use, or free, a client or a
 * list of its parent: it would write into the parent's connections.
 *
 * Options. Those of a client (nirvana_client_new and the like) are a JSON object with any of
 *   api_key, base_url     text; "https://api.nirvanalabs.io" unless set
 *   allow_http            true lets plain http go to other hosts than this machine, key included
 *   user_agent            text, "my-tool/1.0"
 *   timeout_ms            of one attempt, to the last byte of the body; 60000 unless set
 *   connect_timeout_ms    of opening a connection: DNS, TCP, proxy and TLS; 10000 unless set
 *   total_timeout_ms      of a call, or a page of a list, with all attempts and waits; none unless
 *                         set
 *   max_retries           attempts after the first; 2 unless set
 *   max_retry_wait_ms     the longest wait that a server may ask for; 60000 unless set
 *   max_body_bytes        of a response, decompressed; 10485760 unless set
 *   headers               an object of text: {"X-Team": "platform"}
 *   proxy                 "http://user:password@host:port"; unless set, the environment's
 *   no_proxy              true goes through no proxy, whatever the environment says
 *   root_certificate_pem  certificates to trust, in place of the built-in list
 * and those of a call are one with any of
 *   api_key, timeout_ms, total_timeout_ms, max_retries, headers
 *                         as above, for this call
 *   deadline_ms           of the call, or of all pages of a list, counted from now
 *   query                 an object of text, numbers, true, false, or arrays of these
 *   idempotency_key       new for each thing to be done; with it, a POST is retried like a GET.
 *                         Set it only for a server that honours it
 * A field that is null is treated as unset, and NULL and "" are no options.
 *
 * A cancel token (NULL for none) ends the call from another thread.
 */

/**
 * Ends calls from another thread. Give it to any number of calls; others go on undisturbed.
 */
typedef struct nirvana_cancel_token nirvana_cancel_token;

/**
 * A client of the API. Any number of threads may make calls with it at once; they share its
 * connections. A forked child must make a client of its own.
 */
typedef struct nirvana_client nirvana_client;

/**
 * A list, which fetches a page when it runs out of items. Threads that share one take turns.
 */
typedef struct nirvana_list nirvana_list;

/**
 * An in-memory mock of the API, for tests and demonstrations. It can be told to fail. Any
 * number of threads may use it at once.
 */
typedef struct nirvana_sandbox nirvana_sandbox;

/**
 * 0 for success, or why a call failed. Codes never change their meaning; later versions may
 * add some.
 */
typedef uint32_t nirvana_code;

/**
 * Why a call failed. Read it, do not write to it, and free it with nirvana_error_free. Later
 * versions may add fields at its end.
 */
typedef struct {
  /**
   * What the call also returned: one of the NIRVANA_ codes, never NIRVANA_OK.
   */
  nirvana_code code;
  /**
   * How many times the request was tried; 0 where nothing was sent.
   */
  uint32_t attempts;
  /**
   * How long the server asked to wait, in milliseconds; -1 where it did not say.
   */
  int64_t retry_after_ms;
  /**
   * Everything in one line, without secrets, for people. Never NULL.
   */
  const char *message;
  /**
   * The server's id of the request, to quote to its support; NULL where there is none.
   */
  const char *request_id;
  /**
   * The server's own code, from the `code` of its response; NULL where there is none.
   */
  const char *server_code;
  /**
   * The HTTP status of the response; 0 where there was none.
   */
  uint16_t status;
  /**
   * Whether the same call may succeed later, and cannot do harm by being made twice.
   */
  bool retryable;
  /**
   * Whether the server may have acted on the request. After true on a create, look before
   * creating again; false is a promise.
   */
  bool may_have_been_processed;
} nirvana_error;

/**
 * Success.
 */
#define NIRVANA_OK 0

/**
 * The key, the base URL, a header or another setting is invalid. Nothing was sent.
 */
#define NIRVANA_CONFIG 1

/**
 * An id, a limit or a body is invalid. Nothing was sent.
 */
#define NIRVANA_REQUEST 2

/**
 * The call's cancel token was cancelled.
 */
#define NIRVANA_CANCELLED 3

/**
 * The deadline, or the total timeout, passed.
 */
#define NIRVANA_DEADLINE 4

/**
 * The response is 2xx with a body that is not what the API schema says.
 */
#define NIRVANA_DECODE 5

/**
 * The server repeated a cursor of a list.
 */
#define NIRVANA_PAGINATION_CYCLE 6

/**
 * The response has a status outside 2xx: see `status` of the error.
 */
#define NIRVANA_API 7

/**
 * The DNS lookup of the host failed.
 */
#define NIRVANA_DNS 20

/**
 * The connection was refused, or the host cannot be reached.
 */
#define NIRVANA_CONNECT 21

/**
 * The connect timeout passed.
 */
#define NIRVANA_CONNECT_TIMEOUT 22

/**
 * The TLS handshake failed: certificate, host name, or no TLS at all.
 */
#define NIRVANA_TLS 23

/**
 * The proxy could not be reached, or refused.
 */
#define NIRVANA_PROXY 24

/**
 * The attempt took longer than its timeout.
 */
#define NIRVANA_TIMEOUT 25

/**
 * The connection was closed before a response.
 */
#define NIRVANA_CLOSED 26

/**
 * The response was cut short.
 */
#define NIRVANA_TRUNCATED 27

/**
 * The response was not valid HTTP.
 */
#define NIRVANA_PROTOCOL 28

/**
 * The response is larger than the limit.
 */
#define NIRVANA_TOO_LARGE 29

/**
 * No usable response came, for another reason.
 */
#define NIRVANA_TRANSPORT_OTHER 39

/**
 * An argument is NULL that must not be, is not UTF-8, or is not the JSON that the function
 * takes. Nothing was sent.
 */
#define NIRVANA_INVALID_ARGUMENT 100

/**
 * A bug in this library. The call was given up; the process goes on.
 */
#define NIRVANA_PANIC 101

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Frees an error, with its strings. NULL is fine.
 */
void nirvana_error_free(nirvana_error *error);

/**
 * Frees a string that this library returned. NULL is fine.
 */
void nirvana_string_free(const char *string);

/**
 * Returns the version of this library, "0.1.0" for example. It is not to be freed.
 */
const char *nirvana_version(void);

/**
 * Makes a client of the API. Nothing is sent before its first call. Free it with
 * nirvana_client_free.
 *
 * options: JSON, see "Options" above; api_key must be in it.
 */
nirvana_code nirvana_client_new(const char *options,
                                nirvana_client **client,
                                nirvana_error **error);

/**
 * Makes a client with the environment's settings: NIRVANA_LABS_API_KEY and, for another
 * server, NIRVANA_LABS_BASE_URL. What is in options goes before them.
 *
 * options: JSON, see "Options" above, or NULL.
 */
nirvana_code nirvana_client_from_env(const char *options,
                                     nirvana_client **client,
                                     nirvana_error **error);

/**
 * Frees a client. NULL is fine. No call with it may be under way; lists that it made go on.
 */
void nirvana_client_free(nirvana_client *client);

/**
 * Makes a token that is not cancelled. Free it with nirvana_cancel_token_free.
 */
nirvana_cancel_token *nirvana_cancel_token_new(void);

/**
 * Ends every call that has the token, now and in the future: each returns NIRVANA_CANCELLED,
 * a wait between attempts at once, a blocked read within a quarter of a second. It may be
 * called from any thread, and more than once.
 */
nirvana_code nirvana_cancel_token_cancel(const nirvana_cancel_token *token, nirvana_error **error);

/**
 * Returns whether the token was cancelled; false for NULL.
 */
bool nirvana_cancel_token_is_cancelled(const nirvana_cancel_token *token);

/**
 * Frees a token. NULL is fine. Calls and lists that were given it keep their own share of it.
 */
void nirvana_cancel_token_free(nirvana_cancel_token *token);

/**
 * Creates an organization, of which the caller becomes an owner.
 * POST /v1/organizations
 *
 * params: JSON with the string name and, if wanted, the string billing_email.
 * json: the new organization.
 */
nirvana_code nirvana_create_organization(const nirvana_client *client,
                                         const char *params,
                                         const char *options,
                                         const nirvana_cancel_token *cancel,
                                         const char **json,
                                         nirvana_error **error);

/**
 * Gets an organization.
 * GET /v1/organizations/{organization_id}
 */
nirvana_code nirvana_get_organization(const nirvana_client *client,
                                      const char *organization_id,
                                      const char *options,
                                      const nirvana_cancel_token *cancel,
                                      const char **json,
                                      nirvana_error **error);

/**
 * Updates an organization. What params leave out stays as it is.
 * PATCH /v1/organizations/{organization_id}
 *
 * params: JSON with any of the string name, and billing_email: a string, or null to clear it.
 * json: the organization after the change.
 */
nirvana_code nirvana_update_organization(const nirvana_client *client,
                                         const char *organization_id,
                                         const char *params,
                                         const char *options,
                                         const nirvana_cancel_token *cancel,
                                         const char **json,
                                         nirvana_error **error);

/**
 * Leaves an organization: ends the caller's own membership.
 * POST /v1/organizations/{organization_id}/leave
 */
nirvana_code nirvana_leave_organization(const nirvana_client *client,
                                        const char *organization_id,
                                        const char *options,
                                        const nirvana_cancel_token *cancel,
                                        nirvana_error **error);

/**
 * Gets a membership of an organization.
 * GET /v1/organizations/{organization_id}/memberships/{membership_id}
 */
nirvana_code nirvana_get_organization_membership(const nirvana_client *client,
                                                 const char *organization_id,
                                                 const char *membership_id,
                                                 const char *options,
                                                 const nirvana_cancel_token *cancel,
                                                 const char **json,
                                                 nirvana_error **error);

/**
 * Creates the address of an organization that has none yet.
 * POST /v1/organizations/{organization_id}/address
 *
 * params: JSON with the strings city, country, line1 and postal_code and, if wanted, line2,
 * state, tax_id and tax_id_type.
 * json: the new address.
 */
nirvana_code nirvana_create_organization_address(const nirvana_client *client,
                                                 const char *organization_id,
                                                 const char *params,
                                                 const char *options,
                                                 const nirvana_cancel_token *cancel,
                                                 const char **json,
                                                 nirvana_error **error);

/**
 * Gets the address of an organization.
 * GET /v1/organizations/{organization_id}/address
 */
nirvana_code nirvana_get_organization_address(const nirvana_client *client,
                                              const char *organization_id,
                                              const char *options,
                                              const nirvana_cancel_token *cancel,
                                              const char **json,
                                              nirvana_error **error);

/**
 * Updates the address of an organization. What params leave out stays as it is.
 * PATCH /v1/organizations/{organization_id}/address
 *
 * params: JSON with any of the strings city, country, line1 and postal_code, and of line2,
 * state, tax_id and tax_id_type: each a string, or null to clear it.
 * json: the address after the change.
 */
nirvana_code nirvana_update_organization_address(const nirvana_client *client,
                                                 const char *organization_id,
                                                 const char *params,
                                                 const char *options,
                                                 const nirvana_cancel_token *cancel,
                                                 const char **json,
                                                 nirvana_error **error);

/**
 * Lists the organizations that the caller belongs to. Nothing is sent before the first
 * nirvana_list_next. Free the list with nirvana_list_free.
 * GET /v1/organizations
 *
 * params: JSON with any of limit, the most items of a page (the list has all items either way),
 * and cursor, where to begin: next_cursor from nirvana_list_position. NULL for all items.
 */
nirvana_code nirvana_list_organizations(const nirvana_client *client,
                                        const char *params,
                                        const char *options,
                                        const nirvana_cancel_token *cancel,
                                        nirvana_list **list,
                                        nirvana_error **error);

/**
 * Lists the memberships of an organization, as nirvana_list_organizations does its items.
 * GET /v1/organizations/{organization_id}/memberships
 */
nirvana_code nirvana_list_organization_memberships(const nirvana_client *client,
                                                   const char *organization_id,
                                                   const char *params,
                                                   const char *options,
                                                   const nirvana_cancel_token *cancel,
                                                   nirvana_list **list,
                                                   nirvana_error **error);

/**
 * Gets the next item of a list, and the next page if need be.
 *
 * json: the item, or NULL at the end of the list. After an error the list is at its end too,
 * and next_cursor of nirvana_list_position is that of the page that failed.
 */
nirvana_code nirvana_list_next(const nirvana_list *list,
                               const char **json,
                               nirvana_error **error);

/**
 * Gets where a list stands, to show progress, or to go on from there another day.
 *
 * json: {"page_cursor": "...", "next_cursor": "...", "items_left_on_page": 0, "total_count": 7}.
 * Give page_cursor as the cursor of a new list to read the current page again from its start,
 * and next_cursor to go on after it. page_cursor is null on the first page, next_cursor before
 * it and after the last, total_count before the first.
 */
nirvana_code nirvana_list_position(const nirvana_list *list,
                                   const char **json,
                                   nirvana_error **error);

/**
 * Frees a list, at its end or before. NULL is fine.
 */
void nirvana_list_free(nirvana_list *list);

/**
 * Sends a request to any endpoint, with the client's key, retries, limits and errors. It is
 * also how to see the status and the headers of a response.
 *
 * method: GET, POST, PATCH and so on.
 * path: as in a URL, without the base URL: "/v1/organizations/org_1". It is split at every "/",
 * and each segment is percent-encoded as far as it is not yet: in an id that you do not trust,
 * write %2F for "/". An empty segment, "." and ".." are errors, and so are "?" and "#".
 * query: JSON, {"limit": 5, "tag": ["a", "b"]}, or NULL. body: JSON, sent as it is, or NULL.
 * json: {"status": 200, "request_id": ..., "headers": {"date": ...}, "body": ...}; the names of
 * headers are in lower case, and body is null where there was none.
 */
nirvana_code nirvana_request(const nirvana_client *client,
                             const char *method,
                             const char *path,
                             const char *query,
                             const char *body,
                             const char *options,
                             const nirvana_cancel_token *cancel,
                             const char **json,
                             nirvana_error **error);

/**
 * Makes an empty sandbox, which knows one user: whoever calls. Free it with
 * nirvana_sandbox_free.
 */
nirvana_sandbox *nirvana_sandbox_new(void);

/**
 * Makes a client of the sandbox. It sends nothing to any network.
 *
 * options: JSON as for nirvana_client_new, or NULL. Their api_key says which user calls: one
 * from nirvana_sandbox_add_user, and with any other key or none the first.
 */
nirvana_code nirvana_sandbox_client(const nirvana_sandbox *sandbox,
                                    const char *options,
                                    nirvana_client **client,
                                    nirvana_error **error);

/**
 * Adds a user, known by this key from now on.
 *
 * user_id: the id of the user.
 */
nirvana_code nirvana_sandbox_add_user(const nirvana_sandbox *sandbox,
                                      const char *api_key,
                                      const char **user_id,
                                      nirvana_error **error);

/**
 * Makes a user a member of an organization.
 *
 * role: "owner" or "member". json: the membership.
 */
nirvana_code nirvana_sandbox_add_member(const nirvana_sandbox *sandbox,
                                        const char *organization_id,
                                        const char *user_id,
                                        const char *role,
                                        const char **json,
                                        nirvana_error **error);

/**
 * Gets the requests that arrived so far, retries and failures included, in order.
 *
 * json: an array of {"method": "GET", "path": "/v1/...", "query": [["limit", "5"]], "body":
 * ..., "status": 200}.
 */
nirvana_code nirvana_sandbox_requests(const nirvana_sandbox *sandbox,
                                      const char **json,
                                      nirvana_error **error);

/**
 * Scripts what happens to the next request, which may be a retry. Called again, it is for the
 * request after it, and so on.
 *
 * script: JSON, one of
 * {"fail": 503}: the response has this status, and nothing is done;
 * {"respond": {"status": 429, "headers": {"retry-after": "7"}, "body": {"message": "slow"}}}:
 * the response is exactly this, and nothing is done; headers and body may be left out, and a
 * body that is a string is sent as the text that it holds;
 * "drop_response": the request is carried out, and its response is lost;
 * {"delay_ms": 1000}: the request is carried out, and its response comes this late; it is lost
 * where a timeout, the deadline or a cancellation comes first;
 * "refuse": the connection is refused, and nothing is sent;
 * "pass": the request is served, where the script is for a later one.
 */
nirvana_code nirvana_sandbox_next(const nirvana_sandbox *sandbox,
                                  const char *script,
                                  nirvana_error **error);

/**
 * Frees a sandbox. NULL is fine. Clients of it go on.
 */
void nirvana_sandbox_free(nirvana_sandbox *sandbox);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* NIRVANA_LABS_H */
