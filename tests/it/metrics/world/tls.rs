//! TLS with a private authority, and basic auth, against real Prometheus.

use super::Component;
use super::relay::proxy;
use crate::metrics::ask::{held, question, verdict};
use flagctl::model::{Auth, Numbers, Question, Secret, SourceKind, Verdict};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use std::fs;
use std::path::Path;

/// The password `hunter2 ü` as Prometheus wants it (bcrypt).
const HASH: &str = "$2b$04$9KwUsGZZRPNooNfi7FXIg.yGrHSfADVIJYCwV6wFmdjA.1kVhJW32";

fn params(name: &str, authority: bool) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    if authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params
}

/// Writes `web.yml` for a certificate and its key, with basic auth for `ops`.
fn web_config(folder: &Path, name: &str, certificate: &str, key: &KeyPair) -> String {
    let path = |suffix: &str| folder.join(format!("{name}.{suffix}"));
    fs::write(path("pem"), certificate).unwrap();
    fs::write(path("key"), key.serialize_pem()).unwrap();
    let config = format!(
        "tls_server_config: {{cert_file: {}, key_file: {}}}\nbasic_auth_users: {{ops: {HASH}}}\n",
        path("pem").display(),
        path("key").display()
    );
    fs::write(path("yml"), config).unwrap();
    path("yml").to_str().unwrap().to_owned()
}

fn constant(url: &str, folder: &Path, ca: &str) -> Question {
    let mut asked = Question {
        numbers: Numbers::Counts { errors: "vector(5)".into(), total: "vector(1000)".into() },
        freshness: Some("vector(time())".into()),
        ..question(SourceKind::Prometheus, url)
    };
    fs::write(folder.join("password"), "hunter2 ü\n").unwrap();
    asked.source.auth = Some(Auth::Basic { user: "ops".into(), password: Secret::File(folder.join("password")) });
    asked.source.ca_file = Some(folder.join(ca));
    asked
}

#[test]
fn a_private_authority_is_trusted_where_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let authority = CertifiedIssuer::self_signed(params("our own", true), KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params("prometheus", false).signed_by(&key, &authority).unwrap();
    let web = web_config(folder, "signed", &certificate.pem(), &key);
    let prometheus = Component::start("start-prometheus.sh", &[], &[("WEB_CONFIG", &web), ("PREFIX", "/prom")]);

    let good = constant(&prometheus.url, folder, "ca.pem");
    assert_eq!(verdict(&good).verdict, Verdict::Pass);

    let mut tunnelled = good.clone();
    let (proxy, log) = proxy();
    tunnelled.source.proxy = Some(proxy.url());
    assert_eq!(verdict(&tunnelled).verdict, Verdict::Pass);
    let connects = log.lock().unwrap().clone();
    assert!(!connects.is_empty() && connects.iter().all(|line| line.starts_with("CONNECT 127.0.0.1:")), "{connects:?}");

    let mut unknown = good.clone();
    unknown.source.ca_file = None;
    assert_eq!(
        held(&unknown),
        "the source `prod` could not be reached over TLS: its certificate is signed by nobody who is trusted here; \
         set `ca-file` to its authority"
    );
    let mut misnamed = good.clone();
    misnamed.source.url = prometheus.url.replace("127.0.0.1", "localhost");
    let said = held(&misnamed);
    assert!(said.starts_with("the source `prod` could not be reached over TLS: invalid peer certificate"), "{said}");
    let mut plain = good.clone();
    plain.source.url = prometheus.url.replace("https:", "http:");
    assert_eq!(held(&plain), "the source `prod` answered 400: Client sent an HTTP request to an HTTPS server.");
    let mut stranger = good.clone();
    stranger.source.auth = None;
    assert_eq!(held(&stranger), "the source `prod` did not let us in (401: Unauthorized)");
    fs::write(folder.join("password"), "hunter3\n").unwrap();
    assert_eq!(held(&good), "the source `prod` did not let us in (401: Unauthorized)");
}

#[test]
fn a_server_that_is_its_own_authority_is_trusted_where_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // As `openssl req -x509` makes it.
    let key = KeyPair::generate().unwrap();
    let certificate = params("localhost", true).self_signed(&key).unwrap();
    let web = web_config(folder, "own", &certificate.pem(), &key);
    let prometheus = Component::start("start-prometheus.sh", &[], &[("WEB_CONFIG", &web)]);
    assert_eq!(verdict(&constant(&prometheus.url, folder, "own.pem")).verdict, Verdict::Pass);

    let other = params("localhost", true).self_signed(&KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.join("other.pem"), other.pem()).unwrap();
    let said = held(&constant(&prometheus.url, folder, "other.pem"));
    assert!(
        said.ends_with("its certificate is signed by nobody who is trusted here; set `ca-file` to its authority"),
        "{said}"
    );
    fs::write(folder.join("empty.pem"), "").unwrap();
    let said = held(&constant(&prometheus.url, folder, "empty.pem"));
    assert!(said.ends_with("empty.pem` holds no certificate"), "{said}");
}
