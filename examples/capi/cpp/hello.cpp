// The C interface from C++: unique_ptr frees what the library gives.
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "nirvana_labs.h"

template <auto Free>
struct Freer {
    template <typename T>
    void operator()(T *handle) const { Free(handle); }
};
using Sandbox = std::unique_ptr<nirvana_sandbox, Freer<nirvana_sandbox_free>>;
using Client = std::unique_ptr<nirvana_client, Freer<nirvana_client_free>>;
using Error = std::unique_ptr<nirvana_error, Freer<nirvana_error_free>>;
using Text = std::unique_ptr<const char, Freer<nirvana_string_free>>;

// Throws what went wrong. Not around the call itself: the order in which the arguments are read
// is anyone's guess, and the error may be read before the call has set it.
static void check(nirvana_code code, nirvana_error *raw) {
    Error error(raw);
    if (code != NIRVANA_OK) throw std::runtime_error(error->message);
}

static std::string create(nirvana_client *client, const char *params) {
    const char *json = nullptr;
    nirvana_error *error = nullptr;
    nirvana_code code = nirvana_create_organization(client, params, nullptr, &json, &error);
    check(code, error);
    return Text(json).get();
}

int main() {
    Sandbox sandbox(nirvana_sandbox_new());
    nirvana_client *raw = nullptr;
    nirvana_error *error = nullptr;
    nirvana_code code = nirvana_sandbox_client(sandbox.get(), nullptr, nullptr, &raw, &error);
    check(code, error);
    Client client(raw);
    std::printf("%s\n", create(client.get(), R"({"name": "Acme"})").c_str());
    try {
        create(client.get(), "{}");
    } catch (const std::runtime_error &problem) {
        std::printf("%s\n", problem.what());
        return 0;
    }
    return 1;
}
