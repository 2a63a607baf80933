//! What to do next, after each kind of error.

use std::time::Duration;

use nirvana_labs::{Error, TransportErrorKind};

use crate::cli::{Address, Command};

/// What to do after `error`, in a few words.
pub(crate) fn next_step(error: &Error, command: &Command) -> String {
    if let (true, Some(look)) = (error.may_have_been_processed(), look(command)) {
        return format!("it may have been done all the same: {look} before you try again");
    }
    match error {
        Error::Config(_) => "check --base-url, or NIRVANA_LABS_BASE_URL".to_owned(),
        Error::Request(_) => "`orgs list` lists the ids there are".to_owned(),
        Error::Api(refusal) => after_status(refusal.status(), error.retry_after(), command),
        Error::Transport(error) => after_silence(error.kind()).to_owned(),
        Error::Deadline(_) => "try again, or give it longer with --deadline".to_owned(),
        Error::Decode(_) | Error::PaginationCycle(_) => {
            "check --base-url, or look for a newer `orgs`".to_owned()
        }
        _ => "try again".to_owned(),
    }
}

fn after_status(status: u16, wait: Option<Duration>, command: &Command) -> String {
    match (status, command) {
        (401, _) => "check the key in NIRVANA_LABS_API_KEY".to_owned(),
        (403, _) => "ask an owner of the organization, or use another key".to_owned(),
        (404, Command::Member { organization, .. }) => {
            format!("`orgs members {}` lists the ids there are", organization.id)
        }
        (
            404,
            Command::Address(Address::Show { organization } | Address::Set { organization, .. }),
        ) => {
            format!(
                "`orgs address create {}` gives it one, `orgs list` lists the ids there are",
                organization.id
            )
        }
        (404, Command::List { .. } | Command::Create { .. }) => "check --base-url".to_owned(),
        (404, _) => "`orgs list` lists the ids there are".to_owned(),
        (409, Command::Address(Address::Create { organization, .. })) => {
            format!("`orgs address set {}` changes it", organization.id)
        }
        (409, Command::Leave { organization, .. }) => {
            format!("see `orgs members {}`", organization.id)
        }
        (300..400, _) => "give the right address as --base-url".to_owned(),
        (408 | 429, _) => match wait {
            Some(wait) => format!("try again in {} s", wait.as_secs_f32().ceil()),
            None => "try again in a while".to_owned(),
        },
        (400..500, _) => "change what the message names, and try again".to_owned(),
        _ => "try again in a while".to_owned(),
    }
}

fn after_silence(kind: TransportErrorKind) -> &'static str {
    match kind {
        TransportErrorKind::Dns | TransportErrorKind::Connect => {
            "check the network, or the address in --base-url"
        }
        TransportErrorKind::Tls => "check --base-url, and this machine's clock",
        TransportErrorKind::Proxy => "check the proxy in HTTPS_PROXY or ALL_PROXY",
        TransportErrorKind::Timeout => "try again, or give it longer with --timeout",
        TransportErrorKind::Protocol | TransportErrorKind::TooLarge => "check --base-url",
        _ => "try again in a while",
    }
}

/// How to see whether something was done that must not be done twice.
fn look(command: &Command) -> Option<String> {
    match command {
        Command::Create { .. } | Command::Leave { .. } => Some("look at `orgs list`".to_owned()),
        Command::Address(Address::Create { organization, .. }) => {
            Some(format!("look at `orgs address show {}`", organization.id))
        }
        _ => None,
    }
}
