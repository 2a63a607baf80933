//! What to do next, after each kind of error.

use nirvana_labs::{Error, TransportErrorKind};

use crate::cli::{Address, Command, Range};

const TRY_AGAIN: &str = "try again in a while";
const LIST_IDS: &str = "`orgs list` lists the ids there are";
const CHECK_URL: &str = "check --base-url";

/// A cursor longer than this is no API's.
const LONG_CURSOR: usize = 1000;

/// What to do after `error`, in a few words.
pub(crate) fn next_step(error: &Error, command: &Command) -> String {
    if error.status() == Some(501) {
        return format!("the server does not implement it, and a retry will not help; {CHECK_URL}");
    }
    if let (true, Some(look)) = (error.may_have_been_processed(), look(command)) {
        return format!("it may have been done all the same: look at {look} before you try again");
    }
    match error {
        Error::Api(refusal) => after_status(refusal.status(), error, command),
        Error::Transport(error) => after_transport(error.kind()).to_owned(),
        Error::Request(_) => match cursor(command) {
            Some(cursor) if cursor.len() > LONG_CURSOR => {
                format!("check --cursor, which is {} bytes long", cursor.len())
            }
            _ => LIST_IDS.to_owned(),
        },
        Error::Deadline(_) => "try again, or allow more time with --deadline".to_owned(),
        Error::Config(_) => CHECK_URL.to_owned(),
        _ => format!("{CHECK_URL}, or look for a newer `orgs`"),
    }
}

fn after_status(status: u16, error: &Error, command: &Command) -> String {
    match (status, command) {
        (401, _) => "check the key in NIRVANA_LABS_API_KEY".to_owned(),
        (403, _) => "ask an owner of the organization, or use another key".to_owned(),
        (404, Command::Member { organization, .. }) => {
            format!("`orgs members {}` lists the ids there are", organization.id)
        }
        (
            404,
            Command::Address(Address::Show { organization } | Address::Update { organization, .. }),
        ) => format!("`orgs address create {}` gives it one, {LIST_IDS}", organization.id),
        (404, Command::List { .. } | Command::Create { .. }) => CHECK_URL.to_owned(),
        (404, _) => LIST_IDS.to_owned(),
        (409, Command::Address(Address::Create { organization, .. })) => {
            format!("`orgs address update {}` changes it", organization.id)
        }
        (409, Command::Leave { organization, .. }) => {
            format!("see `orgs members {}`", organization.id)
        }
        (300..400, _) => "give the right URL as --base-url".to_owned(),
        (408 | 429, _) => match error.retry_after() {
            Some(wait) => format!("try again in {} s", wait.as_secs_f32().ceil()),
            None => TRY_AGAIN.to_owned(),
        },
        (400..500, _) => "change what the message names, and try again".to_owned(),
        _ if error.is_retryable() => TRY_AGAIN.to_owned(),
        _ => format!("a retry will not help; {CHECK_URL}"),
    }
}

fn after_transport(kind: TransportErrorKind) -> &'static str {
    match kind {
        TransportErrorKind::Tls => "check --base-url, and this machine's clock",
        TransportErrorKind::Proxy => "check the proxy in HTTPS_PROXY or ALL_PROXY",
        TransportErrorKind::Timeout => "try again, or allow more time with --timeout",
        TransportErrorKind::Protocol | TransportErrorKind::TooLarge => CHECK_URL,
        TransportErrorKind::Closed | TransportErrorKind::Truncated => TRY_AGAIN,
        _ => "check the network, and --base-url",
    }
}

/// Where to see whether something was done that must not be done twice.
fn look(command: &Command) -> Option<String> {
    match command {
        Command::Create { .. } | Command::Leave { .. } => Some("`orgs list`".to_owned()),
        Command::Address(Address::Create { organization, .. }) => {
            Some(format!("`orgs address show {}`", organization.id))
        }
        _ => None,
    }
}

fn cursor(command: &Command) -> Option<&str> {
    match command {
        Command::List { range: Range { cursor, .. } }
        | Command::Members { range: Range { cursor, .. }, .. } => cursor.as_deref(),
        _ => None,
    }
}
