//! Building a client: settings, the environment, and the validation of both.

use std::env;
use std::fmt;
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HOST, HeaderValue, USER_AGENT};

use crate::api::Api;
use crate::attempt::Attempt;
use crate::base_url::BaseUrl;
use crate::client::{Client, Observer, Shared};
use crate::error::{Error, Result};
use crate::header;
use crate::options::{CancelToken, RequestOptions};
use crate::retry::RetryBudget;
use crate::transport::{HttpTransport, ProxyChoice, TlsOptions, Transport};

/// The URL of the real service.
const BASE_URL: &str = "https://api.nirvanalabs.io";
pub(crate) const USER_AGENT_NAME: &str = concat!("nirvana-labs-rust/", env!("CARGO_PKG_VERSION"));
const KEY_VARIABLE: &str = "NIRVANA_LABS_API_KEY";
const BASE_URL_VARIABLE: &str = "NIRVANA_LABS_BASE_URL";

impl Api {
    /// Creates a client of the real service, with the default settings.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the key is empty or contains an invalid character.
    pub fn new(api_key: impl Into<String>) -> Result<Api> {
        Api::builder().api_key(api_key).build()
    }

    /// Creates a client from the environment: `NIRVANA_LABS_API_KEY` and, for another server,
    /// `NIRVANA_LABS_BASE_URL`. An empty variable is treated as unset.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the key is unset, or either is invalid.
    pub fn from_env() -> Result<Api> {
        Api::builder().read_env().build()
    }

    /// Creates a builder, for a client with other settings.
    pub fn builder() -> ApiBuilder {
        ApiBuilder::default()
    }
}

/// What carries requests, where the builder is told.
enum TransportChoice {
    Other(Box<dyn Transport>),
    Wrapped(Box<dyn FnOnce(HttpTransport) -> Box<dyn Transport> + Send + Sync>),
}

/// The settings of a client: see [`Api::builder`].
///
/// ```
/// use std::time::Duration;
///
/// let api = nirvana_labs::Api::builder()
///     .api_key("nl_key")
///     .timeout(Duration::from_secs(20))
///     .max_retries(4)
///     .user_agent("my-tool/1.0")
/// #   .transport(nirvana_labs::Sandbox::new())
///     .build()?;
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct ApiBuilder {
    base_url: Option<String>,
    allow_http: bool,
    user_agent: Option<String>,
    options: RequestOptions,
    proxy: ProxyChoice,
    tls: TlsOptions,
    /// One that another transport would pass over.
    has_network_setting: bool,
    transport: Option<TransportChoice>,
    observer: Option<Observer>,
}

impl ApiBuilder {
    /// Sets the API key, sent as `Authorization: Bearer KEY`. It is required, unless another
    /// [`transport`](ApiBuilder::transport) is set.
    pub fn api_key(mut self, api_key: impl Into<String>) -> ApiBuilder {
        self.options = self.options.api_key(api_key);
        self
    }

    /// Sets the URL of the server, with or without a path prefix.
    /// `https://api.nirvanalabs.io` unless set. It must be `https`, unless the host is this
    /// machine.
    pub fn base_url(mut self, base_url: impl Into<String>) -> ApiBuilder {
        self.base_url = Some(base_url.into());
        self
    }

    /// Reads the key and the base URL from the environment: `NIRVANA_LABS_API_KEY` and
    /// `NIRVANA_LABS_BASE_URL`. An empty variable counts as unset, and an unset one changes
    /// nothing. A variable that is not Unicode is an error of [`build`](ApiBuilder::build).
    pub fn read_env(mut self) -> ApiBuilder {
        let mut read = |name: &str| {
            let value = env::var_os(name).filter(|value| !value.is_empty())?;
            match value.into_string() {
                Ok(value) => Some(value),
                Err(_) => {
                    self.options.refuse(format!("{name} is not Unicode"));
                    None
                }
            }
        };
        let (key, base_url) = (read(KEY_VARIABLE), read(BASE_URL_VARIABLE));
        if let Some(key) = key {
            self = self.api_key(key);
        }
        self.base_url = base_url.or(self.base_url);
        self
    }

    /// Allows plain `http` to hosts other than this machine. The key then crosses the
    /// network for all to read.
    pub fn allow_http(mut self, allow_http: bool) -> ApiBuilder {
        self.allow_http = allow_http;
        self
    }

    /// Sets the longest that one attempt may take, from opening a connection to the last byte of
    /// the body. 60 s unless set.
    pub fn timeout(mut self, timeout: Duration) -> ApiBuilder {
        self.options = self.options.timeout(timeout);
        self
    }

    /// Sets the longest that a call may take, all attempts and the waits between them included;
    /// see [`RequestOptions::total_timeout`]. No limit unless set.
    pub fn total_timeout(mut self, total_timeout: Duration) -> ApiBuilder {
        self.options = self.options.total_timeout(total_timeout);
        self
    }

    /// Sets the longest that opening a connection may take: DNS, TCP, proxy and TLS. 10 s
    /// unless set.
    pub fn connect_timeout(mut self, connect_timeout: Duration) -> ApiBuilder {
        self.options.connect_timeout = Some(connect_timeout);
        self
    }

    /// Sets how often to try again after the first attempt. 2 unless set; 0 turns retries off.
    pub fn max_retries(mut self, max_retries: u32) -> ApiBuilder {
        self.options = self.options.max_retries(max_retries);
        self
    }

    /// Sets the longest wait that a server may ask for. 60 s unless set. Where it asks for more,
    /// the error comes at once, with [`Error::retry_after`].
    pub fn max_retry_wait(mut self, max_retry_wait: Duration) -> ApiBuilder {
        self.options.max_retry_wait = Some(max_retry_wait);
        self
    }

    /// Sets the most bytes that the body of a response may have, after decompression. 10 MiB
    /// unless set.
    pub fn max_body_bytes(mut self, max_body_bytes: usize) -> ApiBuilder {
        self.options.max_body_bytes = Some(max_body_bytes);
        self
    }

    /// Adds a header to each request, of 8 KiB at most, in place of one of the same name. An
    /// invalid name or value, and a header that the client writes itself, are refused by
    /// [`build`](ApiBuilder::build).
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> ApiBuilder {
        self.options = self.options.header(name, value);
        self
    }

    /// Sets the `User-Agent`, `my-tool/1.0` for example. `nirvana-labs-rust/VERSION` unless set.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> ApiBuilder {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Sends requests another way than by HTTP: [`Sandbox`](crate::Sandbox) for example.
    ///
    /// A proxy, a root certificate or a verifier beside it is refused by
    /// [`build`](ApiBuilder::build): the transport would not use it.
    pub fn transport(mut self, transport: impl Transport) -> ApiBuilder {
        self.transport = Some(TransportChoice::Other(Box::new(transport)));
        self
    }

    /// Wraps the transport that speaks HTTP, to log, to record or to add a header for example:
    /// see [`Transport`]. [`build`](ApiBuilder::build) calls `wrap` once, with the transport as
    /// all other settings have made it.
    pub fn wrap_transport<T: Transport>(
        mut self,
        wrap: impl FnOnce(HttpTransport) -> T + Send + Sync + 'static,
    ) -> ApiBuilder {
        let wrap = Box::new(|http| -> Box<dyn Transport> { Box::new(wrap(http)) });
        self.transport = Some(TransportChoice::Wrapped(wrap));
        self
    }

    /// Goes through this HTTP proxy, `http://user:password@host:port`, whatever the
    /// environment says. Unless set, the variable of the scheme is used, `HTTPS_PROXY` or
    /// `HTTP_PROXY`, then `ALL_PROXY`, lower case first, unless `NO_PROXY` covers the host. This
    /// machine is always reached directly.
    pub fn proxy(mut self, url: impl Into<String>) -> ApiBuilder {
        self.proxy = ProxyChoice::Url(url.into());
        self.has_network_setting = true;
        self
    }

    /// Goes through no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> ApiBuilder {
        self.proxy = ProxyChoice::None;
        self
    }

    /// Trusts the certificates in `pem`, and not the built-in roots. They may be authorities', or
    /// a server's own, self-signed one that is not marked `CA:TRUE`; either way the certificate
    /// that the server shows must be valid today and name its host. May be called more than once;
    /// [`build`](ApiBuilder::build) refuses what is not PEM or holds no certificate.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[cfg_attr(docsrs, doc(cfg(any(feature = "rustls", feature = "native-tls"))))]
    pub fn root_certificate_pem(mut self, pem: impl AsRef<[u8]>) -> ApiBuilder {
        self.has_network_setting = true;
        if let Err(why) = self.tls.add_roots(pem.as_ref()) {
            self.options.refuse(format!("the root certificate is invalid: {why}"));
        }
        self
    }

    /// Trusts the authorities that the platform trusts, and not the built-in roots. Certificates
    /// of [`root_certificate_pem`](ApiBuilder::root_certificate_pem) are used instead where set.
    #[cfg(feature = "platform-verifier")]
    #[cfg_attr(docsrs, doc(cfg(feature = "platform-verifier")))]
    pub fn platform_verifier(mut self) -> ApiBuilder {
        self.tls.platform_verifier = true;
        self.has_network_setting = true;
        self
    }

    /// Calls `observer` after each attempt, on the thread that made it, for metrics for
    /// example. What it says to log at `debug!` is the `Display` of the same [`Attempt`].
    ///
    /// ```
    /// # use nirvana_labs::{Api, Sandbox};
    /// let api = Api::builder()
    ///     .transport(Sandbox::new())
    ///     .observe(|attempt| eprintln!("{attempt}"))
    ///     .build()?;
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn observe(
        mut self,
        observer: impl Fn(&Attempt<'_>) + Send + Sync + 'static,
    ) -> ApiBuilder {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Creates the client. Nothing is sent, and no connection opened, before its first call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for the first setting that is invalid.
    pub fn build(self) -> Result<Api> {
        if let Some(invalid) = self.options.invalid {
            return Err(Error::config(invalid));
        }
        let base = BaseUrl::parse(self.base_url.as_deref().unwrap_or(BASE_URL), self.allow_http)?;
        let is_other = matches!(self.transport, Some(TransportChoice::Other(_)));
        if !self.options.headers.contains_key(AUTHORIZATION) && !is_other {
            return Err(Error::config(format!(
                "no API key: set {KEY_VARIABLE}, or call ApiBuilder::api_key"
            )));
        }
        let user_agent = self.user_agent.as_deref().unwrap_or(USER_AGENT_NAME);
        let value = header::required("the user agent", user_agent).map_err(Error::config)?;
        let mut options = common_options(value);
        if !is_other {
            options.headers.insert(HOST, base.host_header()?);
            if cfg!(feature = "gzip") {
                options.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            }
        }
        options.merge(self.options);
        let http =
            || HttpTransport::new(&base, user_agent, &self.proxy, &self.tls).map_err(Error::config);
        let transport = match self.transport {
            None => Box::new(http()?),
            Some(TransportChoice::Wrapped(wrap)) => wrap(http()?),
            Some(TransportChoice::Other(_)) if self.has_network_setting => {
                return Err(Error::config(
                    "a proxy, a root certificate or a verifier is set beside a transport that \
                     does not use it; leave it out, or use wrap_transport",
                ));
            }
            Some(TransportChoice::Other(transport)) => transport,
        };
        let shared = Shared {
            transport,
            base,
            wait: CancelToken::wait,
            observer: self.observer,
            budget: RetryBudget::new(),
        };
        Ok(Api { client: Client::new(shared, options) })
    }
}

/// What every request has.
pub(crate) fn common_options(user_agent: HeaderValue) -> RequestOptions {
    // A token of its own, where the caller has none, is made once.
    let mut options = RequestOptions::new().cancel_token(&CancelToken::new());
    options.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    options.headers.insert(USER_AGENT, user_agent);
    options
}

impl fmt::Debug for ApiBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiBuilder").field("options", &self.options).finish_non_exhaustive()
    }
}
