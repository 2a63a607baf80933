//! Short words for requests and responses in memory.

use nirvana_labs::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use nirvana_labs::serde_json;
use nirvana_labs::{Items, Limits, ListParams, Pages};

pub type HttpRequest<'a> = Request<&'a [u8]>;
pub type HttpResponse = Response<Vec<u8>>;

/// A response of this status.
pub fn reply(status: u16) -> HttpResponse {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// A request for this URL.
pub fn request(method: nirvana_labs::http::Method, url: &str) -> HttpRequest<'static> {
    let mut request = Request::new(&b""[..]);
    *request.method_mut() = method;
    *request.uri_mut() = url.parse().unwrap();
    request
}

fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        headers.append(name, value);
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub trait ResponseWords: Sized {
    fn with_header(self, name: &str, value: &str) -> Self;
    fn with_body(self, body: impl Into<Vec<u8>>) -> HttpResponse;
    fn header(&self, name: &str) -> Option<&str>;
    fn code(&self) -> u16;
}

impl<T> ResponseWords for Response<T> {
    fn with_header(mut self, name: &str, value: &str) -> Self {
        put(self.headers_mut(), name, value);
        self
    }

    fn with_body(self, body: impl Into<Vec<u8>>) -> HttpResponse {
        self.map(|_| body.into())
    }

    fn header(&self, name: &str) -> Option<&str> {
        text(self.headers(), name)
    }

    fn code(&self) -> u16 {
        self.status().as_u16()
    }
}

pub trait RequestWords: Sized {
    fn with_header(self, name: &str, value: &str) -> Self;
    fn url(&self) -> String;
    fn path(&self) -> &str;
    fn query(&self) -> Option<&str>;
    fn header(&self, name: &str) -> Option<&str>;
    /// Of the response, in the log of a sandbox.
    fn status(&self) -> u16;
    /// The segments of the path.
    fn segments(&self) -> Vec<String>;
    /// Those that a transport has put there.
    fn limits(&self) -> Limits;
}

impl<T> RequestWords for Request<T> {
    fn with_header(mut self, name: &str, value: &str) -> Self {
        put(self.headers_mut(), name, value);
        self
    }

    fn url(&self) -> String {
        self.uri().to_string()
    }

    fn path(&self) -> &str {
        self.uri().path()
    }

    fn query(&self) -> Option<&str> {
        self.uri().query()
    }

    fn header(&self, name: &str) -> Option<&str> {
        text(self.headers(), name)
    }

    fn status(&self) -> u16 {
        self.extensions().get::<StatusCode>().unwrap().as_u16()
    }

    fn segments(&self) -> Vec<String> {
        self.uri().path().split('/').skip(1).map(|it| it.replace("%2F", "/")).collect()
    }

    fn limits(&self) -> Limits {
        self.extensions().get().cloned().unwrap_or_default()
    }
}

/// Where a list goes on.
pub trait Resume {
    fn params(&self) -> Option<ListParams>;

    fn next_cursor(&self) -> Option<String> {
        let params = serde_json::to_value(self.params()?).unwrap();
        params["cursor"].as_str().map(str::to_owned)
    }
}

impl<T> Resume for Items<T> {
    fn params(&self) -> Option<ListParams> {
        self.resume()
    }
}

impl<T> Resume for Pages<T> {
    fn params(&self) -> Option<ListParams> {
        self.resume()
    }
}
