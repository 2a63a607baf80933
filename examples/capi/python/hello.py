#!/usr/bin/env python3
"""The C interface from Python with ctypes, on the sandbox. Nothing to compile.

    python3 hello.py target/release/libnirvana_labs_c.so
"""

import ctypes
import json
import sys
import threading
from ctypes import POINTER, byref, c_char_p, c_void_p


class ErrorStruct(ctypes.Structure):
    """nirvana_error."""
    _fields_ = [("code", ctypes.c_uint32), ("attempts", ctypes.c_uint32),
                ("retry_after_ms", ctypes.c_int64), ("message", c_char_p),
                ("request_id", c_char_p), ("server_code", c_char_p),
                ("status", ctypes.c_uint16), ("retryable", ctypes.c_bool),
                ("may_have_been_processed", ctypes.c_bool)]


class NirvanaError(Exception):
    """A failed call, with the fields of nirvana_error."""

    def __init__(self, raw):
        super().__init__(raw.message.decode())
        for name, _ in raw._fields_:
            setattr(self, name, getattr(raw, name))


class Nirvana:
    """The library. CDLL lets other Python threads run during a call."""

    def __init__(self, path):
        self.dll = ctypes.CDLL(path)

    def handle(self, name):
        """Calls a function that returns a handle."""
        function = getattr(self.dll, f"nirvana_{name}")
        function.restype = c_void_p
        return c_void_p(function())

    def call(self, name, *arguments, result=c_void_p):
        """Calls a function whose last arguments are a result, if it has one, and an error.
        Handles are c_void_p, and dictionaries become JSON."""
        def convert(value):
            value = json.dumps(value) if isinstance(value, dict) else value
            return value.encode() if isinstance(value, str) else value
        error, out = POINTER(ErrorStruct)(), [] if result is None else [result()]
        function = getattr(self.dll, f"nirvana_{name}")
        if function(*map(convert, arguments), *map(byref, out), byref(error)) != 0:
            try:
                raise NirvanaError(error.contents)
            finally:
                self.dll.nirvana_error_free(error)
        return out[0] if out else None

    def json(self, name, *arguments):
        """Returns the JSON that a function gives; None for NULL. The result is a c_void_p:
        ctypes would copy a c_char_p to bytes, and the pointer to free would be lost."""
        text = self.call(name, *arguments)
        try:
            return json.loads(ctypes.string_at(text.value)) if text else None
        finally:
            self.dll.nirvana_string_free(text)

    def items(self, name, *arguments):
        """Yields the items of a list."""
        items = self.call(name, *arguments)
        try:
            while (item := self.json("list_next", items)) is not None:
                yield item
        finally:
            self.dll.nirvana_list_free(items)


def main(path):
    nirvana = Nirvana(path)
    sandbox = nirvana.handle("sandbox_new")
    client = nirvana.call("sandbox_client", sandbox, {"timeout_ms": 20_000})
    for name in ("Acme", "Göteborg"):
        print(nirvana.json("create_organization", client, {"name": name}, None, None)["id"])
    nirvana.json("update_organization", client, "org_1", {"billing_email": None}, None, None)
    print([item["name"] for item in
           nirvana.items("list_organizations", client, {"limit": 1}, None, None)])
    try:
        nirvana.json("get_organization", client, "org_none", None, None)
    except NirvanaError as error:
        print(error.status, error)

    # Another thread cancels a call that would take 20 seconds.
    token = nirvana.handle("cancel_token_new")
    nirvana.call("sandbox_next", sandbox, {"delay_ms": 600_000}, result=None)
    threading.Timer(0.1, nirvana.dll.nirvana_cancel_token_cancel, [token]).start()
    try:
        nirvana.json("get_organization", client, "org_1", None, token)
    except NirvanaError as error:
        print(error.code, error)
    nirvana.dll.nirvana_cancel_token_free(token)
    nirvana.dll.nirvana_client_free(client)
    nirvana.dll.nirvana_sandbox_free(sandbox)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
