//! The codes that functions return: the number of an `ErrorKind`, or one of these.

/// `nirvana_code` in C.
pub type Code = u32;

pub const NIRVANA_OK: Code = 0;
pub const NIRVANA_INVALID_ARGUMENT: Code = 100;
pub const NIRVANA_PANIC: Code = 101;
