/* C interface to the Nirvana Labs Organizations API. Generated from src/: see README.md. */

#ifndef NIRVANA_LABS_H
#define NIRVANA_LABS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Strings are UTF-8 and NUL-terminated. Every function that can fail returns a nirvana_code;
 * where that is not NIRVANA_OK, answers are NULL (a count, 0 or -1), and *error tells more.
 * NULL for error asks for no more than the code. What a function writes to *error and to its
 * answers overwrites what was there, and is the caller's to free.
 *
 * Functions may be called from any thread. README.md says what may be shared.
 */

/**
 * What one call does differently from its client. It may be used for any number of calls,
 * from many threads at once as long as none changes it.
 */
typedef struct nirvana_call_options nirvana_call_options;

/**
 * Ends calls from another thread. Calls that do not carry it go on undisturbed.
 */
typedef struct nirvana_cancel_token nirvana_cancel_token;

/**
 * A client of the Organizations API. Any number of threads may make calls with it at once;
 * they share its connections.
 */
typedef struct nirvana_client nirvana_client;

/**
 * The settings of a client. They may be used for any number of clients.
 */
typedef struct nirvana_client_options nirvana_client_options;

/**
 * A list, which fetches a page when it runs out of items. Threads that share one take turns.
 */
typedef struct nirvana_list nirvana_list;

/**
 * The Organizations API in memory, for tests and demonstrations. It can be told to fail. Any
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
   * The server's own code, from the `code` of its answer; NULL where there is none.
   */
  const char *server_code;
  /**
   * The HTTP status of the answer; 0 where there was none.
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
 * The key, the base URL, a header or another setting is unusable. Nothing was sent.
 */
#define NIRVANA_CONFIG 1

/**
 * An id, a limit or a body is unusable. Nothing was sent.
 */
#define NIRVANA_REQUEST 2

/**
 * The caller's cancel token was cancelled.
 */
#define NIRVANA_CANCELLED 3

/**
 * The caller's deadline passed.
 */
#define NIRVANA_DEADLINE 4

/**
 * The server answered 2xx with a body that is not what the contract says.
 */
#define NIRVANA_DECODE 5

/**
 * A list goes round in circles: the server gave a cursor that it had given before.
 */
#define NIRVANA_CURSOR 6

/**
 * The server answered with a status outside 2xx: see `status` of the error.
 */
#define NIRVANA_API 7

/**
 * The host name could not be looked up.
 */
#define NIRVANA_LOOKUP 20

/**
 * The connection was refused, or the host cannot be reached.
 */
#define NIRVANA_CONNECT 21

/**
 * No connection stood within the connect timeout.
 */
#define NIRVANA_CONNECT_TIMEOUT 22

/**
 * TLS could not be agreed: certificate, host name, or no TLS at all.
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
 * The connection ended before any of the answer came.
 */
#define NIRVANA_CLOSED 26

/**
 * The answer ended before it was whole.
 */
#define NIRVANA_TRUNCATED 27

/**
 * The answer was not HTTP, or not as HTTP says.
 */
#define NIRVANA_PROTOCOL 28

/**
 * The answer is larger than the limit.
 */
#define NIRVANA_TOO_LARGE 29

/**
 * No usable answer came, for another reason.
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
 * The version of this library, "0.1.0" for example. It is not to be freed.
 */
const char *nirvana_version(void);

/**
 * Makes options that change nothing. Free them with nirvana_client_options_free.
 */
nirvana_client_options *nirvana_client_options_new(void);

/**
 * The address of the server, with or without a path prefix. https://api.nirvanalabs.io
 * unless set. It must be https, unless the host is this machine.
 */
nirvana_code nirvana_client_options_base_url(nirvana_client_options *options,
                                             const char *base_url);

/**
 * Allows plain http to hosts other than this machine. The key then crosses the network for
 * all to read.
 */
nirvana_code nirvana_client_options_allow_http(nirvana_client_options *options, bool allow_http);

/**
 * The User-Agent, "my-tool/1.0" for example.
 */
nirvana_code nirvana_client_options_user_agent(nirvana_client_options *options,
                                               const char *user_agent);

/**
 * The HTTP proxy to go through, http://user:password@host:port. Unless set, ALL_PROXY,
 * HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured.
 */
nirvana_code nirvana_client_options_proxy(nirvana_client_options *options, const char *url);

/**
 * Trusts the certificates in this PEM text, and not the built-in list of authorities. It may
 * be called more than once.
 */
nirvana_code nirvana_client_options_root_certificate_pem(nirvana_client_options *options,
                                                         const char *pem);

/**
 * The longest that one attempt may take, from opening a connection to the last byte of the
 * body. 60 seconds unless set.
 */
nirvana_code nirvana_client_options_timeout_ms(nirvana_client_options *options,
                                               uint64_t timeout_ms);

/**
 * The longest that opening a connection may take: lookup, TCP, proxy and TLS. 10 seconds
 * unless set.
 */
nirvana_code nirvana_client_options_connect_timeout_ms(nirvana_client_options *options,
                                                       uint64_t connect_timeout_ms);

/**
 * How often to try again after the first attempt. 2 unless set; 0 turns retries off.
 */
nirvana_code nirvana_client_options_max_retries(nirvana_client_options *options,
                                                uint32_t max_retries);

/**
 * The longest wait that a server may ask for. 60 seconds unless set. Where it asks for more,
 * the error comes at once, with retry_after_ms.
 */
nirvana_code nirvana_client_options_max_retry_wait_ms(nirvana_client_options *options,
                                                      uint64_t max_retry_wait_ms);

/**
 * The most bytes that the body of an answer may have, after decompression. 10 MiB unless set.
 */
nirvana_code nirvana_client_options_max_body_bytes(nirvana_client_options *options,
                                                   size_t max_body_bytes);

/**
 * Adds a header to send with each request. Its value is kept out of errors and logs.
 */
nirvana_code nirvana_client_options_header(nirvana_client_options *options,
                                           const char *name,
                                           const char *value);

/**
 * Frees options. NULL is fine. Clients keep what they took from them.
 */
void nirvana_client_options_free(nirvana_client_options *options);

/**
 * Makes a client of the service. Nothing is sent before its first call. Free it with
 * nirvana_client_free.
 *
 * api_key: the API key; options: may be NULL.
 */
nirvana_code nirvana_client_new(const char *api_key,
                                const nirvana_client_options *options,
                                nirvana_client **client,
                                nirvana_error **error);

/**
 * Makes a client as the environment has it: NIRVANA_LABS_API_KEY and, for another server,
 * NIRVANA_LABS_BASE_URL. A base URL in the options goes before the environment's.
 *
 * options: may be NULL.
 */
nirvana_code nirvana_client_from_env(const nirvana_client_options *options,
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
 * Ends every call that carries the token, now and in the future: each returns
 * NIRVANA_CANCELLED, a wait between attempts at once, a blocked read within a quarter of a
 * second. It may be called from any thread, and more than once.
 */
nirvana_code nirvana_cancel_token_cancel(const nirvana_cancel_token *token);

/**
 * Whether the token was cancelled. false for NULL.
 */
bool nirvana_cancel_token_is_cancelled(const nirvana_cancel_token *token);

/**
 * Frees a token. NULL is fine. Options that were given the token keep their own share of it,
 * and so do calls that are under way.
 */
void nirvana_cancel_token_free(nirvana_cancel_token *token);

/**
 * Makes options that change nothing. Free them with nirvana_call_options_free.
 */
nirvana_call_options *nirvana_call_options_new(void);

/**
 * The longest that one attempt may take, from opening a connection to the last byte of the
 * body. Unless set, as the client has it.
 */
nirvana_code nirvana_call_options_timeout_ms(nirvana_call_options *options, uint64_t timeout_ms);

/**
 * The longest that everything may take, counted from the moment that these options are given
 * to a call: all attempts, the waits between them, and all pages of a list. No limit unless
 * set.
 */
nirvana_code nirvana_call_options_deadline_ms(nirvana_call_options *options, uint64_t deadline_ms);

/**
 * How often to try again after the first attempt; 0 turns retries off. Unless set, as the
 * client has it.
 */
nirvana_code nirvana_call_options_max_retries(nirvana_call_options *options, uint32_t max_retries);

/**
 * Adds a header to send. One that cannot be sent makes the call fail with NIRVANA_CONFIG.
 */
nirvana_code nirvana_call_options_header(nirvana_call_options *options,
                                         const char *name,
                                         const char *value);

/**
 * Adds a query parameter to send; it is encoded as needed.
 */
nirvana_code nirvana_call_options_query(nirvana_call_options *options,
                                        const char *name,
                                        const char *value);

/**
 * The Idempotency-Key to send, which must be new for each thing to be done. With it, a POST
 * is retried like a GET. Set it only for a server that honours it.
 */
nirvana_code nirvana_call_options_idempotency_key(nirvana_call_options *options, const char *key);

/**
 * Lets the token end the call from another thread.
 */
nirvana_code nirvana_call_options_cancel_token(nirvana_call_options *options,
                                               const nirvana_cancel_token *token);

/**
 * Frees options. NULL is fine. Calls and lists keep what they took from them.
 */
void nirvana_call_options_free(nirvana_call_options *options);

/**
 * Creates an organization, of which the caller becomes an owner.
 * POST /v1/organizations
 *
 * params: JSON with the string name and, if wanted, the string billing_email.
 * json: the new organization.
 */
nirvana_code nirvana_create_organization(const nirvana_client *client,
                                         const char *params,
                                         const nirvana_call_options *options,
                                         const char **json,
                                         nirvana_error **error);

/**
 * Gets an organization.
 * GET /v1/organizations/{organization_id}
 */
nirvana_code nirvana_get_organization(const nirvana_client *client,
                                      const char *organization_id,
                                      const nirvana_call_options *options,
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
                                         const nirvana_call_options *options,
                                         const char **json,
                                         nirvana_error **error);

/**
 * Lists the organizations that the caller belongs to. Nothing is sent before the first
 * nirvana_list_next. Free the list with nirvana_list_free.
 * GET /v1/organizations
 *
 * limit: how many items a page has at most; 0 for the server's own size. The list has all
 * items either way.
 * cursor: where to begin, from nirvana_list_next_cursor; NULL for the start.
 */
nirvana_code nirvana_list_organizations(const nirvana_client *client,
                                        uint32_t limit,
                                        const char *cursor,
                                        const nirvana_call_options *options,
                                        nirvana_list **list,
                                        nirvana_error **error);

/**
 * Leaves an organization: ends the caller's own membership.
 * POST /v1/organizations/{organization_id}/leave
 */
nirvana_code nirvana_leave_organization(const nirvana_client *client,
                                        const char *organization_id,
                                        const nirvana_call_options *options,
                                        nirvana_error **error);

/**
 * Gets a membership of an organization.
 * GET /v1/organizations/{organization_id}/memberships/{membership_id}
 */
nirvana_code nirvana_get_organization_membership(const nirvana_client *client,
                                                 const char *organization_id,
                                                 const char *membership_id,
                                                 const nirvana_call_options *options,
                                                 const char **json,
                                                 nirvana_error **error);

/**
 * Lists the memberships of an organization, as nirvana_list_organizations does its items.
 * GET /v1/organizations/{organization_id}/memberships
 */
nirvana_code nirvana_list_organization_memberships(const nirvana_client *client,
                                                   const char *organization_id,
                                                   uint32_t limit,
                                                   const char *cursor,
                                                   const nirvana_call_options *options,
                                                   nirvana_list **list,
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
                                                 const nirvana_call_options *options,
                                                 const char **json,
                                                 nirvana_error **error);

/**
 * Gets the address of an organization.
 * GET /v1/organizations/{organization_id}/address
 */
nirvana_code nirvana_get_organization_address(const nirvana_client *client,
                                              const char *organization_id,
                                              const nirvana_call_options *options,
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
                                                 const nirvana_call_options *options,
                                                 const char **json,
                                                 nirvana_error **error);

/**
 * Gets the next item of a list, and the next page if need be.
 *
 * json: the item, or NULL at the end of the list. After an error the list is at its end too,
 * and nirvana_list_next_cursor is that of the page that failed.
 */
nirvana_code nirvana_list_next(const nirvana_list *list, const char **json, nirvana_error **error);

/**
 * Gets the cursor of the page to be fetched next, to go on there another day.
 *
 * Items of the current page that were not taken yet lie before it:
 * nirvana_list_items_left_on_page says how many those are.
 *
 * cursor: the cursor; NULL at the start of a list, and once its last page was fetched.
 */
nirvana_code nirvana_list_next_cursor(const nirvana_list *list,
                                      const char **cursor,
                                      nirvana_error **error);

/**
 * Gets how many items were fetched and not yet taken.
 */
nirvana_code nirvana_list_items_left_on_page(const nirvana_list *list,
                                             uint64_t *count,
                                             nirvana_error **error);

/**
 * Gets how many items the whole list has, as the latest page said; -1 before the first.
 */
nirvana_code nirvana_list_total_count(const nirvana_list *list,
                                      int64_t *count,
                                      nirvana_error **error);

/**
 * Frees a list, at its end or before. NULL is fine.
 */
void nirvana_list_free(nirvana_list *list);

/**
 * Makes an empty service, which knows one user: whoever calls. Free it with
 * nirvana_sandbox_free.
 */
nirvana_sandbox *nirvana_sandbox_new(void);

/**
 * Makes a client of the sandbox. It sends nothing to any network.
 *
 * api_key: that of a user from nirvana_sandbox_add_user; NULL or any other for the first
 * user. options: may be NULL.
 */
nirvana_code nirvana_sandbox_client(const nirvana_sandbox *sandbox,
                                    const char *api_key,
                                    const nirvana_client_options *options,
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
 * json: an array of objects with method, path and status.
 */
nirvana_code nirvana_sandbox_requests(const nirvana_sandbox *sandbox,
                                      const char **json,
                                      nirvana_error **error);

/**
 * Serves the next request as if nothing were scripted: what is scripted after this is for a
 * later one.
 */
nirvana_code nirvana_sandbox_pass_next(const nirvana_sandbox *sandbox);

/**
 * Answers the next request with this HTTP status; nothing is done. May be called more than
 * once: for the request after it, and so on.
 */
nirvana_code nirvana_sandbox_fail_next(const nirvana_sandbox *sandbox, uint16_t status);

/**
 * Answers the next request with exactly this; nothing is done.
 *
 * retry_after: the header of that name; body: the body. Either may be NULL.
 */
nirvana_code nirvana_sandbox_respond_next(const nirvana_sandbox *sandbox,
                                          uint16_t status,
                                          const char *retry_after,
                                          const char *body);

/**
 * Carries the next request out, and loses its answer.
 */
nirvana_code nirvana_sandbox_drop_next_response(const nirvana_sandbox *sandbox);

/**
 * Refuses the next request before a byte of it has left.
 */
nirvana_code nirvana_sandbox_refuse_next(const nirvana_sandbox *sandbox);

/**
 * Carries the next request out, and keeps the answer back for this long. Where the request's
 * timeout or deadline ends before that, or it is cancelled, the answer is lost.
 */
nirvana_code nirvana_sandbox_delay_next(const nirvana_sandbox *sandbox, uint64_t delay_ms);

/**
 * Frees a sandbox. NULL is fine. Clients of it go on.
 */
void nirvana_sandbox_free(nirvana_sandbox *sandbox);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* NIRVANA_LABS_H */
