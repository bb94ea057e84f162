//! Whom to trust: the system's authorities and, beside them, those of a PEM file.

use super::Failure;
use crate::model::Shown;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Returns the cryptography, made once.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())))
}

/// Returns settings for connections that use no TLS: it trusts nobody, and reads no certificate from the disk.
pub(super) fn unused() -> Result<ClientConfig, Failure> {
    Ok(ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::Tls(error.to_string()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

/// Returns settings that trust the system's authorities and those of `ca_file`.
pub(super) fn trusting(ca_file: Option<&Path>) -> Result<ClientConfig, Failure> {
    let own = ca_file.map(authorities).transpose()?.unwrap_or_default();
    let failed = |error: rustls::Error| Failure::Tls(error.to_string());
    let inner = Verifier::new_with_extra_roots(own.iter().cloned(), provider()).map_err(failed)?;
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(OwnOrSystem { inner, own }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let place = Shown(&path.to_string_lossy()).to_string();
    let unusable = |why: String| Failure::Settings(format!("`ca-file`: `{place}` {why}"));
    let pem = fs::read(path).map_err(|error| unusable(format!("can't be read: {error}")))?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(format!("is no PEM file: {error}")))?;
    if certificates.is_empty() { Err(unusable("holds no certificate".to_owned())) } else { Ok(certificates) }
}

/// The name of the error with which the verifier refuses an authority in the place of a server.
const IS_AUTHORITY: &str = "CaUsedAsEndEntity";

/// Says what went wrong, and what to do where that is plain.
pub(super) fn explain(error: &rustls::Error) -> String {
    let unknown = match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => true,
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => other.0.to_string() == IS_AUTHORITY,
        _ => false,
    };
    if unknown {
        "its certificate is signed by nobody who is trusted here; set `ca-file` to its authority".to_owned()
    } else {
        error.to_string()
    }
}

/// Verifies as the platform does, and also takes a server that shows a certificate of the CA file itself.
///
/// `openssl req -x509` marks what it makes as an authority, and people give that to a server as it is. The verifier
/// refuses an authority in the place of a server; here it is the very certificate that the operator trusts.
#[derive(Debug)]
struct OwnOrSystem {
    inner: Verifier,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for OwnOrSystem {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // Reported only after the certificate's time was found right; the name is left to check.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(other)))
                if other.0.to_string() == IS_AUTHORITY && self.own.iter().any(|own| own == end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
    use std::time::Duration;

    /// 2026-11-22.
    const NOW: u64 = 1_795_305_600;

    /// A certificate for `127.0.0.1` that signed itself.
    fn own(authority: bool, years: [i32; 2]) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(years[0], 1, 1), date_time_ymd(years[1], 1, 1));
        if authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    fn verified(
        shown: &CertificateDer<'_>,
        trusted: &CertificateDer<'static>,
        name: &'static str,
    ) -> Result<(), String> {
        let own = vec![trusted.clone()];
        let inner = Verifier::new_with_extra_roots(own.clone(), provider()).unwrap();
        let name = ServerName::try_from(name).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(NOW));
        let verified = OwnOrSystem { inner, own }.verify_server_cert(shown, &[], &name, &[], now);
        verified.map(|_| ()).map_err(|error| explain(&error))
    }

    #[test]
    fn a_server_may_show_the_very_certificate_that_is_trusted() {
        for authority in [true, false] {
            let certificate = own(authority, [2020, 2040]);
            assert_eq!(verified(&certificate, &certificate, "127.0.0.1"), Ok(()));
        }
    }

    #[test]
    fn its_time_its_name_and_its_bytes_still_count() {
        let good = own(true, [2020, 2040]);
        for (shown, trusted, name, why) in [
            (own(true, [2020, 2021]), None, "127.0.0.1", "certificate expired"),
            (own(true, [2039, 2040]), None, "127.0.0.1", "certificate not valid yet"),
            (good.clone(), None, "10.0.0.1", "certificate not valid for name"),
            (good.clone(), Some(own(true, [2020, 2040])), "127.0.0.1", "set `ca-file`"),
        ] {
            let said = verified(&shown, trusted.as_ref().unwrap_or(&shown), name).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }
}
