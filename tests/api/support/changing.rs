//! A transport that wraps another and changes each request.

use nirvana_labs::{HttpTransport, Limits, SendError, Transport};

use crate::checks::http_messages::{HttpRequest, HttpResponse};

/// Applies a function to each request, and sends the changed request.
pub(crate) struct Changing<F>(pub(crate) HttpTransport, pub(crate) F);

impl<F: Fn(&mut HttpRequest<'_>) + Send + Sync + 'static> Transport for Changing<F> {
    fn send(
        &self,
        mut request: HttpRequest<'_>,
        limits: &Limits,
    ) -> Result<HttpResponse, SendError> {
        (self.1)(&mut request);
        self.0.send(request, limits)
    }
}
