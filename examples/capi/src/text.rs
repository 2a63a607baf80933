//! Strings that come in and go out. This file has the only unsafe blocks of the library.

use std::ffi::{CStr, CString, c_char};
use std::marker::PhantomData;
use std::ptr;

use crate::entry;
use crate::error::Failure;

/// A string of the caller, `const char *` in C: null, or NUL-terminated and unchanged during the
/// call. Only C makes one.
#[repr(transparent)]
pub struct Text<'a>(*const c_char, PhantomData<&'a c_char>);

impl<'a> Text<'a> {
    /// Returns the string, or an error if it is null.
    pub(crate) fn required(self, name: &str) -> Result<&'a str, Failure> {
        self.optional(name)?.ok_or_else(|| Failure::null(name))
    }

    /// Returns the string, or `None` if it is null.
    pub(crate) fn optional(self, name: &str) -> Result<Option<&'a str>, Failure> {
        if self.0.is_null() {
            return Ok(None);
        }
        // SAFETY: it is not null, and the caller promises a NUL-terminated string that does not
        // change until the call returns. `'a` ends before that.
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

    /// Copies `text`. A NUL, which would end it in C, becomes U+FFFD. JSON has no NUL.
    pub(crate) fn new(text: String) -> OwnedText {
        let text = if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text };
        CString::new(text).map_or(OwnedText::NONE, |text| OwnedText(text.into_raw()))
    }
}

impl From<Option<&str>> for OwnedText {
    fn from(text: Option<&str>) -> OwnedText {
        text.map_or(OwnedText::NONE, |text| OwnedText::new(text.to_owned()))
    }
}

impl Drop for OwnedText {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: `CString::into_raw` made it. The caller promises not to write to it, and to
            // give it back once.
            drop(unsafe { CString::from_raw(self.0) });
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_string_free(string: OwnedText) {
    entry::free(string);
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_does_not_end_a_text() {
        let owned = OwnedText::new("a\0b".to_owned());
        assert_eq!(Text(owned.0, PhantomData).required("it").unwrap(), "a\u{FFFD}b");
        drop(OwnedText::NONE);
    }
}
