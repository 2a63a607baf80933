//! A connection is used again only if the end of the response is unambiguous. No byte after a
//! response is read as the next response.

use super::*;

/// Starts a server that sends `head` and then `late` on the first connection, and valid responses
/// afterwards. Returns the number of connections after a POST and three GETs. Each GET must get its
/// own response.
fn connections_after(head: &str, late: &str) -> usize {
    let (first, late) = (head.to_owned(), late.to_owned());
    let server = Server::new(move |connection| {
        if connection.number == 0 && connection.request().is_some() {
            connection.send(&first);
            // `late` is sent only after the next request on this connection.
            if !late.is_empty() && connection.request().is_some() {
                connection.send(&late);
            }
        }
        serve(connection, |_| reply(200, ORGANIZATION));
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    let _ = api.leave_organization("org_1");
    for _ in 0..3 {
        assert_eq!(api.get_organization("org_1").unwrap().id, "org_1", "after {head:.80}");
    }
    server.connections()
}

/// Returns a response that no request may get.
fn stale() -> String {
    reply(200, &ORGANIZATION.replace("org_1", "stale"))
}

const CHUNKS: &str = "2\r\n{}\r\n0\r\n\r\n";

#[test]
fn a_connection_is_used_again_if_the_end_of_the_response_is_clear() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKS}"),
        &format!("HTTP/1.1 200 OK\r\ntransfer-encoding:CHUNKED\r\n\r\n{CHUNKS}"),
        &format!("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKS}"),
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\n\r\n",
    ] {
        assert_eq!(connections_after(head, ""), 1, "after {head}");
    }
}

#[test]
fn a_connection_is_closed_if_the_end_of_the_response_is_unclear() {
    // A second request on the first connection would get the stale response.
    for head in [
        // The transfer coding is not exactly one `chunked`.
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n{CHUNKS}"),
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity, chunked\r\n\r\n{CHUNKS}"),
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n{CHUNKS}"),
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n{CHUNKS}"),
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked,\r\n\r\n{CHUNKS}"),
        // The header occurs twice.
        &format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n\
             {CHUNKS}"
        ),
        &format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n\
             {CHUNKS}"
        ),
        &format!(
            "HTTP/1.1 404 No\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n\
             {CHUNKS}"
        ),
        // Two headers give the length.
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\nContent-Length: 2\r\n\r\n{}",
        &format!(
            "HTTP/1.1 200 OK\r\nContent-Length: 300\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKS}"
        ),
        &format!(
            "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\nContent-Length: 12\r\n\r\n{CHUNKS}"
        ),
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\
         Transfer-Encoding: chunked\r\n\r\n{}",
        // The response has no body, but its headers announce one.
        "HTTP/1.1 204 No Content\r\nContent-Length: 300\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 300\r\n\r\n",
        // ureq removes the length of a compressed body.
        "HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\nContent-Length: 300\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\nContent-Length: 300\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        assert_eq!(connections_after(head, &stale()), 2, "after {head}");
    }
}

#[test]
fn bytes_after_a_response_are_not_read_as_the_next_response() {
    let heads = [
        reply(200, ORGANIZATION),
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
        "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}".to_owned(),
        "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n{}".to_owned(),
        format!("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKS}"),
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n{}".to_owned(),
        reply(404, ""),
        reply(503, &" ".repeat(200_000)),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n{CHUNKS}"),
    ];
    for head in heads {
        assert_eq!(connections_after(&format!("{head}{}", stale()), ""), 2, "after {head:.80}");
    }
}
