//! Requests as a server reads them, and responses as it writes them.

/// A request, as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path and the query.
    pub(crate) target: String,
    /// The names are in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A response with a length.
pub(crate) fn answer(status: u16, body: &str) -> String {
    answer_with(status, &[], body)
}

/// A response with a length and more headers.
pub(crate) fn answer_with(status: u16, headers: &[(&str, &str)], body: &str) -> String {
    head(status, headers, body.len()) + body
}

/// The same, whose body may be any bytes.
pub(crate) fn answer_bytes(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    [head(status, headers, body.len()).as_bytes(), body].concat()
}

fn head(status: u16, headers: &[(&str, &str)], length: usize) -> String {
    let mut text = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + "\r\n"
}
