//! One lazy HTTP client: TLS, CA, auth, deadline, retries, size limit, masking.
