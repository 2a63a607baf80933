//! Strings on their way in and out: the only unsafe blocks of this library.

use std::ffi::{CStr, CString, c_char};
use std::marker::PhantomData;
use std::ptr;

use crate::entry;
use crate::error::Failure;

/// A string of the caller's, `const char *` in C: null, or NUL-terminated and unchanged for
/// the length of the call. Only C makes one.
#[repr(transparent)]
pub struct Text<'a>(*const c_char, PhantomData<&'a c_char>);

impl<'a> Text<'a> {
    /// The string, which must be there.
    pub(crate) fn required(self, name: &str) -> Result<&'a str, Failure> {
        self.optional(name)?.ok_or_else(|| Failure::null(name))
    }

    /// The string, if it is there.
    pub(crate) fn optional(self, name: &str) -> Result<Option<&'a str>, Failure> {
        if self.0.is_null() {
            return Ok(None);
        }
        // SAFETY: not null, and the caller promises a NUL-terminated string that stays as it
        // is until the call returns, which `'a` does not outlive.
        let text = unsafe { CStr::from_ptr(self.0) };
        text.to_str().map(Some).map_err(|error| {
            Failure::argument(format!("{name} is not UTF-8 at byte {}", error.valid_up_to()))
        })
    }
}

/// A string that the caller owns, `const char *` in C: null, or made by [`OwnedText::new`].
/// C gives it back by passing it by value, and dropping it frees it.
#[repr(transparent)]
#[derive(Debug)]
pub struct OwnedText(*mut c_char);

impl OwnedText {
    /// A null pointer.
    pub(crate) const NONE: OwnedText = OwnedText(ptr::null_mut());

    /// A copy of `text`. NUL, which C takes for the end, becomes U+FFFD; JSON never has one.
    pub(crate) fn new(text: String) -> OwnedText {
        let text = if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text };
        CString::new(text).map_or(OwnedText::NONE, |text| OwnedText(text.into_raw()))
    }
}

impl From<Option<String>> for OwnedText {
    fn from(text: Option<String>) -> OwnedText {
        text.map_or(OwnedText::NONE, OwnedText::new)
    }
}

impl Drop for OwnedText {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: made by `CString::into_raw`; the caller promises not to have written to
            // it, and to give it back once.
            drop(unsafe { CString::from_raw(self.0) });
        }
    }
}

/// Frees a string that this library returned. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_string_free(string: OwnedText) {
    entry::free(string);
}

/// Returns the version of this library, "0.1.0" for example. It is not to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_within_a_text_does_not_end_it() {
        let owned = OwnedText::new("a\0b".to_owned());
        assert_eq!(Text(owned.0, PhantomData).required("it").unwrap(), "a\u{FFFD}b");
        drop(OwnedText::NONE);
    }
}
