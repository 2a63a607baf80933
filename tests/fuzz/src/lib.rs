//! Properties that must hold for any input. Each module checks one subject: its function
//! `check(data)` panics if a property does not hold.
//!
//! The same checks run in the fuzzer (`targets/`), and in `tests/api/` with the committed corpus
//! and with inputs from proptest. They use the public API of the crate with an in-memory transport.
//!
//! Most inputs are several texts, separated by the byte `0xFF`, which never occurs in UTF-8.

pub mod address;
pub mod caller;
pub mod cursor;
pub mod decode;
pub mod error_body;
pub mod http_messages;
pub mod retry_after;
pub mod schema;
pub mod wire;

/// The check of one subject.
pub type Check = fn(&[u8]);

/// Every check, with the name of its target and its corpus.
pub const CHECKS: [(&str, Check); 6] = [
    ("address", address::check),
    ("caller", caller::check),
    ("cursor", cursor::check),
    ("decode", decode::check),
    ("error_body", error_body::check),
    ("retry_after", retry_after::check),
];
