//! The codes that functions return.

/// 0 for success, or why a call failed. Codes never change their meaning; later versions may
/// add some.
pub type Code = u32;

/// Success.
pub const NIRVANA_OK: Code = 0;
/// The key, the base URL, a header or another setting is invalid. Nothing was sent.
pub const NIRVANA_CONFIG: Code = 1;
/// An id, a limit or a body is invalid. Nothing was sent.
pub const NIRVANA_REQUEST: Code = 2;
/// The call's cancel token was cancelled.
pub const NIRVANA_CANCELLED: Code = 3;
/// The deadline, or the total timeout, passed.
pub const NIRVANA_DEADLINE: Code = 4;
/// The response is 2xx with a body that is not what the API schema says.
pub const NIRVANA_DECODE: Code = 5;
/// The server repeated a cursor of a list.
pub const NIRVANA_PAGINATION_CYCLE: Code = 6;
/// The response has a status outside 2xx: see `status` of the error.
pub const NIRVANA_API: Code = 7;
/// The DNS lookup of the host failed.
pub const NIRVANA_DNS: Code = 20;
/// The connection was refused, or the host cannot be reached.
pub const NIRVANA_CONNECT: Code = 21;
/// The connect timeout passed.
pub const NIRVANA_CONNECT_TIMEOUT: Code = 22;
/// The TLS handshake failed: certificate, host name, or no TLS at all.
pub const NIRVANA_TLS: Code = 23;
/// The proxy could not be reached, or refused.
pub const NIRVANA_PROXY: Code = 24;
/// The attempt took longer than its timeout.
pub const NIRVANA_TIMEOUT: Code = 25;
/// The connection was closed before a response.
pub const NIRVANA_CLOSED: Code = 26;
/// The response was cut short.
pub const NIRVANA_TRUNCATED: Code = 27;
/// The response was not valid HTTP.
pub const NIRVANA_PROTOCOL: Code = 28;
/// The response is larger than the limit.
pub const NIRVANA_TOO_LARGE: Code = 29;
/// No usable response came, for another reason.
pub const NIRVANA_TRANSPORT_OTHER: Code = 39;
/// An argument is NULL that must not be, is not UTF-8, or is not the JSON that the function
/// takes. Nothing was sent.
pub const NIRVANA_INVALID_ARGUMENT: Code = 100;
/// A bug in this library. The call was given up; the process goes on.
pub const NIRVANA_PANIC: Code = 101;

#[cfg(test)]
mod tests {
    use nirvana_labs::{
        Api, Error, HttpRequest, HttpResponse, ListParams, SendError, Transport,
        TransportErrorKind as Kind,
    };

    use super::*;

    /// Responds to every request in the same way.
    struct Always<F>(F);

    impl<F> Transport for Always<F>
    where
        F: Fn() -> Result<HttpResponse, SendError> + Send + Sync + 'static,
    {
        fn send(&self, _request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
            (self.0)()
        }
    }

    fn code(send: impl Fn() -> Result<HttpResponse, SendError> + Send + Sync + 'static) -> Code {
        let api = Api::builder().max_retries(0).transport(Always(send)).build().unwrap();
        api.list_organizations(ListParams::new())
            .find_map(Result::err)
            .as_ref()
            .map_or(0, Error::code)
    }

    /// What the C programs do not show.
    #[test]
    fn codes_are_those_of_the_crate() {
        let page = r#"{"items": [], "pagination":
            {"next_cursor": "again", "previous_cursor": null, "total_count": 0}}"#;
        assert_eq!(code(|| Ok(HttpResponse::new(200).with_body("{}"))), NIRVANA_DECODE);
        assert_eq!(
            code(move || Ok(HttpResponse::new(200).with_body(page))),
            NIRVANA_PAGINATION_CYCLE
        );
        for (kind, number) in [
            (Kind::Dns, NIRVANA_DNS),
            (Kind::Connect, NIRVANA_CONNECT),
            (Kind::ConnectTimeout, NIRVANA_CONNECT_TIMEOUT),
            (Kind::Tls, NIRVANA_TLS),
            (Kind::Proxy, NIRVANA_PROXY),
            (Kind::Timeout, NIRVANA_TIMEOUT),
            (Kind::Closed, NIRVANA_CLOSED),
            (Kind::Truncated, NIRVANA_TRUNCATED),
            (Kind::Protocol, NIRVANA_PROTOCOL),
            (Kind::TooLarge, NIRVANA_TOO_LARGE),
            (Kind::Other, NIRVANA_TRANSPORT_OTHER),
        ] {
            assert_eq!(code(move || Err(SendError::not_sent(kind, "as told"))), number, "{kind:?}");
        }
    }
}
