//! A server without a socket: a [`Transport`] that calls a function.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use nirvana_labs::{Api, ApiBuilder, Limits, SendError, Transport};

use crate::checks::http_messages::{HttpMessage, HttpRequest, HttpResponse, WithBody, response};

/// The outcome of a request.
pub type Outcome = Result<HttpResponse, SendError>;

/// Returns the limits of `request`.
pub fn limits<'a>(request: &'a HttpRequest<'_>) -> &'a Limits {
    request.extensions().get().unwrap()
}

/// Counts requests, and returns the outcomes of a function.
#[derive(Clone)]
pub struct Scripted {
    respond: Arc<dyn Fn(&HttpRequest<'_>) -> Outcome + Send + Sync>,
    count: Arc<AtomicUsize>,
}

impl Scripted {
    pub fn new(respond: impl Fn(&HttpRequest<'_>) -> Outcome + Send + Sync + 'static) -> Scripted {
        Scripted { respond: Arc::new(respond), count: Arc::default() }
    }

    /// Returns these outcomes in order. Panics at a request after the last one.
    pub fn in_turn(outcomes: impl IntoIterator<Item = Outcome>) -> Scripted {
        let outcomes = Mutex::new(outcomes.into_iter().collect::<VecDeque<_>>());
        Scripted::new(move |request| {
            let next = outcomes.lock().unwrap().pop_front();
            next.unwrap_or_else(|| panic!("one request too many: {request:?}"))
        })
    }

    /// Answers every request with a 200 and this body.
    pub fn body(body: impl AsRef<[u8]>) -> Scripted {
        let body = body.as_ref().to_vec();
        Scripted::new(move |_| {
            let response = response(200).with_header("x-request-id", "req_1");
            Ok(response.with_body(body.clone()))
        })
    }

    pub fn builder(&self) -> ApiBuilder {
        Api::builder().api_key("nl_key").transport(self.clone())
    }

    pub fn api(&self) -> Api {
        self.builder().build().unwrap()
    }

    /// Returns how many requests there were.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

impl Transport for Scripted {
    fn send(&self, mut request: HttpRequest<'_>, limits: &Limits) -> Outcome {
        self.count.fetch_add(1, Ordering::SeqCst);
        // The function `limits` reads the limits from here.
        request.extensions_mut().insert(limits.clone());
        (self.respond)(&request)
    }
}
