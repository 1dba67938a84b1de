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
