//! A guide to this crate, with one page per subject.
//!
//! The pages can be read in any order. This module exists in the documentation only.

/// Makes a module of each page.
macro_rules! pages {
    ($($page:ident)*) => {$(
        #[doc = include_str!(concat!("guide/", stringify!($page), ".md"))]
        pub mod $page {}
    )*};
}

pages! { errors creates retries timeouts lists middleware ffi build_scripts other_sdks }

// In a build without a feature, links to its items lead to the page itself: the first definition of a
// link counts.
#[cfg_attr(not(feature = "sandbox"), doc = include_str!("guide/without_sandbox.md"))]
#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[cfg_attr(not(feature = "rustls"), doc = "[`root_certificate_pem`]: network")]
#[cfg_attr(not(feature = "platform-verifier"), doc = "[`platform_verifier`]: network")]
#[doc = include_str!("guide/network.md")]
pub mod network {}
