//! Checks paths and queries: they decode to the input, and a request never reaches another path or
//! host.
//!
//! Input: two ids, then the query parameters: a name, its value, the next name, and so on.

use nirvana_labs::http::Method;
use nirvana_labs::{Api, Error, ErrorKind, ListParams, RequestOptions};

use super::wire::{Seen, Wire, assert_one_line, percent_decoded, texts};

/// The most bytes of path and query that a request may have.
const MAX_TARGET: usize = 8 * 1024;

/// Base URLs, each with its origin and its path.
const BASES: [(&str, &str, &str); 2] = [
    ("https://api.nirvanalabs.io", "https://api.nirvanalabs.io", ""),
    ("http://[::1]:8080/gateway/v2/", "http://[::1]:8080", "/gateway/v2"),
];

thread_local! {
    static CLIENTS: [(Api, Wire); 2] = BASES.map(|(base, _, _)| {
        let wire = Wire::default();
        let api = Api::builder().base_url(base).max_retries(0).transport(wire.clone());
        (api.build().unwrap(), wire)
    });
}

pub fn check(data: &[u8]) {
    let mut texts = texts(data).into_iter();
    let ids = [texts.next().unwrap_or_default(), texts.next().unwrap_or_default()];
    let mut query = Vec::new();
    while let Some(name) = texts.next() {
        query.push((name, texts.next().unwrap_or_default()));
    }
    CLIENTS.with(|clients| {
        // Only one of the clients is checked, because both would take twice the time.
        let base = data.len() % 2;
        let ((api, wire), (_, origin, prefix)) = (&clients[base], BASES[base]);
        let on = Server { wire, origin, prefix };
        ids_stay_segments(api, &on, &ids);
        queries_come_back(api, &on, &ids[0], &query);
        cursors_come_back(api, &on, &ids[0], &ids[1]);
    });
}

/// The server that requests must reach.
struct Server<'a> {
    wire: &'a Wire,
    origin: &'a str,
    prefix: &'a str,
}

impl Server<'_> {
    /// Asserts that there was one request, to `segments` with `query`. If the path is invalid, or
    /// path and query are too long, asserts that there was no request.
    fn saw(&self, outcome: &Error, segments: &[&str], query: &[(&str, &str)]) {
        assert_one_line(&outcome.to_string());
        let seen = self.wire.take();
        let unusable = segments.iter().any(|segment| matches!(*segment, "" | "." | ".."))
            || segments.first().is_some_and(|path| path.contains('/'));
        if unusable || self.target_bytes(segments, query) > MAX_TARGET {
            assert_eq!(outcome.kind(), ErrorKind::Request, "{outcome:?}");
            assert!(seen.is_empty(), "{outcome} {seen:?}");
            assert_eq!(outcome.attempts(), 0);
            return;
        }
        assert!(outcome.is_not_found(), "{outcome:?}");
        let [request] = &seen[..] else { panic!("{} requests", seen.len()) };
        self.assert_target(request, segments, query);
    }

    /// Returns the length of path and query. A percent-encoded byte takes three bytes.
    fn target_bytes(&self, segments: &[&str], query: &[(&str, &str)]) -> usize {
        let encoded = |text: &str| {
            text.bytes().map(|byte| if unreserved(byte) { 1 } else { 3 }).sum::<usize>()
        };
        let path: usize = segments.iter().map(|segment| 1 + encoded(segment)).sum();
        let query: usize =
            query.iter().map(|(name, value)| 2 + encoded(name) + encoded(value)).sum();
        self.prefix.len() + path + query
    }

    fn assert_target(&self, request: &Seen, segments: &[&str], query: &[(&str, &str)]) {
        let mut url = format!("{}{}", self.origin, request.path);
        if let Some(query) = &request.query {
            url = format!("{url}?{query}");
        }
        assert_eq!(request.url, url);
        let legal = |byte: u8| unreserved(byte) || b"%/?&=:[]".contains(&byte);
        assert!(url.bytes().all(legal), "{url}");

        let path = request.path.strip_prefix(self.prefix).unwrap().strip_prefix('/').unwrap();
        let sent: Vec<&str> = path.split('/').collect();
        assert_eq!(sent.len(), segments.len(), "{path}");
        for (sent, segment) in sent.iter().zip(segments) {
            assert_eq!(percent_decoded(sent), segment.as_bytes());
            // Browsers and proxies decode `%2E`, and resolve dot segments to another path.
            assert!(!matches!(sent.replace("%2E", ".").as_str(), "." | ".."), "{path}");
        }

        let sent: Vec<&str> = request.query.iter().flat_map(|query| query.split('&')).collect();
        assert_eq!(sent.len(), query.len(), "{url}");
        for (sent, (name, value)) in sent.iter().zip(query) {
            let (sent_name, sent_value) = sent.split_once('=').unwrap();
            assert_eq!(percent_decoded(sent_name), name.as_bytes());
            assert_eq!(percent_decoded(sent_value), value.as_bytes());
        }
    }
}

fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn ids_stay_segments(api: &Api, on: &Server<'_>, ids: &[String; 2]) {
    let [organization, membership] = ids;
    let outcome = api.get_organization_membership(organization, membership).unwrap_err();
    on.saw(&outcome, &["v1", "organizations", organization, "memberships", membership], &[]);

    let outcome = api.leave_organization(organization).unwrap_err();
    on.saw(&outcome, &["v1", "organizations", organization, "leave"], &[]);
}

/// Checks that the parameters of the request come before the parameters of the options, and that
/// both keep their order.
fn queries_come_back(api: &Api, on: &Server<'_>, id: &str, query: &[(String, String)]) {
    let (of_request, of_options) = query.split_at(query.len() / 2);
    let options = of_options
        .iter()
        .fold(RequestOptions::new(), |options, (name, value)| options.query(name, value));
    let request = api.with_options(options).request(Method::GET, ["v1", id]);
    let request =
        of_request.iter().fold(request, |request, (name, value)| request.query(name, value));
    let outcome = request.send::<()>().unwrap_err();
    let query: Vec<(&str, &str)> =
        query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    on.saw(&outcome, &["v1", id], &query);
}

fn cursors_come_back(api: &Api, on: &Server<'_>, id: &str, cursor: &str) {
    let params = ListParams::new().limit(7).cursor(cursor);
    let outcome = api.list_organization_memberships(id, &params).next().unwrap().unwrap_err();
    let mut query = vec![("limit", "7")];
    if !cursor.is_empty() {
        query.push(("cursor", cursor));
    }
    on.saw(&outcome, &["v1", "organizations", id, "memberships"], &query);
}
