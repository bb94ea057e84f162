//! A rollback that is followed to the instances, by a real Prometheus that scrapes three of them.

use super::{Component, SOON};
use crate::console::{CONFIG, Console, FLAGS, TEXT};
use crate::metrics::server::{Server, respond};
use flagctl::http::{Cancel, Wait};
use flagctl::metrics::Gauge;
use serde_json::Value;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Serves what the flags file says.
const FOLLOWS: u64 = 0;
/// Serves 25 whatever the file says.
const LAGS: u64 = 1;
/// Answers no scrape once the flag is down.
const DIES: u64 = 2;

/// An instance of a service: it shows what it serves, and is driven by the test.
struct Exporter {
    manner: Arc<AtomicU64>,
    server: Server,
}

impl Exporter {
    fn start(console: &Console, manner: u64) -> Self {
        let (file, manner) = (console.path(FLAGS), Arc::new(AtomicU64::new(manner)));
        let how = Arc::clone(&manner);
        let server = Server::start(move |_, stream| {
            let up = fs::read_to_string(&file).is_ok_and(|text| text.contains("rollout: 25"));
            let (status, served) = match how.load(Ordering::SeqCst) {
                LAGS => ("200 OK", 25),
                DIES if !up => ("500 Broken", 25),
                _ => ("200 OK", if up { 25 } else { 0 }),
            };
            let page = format!("flag_exposure_percent{{flag=\"checkout_v2\"}} {served}\n");
            respond(stream, status, "text/plain; version=0.0.4", &page);
        });
        Self { manner, server }
    }

    fn becomes(&self, manner: u64) {
        self.manner.store(manner, Ordering::SeqCst);
    }

    /// Its address, which Prometheus makes its label `instance`.
    fn name(&self) -> String {
        self.server.url().trim_start_matches("http://").to_owned()
    }
}

fn of<'a>(answer: &'a Value, exporter: &Exporter) -> &'a Value {
    let mut instances = answer["instances"].as_array().unwrap().iter();
    instances.find(|instance| instance["instance"] == exporter.name()).unwrap_or(&Value::Null)
}

#[test]
fn a_rollback_is_followed_to_every_instance() {
    let console = Console::new();
    let [good, slow, dead] = [FOLLOWS, LAGS, DIES].map(|manner| Exporter::start(&console, manner));
    let targets = [&good, &slow, &dead].map(Exporter::name).join("\", \"");
    let scrape = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 900ms}}\nscrape_configs:\n- job_name: app\n  static_configs: [{{targets: [\"{targets}\"]}}]\n"
    );
    console.write("prometheus.yml", &scrape);
    let config = console.path("prometheus.yml");
    let prometheus = Component::start("start-prometheus.sh", &[], &[("CONFIG", config.to_str().unwrap())]);
    let configured = |within: &str, more: &str| {
        let fleet = format!(
            "[sources.prod]\nkind = \"prometheus\"\nurl = \"{}\"\n[fleet]\n\
             exposure = 'flag_exposure_percent{{flag=\"{{{{flag}}}}\"}}'\nwithin = \"{within}\"\n{more}",
            prometheus.url
        );
        console.write("flagctl.toml", &format!("{CONFIG}{fleet}"));
    };
    until_all_are_scraped(&prometheus.url, 3);

    // One follows, one lags, one dies: told apart, and the rollback stands.
    configured("6s", "");
    let (code, answer) = console.json("rollback checkout_v2 --verify");
    assert_eq!((code, &answer["verified"], &answer["changed"]), (1, &false.into(), &true.into()), "{answer}");
    let standings = [&good, &slow, &dead].map(|exporter| of(&answer, exporter)["standing"].clone());
    assert_eq!(standings, ["safe", "above", "gone"], "{answer}");
    assert_eq!((&of(&answer, &slow)["exposure"], &of(&answer, &dead)["exposure"]), (&25.0.into(), &25.0.into()));
    let message = answer["error"]["message"].as_str().unwrap();
    let (slow_one, dead_one) = (slow.name(), dead.name());
    assert_eq!(
        message,
        format!(
            "not seen everywhere: `checkout_v2`: 1 of 3 instances serve 0%; not: {slow_one} at 25%; gone: {dead_one}, last at 25%"
        )
    );
    assert!(console.read(FLAGS).contains("rollout: 0"));

    // As many as are expected are enough, also where one is gone.
    slow.becomes(FOLLOWS);
    configured("60s", "expect = 2\n");
    let (code, answer) = console.json("rollback checkout_v2 --verify");
    assert_eq!((code, &answer["verified"], &answer["changed"]), (0, &true.into(), &false.into()), "{answer}");

    // Everybody is back, and follows: from the rollback to the last instance.
    dead.becomes(FOLLOWS);
    console.write(FLAGS, TEXT);
    until_all_are_scraped(&prometheus.url, 3);
    configured("60s", "verify = true\nexpect = 3\n");
    let (code, answer) = console.json("rollback checkout_v2");
    assert_eq!((code, &answer["verified"], &answer["changed"]), (0, &true.into(), &true.into()), "{answer}");
    assert!(answer["time_to_safe_s"].as_f64().is_some_and(|time| time > 0.0), "{answer}");
    assert!(answer["instances"].as_array().unwrap().iter().all(|instance| instance["safe"] == true), "{answer}");

    // Prometheus dies: nothing is known any more, and nothing is claimed.
    drop(prometheus);
    configured_dead(&console);
    let outcome = console.run("rollback checkout_v2");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome.stderr.contains("can't be told whether every instance serves it: the source `prod`"),
        "{outcome:?}"
    );
}

fn configured_dead(console: &Console) {
    let text = console.read("flagctl.toml").replace("60s", "1s");
    console.write("flagctl.toml", &text);
}

/// Waits until Prometheus shows so many instances that serve 25.
fn until_all_are_scraped(url: &str, instances: usize) {
    let source = crate::metrics::ask::question(flagctl::model::SourceKind::Prometheus, url).source;
    let gauge = Gauge::open(&source).unwrap();
    let start = Instant::now();
    loop {
        let series = gauge.now("flag_exposure_percent == 25", &Wait::of(SOON, &Cancel::default())).unwrap_or_default();
        if series.len() == instances {
            return;
        }
        assert!(start.elapsed() < SOON, "{series:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
