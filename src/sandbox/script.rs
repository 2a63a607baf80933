//! Failures that a test scripts.

use std::time::Duration;

use http::Response;

use super::Sandbox;

/// What happens to one request.
pub(super) enum Fault {
    None,
    Fail(u16),
    Respond(Response<Vec<u8>>),
    DropResponse,
    Refuse,
    Delay(Duration),
}

impl Sandbox {
    /// Serves the next request normally, so that the failures scripted after this apply to later
    /// requests.
    pub fn pass_next(&self) {
        self.service().script.push_back(Fault::None);
    }

    /// Removes all scripted failures that have not happened yet.
    pub fn clear_script(&self) {
        self.service().script.clear();
    }

    /// Responds to the next request with this status and a JSON body with a `message` and a `code`.
    /// The request is not processed.
    pub fn fail_next(&self, status: u16) {
        self.service().script.push_back(Fault::Fail(status));
    }

    /// Responds to the next request with exactly this response. The request is not processed.
    ///
    /// ```
    /// use nirvana_labs::{Sandbox, http::Response};
    ///
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let api = sandbox.api();
    ///
    /// // A 429 with `Retry-After` is retried.
    /// let busy = Response::builder().status(429).header("retry-after", "1");
    /// sandbox.respond_next(busy.body("")?);
    /// assert_eq!(api.get_organization(&id)?.name, "Acme");
    /// assert_eq!(sandbox.requests().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn respond_next(&self, response: Response<impl Into<Vec<u8>>>) {
        self.service().script.push_back(Fault::Respond(response.map(Into::into)));
    }

    /// Processes the next request, and drops the response: the client sees a closed connection.
    ///
    /// ```
    /// use nirvana_labs::{OrganizationCreateParams, Sandbox};
    ///
    /// let sandbox = Sandbox::new();
    /// let api = sandbox.api();
    ///
    /// sandbox.drop_next_response();
    /// let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
    /// assert!(error.may_have_been_processed());
    /// assert_eq!(api.list_organizations(&Default::default()).count(), 1);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn drop_next_response(&self) {
        self.service().script.push_back(Fault::DropResponse);
    }

    /// Refuses the connection for the next request. The request does not arrive, and is not in
    /// [`requests`](Sandbox::requests).
    ///
    /// ```
    /// use nirvana_labs::{OrganizationCreateParams, Sandbox};
    ///
    /// let sandbox = Sandbox::new();
    /// sandbox.refuse_next();
    /// // The client retries even a create, because it was not sent.
    /// sandbox.api().create_organization(&OrganizationCreateParams::new("Acme"))?;
    /// assert_eq!(sandbox.requests().len(), 1);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn refuse_next(&self) {
        self.service().script.push_back(Fault::Refuse);
    }

    /// Processes the next request, and delays the response. If the timeout or the deadline passes
    /// during the delay, or if the caller cancels, the response is lost.
    ///
    /// ```
    /// use nirvana_labs::{ErrorKind, RequestOptions, Sandbox};
    /// use std::time::Duration;
    ///
    /// let sandbox = Sandbox::new();
    /// sandbox.delay_next(Duration::from_secs(60));
    /// let options = RequestOptions::new().timeout(Duration::from_millis(20)).max_retries(0);
    /// let api = sandbox.api().with_options(options);
    /// assert_eq!(api.get_organization("org_1").unwrap_err().kind(), ErrorKind::Timeout);
    /// ```
    pub fn delay_next(&self, delay: Duration) {
        self.service().script.push_back(Fault::Delay(delay));
    }
}
