//! From a method and a path to an endpoint.

use super::answer::{Answer, Outcome};
use super::endpoints::Call;
use crate::request::Method;

/// Calls the endpoint at `path`, if there is one.
pub(super) fn dispatch(call: Call<'_>, method: &Method, path: &str) -> Outcome {
    let segments: Vec<String> = path.split('/').skip(1).map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some(("v1", rest)) = segments.split_first().map(|(first, rest)| (*first, rest)) else {
        return Err(no_route());
    };
    match (method.as_str(), rest) {
        ("GET", ["organizations"]) => call.list_organizations(),
        ("POST", ["organizations"]) => call.create_organization(),
        ("GET", ["organizations", id]) if !id.is_empty() => call.get_organization(id),
        ("PATCH", ["organizations", id]) if !id.is_empty() => call.update_organization(id),
        ("POST", ["organizations", id, "leave"]) => call.leave_organization(id),
        ("GET", ["organizations", id, "memberships"]) => call.list_memberships(id),
        ("GET", ["organizations", id, "memberships", membership]) => {
            call.get_membership(id, membership)
        }
        ("GET", ["organizations", id, "address"]) => call.get_address(id),
        ("POST", ["organizations", id, "address"]) => call.create_address(id),
        ("PATCH", ["organizations", id, "address"]) => call.update_address(id),

        (_, ["organizations"]) => Err(Answer::method_not_allowed("GET, POST")),
        (_, ["organizations", id]) if !id.is_empty() => {
            Err(Answer::method_not_allowed("GET, PATCH"))
        }
        (_, ["organizations", _, "leave"]) => Err(Answer::method_not_allowed("POST")),
        (_, ["organizations", _, "memberships"] | ["organizations", _, "memberships", _]) => {
            Err(Answer::method_not_allowed("GET"))
        }
        (_, ["organizations", _, "address"]) => Err(Answer::method_not_allowed("GET, POST, PATCH")),
        _ => Err(no_route()),
    }
}

fn no_route() -> Answer {
    Answer::not_found("there is nothing at this path")
}

/// The names and values of a query, decoded.
pub(super) fn query_pairs(query: Option<&str>) -> Vec<(String, String)> {
    let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Undoes percent-encoding.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = |digit: &u8| char::from(*digit).to_digit(16).and_then(|d| u8::try_from(d).ok());
        rest = after;
        match (byte, after) {
            (b'%', [high, low, after @ ..]) => match (hex(high), hex(low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(byte),
            },
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone() {
        for (encoded, decoded) in [
            ("org_1", "org_1"),
            ("a%2Fb%3f", "a/b?"),
            ("%C3%A9+", "é+"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%%41", "%A"),
        ] {
            assert_eq!(decode(encoded), decoded);
        }
    }

    #[test]
    fn queries_are_split_into_pairs() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(query_pairs(None), []);
        assert_eq!(
            query_pairs(Some("limit=5&cursor=a%3Db&&flag")),
            [pair("limit", "5"), pair("cursor", "a=b"), pair("flag", "")]
        );
    }
}
