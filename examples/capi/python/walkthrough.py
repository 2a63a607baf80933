#!/usr/bin/env python3
"""The whole API in one run, on the sandbox: nothing leaves this machine.

    python3 walkthrough.py target/release/libnirvana_labs_c.so
"""

import json
import sys
import threading
from ctypes import (CDLL, POINTER, Structure, byref, c_bool, c_char_p, c_int64, c_uint16,
                    c_uint32, c_uint64, c_void_p, cast)


class ErrorStruct(Structure):
    """nirvana_error."""
    _fields_ = [("code", c_uint32), ("attempts", c_uint32), ("retry_after_ms", c_int64),
                ("message", c_char_p), ("request_id", c_char_p), ("server_code", c_char_p),
                ("status", c_uint16), ("retryable", c_bool),
                ("may_have_been_processed", c_bool)]


class NirvanaError(Exception):
    """What a call failed with."""

    def __init__(self, raw):
        super().__init__(raw.message.decode())
        self.code, self.status, self.attempts = raw.code, raw.status, raw.attempts
        self.retryable = raw.retryable
        self.may_have_been_processed = raw.may_have_been_processed
        self.retry_after_ms = raw.retry_after_ms


CANCELLED, API, CONNECT, INVALID_ARGUMENT = 3, 7, 21, 100


class Library:
    """The shared library. Arguments are checked: a wrong one is a TypeError, not a crash."""

    def __init__(self, path):
        # CDLL lets other Python threads run during a call.
        self.dll = CDLL(path)
        self.declare(c_char_p, "version")
        for handle in ("sandbox", "cancel_token", "client_options", "call_options"):
            self.declare(c_void_p, f"{handle}_new")
        for handle in ("sandbox", "cancel_token", "client_options", "call_options", "client",
                       "list", "string"):
            self.declare(None, f"{handle}_free", c_void_p)
        self.declare(None, "error_free", POINTER(ErrorStruct))
        self.declare(c_bool, "cancel_token_is_cancelled", c_void_p)
        self.declare(c_uint32, "cancel_token_cancel", c_void_p)
        self.declare(c_uint32, "sandbox_fail_next", c_void_p, c_uint16)
        self.declare(c_uint32, "sandbox_refuse_next", c_void_p)
        self.declare(c_uint32, "sandbox_delay_next", c_void_p, c_uint64)
        self.declare(c_uint32, "client_options_timeout_ms", c_void_p, c_uint64)
        self.declare(c_uint32, "call_options_max_retries", c_void_p, c_uint32)
        self.declare(c_uint32, "call_options_cancel_token", c_void_p, c_void_p)

    def declare(self, result, name, *arguments):
        function = getattr(self.dll, f"nirvana_{name}")
        function.restype, function.argtypes = result, arguments
        setattr(self, name, function)

    def call(self, name, types, *arguments, answer=c_void_p):
        """Calls a function whose last two arguments are an answer and an error."""
        function = getattr(self.dll, f"nirvana_{name}")
        places = [] if answer is None else [answer()]
        error = POINTER(ErrorStruct)()
        pointers = [POINTER(type(place)) for place in places]
        function.restype = c_uint32
        function.argtypes = [*types, *pointers, POINTER(POINTER(ErrorStruct))]
        if function(*arguments, *map(byref, places), byref(error)) != 0:
            try:
                raise NirvanaError(error.contents)
            finally:
                self.error_free(error)
        return places[0].value if places else None

    def text(self, pointer):
        """A string that the library gave, copied and freed; None for NULL."""
        if pointer is None:
            return None
        try:
            return cast(pointer, c_char_p).value.decode()
        finally:
            self.string_free(pointer)


class Nirvana:
    """A client: ten methods, dictionaries in and out."""

    def __init__(self, library, handle, options=None):
        self.library, self.handle, self.options = library, handle, options

    def _json(self, name, *strings):
        types = [c_void_p, *[c_char_p] * len(strings), c_void_p]
        pointer = self.library.call(name, types, self.handle, *map(str.encode, strings),
                                    self.options)
        return json.loads(self.library.text(pointer))

    def _list(self, name, *strings, limit=0, cursor=None):
        types = [c_void_p, *[c_char_p] * len(strings), c_uint32, c_char_p, c_void_p]
        cursor = None if cursor is None else cursor.encode()
        items = self.library.call(name, types, self.handle, *map(str.encode, strings), limit,
                                  cursor, self.options)
        try:
            while (item := self.library.text(
                    self.library.call("list_next", [c_void_p], items))) is not None:
                yield json.loads(item)
        finally:
            self.library.list_free(items)

    def create_organization(self, **params):
        return self._json("create_organization", json.dumps(params))

    def get_organization(self, organization_id):
        return self._json("get_organization", organization_id)

    def update_organization(self, organization_id, **params):
        """None clears a field that can be cleared; what is not given stays."""
        return self._json("update_organization", organization_id, json.dumps(params))

    def list_organizations(self, **page):
        return self._list("list_organizations", **page)

    def leave_organization(self, organization_id):
        self.library.call("leave_organization", [c_void_p, c_char_p, c_void_p], self.handle,
                          organization_id.encode(), self.options, answer=None)

    def get_organization_membership(self, organization_id, membership_id):
        return self._json("get_organization_membership", organization_id, membership_id)

    def list_organization_memberships(self, organization_id, **page):
        return self._list("list_organization_memberships", organization_id, **page)

    def create_organization_address(self, organization_id, **params):
        return self._json("create_organization_address", organization_id, json.dumps(params))

    def get_organization_address(self, organization_id):
        return self._json("get_organization_address", organization_id)

    def update_organization_address(self, organization_id, **params):
        return self._json("update_organization_address", organization_id, json.dumps(params))


def expect(condition, what):
    if not condition:
        sys.exit(f"not so: {what}")


def failing(call):
    """What a call that must fail fails with."""
    try:
        call()
    except NirvanaError as error:
        print(f"  code {error.code}, status {error.status}: {error}")
        return error
    sys.exit("the call went well")


def endpoints(library, sandbox, api):
    acme = api.create_organization(name="Acme", billing_email="b@acme.io")["id"]
    api.create_organization(name="Göteborg")
    changed = api.update_organization(acme, billing_email=None)
    expect(changed["billing_email"] is None and changed["name"] == "Acme", "null clears")
    expect(api.get_organization(acme) == changed, "what was changed is read back")
    names = [organization["name"] for organization in api.list_organizations(limit=1)]
    expect(names == ["Acme", "Göteborg"], f"two pages, {names}")
    print("organizations:", ", ".join(names))

    api.create_organization_address(acme, city="San Francisco", country="US", line1="1 Main St",
                                    postal_code="94105", line2="Suite 4")
    api.update_organization_address(acme, line2=None, state="CA")
    address = api.get_organization_address(acme)
    expect(address["line2"] is None and address["state"] == "CA", "the address changed")
    print("address:", address["line1"], address["city"], address["state"])

    user = library.text(library.call("sandbox_add_user", [c_void_p, c_char_p], sandbox, b"nl_2"))
    library.text(library.call("sandbox_add_member", [c_void_p] + [c_char_p] * 3, sandbox,
                              acme.encode(), user.encode(), b"owner"))
    members = list(api.list_organization_memberships(acme))
    expect(members[1]["user_id"] == user, "the second member is there")
    expect(api.get_organization_membership(acme, members[1]["id"]) == members[1], "one member")
    print("members:", ", ".join(member["role"] for member in members))
    api.leave_organization(acme)
    expect(len(list(api.list_organizations())) == 1, "one organization is left")
    # A list that is dropped half-way frees its handle.
    next(api.list_organizations())


def errors(library, sandbox, api):
    print("errors:")
    error = failing(lambda: api.get_organization("org_none"))
    expect(error.code == API and error.status == 404 and not error.retryable, "404")
    error = failing(lambda: api.create_organization(nom="Acme"))
    expect(error.code == INVALID_ARGUMENT and error.attempts == 0, "the unknown field")
    library.sandbox_fail_next(sandbox, 500)
    error = failing(lambda: api.create_organization(name="Acme"))
    expect(error.status == 500 and error.may_have_been_processed, "500 on a create")
    library.sandbox_refuse_next(sandbox)
    error = failing(lambda: api.create_organization(name="Acme"))
    expect(error.code == CONNECT and not error.may_have_been_processed, "refused")


def cancel(library, sandbox, client):
    """Ends a call that would take ten minutes, from another thread."""
    token, options = library.cancel_token_new(), library.call_options_new()
    library.call_options_cancel_token(options, token)
    library.sandbox_delay_next(sandbox, 600_000)
    timer = threading.Timer(0.1, library.cancel_token_cancel, [token])
    timer.start()
    error = failing(lambda: Nirvana(library, client, options).get_organization("org_2"))
    timer.join()
    expect(error.code == CANCELLED and library.cancel_token_is_cancelled(token), "cancelled")
    library.call_options_free(options)
    library.cancel_token_free(token)


def main(path):
    library = Library(path)
    print("nirvana_labs", library.version().decode())
    sandbox, settings = library.sandbox_new(), library.client_options_new()
    once = library.call_options_new()
    library.client_options_timeout_ms(settings, 1_200_000)
    library.call_options_max_retries(once, 0)
    client = library.call("sandbox_client", [c_void_p, c_char_p, c_void_p], sandbox, None,
                          settings)
    library.client_options_free(settings)
    api = Nirvana(library, client, once)
    endpoints(library, sandbox, api)
    errors(library, sandbox, api)
    cancel(library, sandbox, client)
    library.call_options_free(once)
    library.client_free(client)
    library.sandbox_free(sandbox)
    print("done")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
