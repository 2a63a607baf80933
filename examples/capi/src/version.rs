//! Which library this is.

use std::ffi::c_char;

/// The version of this library, "0.1.0" for example. It is not to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
