#include <stdio.h>
#include "nirvana_labs.h"

int main(void) {
    nirvana_sandbox *sandbox = nirvana_sandbox_new(); /* an in-memory mock of the API */
    nirvana_client *client = NULL;
    nirvana_error *error = NULL;
    const char *json = NULL;

    /* The real API: nirvana_client_from_env(NULL, &client, &error) */
    nirvana_code code = nirvana_sandbox_client(sandbox, NULL, &client, &error);
    if (code == NIRVANA_OK)
        code = nirvana_create_organization(client, "{\"name\": \"Acme\"}", NULL, NULL, &json, &error);
    if (code == NIRVANA_OK) puts(json);
    else fprintf(stderr, "%s\n", error->message);

    nirvana_string_free(json);
    nirvana_error_free(error);
    nirvana_client_free(client);
    nirvana_sandbox_free(sandbox);
    return code == NIRVANA_OK ? 0 : 1;
}
