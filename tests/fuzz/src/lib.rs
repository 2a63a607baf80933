//! Checks for properties that hold for any input. There is one module per subject, and each has a
//! function `check(data)` that panics if a property does not hold.
//!
//! The same checks run in the fuzzer (`targets/`), and in `tests/api/` with the committed corpus
//! and with inputs of proptest. They use the crate like any other program, with a transport in
//! memory.
//!
//! Most inputs are several texts, which are separated by the byte `0xFF` that UTF-8 never has.

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
