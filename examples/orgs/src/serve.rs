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
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use nirvana_labs::{HttpRequest, HttpResponse, Method, Sandbox, Transport};
use serde_json::json;
use time::OffsetDateTime;
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::output::{self, clean};
use crate::sandbox;

/// The largest request body that is kept.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Serves until the program is ended.
pub(crate) fn serve(port: u16, seed_keys: &[String]) -> Result<(), Failure> {
    if seed_keys.iter().collect::<BTreeSet<_>>().len() < seed_keys.len() {
        return Err(Failure::bad_usage("--seed-key names a key twice; each is another user's"));
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
        output::text(&format!("serving the sandbox on {url} until Ctrl-C\n{keys}"))?;
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (sandbox, url) = (sandbox.clone(), url.clone());
                    tokio::spawn(async move {
                        let service = service_fn(|request| logged(request, &url, &sandbox));
                        // A client that breaks off is no matter.
                        let _ = http1::Builder::new()
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    });
                }
                // Too many connections, for example: those there are go on.
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    })
}

/// Which API keys are accepted, and whose they are.
fn accepted(seed_keys: &[String]) -> String {
    if seed_keys.is_empty() {
        return "accepting any API key, or none: each is user_1's".to_owned();
    }
    let keys = seed_keys.iter().zip(1..).map(|(key, n)| format!("{} (user_{n})", clean(key)));
    format!("accepting the API keys {}", keys.collect::<Vec<_>>().join(", "))
}

/// Responds to a request, and logs that on standard error.
async fn logged(
    request: Request<Incoming>,
    url: &str,
    sandbox: &Sandbox,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let started = Instant::now();
    // Without the query, and without headers: no key is shown.
    let what = format!("{} {}", request.method(), request.uri().path());
    let response = respond(request, url, sandbox).await.unwrap_or_else(|refusal| refusal);
    let line = format!("{what} {} {:.1?}", response.status(), started.elapsed());
    let _ = writeln!(io::stderr(), "{}", clean(&line));

    let mut builder = Response::builder().status(response.status());
    for header in response.headers() {
        builder = builder.header(header.name, header.value);
    }
    Ok(builder.body(Full::from(response.body().to_vec())).unwrap_or_default())
}

/// What the sandbox responds; or what this server does to a request that cannot be passed on.
async fn respond(
    request: Request<Incoming>,
    url: &str,
    sandbox: &Sandbox,
) -> Result<HttpResponse, HttpResponse> {
    let (head, body) = request.into_parts();
    let body = read(body).await?;
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    if !target.starts_with('/') {
        return Err(refusal(400, "the request target is not a path"));
    }
    let invalid = |error: &dyn ToString| refusal(400, &error.to_string());
    let method = Method::try_from(head.method.as_str()).map_err(|error| invalid(&error))?;
    let mut passed =
        HttpRequest::new(method, format!("{url}{target}")).map_err(|error| invalid(&error))?;
    for (name, value) in &head.headers {
        // Those that are a transport's own (Host and the like) are left out, and so are those
        // that are not ASCII: no API key is.
        if let Ok(value) = value.to_str() {
            passed = passed.clone().with_header(name.as_str(), value).unwrap_or(passed);
        }
    }
    if !body.is_empty() {
        passed = passed.with_body(body);
    }
    sandbox.set_time(OffsetDateTime::now_utc());
    sandbox.clear_requests();
    sandbox.send(passed).map_err(|error| refusal(500, &error.to_string()))
}

/// Reads a body to its end, so that the client gets to read the response, but keeps only so
/// much of it.
async fn read(mut body: Incoming) -> Result<Vec<u8>, HttpResponse> {
    let (mut kept, mut too_large) = (Vec::new(), false);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| refusal(400, "the body is malformed or cut short"))?;
        let data = frame.into_data().unwrap_or_default();
        too_large |= kept.len().saturating_add(data.len()) > MAX_BODY_BYTES;
        if !too_large {
            kept.extend_from_slice(&data);
        }
    }
    if too_large {
        return Err(refusal(413, &format!("the body is larger than {MAX_BODY_BYTES} bytes")));
    }
    Ok(kept)
}

fn refusal(status: u16, message: &str) -> HttpResponse {
    let body = json!({ "message": message, "code": "bad_request" }).to_string();
    HttpResponse::new(status).with_header("content-type", "application/json").with_body(body)
}
