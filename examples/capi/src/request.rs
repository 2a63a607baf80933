//! Requests to endpoints that have no function of their own.

use std::collections::BTreeMap;

use nirvana_labs::http::{Method, Response};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cancel::CancelToken;
use crate::client::{Client, call};
use crate::code::Code;
use crate::entry::{ErrorOut, TextOut};
use crate::error::Failure;
use crate::json;
use crate::options::query_pairs;
use crate::text::Text;

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
    call(client, options, cancel, json, error, |api| {
        let method = Method::from_bytes(method.required("method")?.as_bytes())
            .map_err(|_| Failure::argument("method: expected GET, POST or another HTTP method"))?;
        let mut request = api.request(method, segments(path.required("path")?)?);
        for (name, value) in query_pairs("query", json::object("query", query)?)? {
            request = request.query(&name, &value);
        }
        if let Some(body) = body.optional("body")?.filter(|body| !body.is_empty()) {
            request = request.json(&json::value::<Box<RawValue>>("body", body)?);
        }
        let response: Response<Option<Box<RawValue>>> = request.send()?;
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value.as_bytes());
            // The values of a repeated header are joined, as RFC 9110 allows.
            let add = |all: &mut String| *all = format!("{all}, {value}");
            headers.entry(name.to_string()).and_modify(add).or_insert(value.to_string());
        }
        Ok(Shown { status: response.status().as_u16(), headers, body: response.into_body() })
    })
}

/// A response as C sees it.
#[derive(Serialize)]
struct Shown {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Option<Box<RawValue>>,
}

/// Returns the decoded segments of a path.
fn segments(path: &str) -> Result<Vec<String>, Failure> {
    if path.contains(['?', '#']) {
        return Err(Failure::argument(
            "path: it has a query or a fragment; use the argument query, or write %3F or %23",
        ));
    }
    let decode = |segment| match percent_decode_str(segment).decode_utf8() {
        Ok(segment) => Ok(segment.into_owned()),
        Err(_) => Err(Failure::argument("path: a percent-encoded character is not UTF-8")),
    };
    path.strip_prefix('/').unwrap_or(path).split('/').map(decode).collect()
}
