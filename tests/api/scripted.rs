//! A server without a socket: a [`Transport`] that is a function.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use nirvana_labs::{Api, ApiBuilder, Limits, SendError, Transport};

use crate::checks::http_messages::{HttpMessage, HttpRequest, HttpResponse, WithBody, response};

/// What came of a request.
pub type Outcome = Result<HttpResponse, SendError>;

/// Returns the limits that `request` came with.
pub fn limits<'a>(request: &'a HttpRequest<'_>) -> &'a Limits {
    request.extensions().get().unwrap()
}

/// Counts requests, and answers as its function says.
#[derive(Clone)]
pub struct Scripted {
    answer: Arc<dyn Fn(&HttpRequest<'_>) -> Outcome + Send + Sync>,
    count: Arc<AtomicUsize>,
}

impl Scripted {
    pub fn new(answer: impl Fn(&HttpRequest<'_>) -> Outcome + Send + Sync + 'static) -> Scripted {
        Scripted { answer: Arc::new(answer), count: Arc::default() }
    }

    /// Gives these outcomes in turn; the test fails if it asks for more.
    pub fn in_turn(outcomes: impl IntoIterator<Item = Outcome>) -> Scripted {
        let outcomes = Mutex::new(outcomes.into_iter().collect::<VecDeque<_>>());
        Scripted::new(move |request| {
            let next = outcomes.lock().unwrap().pop_front();
            next.unwrap_or_else(|| panic!("one request too many: {request:?}"))
        })
    }

    /// One answer of 200 with this body, for every request.
    pub fn body(body: impl AsRef<[u8]>) -> Scripted {
        let body = body.as_ref().to_vec();
        Scripted::new(move |_| {
            let answer = response(200).with_header("x-request-id", "req_1");
            Ok(answer.with_body(body.clone()))
        })
    }

    pub fn builder(&self) -> ApiBuilder {
        Api::builder().api_key("nl_key").transport(self.clone())
    }

    pub fn api(&self) -> Api {
        self.builder().build().unwrap()
    }

    /// How many requests there were.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

impl Transport for Scripted {
    fn send(&self, mut request: HttpRequest<'_>, limits: &Limits) -> Outcome {
        self.count.fetch_add(1, Ordering::SeqCst);
        // For `limits`.
        request.extensions_mut().insert(limits.clone());
        (self.answer)(&request)
    }
}
