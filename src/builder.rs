//! The builder of a client.

use std::env::{self, VarError};
use std::fmt;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, HeaderValue, USER_AGENT};

use crate::api::Api;
use crate::attempt::Attempt;
use crate::base_url::BaseUrl;
use crate::call::{Client, Observer, Shared};
use crate::error::{Error, Result};
use crate::header::{self, IDEMPOTENCY_KEY};
use crate::options::{self, CancelToken, RequestOptions};
use crate::retry::RetryBudget;
use crate::transport::{HttpTransport, ProxyChoice, TlsOptions, Transport};

const KEY_VARIABLE: &str = "NIRVANA_LABS_API_KEY";
const BASE_URL_VARIABLE: &str = "NIRVANA_LABS_BASE_URL";

impl Api {
    /// Creates a client of the API with the default settings.
    ///
    /// ```no_run
    /// let api = nirvana_labs::Api::new("nl_key")?;
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the key is empty or contains an invalid
    /// character.
    pub fn new(api_key: impl Into<String>) -> Result<Api> {
        Api::builder().api_key(api_key).build()
    }

    /// Creates a client with the key in the environment variable `NIRVANA_LABS_API_KEY`, and with
    /// the base URL in `NIRVANA_LABS_BASE_URL`, if that is set. An empty variable counts as unset.
    ///
    /// ```no_run
    /// let api = nirvana_labs::Api::from_env()?;
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if no key is set or a variable is invalid.
    pub fn from_env() -> Result<Api> {
        let builder = Api::builder().read_env();
        if builder.options.invalid.is_none() && !builder.options.headers.contains_key(AUTHORIZATION)
        {
            return Err(Error::config(format!("no API key: set {KEY_VARIABLE}")));
        }
        builder.build()
    }

    /// Creates a builder for a client with other settings.
    pub fn builder() -> ApiBuilder {
        ApiBuilder::default()
    }
}

/// The caller's choice of a transport.
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
    /// A setting that only [`HttpTransport`] uses was set.
    has_network_setting: bool,
    transport: Option<TransportChoice>,
    observer: Option<Observer>,
}

impl ApiBuilder {
    /// Sets the API key, which is sent as `Authorization: Bearer KEY`. It is required unless
    /// [`transport`](ApiBuilder::transport) is set. It may have up to 8 KiB of visible ASCII, with
    /// spaces inside.
    pub fn api_key(mut self, api_key: impl Into<String>) -> ApiBuilder {
        self.options = self.options.api_key(api_key);
        self
    }

    /// Sets the URL of the server, which may have a path prefix. The default is
    /// `https://api.nirvanalabs.io`. The scheme must be `https` unless the host is this machine, or
    /// [`allow_http`](ApiBuilder::allow_http) is set.
    ///
    /// ```
    /// let error = nirvana_labs::Api::builder().base_url("api.example").build().unwrap_err();
    /// let hint = "the base URL is invalid: it has no scheme; write https://host";
    /// assert_eq!(error.to_string(), hint);
    /// ```
    pub fn base_url(mut self, base_url: impl Into<String>) -> ApiBuilder {
        self.base_url = Some(base_url.into());
        self
    }

    /// Reads the key and the base URL from the environment: `NIRVANA_LABS_API_KEY` and
    /// `NIRVANA_LABS_BASE_URL`. An empty variable counts as unset, and an unset one changes
    /// nothing. If a variable is not Unicode, [`build`](ApiBuilder::build) fails.
    pub fn read_env(mut self) -> ApiBuilder {
        let mut read = |name| match env::var(name) {
            Err(VarError::NotUnicode(_)) => {
                self.options.refuse(format!("{name} is not Unicode"));
                None
            }
            value => value.ok().filter(|value| !value.is_empty()),
        };
        let (key, base_url) = (read(KEY_VARIABLE), read(BASE_URL_VARIABLE));
        if let Some(key) = key {
            self = self.api_key(key);
        }
        self.base_url = base_url.or(self.base_url);
        self
    }

    /// Allows plain `http` to other machines. Anybody on the network can then read the key.
    pub fn allow_http(mut self, allow_http: bool) -> ApiBuilder {
        self.allow_http = allow_http;
        self
    }

    /// Sets the longest time for one attempt, from opening a connection to the last byte of the body.
    /// The default is 60 s. It must be greater than 0.
    pub fn timeout(mut self, timeout: Duration) -> ApiBuilder {
        self.options = self.options.timeout(timeout);
        self
    }

    /// Sets the longest time for a call with all its attempts and the waits between them: see
    /// [`RequestOptions::total_timeout`]. There is no limit by default.
    pub fn total_timeout(mut self, total_timeout: Duration) -> ApiBuilder {
        self.options = self.options.total_timeout(total_timeout);
        self
    }

    /// Sets the longest time for opening a connection: DNS, TCP, proxy and TLS. The default is
    /// 10 s. It must be greater than 0.
    pub fn connect_timeout(mut self, connect_timeout: Duration) -> ApiBuilder {
        self.options = self.options.connect_timeout(connect_timeout);
        self
    }

    /// Sets the number of retries after the first attempt. The default is 2, and 0 turns retries off.
    pub fn max_retries(mut self, max_retries: u32) -> ApiBuilder {
        self.options = self.options.max_retries(max_retries);
        self
    }

    /// Sets the longest wait that a server may ask for. The default is 60 s. If a server asks for
    /// more, the call fails at once: see [`Error::retry_after`].
    pub fn max_retry_wait(mut self, max_retry_wait: Duration) -> ApiBuilder {
        self.options.max_retry_wait = Some(max_retry_wait);
        self
    }

    /// Sets the largest body of a response in bytes, after decompression. The default is 10 MiB.
    ///
    /// Unknown fields are kept, and take up to 155 times their size in
    /// [memory](crate::guide::network#memory) if they are small and nested.
    pub fn max_body_bytes(mut self, max_body_bytes: usize) -> ApiBuilder {
        self.options.max_body_bytes = Some(max_body_bytes);
        self
    }

    /// Sets a header of every request: see [`RequestOptions::header`]. An `Idempotency-Key` is an
    /// error, because every call would have the same key.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> ApiBuilder {
        let name = name.into();
        if name.eq_ignore_ascii_case(IDEMPOTENCY_KEY) {
            self.options.refuse(format!(
                "the header {IDEMPOTENCY_KEY} would be the same for every call; set it for one \
                 call, with RequestOptions::header"
            ));
        }
        self.options = self.options.header(name, value);
        self
    }

    /// Sets the `User-Agent`, `my-tool/1.0` for example. The default is `nirvana-labs-rust/VERSION`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> ApiBuilder {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Replaces HTTP with another transport, for example the sandbox.
    ///
    /// It is an error to also set a proxy, a root certificate or a verifier, because the other
    /// transport would not use them.
    pub fn transport(mut self, transport: impl Transport) -> ApiBuilder {
        self.transport = Some(TransportChoice::Other(Box::new(transport)));
        self
    }

    /// Wraps the transport that speaks HTTP, for example to log, to record or to add a header: see
    /// [`Transport`]. [`build`](ApiBuilder::build) calls `wrap` once, with a transport that has all
    /// the other settings.
    pub fn wrap_transport<T: Transport>(
        mut self,
        wrap: impl FnOnce(HttpTransport) -> T + Send + Sync + 'static,
    ) -> ApiBuilder {
        let wrap = Box::new(|http| -> Box<dyn Transport> { Box::new(wrap(http)) });
        self.transport = Some(TransportChoice::Wrapped(wrap));
        self
    }

    /// Sets an HTTP proxy, `http://user:password@host:port`.
    ///
    /// By default, the proxy is read from `HTTPS_PROXY` or `HTTP_PROXY`, depending on the scheme of
    /// the base URL, then from `ALL_PROXY`. The lower-case name of each comes first. A host that
    /// `NO_PROXY` covers is reached directly. A loopback host is always reached directly.
    pub fn proxy(mut self, url: impl Into<String>) -> ApiBuilder {
        self.proxy = ProxyChoice::Url(url.into());
        self.has_network_setting = true;
        self
    }

    /// Uses no proxy, even if the environment sets one.
    pub fn no_proxy(mut self) -> ApiBuilder {
        self.proxy = ProxyChoice::None;
        self
    }

    /// Trusts the certificates in `pem` instead of the default roots. Each call adds certificates.
    ///
    /// A certificate may belong to an authority, or may be a server's own self-signed certificate
    /// without `CA:TRUE`. Either way, the server's certificate must be valid now and name the host.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[cfg_attr(docsrs, doc(cfg(any(feature = "rustls", feature = "native-tls"))))]
    pub fn root_certificate_pem(mut self, pem: impl AsRef<[u8]>) -> ApiBuilder {
        self.has_network_setting = true;
        if let Err(why) = self.tls.add_roots(pem.as_ref()) {
            self.options.refuse(format!("the root certificate is invalid: {why}"));
        }
        self
    }

    /// Trusts the authorities that the platform trusts, instead of the built-in roots. This has no
    /// effect if [`root_certificate_pem`](ApiBuilder::root_certificate_pem) is set.
    #[cfg(feature = "platform-verifier")]
    #[cfg_attr(docsrs, doc(cfg(feature = "platform-verifier")))]
    pub fn platform_verifier(mut self) -> ApiBuilder {
        self.tls.platform_verifier = true;
        self.has_network_setting = true;
        self
    }

    /// Calls `observer` after each attempt, on the thread that made the attempt, for example for
    /// metrics. The client also logs the `Display` of each [`Attempt`] at `debug!`.
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

    /// Creates the client, which opens no connection before its first call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for the first setting that is invalid.
    pub fn build(self) -> Result<Api> {
        if let Some(invalid) = self.options.invalid {
            return Err(Error::config(invalid));
        }
        let base_url = self.base_url.as_deref().unwrap_or(options::BASE_URL);
        let base = BaseUrl::parse(base_url, self.allow_http).map_err(Error::config)?;
        let is_other = matches!(self.transport, Some(TransportChoice::Other(_)));
        if !self.options.headers.contains_key(AUTHORIZATION) && !is_other {
            return Err(Error::config(format!(
                "no API key: call ApiBuilder::api_key, or set {KEY_VARIABLE} and call read_env"
            )));
        }
        let user_agent = self.user_agent.as_deref().unwrap_or(options::USER_AGENT);
        let value = header::required("the user agent", user_agent).map_err(Error::config)?;
        let mut options = common_options(value);
        options.merge(self.options);
        let http =
            || HttpTransport::new(&base, user_agent, &self.proxy, &self.tls).map_err(Error::config);
        let transport = match self.transport {
            None => Box::new(http()?),
            Some(TransportChoice::Wrapped(wrap)) => wrap(http()?),
            Some(TransportChoice::Other(_)) if self.has_network_setting => {
                return Err(Error::config(
                    "a proxy, a root certificate or a verifier is set, but the client's transport \
                     does not use it; remove that setting, or use wrap_transport",
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

/// Returns the options that every client starts with: two headers and a cancel token.
pub(crate) fn common_options(user_agent: HeaderValue) -> RequestOptions {
    // Calls without the caller's own token share this one, so no call has to create one.
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
