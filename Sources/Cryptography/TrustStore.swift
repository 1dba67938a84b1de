internal import COpenSSL

/// The root certificates that a verification believes, as OpenSSL wants them, with the moment at which chains must be valid.
final class TrustStore {
    let handle: OpaquePointer

    /// - Parameters:
    ///   - purpose: One of OpenSSL's `X509_PURPOSE_` numbers.
    ///   - time: Seconds since 1970-01-01 at which every certificate of a chain must be valid; nil means now.
    init(roots: [X509Certificate], purpose: Int32, time: Int64?) throws {
        guard let store = X509_STORE_new() else {
            throw CryptographyError.openSSL(.libraryFailure, "OpenSSL gave no certificate store")
        }
        handle = store
        for root in roots {
            guard let certificate = X509Certificate.handle(root.der) else {
                throw CryptographyError(.malformed, "the root certificate \(root.subject) cannot be read")
            }
            defer { X509_free(certificate) }
            guard X509_STORE_add_cert(store, certificate) == 1 else {
                throw CryptographyError.openSSL(.libraryFailure, "OpenSSL refused the root certificate \(root.subject)")
            }
        }
        guard let parameters = X509_STORE_get0_param(store) else {
            throw CryptographyError.openSSL(.libraryFailure, "OpenSSL gave no verification parameters")
        }
        X509_VERIFY_PARAM_set_purpose(parameters, purpose)
        if let time { X509_VERIFY_PARAM_set_time(parameters, time_t(time)) }
    }

    deinit { X509_STORE_free(handle) }
}
