//! A call on an open connection starts no thread, makes no DNS lookup and opens no connection. A
//! separate process makes the calls, and strace counts its system calls.
//!
//! The test is skipped if strace cannot run. If `REQUIRE_STRACE` is set, the test fails instead.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, missing_docs)]

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, ToSocketAddrs};
use std::process::Command;
use std::thread;
use std::time::Duration;

use nirvana_labs::http::Method;
use nirvana_labs::{Api, CancelToken, RequestOptions};

/// The system calls that start a thread, make a DNS lookup or open a connection.
const TRACED: &str = "trace=clone,clone3,vfork,openat,socket,connect";

#[test]
fn a_call_on_an_open_connection_starts_no_thread_and_makes_no_dns_lookup() {
    let may_trace = Command::new("strace").args(["-c", "true"]).output();
    if !may_trace.is_ok_and(|run| run.status.success()) {
        assert!(env::var_os("REQUIRE_STRACE").is_none(), "strace cannot run");
        println!("skipped: strace cannot run");
        return;
    }
    let url = serve();
    let (one, many) = (count(&url, 1), count(&url, 101));
    println!("traced system calls: {one} for 1 call, {many} for 101 calls");
    // The first call starts a thread, makes a DNS lookup and connects.
    assert!(one > 3, "{one}");
    assert_eq!(one, many);
}

/// Starts a server, and returns its URL. The host name in the URL needs a DNS lookup.
fn serve() -> String {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut reader = BufReader::new(&stream);
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                    if line == "\r\n" {
                        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull";
                        (&stream).write_all(response).unwrap();
                    }
                    line.clear();
                }
            });
        }
    });
    let name = Command::new("uname").arg("-n").output().unwrap().stdout;
    let name = String::from_utf8(name).unwrap().trim().to_owned();
    assert!(
        (&*name, port).to_socket_addrs().is_ok(),
        "cannot resolve {name}: add it to /etc/hosts"
    );
    format!("http://{name}:{port}")
}

/// Makes this many calls in a new process, and returns the number of traced system calls.
fn count(url: &str, calls: usize) -> usize {
    let mut command = Command::new("strace");
    command.args(["-f", "-q", "-e", TRACED]).arg(env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]);
    command.env("BUDGET_URL", url).env("BUDGET_CALLS", calls.to_string());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let trace = String::from_utf8_lossy(&output.stderr);
    trace.lines().filter(|line| line.contains('(')).count()
}

#[test]
fn child() {
    let (Ok(url), Ok(calls)) = (env::var("BUDGET_URL"), env::var("BUDGET_CALLS")) else { return };
    let builder = Api::builder().api_key("nl_key").base_url(url).allow_http(true).no_proxy();
    let token = CancelToken::new();
    // With a timeout and a cancel token, the client has limits to check.
    let options = RequestOptions::new().timeout(Duration::from_secs(30)).cancel_token(&token);
    let api = builder.max_retries(0).build().unwrap().with_options(options);
    for _ in 0..calls.parse().unwrap() {
        api.request(Method::GET, ["v1"]).send::<()>().unwrap();
    }
}
