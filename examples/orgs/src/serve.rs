//! `orgs serve`: the sandbox as an HTTP server on this machine.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use nirvana_labs::http::header::CONTENT_TYPE;
use nirvana_labs::http::{HeaderValue, Request, Response, StatusCode};
use nirvana_labs::time::OffsetDateTime;
use nirvana_labs::{Limits, Sandbox, Transport};
use serde_json::json;
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::output::{self, clean};
use crate::sandbox;

/// The largest request body that is accepted.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Serves until the program is killed.
pub(crate) fn serve(port: u16, seed_keys: &[String]) -> Result<(), Failure> {
    if seed_keys.iter().collect::<BTreeSet<_>>().len() < seed_keys.len() {
        return Err(Failure::bad_usage(
            "--seed-key has the same key twice; give each user another key",
        ));
    }
    let sandbox = sandbox::seeded(seed_keys).map_err(Failure::config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let cannot_listen = |error| {
            Failure::bad_usage(format!(
                "cannot listen on port {port}: {error}; give another --port, or 0 for any"
            ))
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(cannot_listen)?;
        let url = format!("http://{}", listener.local_addr().map_err(cannot_listen)?);
        let keys = accepted(seed_keys);
        // The server goes on if the reader closes the pipe, after the first line for example.
        match output::text(&format!("serving the sandbox on {url} until Ctrl-C\n{keys}")) {
            Ok(()) | Err(Failure::OutputClosed) => {}
            Err(failure) => return Err(failure),
        }
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let sandbox = sandbox.clone();
                    tokio::spawn(async move {
                        let service = service_fn(|request| logged(request, &sandbox));
                        // An error means that the client closed the connection early.
                        let _ = http1::Builder::new()
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    });
                }
                // There are too many connections, for example. The open ones go on.
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    })
}

/// Says which API keys are accepted, and for which users.
fn accepted(seed_keys: &[String]) -> String {
    if seed_keys.is_empty() {
        return "accepting any API key, or none, for user_1".to_owned();
    }
    let keys = seed_keys.iter().zip(1..).map(|(key, n)| format!("{} (user_{n})", clean(key)));
    format!("accepting the API keys {}", keys.collect::<Vec<_>>().join(", "))
}

/// Responds to a request, and logs it on standard error.
async fn logged(
    request: Request<Incoming>,
    sandbox: &Sandbox,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let started = Instant::now();
    // Without the query and the headers: no key is shown.
    let call = format!("{} {}", request.method(), request.uri().path());
    let response = respond(request, sandbox).await.unwrap_or_else(|refusal| refusal);
    let line = format!("{call} {} {:.1?}", response.status().as_u16(), started.elapsed());
    let _ = writeln!(io::stderr(), "{}", clean(&line));
    Ok(response.map(Full::from))
}

/// Returns the sandbox's response, or a refusal of a request that it cannot take.
async fn respond(
    request: Request<Incoming>,
    sandbox: &Sandbox,
) -> Result<Response<Vec<u8>>, Response<Vec<u8>>> {
    let internal =
        |error: &dyn ToString| refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string());
    let (head, body) = request.into_parts();
    let body = read(body).await?;
    if !head.uri.path().starts_with('/') {
        return Err(refusal(StatusCode::BAD_REQUEST, "the request target is not a path"));
    }
    sandbox.set_time(OffsetDateTime::now_utc()).map_err(|error| internal(&error))?;
    // Otherwise the log of requests would grow forever.
    sandbox.clear_requests();
    let request = Request::from_parts(head, body.as_slice());
    sandbox.send(request, &Limits::default()).map_err(|error| internal(&error))
}

/// Reads a body to its end, even if it is too large, because the client reads the response only
/// then.
async fn read(mut body: Incoming) -> Result<Vec<u8>, Response<Vec<u8>>> {
    let malformed =
        |_| refusal(StatusCode::BAD_REQUEST, "the body is malformed, or ended too early");
    let (mut kept, mut is_too_large) = (Vec::new(), false);
    while let Some(frame) = body.frame().await {
        let data = frame.map_err(malformed)?.into_data().unwrap_or_default();
        is_too_large |= kept.len().saturating_add(data.len()) > MAX_BODY_BYTES;
        if !is_too_large {
            kept.extend_from_slice(&data);
        }
    }
    if is_too_large {
        let message = format!("the body is larger than {MAX_BODY_BYTES} bytes");
        return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, &message));
    }
    Ok(kept)
}

fn refusal(status: StatusCode, message: &str) -> Response<Vec<u8>> {
    let body = json!({ "message": message, "code": "bad_request" }).to_string();
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
