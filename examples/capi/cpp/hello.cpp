// The C interface from C++: std::unique_ptr frees handles, errors and text.
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

// Calls a function whose last two arguments are a result and an error. Throws the error.
template <typename T, typename Function, typename... Arguments>
static T *call(Function function, Arguments... arguments) {
    T *result = nullptr;
    nirvana_error *raw = nullptr;
    nirvana_code code = function(arguments..., &result, &raw);
    Error error(raw);
    if (code != NIRVANA_OK) throw std::runtime_error(error->message);
    return result;
}

static std::string create(const Client &client, const char *params) {
    auto json = call<const char>(nirvana_create_organization, client.get(), params, nullptr, nullptr);
    return Text(json).get();
}

int main() {
    Sandbox sandbox(nirvana_sandbox_new());
    Client client(call<nirvana_client>(nirvana_sandbox_client, sandbox.get(), nullptr));
    std::puts(create(client, R"({"name": "Acme"})").c_str());
    try {
        create(client, "{}");
    } catch (const std::runtime_error &error) {
        std::puts(error.what());
        return 0;
    }
    return 1;
}
