//! Responses with bytes that were changed, removed, repeated or inserted: a call never panics or
//! hangs, and returns an error if it cannot read the response.

use std::sync::Mutex;

use nirvana_labs::ErrorKind;

use crate::odd_responses::{chunk, chunked, with_length};
use crate::support::client;
use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Server, reply};

/// A pseudorandom number generator. Its numbers are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    /// Changes, removes or repeats some of `bytes`, or inserts others.
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        const WORDS: [&[u8]; 8] = [
            b"\r\n",
            b"\r\n\r\n",
            b"0\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.0 304 No\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Content-Length: 0\r\n",
            b"Content-Encoding: gzip\r\n",
        ];
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(20)).min(bytes.len());
            match self.below(6) {
                0 => bytes[at..end].fill(0),
                1 => bytes.truncate(at),
                2 => drop(bytes.drain(at..end)),
                3 => drop(bytes.splice(at..at, WORDS[self.below(8)].iter().copied())),
                4 => {
                    let again = bytes[at..end].to_vec();
                    bytes.splice(at..at, again);
                }
                _ => bytes[at..end].iter_mut().for_each(|byte| *byte ^= 1 << (*byte % 8)),
            }
        }
    }
}

#[test]
fn damaged_responses_are_errors_and_never_panics() {
    const ROUNDS: usize = 3_000;
    let originals = [
        reply(200, ORGANIZATION).into_bytes(),
        chunked(&format!("{}0\r\nX-Sum: 1\r\n\r\n", chunk())),
        with_length("HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK"),
        reply(503, r#"{"message":"busy"}"#).into_bytes(),
        format!("HTTP/1.0 200 OK\r\n\r\n{ORGANIZATION}").into_bytes(),
        reply(302, "moved").into_bytes(),
    ];
    let random = Mutex::new(Random(0x2545_f491_4f6c_dd1d));
    let server = Server::new(move |connection| {
        if connection.request().is_some() {
            let mut random = random.lock().unwrap();
            let mut bytes = originals[random.below(originals.len())].clone();
            random.damage(&mut bytes);
            connection.send(bytes);
        }
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    let mut accepted = 0;
    for _ in 0..ROUNDS {
        match api.get_organization("org_1") {
            // The client can still read the response.
            Ok(_) => accepted += 1,
            Err(error) => {
                let kind = error.kind();
                let is_expected = matches!(kind, ErrorKind::Status | ErrorKind::Decode);
                assert!(is_expected || kind.is_transport(), "{error:?}");
            }
        }
    }
    assert!((1..ROUNDS / 2).contains(&accepted), "{accepted} of {ROUNDS} were accepted");
}
