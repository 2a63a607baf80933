//! Requests to endpoints that have no function.

use std::collections::BTreeMap;

use nirvana_labs::{Header, Method, Response};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cancel::CancelToken;
use crate::client::{Client, for_call};
use crate::code::Code;
use crate::entry::{ErrorOut, TextOut, give};
use crate::error::Failure;
use crate::json;
use crate::options::query_pairs;
use crate::text::{OwnedText, Text};

/// Sends a request to any endpoint, with the client's key, retries, limits and errors. It is
/// also how to see the status and the headers of a response.
///
/// method: GET, POST, PATCH and so on.
/// path: as in a URL, without the base URL: "/v1/organizations/org_1". It is split at every "/",
/// and each segment is percent-encoded as far as it is not yet: in an id that you do not trust,
/// write %2F for "/". An empty segment, "." and ".." are errors, and so are "?" and "#".
/// query: JSON, {"limit": 5, "tag": ["a", "b"]}, or NULL. body: JSON, sent as it is, or NULL.
/// json: {"status": 200, "request_id": ..., "headers": {"date": ...}, "body": ...}; the names of
/// headers are in lower case, and body is null where there was none.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_request(
    client: Option<&Client>,
    method: Text<'_>,
    path: Text<'_>,
    query: Text<'_>,
    body: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    give("json", json, OwnedText::NONE, error, || {
        let api = for_call(client, options, cancel)?;
        let method = Method::try_from(method.required("method")?)?;
        let mut request = api.request(method, segments(path.required("path")?)?);
        for (name, value) in query_pairs("query", json::object("query", query)?)? {
            request = request.query(&name, &value);
        }
        if let Some(body) = body.optional("body")?.filter(|body| !body.is_empty()) {
            request = request.json(&json::value::<Box<RawValue>>("body", body)?);
        }
        let response: Response<Option<Box<RawValue>>> = request.send()?;
        let mut headers = BTreeMap::<&str, String>::new();
        for Header { name, value, .. } in response.headers() {
            let value = String::from_utf8_lossy(value).into_owned();
            // A header that is there twice is one with a list, as RFC 9110 has it.
            let add = |all: &mut String| *all = format!("{all}, {value}");
            headers.entry(name).and_modify(add).or_insert(value.clone());
        }
        json::write(&Shown {
            status: response.status(),
            request_id: response.request_id(),
            headers,
            body: response.body().as_deref(),
        })
    })
}

/// A response, as C sees it.
#[derive(Serialize)]
struct Shown<'a> {
    status: u16,
    request_id: Option<&'a str>,
    headers: BTreeMap<&'a str, String>,
    body: Option<&'a RawValue>,
}

/// The segments of a path, decoded.
fn segments(path: &str) -> Result<Vec<String>, Failure> {
    if path.contains(['?', '#']) {
        return Err(Failure::argument(
            "path: it has a query or a fragment; use the argument query, or write %3F or %23",
        ));
    }
    let decode = |segment| {
        let segment = percent_decode_str(segment).decode_utf8();
        let segment = segment.map_err(|_| Failure::argument("path: not UTF-8 when decoded"))?;
        Ok(segment.into_owned())
    };
    path.strip_prefix('/').unwrap_or(path).split('/').map(decode).collect()
}
