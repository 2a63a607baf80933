#!/bin/sh
# Makes the certificates and keys in this folder: `cd tests/tls && sh make.sh` (OpenSSL 3).
# They protect nothing, and are used by tests alone. All are signed with their own key:
#
#   self-signed   for localhost and api.example.test; works once it is trusted
#   expired       for localhost, until 2020
#   not-yet       for localhost, from 2120
#   other-host    for other.example.test
#   authority     for localhost, but marked as the certificate of an authority, which is the
#                 default of `openssl req -x509`
#
# `openssl req -x509` has no option for the start of the validity, and `openssl ca` has one.
set -eu

make() { # name, host names, from, to, CA:TRUE or CA:FALSE
    work=$(mktemp -d)
    touch "$work/index"
    cat >"$work/config" <<CONFIG
[ca]
default_ca = own
[own]
database = $work/index
rand_serial = yes
new_certs_dir = $work
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
basicConstraints = critical, $5
subjectAltName = $2
CONFIG
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key.pem"
    openssl req -new -key "$1.key.pem" -subj "/CN=$1" -out "$work/request"
    openssl ca -batch -notext -selfsign -config "$work/config" -keyfile "$1.key.pem" \
        -in "$work/request" -startdate "$3" -enddate "$4" -out "$1.pem"
    rm -r "$work"
}

here=DNS:localhost,IP:127.0.0.1
make self-signed "$here,DNS:api.example.test" 20200101000000Z 21200101000000Z CA:FALSE
make expired "$here" 20190101000000Z 20200101000000Z CA:FALSE
make not-yet "$here" 21200101000000Z 21210101000000Z CA:FALSE
make other-host DNS:other.example.test 20200101000000Z 21200101000000Z CA:FALSE
make authority "$here" 20200101000000Z 21200101000000Z CA:TRUE
