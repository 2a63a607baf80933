/* C interface to the Nirvana Labs Organizations API. README.md shows how to use it. */

#ifndef NIRVANA_LABS_H
#define NIRVANA_LABS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Calls. A function that can fail returns a nirvana_code. If the code is not NIRVANA_OK, the
 * result is NULL and *error describes the failure. error may be NULL if the code is enough. The
 * old values of the result and of *error are overwritten, not freed.
 *
 * Arguments. Text is UTF-8 and ends in NUL; the library copies it. options, cancel and error may
 * be NULL, and so may an argument whose description says so. Any other NULL, text that is not
 * UTF-8, and JSON with an unknown field or a value of the wrong type are
 * NIRVANA_INVALID_ARGUMENT: the message names the argument or the field, and nothing is sent.
 *
 * Results. JSON from the server keeps all its fields, also those that this library does not know.
 *
 * Memory. Free what a function gives you: text with nirvana_string_free, a handle or an error with
 * its own _free function. Free it once, while no other thread uses it, and not with free(). The
 * _free functions do nothing if their argument is NULL.
 *
 * Threads. Any number of threads may use a client, a list, a cancel token or a sandbox at once.
 * Calls on one client run in parallel; calls on one list take turns. Calls block.
 *
 * Signals. A signal handler may call nirvana_cancel_token_cancel and no other function of this
 * library.
 *
 * fork. A child process must make its own client. It must not use or free a client or a list of
 * its parent, because both would write to the same connections.
 *
 * Client options are a JSON object with any of
 *   api_key               text
 *   base_url              text; default "https://api.nirvanalabs.io"
 *   allow_http            true allows plain http to other hosts than this machine: the network can
 *                         then read the API key
 *   user_agent            text, "my-tool/1.0" for example
 *   timeout_ms            limit for one attempt, body included; default 60000
 *   connect_timeout_ms    limit for opening a connection: DNS, TCP, proxy and TLS; default 10000
 *   total_timeout_ms      limit for a call, or for one page of a list, with all attempts and
 *                         waits; no default
 *   max_retries           attempts after the first; default 2
 *   max_retry_wait_ms     the longest wait that a server may ask for; default 60000
 *   max_body_bytes        size limit of a response after decompression; default 10485760
 *   headers               an object of text: {"X-Team": "platform"}
 *   proxy                 "http://user:password@host:port"; default: the proxy of the environment
 *   no_proxy              true ignores the proxy of the environment
 *   root_certificate_pem  certificates to trust instead of the built-in ones
 * Call options are a JSON object with any of
 *   api_key, timeout_ms, total_timeout_ms, max_retries, headers
 *                         as above, for this call
 *   deadline_ms           limit for the call, or for all pages of a list, counted from now
 *   query                 query parameters: an object of text, numbers, true, false, or arrays of
 *                         these
 * An option that is null counts as unset. NULL and "" mean no options.
 *
 * Idempotency. If the headers of a call have an Idempotency-Key, a POST is retried like a GET. Its
 * value must be unique to the operation, and the server must support it.
 */

/* Cancels calls. Any number of calls may share a token; calls without it are not affected. */
typedef struct nirvana_cancel_token nirvana_cancel_token;

/* A client of the API. Its calls share connections. */
typedef struct nirvana_client nirvana_client;

/* A list. It fetches the next page when the current one runs out. */
typedef struct nirvana_list nirvana_list;

/* An in-memory mock of the API for tests and demonstrations. */
typedef struct nirvana_sandbox nirvana_sandbox;

/* What a function returns: 0, or why the call failed. Codes never change their meaning. Later
 * versions may add some. */
typedef uint32_t nirvana_code;

/* Why a call failed. Only read it. Later versions may add fields at the end. */
typedef struct {
  /* The code that the function also returned; never NIRVANA_OK. */
  nirvana_code code;
  /* The number of attempts; 0 if none was made. */
  uint32_t attempts;
  /* How long the server asked to wait, in milliseconds; -1 if it did not ask. */
  int64_t retry_after_ms;
  /* The whole error as one line for people, without secrets. Never NULL. */
  const char *message;
  /* The server's id of the request, for its support; NULL if there is none. */
  const char *request_id;
  /* The server's own error code; NULL if there is none. */
  const char *server_code;
  /* The HTTP status of the response; 0 if there is no response. */
  uint16_t status;
  /* Whether the same call may succeed later and is safe to repeat. */
  bool retryable;
  /* Whether the server may have acted on the request. If it is true after a create, check whether
   * the object exists before you create it again. */
  bool may_have_been_processed;
} nirvana_error;

#define NIRVANA_OK 0                 /* the call succeeded */
#define NIRVANA_CONFIG 1             /* an option is invalid, or the API key is missing */
#define NIRVANA_REQUEST 2            /* an id, a path or a body is invalid */
#define NIRVANA_CANCELLED 3          /* the call's cancel token was cancelled */
#define NIRVANA_DEADLINE 4           /* the deadline or the total timeout passed */
#define NIRVANA_DECODE 5             /* the body of a 2xx response does not match the API schema */
#define NIRVANA_PAGINATION_CYCLE 6   /* the server repeated a cursor of a list */
#define NIRVANA_STATUS 7             /* the response has a status outside 2xx: see error->status */
#define NIRVANA_DNS 20               /* the DNS lookup failed */
#define NIRVANA_CONNECT 21           /* the connection was refused, or the host cannot be reached */
#define NIRVANA_CONNECT_TIMEOUT 22   /* the connect timeout passed */
#define NIRVANA_TLS 23               /* TLS failed, for example because of the certificate */
#define NIRVANA_PROXY 24             /* the proxy cannot be reached, or refused */
#define NIRVANA_TIMEOUT 25           /* the attempt took longer than its timeout */
#define NIRVANA_CLOSED 26            /* the connection was closed before a response came */
#define NIRVANA_TRUNCATED 27         /* the response ended before it was complete */
#define NIRVANA_PROTOCOL 28          /* the response is not valid HTTP */
#define NIRVANA_TOO_LARGE 29         /* the response is larger than max_body_bytes */
#define NIRVANA_OTHER 39             /* there is no usable response for another reason */
#define NIRVANA_INVALID_ARGUMENT 100 /* an argument is invalid: see "Arguments" above */
#define NIRVANA_PANIC 101            /* this library has a bug; the process continues */

#ifdef __cplusplus
extern "C" {
#endif

/* Frees an error and its text. */
void nirvana_error_free(nirvana_error *error);

/* Frees text that this library returned. */
void nirvana_string_free(const char *string);

/* Returns the version of this library, "0.1.0" for example. Do not free it. */
const char *nirvana_version(void);

/* Makes a client. Nothing is sent before its first call.
 *
 * options: client options. api_key is required. */
nirvana_code nirvana_client_new(const char *options, nirvana_client **client,
                                nirvana_error **error);

/* Makes a client from the environment: NIRVANA_LABS_API_KEY is the API key, and
 * NIRVANA_LABS_BASE_URL, if set, the base URL. Options override the environment.
 *
 * options: client options, or NULL. */
nirvana_code nirvana_client_from_env(const char *options, nirvana_client **client,
                                     nirvana_error **error);

/* Frees a client. No thread may be in a call with it. Lists that it made stay usable. */
void nirvana_client_free(nirvana_client *client);

/* Makes a token that is not cancelled. */
nirvana_cancel_token *nirvana_cancel_token_new(void);

/* Cancels every call that has this token, now and in the future. Such a call ends within a quarter
 * of a second. It returns NIRVANA_CANCELLED, unless its response has arrived already.
 *
 * A signal handler may call this function, even if the signal interrupts a call that has the
 * token: it takes no lock, allocates nothing and cannot fail. It does nothing if token is NULL or
 * cancelled already. */
void nirvana_cancel_token_cancel(const nirvana_cancel_token *token);

/* Returns whether the token is cancelled; false if token is NULL. */
bool nirvana_cancel_token_is_cancelled(const nirvana_cancel_token *token);

/* Frees a token. Calls and lists that have the token keep it alive. A signal handler that uses the
 * token must be uninstalled before. */
void nirvana_cancel_token_free(nirvana_cancel_token *token);

/* Creates an organization. The caller becomes an owner of it.
 * POST /v1/organizations
 *
 * params: a JSON object with name and, optionally, billing_email.
 * json: the new organization. */
nirvana_code nirvana_create_organization(const nirvana_client *client, const char *params,
                                         const char *options, const nirvana_cancel_token *cancel,
                                         const char **json, nirvana_error **error);

/* Gets an organization.
 * GET /v1/organizations/{organization_id} */
nirvana_code nirvana_get_organization(const nirvana_client *client, const char *organization_id,
                                      const char *options, const nirvana_cancel_token *cancel,
                                      const char **json, nirvana_error **error);

/* Updates an organization. Fields that params leaves out do not change.
 * PATCH /v1/organizations/{organization_id}
 *
 * params: a JSON object with any of name and billing_email (null clears it).
 * json: the organization after the update. */
nirvana_code nirvana_update_organization(const nirvana_client *client, const char *organization_id,
                                         const char *params, const char *options,
                                         const nirvana_cancel_token *cancel, const char **json,
                                         nirvana_error **error);

/* Leaves an organization: ends the caller's own membership.
 * POST /v1/organizations/{organization_id}/leave */
nirvana_code nirvana_leave_organization(const nirvana_client *client, const char *organization_id,
                                        const char *options, const nirvana_cancel_token *cancel,
                                        nirvana_error **error);

/* Gets a membership of an organization.
 * GET /v1/organizations/{organization_id}/memberships/{membership_id} */
nirvana_code nirvana_get_organization_membership(const nirvana_client *client,
                                                 const char *organization_id,
                                                 const char *membership_id, const char *options,
                                                 const nirvana_cancel_token *cancel,
                                                 const char **json, nirvana_error **error);

/* Creates the address of an organization. An organization has one address at most.
 * POST /v1/organizations/{organization_id}/address
 *
 * params: a JSON object with line1, city, postal_code, country and, optionally, line2, state,
 * tax_id and tax_id_type.
 * json: the new address. */
nirvana_code nirvana_create_organization_address(const nirvana_client *client,
                                                 const char *organization_id, const char *params,
                                                 const char *options,
                                                 const nirvana_cancel_token *cancel,
                                                 const char **json, nirvana_error **error);

/* Gets the address of an organization.
 * GET /v1/organizations/{organization_id}/address */
nirvana_code nirvana_get_organization_address(const nirvana_client *client,
                                              const char *organization_id, const char *options,
                                              const nirvana_cancel_token *cancel,
                                              const char **json, nirvana_error **error);

/* Updates the address of an organization. Fields that params leaves out do not change.
 * PATCH /v1/organizations/{organization_id}/address
 *
 * params: a JSON object with any of line1, city, postal_code, country, and line2, state, tax_id,
 * tax_id_type (null clears one of these four).
 * json: the address after the update. */
nirvana_code nirvana_update_organization_address(const nirvana_client *client,
                                                 const char *organization_id, const char *params,
                                                 const char *options,
                                                 const nirvana_cancel_token *cancel,
                                                 const char **json, nirvana_error **error);

/* Lists the organizations that the caller belongs to. The first nirvana_list_next sends the first
 * request.
 * GET /v1/organizations
 *
 * params: NULL, or a JSON object with any of limit, the maximum number of items per page (the list
 * still has all items), and cursor, where the list starts. */
nirvana_code nirvana_list_organizations(const nirvana_client *client, const char *params,
                                        const char *options, const nirvana_cancel_token *cancel,
                                        nirvana_list **list, nirvana_error **error);

/* Lists the memberships of an organization. params are as for nirvana_list_organizations.
 * GET /v1/organizations/{organization_id}/memberships */
nirvana_code nirvana_list_organization_memberships(const nirvana_client *client,
                                                   const char *organization_id,
                                                   const char *params, const char *options,
                                                   const nirvana_cancel_token *cancel,
                                                   nirvana_list **list, nirvana_error **error);

/* Gets the next item of a list. It fetches the next page if the current one has no items left.
 *
 * json: the item, or NULL at the end of the list. An error ends the list: to continue, use
 * nirvana_list_resume. */
nirvana_code nirvana_list_next(const nirvana_list *list, const char **json, nirvana_error **error);

/* Gets the params of a new list that continues this one, now or in another process.
 *
 * json: params for the function that made the list, or NULL if the list has ended. While the
 * current page has items left, the new list starts with this page again. Otherwise it starts with
 * the next page, which may be the page that failed. */
nirvana_code nirvana_list_resume(const nirvana_list *list, const char **json,
                                 nirvana_error **error);

/* Returns how many items the whole list has, according to the latest page; -1 before the first
 * page, or if list is NULL. */
int64_t nirvana_list_total_count(const nirvana_list *list);

/* Frees a list. The list need not have ended. */
void nirvana_list_free(nirvana_list *list);

/* Sends a request to any endpoint, with the client's API key, retries, limits and errors. Use it
 * also to see the status and the headers of a response.
 *
 * method: GET, POST, PATCH and so on.
 * path: the path after the base URL, "/v1/organizations/org_1". Each segment is percent-encoded if
 * it is not yet: write %2F for a "/" in an id. An empty segment, ".", "..", "?" and "#" are errors.
 * query: NULL, or query parameters as in the call options: {"limit": 5, "tag": ["a", "b"]}.
 * body: NULL, or JSON, which is sent unchanged.
 * json: {"status": 200, "headers": {"date": "..."}, "body": {...}}. The names of headers are in
 * lower case. body is null if the response has none. */
nirvana_code nirvana_request(const nirvana_client *client, const char *method, const char *path,
                             const char *query, const char *body, const char *options,
                             const nirvana_cancel_token *cancel, const char **json,
                             nirvana_error **error);

/* Makes an empty sandbox with one user. */
nirvana_sandbox *nirvana_sandbox_new(void);

/* Makes a client of the sandbox. It sends nothing to the network.
 *
 * options: client options, or NULL. api_key selects the user: one from nirvana_sandbox_add_user, or
 * the first user for any other key or none. */
nirvana_code nirvana_sandbox_client(const nirvana_sandbox *sandbox, const char *options,
                                    nirvana_client **client, nirvana_error **error);

/* Adds a user who has this API key.
 *
 * user_id: the id of the new user. */
nirvana_code nirvana_sandbox_add_user(const nirvana_sandbox *sandbox, const char *api_key,
                                      const char **user_id, nirvana_error **error);

/* Makes a user a member of an organization.
 *
 * role: "owner" or "member".
 * json: the membership. */
nirvana_code nirvana_sandbox_add_member(const nirvana_sandbox *sandbox,
                                        const char *organization_id, const char *user_id,
                                        const char *role, const char **json,
                                        nirvana_error **error);

/* Gets all requests that arrived so far, in order. Retries and failed requests are included.
 *
 * json: an array of {"method": "GET", "path": "/v1/...", "query": "limit=5", "body": null,
 * "status": 200}. path and query are percent-encoded. query and body are null if there is none. */
nirvana_code nirvana_sandbox_requests(const nirvana_sandbox *sandbox, const char **json,
                                      nirvana_error **error);

/* Scripts what happens to the next request, which may be a retry. A second script applies to the
 * request after it, and so on.
 *
 * script: JSON, one of
 *   {"fail": 503}         respond with this status, and do nothing else
 *   {"respond": {"status": 429, "headers": {"retry-after": "7"}, "body": {"message": "slow"}}}
 *                         respond with exactly this, and do nothing else; headers and body are
 *                         optional, and a body that is a string is sent as plain text
 *   "drop_response"       carry out the request, and lose the response
 *   {"delay_ms": 1000}    carry out the request, and delay the response; it is lost if a timeout,
 *                         the deadline or a cancellation comes first
 *   "refuse"              refuse the connection
 *   "pass"                serve the request as usual; the next script is for a later one */
nirvana_code nirvana_sandbox_next(const nirvana_sandbox *sandbox, const char *script,
                                  nirvana_error **error);

/* Frees a sandbox. Its clients stay usable. */
void nirvana_sandbox_free(nirvana_sandbox *sandbox);

#ifdef __cplusplus
}
#endif

#endif
