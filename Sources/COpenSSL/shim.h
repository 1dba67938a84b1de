// OpenSSL as Swift can import it: what the library offers as function-like macros is wrapped here in inline functions.
#pragma once

// The low-level SHA256_* functions are deprecated in OpenSSL 3 in favour of EVP, which costs 50 to 300 ns more for the 64-byte
// inputs a Merkle tree hashes. They are the same code underneath.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <string.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline int proofline_gcm_set_tag(EVP_CIPHER_CTX *context, int size, void *tag) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, size, tag);
}

static inline int proofline_gcm_get_tag(EVP_CIPHER_CTX *context, int size, void *tag) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, size, tag);
}

// SHA-256 of prefix ‖ left ‖ right, the interior node of an RFC 6962 tree, in one call from Swift.
static inline void proofline_sha256_node(
    unsigned char *output, unsigned char prefix, const void *left, const void *right) {
    unsigned char block[65];
    SHA256_CTX context;
    block[0] = prefix;
    memcpy(block + 1, left, 32);
    memcpy(block + 33, right, 32);
    SHA256_Init(&context);
    SHA256_Update(&context, block, sizeof block);
    SHA256_Final(output, &context);
}

// MARK: Memory BIOs

static inline size_t proofline_bio_bytes(BIO *bio, const void **bytes) {
    char *start = NULL;
    long size = BIO_get_mem_data(bio, &start);
    *bytes = start;
    return size < 0 ? 0 : (size_t)size;
}

static inline void proofline_free(void *memory) {
    OPENSSL_free(memory);
}

// MARK: Keys

static inline EVP_PKEY *proofline_p256_generate(void) {
    return EVP_EC_gen("P-256");
}

// Without a callback OpenSSL would ask on the terminal. `context` is a C string, or NULL when there is no passphrase.
static inline int proofline_passphrase(char *buffer, int size, int writing, void *context) {
    (void)writing;
    if (context == NULL) return -1;
    size_t length = strlen((const char *)context);
    if (length > (size_t)size) return -1;
    memcpy(buffer, context, length);
    return (int)length;
}

static inline EVP_PKEY *proofline_read_private_key(BIO *bio, const char *passphrase) {
    return PEM_read_bio_PrivateKey(bio, NULL, proofline_passphrase, (void *)passphrase);
}

// PKCS #8 encrypted under PBES2 with scrypt and AES-256-CBC (RFC 8018, RFC 7914). 1 on success.
static inline int proofline_write_private_key(BIO *bio, EVP_PKEY *key, const char *passphrase, uint64_t n, uint64_t r, uint64_t p) {
    int written = 0;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    X509_ALGOR *algorithm = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 16, NULL, n, r, p);
    X509_SIG *sealed = NULL;
    if (info != NULL && algorithm != NULL)
        sealed = PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), info, algorithm);
    if (sealed != NULL) {
        written = PEM_write_bio_PKCS8(bio, sealed);
        X509_SIG_free(sealed);
    } else {
        X509_ALGOR_free(algorithm);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    return written;
}

// MARK: Certificates

// Seconds since 1970-01-01; 1 on success.
static inline int proofline_asn1_seconds(const ASN1_TIME *time, int64_t *seconds) {
    int days = 0, rest = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int status = epoch != NULL && time != NULL && ASN1_TIME_diff(&days, &rest, epoch, time);
    ASN1_TIME_free(epoch);
    *seconds = (int64_t)days * 86400 + rest;
    return status;
}

// RFC 2253 order and escapes, other characters as UTF-8. Not negative on success.
static inline int proofline_print_name(BIO *bio, const X509_NAME *name) {
    return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

static inline int proofline_add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    int status = extension != NULL && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return status;
}

static inline void proofline_free_certificates(STACK_OF(X509) *certificates) {
    sk_X509_pop_free(certificates, X509_free);
}

static inline int proofline_certificate_count(const STACK_OF(X509) *certificates) {
    return certificates == NULL ? 0 : sk_X509_num(certificates);
}

static inline X509 *proofline_certificate_at(const STACK_OF(X509) *certificates, int index) {
    return sk_X509_value(certificates, index);
}

static inline STACK_OF(X509) *proofline_new_certificates(void) {
    return sk_X509_new_null();
}

// Adds a reference of its own. 1 on success.
static inline int proofline_push_certificate(STACK_OF(X509) *certificates, X509 *certificate) {
    if (!X509_up_ref(certificate)) return 0;
    if (sk_X509_push(certificates, certificate) > 0) return 1;
    X509_free(certificate);
    return 0;
}

// MARK: CMS

static inline int proofline_signer_count(CMS_ContentInfo *cms) {
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    return signers == NULL ? 0 : sk_CMS_SignerInfo_num(signers);
}

static inline CMS_SignerInfo *proofline_signer_at(CMS_ContentInfo *cms, int index) {
    return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), index);
}

// MARK: RFC 3161

static inline int proofline_ts_verify_flags(void) {
    return TS_VFY_SIGNATURE | TS_VFY_VERSION | TS_VFY_IMPRINT;
}

// Serial numbers of a local authority: 64 random bits, never zero, so that no state has to be kept.
static inline ASN1_INTEGER *proofline_ts_serial(TS_RESP_CTX *context, void *data) {
    (void)context;
    (void)data;
    uint64_t number = 0;
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    if (serial == NULL || RAND_bytes((unsigned char *)&number, sizeof number) != 1
        || !ASN1_INTEGER_set_uint64(serial, number | 1)) {
        ASN1_INTEGER_free(serial);
        return NULL;
    }
    return serial;
}

// `data` points to the seconds to state.
static inline int proofline_ts_time(TS_RESP_CTX *context, void *data, long *seconds, long *microseconds) {
    (void)context;
    *seconds = (long)*(const int64_t *)data;
    *microseconds = 0;
    return 1;
}

static inline void proofline_ts_configure(TS_RESP_CTX *context, const int64_t *seconds) {
    TS_RESP_CTX_set_serial_cb(context, proofline_ts_serial, NULL);
    TS_RESP_CTX_set_time_cb(context, proofline_ts_time, (void *)seconds);
}
