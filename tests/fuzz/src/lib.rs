//! What must hold for any input, one module per subject, each with a `check(data)` that
//! panics where it does not.
//!
//! The same checks run under the fuzzer (`targets/`), over the committed corpus and over
//! what proptest makes up (`tests/api/`). They use the crate as any program does, with a
//! transport in memory.
//!
//! Most inputs are several texts in one: the byte `0xFF`, which UTF-8 never has, ends each.

pub mod address;
pub mod caller;
pub mod cursor;
pub mod decode;
pub mod error_body;
pub mod message;
pub mod retry_after;
pub mod schema;
pub mod wire;

/// A check of one subject.
pub type Check = fn(&[u8]);

/// Every check, by the name of its target and of its corpus.
pub const CHECKS: [(&str, Check); 6] = [
    ("address", address::check),
    ("caller", caller::check),
    ("cursor", cursor::check),
    ("decode", decode::check),
    ("error_body", error_body::check),
    ("retry_after", retry_after::check),
];
