//! The service's users: a thousand of them, who ask for every page in turn, at a steady pace.

use crate::service::Service;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

const USERS: u64 = 1000;
const REQUESTS_PER_SECOND: u64 = 500;

/// Starts the users; they stop with the service.
pub(crate) fn start(service: &Arc<Service>) {
    let service = Arc::downgrade(service);
    thread::spawn(move || come(&service));
}

fn come(service: &Weak<Service>) {
    let began = Instant::now();
    let mut sent = 0;
    while let Some(service) = service.upgrade() {
        // Paced by the clock, so that a machine that is busy for a moment makes up for it.
        let owed = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX) * REQUESTS_PER_SECOND / 1000;
        while sent < owed {
            let user = format!("user-{}", sent % USERS);
            for page in service.pages() {
                service.serve(page, &user);
            }
            sent += 1;
        }
        drop(service);
        thread::sleep(Duration::from_millis(5));
    }
}
