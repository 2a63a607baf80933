//! A connection is used again only if client and server must agree on the end of the response. No
//! byte after it is taken for the next response.

use super::*;

/// Plays `head`, then what comes late, on the first connection; good responses on later ones. Returns
/// the number of connections after a POST and three GETs, each of which gets its own response.
fn connections_after(head: &str, late: &str) -> usize {
    let (first, late) = (head.to_owned(), late.to_owned());
    let server = Server::new(move |connection| {
        if connection.number == 0 && connection.request().is_some() {
            connection.send(&first);
            // Not before the client believes that the connection is idle.
            if !late.is_empty() && connection.request().is_some() {
                connection.send(&late);
            }
        }
        serve(connection, |_| answer(200, ORGANIZATION));
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    let _ = api.leave_organization("org_1");
    for _ in 0..3 {
        assert_eq!(api.get_organization("org_1").unwrap().id, "org_1", "after {head:.80}");
    }
    server.connections()
}

/// A response that belongs to no request.
fn stale() -> String {
    answer(200, &ORGANIZATION.replace("org_1", "stale"))
}

const CHUNKS: &str = "2\r\n{}\r\n0\r\n\r\n";

#[test]
fn a_connection_is_used_again_if_the_end_was_clear() {
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
fn a_connection_is_closed_if_the_end_was_unclear() {
    // The late response comes to the next request on this connection, if there is one.
    for head in [
        // Other codings than one `chunked`.
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n{CHUNKS}"),
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity, chunked\r\n\r\n{CHUNKS}"),
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n{CHUNKS}"),
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n{CHUNKS}"),
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked,\r\n\r\n{CHUNKS}"),
        // The header twice.
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
        // Two statements of the length.
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
        // A response without a body that announces one.
        "HTTP/1.1 204 No Content\r\nContent-Length: 300\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 300\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        assert_eq!(connections_after(head, &stale()), 2, "after {head}");
    }
}

#[test]
fn bytes_after_a_response_are_not_read_as_the_next() {
    let heads = [
        answer(200, ORGANIZATION),
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
        "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}".to_owned(),
        "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n{}".to_owned(),
        format!("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKS}"),
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n{}".to_owned(),
        answer(404, ""),
        answer(503, &" ".repeat(200_000)),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n{CHUNKS}"),
    ];
    for head in heads {
        assert_eq!(connections_after(&format!("{head}{}", stale()), ""), 2, "after {head:.80}");
    }
}
