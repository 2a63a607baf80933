//! Which types are `Send`, `Sync` and unwind safe, and how large an error is.

use nirvana_labs::{
    Api, ApiBuilder, Attempt, CancelToken, Error, ErrorKind, Items, Limits, ListParams,
    MembershipRole, Organization, OrganizationAddress, OrganizationMembership, Page, Pages,
    RequestBuilder, RequestOptions, SendError,
};

fn is_send<T: Send + 'static>() {}
fn is_send_and_sync<T: Send + Sync + 'static>() {}
fn is_unwind_safe<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}

#[test]
fn types_that_a_foreign_handle_holds_are_send_and_static() {
    is_send_and_sync::<Api>();
    is_send_and_sync::<Items<Organization>>();
    is_send_and_sync::<Items<OrganizationMembership>>();
    is_send_and_sync::<Pages<Organization>>();
    is_send_and_sync::<Page<Organization>>();
    is_send_and_sync::<Error>();
    is_send_and_sync::<ErrorKind>();
    is_send_and_sync::<SendError>();
    is_send_and_sync::<Limits>();
    is_send_and_sync::<CancelToken>();
    is_send_and_sync::<RequestOptions>();
    is_send_and_sync::<RequestBuilder>();
    is_send_and_sync::<ApiBuilder>();
    is_send_and_sync::<ListParams>();
    is_send_and_sync::<MembershipRole>();
    is_send_and_sync::<OrganizationAddress>();
    is_send::<Attempt<'static>>();
}

#[test]
fn a_list_of_a_type_that_is_not_sync_is_send() {
    is_send::<Items<std::cell::Cell<u8>>>();
    is_send::<Pages<std::cell::Cell<u8>>>();
}

#[test]
fn tokens_and_options_survive_a_panic() {
    is_unwind_safe::<CancelToken>();
    is_unwind_safe::<RequestOptions>();
}

#[test]
fn an_error_is_at_most_two_words_large() {
    assert!(size_of::<Error>() <= 2 * size_of::<usize>());
    assert!(size_of::<Result<(), Error>>() <= 2 * size_of::<usize>());
}

#[test]
fn an_error_converts_to_a_boxed_error() {
    fn fails() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err(Api::new("").unwrap_err())?
    }
    assert!(fails().unwrap_err().downcast_ref::<Error>().is_some());
}
