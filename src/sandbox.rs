//! placeholder
/// An in-memory service.
#[derive(Debug, Default, Clone)]
pub struct Sandbox;
impl Sandbox {
    /// new
    pub fn new() -> Self {
        Sandbox
    }
}
impl crate::transport::Transport for Sandbox {
    fn send(&self, _r: crate::HttpRequest<'_>) -> Result<crate::HttpResponse, crate::SendError> {
        Ok(crate::HttpResponse::new(404))
    }
}
