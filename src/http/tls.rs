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
                if other.0.to_string() == "CaUsedAsEndEntity" && self.own.iter().any(|own| own == end_entity) =>
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
