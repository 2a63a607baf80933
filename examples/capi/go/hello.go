// The C interface from Go. Set CGO_CFLAGS and CGO_LDFLAGS to find the header and the library: see
// README.md.
package main

// #include <stdlib.h>
// #include "nirvana_labs.h"
import "C"

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"unsafe"
)

// failure returns the error of a call, if any, and frees it.
func failure(code C.nirvana_code, e *C.nirvana_error) error {
	defer C.nirvana_error_free(e)
	if code == C.NIRVANA_OK {
		return nil
	}
	return errors.New(C.GoString(e.message))
}

// create creates an organization and returns its id.
func create(client *C.nirvana_client, name string) (string, error) {
	body, err := json.Marshal(map[string]string{"name": name})
	if err != nil {
		return "", err
	}
	params := C.CString(string(body))
	defer C.free(unsafe.Pointer(params))
	var text *C.char
	var e *C.nirvana_error
	code := C.nirvana_create_organization(client, params, nil, nil, &text, &e)
	if err := failure(code, e); err != nil {
		return "", err
	}
	defer C.nirvana_string_free(text)
	var organization struct{ ID string }
	return organization.ID, json.Unmarshal([]byte(C.GoString(text)), &organization)
}

func main() {
	sandbox := C.nirvana_sandbox_new()
	defer C.nirvana_sandbox_free(sandbox)
	var client *C.nirvana_client
	var e *C.nirvana_error
	code := C.nirvana_sandbox_client(sandbox, nil, &client, &e)
	if err := failure(code, e); err != nil {
		log.Fatal(err)
	}
	defer C.nirvana_client_free(client)
	id, err := create(client, "Acme")
	fmt.Println(id, err)
	_, err = create(client, "")
	fmt.Println(err)
}
