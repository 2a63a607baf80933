//! The settings of a client.

use std::time::Duration;

use nirvana_labs::ApiBuilder;

use crate::code::Code;
use crate::entry::{self, change};
use crate::text::Text;

/// The settings of a client. They may be used for any number of clients.
#[derive(Default)]
pub struct ClientOptions {
    base_url: Option<String>,
    allow_http: bool,
    user_agent: Option<String>,
    proxy: Option<String>,
    root_certificates: Vec<String>,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    max_retries: Option<u32>,
    max_retry_wait: Option<Duration>,
    max_body_bytes: Option<usize>,
    headers: Vec<(String, String)>,
}

impl ClientOptions {
    /// `builder` with these settings; what is not set stays as it is there.
    pub(crate) fn apply(&self, builder: ApiBuilder) -> ApiBuilder {
        let mut builder = builder.allow_http(self.allow_http);
        if let Some(base_url) = &self.base_url {
            builder = builder.base_url(base_url);
        }
        if let Some(user_agent) = &self.user_agent {
            builder = builder.user_agent(user_agent);
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy);
        }
        if let Some(timeout) = self.timeout {
            builder = builder.timeout(timeout);
        }
        if let Some(timeout) = self.connect_timeout {
            builder = builder.connect_timeout(timeout);
        }
        if let Some(max_retries) = self.max_retries {
            builder = builder.max_retries(max_retries);
        }
        if let Some(wait) = self.max_retry_wait {
            builder = builder.max_retry_wait(wait);
        }
        if let Some(bytes) = self.max_body_bytes {
            builder = builder.max_body_bytes(bytes);
        }
        for pem in &self.root_certificates {
            builder = builder.root_certificate_pem(pem);
        }
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        builder
    }
}

/// Makes options that change nothing. Free them with nirvana_client_options_free.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_new() -> Option<Box<ClientOptions>> {
    entry::shield(None, || Some(Box::default()))
}

/// The address of the server, with or without a path prefix. https://api.nirvanalabs.io
/// unless set. It must be https, unless the host is this machine.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_base_url(
    options: Option<&mut ClientOptions>,
    base_url: Text<'_>,
) -> Code {
    change(options, |options| {
        options.base_url = Some(base_url.required("base_url")?.to_owned());
        Ok(())
    })
}

/// Allows plain http to hosts other than this machine. The key then crosses the network for
/// all to read.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_allow_http(
    options: Option<&mut ClientOptions>,
    allow_http: bool,
) -> Code {
    change(options, |options| {
        options.allow_http = allow_http;
        Ok(())
    })
}

/// The User-Agent, "my-tool/1.0" for example.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_user_agent(
    options: Option<&mut ClientOptions>,
    user_agent: Text<'_>,
) -> Code {
    change(options, |options| {
        options.user_agent = Some(user_agent.required("user_agent")?.to_owned());
        Ok(())
    })
}

/// The HTTP proxy to go through, http://user:password@host:port. Unless set, ALL_PROXY,
/// HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_proxy(
    options: Option<&mut ClientOptions>,
    url: Text<'_>,
) -> Code {
    change(options, |options| {
        options.proxy = Some(url.required("url")?.to_owned());
        Ok(())
    })
}

/// Trusts the certificates in this PEM text, and not the built-in list of authorities. It may
/// be called more than once.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_root_certificate_pem(
    options: Option<&mut ClientOptions>,
    pem: Text<'_>,
) -> Code {
    change(options, |options| {
        options.root_certificates.push(pem.required("pem")?.to_owned());
        Ok(())
    })
}

/// The longest that one attempt may take, from opening a connection to the last byte of the
/// body. 60 seconds unless set.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_timeout_ms(
    options: Option<&mut ClientOptions>,
    timeout_ms: u64,
) -> Code {
    change(options, |options| {
        options.timeout = Some(Duration::from_millis(timeout_ms));
        Ok(())
    })
}

/// The longest that opening a connection may take: lookup, TCP, proxy and TLS. 10 seconds
/// unless set.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_connect_timeout_ms(
    options: Option<&mut ClientOptions>,
    connect_timeout_ms: u64,
) -> Code {
    change(options, |options| {
        options.connect_timeout = Some(Duration::from_millis(connect_timeout_ms));
        Ok(())
    })
}

/// How often to try again after the first attempt. 2 unless set; 0 turns retries off.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_max_retries(
    options: Option<&mut ClientOptions>,
    max_retries: u32,
) -> Code {
    change(options, |options| {
        options.max_retries = Some(max_retries);
        Ok(())
    })
}

/// The longest wait that a server may ask for. 60 seconds unless set. Where it asks for more,
/// the error comes at once, with retry_after_ms.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_max_retry_wait_ms(
    options: Option<&mut ClientOptions>,
    max_retry_wait_ms: u64,
) -> Code {
    change(options, |options| {
        options.max_retry_wait = Some(Duration::from_millis(max_retry_wait_ms));
        Ok(())
    })
}

/// The most bytes that the body of an answer may have, after decompression. 10 MiB unless set.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_max_body_bytes(
    options: Option<&mut ClientOptions>,
    max_body_bytes: usize,
) -> Code {
    change(options, |options| {
        options.max_body_bytes = Some(max_body_bytes);
        Ok(())
    })
}

/// Adds a header to send with each request. Its value is kept out of errors and logs.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_header(
    options: Option<&mut ClientOptions>,
    name: Text<'_>,
    value: Text<'_>,
) -> Code {
    change(options, |options| {
        let (name, value) = (name.required("name")?, value.required("value")?);
        options.headers.push((name.to_owned(), value.to_owned()));
        Ok(())
    })
}

/// Frees options. NULL is fine. Clients keep what they took from them.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_options_free(options: Option<Box<ClientOptions>>) {
    entry::free(options);
}
