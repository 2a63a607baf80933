//! The codes that functions return.

/// 0 for success, or why a call failed. Codes never change their meaning; later versions may
/// add some.
pub type Code = u32;

/// Success.
pub const NIRVANA_OK: Code = 0;
/// The key, the base URL, a header or another setting is unusable. Nothing was sent.
pub const NIRVANA_CONFIG: Code = 1;
/// An id, a limit or a body is unusable. Nothing was sent.
pub const NIRVANA_REQUEST: Code = 2;
/// The caller's cancel token was cancelled.
pub const NIRVANA_CANCELLED: Code = 3;
/// The caller's deadline passed.
pub const NIRVANA_DEADLINE: Code = 4;
/// The server answered 2xx with a body that is not what the contract says.
pub const NIRVANA_DECODE: Code = 5;
/// A list goes round in circles: the server gave a cursor that it had given before.
pub const NIRVANA_CURSOR: Code = 6;
/// The server answered with a status outside 2xx: see `status` of the error.
pub const NIRVANA_API: Code = 7;
/// The host name could not be looked up.
pub const NIRVANA_LOOKUP: Code = 20;
/// The connection was refused, or the host cannot be reached.
pub const NIRVANA_CONNECT: Code = 21;
/// No connection stood within the connect timeout.
pub const NIRVANA_CONNECT_TIMEOUT: Code = 22;
/// TLS could not be agreed: certificate, host name, or no TLS at all.
pub const NIRVANA_TLS: Code = 23;
/// The proxy could not be reached, or refused.
pub const NIRVANA_PROXY: Code = 24;
/// The attempt took longer than its timeout.
pub const NIRVANA_TIMEOUT: Code = 25;
/// The connection ended before any of the answer came.
pub const NIRVANA_CLOSED: Code = 26;
/// The answer ended before it was whole.
pub const NIRVANA_TRUNCATED: Code = 27;
/// The answer was not HTTP, or not as HTTP says.
pub const NIRVANA_PROTOCOL: Code = 28;
/// The answer is larger than the limit.
pub const NIRVANA_TOO_LARGE: Code = 29;
/// No usable answer came, for another reason.
pub const NIRVANA_TRANSPORT_OTHER: Code = 39;
/// An argument is NULL that must not be, is not UTF-8, or is not the JSON that the function
/// takes. Nothing was sent.
pub const NIRVANA_INVALID_ARGUMENT: Code = 100;
/// A bug in this library. The call was given up; the process goes on.
pub const NIRVANA_PANIC: Code = 101;

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use nirvana_labs::{
        Api, CancelToken, HttpRequest, HttpResponse, ListParams, RequestOptions, SendError,
        Transport, TransportErrorKind,
    };

    use super::*;

    /// Answers every request the same way.
    struct Always<F>(F);

    impl<F> Transport for Always<F>
    where
        F: Fn() -> Result<HttpResponse, SendError> + Send + Sync + 'static,
    {
        fn send(&self, _request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
            (self.0)()
        }
    }

    fn api(answer: impl Fn() -> Result<HttpResponse, SendError> + Send + Sync + 'static) -> Api {
        Api::builder().max_retries(0).transport(Always(answer)).build().unwrap()
    }

    fn code_of(api: &Api) -> Code {
        api.get_organization("org_1").unwrap_err().code()
    }

    #[test]
    fn codes_of_the_stages_are_those_of_the_crate() {
        let empty = api(|| Ok(HttpResponse::new(200).with_body("{}")));
        assert_eq!(Api::new("").unwrap_err().code(), NIRVANA_CONFIG);
        assert_eq!(empty.get_organization("").unwrap_err().code(), NIRVANA_REQUEST);
        assert_eq!(code_of(&empty), NIRVANA_DECODE);
        assert_eq!(code_of(&api(|| Ok(HttpResponse::new(500)))), NIRVANA_API);

        let token = CancelToken::new();
        token.cancel();
        let cancelled = empty.with_options(RequestOptions::new().cancel(&token));
        assert_eq!(code_of(&cancelled), NIRVANA_CANCELLED);
        let late = empty.with_options(RequestOptions::new().deadline(Instant::now()));
        assert_eq!(code_of(&late), NIRVANA_DEADLINE);

        let page = r#"{"items": [], "pagination":
            {"next_cursor": "again", "previous_cursor": null, "total_count": 0}}"#;
        let circle = api(move || Ok(HttpResponse::new(200).with_body(page)));
        let error = circle.list_organizations(ListParams::new()).next().unwrap().unwrap_err();
        assert_eq!(error.code(), NIRVANA_CURSOR);
    }

    #[test]
    fn codes_of_the_transport_are_those_of_the_crate() {
        for (kind, code) in [
            (TransportErrorKind::Dns, NIRVANA_LOOKUP),
            (TransportErrorKind::Connect, NIRVANA_CONNECT),
            (TransportErrorKind::ConnectTimeout, NIRVANA_CONNECT_TIMEOUT),
            (TransportErrorKind::Tls, NIRVANA_TLS),
            (TransportErrorKind::Proxy, NIRVANA_PROXY),
            (TransportErrorKind::Timeout, NIRVANA_TIMEOUT),
            (TransportErrorKind::Closed, NIRVANA_CLOSED),
            (TransportErrorKind::Truncated, NIRVANA_TRUNCATED),
            (TransportErrorKind::Protocol, NIRVANA_PROTOCOL),
            (TransportErrorKind::TooLarge, NIRVANA_TOO_LARGE),
            (TransportErrorKind::Other, NIRVANA_TRANSPORT_OTHER),
        ] {
            let failing = api(move || Err(SendError::not_sent(kind, "as told")));
            assert_eq!(code_of(&failing), code, "{kind:?}");
        }
    }
}
