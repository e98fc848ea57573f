use async_nats::HeaderMap;
use sealcast_contracts::stream::header;
use sealcast_runtime::traces;
use tracing::Span;

tokio::task_local! {
    static CURRENT: RequestContext;
}

/// What follows a request through all services and into every log line about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestContext {
    pub request_id: String,
    /// W3C trace context, as the client sent it or as edge-svc made it.
    pub traceparent: String,
}

impl RequestContext {
    /// A new context: a request that starts here.
    pub fn generate() -> Self {
        let (request, trace) = (uuid::Uuid::now_v7(), uuid::Uuid::new_v4());
        let span = uuid::Uuid::new_v4().as_u64_pair().0;
        Self { request_id: request.to_string(), traceparent: format!("00-{}-{span:016x}-01", trace.simple()) }
    }

    /// Makes `span` a part of the trace, below the process that the context came from, and goes on below the span. The span has
    /// an empty field `trace.id`, for its log lines.
    #[must_use]
    pub fn continued_by(mut self, span: &Span) -> Self {
        traces::adopt(span, &self.traceparent);
        self.goes_below(span);
        self
    }

    /// As [`Self::continued_by`], for a request that came with no context: the trace begins with `span`.
    #[must_use]
    pub fn begun_by(mut self, span: &Span) -> Self {
        self.goes_below(span);
        self
    }

    fn goes_below(&mut self, span: &Span) {
        // Without a collector the context goes on as it came.
        if let Some(traceparent) = traces::traceparent(span) {
            self.traceparent = traceparent;
        }
        span.record("trace.id", self.trace_id());
    }

    /// The trace's id: the second field of `traceparent`.
    pub fn trace_id(&self) -> &str {
        self.traceparent.split('-').nth(1).unwrap_or_default()
    }

    /// The context of the running task, if it handles a request.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs a future in this context: calls that it makes carry it on.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// What a message came with, if it came from a request.
    pub(crate) fn from_headers(headers: Option<&HeaderMap>) -> Option<Self> {
        let get = |name| headers?.get(name).map(|value| value.as_str().to_owned());
        Some(Self { request_id: get(header::REQUEST_ID)?, traceparent: get(header::TRACEPARENT)? })
    }

    /// The headers of a message that this task sends.
    pub(crate) fn headers() -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(context) = Self::current() {
            headers.insert(header::REQUEST_ID, context.request_id);
            headers.insert(header::TRACEPARENT, context.traceparent);
        }
        headers
    }
}
