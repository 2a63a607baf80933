// The C interface from Go. CGO_CFLAGS and CGO_LDFLAGS say where the header and the library
// are: see README.md.
package main

// #include <stdlib.h>
// #include "nirvana_labs.h"
import "C"

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"unsafe"
)

// Organization has the fields that this program wants.
type Organization struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// failure turns what a call returned into an error, and frees it.
func failure(code C.nirvana_code, e *C.nirvana_error) error {
	defer C.nirvana_error_free(e)
	if code == C.NIRVANA_OK {
		return nil
	}
	return errors.New(C.GoString(e.message))
}

func create(client *C.nirvana_client, name string) (organization Organization, err error) {
	body, err := json.Marshal(map[string]string{"name": name})
	if err != nil {
		return organization, err
	}
	params := C.CString(string(body))
	defer C.free(unsafe.Pointer(params))
	var text *C.char
	var e *C.nirvana_error
	code := C.nirvana_create_organization(client, params, nil, &text, &e)
	if err := failure(code, e); err != nil {
		return organization, err
	}
	defer C.nirvana_string_free(text)
	return organization, json.Unmarshal([]byte(C.GoString(text)), &organization)
}

func run() error {
	sandbox := C.nirvana_sandbox_new()
	defer C.nirvana_sandbox_free(sandbox)
	var client *C.nirvana_client
	var e *C.nirvana_error
	code := C.nirvana_sandbox_client(sandbox, nil, nil, &client, &e)
	if err := failure(code, e); err != nil {
		return err
	}
	defer C.nirvana_client_free(client)

	organization, err := create(client, "Acme")
	if err != nil {
		return err
	}
	fmt.Println(organization.ID, organization.Name)
	C.nirvana_sandbox_fail_next(sandbox, 422)
	if _, err = create(client, "Globex"); err == nil {
		return errors.New("the service was told to fail")
	}
	fmt.Println(err)
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
