//! TLS, by the library that the build has. Each of the three files has the same things in it:
//! what the caller says about TLS, what wraps a connection in it, and what a failure means.

#[cfg(feature = "rustls")]
mod with_rustls;
#[cfg(feature = "rustls")]
use with_rustls as library;

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
mod with_native_tls;
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
use with_native_tls as library;

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
mod without;
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
use without as library;

pub(crate) use library::TlsOptions;
pub(super) use library::{Tls, asks_for_certificate, explain};
