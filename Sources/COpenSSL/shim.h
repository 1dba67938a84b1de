// OpenSSL as Swift can import it: what the library offers as function-like macros is wrapped here in inline functions.
#pragma once

// The low-level SHA256_* functions are deprecated in OpenSSL 3 in favour of EVP, which costs 50 to 300 ns more for the 64-byte
// inputs a Merkle tree hashes. They are the same code underneath.
#define OPENSSL_SUPPRESS_DEPRECATED

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
