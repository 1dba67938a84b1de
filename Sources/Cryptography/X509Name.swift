internal import COpenSSL

/// Who a certificate is about: the few parts of a distinguished name that people's certificates need.
public struct X509Name: Hashable, Sendable {
    /// A person's full name, or the name of an authority.
    public let commonName: String
    /// The company.
    public let organization: String?
    /// Tells apart people of one name: an e-mail address.
    public let email: String?

    public init(commonName: String, organization: String? = nil, email: String? = nil) {
        self.commonName = commonName
        self.organization = organization
        self.email = email
    }

    /// Adds the parts to OpenSSL's name object.
    func write(to name: OpaquePointer) throws {
        let parts = [("O", organization), ("CN", commonName), ("emailAddress", email)]
        for case (let field, let value?) in parts {
            let bytes = Array(value.utf8)
            guard X509_NAME_add_entry_by_txt(name, field, MBSTRING_FLAG | 0, bytes, Int32(bytes.count), -1, 0) == 1 else {
                throw CryptographyError.openSSL(
                    .malformed, "\(value.debugDescription) cannot stand in a certificate: it is empty, too long, or not of the allowed characters")
            }
        }
    }
}
