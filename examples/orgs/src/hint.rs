//! Errors of the crate in words of this tool, and what to do next.

use std::error::Error as _;

use nirvana_labs::{Error, ErrorKind};

use crate::cli::{Address, Command};

const TRY_AGAIN: &str = "try again later";
const LIST_IDS: &str = "`orgs list` shows the ids";
const CHECK_URL: &str = "check --base-url";

/// The crate's name for what is `--ca-cert` here.
const CA_CERT: &str = "root_certificate_pem";

/// Returns the error in one line, without names of Rust items.
pub(crate) fn line(error: &Error) -> String {
    let mut line = without_rust(error);
    let mut source = match error.kind() {
        // These lines are complete. Their sources say the same in words of other libraries.
        ErrorKind::Proxy => None,
        _ if is_untrusted(error) => None,
        _ => error.source(),
    };
    while let Some(error) = source {
        let more = error.to_string();
        if !line.contains(&more) {
            line = format!("{line}: {more}");
        }
        source = error.source();
    }
    line
}

/// Returns the line of an error, without advice to call a method of the crate.
pub(crate) fn without_rust(error: &Error) -> String {
    let line = error.to_string();
    let is_rust = |advice: &&str| match error.kind() {
        ErrorKind::Config | ErrorKind::Request => advice.contains("::") || advice.contains('('),
        _ => is_untrusted(error) && advice.contains(CA_CERT),
    };
    match line.split_once("; ").filter(|(_, advice)| is_rust(advice)) {
        Some((what, _)) => what.to_owned(),
        None => line,
    }
}

/// Returns whether the server's certificate may be trusted with `--ca-cert`.
fn is_untrusted(error: &Error) -> bool {
    error.kind() == ErrorKind::Tls && error.to_string().contains(CA_CERT)
}

/// Returns whether the response is an HTML page. The API sends none; a proxy or another server
/// does.
pub(crate) fn is_html(error: &Error) -> bool {
    let content_type = error.header("content-type").unwrap_or_default().to_ascii_lowercase();
    content_type.starts_with("text/html") || error.body().trim_ascii_start().starts_with(b"<")
}

/// Returns what to do after `error`; `None` if there is nothing to add.
pub(crate) fn next_step(error: &Error, command: &Command) -> Option<String> {
    if let (true, Some(look)) = (error.may_have_been_processed(), look(command)) {
        return Some(format!("it may have been done: look at {look} before you try again"));
    }
    let next = match error.kind() {
        ErrorKind::Status => return after_status(error, command),
        ErrorKind::Request if has_cursor(command) => "check --cursor, and the id if there is one",
        ErrorKind::Request => LIST_IDS,
        ErrorKind::Deadline => "try again, or allow more time with --deadline",
        ErrorKind::Timeout => "try again, or allow more time with --timeout",
        ErrorKind::Tls if is_untrusted(error) => {
            "if you trust it, give the certificate of its authority with --ca-cert FILE"
        }
        ErrorKind::Tls => "check --base-url, and this machine's clock",
        ErrorKind::Proxy => {
            "check HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, such as http://user:password@host:port"
        }
        ErrorKind::Closed | ErrorKind::Truncated => TRY_AGAIN,
        ErrorKind::Config | ErrorKind::Protocol | ErrorKind::TooLarge => CHECK_URL,
        kind if kind.is_transport() => "check the network, and --base-url",
        _ => "check --base-url, or look for a newer `orgs`",
    };
    Some(next.to_owned())
}

/// Returns what to do after a status outside 2xx.
fn after_status(error: &Error, command: &Command) -> Option<String> {
    let next = match (error.status().unwrap_or_default(), command) {
        (401, _) => "check the key in NIRVANA_LABS_API_KEY".to_owned(),
        (300..400, _) => "give the right URL with --base-url".to_owned(),
        (408 | 429, _) => match error.retry_after() {
            Some(wait) => format!("try again in {} s", wait.as_secs_f32().ceil()),
            None => TRY_AGAIN.to_owned(),
        },
        _ if error.is_retryable() => TRY_AGAIN.to_owned(),
        (400..500, _) if is_html(error) => {
            format!("this is not a response of the API; {CHECK_URL}")
        }
        (403, _) => "ask an owner of the organization, or use another key".to_owned(),
        (404, Command::Member { organization, .. }) => {
            format!("`orgs members {}` shows the ids", organization.id)
        }
        (
            404,
            Command::Address(Address::Show { organization } | Address::Update { organization, .. }),
        ) => {
            format!("`orgs address create {}` adds one, {LIST_IDS}", organization.id)
        }
        (404, Command::List { .. } | Command::Create { .. }) => CHECK_URL.to_owned(),
        (404, _) => LIST_IDS.to_owned(),
        (409, Command::Address(Address::Create { organization, .. })) => {
            format!("`orgs address update {}` changes it", organization.id)
        }
        (409, Command::Leave { organization, .. }) => {
            format!("see `orgs members {}`", organization.id)
        }
        (400..500, _) => {
            error.message()?;
            "change what the message names, and try again".to_owned()
        }
        _ => format!("a retry will not help; {CHECK_URL}"),
    };
    Some(next)
}

/// Returns the command that shows whether a change that must not be made twice was made.
fn look(command: &Command) -> Option<String> {
    match command {
        Command::Create { .. } | Command::Leave { .. } => Some("`orgs list`".to_owned()),
        Command::Address(Address::Create { organization, .. }) => {
            Some(format!("`orgs address show {}`", organization.id))
        }
        _ => None,
    }
}

fn has_cursor(command: &Command) -> bool {
    matches!(command, Command::List { range } | Command::Members { range, .. }
        if range.cursor.is_some())
}
