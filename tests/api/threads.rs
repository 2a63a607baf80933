//! One client, shared by many threads.

use std::cell::RefCell;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nirvana_labs::{
    Api, Error, ListParams, Organization, OrganizationCreateParams, OrganizationUpdateParams,
};

use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Server, reply, reply_with};
use crate::support::{alone, client};

const THREADS: usize = 64;
/// The calls of each thread. All threads together make slightly more than 20,000.
const CALLS: usize = 313;
/// The calls of each thread if half of the responses are errors.
const TROUBLED_CALLS: usize = 100;

/// Returns a response with an organization of this name.
fn named(name: &str) -> String {
    reply(200, &ORGANIZATION.replace("Acme", name))
}

#[test]
fn each_thread_gets_its_own_responses() {
    let _alone = alone();
    let server = Server::answering(|request| {
        let id = request.target.rsplit('/').next().unwrap();
        match request.method.as_str() {
            "GET" => named(id),
            // The body is `{"name":"…"}`.
            _ => named(request.body.split('"').nth(3).unwrap()),
        }
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let api = &api;
            scope.spawn(move || {
                for call in 0..CALLS {
                    let name = format!("n{number}-{call}");
                    let result = match call % 3 {
                        0 => api.get_organization(&name),
                        1 => api.create_organization(&OrganizationCreateParams::new(&name)),
                        _ => {
                            let params = OrganizationUpdateParams::new().name(&name);
                            api.update_organization("org_1", &params)
                        }
                    };
                    assert_eq!(result.unwrap().name, name);
                }
            });
        }
    });
    assert_eq!(server.request_count(), THREADS * CALLS);
    assert!(server.connections() <= THREADS, "{} connections", server.connections());
}

#[test]
fn threads_share_a_client_while_every_second_response_is_an_error() {
    let _alone = alone();
    let server = Server::new(|connection| {
        for turn in connection.number.. {
            let Some(request) = connection.request() else { return };
            let id = request.target.rsplit('/').next().unwrap();
            connection.send(match turn % 2 {
                0 => reply_with(503, &[("Retry-After-Ms", "0")], r#"{"message":"busy"}"#),
                _ => named(id),
            });
        }
    });
    let api = client(server.url()).max_retries(4).build().unwrap();
    let calls: Vec<_> = thread::scope(|scope| {
        let spawn = |number| {
            let api = &api;
            scope.spawn(move || {
                let mut failed = 0;
                for call in 0..TROUBLED_CALLS {
                    let id = format!("n{number}-{call}");
                    match api.get_organization(&id) {
                        Ok(organization) => assert_eq!(organization.name, id),
                        // The other threads may have spent the retry budget.
                        Err(error) => {
                            assert_eq!(error.status(), Some(503), "{error:?}");
                            failed += 1;
                        }
                    }
                }
                failed
            })
        };
        let threads: Vec<_> = (0..THREADS).map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let failed: usize = calls.iter().sum();
    assert!(failed < THREADS * TROUBLED_CALLS / 2, "{failed} calls failed in spite of retries");
    assert!(server.connections() <= THREADS, "{} connections", server.connections());
}

#[test]
fn a_dropped_list_fetches_no_further_page() {
    let server = Server::answering(|request| {
        let next = request.target.len();
        let items = [ORGANIZATION; 10].join(",");
        let pagination =
            format!(r#"{{"next_cursor":"c{next}","previous_cursor":null,"total_count":999}}"#);
        reply(200, &format!(r#"{{"items":[{items}],"pagination":{pagination}}}"#))
    });
    let api = client(server.url()).build().unwrap();
    for lists in 1..=20 {
        let mut items = api.list_organizations(&ListParams::new());
        assert_eq!(items.by_ref().take(5).filter(Result::is_ok).count(), 5);
        drop(items);
        assert_eq!(server.request_count(), lists, "one page per list, and none in advance");
    }
    drop(api.list_organizations(&ListParams::new()));
    assert_eq!((server.request_count(), server.connections()), (20, 1));
}

#[test]
fn a_list_may_move_to_another_thread() {
    let server = Server::answering(|request| {
        let next = if request.target.contains("cursor") { "null" } else { r#""c""# };
        let pagination =
            format!(r#"{{"next_cursor":{next},"previous_cursor":null,"total_count":2}}"#);
        reply(200, &format!(r#"{{"items":[{ORGANIZATION}],"pagination":{pagination}}}"#))
    });
    let mut items = client(server.url()).build().unwrap().list_organizations(&ListParams::new());
    assert!(items.next().unwrap().is_ok());
    let rest = thread::spawn(move || items.filter(Result::is_ok).count()).join().unwrap();
    assert_eq!((rest, server.connections()), (1, 1));
}

#[test]
fn a_thread_that_is_ending_makes_no_call() {
    struct AtTheEnd(Api, mpsc::Sender<Result<Organization, Error>>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            self.1.send(self.0.get_organization("org_1")).unwrap();
        }
    }
    thread_local! {
        static LAST: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) };
    }
    let server = Server::answering(|_| reply(200, ORGANIZATION));
    let api = client(server.url()).build().unwrap();
    let (sender, outcome) = mpsc::channel();
    thread::spawn(move || {
        LAST.set(Some(AtTheEnd(api.clone(), sender)));
        // The client's thread-local state is created after `LAST`, so it is dropped first.
        api.get_organization("org_1").unwrap();
    });
    let outcome = outcome.recv_timeout(Duration::from_secs(30)).unwrap();
    // This target has no native thread-locals. Rust's replacement creates a new value if the old
    // one is gone, so the call succeeds.
    if cfg!(all(windows, target_env = "gnu")) {
        assert_eq!((outcome.unwrap().id.as_str(), server.request_count()), ("org_1", 2));
        return;
    }
    let error = outcome.unwrap_err();
    assert!(!error.is_retryable() && !error.may_have_been_processed(), "{error:?}");
    assert_eq!((error.attempts(), server.request_count()), (1, 1), "{error:?}");
}
