//! From a method and a path to an endpoint.

use percent_encoding::percent_decode_str;

use super::endpoints::Call;
use super::response::{Outcome, Refusal};

/// Calls the endpoint at `path`, if there is one.
pub(super) fn dispatch(call: Call<'_>, path: &str) -> Outcome {
    let segments: Vec<String> = path.split('/').skip(1).map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let nothing = || Err(Refusal::not_found("there is nothing at this path"));
    let ["v1", "organizations", rest @ ..] = segments.as_slice() else { return nothing() };
    match (call.request.method().as_str(), rest) {
        _ if rest.contains(&"") => nothing(),
        ("GET", []) => call.list_organizations(),
        ("POST", []) => call.create_organization(),
        ("GET", [id]) => call.get_organization(id),
        ("PATCH", [id]) => call.update_organization(id),
        ("POST", [id, "leave"]) => call.leave_organization(id),
        ("GET", [id, "memberships"]) => call.list_memberships(id),
        ("GET", [id, "memberships", membership_id]) => call.get_membership(id, membership_id),
        ("GET", [id, "address"]) => call.get_address(id),
        ("POST", [id, "address"]) => call.create_address(id),
        ("PATCH", [id, "address"]) => call.update_address(id),
        (_, []) => Err(Refusal::method_not_allowed("GET, POST")),
        (_, [_]) => Err(Refusal::method_not_allowed("GET, PATCH")),
        (_, [_, "leave"]) => Err(Refusal::method_not_allowed("POST")),
        (_, [_, "memberships"] | [_, "memberships", _]) => Err(Refusal::method_not_allowed("GET")),
        (_, [_, "address"]) => Err(Refusal::method_not_allowed("GET, POST, PATCH")),
        _ => nothing(),
    }
}

/// The names and values of a query, decoded.
pub(super) fn query_pairs(query: Option<&str>) -> Vec<(String, String)> {
    let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let halves = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    halves.map(|(name, value)| (decode(name), decode(value))).collect()
}

/// Undoes percent-encoding.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
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
