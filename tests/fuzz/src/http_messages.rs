//! Helpers to create and read HTTP requests and responses.

use nirvana_labs::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
};

pub type HttpRequest<'a> = Request<&'a [u8]>;
pub type HttpResponse = Response<Vec<u8>>;

/// Returns a request without headers and without a body.
pub fn request(method: Method, url: &str) -> HttpRequest<'static> {
    let mut request = Request::new(&b""[..]);
    *request.method_mut() = method;
    *request.uri_mut() = url.parse().unwrap();
    request
}

/// Returns a response without headers and without a body.
pub fn response(status: u16) -> HttpResponse {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// The methods that requests and responses have in common.
pub trait HttpMessage: Sized {
    fn header_map(&self) -> &HeaderMap;
    fn header_map_mut(&mut self) -> &mut HeaderMap;

    /// Returns the first header of this name if it is visible ASCII.
    fn header(&self, name: &str) -> Option<&str> {
        self.header_map().get(name)?.to_str().ok()
    }

    /// Adds a header, and keeps other headers with the same name.
    fn with_header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).unwrap();
        self.header_map_mut().append(name, HeaderValue::try_from(value).unwrap());
        self
    }
}

impl<T> HttpMessage for Request<T> {
    fn header_map(&self) -> &HeaderMap {
        self.headers()
    }

    fn header_map_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }
}

impl<T> HttpMessage for Response<T> {
    fn header_map(&self) -> &HeaderMap {
        self.headers()
    }

    fn header_map_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }
}

/// Sets the body of a response.
pub trait WithBody {
    fn with_body(self, body: impl Into<Vec<u8>>) -> HttpResponse;
}

impl WithBody for HttpResponse {
    fn with_body(self, body: impl Into<Vec<u8>>) -> HttpResponse {
        self.map(|_| body.into())
    }
}
