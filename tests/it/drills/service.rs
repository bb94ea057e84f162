//! A service that can be made to fail, and the gate that watches it.

use crate::metrics::server::{Server, respond};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A service whose page fails once it misbehaves, if it is seen to.
pub(crate) struct Service {
    server: Server,
    /// Whether its page shows the failures.
    pub(crate) seen: Arc<AtomicBool>,
}

impl Service {
    pub(crate) fn start(put: &'static str, delete: &'static str) -> Self {
        let (seen, sick, count) = (Arc::new(AtomicBool::new(false)), AtomicBool::new(false), AtomicU64::new(0));
        let shown = Arc::clone(&seen);
        let server = Server::start(move |asked, stream| {
            match asked.method.as_str() {
                "PUT" => sick.store(true, Ordering::SeqCst),
                "DELETE" => sick.store(false, Ordering::SeqCst),
                _ => {}
            }
            let bad = sick.load(Ordering::SeqCst) && shown.load(Ordering::SeqCst);
            let count = count.fetch_add(1, Ordering::SeqCst) * 1000;
            let (fine, failed) = (count, if bad { count } else { 0 });
            let series = |code, count| {
                format!("http_requests_total{{flag=\"checkout_v2\",variant=\"on\",code=\"{code}\"}} {count}\n")
            };
            let status = match asked.method.as_str() {
                "PUT" => put,
                "DELETE" => delete,
                _ => "200 OK",
            };
            let page = series("200", fine) + &series("500", failed);
            respond(stream, status, "text/plain", &format!("# TYPE http_requests_total counter\n{page}"));
        });
        Self { server, seen }
    }

    pub(crate) fn healthy() -> Self {
        Self::start("200 OK", "200 OK")
    }

    /// Returns a gate over its page.
    pub(crate) fn gate(&self) -> String {
        gate(&format!("{}/metrics", self.server.url()), "http_requests_total")
    }

    pub(crate) fn switch(&self) -> String {
        format!("{}/misbehave", self.server.url())
    }
}

pub(crate) fn gate(url: &str, metric: &str) -> String {
    format!(
        "[sources.service]\nkind = \"exposition\"\nurl = \"{url}\"\n[gates.errors]\nsource = \"service\"\n\
         errors = '{metric}{{flag=\"{{{{flag}}}}\",variant=\"on\",code=~\"5..\"}}'\n\
         total = '{metric}{{flag=\"{{{{flag}}}}\",variant=\"on\"}}'\n\
         window = \"1s\"\nmax = \"1%\"\nmin-requests = 5\nabsent-errors = \"zero\"\n"
    )
}
